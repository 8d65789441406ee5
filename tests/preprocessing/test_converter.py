"""ECGConverter: labelled records come out in one form; plain ones must have it."""

from functools import partial

import numpy as np
import pytest

from skecg import ECGConverter, make_lvh_ecg
from skecg.signal import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    exchange_electrodes,
    find_doubts,
    flat_leads,
)
from tests.preprocessing.records import assert_labels_kept, labelled

FS = 100


def _waves(fs, duration=10, start=0.0):
    """Twelve leads of slow sines that obey Einthoven and Goldberger, in mV."""
    t = start + np.arange(round(duration * fs)) / fs
    one, two = np.sin(2 * np.pi * 3 * t), 0.5 * np.sin(2 * np.pi * 2 * t)
    limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    chest = [np.sin(2 * np.pi * (k + 1) * t) for k in range(6)]
    return np.stack([*limb, *chest], axis=-1)[np.newaxis].repeat(2, axis=0)


@pytest.fixture(scope="module")
def converter():
    return ECGConverter(FS, target_leads=LEAD_NAMES, duration=10).fit(_waves(FS))


def test_plain_records_of_the_right_form_pass_unchanged(converter):
    X = _waves(FS).astype(np.float32)
    converted = converter.transform(X)
    np.testing.assert_array_equal(converted, X)
    assert converted.dtype == np.float32
    assert not np.shares_memory(converted, X)


@pytest.mark.parametrize("fs", [500, 250, 360, 100])
def test_labelled_records_of_any_rate_come_out_at_the_target_rate(converter, fs):
    X = labelled(_waves(fs), fs)
    converted = converter.transform(X)
    inner = slice(100, 900)  # resampling is less exact at the ends
    np.testing.assert_allclose(converted[:, inner], _waves(FS)[:, inner], atol=2e-3)
    np.testing.assert_allclose(converted.coords["time"], np.arange(1000) / FS)
    assert_labels_kept(X, converted)


def test_microvolts_become_millivolts(converter):
    converted = converter.transform(labelled(1000 * _waves(FS), FS, units="uV"))
    np.testing.assert_allclose(converted, _waves(FS), rtol=0, atol=1e-12)
    assert converted.attrs["units"] == "mV"


def test_leads_are_put_in_order_and_limb_leads_derived(converter):
    X = labelled(_waves(FS), FS)
    shuffled = X[:, :, ::-1]
    np.testing.assert_array_equal(converter.transform(shuffled), X)
    assert converter.transform(shuffled).coords["lead"].values.tolist() == [*LEAD_NAMES]
    eight = X.sel(lead=list(INDEPENDENT_LEADS)[::-1])
    np.testing.assert_allclose(converter.transform(eight), X, rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match=r"\['V6'\] are needed, but X has only"):
        converter.transform(X[:, :, :-1])


def test_the_middle_of_longer_records_is_taken_at_its_time(converter):
    X = labelled(_waves(FS, duration=14, start=7.0), FS, start=7.0)
    converted = converter.transform(X)
    np.testing.assert_array_equal(converted, X[:, 200:1200])
    np.testing.assert_allclose(converted.coords["time"], 9 + np.arange(1000) / FS)
    of_500 = converter.transform(labelled(_waves(500, duration=14), 500))
    np.testing.assert_allclose(of_500, _waves(FS, duration=14)[:, 200:1200], atol=2e-3)


def test_the_part_of_a_much_longer_record_that_counts_is_told(converter):
    X = labelled(_waves(FS, duration=38), FS)
    with pytest.warns(UserWarning, match="last 38 s, .* the middle, 14 to 24 s"):
        converted = converter.transform(X)
    np.testing.assert_array_equal(converted, X[:, 1400:2400])


@pytest.mark.parametrize(("step", "rate"), [(1, "1 Hz"), (2, "0.5 Hz")])
def test_time_in_samples_or_milliseconds_is_an_error(converter, step, rate):
    X = labelled(_waves(500), 500)
    wrong = X.assign_coords(time=step * np.arange(5000))
    message = rf"rate of {rate}.*in seconds \(or timedelta64\).*np\.arange\(5000\) / fs"
    for call in (converter.transform, ECGConverter(FS).fit):
        with pytest.raises(ValueError, match=message):
            call(wrong)


def test_a_lower_rate_is_warned_of(converter):
    with pytest.warns(UserWarning, match="50 Hz, less than the 100 Hz .* above 25 Hz"):
        converter.transform(labelled(_waves(50), 50))


def test_shorter_records_are_an_error_that_names_the_remedy(converter):
    with pytest.raises(ValueError, match=r"last 8 s, but 10 s.*ECGCropper\(10\)"):
        converter.transform(labelled(_waves(500, duration=8), 500))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 5000, 12), r"X has 5000 features.*10 s at 100 Hz.*ECGResampler\(target_"),
        ((2, 1000, 8), r"X has 8 leads.*LeadSelector, or label X"),
        ((1000, 12), r"one record alone; give it as X\[np\.newaxis\]"),
        ((2, 12, 1000), r"time must be axis 1.*use X\.transpose\(0, 2, 1\)"),
        ((2, 12000), r"table of 12000 columns.*use X\.reshape\(-1, 1000, 12\)"),
    ],
)
def test_plain_records_of_another_form_are_an_error(converter, shape, message):
    with pytest.raises(ValueError, match=message):
        converter.transform(np.ones(shape))


def test_labels_that_are_absent_count_like_those_of_plain_records(converter):
    labelled_fully = labelled(_waves(500), 500)
    X = labelled_fully.drop_vars("time").assign_attrs(fs=500)
    message = (
        r"5000 features.*coordinate 'time' in seconds, not from attrs.*arange\(5000"
    )
    for call in (converter.transform, ECGConverter(FS, duration=10).fit):
        with pytest.raises(ValueError, match=message):
            call(X)
    mended = X.assign_coords(time=np.arange(5000) / 500)  # the remedy it gives
    expected = converter.transform(labelled_fully)
    np.testing.assert_array_equal(converter.transform(mended), expected)
    X = labelled(_waves(FS), FS).drop_vars("time")
    np.testing.assert_array_equal(converter.transform(X), X)
    X = labelled(_waves(FS), FS).drop_vars("lead")
    np.testing.assert_array_equal(converter.transform(X), X)
    with pytest.raises(ValueError, match="8 leads"):
        converter.transform(X[:, :, :8])


@pytest.mark.parametrize(
    ("factor", "message"),
    [(1000, "as if microvolts were"), (1e-3, "as if volts were")],
)
def test_another_unit_is_told_by_the_amplitude(converter, factor, message):
    with pytest.raises(ValueError, match=message):
        converter.transform(factor * _waves(FS))
    with pytest.raises(ValueError, match=message):
        converter.transform(labelled(factor * _waves(FS), FS))


def test_flat_records_are_of_any_unit_and_warned_of(converter):
    with pytest.warns(UserWarning, match=r"^2 of 2 .* \(all in record 0\)\. "):
        converted = converter.transform(np.zeros((2, 1000, 12)))
    assert (converted == 0).all()


@pytest.mark.parametrize("form", ["plain", "labelled", "labelled, 500 Hz, uV"])
def test_flat_leads_are_warned_of_once_for_all_records(converter, form):
    fs = 500 if "500" in form else FS
    X = _waves(fs).repeat(5, axis=0)
    X[[3, 4, 9], :, 6] = X[3, :, 11] = X[4, :, 0] = 1.5
    if form != "plain":
        X = labelled(X, fs) if fs == FS else labelled(1000 * X, fs, units="uV")
    message = (
        r"^3 of 10 records of X \(at 3, 4, 9\) have leads without a signal \(V1, V6 in "
        r"record 3\)\. .* leave them out; ECGQualityChecker"
    )
    # Lead I of record 4 contradicts the others as well, and is named once.
    with pytest.warns(UserWarning, match=message) as caught:
        converter.transform(X)
    assert len(caught) == 1
    kept = X[~flat_leads(np.asarray(X)).any(axis=1)]  # the remedy it gives
    assert len(kept) == len(converter.transform(kept)) == 7


def test_flat_leads_without_names_are_counted_from_0():
    X = _waves(FS)[:, :, [0, 6, 7]]
    converter = ECGConverter(FS).fit(X)
    X[1, :, 1] = 0
    with pytest.warns(UserWarning, match=r"at 1.*\(1 in record 1\)"):
        converter.transform(X)
    with pytest.warns(UserWarning, match="all in record 0"):
        ECGConverter(FS).fit(X[:, :, 1]).transform(np.zeros((1, 1000)))


def test_plain_records_with_leads_in_another_order_are_warned_of(converter):
    X = _waves(FS).repeat(5, axis=0)
    order = [1, 0, *range(2, 12)]
    message = (
        r"^10 of 10 records of X \(at 0, 1, 2, 3, 4, \.\.\.\) have limb leads that "
        r"contradict each other, as if I and II stood in each other's place\. .*: put "
        r"the leads of X in the order I, II, III, aVR, .*V6, or label X"
    )
    with pytest.warns(UserWarning, match=message) as caught:
        converted = converter.transform(X[:, :, order])
    assert len(caught) == 1
    np.testing.assert_array_equal(converted, X[:, :, order])
    one_of_many = X.copy()
    one_of_many[7] = X[7][:, order]
    with pytest.warns(UserWarning, match=r"^1 of 10 records of X \(at 7\)"):
        converter.transform(one_of_many)


def test_labels_that_name_the_wrong_leads_are_warned_of(converter):
    names = ["II", "I", *LEAD_NAMES[2:]]
    X = labelled(_waves(500), 500, leads=names)
    with pytest.warns(
        UserWarning, match=r"I and II.*coordinate 'lead' with X.*assign_coords\(lead"
    ):
        converter.transform(X)
    converter.transform(X.assign_coords(lead=list(LEAD_NAMES)))  # the remedy it gives
    unnamed = labelled(_waves(FS)[:, :, ::-1], FS).drop_vars("lead")
    with pytest.warns(UserWarning, match="Einthoven's .* put the leads of X in"):
        converter.transform(unnamed)


def test_fit_warns_of_nothing():
    ECGConverter(FS).fit(np.zeros((2, 1000, 12)))
    ECGConverter(FS).fit(_waves(FS)[:, :, ::-1])


def test_standardized_records_are_an_error(converter):
    with pytest.raises(ValueError, match="X is standardized"):
        converter.transform(labelled(_waves(FS), FS, units="1"))


def test_fit_converts_too_and_learns_the_form_of_the_output():
    converter = ECGConverter(FS, target_leads=["V5", "I"], duration=4)
    converted = converter.fit_transform(labelled(_waves(500), 500))
    assert converted.shape == (2, 400, 2)
    assert (converter.n_features_in_, converter.n_leads_in_) == (400, 2)
    assert converter.fs_in_ == FS
    assert converter.leads_ == converter.lead_names_in_ == ("V5", "I")


def test_what_is_not_given_is_that_of_fit():
    converter = ECGConverter(FS).fit(labelled(_waves(250, 5)[:, :, ::-1], 250))
    assert converter.n_features_in_ == 500
    other = converter.transform(labelled(_waves(500, 9), 500))
    assert other.shape == (2, 500, 12)
    assert other.coords["lead"].values.tolist() == [*LEAD_NAMES]
    plain = ECGConverter(FS).fit(_waves(FS))
    assert plain.leads_ == LEAD_NAMES


def test_plain_records_of_fit_must_have_the_form_asked_for():
    with pytest.raises(ValueError, match=r"must have 1000 samples \(10 s at 100 Hz\)"):
        ECGConverter(FS, duration=10).fit(_waves(500))
    with pytest.raises(ValueError, match="of 2 leads, but X has the shape"):
        ECGConverter(FS, target_leads=["I", "II"]).fit(_waves(FS))
    for leads, message in (
        ([], "must name at least one"),
        (["I", "i"], "names a lead"),
    ):
        with pytest.raises(ValueError, match=f"target_leads {message}"):
            ECGConverter(target_leads=leads).fit(_waves(FS))


def test_exchanged_arms_are_corrected_where_asked_for():
    X = make_lvh_ecg(12, fs=FS, random_state=0).data
    clear = find_doubts(exchange_electrodes(X, "LA/RA"), FS, LEAD_NAMES).exchanged
    X = X[clear == "LA/RA"]
    given = X.copy()
    given[[1, 4]] = exchange_electrodes(X[[1, 4]], "LA/RA")
    kept = given.copy()
    converter = ECGConverter(FS, correct_reversals=True).fit(X)
    message = (
        r"^2 of \d+ records of X \(at 1, 4\) looked .* were corrected; .*=False\. $"
    )
    with pytest.warns(UserWarning, match=message) as caught:
        np.testing.assert_array_equal(converter.transform(given), X)
    assert len(caught) == 1
    np.testing.assert_array_equal(given, kept)
    eight = [LEAD_NAMES.index(name) for name in INDEPENDENT_LEADS]
    of_eight = ECGConverter(FS, correct_reversals=True).fit(X[:, :, eight])
    with pytest.warns(UserWarning, match="were corrected"):
        mended = of_eight.transform(given[:, :, eight])
    np.testing.assert_allclose(mended, X[:, :, eight], atol=1e-5)
    as_given = ECGConverter(FS).fit(X)
    with pytest.warns(UserWarning, match=r"look as if electrodes were .* \(LA/RA\)"):
        np.testing.assert_array_equal(as_given.transform(given), given)


@pytest.mark.parametrize("form", ["plain", "labelled", "labelled, 500 Hz, eight leads"])
@pytest.mark.parametrize("nothing", [0.0, np.nan])
def test_lost_leads_are_estimated_where_asked_for(form, nothing):
    fs = 500 if "500" in form else FS
    leads = INDEPENDENT_LEADS if "eight" in form else LEAD_NAMES
    index = [LEAD_NAMES.index(name) for name in leads]
    whole = make_lvh_ecg(4, fs=fs, random_state=0).data[:, :, index]
    X = whole.copy()
    X[1][:, [index.index(0), index.index(10)]] = nothing  # I and V5
    X[3, :, -3:] = 0  # three leads are too many
    if form != "plain":
        X, whole = (labelled(values, fs, leads=leads) for values in (X, whole))
    make = partial(ECGConverter, FS, target_leads=LEAD_NAMES, duration=10)
    plain = make_lvh_ecg(4, fs=FS, random_state=0).data
    converter = make(fill_lost_leads=True).fit(plain)
    kept = np.array(X)
    estimated = r"^Leads .* in 1 of 4 records of X \(at 1\): I in 1, V5 in 1\. "
    with (
        pytest.warns(UserWarning, match=estimated),
        pytest.warns(UserWarning, match=r"^1 of 4 .* \(V4, V5, V6 in record 3\)\."),
    ):
        converted = np.asarray(converter.transform(X))
    np.testing.assert_array_equal(np.asarray(X), kept)
    expected = np.asarray(make().fit(plain).transform(whole))
    np.testing.assert_array_equal(converted[[0, 2]], expected[[0, 2]])
    limb = np.abs(converted - expected)[1, :, :6].max()
    assert limb < (0.4 if "eight" in form else 1e-5)  # exact where four others are left
    assert np.corrcoef(converted[1, :, 10], expected[1, :, 10])[0, 1] > 0.95
    assert (converted[3, :, 9:] == 0).all()
    assert np.ptp(converted[1], axis=0).min() > 0.1


def test_gaps_that_are_not_filled_stay_errors():
    X = make_lvh_ecg(3, fs=FS, random_state=0).data
    converter = ECGConverter(FS, fill_lost_leads=True).fit(X)
    for leads, times in (([9, 10, 11], slice(None)), ([10], slice(50))):
        broken = X.copy()
        broken[1, times, leads] = np.nan
        with pytest.raises(ValueError, match="X contains NaN in record 1"):
            converter.transform(broken)
    broken[1, :, 10] = np.nan
    with pytest.raises(ValueError, match="X contains NaN in record 1"):
        ECGConverter(FS).fit(X).transform(broken)
    with pytest.raises(ValueError, match="X contains NaN in record 1"):
        converter.transform(labelled(broken[:, :, :11], FS))


def test_lost_leads_that_the_output_does_not_have_are_not_named():
    X = make_lvh_ecg(2, fs=FS, random_state=0).data
    X[0, :, 8] = 0
    two = ECGConverter(FS, target_leads=["I", "II"], fill_lost_leads=True)
    two.fit(X[:, :, :2])
    np.testing.assert_array_equal(two.transform(labelled(X, FS)), X[:, :, :2])


def test_lost_leads_of_records_unlike_those_of_fit_are_an_error_of_their_number():
    X = make_lvh_ecg(2, fs=FS, random_state=0).data
    unnamed = ECGConverter(FS, fill_lost_leads=True).fit(X[:, :, :5])
    X[0, :, 8] = 0
    with (
        pytest.warns(UserWarning, match="Leads without a signal were estimated"),
        pytest.raises(ValueError, match="X has 12 leads, but ECGConverter was fitted"),
    ):
        unnamed.transform(labelled(X, FS))
