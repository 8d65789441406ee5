"""Resampling against sines, known lengths and scipy's polyphase filter."""

from time import perf_counter

import numpy as np
import pytest
from scipy import signal

from skecg.signal import resample_signal

RATES = [(500, 100), (100, 500), (360, 100), (257, 100), (128.5, 100), (250, 1000 / 3)]


def _sine(frequency, fs, duration=10, phase=0.3):
    time = np.arange(round(duration * fs)) / fs
    return np.sin(2 * np.pi * frequency * time + phase)[None]


def _middle(x, fs, margin=2.0):
    return x[:, int(margin * fs) : -int(margin * fs)]


def _beats(fs, width=0.012):
    """Gaussian R waves of 1.5 mV on a baseline of 0.8 mV, as a function of time."""
    time = np.arange(10 * fs) / fs
    return 0.8 + 1.5 * np.exp(-0.5 * (((time - 0.4) % 0.8 - 0.4) / width) ** 2)[None]


@pytest.mark.parametrize(("fs", "target_fs"), RATES)
@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_wave_below_both_nyquist_frequencies_keeps_amplitude_and_time(
    fs, target_fs, part
):
    frequency = part * min(fs, target_fs) / 2
    resampled = resample_signal(_sine(frequency, fs), fs, target_fs)
    expected = _sine(frequency, target_fs)[:, : resampled.shape[1]]
    error = _middle(resampled - expected, target_fs)
    assert np.abs(error).max() < 1e-4


@pytest.mark.parametrize(("fs", "target_fs"), [(500, 100), (360, 100), (257, 100)])
@pytest.mark.parametrize("part", [1.02, 1.5, 1.9])
def test_a_wave_above_the_new_nyquist_frequency_does_not_alias(fs, target_fs, part):
    wave = _sine(part * target_fs / 2, fs)
    resampled = resample_signal(wave, fs, target_fs)
    assert np.abs(_middle(resampled, target_fs)).max() < 1e-3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("fs", "target_fs"), [*RATES, (499.87, 100)])
def test_a_constant_comes_back_exactly(fs, target_fs, dtype):
    X = np.full((2, 777, 3), 5.1, dtype)
    resampled = resample_signal(X, fs, target_fs)
    assert resampled.dtype == dtype
    np.testing.assert_array_equal(resampled, X[0, 0, 0])


@pytest.mark.parametrize(("fs", "target_fs"), [*RATES, (499.87, 100), (100, 99.9)])
@pytest.mark.parametrize("n_times", [1, 2, 3, 10, 997, 1000])
def test_length_is_the_rounded_duration_times_the_new_rate(fs, target_fs, n_times):
    X = np.random.default_rng(0).normal(size=(2, n_times))
    resampled = resample_signal(X, fs, target_fs)
    assert resampled.shape == (2, max(1, round(n_times * target_fs / fs)))
    assert np.isfinite(resampled).all()


def test_r_amplitude_survives_500_to_100_to_500_hz_without_delay():
    X = _beats(500)
    back = resample_signal(resample_signal(X, 500, 100), 100, 500)
    peaks, _ = signal.find_peaks(X[0], height=2)
    assert len(peaks) == 12
    np.testing.assert_allclose(back[0, peaks], 2.3, rtol=0.01)
    np.testing.assert_array_equal(signal.find_peaks(back[0], height=2)[0], peaks)
    np.testing.assert_allclose(back[:, 50:-50], X[:, 50:-50], atol=0.03)


@pytest.mark.parametrize("fs", [100, 250])
def test_beats_are_interpolated_to_their_true_shape(fs):
    error = resample_signal(_beats(fs, width=0.02), fs, 500) - _beats(500, width=0.02)
    assert np.abs(error).max() < 0.02
    assert np.abs(error[:, 50:-50]).max() < 5e-4


def test_downsampling_agrees_with_a_long_polyphase_filter():
    rng = np.random.default_rng(0)
    X = np.cumsum(rng.normal(size=(1, 5000, 2)), axis=1)
    taps = signal.firwin(2001, 0.19, window=("kaiser", 12))
    expected = signal.resample_poly(X, 1, 5, axis=1, window=taps, padtype="line")
    error = _middle(resample_signal(X, 500, 100) - expected, 100)
    # The two differ in their edges at 47.5 to 50 Hz alone.
    assert np.abs(error).max() < 0.02 * np.std(X)


def test_ends_do_not_dip_beside_a_beat_or_a_drift():
    X = _beats(500, width=0.02) + 0.2 * np.arange(5000) / 500
    resampled = resample_signal(X[:, 1000:4000], 500, 100)
    expected = resample_signal(X, 500, 100)[:, 200:800]
    assert np.abs(resampled - expected).max() < 0.02
    assert np.abs(resampled - expected)[:, 20:-20].max() < 1e-3


def test_equal_rates_give_a_copy():
    X = np.random.default_rng(0).normal(size=(2, 100, 3))
    resampled = resample_signal(X, 500, 500.0)
    np.testing.assert_array_equal(resampled, X)
    assert not np.shares_memory(resampled, X)
    assert resample_signal(X[:, :, 0], 500, 500).shape == (2, 100)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_leads", [1, 5, 12])
def test_a_record_is_resampled_alike_alone_in_a_batch_and_in_any_thread(n_leads, dtype):
    X = np.random.default_rng(0).normal(size=(9, 500, n_leads)).astype(dtype)
    before = X.copy()
    batch = resample_signal(X, 500, 100, n_jobs=1)
    for n_jobs in (None, -1, 2, 3, 20):
        threads = resample_signal(X, 500, 100, n_jobs=n_jobs)
        np.testing.assert_array_equal(threads, batch)
    alone = [resample_signal(X[k : k + 1], 500, 100)[0] for k in range(9)]
    np.testing.assert_array_equal(np.stack(alone), batch)
    np.testing.assert_array_equal(resample_signal(X[::-2], 500, 100), batch[::-2])
    np.testing.assert_array_equal(X, before)


def test_one_lead_in_two_dimensions_equals_one_lead_in_three():
    X = np.random.default_rng(0).normal(size=(3, 720, 1))
    flat = resample_signal(X[:, :, 0], 360, 100)
    np.testing.assert_array_equal(flat, resample_signal(X, 360, 100)[:, :, 0])


def test_float32_agrees_with_float64_within_a_microvolt():
    X = (_beats(500) + 300).astype("float32")
    expected = resample_signal(X.astype("float64"), 500, 100)
    # At 300 mV, float32 itself has a resolution of 0.03 uV.
    np.testing.assert_allclose(resample_signal(X, 500, 100), expected, atol=1e-4)


def test_read_only_memory_map_is_accepted(tmp_path):
    X = np.random.default_rng(0).normal(size=(3, 500, 2)).astype("float32")
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    resampled = resample_signal(mapped, 500, 100)
    assert type(resampled) is np.ndarray
    np.testing.assert_array_equal(resampled, resample_signal(X, 500, 100))


def test_no_records_give_no_records():
    assert resample_signal(np.empty((0, 100, 12)), 500, 100).shape == (0, 20, 12)


def test_cores_are_counted_where_the_system_has_no_affinity(monkeypatch):
    X = np.random.default_rng(0).normal(size=(3, 100))
    expected = resample_signal(X, 500, 100)
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    np.testing.assert_array_equal(resample_signal(X, 500, 100), expected)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"fs": -1}, ValueError, "^fs must be a positive number.*, got -1"),
        ({"target_fs": 0}, ValueError, "target_fs must be a positive number.*, got 0"),
        ({"target_fs": None}, ValueError, "target_fs must be .*, got None"),
        ({"n_jobs": 0}, ValueError, "n_jobs must be a number of threads.*, got 0"),
        ({"X": np.zeros((2, 9), "int16")}, TypeError, "float32 or float64.* int16"),
        ({"X": np.zeros((2, 9, 1, 1))}, ValueError, "X must have shape"),
    ],
)
def test_invalid_arguments_are_named_with_what_was_received(arguments, error, message):
    valid = {"X": np.zeros((2, 9)), "fs": 500, "target_fs": 100}
    with pytest.raises(error, match=message):
        resample_signal(**valid | arguments)


def test_an_odd_rate_takes_about_as_long_as_a_round_one():
    def seconds(fs):
        X = np.zeros((20, round(10 * fs), 12), np.float32)
        times = []
        for _ in range(5):
            start = perf_counter()
            resample_signal(X, fs, 100, n_jobs=1)
            times.append(perf_counter() - start)
        return min(times)

    assert seconds(499.907) < 10 * seconds(500)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_odd_rate_gives_the_samples_of_the_round_rate_beside_it(dtype):
    X = np.random.default_rng(0).normal(size=(2, 1200, 3)).cumsum(axis=1) / 20
    X = X.astype(dtype)
    odd = resample_signal(X, 499.999, 100)
    round_ = resample_signal(X, 500, 100)
    assert odd.dtype == dtype
    np.testing.assert_allclose(odd, round_, atol=2e-3)
