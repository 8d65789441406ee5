"""The median beats with their measured waves as SVG, without a plotting library."""

from typing import Any

import numpy as np

from skecg.plotting import wave_points
from skecg.serve._analysis import parts_of
from skecg.serve._paper import line, paper, text
from skecg.signal import LEAD_NAMES, measure_records

# Paper speed in mm/s, and height of 1 mV in mm.
_SPEED, _GAIN = 50.0, 10.0
_ROWS = 3
_LEFT, _BETWEEN = 4.0, 5.0  # mm: beside the sheet, and between two columns
_LABEL, _ROOM = 5.0, 4.5  # mm: a lead's name; above and below a trace for its values
_LEAST = 12.0  # mm: a row without high waves
_REACH = 5.0  # mm of a mark above and below the level
_BESIDE = 1.0  # mm from a peak to its value
# Where a wave's value stands: its end that is next to the peak, and how far away.
_PLACES = {"Q": ("end", -_BESIDE), "S": ("start", _BESIDE), "R'": ("start", _BESIDE)}

WAVES_OF = {
    "sokolow_lyon_voltage": "S V1|R V5|R V6",
    "sokolow_lyon_12sl": "S V1|S V2|R V5|R V6",
    "sokolow_lyon_limb": "R aVL",
    "sokolow_lyon_product": "S V1|R V5|R V6",
    "cornell_voltage": "R aVL|S V3",
    "cornell_product": "R aVL|S V3",
    "peguero_lo_presti": "|".join(f"S {lead}" for lead in LEAD_NAMES),
    "gubner_ungerleider": "R I|S III",
    "lewis": "R I|S III|S I|R III",
    "total_qrs_voltage": "|".join(f"{w} {k}" for w in "QRS" for k in LEAD_NAMES),
    "total_qrs_product": "|".join(f"{w} {k}" for w in "QRS" for k in LEAD_NAMES),
}
"""The waves that a criterion adds up, to be marked; absent where there are no sums."""


def draw_beats(record: Any) -> str:
    """Draw the median beats of a record, with the waves that the criteria are made of.

    Parameters
    ----------
    record : DataArray of shape (1, n_times, n_leads)
        A labelled record in mV.

    Returns
    -------
    str
        An SVG document whose user unit is 1 mm, at 50 mm/s and 10 mm/mV: a dot and its
        mV on each peak of Q, R and S, lines where QRS begins and ends, dashes at the
        ends of P and T. Empty where nothing was measured.

    Examples
    --------
    >>> from skecg.datasets import make_lvh_ecg
    >>> record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    >>> draw_beats(record).count('class="beat"')
    12
    """
    measured = measure_records(*parts_of(record)[:3], n_jobs=1, return_beats=True)
    table, (beats,), fs, marks = measured
    limits = [int(mark[0]) for mark in marks]
    if table["reason"][0] or min(limits[:2]) < 0:
        return ""
    traces = _GAIN * beats.T.astype(np.float64)
    rows = [_extent(traces[row::_ROWS]) for row in range(_ROWS)]
    width = _SPEED * len(beats) / fs
    n_columns = len(LEAD_NAMES) // _ROWS
    parts, top = [], 0.0
    for row, (high, low) in enumerate(rows):
        level = top + high
        for column in range(n_columns):
            lead = _ROWS * column + row
            x = _LEFT + column * (width + _BETWEEN)
            parts += _draw_lead(x, level, traces[lead], lead, fs, limits, table)
        top = level - low
    whole = 2 * _LEFT + n_columns * (width + _BETWEEN) - _BETWEEN
    title = "Median beats of the twelve leads with their measured waves"
    scale = f'data-speed="{_SPEED:g}" data-gain="{_GAIN:g}" class="ecg-beats"'
    return paper(whole, top + 5, title, scale, "mm-beats") + (
        f"{''.join(parts)}{text(_LEFT, top + 3.5, f'{_SPEED:g} mm/s, {_GAIN:g} mm/mV')}"
        "</g></svg>"
    )


def _extent(traces: np.ndarray) -> tuple[float, float]:
    """Return how far (mm) a row reaches above and below its level."""
    high = np.nanmax(traces, initial=0.5 * _LEAST) + _ROOM + _LABEL
    return high, np.nanmin(traces, initial=-0.5 * _LEAST) - _ROOM


def _draw_lead(
    x: float,
    level: float,
    trace: np.ndarray,
    lead: int,
    fs: float,
    limits: list[int],
    table: np.ndarray,
) -> list[str]:
    """Return what is drawn of one lead, its level at `level` mm from the top."""
    name, step = LEAD_NAMES[lead], _SPEED / fs
    high = np.nanmax(trace, initial=0.5 * _LEAST) + _ROOM
    parts = [text(x, level - high, name)]
    if np.isnan(trace).all():
        return [*parts, text(x + 8, level, "not measured")]
    parts.append(
        f'<path stroke="#777" stroke-width=".15" d="M{x:.2f} {level:.2f}'
        f'h{step * len(trace):.2f}"/>'
    )
    for k, mark in enumerate(limits):
        look = 'stroke="#0072b2"' if k < 2 else 'stroke="#00694d" stroke-dasharray="1"'
        if mark >= 0:
            place = f"M{x + step * mark:.2f} {level - _REACH:.2f}v{2 * _REACH:g}"
            parts.append(f'<path {look} d="{place}"/>')
    along = x + step * np.arange(len(trace))
    parts.append(f'<path class="beat" d="{line(along, level - trace)}"/>')
    for wave, sample, value in wave_points(trace / _GAIN, name, *limits[:2], table):
        at, peak = x + step * sample, level - trace[sample]
        anchor, beside = _PLACES.get(wave, ("middle", 0.0))
        below = peak - 0.8 if value > 0 else peak + 2.9
        parts.append(
            f'<g data-wave="{wave} {name}"><circle cx="{at:.2f}" cy="{peak:.2f}" '
            'r=".6" fill="#b8430a" stroke="none"/>'
            + text(at + beside, below, f"{wave} {abs(value):.2f}", 2.6, anchor)
            + "</g>"
        )
    return parts
