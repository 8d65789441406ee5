"""Records between two others: beats laid on each other, amplitudes interpolated."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skecg.signal._align import align_beats
from skecg.signal._beats import find_beats, front_end, remove_wander
from skecg.signal._blocks import check_ecg_rate, check_records
from skecg.signal._classes import (
    ALIKE,
    CUT,
    OTHER_SHAPE,
    QRS,
    BeatClasses,
    chosen_beats,
    classify_all,
)
from skecg.signal._leads import limb_weights
from skecg.signal._median import (
    AFTER,
    BEFORE,
    RATE,
    SHORTEST,
    level_windows,
    windows,
)
from skecg.signal._resample import resample_signal
from skecg.utils import LEAD_NAMES, canonical_lead_name

_BLOCK = 32  # records worked on at once
# Shares of the interval that belong to the beat after it, and to the one before.
_BEFORE, _AFTER = 0.4, 0.6
_FADE = 0.04  # s
_ROUNDS = 2  # of bringing the QRS to its height
_MOST = 0.3  # share by which its height may be corrected


class RecordBeats(NamedTuple):
    """Result of :func:`find_record_beats`.

    Attributes
    ----------
    mean : float32 ndarray of shape (n_records, n_samples, n_leads)
        Mean beat of each record in mV, from 0.4 s before the fiducial sample to 0.65 s
        after it, tapered where the next beats begin; 0 where there is none.
    fs : float
        Sampling rate of the mean beats in Hz.
    times : list of ndarray of shape (n_beats,)
        Times in s of each record's beats of that shape.
    borders : list of ndarray of shape (n_beats, 2)
        Times in s where each of them begins and ends.
    found : ndarray of bool, shape (n_records,)
        Which records have a mean beat.
    """

    mean: np.ndarray
    fs: float
    times: list[np.ndarray]
    borders: list[np.ndarray]
    found: np.ndarray


def find_record_beats(X: np.ndarray, fs: float) -> RecordBeats:
    """Find the beats of records, and the mean beat of each.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Records in mV, without NaN.
    fs : float
        Sampling rate in Hz, at least 80. Below 500 Hz the records are first
        up-sampled, band-limited, to 500 Hz.

    Returns
    -------
    RecordBeats
        The beats. Those that are cut off, noisy or of another shape take no part in
        the mean, which unlike a median keeps what is linear in the leads, such as
        Einthoven's law.

    See Also
    --------
    blend_records : What they are for.

    Examples
    --------
    >>> t = np.arange(0, 5, 1 / 500)
    >>> X = np.exp(-0.5 * (((t % 0.8) - 0.4) / 0.012) ** 2)[None, :, None]
    >>> beats = find_record_beats(X, fs=500.0)
    >>> beats.times[0].round(3).tolist(), beats.found.tolist()
    ([0.4, 1.2, 2.0, 2.8, 3.6, 4.4], [True])
    """
    X, fs = check_records(X), check_ecg_rate(fs)
    rate = max(fs, RATE)
    n_samples = round(BEFORE * rate) + round(AFTER * rate)
    mean = np.zeros((len(X), n_samples, X.shape[2]), np.float32)
    times = [np.zeros(0) for _ in X]
    borders = [np.zeros((0, 2)) for _ in X]
    long_enough = X.shape[1] >= SHORTEST * fs
    for start in range(0, len(X) if long_enough else 0, _BLOCK):
        x = X[start : start + _BLOCK]
        x = (x - np.median(x, axis=1, keepdims=True)).astype(np.float32)
        if fs < rate:
            x = resample_signal(x, fs, rate, n_jobs=1)
        front = front_end(x, rate)
        samples = find_beats(x, rate, front)
        remove_wander(x, rate, front)
        classified = classify_all(x, rate, samples)
        for k, (record, found) in enumerate(zip(x, classified, strict=True), start):
            mean[k], times[k], borders[k] = _one_record(record, rate, found)
    any_beat = np.abs(mean).max(axis=(1, 2)) > 0
    return RecordBeats(mean, rate, times, borders, any_beat)


def _one_record(
    x: np.ndarray, rate: float, classified: BeatClasses
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a record's mean beat, and the times and borders of its beats in s."""
    beats, classes = classified
    chosen = chosen_beats(classes)
    left, right = round(BEFORE * rate), round(AFTER * rate)
    if not chosen.any():
        none = np.zeros((left + right, x.shape[1]), x.dtype)
        return none, np.zeros(0), np.zeros((0, 2))
    mean = level_windows(x, rate, beats[chosen], left, right).mean(axis=0)
    alike = classes != OTHER_SHAPE
    # A beat that is cut takes no part in the mean, but has its place in the record.
    alike[classes == CUT] = _is_of_shape(x, rate, beats[classes == CUT], mean)
    times = beats / rate
    # The first and the last beat reach as far as the record does.
    gaps = np.diff(times, prepend=-np.inf, append=np.inf)
    usual = np.median(gaps)
    span = max(-BEFORE, -_BEFORE * usual), min(AFTER, _AFTER * usual)
    mean *= _window(np.arange(-left, right) / rate, *span).astype(x.dtype)
    borders = np.stack([times - _BEFORE * gaps[:-1], times + _AFTER * gaps[1:]], axis=1)
    return mean, times[alike], borders[alike]


def _is_of_shape(
    x: np.ndarray, rate: float, beats: np.ndarray, mean: np.ndarray
) -> np.ndarray:
    """Mark beats whose QRS complex has the shape of the mean beat's."""
    half, centre = round(QRS * rate), round(BEFORE * rate)
    model = mean[centre - half : centre + half]
    model = model - model.mean(axis=0)
    cut = windows(x, beats, half, half)
    cut = cut - cut.mean(axis=1, keepdims=True)
    size = np.sqrt((cut**2).sum(axis=(1, 2)) * (model**2).sum())
    return (cut * model).sum(axis=(1, 2)) > ALIKE * np.maximum(size, 1e-12)


def _window(when: np.ndarray, first: float, last: float) -> np.ndarray:
    """Rise from 0 to 1 around `first` and fall around `last` (s): (n_times, 1)."""
    from_first = 0.5 * np.sin(np.pi * np.clip((when - first) / _FADE, -0.5, 0.5))
    to_last = 0.5 * np.sin(np.pi * np.clip((last - when) / _FADE, -0.5, 0.5))
    return ((0.5 + from_first) * (0.5 + to_last))[:, None]


def blend_beats(
    base: np.ndarray,
    other: np.ndarray,
    share: np.ndarray,
    fs: float,
    lead_names: Sequence[str] | None = LEAD_NAMES,
) -> np.ndarray:
    """Make beats between two others, after laying their waves on each other.

    Parameters
    ----------
    base, other : ndarray of shape (n_beats, n_samples, n_leads)
        Beats in mV, their fiducial samples 0.4 s after their start.
    share : ndarray of shape (n_beats,)
        How far each new beat is from `base` to `other`, 0 to 1.
    fs : float
        Sampling rate in Hz.
    lead_names : sequence of str or None, default=LEAD_NAMES
        The leads, in any case and order; None where they are not known.

    Returns
    -------
    ndarray of shape (n_beats, n_samples, n_leads)
        The new beats, timed like those of `base`.

    Notes
    -----
    The peaks of a lead are not at the same time in two hearts, even where their QRS
    complexes lie on each other, and the sum of two peaks apart is lower than the sum
    of their heights. The QRS of each lead is therefore brought to the interpolated
    height of its larger deflection, by a factor near 1. Among the limb leads these
    changes are projected, by least squares, on those that obey the laws of Einthoven
    and Goldberger.

    Examples
    --------
    >>> when = np.arange(-0.4, 0.65, 0.002)
    >>> base = 1.0 * np.exp(-0.5 * (when / 0.012) ** 2)[None, :, None]
    >>> other = 2.0 * np.exp(-0.5 * ((when - 0.02) / 0.012) ** 2)[None, :, None]
    >>> beat = blend_beats(base, other, np.array([0.5]), 500.0, None)
    >>> round(float(beat.max()), 3), float(when[beat.argmax()].round(3))
    (1.5, 0.0)
    """
    aligned = align_beats(base, other, fs)
    share = share[:, None, None].astype(base.dtype)
    beats = (1 - share) * base + share * aligned
    centre, half = round(BEFORE * fs), round(QRS * fs)
    qrs = slice(centre - half, centre + half)
    parents = [
        np.stack([x[:, qrs].max(axis=1), -x[:, qrs].min(axis=1)])
        for x in (base, aligned)
    ]
    wanted = (1 - share[:, 0]) * parents[0] + share[:, 0] * parents[1]
    upright = wanted[0] >= wanted[1]
    wanted = wanted.max(axis=0)
    when = (np.arange(base.shape[1]) - centre) / fs
    window = _window(when, -QRS, QRS).astype(base.dtype)
    lawful = _limb_projection(lead_names, base.shape[2]).astype(base.dtype)
    # The projection takes back part of a correction, hence more than one round.
    for _ in range(_ROUNDS):
        height = np.where(
            upright, beats[:, qrs].max(axis=1), -beats[:, qrs].min(axis=1)
        )
        factor = wanted / np.maximum(height, 1e-6) - 1
        factor = np.clip(factor, -_MOST, _MOST)[:, None]
        beats += (factor * window * beats) @ lawful
    return beats


def _limb_projection(lead_names: Sequence[str] | None, n_leads: int) -> np.ndarray:
    """Return the matrix that makes changes of the leads obey the limb leads' laws."""
    names = [canonical_lead_name(name) for name in lead_names or ()]
    limb = [k for k, name in enumerate(names) if name in LEAD_NAMES[:6]]
    projection = np.eye(n_leads)
    if limb:
        known = tuple(LEAD_NAMES.index(names[k]) for k in limb)
        projection[np.ix_(limb, limb)] = limb_weights(known)[:, known].T
    return projection


def blend_records(
    X: np.ndarray,
    fs: float,
    beats: RecordBeats,
    base: np.ndarray,
    other: np.ndarray,
    share: np.ndarray,
    lead_names: Sequence[str] | None = LEAD_NAMES,
) -> np.ndarray:
    """Make records between two others, beat by beat.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Records in mV.
    fs : float
        Sampling rate in Hz.
    beats : RecordBeats
        Result of :func:`find_record_beats` for X.
    base, other : ndarray of int, shape (n_new,)
        The two records of X that each new one is made from.
    share : ndarray of shape (n_new,)
        How far the new record's beats are from those of its base to the other's, 0 to
        1.
    lead_names : sequence of str or None, default=LEAD_NAMES
        The leads of X, in any case and order; None where they are not known.

    Returns
    -------
    ndarray of shape (n_new, n_times, n_leads)
        The new records, of X's dtype. Rhythm, intervals, noise, baseline and beats of
        another shape are those of the base; to each of its other beats is added
        what :func:`blend_beats` makes of its mean beat, less that mean beat.

    Examples
    --------
    >>> t = np.arange(0, 5, 1 / 500)
    >>> def record(height, interval):
    ...     return height * np.exp(-0.5 * ((t % interval - 0.4) / 0.012) ** 2)
    >>> X = np.stack([record(1.0, 0.8), record(2.0, 0.6)])[:, :, None]
    >>> beats = find_record_beats(X, fs=500.0)
    >>> one = np.array([0]), np.array([1]), np.array([0.5])
    >>> between = blend_records(X, 500.0, beats, *one, lead_names=None)
    >>> bool(np.allclose(between[0, :, 0], record(1.5, 0.8), atol=0.02))
    True
    """
    X, fs = check_records(X), check_ecg_rate(fs)
    when = np.arange(X.shape[1]) / fs
    new = X[base]
    for start in range(0, len(base), _BLOCK):
        here = slice(start, start + _BLOCK)
        mean = beats.mean[base[here]]
        change = blend_beats(
            mean, beats.mean[other[here]], share[here], beats.fs, lead_names
        )
        # Only the difference is added, so that noise and rhythm stay those of the base.
        change -= mean
        for record, of_beat, k in zip(new[here], change, base[here], strict=True):
            for time, borders in zip(beats.times[k], beats.borders[k], strict=True):
                _add_beat(record, when, of_beat, beats.fs, time, borders)
    return new


def _add_beat(
    record: np.ndarray,
    when: np.ndarray,
    beat: np.ndarray,
    rate: float,
    time: float,
    borders: np.ndarray,
) -> None:
    """Add a beat to a record around its time (s), within its borders, in place."""
    end = time - BEFORE + (len(beat) - 1) / rate
    first, last = np.searchsorted(when, [time - BEFORE, end])
    here = when[first:last]
    place = (here - time + BEFORE) * rate
    left = np.clip(place.astype(int), 0, len(beat) - 2)
    part = (place - left)[:, None]
    values = (1 - part) * beat[left] + part * beat[left + 1]
    record[first:last] += (values * _window(here, *borders)).astype(record.dtype)
