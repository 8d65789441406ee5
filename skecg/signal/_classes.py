"""Which of a record's beats belong together."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from skecg.signal._blocks import check_beats, check_ecg_rate, check_record
from skecg.signal._medians import medians_of_records, stack_beats

DOMINANT, PREMATURE, OTHER_SHAPE, NOISY, CUT = range(5)
"""The classes of :func:`classify_beats`."""

QRS = 0.08
"""How far on either side of it the shapes of QRS complexes are compared (s)."""

FEWEST_BEATS = 3
"""A median beat of fewer is doubtful."""

ALIKE = 0.85
"""Least correlation of two beats of one shape."""

NEEDED = (0.25, 0.4)
"""How much before and after it must be inside the record, or the beat is cut (s)."""

_SEARCH = 0.024  # s: how far alignment may move a beat
_USUAL_NOISE = 0.03  # mV
_PREMATURE = 0.8  # of the usual interval to the beat before
_COARSE = 125  # Hz: they hold the shape of a QRS complex, at a quarter of the work
_TOGETHER = 16  # records of about as many beats, worked on at once


class BeatClasses(NamedTuple):
    """Result of :func:`classify_beats`."""

    beats: np.ndarray
    classes: np.ndarray


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
    return classify_all(x[np.newaxis], fs, [beats])[0]


def classify_all(
    X: np.ndarray, fs: float, beats: Sequence[np.ndarray]
) -> list[BeatClasses]:
    """Do for many records at once what :func:`classify_beats` does for one."""
    X = np.ascontiguousarray(X)
    n_beats = np.array([len(each) for each in beats])
    result = [BeatClasses(each, np.zeros(0, int)) for each in beats]
    order = np.argsort(n_beats, kind="stable")
    order = order[n_beats[order] > 0]
    for first in range(0, len(order), _TOGETHER):
        rows = order[first : first + _TOGETHER]
        stacked = stack_beats([beats[k] for k in rows])
        found = _classify(_Block(X, fs, rows), *stacked)
        for k, row in enumerate(rows.tolist()):
            result[row] = BeatClasses(*(part[: n_beats[row], k] for part in found))
    return result


class _Block(NamedTuple):
    """Some of the records."""

    X: np.ndarray
    fs: float
    rows: np.ndarray

    def windows(
        self, beats: np.ndarray, left: int, right: int, step: int = 1
    ) -> np.ndarray:
        """Cut (n_beats, n_records, n_window, n_leads) around beats; edges repeat."""
        where = beats[:, :, None] + np.arange(-left, right, step)
        np.clip(where, 0, self.X.shape[1] - 1, out=where)
        where += (self.rows * self.X.shape[1])[:, None]
        return self.X.reshape(-1, self.X.shape[2]).take(where, axis=0)


def _classify(
    block: _Block, beats: np.ndarray, there: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Align and classify beats (n_beats, n_records), some of which are not there."""
    half, step = round(QRS * block.fs), max(1, round(block.fs / _COARSE))
    intervals = _relative_intervals(beats, there)
    coarse = _centred(block.windows(beats, half, half, step))
    weight = _clearness(coarse, there)
    family = _largest_family(_unit(coarse * weight), intervals, there)
    beats = _align(block, beats, family, weight)
    shapes = block.windows(beats, half, half) * weight
    template = _unit(_mean_of(shapes, family)[np.newaxis])[0]
    fit = np.einsum("brk,rk->br", _unit(shapes), template)
    # The least fit that still counts as the family's shape.
    limit = np.minimum(0.92, medians_of_records(fit.astype(float), family) - 0.06)
    # The last that applies prevails: a beat that is cut cannot be told to be noisy.
    classes = np.where(intervals < _PREMATURE, PREMATURE, DOMINANT)
    classes[fit < limit] = OTHER_SHAPE
    classes[_restless(block, beats, (classes <= PREMATURE) & there)] = NOISY
    before, after = (round(s * block.fs) for s in NEEDED)
    classes[(beats < before) | (beats + after > block.X.shape[1])] = CUT
    return beats, classes


def _relative_intervals(beats: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return the intervals before beats, over the record's usual one; 1 if unknown."""
    intervals = np.ones(beats.shape)
    if len(beats) > 1:
        between = np.diff(beats, axis=0).astype(float)
        usual = medians_of_records(between.copy(), there[1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            intervals[1:] = np.nan_to_num(between / usual, nan=1.0)
    return intervals


def _centred(cut: np.ndarray) -> np.ndarray:
    """Take the mean over each window off it."""
    return cut - cut.mean(axis=2, keepdims=True)


def _unit(shapes: np.ndarray) -> np.ndarray:
    """Centre each lead of each beat, flatten, and divide by the length."""
    flat = _centred(shapes).reshape(*shapes.shape[:2], -1)
    size = np.sqrt(np.einsum("brk,brk->br", flat, flat))
    return flat / np.maximum(size, 1e-12)[:, :, None]


def _mean_of(cut: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the mean over each record's chosen beats."""
    total = (cut * chosen[:, :, None, None]).sum(axis=0)
    return total / chosen.sum(axis=0).astype(cut.dtype)[:, None, None]


def _clearness(coarse: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Weigh the leads by how little their beats differ from the median one."""
    typical = medians_of_records(coarse.copy(), there)
    apart = medians_of_records(np.abs(coarse - typical), there).mean(axis=1)
    return (1 / (apart + _USUAL_NOISE)).astype(coarse.dtype)[:, None]


def _largest_family(
    unit: np.ndarray, intervals: np.ndarray, there: np.ndarray
) -> np.ndarray:
    """Mark the beats of the shape that is commonest, counting late beats for more."""
    # In double precision, and rounded: else the last bit, which depends on the records
    # beside, would choose between families of the same score.
    of_records = unit.transpose(1, 0, 2).astype(float)
    # The product of two unit vectors without mean is their correlation.
    alike = of_records @ of_records.transpose(0, 2, 1) > ALIKE
    both = there.T[:, :, None] & there.T[:, None]
    alike &= both
    alike |= both & np.eye(len(there), dtype=bool)  # a beat without any shape too
    score = (alike @ intervals.T[:, :, None])[..., 0].round(9)
    return alike[np.arange(len(score)), score.argmax(axis=1)].T


def _align(
    block: _Block, beats: np.ndarray, family: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Move each beat to where it fits the family's median best."""
    half = round(QRS * block.fs)
    # The template of beats that lie on each other is sharper: so a second, finer round.
    for reach in (round(_SEARCH * block.fs), round(_SEARCH * block.fs / 3)):
        wide = block.windows(beats, half + reach, half + reach)
        template = _mean_of(wide[:, :, reach : reach + 2 * half], family)
        # Squared, as the beats in `wide` are not weighted.
        template = (template - template.mean(axis=1, keepdims=True)) * weight**2
        template = template.reshape(len(template), -1)
        # All leads of a sample stand together: a window is a stretch of the row.
        slid = sliding_window_view(
            wide.reshape(*beats.shape, -1), template.shape[1], axis=2
        )[:, :, :: wide.shape[3]]
        fit = np.einsum("brsk,rk->brs", slid, template)
        beats = beats + fit.argmax(axis=2) - reach
    return beats


def _restless(block: _Block, beats: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Mark candidates that differ from the others far more than is usual."""
    noisy = np.zeros(beats.shape, bool)
    enough = np.flatnonzero(candidates.sum(axis=0) >= 4)
    if not len(enough):
        return noisy
    candidates = candidates[:, enough]
    step = max(1, round(block.fs / _COARSE))
    left, right = (round(s * block.fs) for s in NEEDED)
    block = block._replace(rows=block.rows[enough])
    cut = _centred(block.windows(beats[:, enough], left, right, step))
    typical = medians_of_records(cut.copy(), candidates)
    apart = np.abs(cut - typical).mean(axis=2)  # (n_beats, n_records, n_leads)
    usual = medians_of_records(apart.copy(), candidates)
    noisy[:, enough] = np.any(apart > 4 * usual + 0.03, axis=2) & candidates
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
