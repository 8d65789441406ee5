"""Regular waves at 200 to 350 a minute between the QRS complexes, as in flutter."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from scipy.fft import rfft
from scipy.ndimage import uniform_filter1d

from skecg.signal._medians import medians_of_records, stack_beats

FLUTTER_LEADS = ("II", "III", "aVF", "V1")
"""In which flutter waves are largest."""

FLUTTER_SCORE = 0.55
"""From which the waves count: it is so in 59 of the 66 of PTB-XL's records with atrial
flutter, in half of those with another supraventricular tachycardia, and in 0.1 % of
those in sinus rhythm."""

_RATE = 50.0  # Hz
_LOWEST, _HIGHEST = 200 / 60, 350 / 60  # Hz
_BEFORE, _AFTER = 0.06, 0.1  # s of a QRS complex, which is left out
_BEAT = (0.26, 0.56)  # s around a QRS complex: what is the same in each beat
_SMOOTH = 0.26  # s: the baseline and T waves are a mean over so long, taken twice
_PART = 10.0  # s: flutter keeps its rate so long
_LEAST = 2.0  # s between the QRS complexes
_N_FFT = 2048
_FIRST, _LAST = ceil(_LOWEST * _N_FFT / _RATE), int(_HIGHEST * _N_FFT / _RATE)
_FREQUENCIES = np.arange(_FIRST, _LAST + 1) * (_RATE / _N_FFT)
_CANDIDATE = 0.25  # share of the variance; of less nothing is left with the beats off
_SLOW = 2.0  # beats a second: sinus tachycardia is rarely faster
_LOCKED, _HANDICAP = 0.06, 0.3


def flutter_scores(
    x: np.ndarray, beats: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Measure how far regular waves fill the time between the QRS complexes.

    The score is the share of the variance that sinusoids at one rate between 200 and
    350 a minute, and at twice that, explain, in all leads together, once as recorded
    and once less the median beat, which takes off what recurs with each beat: P and T
    waves, but also flutter waves of a fixed conduction. Where a whole number of waves
    make a beat and there are less than 120 beats a minute, which is so of P and T
    waves, 0.3 less. All was chosen on PTB-XL at 100 Hz.

    Parameters
    ----------
    x : ndarray of shape (n_records, n_times, n_leads)
        Records in mV at 100 Hz; of the leads II, III, aVF and V1 those that are known.
    beats : sequence of ndarray of int
        Samples of each record's beats.

    Returns
    -------
    scores : ndarray of shape (n_records,)
        The scores, up to 2; NaN with fewer than two beats, or with less than 2 s
        between the QRS complexes.
    rates : ndarray of shape (n_records,)
        The waves' rate a minute.
    """
    n_times = x.shape[1] // 2
    beats = [np.unique(np.minimum(each // 2, n_times - 1)) for each in beats]
    y = 0.5 * (x[:, : 2 * n_times : 2] + x[:, 1 : 2 * n_times : 2]).transpose(0, 2, 1)
    keep = np.ones((len(x), n_times), bool)
    near = np.arange(-round(_BEFORE * _RATE), round(_AFTER * _RATE))
    for k, each in enumerate(beats):
        keep[k, np.clip(each[:, None] + near, 0, n_times - 1)] = False
    scores, rates = np.full((2, len(x)), np.nan)
    known = (keep.sum(axis=1) >= _LEAST * _RATE) & ([len(each) > 1 for each in beats])
    judged = np.flatnonzero(known)
    if not len(judged):
        return scores, rates
    level = np.einsum("rlt,rt->rl", y, keep) / np.maximum(keep.sum(axis=1), 1)[:, None]
    y -= level.astype(y.dtype)[:, :, None]
    shares, frequencies = _shares(y[judged], keep[judged])
    scores[judged], rates[judged] = shares, 60 * frequencies
    again = judged[shares > _CANDIDATE]
    if len(again):
        rest = _without_beats(y[again], [beats[k] for k in again])
        scores[again] += _shares(rest, keep[again])[0]
    heart_rate = _RATE / np.array([np.diff(beats[k]).mean() for k in judged])
    waves = frequencies / heart_rate
    locked = (np.abs(waves - np.round(waves)) < _LOCKED) & (heart_rate < _SLOW)
    scores[judged[locked]] -= _HANDICAP
    return scores, rates


def _shares(y: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest share of a rate and its double, and the rate in Hz."""
    n_parts = max(1, round(y.shape[2] / (_PART * _RATE)))
    n_times = y.shape[2] // n_parts * n_parts
    flat = _bridged(y, keep)
    size = round(_SMOOTH * _RATE)
    flat -= uniform_filter1d(uniform_filter1d(flat, size, axis=2), size, axis=2)
    parts = flat[:, :, :n_times].reshape(*y.shape[:2], n_parts, -1)
    kept = keep[:, :n_times].reshape(len(y), 1, n_parts, -1)
    n_kept = np.maximum(kept.sum(axis=3, keepdims=True), 1)
    parts = parts * kept
    parts -= kept * (parts.sum(axis=3, keepdims=True) / n_kept)
    spectrum = rfft(parts, _N_FFT, axis=3)
    single, double = (spectrum[..., k * _FIRST : k * _LAST + 1 : k] for k in (1, 2))
    squares = (np.square(x) for z in (single, double) for x in (z.real, z.imag))
    of_rate = sum(squares).sum(axis=1)
    variance = np.square(parts).sum(axis=(1, 3))[..., None]
    shares = 2 * of_rate / np.maximum(n_kept[:, 0] * variance, 1e-12)
    shares = shares.mean(axis=1)
    return shares.max(axis=1), _FREQUENCIES[shares.argmax(axis=1)]


def _bridged(y: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Draw straight lines over what is not kept."""
    times = np.broadcast_to(np.arange(keep.shape[1]), keep.shape)
    last = np.maximum.accumulate(np.where(keep, times, -1), axis=1)
    following = np.where(keep, times, keep.shape[1])[:, ::-1]
    following = np.minimum.accumulate(following, axis=1)[:, ::-1]
    first = np.where(last < 0, following, last)
    second = np.where(following == keep.shape[1], first, following)
    share = ((times - first) / np.maximum(second - first, 1)).astype(y.dtype)[:, None]
    from_first = np.take_along_axis(y, first[:, None], axis=2)
    from_second = np.take_along_axis(y, second[:, None], axis=2)
    return from_first + share * (from_second - from_first)


def _without_beats(y: np.ndarray, beats: Sequence[np.ndarray]) -> np.ndarray:
    """Take each record's median beat off its beats: (n_records, n_leads, n_times)."""
    left, right = (round(s * _RATE) for s in _BEAT)
    samples, there = stack_beats(beats)
    records, times = np.arange(len(y))[:, None], np.arange(y.shape[2])
    where = samples[:, :, None] + np.arange(-left, right)
    np.clip(where, 0, times[-1], out=where)
    usual = medians_of_records(y[records, :, where], there)
    # The last beat that has begun; a beat ends where the next one begins.
    begun = samples[:, :, None] - left <= times
    begun &= there[:, :, None]
    beat = np.maximum(begun.sum(axis=0) - 1, 0)
    place = times - samples[beat, records] + left
    inside = begun[0] & (place < left + right)
    place[~inside] = 0
    return y - (usual[records, place] * inside[:, :, None]).transpose(0, 2, 1)
