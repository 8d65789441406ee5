"""Amplitudes of the waves of median beats in each lead."""

from typing import NamedTuple

import numpy as np

# The least deflection that counts as a wave of the QRS complex (mV).
SMALLEST_WAVE = 0.03

_SHORTEST_WAVE = 0.006  # s
_TURN = 0.01  # mV: a turning point stands so far above the end of the QRS complex


class QRSWaves(NamedTuple):
    """Q, R, S and R' of each lead, shape (n_records, n_leads), magnitudes in mV."""

    q: np.ndarray
    r: np.ndarray
    s: np.ndarray
    r2: np.ndarray
    r_time: np.ndarray  # samples from the QRS onset to the peak of R


def between(
    beats: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cut out each record's samples first..last: (n_records, n_leads, n), mask."""
    length = int(max((last - first).max(initial=0), 0)) + 1
    where = first[:, None] + np.arange(length)
    inside = where <= last[:, None]
    where = np.clip(where, 0, beats.shape[1] - 1)
    cut = np.take_along_axis(beats, where[:, :, None], axis=1)
    return np.ascontiguousarray(cut.transpose(0, 2, 1)), inside


def qrs_waves(
    beats: np.ndarray, fs: float, onset: np.ndarray, offset: np.ndarray
) -> QRSWaves:
    """Measure the waves of the QRS complex in each lead.

    Parameters
    ----------
    beats : ndarray of shape (n_records, n_times, n_leads)
        Median beats in mV, zero just before the QRS onset.
    fs : float
        Sampling rate in Hz.
    onset, offset : ndarray of int, shape (n_records,)
        First and last sample of the QRS complex.

    Returns
    -------
    QRSWaves
        `q`, `r`, `s`, `r2` of shape (n_records, n_leads): positive magnitudes in mV,
        0 for a wave that is absent. `r` is the tallest upward wave, R' included; `q`
        the deepest downward one before the first upward one, `s` the deepest after
        it. A complex with no upward wave (QS) has `q` equal to `s`. `r2` is R', the
        tallest upward wave after an S. `r_time` counts the samples from the onset to
        the peak of `r`, NaN without R.

    Notes
    -----
    A wave is a stretch on one side of the baseline, 6 ms long or more, that reaches
    30 uV from it at a turning point, after IEC 60601-2-51. A last stretch that only
    climbs to a raised ST segment has no turning point and is no R': a peak must stand
    10 uV above the QRS offset.

    Examples
    --------
    >>> t = np.arange(100) / 500
    >>> wave = lambda at, high: high * np.exp(-(((t - at) / 0.006) ** 2))
    >>> rs, qs = wave(0.06, 0.4) + wave(0.10, -1.5), wave(0.08, -1.2)
    >>> waves = qrs_waves(
    ...     np.stack([rs, qs], axis=1)[None], 500.0, np.array([20]), np.array([70])
    ... )
    >>> waves.r.round(2).tolist(), waves.s.round(2).tolist(), waves.q.round(2).tolist()
    ([[0.4, 0.0]], [[1.5, 1.2]], [[0.0, 1.2]])
    """
    cut, inside = between(beats, onset, offset)
    n_records, n_leads, length = cut.shape
    shape = (n_records, n_leads)
    cut = np.where(inside[:, None], cut, 0)
    rows = np.pad(cut.reshape(-1, length), ((0, 0), (0, 1)))  # 0 between the rows
    flat = rows.ravel()
    # Stretches of one sign, of all leads of all records at once.
    side = np.sign(flat).astype(np.int8)
    starts = np.flatnonzero(np.diff(side, prepend=-2))
    ends = np.append(starts[1:], len(flat))
    size = np.maximum.reduceat(np.abs(flat), starts)
    row, begin = np.divmod(starts, length + 1)
    last = (offset - onset)[row // n_leads]
    at_end = begin + (ends - starts) > last
    level = np.where(at_end, np.abs(rows[row, np.clip(last, 0, length)]), 0)
    side = side[starts]
    wave = (side != 0) & (size >= SMALLEST_WAVE) & (size - level >= _TURN)
    wave &= ends - starts >= _SHORTEST_WAVE * fs
    in_r = np.repeat(wave & (side > 0), ends - starts).reshape(rows.shape)
    row, begin, side, size = row[wave], begin[wave], side[wave], size[wave]

    def tallest(chosen: np.ndarray) -> np.ndarray:
        out = np.zeros(len(rows))
        np.maximum.at(out, row[chosen], size[chosen])
        return out

    def earliest(chosen: np.ndarray) -> np.ndarray:
        out = np.full(len(rows), length + 1)
        np.minimum.at(out, row[chosen], begin[chosen])
        return out

    up, down = side > 0, side < 0
    first_r = earliest(up)
    first_s = earliest(down & (begin > first_r[row]))
    q = tallest(down & (begin < first_r[row]))
    r = tallest(up)
    s = tallest(down & (begin > first_r[row]))
    s = np.where(r == 0, q, s)  # a QS complex is both
    r2 = tallest(up & (begin > first_s[row]))
    r_time = np.where(r > 0, np.where(in_r, rows, 0).argmax(axis=1), np.nan)
    return QRSWaves(*(v.reshape(shape) for v in (q, r, s, r2, r_time)))


def at_sample(beats: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Read every lead at one sample a record: (n_records, n_leads)."""
    sample = np.clip(sample, 0, beats.shape[1] - 1)
    return beats[np.arange(len(beats)), sample]


def largest_deflection(
    beats: np.ndarray, first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    """Signed value farthest from 0 between two samples: (n_records, n_leads), mV."""
    cut, inside = between(beats, first, last)
    size = np.where(inside[:, None], np.abs(cut), -1)
    peak = size.argmax(axis=2)[..., None]
    return np.take_along_axis(cut, peak, axis=2)[..., 0]


def p_terminal(
    lead_v1: np.ndarray, fs: float, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Depth (mV) and duration (ms) of the terminal negative part of P in lead V1.

    `lead_v1` has the shape (n_records, n_times) and is 0 at the onset of P. The part is
    a stretch below -0.01 mV that reaches into the second half of P; of several, that
    of the largest product of depth and duration, which is Morris' terminal force [1]_,
    so that a brief deeper trough, as of a QRS that begins early, does not win. It lasts
    while it is below a tenth of its depth.

    References
    ----------
    .. [1] Morris JJ, Estes EH, Whalen RE, Thompson HK, McIntosh HD. P-wave analysis in
       valvular heart disease. Circulation 1964;29:242-252.
       doi:10.1161/01.CIR.29.2.242
    """
    depth, duration = np.zeros(len(lead_v1)), np.zeros(len(lead_v1))
    for k, (row, start, stop) in enumerate(zip(lead_v1, first, last, strict=True)):
        wave = row[start : stop + 1]
        half = len(wave) // 2
        edges = np.flatnonzero(np.diff(wave < -_TURN, prepend=False, append=False))
        for begin, end in edges.reshape(-1, 2).tolist():
            deep = -wave[max(begin, half) : end].min(initial=0)
            long = (wave[begin:end] < -0.1 * deep).sum() * (1000 / fs)
            if deep * long > depth[k] * duration[k]:
                depth[k], duration[k] = deep, long
    return depth, duration
