"""ECGResampler around resample_signal: lengths, labels, rates."""

import numpy as np
import pytest

from skecg import ECGResampler
from skecg.signal import resample_signal
from tests.preprocessing.records import assert_labels_kept, labelled


def _wave(fs, n_times, frequency=7.0):
    time = np.arange(n_times) / fs
    return (1.5 + np.cos(2 * np.pi * frequency * time))[np.newaxis, :, np.newaxis]


@pytest.mark.parametrize(
    ("fs", "n_times", "target_fs"),
    [
        (500, 5000, 100),
        (500, 5000, 250),
        (360, 3600, 100),
        (100, 1000, 500),
        (257, 2570, 128),
        (400, 4001, 100),
        (128.5, 1285, 100),
    ],
)
def test_a_wave_in_the_band_is_the_same_wave_at_the_new_rate(fs, n_times, target_fs):
    X = _wave(fs, n_times)
    resampled = ECGResampler(fs, target_fs=target_fs).fit_transform(X)
    n_expected = round(n_times * target_fs / fs)
    assert resampled.shape == (1, n_expected, 1)
    expected = _wave(target_fs, n_expected)
    middle = slice(n_expected // 10, -n_expected // 10)
    np.testing.assert_allclose(resampled[:, middle], expected[:, middle], atol=1e-3)


def test_a_wave_above_the_new_nyquist_frequency_is_removed_and_not_folded():
    X = _wave(500, 5000, frequency=80.0)
    resampled = ECGResampler(500, target_fs=100).fit_transform(X)
    np.testing.assert_allclose(resampled[:, 100:-100], 1.5, atol=1e-3)


def test_a_constant_baseline_does_not_dip_at_the_ends():
    X = np.full((2, 5000, 3), 4.0)
    resampled = ECGResampler(500, target_fs=100).fit_transform(X)
    np.testing.assert_allclose(resampled, 4.0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_transform_is_resample_signal(dtype):
    X = np.random.default_rng(0).normal(size=(3, 500, 2)).astype(dtype)
    resampled = ECGResampler(250, target_fs=100, n_jobs=1).fit_transform(X)
    assert resampled.dtype == dtype
    np.testing.assert_array_equal(resampled, resample_signal(X, 250, 100))


def test_equal_rates_give_a_copy():
    X = _wave(500, 5000)
    resampled = ECGResampler(500, target_fs=500).fit_transform(X)
    np.testing.assert_array_equal(resampled, X)
    assert not np.shares_memory(resampled, X)


def test_time_is_that_of_the_new_rate_and_all_else_is_kept():
    X = labelled(np.repeat(_wave(500, 5000), 4, axis=0), start=2.0)
    resampled = ECGResampler(target_fs=100).fit_transform(X)
    assert_labels_kept(X, resampled)
    assert resampled.coords["lead"].equals(X.coords["lead"])
    expected = 2.0 + np.arange(1000) / 100
    np.testing.assert_allclose(resampled.coords["time"], expected, rtol=0, atol=1e-12)


def test_labelled_records_of_any_rate_come_out_at_the_target_rate():
    resampler = ECGResampler(target_fs=100).fit(labelled(_wave(500, 5000)))
    for fs in (500, 250, 360):
        resampled = resampler.transform(labelled(_wave(fs, 10 * fs), fs))
        assert resampled.shape == (1, 1000, 1)
        np.testing.assert_allclose(
            resampled[:, 100:-100], _wave(100, 1000)[:, 100:-100], atol=1e-3
        )


def test_plain_records_of_another_length_are_an_error():
    resampler = ECGResampler(500).fit(_wave(500, 5000))
    with pytest.raises(ValueError, match="X has 2500 features"):
        resampler.transform(_wave(250, 2500))


def test_a_rate_that_contradicts_the_label_is_an_error():
    with pytest.raises(ValueError, match="has fs=500, but X is labelled with 250 Hz"):
        ECGResampler(fs=500).fit(labelled(_wave(250, 2500), 250.0))


@pytest.mark.parametrize(
    ("name", "value"), [("fs", -1), ("target_fs", 0), ("target_fs", None)]
)
def test_parameters_out_of_range_are_named(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of ECGResampler"):
        ECGResampler(**{name: value}).fit(_wave(500, 100))
