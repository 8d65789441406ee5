"""From recordings to a table of measured waves, one row a record."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skecg.signal._beats import find_beats, front_end, remove_wander
from skecg.signal._blocks import check_ecg_rate, check_records, run_in_blocks
from skecg.signal._delineation import Marks, has_spikes
from skecg.signal._leads import LEAD_NAMES
from skecg.signal._median import (
    AFTER,
    BEFORE,
    chosen_beats,
    classify_beats,
    clear_intervals,
    clear_of,
    median_beat,
    noise_of,
)
from skecg.signal._resample import resample_signal
from skecg.signal._table import (
    empty_table,
    mask_leads,
    measure_beats,
)
from skecg.signal._twelve import lead_weights, twelve_leads

_RATE = 500.0  # Hz: records of a lower rate are up-sampled to it
_SHORTEST = 1.0  # s
_TOO_NOISY = 0.1  # mV: a lead whose median beat is less certain is left out
_BLOCK = 32  # records worked on at once
_LEAST = 8  # of fewer at once, two threads take longer than one


class Measured(NamedTuple):
    """What :func:`measure_records` gives with ``return_beats=True``."""

    table: np.ndarray
    beats: np.ndarray
    fs: float
    marks: Marks


def measure_records(
    X: np.ndarray,
    fs: float,
    lead_names: Sequence[str] = LEAD_NAMES,
    *,
    n_jobs: int | None = -1,
    return_beats: bool = False,
) -> np.ndarray | Measured:
    """Measure the waves of 12-lead records on their median beats.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64, diagnostic bandwidth (no low-pass below
        100 Hz, no per-record scaling). NaN marks a gap.
    fs : float
        Sampling rate in Hz, at least 80. Below 500 Hz the records are first up-sampled,
        band-limited, to 500 Hz.
    lead_names : sequence of str, default=LEAD_NAMES
        The leads of X, in any case and order.
    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.
    return_beats : bool, default=False
        Whether the median beats and the marks on them are returned as well.

    Returns
    -------
    table : structured ndarray of shape (n_records,)
        Column by column, with :data:`MEASUREMENT_DTYPE`:

        - ``heart_rate`` (1/min), ``rr_variation`` (standard deviation of the
          intervals between beats over their mean), ``qrs_duration``,
          ``pr_interval``, ``qt_interval`` (ms), ``qrs_axis`` (degrees in the frontal
          plane, -180 to 180, 0 along lead I, 90 along aVF);
        - ``p_terminal_amplitude_V1`` (mV, its depth), ``p_terminal_duration_V1`` (ms),
          ``p_terminal_force_V1`` (mV.ms); ``intrinsicoid_V5``, ``intrinsicoid_V6``
          (ms from the QRS onset to the peak of R);
        - ``n_beats`` found, ``n_used`` in the median beat, ``reason`` (an index into
          :data:`REASONS`, 0 where the record was measured);
        - for every one of the twelve leads ``Q_V1``, ``R_V1``, ``S_V1`` (positive
          magnitudes, mV; R is the tallest upward wave, a QS complex counts as Q and
          as S), ``R2_V1`` (R'), and with their signs ``J_V1`` (at the QRS offset),
          ``ST_V1`` (60 ms later), ``T_V1``, ``P_V1``.

        What can't be measured is NaN: a lead that is absent, flat, mostly NaN or too
        noisy (its median beat uncertain by 0.1 mV), the P wave where there is none, a
        whole record with a ``reason``. A limb lead that is absent from `lead_names` is
        computed where two others determine it.
    beats : ndarray of shape (n_records, n_times, 12)
        Median beats in mV, from 0.4 s before the fiducial sample to 0.65 s after it, of
        the twelve leads in the order of :data:`LEAD_NAMES`. With `return_beats` only.
    fs : float
        The beats' sampling rate in Hz. With `return_beats` only.
    marks : Marks
        Samples of the beats where the waves begin and end. With `return_beats` only.

    Raises
    ------
    ValueError
        If X, fs and `lead_names` don't fit each other.

    See Also
    --------
    detect_beats : The beats of one record.
    qrs_waves : The rules for Q, R and S.

    Notes
    -----
    Beats are found from all leads together, aligned, and those of the commonest shape
    that are neither premature nor noisy nor near a gap make the median beat. Below
    0.3 Hz the baseline is taken off before, and above 0.6 Hz nothing is filtered.
    Voltages count from the level of the 20 ms before the QRS onset.

    References
    ----------
    .. [1] Kligfield P, et al. Recommendations for the standardization and
       interpretation of the electrocardiogram: part I. Circulation
       2007;115:1306-1324. doi:10.1161/CIRCULATIONAHA.106.180200

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(0, 10, 1 / 500)
    >>> beat = np.exp(-(((t % 0.8) - 0.4) ** 2) / (2 * 0.012**2))
    >>> X = np.stack([beat, -0.7 * beat], axis=1)[None]
    >>> table = measure_records(X, fs=500, lead_names=["V5", "V1"])
    >>> {name: table[name][0].round(2).item() for name in ("R_V5", "S_V1", "R_V6")}
    {'R_V5': 1.0, 'S_V1': 0.7, 'R_V6': nan}
    >>> table["heart_rate"].round(1).tolist(), table["n_beats"].tolist()
    ([75.0], [12])
    """
    records = check_records(X)
    fs = check_ecg_rate(fs)
    weights = lead_weights(lead_names, records.shape[2])
    rate = max(fs, _RATE)
    n_samples = round(BEFORE * rate) + round(AFTER * rate)
    table = empty_table(len(records))
    beats = np.full(
        (len(records), n_samples if return_beats else 0, 12), np.nan, np.float32
    )
    marks = np.full((len(Marks._fields), len(records)), -1)

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, _BLOCK):
            here = slice(first, min(first + _BLOCK, stop))
            block, found = _measure_block(records[here], fs, weights, table[here])
            marks[:, here] = found
            if return_beats:
                beats[here] = block

    run_in_blocks(work, len(records), n_jobs, _LEAST)
    return Measured(table, beats, rate, Marks(*marks)) if return_beats else table


def _measure_block(
    records: np.ndarray, fs: float, weights: np.ndarray, table: np.ndarray
) -> tuple[np.ndarray, Marks]:
    """Fill the table's rows; return the median beats and the marks on them."""
    x, live, gap = twelve_leads(records, weights)
    if fs < _RATE:
        x = resample_signal(x, fs, _RATE, n_jobs=1)
        if gap is not None:
            when = np.round(np.arange(x.shape[1]) * fs / _RATE).astype(int)
            gap = gap[:, np.minimum(when, gap.shape[1] - 1)]
        fs = _RATE
    beats = np.zeros((len(x), round(BEFORE * fs) + round(AFTER * fs), 12), np.float32)
    noise = np.zeros((len(x), 12))
    usual = np.full(len(x), np.inf)
    table["reason"] = np.where(live.any(axis=1), 0, 1)
    if x.shape[1] < _SHORTEST * fs:
        table["reason"] = 2
    elif live.any():
        front = front_end(x, fs)
        found = find_beats(x, fs, front)
        remove_wander(x, fs, front)
        for k in np.flatnonzero(live.any(axis=1)).tolist():
            beats[k], noise[k], usual[k] = _one_beat(
                x[k], fs, found[k], None if gap is None else gap[k], table[k : k + 1]
            )
    clear = live & (noise < _TOO_NOISY)
    table["reason"][(table["reason"] == 0) & ~clear.any(axis=1)] = 6
    beats *= clear[:, None]
    table["reason"][(table["reason"] == 0) & has_spikes(beats, fs)] = 7
    marks = measure_beats(beats, fs, noise * clear, usual, table)
    clear[table["reason"] > 0] = False
    mask_leads(table, clear)
    np.copyto(beats, np.nan, where=~clear[:, None])
    return beats, marks


def _one_beat(
    x: np.ndarray, fs: float, found: np.ndarray, gap: np.ndarray | None, row: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Make one record's median beat; its leads' noise (mV), the usual interval (s)."""
    if gap is not None:
        found = clear_of(gap, fs, found)
    intervals = clear_intervals(gap, found) / fs
    row["n_beats"] = len(found)
    beats, classes = classify_beats(x, fs, found)
    chosen = beats[chosen_beats(classes)]
    row["n_used"] = len(chosen)
    if not len(chosen):
        row["reason"] = 4 if len(found) else 3
        return np.zeros(1, x.dtype), np.zeros(1), np.inf
    usual = np.inf
    if len(intervals):
        usual = float(np.median(intervals))
        row["heart_rate"] = 60 / intervals.mean()
        row["rr_variation"] = intervals.std() / intervals.mean()
    beat = median_beat(x, fs, chosen)
    return beat, noise_of(x, fs, chosen, beat), usual
