"""ECGFilter around filter_signal: parameters, labels, voltage."""

import numpy as np
import pytest
from sklearn.base import clone

from skecg import ECGFilter, load_ptbxl, make_lvh_ecg
from skecg.signal import filter_signal
from tests.preprocessing.records import assert_labels_kept, labelled

FS = 500
TIME = np.arange(5000) / FS
MIDDLE = slice(1000, 4000)


def _sine(frequency):
    return np.sin(2 * np.pi * frequency * TIME)[np.newaxis, :, np.newaxis]


def _noise(shape=(3, 400, 2), dtype=float):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def test_default_band_keeps_the_ecg_and_takes_baseline_and_hiss():
    kept = _sine(10)
    X = kept + 2.0 + _sine(0.05) + _sine(230)
    filtered = ECGFilter(fs=FS).fit_transform(X)
    error = np.abs(filtered - kept)[:, MIDDLE].max()
    assert error < 0.06  # the second-order high-pass leaves 1e-4, the low-pass 3 %


@pytest.mark.parametrize("order", [1, 2, 4])
def test_each_cutoff_halves_the_amplitude(order):
    for lowcut, highcut, frequency in [(5.0, None, 5), (None, 40.0, 40)]:
        ecg_filter = ECGFilter(FS, lowcut=lowcut, highcut=highcut, order=order)
        filtered = ecg_filter.fit_transform(_sine(frequency))
        np.testing.assert_allclose(
            filtered[:, MIDDLE], _sine(frequency)[:, MIDDLE] / 2, atol=5e-3
        )


def test_notch_takes_the_mains_out_and_leaves_its_neighbours():
    ecg_filter = ECGFilter(FS, lowcut=None, highcut=None, notch=50)
    X = 0.3 * _sine(50) + _sine(40)
    filtered = ecg_filter.fit_transform(X)
    np.testing.assert_allclose(filtered[:, MIDDLE], _sine(40)[:, MIDDLE], atol=0.02)


@pytest.mark.parametrize(
    ("fs", "parameters", "band"),
    [
        (500, {}, (0.5, 150.0)),
        (300, {}, (0.5, None)),
        (100, {}, (0.5, None)),
        (500, {"lowcut": None, "highcut": None}, (None, None)),
        (1000, {"lowcut": 0.05, "highcut": 100}, (0.05, 100.0)),
    ],
)
def test_band_as_used_is_told(fs, parameters, band):
    assert ECGFilter(fs, **parameters).fit(_noise()).band_ == band


@pytest.mark.parametrize(
    "parameters",
    [{}, {"lowcut": 1.0, "highcut": 40.0, "order": 4, "notch": 60}, {"n_jobs": 2}],
)
def test_transform_is_filter_signal_with_the_same_parameters(parameters):
    X = _noise()
    expected = filter_signal(X, 250, **parameters)
    np.testing.assert_array_equal(
        ECGFilter(250, **parameters).fit_transform(X), expected
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fs": 100, "highcut": 60}, "highcut=60 Hz must be below half"),
        ({"fs": 100, "highcut": 50.0}, "highcut=50.0 Hz must be below half"),
        ({"fs": 1.0}, r"lowcut=0.5 Hz must be below half .* Use lowcut=None"),
        ({"fs": 100, "notch": 50}, "notch=50 Hz must be below half"),
        ({"fs": 250, "lowcut": 40, "highcut": 10}, "lowcut must be below highcut"),
    ],
)
def test_cutoffs_that_the_rate_cannot_carry_are_named_with_a_remedy(
    parameters, message
):
    with pytest.raises(ValueError, match=message):
        ECGFilter(**parameters).fit(_noise())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fs", 0),
        ("lowcut", -1.0),
        ("highcut", "auto 150"),
        ("order", 0),
        ("order", 2.5),
        ("notch", "50"),
        ("copy", 3.0),
    ],
)
def test_parameters_out_of_range_are_named(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of ECGFilter"):
        ECGFilter(**{name: value}).fit(_noise())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_a_copy_x_is_filtered_in_place(dtype):
    X = _noise(dtype=dtype)
    expected = ECGFilter(FS).fit_transform(X.copy())
    filtered = ECGFilter(FS, copy=False).fit_transform(X)
    assert np.shares_memory(filtered, X)
    np.testing.assert_array_equal(X, expected)


def test_without_a_copy_a_read_only_x_is_still_filtered():
    X = _noise()
    X.flags.writeable = False
    filtered = ECGFilter(FS, copy=False).fit_transform(X)
    np.testing.assert_array_equal(filtered, ECGFilter(FS).fit_transform(X))


def test_labels_give_the_rate_and_are_kept():
    X = labelled(_noise(), fs=250.0)
    ecg_filter = clone(ECGFilter())
    filtered = ecg_filter.fit_transform(X)
    assert_labels_kept(X, filtered)
    assert filtered.coords["time"].equals(X.coords["time"])
    assert filtered.coords["lead"].equals(X.coords["lead"])
    assert ecg_filter.band_ == (0.5, None)
    expected = filter_signal(X.values, 250.0, 0.5, None)
    np.testing.assert_array_equal(filtered.values, expected)


def test_plain_records_after_labelled_ones_are_filtered_at_their_rate():
    X = labelled(_noise(), fs=1000.0)
    ecg_filter = ECGFilter().fit(X)
    np.testing.assert_array_equal(
        ecg_filter.transform(X.values), ecg_filter.transform(X)
    )


def test_microvolts_are_filtered_as_millivolts():
    X = labelled(_noise())
    microvolts = (1000 * X).assign_attrs(X.attrs | {"units": "uV"})
    filtered = ECGFilter().fit_transform(microvolts)
    assert filtered.attrs["units"] == "mV"
    np.testing.assert_allclose(filtered, ECGFilter().fit_transform(X), atol=1e-12)


def test_a_rate_that_contradicts_the_label_is_an_error():
    with pytest.raises(ValueError, match="has fs=500, but X is labelled with 250 Hz"):
        ECGFilter(fs=500).fit(labelled(_noise(), fs=250.0))


def _r_amplitudes(X, peaks, fs):
    """R peak over the level 80 to 60 ms before it: (n_beats, n_leads) a record."""
    half = round(0.02 * fs)
    before = slice(round(0.08 * fs), round(0.06 * fs))
    amplitudes = []
    for record, times in zip(X, peaks, strict=True):
        index = [i for i in times if i > before.start and i + half < len(record)]
        level = [
            np.median(record[i - before.start : i - before.stop], axis=0) for i in index
        ]
        top = [record[i - half : i + half + 1].max(axis=0) for i in index]
        amplitudes.append(np.median(np.array(top) - np.array(level), axis=0))
    return np.array(amplitudes)


def _assert_r_within_one_percent(X, peaks, fs):
    before = _r_amplitudes(X, peaks, fs)
    after = _r_amplitudes(ECGFilter(fs).fit_transform(X), peaks, fs)
    tall = before > 0.5
    assert tall.sum() > len(X)
    change = after[tall] / before[tall] - 1
    assert abs(np.median(change)) < 0.01
    return change


def test_r_amplitude_of_clean_beats_is_kept_within_one_percent():
    cohort = make_lvh_ecg(20, noise=0, random_state=0)
    peaks = [np.round(times * FS).astype(int) for times in cohort.r_times]
    change = _assert_r_within_one_percent(cohort.data, peaks, FS)
    assert np.abs(change).max() < 0.02


@pytest.mark.ptbxl
def test_r_amplitude_of_real_beats_is_kept_within_one_percent(ptbxl500_path):
    X = load_ptbxl(ptbxl500_path, fs=500).data
    peaks = []
    for record in X:
        # Crude and independent of skecg: the steepest moments of all leads together.
        slope = np.abs(np.diff(record, axis=0)).sum(axis=1)
        slope = np.convolve(slope, np.ones(40), "same")
        (steep,) = np.nonzero(slope > 0.6 * np.quantile(slope, 0.99))
        runs = np.split(steep, np.flatnonzero(np.diff(steep) > 50) + 1)
        peaks.append([run[slope[run].argmax()] for run in runs])
    _assert_r_within_one_percent(X, peaks, FS)
