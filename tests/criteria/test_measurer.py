"""ECGMeasurer and VoltageCriteria: records in, named columns out."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from skecg import ECGMeasurer, VoltageCriteria, make_lvh_ecg
from skecg.criteria import (
    INDEX_UNITS,
    minnesota,
    perugia,
    romhilt_estes,
    voltage_indices,
)
from skecg.signal import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    MEASUREMENT_DTYPE,
    REASONS,
    measure_records,
)


@pytest.fixture(scope="module")
def table(cohort):
    return measure_records(cohort.data, 250.0)


def test_table_holds_what_measure_records_measures(cohort, table):
    measurer = ECGMeasurer(fs=250).fit(cohort.data)
    values = measurer.transform(cohort.data)
    names = measurer.get_feature_names_out().tolist()
    assert names == list(table.dtype.names)
    for name in ("R_V5", "qrs_duration", "n_used", "P_II"):
        np.testing.assert_array_equal(values[:, names.index(name)], table[name])


def test_labels_say_rate_leads_and_patient(labelled, cohort, table):
    backwards = labelled.isel(lead=slice(None, None, -1))
    measurer = ECGMeasurer().fit(backwards)
    frame = measurer.set_output(transform="pandas").transform(labelled)
    assert list(frame.columns[-2:]) == ["sex", "age"]
    np.testing.assert_array_equal(frame["sex"], cohort.sex)
    np.testing.assert_array_equal(frame["age"], cohort.age)
    np.testing.assert_allclose(frame["R_V5"], table["R_V5"], atol=1e-4)


def test_labels_in_microvolts_are_converted(labelled, table):
    micro = (labelled * 1000).assign_attrs(units="uV")
    values = ECGMeasurer().fit_transform(micro)
    np.testing.assert_allclose(
        values[:, table.dtype.names.index("R_V5")], table["R_V5"], atol=1e-3
    )


def test_other_length_and_rate_are_measured_too(labelled, cohort, table):
    measurer = ECGMeasurer().fit(labelled)
    other = make_lvh_ecg(40, fs=500, random_state=0, as_xarray=True).data
    column = list(table.dtype.names).index("R_V5")
    np.testing.assert_allclose(
        measurer.transform(other)[:, column], table["R_V5"], rtol=0.03, atol=0.03
    )
    half = ECGMeasurer(fs=250).fit(cohort.data).transform(cohort.data[:, :1250])
    np.testing.assert_allclose(half[:, column], table["R_V5"], rtol=0.1, atol=0.05)


def test_a_gap_is_no_error_and_infinity_is_one(cohort):
    X = cohort.data[:3].copy()
    X[1] = np.nan
    with pytest.warns(UserWarning, match=r"at 1\) have leads without a signal"):
        values = ECGMeasurer(fs=250).fit_transform(X)
    assert np.isnan(values[1, 0])
    assert not np.isnan(values[[0, 2], 0]).any()
    X[1, 0, 0] = np.inf
    with pytest.raises(ValueError, match="infinity in record 1"):
        ECGMeasurer(fs=250).fit(X)


def test_doubtful_records_are_warned_of_once(cohort):
    X = cohort.data[:3].copy()
    mimic = X[:, :, [0, 1, 2, 3, 5, 4, *range(6, 12)]]
    mimic[1, :, 6:] = np.random.default_rng(0).normal(0, 0.003, mimic[1, :, 6:].shape)
    measurer = ECGMeasurer(fs=250).fit(X)
    message = (
        r"^1 of 3 records of X \(at 1\) have leads without a signal \(V1, .*\); 3 of 3 "
        r".* as if aVL and aVF stood in each other's place\. .*: give lead_names in "
    )
    with pytest.warns(UserWarning, match=message) as caught:
        measurer.transform(mimic)
    assert len(caught) == 1
    names = [LEAD_NAMES[k] for k in [0, 1, 2, 3, 5, 4, *range(6, 12)]]
    right = ECGMeasurer(fs=250, lead_names=names).fit(mimic[::2])  # the remedy
    np.testing.assert_array_equal(
        right.transform(mimic[::2]), measurer.transform(X[::2])
    )


def test_nothing_is_measured_of_unnamed_leads_unless_they_are_eight_or_twelve(cohort):
    eight = cohort.data[:3, :, [LEAD_NAMES.index(n) for n in INDEPENDENT_LEADS]]
    assert ECGMeasurer(fs=250).fit_transform(eight).shape == (3, 125)
    message = "X has 3 unnamed leads, of which nothing is measured; say which they are"
    with pytest.warns(UserWarning, match=message) as caught:
        table = ECGMeasurer(fs=250).fit_transform(cohort.data[:3, :, :3])
    names = ECGMeasurer(fs=250).fit(eight).get_feature_names_out()
    reasons = np.char.startswith(names.astype(str), "reason")
    assert (table[:, reasons] == REASONS.index("no signal")).all()
    assert np.isnan(table[:, ~reasons]).sum() == 3 * (len(names) - reasons.sum() - 3)
    assert len(caught) == 1
    with pytest.raises(ValueError, match="lead_names has 2 names, but X has 3"):
        ECGMeasurer(fs=250, lead_names=["I", "II"]).fit(cohort.data[:3, :, :3])
    one = ECGMeasurer(fs=250, lead_names=["V5"]).fit_transform(cohort.data[:3, :, 10])
    assert np.isfinite(one[:, 0]).all()


def test_median_beats_come_with_their_marks(cohort):
    measured = ECGMeasurer(fs=250).fit(cohort.data[:2]).measure(cohort.data[:2])
    assert measured.beats.shape == (2, 525, 12)
    assert measured.fs == 500
    assert (measured.marks.qrs_onset < measured.marks.qrs_offset).all()


def test_criteria_from_records_a_table_and_a_frame_agree(cohort, table):
    expected = voltage_indices(table, cohort.sex)
    records = VoltageCriteria(fs=250).fit(cohort.data)
    measurer = ECGMeasurer(fs=250).fit(cohort.data)
    values = measurer.transform(cohort.data)
    frame = measurer.set_output(transform="pandas").transform(cohort.data)
    for X, criteria in (
        (cohort.data, records),
        (values, VoltageCriteria().fit(values)),
        (frame, VoltageCriteria().fit(frame)),
    ):
        indices = criteria.transform(X, sex=cohort.sex)
        assert indices.shape == (40, len(INDEX_UNITS) + 2)
        for k, name in enumerate(INDEX_UNITS):
            np.testing.assert_allclose(indices[:, k], expected[name])


def test_cornell_product_takes_the_sex_from_the_labels(labelled, cohort, table):
    names = list(INDEX_UNITS)
    product = VoltageCriteria().fit_transform(labelled)[
        :, names.index("cornell_product")
    ]
    expected = voltage_indices(table, cohort.sex)["cornell_product"]
    np.testing.assert_allclose(product, expected, rtol=1e-3)
    plain = VoltageCriteria(fs=250).fit_transform(cohort.data)
    assert np.isnan(plain[:, names.index("cornell_product")]).all()


def test_passthrough_keeps_the_measurements(cohort):
    pipeline = make_pipeline(ECGMeasurer(fs=250), VoltageCriteria(passthrough=True))
    values = pipeline.fit_transform(cohort.data)
    names = pipeline.get_feature_names_out().tolist()
    assert values.shape == (40, len(names)) == (40, 138)
    assert names[0] == "heart_rate"
    assert names[-1] == "romhilt_estes_highest"


def test_what_was_fitted_on_tables_takes_no_records(cohort, table):
    values = ECGMeasurer(fs=250).fit_transform(cohort.data)
    with pytest.raises(ValueError, match="fitted on a table of measurements, but X"):
        VoltageCriteria().fit(values).transform(cohort.data)
    with pytest.raises(ValueError, match="fitted on records, but X"):
        VoltageCriteria(fs=250).fit(cohort.data).transform(values)
    with pytest.raises(ValueError, match="sex has 2 values, but there are 40 records"):
        VoltageCriteria().fit(values).transform(values, sex=[0, 1])


def test_a_structured_table_is_read_by_its_names(table):
    few = ["S_V1", "R_V6", "R_V5"]
    indices = VoltageCriteria().fit_transform(table[few])
    np.testing.assert_allclose(
        indices[:, 0], voltage_indices(table)["sokolow_lyon_voltage"]
    )
    criteria = VoltageCriteria().fit(table[few])
    np.testing.assert_array_equal(criteria.transform(table), indices)


def test_a_table_of_anything_else_is_not_taken_for_unknown_measurements(cohort):
    other = pd.DataFrame({"RV5": [2.0], "SV1": [3.0]})
    with pytest.raises(ValueError, match="none of the columns that ECGMeasurer gives"):
        VoltageCriteria().fit(other)
    lead = pd.DataFrame(cohort.data[:3, :, 1]).rename(columns=str)
    criteria = VoltageCriteria(fs=250, lead_names=["II"], passthrough=True).fit(lead)
    names = criteria.get_feature_names_out().tolist()
    expected = ECGMeasurer(fs=250, lead_names=["II"]).fit_transform(lead.to_numpy())
    measured = criteria.transform(lead)[:, : expected.shape[1]]
    np.testing.assert_array_equal(measured, expected)
    assert (criteria.transform(lead)[:, names.index("R_II")] > 0).all()


def test_columns_without_any_value_are_left_out_on_request(cohort, labelled):
    X, y = cohort.data, cohort.target
    pipeline = make_pipeline(
        ECGMeasurer(fs=250),
        VoltageCriteria(drop_empty=True),
        HistGradientBoostingClassifier(min_samples_leaf=3, max_iter=20, random_state=0),
    )
    assert pipeline.fit(X, y).score(X, y) > 0.8  # no sex, so no Cornell product
    criteria = pipeline[1]
    names = criteria.get_feature_names_out().tolist()
    assert "cornell_product" not in names
    assert len(names) == len(INDEX_UNITS) + 1
    every = VoltageCriteria(fs=250).fit_transform(X)
    few = VoltageCriteria(fs=250, drop_empty=True)
    kept = np.array([name != "cornell_product" for name in INDEX_UNITS] + [True] * 2)
    np.testing.assert_array_equal(few.fit_transform(X), every[:, kept])
    np.testing.assert_array_equal(few.fit(X).transform(X[:3]), every[:3, kept])
    assert few.fit_transform(X, sex=cohort.sex).shape == every.shape
    assert few.fit_transform(labelled).shape == every.shape


def test_routed_sex_reaches_the_indices_in_a_pipeline(cohort):
    with config_context(enable_metadata_routing=True):
        criteria = VoltageCriteria().set_transform_request(sex=True)
        pipeline = make_pipeline(ECGMeasurer(fs=250), criteria)
        pipeline.fit(cohort.data)
        indices = pipeline.transform(cohort.data, sex=cohort.sex)
    assert np.isfinite(indices[:, list(INDEX_UNITS).index("cornell_product")]).all()


def test_measurements_indices_and_boosting_make_a_classifier(labelled, cohort):
    pipeline = make_pipeline(
        ECGMeasurer(n_jobs=1),
        VoltageCriteria(passthrough=True),
        HistGradientBoostingClassifier(min_samples_leaf=3, max_iter=20, random_state=0),
    )
    scores = cross_val_score(clone(pipeline), labelled, cohort.target, cv=2)
    assert scores.min() > 0.5


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("R_V5", 2500.0, "R_V5 must be from 0 to 20 mV, but is 2500 in row 1"),
        ("S_V1", -1.5, "S_V1 must be from 0 to 20 mV, but is -1.5 in row 1"),
        ("T_V6", 400.0, "T_V6 must be from -20 to 20 mV"),
        ("qrs_duration", 0.098, "qrs_duration must be from 10 to 500 ms.*seconds"),
        ("qrs_axis", 330.0, "qrs_axis must be from -180 to 180 degrees.*subtract 360"),
        ("strain", 2.0, "strain must be from 0 to 1, but is 2"),
        ("R_V5", "1,5", "R_V5 must be numbers, but is '1,5' in row 1"),
        ("R_V5", "1.5 mV", "R_V5 must be numbers, but is '1.5 mV' in row 1"),
        ("sex", 2, "column 'sex' must be 0 or"),
        ("age", 20000, "column 'age' must be years"),
        ("conduction", "no", "column 'conduction' must be True or False"),
    ],
)
def test_values_of_a_table_are_checked_by_their_column(column, value, message):
    table = pd.DataFrame({"R_aVL": [0.5, 0.5], "S_V3": [0.5, 0.5]})
    table[column] = pd.Series([np.nan, value], dtype=object)
    if column == "conduction":
        table[column] = [False, value]
    with pytest.raises(ValueError, match=message):
        VoltageCriteria().fit(table)
    for function in (voltage_indices, romhilt_estes, perugia, minnesota):
        with pytest.raises(ValueError, match=message):
            function(table)


def test_missing_values_and_other_columns_of_a_table_are_no_error():
    table = pd.DataFrame(
        {
            "R_aVL": pd.array([1.2, pd.NA], dtype="Float64"),
            "site": ["A", "B"],
            "sex": ["male", ""],
            "age": ["056Y", None],
        }
    )
    indices = VoltageCriteria().fit_transform(table)
    np.testing.assert_array_equal(indices[:, 2], [1.2, np.nan])
    twice = pd.concat([table, table], axis=1)
    with pytest.raises(ValueError, match="has the column 'R_aVL' twice"):
        VoltageCriteria().fit(twice)


def test_records_of_one_lead_are_no_table_whatever_their_length(cohort):
    X = cohort.data[:, : len(MEASUREMENT_DTYPE.names), 1]
    for n_columns in (X.shape[1], X.shape[1] + 2):
        criteria = VoltageCriteria(fs=100, lead_names=["II"])
        criteria.fit(cohort.data[:, :n_columns, 1])
        assert criteria.measurer_ is not None
    with pytest.raises(ValueError, match="heart_rate|qrs_duration|must be from"):
        VoltageCriteria().fit(100 * X)


@pytest.mark.parametrize("factor", [1000, 10, 0.05])
def test_records_of_another_unit_or_gain_are_warned_of(cohort, factor):
    measurer = ECGMeasurer(fs=250).fit(cohort.data)
    with pytest.warns(UserWarning, match="Most leads of most records .* give X in mV"):
        measurer.transform(cohort.data * factor)
