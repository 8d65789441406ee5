"""ECGConverter: labelled records come out in one form; plain ones must have it."""

import numpy as np
import pytest

from skecg import ECGConverter
from skecg.signal import INDEPENDENT_LEADS, LEAD_NAMES
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


def test_shorter_records_are_an_error_that_names_the_remedy(converter):
    with pytest.raises(ValueError, match=r"last 8 s, but 10 s.*ECGCropper\(10\)"):
        converter.transform(labelled(_waves(500, duration=8), 500))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 5000, 12), r"X has 5000 features.*10 s at 100 Hz.*ECGResampler\(target_"),
        ((2, 1000, 8), r"X has 8 leads.*LeadSelector, or label X"),
        ((1000, 12), r"one record alone; give it as X\[np\.newaxis\]"),
        ((2, 12, 1000), r"X\.transpose\(0, 2, 1\)|X has 12 features"),
    ],
)
def test_plain_records_of_another_form_are_an_error(converter, shape, message):
    with pytest.raises(ValueError, match=message):
        converter.transform(np.ones(shape))


def test_labels_that_are_absent_count_like_those_of_plain_records(converter):
    X = labelled(_waves(500), 500).drop_vars("time")
    with pytest.raises(ValueError, match="5000 features"):
        converter.transform(X)
    X = labelled(_waves(FS), FS).drop_vars("lead")
    np.testing.assert_array_equal(converter.transform(X), X)
    with pytest.raises(ValueError, match="8 leads"):
        converter.transform(X[:, :, :8])


@pytest.mark.parametrize(
    ("factor", "message"),
    [(1000, "as if microvolts stood"), (1e-3, "as if volts stood")],
)
def test_another_unit_is_told_by_the_amplitude(converter, factor, message):
    with pytest.raises(ValueError, match=message):
        converter.transform(factor * _waves(FS))
    with pytest.raises(ValueError, match=message):
        converter.transform(labelled(factor * _waves(FS), FS))


def test_flat_records_are_of_any_unit(converter):
    assert (converter.transform(np.zeros((2, 1000, 12))) == 0).all()


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
    for leads in ([], ["I", "i"]):
        with pytest.raises(ValueError, match="each once"):
            ECGConverter(target_leads=leads).fit(_waves(FS))
