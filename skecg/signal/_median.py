"""The beat that stands for those of a record."""

import numpy as np

from skecg.signal._blocks import check_beats, check_ecg_rate, check_record
from skecg.signal._classes import NEEDED, chosen_beats
from skecg.signal._medians import median_of_beats

# How far a median beat reaches before and after its fiducial sample (s).
BEFORE, AFTER = 0.4, 0.65

# How far before it waves are looked for (s): PR intervals reach 0.5 s.
REACH = 0.65

# Records of a lower rate are up-sampled to it (Hz).
RATE = 500.0

# Beats of a shorter record are not measured (s).
SHORTEST = 1.0

_PQ = (0.12, 0.06)  # s before the fiducial sample: the level taken off each beat


def windows(x: np.ndarray, beats: np.ndarray, left: int, right: int) -> np.ndarray:
    """Cut (n_beats, left + right, n_leads) around beats; edges repeat."""
    where = beats[:, None] + np.arange(-left, right)
    return x.take(where, axis=0, mode="clip")


def level_windows(
    x: np.ndarray, fs: float, beats: np.ndarray, left: int, right: int
) -> np.ndarray:
    """Cut windows around beats, each less its level between P and QRS."""
    cut = windows(x, beats, left, right)
    first, last = (left - round(s * fs) for s in _PQ)
    return cut - cut[:, first:last].mean(axis=1, keepdims=True)


def median_beat(
    x: np.ndarray,
    fs: float,
    beats: np.ndarray,
    classes: np.ndarray | None = None,
    *,
    before: float = BEFORE,
) -> np.ndarray:
    """Take the median over a record's dominant beats, sample by sample.

    Parameters
    ----------
    x : ndarray of shape (n_times, n_leads)
        One record in mV, its baseline wander removed.
    fs : float
        Sampling rate in Hz.
    beats : ndarray of int, shape (n_beats,)
        Samples of the aligned beats.
    classes : ndarray of int, shape (n_beats,), default=None
        As :func:`classify_beats` gives them; None takes every beat.
    before : float, default=0.4
        How far the median beat reaches before the beats' samples, in s.

    Returns
    -------
    ndarray of shape (n_before + n_after, n_leads)
        From `before` ahead of the beats' samples to 0.65 s after them, in mV, each lead
        about 0 between P and QRS. NaN where no beat can be taken, which is also so
        where less than a quarter of four or more beats share one shape.

    Examples
    --------
    >>> t = np.arange(0, 5, 1 / 500)
    >>> x = sum(np.exp(-((t - r) ** 2) / 2e-4) for r in (0.6, 1.4, 2.2, 3.0, 3.8))
    >>> beat = median_beat(x[:, None], 500.0, np.array([300, 700, 1100, 1500, 1900]))
    >>> beat.shape, beat.max().round(3)
    ((525, 1), np.float64(1.0))
    """
    x, fs, beats = check_record(x, gaps=True), check_ecg_rate(fs), check_beats(beats)
    left, right = round(before * fs), round(AFTER * fs)
    if classes is not None:
        beats = beats[chosen_beats(np.asarray(classes))]
    if not len(beats):
        return np.full((left + right, x.shape[1]), np.nan, x.dtype)
    return median_of_beats(level_windows(x, fs, beats, left, right))


def noise_of(
    x: np.ndarray, fs: float, beats: np.ndarray, beat: np.ndarray
) -> np.ndarray:
    """Estimate the noise of each lead of the median beat: (n_leads,), mV."""
    # The root mean square over the 200 ms before the QRS of the beats' deviations from
    # their median, as it is left after a median over them. 0 for one beat, which says
    # nothing about its noise.
    if len(beats) < 2:
        return np.zeros(x.shape[1])
    centre, step = len(beat) - round(AFTER * fs), max(1, round(fs / 125))
    where = np.arange(-round(0.25 * fs), -round(0.05 * fs), step)
    cut = x[np.clip(beats[:, None] + where, 0, len(x) - 1)]
    apart = cut - cut.mean(axis=1, keepdims=True)
    typical = beat[centre + where]
    apart = apart - (typical - typical.mean(axis=0))
    size = median_of_beats(np.square(apart).mean(axis=1))
    # A median of normal values spreads sqrt(pi / 2) = 1.25 times as far as a mean.
    return 1.25 * np.sqrt(size / (len(beats) - 1))


def clear_of(gap: np.ndarray | None, fs: float, beats: np.ndarray) -> np.ndarray:
    """Keep the beats whose surroundings have no gap (a mask over the samples)."""
    if gap is None:
        return beats
    count = np.concatenate([[0], np.cumsum(gap)])
    before, after = (round(s * fs) for s in NEEDED)
    first = np.clip(beats - before, 0, len(gap))
    last = np.clip(beats + after, 0, len(gap))
    return beats[count[last] == count[first]]


def clear_intervals(gap: np.ndarray | None, beats: np.ndarray) -> np.ndarray:
    """Return the intervals between neighbouring beats that no gap interrupts."""
    intervals = np.diff(beats)
    if gap is None or not len(intervals):
        return intervals
    count = np.cumsum(gap)
    return intervals[count[beats[1:]] == count[beats[:-1]]]
