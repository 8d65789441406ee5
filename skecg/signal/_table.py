"""The table of measured waves, filled from median beats."""

import numpy as np

from skecg.signal._delineation import (
    Marks,
    global_limits,
    p_limits,
    qrs_limits,
    spatial_slope,
    t_wave_end,
)
from skecg.signal._leads import limb_weights
from skecg.signal._median import AFTER, REACH
from skecg.signal._waves import (
    SMALLEST_WAVE,
    at_sample,
    largest_deflection,
    p_terminal,
    qrs_waves,
)
from skecg.utils import LEAD_NAMES

REASONS = (
    "measured",
    "no signal",
    "too short",
    "no beats found",
    "too few whole beats of one shape",
    "QRS onset or offset not found",
    "too noisy",
    "pacing spikes",
    "no QRS complex above the noise and 0.03 mV",
    "QRS complex missing from some beats",
    "no P wave found",
    "no end of the T wave found",
    "fast regular waves, as in atrial flutter",
)
"""What the numbers in the columns ``reason``, of the record, and ``reason_V1``, of a
lead, mean. A record has one where none of its leads could be measured; the last three
are of the columns ``reason_P`` and ``reason_QT`` alone."""

(
    NO_SIGNAL,
    TOO_SHORT,
    NO_BEATS,
    TOO_FEW_BEATS,
    NO_LIMITS,
    TOO_NOISY,
    SPIKES,
    NO_QRS,
    LOST_QRS,
    NO_P,
    NO_T,
    FLUTTER,
) = range(1, len(REASONS))

RECORD_FIELDS = (
    "heart_rate",  # 1/min
    "rr_variation",  # standard deviation of the intervals over their mean
    "qrs_duration",  # ms
    "pr_interval",  # ms
    "qt_interval",  # ms
    "qrs_axis",  # degrees
    "p_terminal_amplitude_V1",  # mV
    "p_terminal_duration_V1",  # ms
    "p_terminal_force_V1",  # mV.ms
    "intrinsicoid_V5",  # ms
    "intrinsicoid_V6",  # ms
)
COUNT_FIELDS = ("n_beats", "n_used", "n_left_out", "reason", "reason_P", "reason_QT")
WAVE_FIELDS = ("Q", "R", "S", "R2", "J", "ST", "T", "P")

MEASUREMENT_DTYPE = np.dtype(
    [(name, np.float64) for name in RECORD_FIELDS]
    + [(name, np.int64) for name in COUNT_FIELDS]
    + [(f"reason_{lead}", np.int64) for lead in LEAD_NAMES]
    + [(f"{wave}_{lead}", np.float64) for wave in WAVE_FIELDS for lead in LEAD_NAMES]
)
"""The columns of :func:`measure_records`."""

_LEVEL = 0.02  # s before the QRS onset: the baseline
_LONGEST_QRS = 0.28  # s
_MOST_REFINED = 0.04  # s
_ST_AFTER_J = 0.06  # s
_STEP, _STEP_SHARE = 0.08, 0.8  # s on either side; of the QRS complex's height


_NOTHING = np.zeros((), MEASUREMENT_DTYPE)
_OF_LEAD: dict[str, list[str]] = {lead: [] for lead in LEAD_NAMES}
for _name in MEASUREMENT_DTYPE.names or ():
    _lead = _name.rpartition("_")[2]
    if MEASUREMENT_DTYPE[_name].kind == "f":
        _NOTHING[_name] = np.nan
        if _lead in _OF_LEAD:
            _OF_LEAD[_lead].append(_name)
for _lead in ("I", "aVF"):
    _OF_LEAD[_lead].append("qrs_axis")


def empty_table(n_records: int) -> np.ndarray:
    """Make a table that says that nothing was measured."""
    return np.full(n_records, _NOTHING)


def mask_leads(table: np.ndarray, reasons: np.ndarray) -> None:
    """Take out what was measured in leads with a reason: (n_records, 12)."""
    for k, (lead, names) in enumerate(_OF_LEAD.items()):
        table[f"reason_{lead}"] = reasons[:, k]
        for name in names:
            table[name][reasons[:, k] > 0] = np.nan
    # Rate and its variation are known without any wave.
    for name in RECORD_FIELDS[2:]:
        table[name][table["reason"] > 0] = np.nan


def mask_flutter(table: np.ndarray, flutter: np.ndarray, marks: Marks) -> None:
    """Take out what such waves are mistaken for: the P wave and the end of T."""
    for name, interval, unknown in (("P", "pr", NO_P), ("QT", "qt", NO_T)):
        table[f"reason_{name}"] = np.select(
            [table["reason"] > 0, flutter, np.isnan(table[f"{interval}_interval"])],
            [table["reason"], FLUTTER, unknown],
        )
    known = flutter & (table["reason"] == 0)
    for name in MEASUREMENT_DTYPE.names or ():
        if name.startswith(("pr_", "p_terminal_", "P_", "qt_")):
            table[name][known] = np.nan
    for mark in (marks.p_onset, marks.p_offset, marks.t_end):
        mark[known] = -1


def measure_beats(
    beats: np.ndarray,
    fs: float,
    noise: np.ndarray,
    usual: np.ndarray,
    table: np.ndarray,
    reasons: np.ndarray,
    recorded: float,
) -> Marks:
    """Measure the waves of median beats into the table's rows."""
    # A lead without any wave of the QRS complex is given a reason. `recorded` is the
    # sampling rate of the recordings in Hz.
    none = Marks(*np.full((len(Marks._fields), len(beats)), -1))
    good = np.flatnonzero(table["reason"] == 0)
    slope = spatial_slope(beats[good], fs)
    onset, offset = qrs_limits(slope, fs)
    found = (onset >= 0) & (offset >= 0) & (offset - onset < _LONGEST_QRS * fs)
    table["reason"][good[~found]] = NO_LIMITS
    good, onset, offset = good[found], onset[found], offset[found]
    if not len(good):
        return none
    # In two steps: the first limits give the baseline from which the second, finer
    # ones are found.
    cut = beats[good]
    before = onset[:, None] - np.arange(1, round(_LEVEL * fs) + 1)
    cut -= np.take_along_axis(cut, before[:, :, None], 1).mean(axis=1, keepdims=True)
    beats[good] = cut
    lives = cut * (reasons[good] == 0)[:, None]
    onset, offset = _refined(global_limits(lives, fs, recorded), fs, onset, offset)
    rows = table[good]
    has_waves = _fill_qrs(rows, cut, fs, onset, offset)
    here = np.where((reasons[good] == 0) & ~has_waves, NO_QRS, reasons[good])
    steps = _is_a_step(cut, fs)
    here[((here > 0) | steps).all(axis=1)] = NO_QRS
    _accept_isoelectric(cut, fs, here)
    reasons[good] = here
    t_end = _fill_t(rows, cut, fs, onset, offset, usual[good])
    p_onset, p_offset = _fill_p(rows, cut, fs, onset, t_end, usual[good], noise[good])
    table[good] = rows
    for mark, values in zip(
        none, (onset, offset, t_end, p_onset, p_offset), strict=True
    ):
        mark[good] = values
    return none


def _refined(
    limits: tuple[np.ndarray, np.ndarray],
    fs: float,
    onset: np.ndarray,
    offset: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Move onset and offset to other limits, by no more than is credible."""
    first, last = limits
    most = round(_MOST_REFINED * fs)
    # Outwards by 40 ms; inwards by 10 ms only, as that may cut Q or S off.
    first = np.where(first < 0, onset, np.clip(first, onset - most, onset + most // 4))
    last = np.where(last < 0, offset, np.clip(last, offset - most // 4, offset + most))
    return first, last


def _is_a_step(cut: np.ndarray, fs: float) -> np.ndarray:
    """Tell in which leads the QRS complex is but a step to another level."""
    # In all leads at once that is a sawtooth or a square wave.
    centre, reach = round(REACH * fs), round(_STEP * fs)
    step = np.abs(cut[:, centre + reach] - cut[:, centre - reach])
    qrs = cut[:, centre - reach : centre + reach + 1]
    return step > _STEP_SHARE * np.ptp(qrs, axis=1)


def _accept_isoelectric(cut: np.ndarray, fs: float, reasons: np.ndarray) -> None:
    """Let a limb lead be without a QRS where the other limb leads say so, in place."""
    # An electrode that is off spoils two of I, II and III. Where two of them have a QRS
    # complex, and the lead is what they make of it by Einthoven's and Goldberger's
    # laws, it is about at a right angle to the heart's axis.
    centre, reach = round(REACH * fs), round(_STEP * fs)
    weak = np.isin(reasons[:, :6], (NO_QRS, LOST_QRS))
    for k in np.flatnonzero(weak.any(axis=1)).tolist():
        known = [lead for lead in range(3) if reasons[k, lead] == 0]
        if len(known) < 2:
            continue
        qrs = cut[k, centre - reach : centre + reach]
        weights = limb_weights(tuple(known))
        apart = np.ptp(qrs[:, known] @ weights - qrs[:, :6], axis=0)
        reasons[k, :6][weak[k] & (apart < SMALLEST_WAVE)] = 0


def _fill_leads(rows: np.ndarray, wave: str, values: np.ndarray) -> None:
    """Write (n_records, 12) values into the columns of one wave."""
    for k, lead in enumerate(LEAD_NAMES):
        rows[f"{wave}_{lead}"] = values[:, k]


def _fill_qrs(
    rows: np.ndarray, cut: np.ndarray, fs: float, onset: np.ndarray, offset: np.ndarray
) -> np.ndarray:
    """Measure the QRS complex; return which leads have a wave of it."""
    waves = qrs_waves(cut, fs, onset, offset)
    for wave, values in zip(("Q", "R", "S", "R2"), waves[:4], strict=True):
        _fill_leads(rows, wave, values)
    to_ms = 1000 / fs
    rows["qrs_duration"] = (offset - onset) * to_ms
    rows["intrinsicoid_V5"] = waves.r_time[:, 10] * to_ms
    rows["intrinsicoid_V6"] = waves.r_time[:, 11] * to_ms
    net = waves.r - np.maximum(waves.q, waves.s)
    # An augmented lead sees a vector by sqrt(3) / 2 of what a bipolar lead does.
    axis = np.degrees(np.arctan2(net[:, 5] * 2 / np.sqrt(3), net[:, 0]))
    rows["qrs_axis"] = np.where(net[:, [0, 5]].any(axis=1), axis, np.nan)
    _fill_leads(rows, "J", at_sample(cut, offset))
    _fill_leads(rows, "ST", at_sample(cut, offset + round(_ST_AFTER_J * fs)))
    return (waves.q + waves.r + waves.s) > 0


def _fill_t(
    rows: np.ndarray,
    cut: np.ndarray,
    fs: float,
    onset: np.ndarray,
    offset: np.ndarray,
    usual: np.ndarray,
) -> np.ndarray:
    """Measure the T wave and the QT interval; return its end, -1 where none."""
    centre = round(REACH * fs)
    # Short of the next beat, whose P wave would be taken for a part of T.
    span = np.minimum(usual - 0.16, AFTER - 0.02)
    limit = centre + np.round(np.maximum(span, 0) * fs).astype(int)
    end = t_wave_end(cut, fs, offset, limit)
    rows["qt_interval"] = np.where(end < 0, np.nan, (end - onset) * 1000 / fs)
    last = np.where(end < 0, limit, np.minimum(end, limit))
    first = np.minimum(offset + round(0.08 * fs), last)
    values = largest_deflection(cut, first, last)
    values[limit <= offset + round(0.1 * fs)] = np.nan
    _fill_leads(rows, "T", values)
    return end


def _fill_p(
    rows: np.ndarray,
    cut: np.ndarray,
    fs: float,
    onset: np.ndarray,
    t_end: np.ndarray,
    usual: np.ndarray,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Measure the P wave and the PR interval; return where it begins and ends."""
    centre = round(REACH * fs)
    # T of the beat before, seen from this beat; far away where there is none.
    t_before = np.where(t_end < 0, centre, t_end) - np.where(
        np.isfinite(usual), np.round(np.minimum(usual, 9) * fs), 9 * fs
    )
    start = np.maximum(t_before + 0.02 * fs, 0.03 * fs).astype(int)
    together = np.sqrt(np.square(noise).mean(axis=1))
    first, last = p_limits(cut, fs, onset, start, together)
    found = first >= 0
    first_used, last_used = np.where(found, first, 0), np.where(found, last, 0)
    level = at_sample(cut, first_used)
    above = cut - level[:, None]
    values = largest_deflection(above, first_used, last_used)
    values[~found] = np.nan
    _fill_leads(rows, "P", values)
    depth, duration = p_terminal(above[:, :, 6], fs, first_used, last_used)
    rows["pr_interval"] = np.where(found, (onset - first) * 1000 / fs, np.nan)
    rows["p_terminal_amplitude_V1"] = np.where(found, depth, np.nan)
    rows["p_terminal_duration_V1"] = np.where(found, duration, np.nan)
    rows["p_terminal_force_V1"] = np.where(found, depth * duration, np.nan)
    return first, last
