"""Validation of records: what is converted, and what is an error."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from skecg import ECGScaler, make_lvh_ecg
from skecg.signal import flat_leads
from skecg.utils import (
    DEFAULT_FS,
    ECGLabels,
    check_ecg,
    check_learned_voltage,
    lead_index,
    resolve_fs,
    typical_amplitude,
)

# The records here are short, and Model takes plain ones for 500 Hz.
pytestmark = pytest.mark.filterwarnings("ignore:Model takes plain records")

LEADS = ("I", "II", "V1")
rng = np.random.default_rng(0)
VALUES = rng.normal(size=(4, 60, 3))


class Model(BaseEstimator):
    """An estimator with nothing but a sampling rate."""

    def __init__(self, fs=None):
        self.fs = fs


def _labelled(values=VALUES, *, fs=500.0, leads=LEADS, units="mV"):
    xr = pytest.importorskip("xarray")
    return xr.DataArray(
        values,
        dims=("record", "time", "lead"),
        coords={"time": np.arange(values.shape[1]) / fs, "lead": list(leads)},
        attrs={"units": units},
    )


def _fitted(X):
    model = Model()
    check_ecg(model, X, reset=True)
    return model


# What is remembered, and what passes


def test_plain_records_pass_without_a_copy():
    model = Model()
    values, labels = check_ecg(model, VALUES, reset=True)
    assert values is VALUES or np.shares_memory(values, VALUES)
    assert labels is None
    assert vars(model) == {
        "fs": None,
        "n_features_in_": 60,
        "n_leads_in_": 3,
        "fs_in_": None,
        "lead_names_in_": None,
        "_standardized": None,
    }


def test_labelled_records_are_remembered_with_rate_and_leads():
    model = _fitted(_labelled())
    assert (model.fs_in_, model.lead_names_in_) == (500.0, LEADS)
    assert (model.n_features_in_, model.n_leads_in_) == (60, 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_keep_their_dtype(dtype):
    values, _ = check_ecg(Model(), VALUES.astype(dtype), reset=True)
    assert values.dtype == dtype


@pytest.mark.parametrize("dtype", ["int16", "int64", "float16", "object"])
def test_other_numbers_become_float64(dtype):
    X = np.ones((2, 10, 3)).astype(dtype)
    values, _ = check_ecg(Model(), X, reset=True)
    assert values.dtype == np.float64
    assert (values == 1).all()


def test_lists_of_lists_are_records():
    values, _ = check_ecg(Model(), VALUES.tolist(), reset=True)
    np.testing.assert_array_equal(values, VALUES)


def test_a_table_is_records_of_one_lead():
    pd = pytest.importorskip("pandas")
    model = Model()
    table = pd.DataFrame(VALUES[:, :, 0], columns=[f"t{i}" for i in range(60)])
    values, labels = check_ecg(model, table, reset=True)
    np.testing.assert_array_equal(values, VALUES[:, :, 0])
    assert labels is None
    assert model.n_leads_in_ == 1
    assert list(model.feature_names_in_[:2]) == ["t0", "t1"]


def test_labelled_records_of_two_dimensions_are_one_lead():
    model = Model()
    values, labels = check_ecg(model, _labelled().isel(lead=0), reset=True)
    assert values.shape == (4, 60)
    assert (model.n_leads_in_, model.fs_in_, model.lead_names_in_) == (1, 500.0, None)
    check_ecg(model, _labelled().isel(lead=1), reset=False)


def test_a_read_only_memory_map_is_not_loaded(tmp_path):
    np.save(tmp_path / "X.npy", VALUES)
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    values, _ = check_ecg(Model(), X, reset=True)
    assert np.shares_memory(values, X)


@pytest.mark.parametrize(("value", "shown"), [(1e308, "1e[+]308"), (-2e12, "-2e[+]12")])
@pytest.mark.parametrize("gaps", [False, True])
def test_values_that_no_voltage_has_are_an_error(value, shown, gaps):
    X = np.zeros((3, 10, 3))
    X[1, 4, 2] = value
    with pytest.raises(ValueError, match=f"X contains {shown} in record 1, a value"):
        check_ecg(Model(), X, reset=True, gaps=gaps)
    if gaps:
        X[1:, 5] = np.nan
        with pytest.raises(ValueError, match="in record 1,? a value|in record 1"):
            check_ecg(Model(), X, reset=True, gaps=True)


# What labels mend


def test_microvolts_are_converted_where_millivolts_were_learned():
    model = _fitted(_labelled())
    values, _ = check_ecg(model, _labelled(1000 * VALUES, units="uV"), reset=False)
    np.testing.assert_allclose(values, VALUES, rtol=1e-12)


def test_leads_in_another_order_are_reordered_by_name():
    model = _fitted(_labelled())
    X = _labelled(VALUES[:, :, [2, 0, 1]], leads=("v1", "I", " II"))
    values, labels = check_ecg(model, X, reset=False)
    np.testing.assert_array_equal(values, VALUES)
    assert labels.lead_names == ("I", "II", "v1")


def test_extra_leads_are_dropped_by_name():
    model = _fitted(_labelled())
    X = np.concatenate([VALUES[:, :, :1] + 9, VALUES], axis=2)
    values, labels = check_ecg(model, _labelled(X, leads=("V6", *LEADS)), reset=False)
    np.testing.assert_array_equal(values, VALUES)
    assert labels.lead_names == LEADS


def test_plain_records_may_follow_labelled_ones_and_the_other_way_round():
    check_ecg(_fitted(_labelled()), VALUES, reset=False)
    check_ecg(_fitted(VALUES), _labelled(leads=("V4", "V5", "V6")), reset=False)


# Errors


def test_wrong_axis_order_says_how_to_transpose():
    X = np.zeros((2, 12, 5000))
    with pytest.raises(
        ValueError, match=r"5000 leads of 12 samples.*X\.transpose\(0, 2, 1\)"
    ):
        check_ecg(Model(), X, reset=True)


def test_wrong_axis_order_says_how_to_transpose_after_fit_too():
    with pytest.raises(ValueError, match=r"X\.transpose\(0, 2, 1\)"):
        check_ecg(_fitted(VALUES), VALUES.transpose(0, 2, 1), reset=False)


def test_short_records_of_many_leads_are_not_mistaken_for_a_wrong_axis_order():
    values, _ = check_ecg(Model(), np.zeros((2, 10, 12)), reset=True)
    assert values.shape == (2, 10, 12)


@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (-np.inf, "infinity")])
def test_values_that_are_not_finite_are_named_by_record(value, name):
    X = VALUES.copy()
    X[2, 5, 1] = value
    with pytest.raises(ValueError, match=rf"X contains {name} in record 2; drop"):
        check_ecg(Model(), X, reset=True)
    X[3] = value
    with pytest.raises(ValueError, match=rf"{name} in record 2 and 1 more; drop"):
        check_ecg(Model(), X, reset=True)


def test_opposite_infinities_are_called_infinity():
    X = VALUES.copy()
    X[1, :2, 0] = np.inf, -np.inf
    with pytest.raises(ValueError, match="infinity in record 1"):
        check_ecg(Model(), X, reset=True)


@pytest.mark.parametrize("kind", ["plain", "one lead", "labelled"])
def test_the_remedy_for_nan_that_the_message_names_works(kind):
    X = VALUES.copy()
    X[2, 5] = np.nan
    X = {"plain": X, "one lead": X[..., 0], "labelled": _labelled(X)}[kind]
    with pytest.raises(ValueError, match="NaN in record 2") as error:
        check_ecg(Model(), X, reset=True)
    remedy = re.search(r"example (.*), or fill", str(error.value))[1]
    mended = eval(remedy, {"X": X, "np": np})
    assert len(check_ecg(Model(), mended, reset=True)[0]) == 3


@pytest.mark.parametrize("labelled", [False, True])
def test_a_wrong_lead_count_names_both_numbers(labelled):
    X = VALUES[:, :, :2]
    X = _labelled(X, leads=LEADS[:2]).drop_vars("lead") if labelled else X
    with pytest.raises(ValueError, match="X has 2 leads, but Model was fitted on 3"):
        check_ecg(_fitted(VALUES), X, reset=False)


def test_a_missing_lead_is_named():
    model = _fitted(_labelled())
    X = _labelled(VALUES[:, :, :2], leads=("I", "V2"))
    with pytest.raises(ValueError, match=r"Model needs the leads \['II', 'V1'\]"):
        check_ecg(model, X, reset=False)


def test_a_lead_named_twice_is_an_error():
    model = _fitted(_labelled())
    with pytest.raises(ValueError, match="X names a lead twice"):
        check_ecg(model, _labelled(leads=("I", "II", "i")), reset=False)


def test_a_wrong_length_names_both_numbers_and_the_steps_that_mend_it():
    expected = "X has 50 features, but Model is expecting 60 .*ECGResampler.*ECGCropper"
    with pytest.raises(ValueError, match=expected):
        check_ecg(_fitted(VALUES), VALUES[:, :50], reset=False)


def test_another_length_passes_where_the_step_mends_it_in_three_dimensions_only():
    model = _fitted(VALUES)
    check_ecg(model, VALUES[:, :50], reset=False, any_length=True)
    model = _fitted(VALUES[:, :, 0])
    with pytest.raises(ValueError, match="X has 50 features"):
        check_ecg(model, VALUES[:, :50, 0], reset=False, any_length=True)


def test_another_labelled_rate_raises_and_names_the_resampler():
    model = _fitted(_labelled())
    expected = (
        r"sampled at 250 Hz, but Model was fitted at 500 Hz.*ECGResampler\(target"
    )
    with pytest.raises(ValueError, match=expected):
        check_ecg(model, _labelled(fs=250.0), reset=False)


def test_another_labelled_rate_and_length_pass_where_the_step_mends_it():
    model = _fitted(_labelled())
    X = _labelled(VALUES[:, :30], fs=250.0)
    values, _ = check_ecg(model, X, reset=False, any_fs=True)
    assert values.shape == (4, 30, 3)
    with pytest.raises(ValueError, match="X has 30 features"):
        check_ecg(model, X.values, reset=False, any_fs=True)


def test_rates_that_differ_by_rounding_are_the_same():
    model = _fitted(_labelled())
    time = (np.arange(60) / 500).astype(np.float32) + np.float32(100)
    check_ecg(model, _labelled(fs=500.01), reset=False)
    check_ecg(model, _labelled().assign_coords(time=time), reset=False)


@pytest.mark.parametrize("shape", [(0, 60, 3), (0, 60)])
def test_no_records_are_an_error(shape):
    with pytest.raises(
        ValueError, match=r"X is empty: it has 0 sample\(s\).*the split"
    ):
        check_ecg(Model(), np.empty(shape), reset=True)


@pytest.mark.parametrize("shape", [(4, 0, 3), (4, 60, 0)])
def test_records_without_samples_or_leads_are_an_error(shape):
    with pytest.raises(ValueError, match="at least one sample and one lead"):
        check_ecg(Model(), np.empty(shape), reset=True)


@pytest.mark.parametrize("units", ["mV", "uV"])
def test_text_is_named_with_the_loader_that_reads_it(units):
    X = np.full((2, 10, 3), "0.1 mV")
    with pytest.raises(ValueError, match=r"X holds text.*load_ecg_csv"):
        check_ecg(Model(), X, reset=True)
    with pytest.raises(ValueError, match=r"X holds text.*load_ecg_csv"):
        check_ecg(Model(), _labelled(X, units=units), reset=True)


def test_records_of_different_length_are_an_error():
    with pytest.raises(ValueError, match="records of X differ in length"):
        check_ecg(Model(), [[[0.1], [0.2]], [[0.3]]], reset=True)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (VALUES > 0, "X holds booleans"),
        (VALUES.astype("timedelta64[ms]"), "X holds dates or times"),
        (VALUES.astype("datetime64[ms]"), "X holds dates or times"),
        (np.zeros(4, [("I", float), ("II", float)]), "X is a structured array"),
        (iter(VALUES), "X is an iterator"),
        (None, "X is None"),
        (pd.DataFrame({"0": [0.1], "1": [0.2], "Age": [50]}), r"columns \['Age'\]"),
    ],
    ids=["booleans", "spans", "dates", "fields", "iterator", "None", "facts"],
)
def test_what_holds_no_samples_is_refused(X, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check_ecg(Model(), X, reset=True)


def test_complex_numbers_are_refused():
    with pytest.raises(ValueError, match="Complex data not supported"):
        check_ecg(Model(), np.ones((2, 10, 3)) * 1j, reset=True)


def test_one_record_without_its_axis_is_an_error():
    with pytest.raises(
        ValueError, match=r"got 1D array instead.*Reshape your data: X\.reshape\(1, -1"
    ) as error:
        check_ecg(Model(), np.arange(5000.0), reset=True)
    assert len(str(error.value)) < 200  # and does not print the values


ONE_RECORD = np.cumsum(np.random.default_rng(1).normal(size=(5000, 12)), axis=0)


@pytest.mark.parametrize(
    ("X", "remedy"),
    [
        (ONE_RECORD, "X[np.newaxis]"),
        (rng.normal(size=(5000, 12)), "X[np.newaxis]"),
        (np.zeros((1000, 8)), "X[np.newaxis]"),
        (ONE_RECORD[:250], "X[np.newaxis]"),
        (ONE_RECORD[:, :1], "X.reshape(1, -1)"),
        (ONE_RECORD[:400, :1], "X.reshape(1, -1)"),
        (ONE_RECORD[:, :, np.newaxis], "X.reshape(1, 5000, 12)"),
        (ONE_RECORD[:, np.newaxis], "X.reshape(1, 5000, 12)"),
    ],
)
def test_one_record_is_not_taken_for_as_many_records_as_it_has_samples(X, remedy):
    expected = "one record alone; give it as " + re.escape(remedy)
    with pytest.raises(ValueError, match=expected):
        check_ecg(Model(), X, reset=True)
    scope = {"X": X, "np": np}
    mended = eval(remedy, scope)
    assert len(check_ecg(Model(), mended, reset=True)[0]) == 1


@pytest.mark.parametrize(
    "shape", [(5000, 16), (999, 12), (150, 4), (2000, 100), (1500, 10, 3), (1, 12)]
)
def test_tables_in_random_order_are_records(shape):
    X = rng.normal(size=shape)
    assert check_ecg(Model(), X, reset=True)[0].shape == shape


def test_one_record_of_several_leads_says_how_to_add_the_axis():
    for record in (VALUES[0], VALUES[0, :20]):
        with pytest.raises(
            ValueError, match=r"one record alone; give it as X\[np\.newaxis"
        ):
            check_ecg(_fitted(VALUES), record, reset=False)


def test_one_record_with_its_leads_first_says_how_to_turn_it():
    model = _fitted(VALUES)
    with pytest.raises(ValueError, match=r"X has 1 lead, .*X\.T\[np\.newaxis\]"):
        check_ecg(model, VALUES[0].T, reset=False)
    assert len(check_ecg(model, VALUES[0].T.T[np.newaxis], reset=False)[0]) == 1


@pytest.mark.parametrize("dims", [("time", "lead"), ("lead", "time"), ("time",)])
def test_one_labelled_record_says_how_to_add_the_dimension(dims):
    one = _labelled()[0] if len(dims) > 1 else _labelled()[0, :, 0]
    with pytest.raises(ValueError, match=r'as X\.expand_dims\("record"\)'):
        check_ecg(Model(), one.transpose(*dims), reset=True)
    assert len(check_ecg(Model(), one.expand_dims("record"), reset=True)[0]) == 1


def test_one_record_of_one_lead_says_how_to_turn_it():
    for learned in (VALUES[:, :, 0], VALUES[:, :, :1]):
        with pytest.raises(ValueError, match=r"one record alone.*X\.reshape\(1, -1\)"):
            check_ecg(_fitted(learned), VALUES[0, :, :1], reset=False)


def test_four_dimensions_are_an_error():
    with pytest.raises(ValueError, match=r"4 dimensions \(4, 60, 3, 1\).*X\.reshape"):
        check_ecg(Model(), VALUES[..., np.newaxis], reset=True)


# The sampling rate that counts


def _labels(fs):
    return ECGLabels.of(_labelled(fs=fs))


def test_the_sampling_rate_is_the_parameter_or_the_label_or_500():
    assert resolve_fs(Model(fs=360), None) == 360.0
    assert resolve_fs(Model(fs=250), _labels(250.0)) == 250.0
    assert resolve_fs(Model(), _labels(250.0)) == 250.0
    assert resolve_fs(Model(), None) == DEFAULT_FS == 500.0
    without_time = ECGLabels.of(_labelled().drop_vars("time"))
    assert resolve_fs(Model(fs=100), without_time) == 100.0


def test_plain_records_after_labelled_ones_have_the_rate_of_fit():
    assert resolve_fs(_fitted(_labelled(fs=250.0)), None) == 250.0


def test_an_explicit_rate_that_contradicts_the_label_is_an_error():
    expected = "Model has fs=500, but X is labelled with 250 Hz; leave fs=None"
    with pytest.raises(ValueError, match=expected):
        resolve_fs(Model(fs=500), _labels(250.0))


# Units of plain arrays


def test_typical_amplitude_is_the_median_of_standard_deviations():
    X = np.array([[1.0, -1.0], [2.0, -4.0], [50.0, 50.0]])
    assert typical_amplitude(X) == 1.0
    assert typical_amplitude(X[:, :, np.newaxis] + 7.0) == 1.0


def test_typical_amplitude_of_many_records_is_that_of_an_even_selection():
    X = np.arange(1000.0)[:, np.newaxis] * [1.0, -1.0]
    assert typical_amplitude(X) == pytest.approx(499.5, rel=0.01)


@pytest.mark.parametrize(("unit", "factor"), [(1.0, 1000.0), (1000.0, 0.001)])
def test_another_unit_than_learned_is_an_error(unit, factor):
    learned = typical_amplitude(unit * VALUES)
    with pytest.raises(
        ValueError, match="as if microvolts were given instead of millivolts"
    ):
        check_learned_voltage(Model(), factor * unit * VALUES, learned)


def test_one_record_in_another_unit_is_named_among_others():
    X = VALUES.copy()
    X[1] *= 1000
    with pytest.raises(ValueError, match=r"Record 1 of X .* \(1 of \d+ records\)"):
        check_learned_voltage(Model(), X, typical_amplitude(VALUES))


@pytest.mark.parametrize("factor", [1.0, 20.0, 0.05, 1e-6, 0.0])
def test_larger_smaller_and_flat_records_pass_alone(factor):
    check_learned_voltage(Model(), factor * VALUES[:1], typical_amplitude(VALUES))


@pytest.mark.parametrize("factor", [1e-3, 5e-3])
def test_most_records_in_volts_are_an_error_and_few_are_not(factor):
    X = np.repeat(VALUES, 3, axis=0)
    learned = typical_amplitude(X)
    X[:5] *= factor
    check_learned_voltage(Model(), X, learned)
    X[5:7] *= factor
    with pytest.raises(ValueError, match=r"Record 0 of X .*volts.*\(7 of 12 records\)"):
        check_learned_voltage(Model(), X, learned)


def _amplitudes(factors):
    """Return records of so many times an amplitude of 1."""
    wave = np.sqrt(2) * np.sin(np.arange(500) / 500 * 20 * np.pi)
    return np.multiply.outer(factors, wave)[:, :, np.newaxis]


@pytest.mark.parametrize(
    ("n_records", "factor"),
    [(1, 10), (1, 0.1), (5, 5), (30, 3), (50, 2), (50, 0.5), (20, 0.1)],
)
def test_most_records_of_another_amplitude_are_doubtful(n_records, factor):
    X = _amplitudes(np.full(n_records, factor) * rng.uniform(0.9, 1.1, n_records))
    with pytest.warns(UserWarning, match="times as large as those that Model was"):
        check_learned_voltage(Model(), X, 1.0)


@pytest.mark.parametrize("n_records", [1, 3, 10, 100])
def test_records_like_those_learned_and_single_others_are_not_doubtful(n_records):
    factors = rng.lognormal(0, 0.3, n_records)
    factors[: n_records // 10] = 20
    check_learned_voltage(Model(), _amplitudes(factors), 1.0)


def test_one_record_without_electrodes_is_warned_of():
    X = _amplitudes(np.ones(10))
    X[3] = 1e-3 * rng.integers(0, 2, X[3].shape)
    with pytest.warns(
        UserWarning, match=r"^Record 3 of X \(1 of 10 records\).*electrod"
    ):
        check_learned_voltage(Model(), X, 1.0)


def test_an_offset_is_no_amplitude():
    check_learned_voltage(Model(), VALUES[:1] + 100.0, typical_amplitude(VALUES))


def test_assumed_sampling_rate_of_short_plain_records_is_told():
    with pytest.warns(
        UserWarning, match=r"takes plain records for 500 Hz, at which 60"
    ):
        check_ecg(Model(), VALUES, reset=True)


def test_assumed_sampling_rate_of_long_records_and_tables_is_not_worth_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_ecg(Model(), np.zeros((2, 5000, 3)), reset=True)
        check_ecg(Model(), np.zeros((2, 60)), reset=True)


def test_a_column_of_sequences_says_how_to_stack_it():
    column = np.empty(3, dtype=object)
    column[:] = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    with pytest.raises(ValueError, match=r"np\.stack\(column\).*load_ecg_csv"):
        check_ecg(Model(), column, reset=True)
    with pytest.raises(ValueError, match=r"np\.stack\(column\).*load_ecg_csv"):
        check_ecg(Model(), column[:, np.newaxis], reset=True)


def test_numbers_written_as_text_are_not_taken_for_numbers():
    with pytest.raises(ValueError, match=r"X holds text.*X\.astype\(float\)"):
        check_ecg(Model(), VALUES.astype(str), reset=True)


def test_nothing_is_compared_with_flat_training_records():
    check_learned_voltage(Model(), VALUES, 0.0)


# Leads by name


def test_missing_leads_are_named_with_those_present():
    expected = r"ECGDisplay needs the leads \['V7'\], but X has only \['I', 'II'\]"
    with pytest.raises(ValueError, match=expected):
        lead_index(["I", "II"], ["I", "V7"], "ECGDisplay")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_a_masked_sample_is_a_gap(dtype):
    X = np.ones((2, 20, 3), dtype)
    masked = np.ma.masked_array(X, mask=np.zeros(X.shape, bool))
    estimator = BaseEstimator()
    values, _ = check_ecg(estimator, masked, reset=True)
    np.testing.assert_array_equal(values, X)
    masked[1, 3, 2] = np.ma.masked
    with pytest.raises(ValueError, match="X contains NaN in record 1; drop these"):
        check_ecg(estimator, masked, reset=True)
    with pytest.raises(ValueError, match="X contains NaN in record 0; leave it out"):
        check_ecg(estimator, masked[1:], reset=True)
    values, _ = check_ecg(estimator, masked, reset=True, gaps=True)
    assert np.isnan(values).nonzero() == ([1], [3], [2])
    rising = np.ma.masked_equal(np.arange(60.0).reshape(2, 10, 3), 7)
    np.testing.assert_array_equal(flat_leads(rising), False)
    assert values.dtype == (np.float32 if dtype == np.float32 else np.float64)


def test_what_holds_records_is_not_taken_for_records():
    cohort = make_lvh_ecg(2, fs=100, random_state=0, as_xarray=True)
    with pytest.raises(TypeError, match=r"X is a Bunch with data.*give the records"):
        ECGScaler().fit(cohort)
    with pytest.raises(TypeError, match=r"labels would be lost; join them with xarray"):
        ECGScaler().fit([cohort.data[0], cohort.data[1]])
