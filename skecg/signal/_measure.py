"""From recordings to a table of measured waves, one row a record."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skecg.signal._beats import find_beats, front_end, remove_wander
from skecg.signal._blocks import check_ecg_rate, check_records, run_in_blocks
from skecg.signal._classes import (
    BeatClasses,
    chosen_beats,
    classify_all,
    count_left_out,
)
from skecg.signal._delineation import Marks, has_spikes
from skecg.signal._flutter import FLUTTER_LEADS, FLUTTER_SCORE, flutter_scores
from skecg.signal._hum import remove_hum
from skecg.signal._leads import lead_weights, twelve_leads
from skecg.signal._median import (
    AFTER,
    BEFORE,
    RATE,
    REACH,
    SHORTEST,
    clear_intervals,
    clear_of,
    median_beat,
    noise_of,
)
from skecg.signal._presence import qrs_presence
from skecg.signal._resample import resample_signal
from skecg.signal._reversal import at_100_hz
from skecg.signal._table import (
    LOST_QRS,
    NO_BEATS,
    NO_QRS,
    NO_SIGNAL,
    SPIKES,
    TOO_FEW_BEATS,
    TOO_NOISY,
    TOO_SHORT,
    empty_table,
    mask_flutter,
    mask_leads,
    measure_beats,
)
from skecg.utils import LEAD_NAMES

_TOO_NOISY = 0.1  # mV: a lead whose median beat is less certain is left out
_HUM_AS_NOISE = 2.0  # hum that remains is in phase in all beats: 0.05 mV are too much
_BLOCK = 32  # records worked on at once
_N_SAMPLES = round(REACH * RATE) + round(AFTER * RATE)  # of a median beat
_LEAST = 8  # of fewer at once, two threads take longer than one


class Measured(NamedTuple):
    """Result of :func:`measure_records` with ``return_beats=True``."""

    table: np.ndarray
    beats: np.ndarray
    fs: float
    marks: Marks


def measure_records(
    X: np.ndarray,
    fs: float,
    lead_names: Sequence[str] | None = LEAD_NAMES,
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
        Sampling rate in Hz, at least 80. Records of another rate than 500 Hz are first
        resampled, band-limited, to 500 Hz, so that the limits of waves do not depend
        on the rate.
    lead_names : sequence of str or None, default=LEAD_NAMES
        The leads of X, in any case and order. Of unnamed leads (None) nothing is
        measured.
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
        - ``n_beats`` found, ``n_used`` in the median beat, ``n_left_out`` of it as they
          have another shape, such as ventricular ectopic beats, or are noisy (others
          are premature or cut); ``reason``, ``reason_P``, ``reason_QT`` and, for every
          lead, ``reason_V1`` (indices into :data:`REASONS`, 0 where it was measured);
        - for every one of the twelve leads ``Q_V1``, ``R_V1``, ``S_V1`` (positive
          magnitudes, mV; R is the tallest upward wave, a QS complex counts as Q and
          as S), ``R2_V1`` (R'), and with their signs ``J_V1`` (at the QRS offset),
          ``ST_V1`` (60 ms later), ``T_V1``, ``P_V1``.

        What can't be measured is NaN: a lead that is absent, flat, mostly NaN, too
        noisy (its median beat uncertain by 0.1 mV) or without a QRS complex, as of an
        electrode that is off; the P wave where there is none; P and QT where there are
        fast regular waves, as in atrial flutter, which look like P and T; a whole
        record with a ``reason``. A limb lead that is absent from `lead_names` is
        computed where two others determine it.
    beats : ndarray of shape (n_records, n_times, 12)
        Median beats in mV, from 0.4 s before the fiducial sample to 0.65 s after it, of
        the twelve leads in the order of :data:`LEAD_NAMES`. With `return_beats` only.
    fs : float
        The beats' sampling rate, 500 Hz. With `return_beats` only.
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
    0.3 Hz the baseline is taken off before, and above 0.6 Hz nothing is filtered,
    except mains hum: beats would be aligned on it, so that the median keeps it. Where
    a steady tone between 36 and 200 Hz exceeds 0.02 mV, a sinusoid fitted between the
    QRS complexes is subtracted; a lead in which more than 0.05 mV of it remain is too
    noisy.
    Voltages count from the level of the 20 ms before the QRS onset.

    References
    ----------
    .. [1] Kligfield P, et al. Recommendations for the standardization and
       interpretation of the electrocardiogram: part I. Circulation
       2007;115:1306-1324. doi:10.1161/CIRCULATIONAHA.106.180200

    Examples
    --------
    >>> t = np.arange(0, 10, 1 / 500)
    >>> beat = np.exp(-(((t % 0.8) - 0.4) ** 2) / (2 * 0.012**2))
    >>> X = np.stack([beat, -0.7 * beat], axis=1)[None]
    >>> table = measure_records(X, fs=500, lead_names=["V5", "V1"])
    >>> {name: table[name][0].round(2).item() for name in ("R_V5", "S_V1", "R_V6")}
    {'R_V5': 1.0, 'S_V1': 0.7, 'R_V6': nan}
    >>> table["heart_rate"].round(1).tolist(), table["n_beats"].tolist()
    ([75.0], [12])
    """
    table, beats, marks, _ = measure(X, fs, lead_names, n_jobs, return_beats)
    if not return_beats:
        return table
    first = round(REACH * RATE) - round(BEFORE * RATE)
    marks = Marks(*(np.maximum(mark - first, -1) for mark in marks))
    return Measured(table, beats[:, first:], RATE, marks)


def measure(
    X: np.ndarray,
    fs: float,
    lead_names: Sequence[str] | None,
    n_jobs: int | None,
    keep_beats: bool,
) -> tuple[np.ndarray, np.ndarray, Marks, list[np.ndarray]]:
    """Return the table, median beats from 0.65 s before, their marks, all beats."""
    records = check_records(X)
    fs = check_ecg_rate(fs)
    weights = lead_weights(lead_names, records.shape[2])
    n_records = len(records)
    table = empty_table(n_records)
    beats = np.full(
        (n_records, _N_SAMPLES if keep_beats else 0, 12), np.nan, np.float32
    )
    marks = np.full((len(Marks._fields), n_records), -1)
    times = [np.zeros(0, int)] * n_records

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, _BLOCK):
            here = slice(first, min(first + _BLOCK, stop))
            block, found, times[here] = _measure_block(
                records[here], fs, weights, table[here]
            )
            marks[:, here] = found
            if keep_beats:
                beats[here] = block

    run_in_blocks(work, n_records, n_jobs, _LEAST)
    return table, beats, Marks(*marks), times


def _measure_block(
    records: np.ndarray, fs: float, weights: np.ndarray, table: np.ndarray
) -> tuple[np.ndarray, Marks, list[np.ndarray]]:
    """Fill the table's rows; return the median beats, their marks, all beats."""
    x, live, gap = twelve_leads(records, weights)
    if fs != RATE:
        x = resample_signal(x, fs, RATE, n_jobs=1)
        if gap is not None:
            when = np.round(np.arange(x.shape[1]) * fs / RATE).astype(int)
            when = np.minimum(when, gap.shape[1] - 1)
            gap = np.logical_or.reduceat(gap, when, axis=1)
    beats = np.zeros((len(x), _N_SAMPLES, 12), np.float32)
    noise = np.zeros((len(x), 12), np.float32)
    reasons = np.zeros((len(x), 12), int)
    usual = np.full(len(x), np.inf)
    times = [np.zeros(0, int)] * len(x)
    if x.shape[1] >= SHORTEST * RATE and live.any():
        found, hum = _clean(x, RATE)
        gaps = [None] * len(x) if gap is None else list(gap)
        found = [
            clear_of(where, RATE, beats)
            for where, beats in zip(gaps, found, strict=True)
        ]
        classified = classify_all(x, RATE, found)
        for k in np.flatnonzero(live.any(axis=1)).tolist():
            row = table[k : k + 1]
            made = _one_beat(x[k], found[k], classified[k], gaps[k], row)
            if made is not None:
                beats[k], noise[k], usual[k], reasons[k], times[k] = made
        noise[:] = np.hypot(noise, _HUM_AS_NOISE * hum)
    else:
        table["reason"] = np.where(live.any(axis=1), TOO_SHORT, NO_SIGNAL)
    # The last that applies prevails: a dead lead has no noise.
    reasons[noise >= _TOO_NOISY] = TOO_NOISY
    reasons[~live] = NO_SIGNAL
    _spread(table, reasons)
    clear = live & (noise < _TOO_NOISY)
    beats *= clear[:, None]
    table["reason"][(table["reason"] == 0) & has_spikes(beats, RATE)] = SPIKES
    marks = measure_beats(beats, RATE, noise * clear, usual, table, reasons, fs)
    _spread(table, reasons)
    mask_leads(table, reasons)
    mask_flutter(table, _has_flutter(x, times), marks)
    clear[table["reason"] > 0] = False
    np.copyto(beats, np.nan, where=~clear[:, None])
    return beats, marks, times


def _has_flutter(x: np.ndarray, times: list[np.ndarray]) -> np.ndarray:
    """Tell which records have fast regular waves, from their beats at 500 Hz."""
    if max(map(len, times)) < 2:
        return np.zeros(len(x), bool)
    leads = x[:, :, [LEAD_NAMES.index(name) for name in FLUTTER_LEADS]]
    at_low_rate = [each // round(RATE / 100) for each in times]
    scores, _ = flutter_scores(at_100_hz(leads, RATE), at_low_rate)
    return scores > FLUTTER_SCORE


def _clean(x: np.ndarray, fs: float) -> tuple[list[np.ndarray], np.ndarray]:
    """Take hum and wander off records in place; return beats and remaining hum."""
    # Hum hides beats near the ends, so they are looked for again without it. Records
    # without hum, which most are, do not change by this.
    front = front_end(x, fs)
    found = find_beats(x, fs, front)
    rest = np.zeros((len(x), x.shape[2]))
    for k in [k for k, tones in enumerate(front.hum) if len(tones)]:
        rest[k] = remove_hum(x[k], fs, found[k], front.hum[k])
        again = front_end(x[k : k + 1], fs)
        front.wander[k] = again.wander[0]
        (found[k],) = find_beats(x[k : k + 1], fs, again)
    remove_wander(x, fs, front)
    return found, rest


def _spread(table: np.ndarray, reasons: np.ndarray) -> None:
    """Let a record have a reason where all its leads have one, and the reverse."""
    none = (reasons > 0).all(axis=1) & (table["reason"] == 0)
    table["reason"][none] = reasons[none].max(axis=1)
    reasons[:] = np.where(reasons > 0, reasons, table["reason"][:, None])


def _one_beat(
    x: np.ndarray,
    found: np.ndarray,
    classified: BeatClasses,
    gap: np.ndarray | None,
    row: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, float, np.ndarray, np.ndarray] | None:
    """Fill what a row knows of the rhythm, and return what measuring needs."""
    # Returned are the median beat, its noise, the usual interval in s, the leads'
    # reasons and the samples of all beats.
    intervals = clear_intervals(gap, found) / RATE
    row["n_beats"] = len(found)
    beats, classes = classified
    chosen = beats[chosen_beats(classes)]
    row["n_used"] = len(chosen)
    row["n_left_out"] = count_left_out(classes)
    if not len(chosen):
        row["reason"] = TOO_FEW_BEATS if len(found) else NO_BEATS
        return None
    usual = np.inf
    if len(intervals):
        usual = float(np.median(intervals))
        row["heart_rate"] = 60 / intervals.mean()
        row["rr_variation"] = intervals.std() / intervals.mean()
    beat = median_beat(x, RATE, chosen, before=REACH)
    present, lost = qrs_presence(x, RATE, chosen)
    reasons = np.where(lost, LOST_QRS, np.where(present, 0, NO_QRS))
    return beat, noise_of(x, RATE, chosen, beat), usual, reasons, beats
