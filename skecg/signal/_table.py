"""The table of measured waves, filled from median beats."""

import numpy as np

from skecg.signal._delineation import (
    Marks,
    p_limits,
    qrs_limits,
    spatial_slope,
    t_wave_end,
)
from skecg.signal._leads import LEAD_NAMES
from skecg.signal._median import AFTER, BEFORE
from skecg.signal._waves import at_sample, largest_deflection, p_terminal, qrs_waves

REASONS = (
    "measured",
    "no lead with a signal",
    "too short",
    "no beats found",
    "too few whole beats of one shape",
    "QRS onset or offset not found",
    "every lead too noisy",
    "pacing spikes that hide the QRS complex",
)
"""What the numbers in the column ``reason`` mean."""

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
COUNT_FIELDS = ("n_beats", "n_used", "reason")
WAVE_FIELDS = ("Q", "R", "S", "R2", "J", "ST", "T", "P")

MEASUREMENT_DTYPE = np.dtype(
    [(name, np.float64) for name in RECORD_FIELDS]
    + [(name, np.int64) for name in COUNT_FIELDS]
    + [(f"{wave}_{lead}", np.float64) for wave in WAVE_FIELDS for lead in LEAD_NAMES]
)
"""The columns of :func:`measure_records`."""

_LEVEL = 0.02  # s before the QRS onset: the baseline
_LONGEST_QRS = 0.28  # s
_ST_AFTER_J = 0.06  # s


def empty_table(n_records: int) -> np.ndarray:
    """Make a table that says that nothing was measured."""
    table = np.zeros(n_records, MEASUREMENT_DTYPE)
    for name in MEASUREMENT_DTYPE.names or ():
        if name not in COUNT_FIELDS:
            table[name] = np.nan
    return table


def mask_leads(table: np.ndarray, clear: np.ndarray) -> None:
    """Take out what was measured in leads that are not clear: (n_records, 12)."""
    needs: dict[str, tuple[str, ...]]
    needs = {f"{wave}_{lead}": (lead,) for wave in WAVE_FIELDS for lead in LEAD_NAMES}
    needs |= {name: (name[-2:],) for name in RECORD_FIELDS if name[-2:] in LEAD_NAMES}
    needs |= {"qrs_axis": ("I", "aVF")}
    for name, leads in needs.items():
        known = clear[:, [LEAD_NAMES.index(lead) for lead in leads]].all(axis=1)
        table[name][~known] = np.nan


def measure_beats(
    beats: np.ndarray,
    fs: float,
    noise: np.ndarray,
    usual: np.ndarray,
    table: np.ndarray,
) -> Marks:
    """Measure the waves of median beats into the table's rows."""
    none = Marks(*np.full((len(Marks._fields), len(beats)), -1))
    good = np.flatnonzero(table["reason"] == 0)
    slope = spatial_slope(beats[good], fs)
    onset, offset = qrs_limits(slope, fs)
    found = (onset >= 0) & (offset >= 0) & (offset - onset < _LONGEST_QRS * fs)
    table["reason"][good[~found]] = 5
    good, onset, offset = good[found], onset[found], offset[found]
    if not len(good):
        return none
    cut = beats[good]
    before = onset[:, None] - np.arange(1, round(_LEVEL * fs) + 1)
    cut -= np.take_along_axis(cut, before[:, :, None], 1).mean(axis=1, keepdims=True)
    beats[good] = cut
    rows = table[good]
    _fill_qrs(rows, cut, fs, onset, offset)
    t_end = _fill_t(rows, cut, fs, onset, offset, usual[good])
    p_onset, p_offset = _fill_p(rows, cut, fs, onset, t_end, usual[good], noise[good])
    table[good] = rows
    for mark, values in zip(
        none, (onset, offset, t_end, p_onset, p_offset), strict=True
    ):
        mark[good] = values
    return none


def _fill_leads(rows: np.ndarray, wave: str, values: np.ndarray) -> None:
    """Write (n_records, 12) values into the columns of one wave."""
    for k, lead in enumerate(LEAD_NAMES):
        rows[f"{wave}_{lead}"] = values[:, k]


def _fill_qrs(
    rows: np.ndarray, cut: np.ndarray, fs: float, onset: np.ndarray, offset: np.ndarray
) -> None:
    """Measure the QRS complex: its waves, duration, axis and R peak times."""
    waves = qrs_waves(cut, fs, onset, offset)
    for wave, values in zip(("Q", "R", "S", "R2"), waves[:4], strict=True):
        _fill_leads(rows, wave, values)
    to_ms = 1000 / fs
    rows["qrs_duration"] = (offset - onset) * to_ms
    rows["intrinsicoid_V5"] = waves.r_time[:, 10] * to_ms
    rows["intrinsicoid_V6"] = waves.r_time[:, 11] * to_ms
    net = waves.r - np.maximum(waves.q, waves.s)
    axis = np.degrees(np.arctan2(net[:, 5] * 2 / np.sqrt(3), net[:, 0]))
    rows["qrs_axis"] = np.where(net[:, [0, 5]].any(axis=1), axis, np.nan)
    _fill_leads(rows, "J", at_sample(cut, offset))
    _fill_leads(rows, "ST", at_sample(cut, offset + round(_ST_AFTER_J * fs)))


def _fill_t(
    rows: np.ndarray,
    cut: np.ndarray,
    fs: float,
    onset: np.ndarray,
    offset: np.ndarray,
    usual: np.ndarray,
) -> np.ndarray:
    """Measure the T wave and the QT interval; return its end, -1 where none."""
    centre = round(BEFORE * fs)
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
    centre = round(BEFORE * fs)
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
