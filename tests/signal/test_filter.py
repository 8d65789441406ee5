"""The zero-phase filter against formulas, scipy's recursion and real beats."""

import numpy as np
import pytest
from scipy import signal

from skecg.signal import filter_signal, resolve_band

FS = 500
MIDDLE = slice(2000, 3000)


def _sine(frequency, n_times=5000, fs=FS, phase=0.3):
    return np.sin(2 * np.pi * frequency * np.arange(n_times) / fs + phase)


def _ecg_like(n_records=3, n_times=5000, n_leads=12, fs=FS, seed=0):
    """Beats, wander, mains, noise and an offset; every lead of a record differs."""
    rng = np.random.default_rng(seed)
    time = np.arange(n_times) / fs
    beat = np.exp(-0.5 * (((time - 0.4) % 0.8 - 0.4) / 0.012) ** 2)
    wander = np.sin(2 * np.pi * 0.2 * time)
    mains = np.sin(2 * np.pi * 50 * time)
    parts = np.stack([beat, wander, mains, np.ones(n_times)], axis=1)
    size = rng.normal(size=(n_records, 4, n_leads)) * [[1.5], [0.3], [0.1], [1.0]]
    return parts @ size + rng.normal(scale=0.02, size=(n_records, n_times, n_leads))


def _scipy_reference(X, fs, lowcut, highcut, order, notch):
    """scipy's recursions in float64 on a long mirrored extension."""
    n_times = X.shape[1]
    index = np.arange(n_times) - (n_times - 1) / 2
    invisible = [np.ones(n_times), index] if lowcut else []
    if notch:
        angle = 2 * np.pi * notch / fs * index
        invisible += [np.cos(angle), np.sin(angle)]
    X = X.astype(float)
    if invisible:
        basis = np.stack(invisible, axis=1)
        X = X - basis @ (np.linalg.pinv(basis) @ X)
    n_added = int(8 * fs / (lowcut or 1))
    X = np.pad(X, ((0, 0), (n_added, n_added), (0, 0)), mode="symmetric")
    if lowcut or highcut:
        kind = "band" if lowcut and highcut else "high" if lowcut else "low"
        cutoffs = [cutoff for cutoff in (lowcut, highcut) if cutoff]
        sos = signal.butter(order, np.squeeze(cutoffs), kind, fs=fs, output="sos")
        X = signal.sosfiltfilt(sos, X, axis=1, padlen=0)
    if notch:
        X = signal.filtfilt(*signal.iirnotch(notch, 30, fs), X, axis=1, padlen=0)
    return X[:, n_added:-n_added]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_times", [5000, 1009, 400])
@pytest.mark.parametrize(
    ("lowcut", "highcut", "order", "notch"),
    [
        (0.5, 150.0, 4, None),
        (0.5, None, 2, 50),
        (0.67, 40.0, 1, 60),
        (None, 100.0, 3, None),
        (None, None, 4, 50),
        (0.05, 150.0, 2, None),
    ],
)
def test_filter_agrees_with_scipy_within_a_tenth_of_a_microvolt(
    dtype, n_times, lowcut, highcut, order, notch
):
    X = _ecg_like(2, n_times, 3).astype(dtype)
    expected = _scipy_reference(X, FS, lowcut, highcut, order, notch)
    filtered = filter_signal(X, FS, lowcut, highcut, order, notch)
    assert filtered.dtype == dtype
    np.testing.assert_allclose(filtered, expected, rtol=0, atol=1e-4)


def test_float32_bears_an_electrode_offset_of_300_mv():
    X = (_ecg_like(1) + 300).astype("float32")
    expected = _scipy_reference(X, FS, 0.5, 150.0, 4, None)
    np.testing.assert_allclose(filter_signal(X, FS), expected, rtol=0, atol=1e-4)


def test_a_wave_in_the_band_keeps_amplitude_and_phase():
    wave = _sine(10)
    filtered = filter_signal(wave[None], FS)[0]
    np.testing.assert_allclose(filtered[MIDDLE], wave[MIDDLE], atol=2e-4)


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("frequency", [0.25, 0.5, 150.0, 200.0])
def test_a_wave_is_attenuated_as_the_butterworth_formula_says(order, frequency):
    wave = _sine(frequency, n_times=50_000)
    filtered = filter_signal(wave[None], FS, order=order)[0]
    sos = signal.butter(order, [0.5, 150], "band", fs=FS, output="sos")
    gain = np.abs(signal.sosfreqz(sos, [frequency], fs=FS)[1][0]) ** 2
    middle = slice(20_000, 30_000)
    np.testing.assert_allclose(filtered[middle], gain * wave[middle], atol=1e-4)


@pytest.mark.parametrize(
    ("cutoffs", "frequency"), [((0.5, None), 0.5), ((None, 40), 40)]
)
def test_one_open_side_halves_the_amplitude_at_the_other_cutoff(cutoffs, frequency):
    wave = _sine(frequency, n_times=50_000)
    filtered = filter_signal(wave[None], FS, *cutoffs)[0]
    middle = slice(20_000, 30_000)
    np.testing.assert_allclose(filtered[middle], wave[middle] / 2, atol=1e-4)


def test_level_and_drift_of_the_baseline_are_removed_up_to_the_ends():
    time = np.arange(5000) / FS
    drift = np.stack([np.full(5000, 3.0), 1.0 + 0.5 * time], axis=1)[None]
    assert np.abs(filter_signal(drift, FS)).max() < 1e-9


@pytest.mark.parametrize("notch", [50, 60])
def test_mains_are_removed_up_to_the_ends_and_neighbours_kept(notch):
    mains = 0.3 * _sine(notch)
    assert np.abs(filter_signal(mains[None], FS, notch=notch)).max() < 1e-6
    neighbour = _sine(notch - 10)
    kept = filter_signal(neighbour[None], FS, notch=notch)[0]
    np.testing.assert_allclose(kept[MIDDLE], neighbour[MIDDLE], atol=0.02)


def test_open_filter_changes_nothing():
    X = _ecg_like(1)
    np.testing.assert_allclose(filter_signal(X, FS, None, None), X, atol=1e-12)


def test_ends_do_not_ring_where_a_record_is_cut_within_a_beat():
    # The middle of a long record has its neighbours; the same piece alone does not.
    time = np.arange(10_000) / FS
    beats = 2.0 * np.exp(-0.5 * (((time - 0.4) % 0.8 - 0.4) / 0.012) ** 2)
    long = (beats + 1.5)[None]
    start, stop = 2000, 8000  # both on the top of an R wave
    assert long[0, start] > 3.4
    piece = filter_signal(long[:, start:stop], FS)[0]
    error = np.abs(piece - filter_signal(long, FS)[0, start:stop])
    assert error.max() < 0.1
    assert error[FS:-FS].max() < 0.02
    sos = signal.butter(4, [0.5, 150], "band", fs=FS, output="sos")
    scipy_default = signal.sosfiltfilt(sos, long[0, start:stop])
    scipy_error = np.abs(scipy_default - filter_signal(long, FS)[0, start:stop])
    assert scipy_error.max() > 10 * error.max()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("notch", [None, 50])
@pytest.mark.parametrize("n_times", range(1, 12))
def test_shortest_records_give_finite_values(n_times, notch, dtype):
    X = np.random.default_rng(n_times).normal(size=(4, n_times)).astype(dtype)
    filtered = filter_signal(X, FS, notch=notch)
    assert filtered.shape == X.shape
    assert np.isfinite(filtered).all()
    assert np.abs(filtered).max() < 5


def test_one_lead_in_two_dimensions_equals_one_lead_in_three():
    X = _ecg_like(3, n_leads=1).astype("float32")
    flat = filter_signal(X[:, :, 0], FS, notch=50)
    assert flat.shape == (3, 5000)
    np.testing.assert_array_equal(flat, filter_signal(X, FS, notch=50)[:, :, 0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_leads", [1, 5, 12])
def test_a_record_is_filtered_alike_alone_in_a_batch_and_in_any_thread(n_leads, dtype):
    X = _ecg_like(9, 1000, n_leads).astype(dtype)
    batch = filter_signal(X, FS, notch=50, n_jobs=1)
    for n_jobs in (None, -1, 2, 3, 20):
        threads = filter_signal(X, FS, notch=50, n_jobs=n_jobs)
        np.testing.assert_array_equal(threads, batch)
    alone = [filter_signal(X[k : k + 1], FS, notch=50)[0] for k in range(9)]
    np.testing.assert_array_equal(np.stack(alone), batch)
    np.testing.assert_array_equal(filter_signal(X[::-2], FS, notch=50), batch[::-2])


def test_input_is_not_modified():
    X = _ecg_like()
    before = X.copy()
    filter_signal(X, FS, notch=50)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_dims", [2, 3])
def test_out_may_be_another_array_or_x_itself(dtype, n_dims):
    X = _ecg_like().astype(dtype)
    X = X if n_dims == 3 else np.ascontiguousarray(X[:, :, 0])
    expected = filter_signal(X, FS)
    out = np.full_like(X, np.nan)
    assert filter_signal(X, FS, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert filter_signal(X, FS, out=X) is X
    np.testing.assert_array_equal(X, expected)


def test_in_place_works_on_a_transposed_view():
    stored = np.ascontiguousarray(_ecg_like().transpose(0, 2, 1))
    X = stored.transpose(0, 2, 1)
    expected = filter_signal(X, FS)
    filter_signal(X, FS, out=X)
    np.testing.assert_allclose(stored.transpose(0, 2, 1), expected, atol=1e-12)


def test_read_only_memory_map_is_accepted(tmp_path):
    X = _ecg_like().astype("float32")
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    filtered = filter_signal(mapped, FS)
    assert type(filtered) is np.ndarray
    np.testing.assert_array_equal(filtered, filter_signal(X, FS))


def test_no_records_give_no_records():
    assert filter_signal(np.empty((0, 100, 12)), FS).shape == (0, 100, 12)


def test_nan_stays_within_its_lead_and_record():
    X = _ecg_like()
    expected = filter_signal(X, FS)
    X[1, 700, 2] = np.nan
    filtered = filter_signal(X, FS)
    assert np.isnan(filtered[1, :, 2]).all()
    filtered[1, :, 2] = expected[1, :, 2]
    np.testing.assert_array_equal(filtered, expected)


@pytest.mark.parametrize(
    ("fs", "expected"),
    [(1000, 150.0), (500, 150.0), (301, 150.0), (300, None), (250, None), (100, None)],
)
def test_auto_highcut_is_150_hz_where_the_rate_allows_it(fs, expected):
    assert resolve_band(fs) == (0.5, expected)


def test_open_sides_stay_open():
    assert resolve_band(500, None, None) == (None, None)
    assert resolve_band(500, 1, 40) == (1.0, 40.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"highcut": 250.0}, r"highcut=250.0 Hz must be below .* 250 Hz for fs=500 Hz"),
        ({"highcut": 300.0}, "Use highcut='auto' or None"),
        ({"lowcut": 250.0, "highcut": None}, "Use lowcut=None for no high-pass"),
        ({"notch": 250}, "notch=250 Hz must be below .* Use notch=None"),
        ({"lowcut": 0.0}, "lowcut must be a positive frequency in Hz or None, got 0.0"),
        ({"lowcut": "low"}, "lowcut must be a positive frequency .*, got 'low'"),
        ({"highcut": float("nan")}, "highcut must be a positive frequency .*, got nan"),
        ({"highcut": "none"}, "highcut must be .* 'auto' or None, got 'none'"),
        ({"lowcut": 40.0, "highcut": 40.0}, "lowcut must be below highcut, got lowcut"),
        ({"fs": 0}, "fs must be a positive number, the sampling rate in Hz, got 0"),
        ({"fs": np.inf}, "fs must be a positive number"),
        ({"fs": "500"}, "fs must be a positive number"),
    ],
)
def test_impossible_band_is_named_with_a_remedy(arguments, message):
    with pytest.raises(ValueError, match=message):
        resolve_band(**{"fs": 500} | arguments)
    X = np.zeros((1, 100))
    with pytest.raises(ValueError, match=message):
        filter_signal(X, **{"fs": 500} | arguments)


@pytest.mark.parametrize(
    ("X", "arguments", "error", "message"),
    [
        (np.zeros(100), {}, ValueError, r"X must have shape .*, got \(100,\)"),
        (np.zeros((2, 0)), {}, ValueError, "X must have at least one time point"),
        (np.zeros((2, 9), int), {}, TypeError, "X must be float32 or float64.* int64"),
        ([[0.0, 1.0]], {}, TypeError, "X must be a numpy array, got list"),
        (np.zeros((2, 9)), {"order": 0}, ValueError, "order must be .*, got 0"),
        (np.zeros((2, 9)), {"order": 2.0}, ValueError, "order must be .*, got 2.0"),
        (np.zeros((2, 9)), {"n_jobs": 0}, ValueError, "n_jobs must be .*, got 0"),
        (np.zeros((2, 9)), {"n_jobs": 1.5}, ValueError, "n_jobs must be .*, got 1.5"),
        (np.zeros((2, 9)), {"out": []}, ValueError, "out must be .*, got list"),
        (
            np.zeros((2, 9)),
            {"out": np.zeros((2, 9), "float32")},
            ValueError,
            r"out must be a writeable array .* got shape \(2, 9\), float32",
        ),
    ],
)
def test_invalid_arguments_are_named_with_what_was_received(
    X, arguments, error, message
):
    with pytest.raises(error, match=message):
        filter_signal(X, FS, **arguments)


def test_out_must_be_writeable_and_must_not_overlap_x():
    X = np.zeros((3, 9))
    with pytest.raises(ValueError, match="must not overlap X"):
        filter_signal(X[:2], FS, out=X[1:])
    X.flags.writeable = False
    with pytest.raises(ValueError, match="writeable=False"):
        filter_signal(X, FS, out=X)


@pytest.mark.ptbxl
@pytest.mark.parametrize("fs", [500, 100])
def test_filter_keeps_r_amplitude_within_one_percent(fs, request):
    fixture = {500: "ptbxl500_path", 100: "ptbxl_path"}[fs]
    folder = request.getfixturevalue(fixture)
    files = sorted(folder.glob(f"records{fs}/**/*.dat"))[:100]
    X = np.stack([np.fromfile(file, "<i2").reshape(-1, 12) for file in files]) / 1000
    changes = [
        change
        for record, filtered in zip(X, filter_signal(X, fs), strict=True)
        for change in _r_amplitude_changes(record, filtered, fs)
    ]
    assert len(changes) > 400
    assert np.abs(np.median(changes)) < 0.005
    assert np.mean(np.abs(changes) < 0.01) > 0.85


def _r_amplitude_changes(record, filtered, fs):
    """Relative change of each lead's median R above PQ, where R exceeds 0.5 mV."""
    sos = signal.butter(2, [5, 35], "band", fs=fs, output="sos")
    slope = np.gradient(signal.sosfiltfilt(sos, record, axis=0), axis=0)
    energy = np.sqrt((slope**2).sum(axis=1))
    beats, _ = signal.find_peaks(
        energy, height=0.5 * np.percentile(energy, 99), distance=int(0.3 * fs)
    )
    half, pq = int(0.06 * fs), int(0.05 * fs)
    beats = beats[(beats > 2 * half + pq) & (beats < len(record) - 2 * half)]
    if len(beats) < 3:
        return []
    windows = beats[:, None] + np.arange(-half, half)
    before = beats[:, None] + np.arange(-half - pq, -half)

    def amplitude(x):
        return x[windows].max(axis=1) - np.median(x[before], axis=1)

    old, new = amplitude(record), amplitude(filtered)
    tall = np.median(old, axis=0) > 0.5
    return np.median(new[:, tall] / old[:, tall] - 1, axis=0)
