"""Which beats belong together, and the beat that stands for them."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from skecg.signal._blocks import check_beats, check_ecg_rate, check_record

DOMINANT, PREMATURE, OTHER_SHAPE, NOISY, CUT = range(5)
"""The classes of :func:`classify_beats`."""

BEFORE, AFTER = 0.4, 0.65
"""How far a median beat reaches before and after its fiducial sample (s)."""

REACH = 0.65
"""How far before it waves are looked for (s): PR intervals reach 0.5 s."""

RATE = 500.0
"""Records of a lower rate are up-sampled to it (Hz)."""

SHORTEST = 1.0
"""Beats of a shorter record are not measured (s)."""

QRS = 0.08
"""How far on either side of it the shapes of QRS complexes are compared (s)."""

FEWEST_BEATS = 3
"""A median beat of fewer is doubtful."""

ALIKE = 0.85
"""Least correlation of two beats of one shape."""

_NEEDED = (0.25, 0.4)  # s before and after: inside the record, or the beat is cut
_SEARCH = 0.024  # s: how far alignment may move a beat
_USUAL_NOISE = 0.03  # mV
_PREMATURE = 0.8  # of the usual interval to the beat before
_MOST_COMPARED, _LEAST_COMPARED = 20, 2000  # beats, values of each: else sorting wins
_PQ = (0.12, 0.06)  # s before the fiducial sample: the level taken off each beat


class BeatClasses(NamedTuple):
    """Result of :func:`classify_beats`."""

    beats: np.ndarray
    classes: np.ndarray


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


def _unit(shapes: np.ndarray) -> np.ndarray:
    """Centre each lead of each beat, flatten, and divide by the length."""
    flat = (shapes - shapes.mean(axis=1, keepdims=True)).reshape(len(shapes), -1)
    size = np.sqrt(np.einsum("bi,bi->b", flat, flat))
    return flat / np.maximum(size, 1e-12)[:, None]


def _clearness(coarse: np.ndarray) -> np.ndarray:
    """Weigh the leads by how little their beats differ from the median one."""
    typical = _median_of_first_axis(coarse.copy())
    apart = _median_of_first_axis(np.abs(coarse - typical)).mean(axis=0)
    return (1 / (apart + _USUAL_NOISE)).astype(coarse.dtype)


def _largest_family(unit: np.ndarray, intervals: np.ndarray) -> np.ndarray:
    """Mark the beats of the shape that is commonest, counting late beats for more."""
    # The product of two unit vectors without mean is their correlation.
    alike = unit @ unit.T > ALIKE
    np.fill_diagonal(alike, True)  # a beat without any shape too
    score = alike @ intervals
    return alike[score.argmax()]


def _align(
    x: np.ndarray, beats: np.ndarray, family: np.ndarray, weight: np.ndarray, fs: float
) -> np.ndarray:
    """Move each beat to where it fits the family's median best."""
    half = round(QRS * fs)
    # The template of beats that lie on each other is sharper: so a second, finer round.
    for reach in (round(_SEARCH * fs), round(_SEARCH * fs / 3)):
        template = windows(x, beats[family], half, half).mean(axis=0)
        # Squared, as the beats in `wide` are not weighted.
        template = (template - template.mean(axis=0)) * weight**2
        wide = windows(x, beats, half + reach, half + reach).reshape(len(beats), -1)
        # All leads of a sample stand together: a window is a stretch of the row.
        slid = sliding_window_view(wide, template.size, axis=1)[:, :: x.shape[1]]
        fit = np.einsum("bsk,k->bs", slid, template.ravel())
        beats = beats + fit.argmax(axis=1) - reach
    return beats


def classify_beats(x: np.ndarray, fs: float, beats: np.ndarray) -> BeatClasses:
    """Align beats with each other and tell which belong into the median beat.

    Parameters
    ----------
    x : ndarray of shape (n_times, n_leads)
        One record in mV.
    fs : float
        Sampling rate in Hz.
    beats : ndarray of int, shape (n_beats,)
        Samples of the beats, as :func:`detect_beats` gives them.

    Returns
    -------
    beats : ndarray of int, shape (n_beats,)
        The samples, each moved by up to 32 ms so that the beats lie on each other.
    classes : ndarray of int, shape (n_beats,)
        0 dominant: of the commonest shape and in time; 1 premature: of that shape, but
        after less than 80 % of the usual interval; 2 of another shape, such as a
        ventricular ectopic beat; 3 noisy; 4 cut by an end of the record.

    See Also
    --------
    median_beat : The beat that stands for the dominant ones.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.signal import classify_beats
    >>> t = np.arange(0, 5, 1 / 500)
    >>> x = sum(np.exp(-((t - r) ** 2) / 2e-4) for r in (0.6, 1.4, 2.2, 3.8))
    >>> x -= np.exp(-((t - 3.0) ** 2) / 2e-3)  # a wide beat of opposite sign
    >>> beats = np.array([300, 700, 1100, 1500, 1900])
    >>> classify_beats(x[:, None], 500.0, beats).classes.tolist()
    [0, 0, 0, 2, 0]
    """
    x, fs, beats = check_record(x), check_ecg_rate(fs), check_beats(beats)
    if not len(beats):
        return BeatClasses(beats, np.zeros(0, int))
    intervals = np.diff(beats, prepend=np.nan)
    usual = np.nanmedian(intervals) if len(beats) > 1 else np.nan
    # Nothing is known before the first beat.
    intervals[0] = usual
    intervals = np.nan_to_num(intervals / usual, nan=1.0)
    half = round(QRS * fs)
    # 125 Hz hold the shape of a QRS complex, at a quarter of the work.
    step = max(1, round(fs / 125))
    coarse = windows(x, beats, half, half)[:, ::step]
    coarse = coarse - coarse.mean(axis=1, keepdims=True)
    weight = _clearness(coarse)
    family = _largest_family(_unit(coarse * weight), intervals)
    beats = _align(x, beats, family, weight, fs)
    shapes = windows(x, beats, half, half) * weight
    template = shapes[family].mean(axis=0)
    fit = _unit(shapes) @ _unit(template[None])[0]
    # The last that applies prevails: a beat that is cut cannot be told to be noisy.
    classes = np.where(intervals < _PREMATURE, PREMATURE, DOMINANT)
    classes[fit < _limit(fit[family])] = OTHER_SHAPE
    classes[_restless(x, fs, beats, classes <= PREMATURE)] = NOISY
    before, after = (round(s * fs) for s in _NEEDED)
    classes[(beats < before) | (beats + after > len(x))] = CUT
    return BeatClasses(beats, classes)


def _limit(fit: np.ndarray) -> float:
    """Choose the least fit that still counts as the family's shape."""
    return min(0.92, float(np.median(fit)) - 0.06)


def _restless(
    x: np.ndarray, fs: float, beats: np.ndarray, candidates: np.ndarray
) -> np.ndarray:
    """Mark candidates that differ from the others far more than is usual."""
    noisy = np.zeros(len(beats), bool)
    if candidates.sum() < 4:
        return noisy
    step = max(1, round(fs / 125))
    left, right = (round(s * fs) for s in _NEEDED)
    cut = windows(x, beats[candidates], left, right)[:, ::step]
    cut = cut - cut.mean(axis=1, keepdims=True)
    typical = _median_of_first_axis(cut.copy())
    apart = np.abs(cut - typical).mean(axis=1)  # (n_beats, n_leads)
    usual = _median_of_first_axis(apart.copy())
    noisy[candidates] = np.any(apart > 4 * usual + 0.03, axis=1)
    return noisy


def chosen_beats(classes: np.ndarray) -> np.ndarray:
    """Mark the beats for the median beat: the dominant, else premature ones too."""
    chosen = classes == DOMINANT
    if chosen.sum() < 3:
        # Their QRS complex is conducted alike; two beats would be no median.
        chosen = classes <= PREMATURE
    if len(classes) >= 4 and chosen.sum() < 0.25 * len(classes):
        return np.zeros(len(classes), bool)
    return chosen


def count_left_out(classes: np.ndarray) -> int:
    """Count the beats that a median beat leaves out for their shape or noise."""
    return int(np.isin(classes, (OTHER_SHAPE, NOISY)).sum())


def share_left_out(used: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return the share of beats that a median beat leaves out for their shape or noise.

    Parameters
    ----------
    used, left_out : ndarray of int, shape (n_records,)
        Beats of each record in the median beat, and left out of it.

    Returns
    -------
    ndarray of shape (n_records,)
        The share from 0 to 1; 1 where fewer than three beats are used.

    Examples
    --------
    >>> share_left_out(np.array([9, 6, 2]), np.array([1, 4, 0])).tolist()
    [0.1, 0.4, 1.0]
    """
    share = left_out / np.maximum(used + left_out, 1)
    return np.where(used < FEWEST_BEATS, 1.0, share)


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
    >>> import numpy as np
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
    return _median_of_first_axis(level_windows(x, fs, beats, left, right))


def _median_of_first_axis(cut: np.ndarray) -> np.ndarray:
    """Do what numpy.median does, several times as fast on a dozen beats; spoils `cut`.

    Of large beats without NaN, whole beats are compared with each other, by the steps
    of Batcher's sorting network on which the middle depends.
    """
    n, middle = len(cut), len(cut) // 2
    if n > _MOST_COMPARED or cut[0].size < _LEAST_COMPARED or np.isnan(cut.sum()):
        cut.sort(axis=0)
    else:
        lower = np.empty_like(cut[0])
        for a, b in _comparisons(n):
            np.minimum(cut[a], cut[b], out=lower)
            np.maximum(cut[a], cut[b], out=cut[b])
            cut[a] = lower
    return cut[middle] if n % 2 else 0.5 * (cut[middle - 1] + cut[middle])


@cache
def _comparisons(n: int) -> tuple[tuple[int, int], ...]:
    """Return which of n values to exchange, if the second is less, to find the middle.

    Batcher's merge exchange (Knuth, The Art of Computer Programming, volume 3,
    algorithm 5.2.2M), without the steps that do not reach the middle.
    """
    steps = []
    top = p = 1 << max(n - 1, 1).bit_length() - 1
    while p:
        q, r, d = top, 0, p
        while d:
            steps += [(i, i + d) for i in range(n - d) if i & p == r]
            d, q, r = q - p, q // 2, p
            if q < p:
                break
        p //= 2
    needed, kept = {n // 2, (n - 1) // 2}, []
    for step in reversed(steps):
        if needed & {*step}:
            needed |= {*step}
            kept.append(step)
    return tuple(reversed(kept))


def noise_of(
    x: np.ndarray, fs: float, beats: np.ndarray, beat: np.ndarray
) -> np.ndarray:
    """Estimate the noise of each lead of the median beat: (n_leads,), mV.

    The root mean square over the 200 ms before the QRS of the beats' deviations from
    their median, as it is left after a median over them. 0 for one beat, which says
    nothing about its noise.
    """
    if len(beats) < 2:
        return np.zeros(x.shape[1])
    centre, step = len(beat) - round(AFTER * fs), max(1, round(fs / 125))
    where = np.arange(-round(0.25 * fs), -round(0.05 * fs), step)
    cut = x[np.clip(beats[:, None] + where, 0, len(x) - 1)]
    apart = cut - cut.mean(axis=1, keepdims=True)
    typical = beat[centre + where]
    apart = apart - (typical - typical.mean(axis=0))
    size = _median_of_first_axis(np.square(apart).mean(axis=1))
    # A median of normal values spreads sqrt(pi / 2) = 1.25 times as far as a mean.
    return 1.25 * np.sqrt(size / (len(beats) - 1))


def clear_of(gap: np.ndarray, fs: float, beats: np.ndarray) -> np.ndarray:
    """Keep the beats whose surroundings have no gap (a mask over the samples)."""
    count = np.concatenate([[0], np.cumsum(gap)])
    before, after = (round(s * fs) for s in _NEEDED)
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
