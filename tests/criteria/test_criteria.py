"""The clinical test vectors: which measurement meets which published criterion."""

import numpy as np
import pandas as pd
import pytest

import skecg
from skecg.criteria import (
    CRITERIA,
    INDEX_UNITS,
    VoltageCriteria,
    encode_sex,
    excess,
    is_positive,
    list_findings,
    minnesota,
    perugia,
    romhilt_estes,
    strain_pattern,
    threshold_of,
    voltage_indices,
)
from skecg.datasets import make_lvh_ecg
from skecg.signal import LEAD_NAMES, MEASUREMENT_DTYPE, measure_records

LIMB = LEAD_NAMES[:6]


def decide(criterion, waves, sex=None, **options):
    """Return 1, 0 or NaN of one criterion for one ECG."""
    published = CRITERIA[criterion]
    index = voltage_indices(waves, sex, **options)[published.index]
    threshold = threshold_of(criterion, sex)
    return float(is_positive(index, threshold, strict=published.strict))


def all_leads(**values):
    return {f"{w}_{lead}": v for w, v in values.items() for lead in LEAD_NAMES}


@pytest.mark.parametrize(
    ("criterion", "waves", "sex", "value", "positive"),
    [
        ("sokolow_lyon_voltage", {"S_V1": 1.5, "R_V5": 2.0, "R_V6": 1.4}, None, 3.5, 1),
        ("sokolow_lyon_voltage", {"S_V1": 1.5, "R_V5": 1.99, "R_V6": 1}, None, 3.49, 0),
        ("sokolow_lyon_voltage", {"S_V1": 1.0, "R_V5": 1.0, "R_V6": 2.6}, None, 3.6, 1),
        ("sokolow_lyon_voltage", {"S_V1": 2.0, "R_V5": 1.6, "R_V6": 1.0}, None, 3.6, 1),
        (
            "sokolow_lyon_12sl",
            {"S_V1": 1.0, "S_V2": 1.5, "R_V5": 2.0, "R_V6": 0.1},
            None,
            3.5,
            0,
        ),
        ("sokolow_lyon_limb", {"R_aVL": 1.1}, None, 1.1, 1),
        ("cornell_voltage", {"R_aVL": 0.06, "S_V3": 2.74}, "male", 2.8, 0),
        ("cornell_voltage", {"R_aVL": 0.07, "S_V3": 2.74}, "male", 2.81, 1),
        ("cornell_voltage", {"R_aVL": 0.9, "S_V3": 1.2}, "female", 2.1, 1),
        ("cornell_voltage", {"R_aVL": 0.9, "S_V3": 1.2}, "male", 2.1, 0),
        ("gubner_ungerleider", {"R_I": 1.3, "S_III": 1.2}, None, 2.5, 1),
        (
            "lewis",
            {"R_I": 1.2, "S_III": 0.9, "S_I": 0.1, "R_III": 0.2},
            None,
            1.8,
            1,
        ),
        ("total_qrs_voltage", all_leads(R=0.9, Q=0.56, S=0.1), None, 17.52, 1),
        ("total_qrs_voltage", all_leads(R=0.9, Q=0.1, S=0.55), None, 17.4, 0),
    ],
)
def test_voltage_criterion_agrees_with_its_source(
    criterion, waves, sex, value, positive
):
    index = voltage_indices(waves, sex)[CRITERIA[criterion].index]
    assert index == pytest.approx(value, abs=1e-9)
    assert decide(criterion, waves, sex) == positive


@pytest.mark.parametrize(
    ("cornell", "qrs", "sex", "offset", "product", "positive"),
    [
        (2.44, 100, "male", 0.6, 244.0, 0),
        (2.45, 100, "male", 0.6, 245.0, 1),
        (1.90, 98, "female", 0.6, 245.0, 1),
        (1.90, 98, "female", 0.0, 186.2, 0),
        (1.70, 98, "female", 0.8, 245.0, 1),
    ],
)
def test_cornell_product_adds_the_offset_in_women_only(
    cornell, qrs, sex, offset, product, positive
):
    waves = {"R_aVL": 0.5, "S_V3": cornell - 0.5, "qrs_duration": qrs}
    index = voltage_indices(waves, sex, cornell_offset=offset)["cornell_product"]
    assert index == pytest.approx(product, abs=1e-9)
    assert decide("cornell_product", waves, sex, cornell_offset=offset) == positive


@pytest.mark.parametrize(
    ("deepest", "lead", "s_v4", "value", "sex", "positive"),
    [
        (1.80, "V3", 1.00, 2.80, "male", 1),
        (1.40, "V4", 1.40, 2.80, "male", 1),
        (1.30, "V2", 1.00, 2.30, "female", 1),
        (1.29, "V2", 1.00, 2.29, "female", 0),
        (1.79, "V3", 1.00, 2.79, "male", 0),
    ],
)
def test_peguero_lo_presti_adds_the_deepest_s_to_s_v4(
    deepest, lead, s_v4, value, sex, positive
):
    waves = {**all_leads(S=0.2), "S_V4": s_v4, f"S_{lead}": deepest}
    assert voltage_indices(waves)["peguero_lo_presti"] == pytest.approx(value)
    assert decide("peguero_lo_presti", waves, sex) == positive


def test_every_two_decimal_pair_that_makes_the_cornell_threshold_is_negative():
    first = np.arange(1, 280) / 100
    second = (280 - np.arange(1, 280)) / 100
    assert np.sum(first + second > 2.8) > 40  # what floats would say
    index = voltage_indices({"R_aVL": first, "S_V3": second})["cornell_voltage"]
    assert not is_positive(index, 2.8, strict=True).any()
    assert is_positive(index, 2.8).all()


def record(heights):
    """One record at 500 Hz with a wave of a height (mV) in each lead, no noise."""
    times = np.arange(0, 10, 1 / 500)
    beat = np.exp(-0.5 * (((times % 0.8) - 0.4) / 0.012) ** 2)
    return (beat[:, None] * heights)[None]


def test_a_qs_complex_in_v1_counts_for_sokolow_lyon():
    heights = np.full(12, 0.5)
    heights[[6, 10, 11]] = -2.0, 1.6, 1.0  # V1, V5, V6
    table = measure_records(record(heights), 500.0)
    assert table["R_V1"] == 0
    assert table["S_V1"] == table["Q_V1"]
    index = voltage_indices(table)["sokolow_lyon_voltage"]
    assert index == pytest.approx(3.6, abs=0.01)
    assert is_positive(index, 3.5) == 1


def test_an_offset_changes_no_index_and_a_scale_scales_them_all():
    cohort = make_lvh_ecg(10, fs=500, random_state=2)
    X = cohort.data.astype(np.float64)
    criteria = VoltageCriteria(fs=500).set_output(transform="pandas").fit(X)
    one, moved, twice = (
        criteria.transform(x, sex=np.zeros(10))
        for x in (X, X + np.linspace(-3, 3, 12), 2 * X)
    )
    np.testing.assert_allclose(moved, one, rtol=1e-3, atol=2e-3)
    voltages = [name for name, unit in INDEX_UNITS.items() if unit == "mV"]
    one, twice = one[voltages], twice[voltages]
    assert one.isna().to_numpy().mean() < 0.05  # a lead without a wave of 30 uV
    twice = twice.where(one.notna())
    np.testing.assert_allclose(twice, 2 * one, rtol=0.03, atol=0.03)


def test_products_multiply_the_voltage_by_the_duration():
    waves = all_leads(R=1.0, Q=0.0, S=0.5) | {"qrs_duration": 110.0}
    indices = voltage_indices(waves)
    assert indices["sokolow_lyon_product"] == pytest.approx(1.5 * 110)
    assert indices["total_qrs_product"] == pytest.approx(18 * 110)


def test_indices_are_in_documented_order_and_scale_with_the_voltage():
    rng = np.random.default_rng(0)
    table = np.zeros(5, MEASUREMENT_DTYPE)
    for name in table.dtype.names:
        table[name] = rng.uniform(0.1, 1, 5)
    table["qrs_duration"] = 100
    twice = table.copy()
    for name in table.dtype.names:
        if name[:2] in ("Q_", "R_", "S_"):
            twice[name] *= 2
    one, two = (voltage_indices(t, np.zeros(5)) for t in (table, twice))
    assert list(one) == list(INDEX_UNITS)
    for name in one:
        np.testing.assert_allclose(two[name], 2 * one[name])


def test_what_is_missing_makes_an_index_unavailable_and_never_negative():
    assert np.isnan(decide("sokolow_lyon_voltage", {"S_V1": 5.0, "R_V5": 3.0}))
    assert np.isnan(decide("cornell_voltage", {"R_aVL": 3.0, "S_V3": 3.0}, sex=None))
    waves = {"R_aVL": [3.0, 3.0], "S_V3": [0, 0], "qrs_duration": [100, 100]}
    product = voltage_indices(waves, ["male", np.nan])["cornell_product"]
    np.testing.assert_allclose(product, [300, np.nan])
    assert np.isnan(voltage_indices({**all_leads(S=1.0), "S_I": np.nan})["lewis"])


def test_thresholds_are_those_of_the_sources_and_can_be_replaced():
    sexes = ["male", "female", None]
    np.testing.assert_array_equal(
        threshold_of("peguero_lo_presti", sexes), [2.8, 2.3, np.nan]
    )
    np.testing.assert_array_equal(threshold_of("lewis", sexes), [1.7] * 3)
    np.testing.assert_array_equal(
        threshold_of("lewis", sexes, threshold=(2.0, 1.5)), [2.0, 1.5, np.nan]
    )
    for criterion in CRITERIA.values():
        assert criterion.source
    with pytest.raises(ValueError, match="criterion must be one of"):
        threshold_of("framingham")


def test_excess_counts_whole_microvolts():
    assert excess(2.8004, 2.8) == 0
    np.testing.assert_array_equal(excess([0.1 + 0.2, 0.301], 0.3), [0.0, 0.001])


def test_sex_is_read_from_codes_and_words():
    codes = encode_sex([0, 1.0, "male", "Female", "", None, np.nan])
    np.testing.assert_array_equal(codes, [0, 1, 0, 1, np.nan, np.nan, np.nan])
    with pytest.raises(ValueError, match=r"got 'unclear' for record 1"):
        encode_sex(["male", "unclear", 3])


@pytest.mark.parametrize(
    ("sex", "threshold"),
    [
        (0, 2.8),
        ("F", 2.0),
        (["male"], 2.8),
        (np.array([1.0]), 2.0),
        (None, np.nan),
        ("unknown", np.nan),
    ],
)
def test_findings_take_the_sex_of_one_record_as_it_comes(sex, threshold):
    table = {"R_aVL": [1.2], "S_V3": [1.1]}
    (found,) = list_findings(table, sex, ["cornell_voltage"])
    np.testing.assert_equal(found.threshold, threshold)


def test_findings_take_the_sex_of_a_labelled_record_and_refuse_several():
    record = make_lvh_ecg(2, fs=100, random_state=0, as_xarray=True).data
    table = {"R_aVL": [1.2], "S_V3": [1.1]}
    for sex in (record[:1].sex, record[0].sex):
        assert list_findings(table, sex)[0].result in ("positive", "unavailable")
    with pytest.raises(ValueError, match="sex has 2 values"):
        list_findings(table, record.sex)
    with pytest.raises(ValueError, match=r"have 2 rows; pass one row.*\[:1\]"):
        list_findings({name: values * 2 for name, values in table.items()}, 0)


@pytest.mark.parametrize(
    ("conduction", "result"),
    [([True], "suppressed"), (np.array([0.0]), "positive"), (None, "positive")],
)
def test_findings_take_the_conduction_of_one_record(conduction, result):
    table = {"R_aVL": [1.2], "S_V3": [1.1]}
    (found,) = list_findings(table, "F", ["cornell_voltage"], conduction=conduction)
    assert found.result == result
    with pytest.raises(ValueError, match="conduction"):
        list_findings(table, "F", conduction=np.nan)


def test_a_plain_array_is_no_table_of_measurements():
    with pytest.raises(TypeError, match="must have named columns"):
        voltage_indices(np.zeros((3, 4)))


FULL = {
    **all_leads(R=0.5, S=0.5, Q=0.0),
    "R_V5": 3.0,
    "ST_V5": -0.2,
    "T_V5": -0.4,
    "ST_V6": 0.0,
    "T_V6": 0.3,
    "p_terminal_amplitude_V1": 0.1,
    "p_terminal_duration_V1": 40.0,
    "qrs_axis": -30.0,
    "qrs_duration": 90.0,
    "intrinsicoid_V5": 50.0,
    "intrinsicoid_V6": 40.0,
}


@pytest.mark.parametrize(
    ("change", "score"),
    [
        ({}, 13),
        ({"R_V6": 3.5, "S_V1": 3.2, "R_I": 2.5}, 13),  # voltage counts once
        ({"R_V5": 2.99}, 10),
        ({"R_V5": 2.99, "S_V2": 3.0}, 13),
        ({"R_V5": 2.99, "S_III": 2.0}, 13),
        ({"T_V5": 0.4}, 10),
        ({"p_terminal_amplitude_V1": 0.09}, 10),  # depth and duration, not either
        ({"p_terminal_duration_V1": 39.0}, 10),
        ({"qrs_axis": -29.0}, 11),
        ({"qrs_axis": -90.0}, 13),
        ({"qrs_axis": -120.0}, 11),  # north-west and not leftward
        ({"qrs_axis": 179.0}, 11),
        ({"qrs_duration": 89.0}, 12),
        ({"intrinsicoid_V5": 49.0}, 12),
        ({"intrinsicoid_V5": 49.0, "intrinsicoid_V6": 51.0}, 13),
    ],
)
def test_romhilt_estes_counts_each_item(change, score):
    result = romhilt_estes(FULL | change)
    assert result.lowest == result.highest == score


def test_romhilt_estes_takes_a_north_west_axis_where_it_is_told_to():
    northwest = FULL | {"qrs_axis": -120.0}
    assert romhilt_estes(northwest, leftmost=-180.0).highest == 13


def test_romhilt_estes_gives_one_point_for_strain_on_digitalis():
    assert romhilt_estes(FULL, digitalis=True).highest == 11
    unknown = romhilt_estes(FULL, digitalis=np.nan)
    assert (unknown.lowest, unknown.highest) == (11, 13)


def test_romhilt_estes_is_a_range_where_p_and_st_are_unknown():
    known = {k: v for k, v in FULL.items() if k[:2] not in ("p_", "ST", "T_")}
    result = romhilt_estes(known)
    assert (result.lowest, result.highest) == (7, 13)
    assert np.isnan(result.items["left_atrial"])
    nothing = romhilt_estes({"qrs_duration": [np.nan]})
    assert np.isnan([nothing.lowest, nothing.highest]).all()


def test_strain_needs_an_upright_qrs_with_st_and_t_against_it():
    assert strain_pattern(FULL) == 1
    assert strain_pattern(FULL | {"ST_V5": 0.0}) == 0
    assert strain_pattern(FULL | {"R_V5": 0.2}) == 0  # QRS points down there
    assert np.isnan(strain_pattern({"R_V5": 1.0}))
    assert strain_pattern({"strain": 1.0}) == 1


def test_perugia_is_positive_by_any_of_its_three_parts():
    quiet = FULL | {"R_V5": 1.0, "T_V5": 0.3, "p_terminal_amplitude_V1": 0.0}
    quiet |= {"R_aVL": 0.5, "S_V3": 0.5}
    assert perugia(quiet, "male") == 0
    assert perugia(quiet | {"R_aVL": 1.2, "S_V3": 1.2}, "male") == 0  # 2.4, strict
    assert perugia(quiet | {"R_aVL": 1.2, "S_V3": 1.21}, "male") == 1
    assert perugia(quiet | {"T_V5": -0.3}, None) == 1
    assert perugia(quiet | {"R_V5": 3.0}, None) == 1  # voltage 3, axis 2, QRS 1, ID 1
    assert perugia(quiet, None) == 0
    assert np.isnan(perugia(quiet | {"R_aVL": 1.1, "S_V3": 1.1}, None))
    assert perugia({"R_aVL": [2.0], "S_V3": [2.0]}).tolist() == [1]


def test_minnesota_3_3_counts_only_where_3_1_is_absent():
    waves = {f"R_{lead}": 1.0 for lead in (*LIMB, "V5", "V6")} | {"S_V1": 1.0}
    table = {
        "none": ({}, 0, 0),
        "R V6 at the limit": ({"R_V6": 2.6, "S_V1": 0.8}, 0, 0),
        "R V6 above it": ({"R_V6": 2.61, "S_V1": 2.0}, 1, 0),
        "R II": ({"R_II": 2.01}, 1, 0),
        "R aVL": ({"R_aVL": 1.21}, 1, 0),
        "R I between": ({"R_I": 2.0}, 0, 1),
        "Sokolow-Lyon": ({"S_V1": 1.6, "R_V5": 1.91}, 0, 1),
        "Sokolow-Lyon at the limit": ({"S_V1": 1.6, "R_V5": 1.9}, 0, 0),
    }
    for case, (change, high, moderate) in table.items():
        found = minnesota(waves | change)
        assert found["minnesota_3_1"] == high, case
        assert found["minnesota_3_3"] == moderate, case
    del waves["R_V6"]
    assert np.isnan(minnesota(waves)["minnesota_3_1"])
    assert minnesota(waves | {"R_V5": 2.7})["minnesota_3_1"] == 1


def test_an_unknown_sex_may_be_pandas_missing_value():
    codes = encode_sex(pd.array(["male", pd.NA, " Female ", " "], dtype="string"))
    np.testing.assert_array_equal(codes, [0.0, np.nan, 1.0, np.nan])


def masked(values):
    """Return two values, the first of them masked."""
    return np.ma.masked_array(values, mask=[True, False])


@pytest.mark.parametrize("values", [masked([9.0, 1.0]), masked([9, 1])])
def test_a_masked_measurement_is_missing(values):
    given = {"R_aVL": values, "S_V3": [1.0, 1.0]}
    index = voltage_indices(given)["cornell_voltage"]
    np.testing.assert_array_equal(index, [np.nan, 2.0])
    table = np.zeros(2, MEASUREMENT_DTYPE)
    table["R_aVL"], table["S_V3"] = values.data, 1
    table = np.ma.masked_array(table)
    table["R_aVL"][0] = np.ma.masked
    index = voltage_indices(table)["cornell_voltage"]
    np.testing.assert_array_equal(index, [np.nan, 2.0])


@pytest.mark.parametrize("text", ["1_0", b"1_0", "1_0.5"])
def test_a_number_with_an_underscore_is_refused(text):
    with pytest.raises(ValueError, match="R_aVL must be numbers, but is .* in row 1"):
        voltage_indices({"R_aVL": ["1.0", text], "S_V3": [1.0, 1.0]})


def test_a_fit_on_labelled_records_forgets_the_names_of_an_earlier_table():
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("xarray")
    X = skecg.make_lvh_ecg(3, fs=250, random_state=0, as_xarray=True).data
    table = skecg.ECGMeasurer().set_output(transform="pandas").fit_transform(X)
    assert isinstance(table, pandas.DataFrame)
    criteria = skecg.VoltageCriteria().fit(table)
    assert criteria.fit(X).measurer_.fs_in_ == 250
