"""The place of each lead on the sheet."""

from dataclasses import dataclass

import numpy as np

from skecg.signal import LEAD_NAMES

LAYOUTS = {"3x4": (3, 4), "6x2": (6, 2), "12x1": (12, 1)}
SHEET_SECONDS = 10.0
LABEL_MM = 5  # height kept free for a lead's name
_GAP_MM = 2  # least white space between traces of two rows
_LEAST_MM = {3: 25, 6: 20, 12: 15}  # between two rows, by the layout's rows
_MOST_MM = 120  # beyond, as in an artefact, rows overlap


@dataclass(frozen=True)
class Panel:
    """A stretch of one lead: samples `start` to `stop`, at `x` mm from the first."""

    lead: int
    row: int
    column: int | None  # None for the rhythm strip, which runs below all columns
    start: int
    stop: int
    x: float


def arrange(names, n_times, fs, *, layout, rhythm_lead, speed):
    """Return the panels of a record, in reading order by columns."""
    grid_rows, grid_columns = LAYOUTS[layout]
    order = range(len(names))
    # Readers know the place of each standard lead, whatever order a file has.
    if set(names) == set(LEAD_NAMES):
        order = [names.index(name) for name in LEAD_NAMES]
    n_columns = grid_columns if len(names) > grid_rows else 1
    n_rows = -(-len(names) // n_columns)
    n_shown = min(n_times, round(SHEET_SECONDS * fs))
    length = min(n_shown, round(SHEET_SECONDS / n_columns * fs))
    panels = []
    for place, lead in enumerate(order):
        column, row = divmod(place, n_rows)
        start = min(column * length, n_shown - length)
        x = column * length / fs * speed
        panels.append(Panel(lead, row, column, start, start + length, x))
    if rhythm_lead == "auto":
        rhythm_lead = "II" if n_columns > 1 and "II" in names else None
    if rhythm_lead is not None:
        panels.append(Panel(names.index(rhythm_lead), n_rows, None, 0, n_shown, 0.0))
    return panels


def label_height(trace, n_label):
    """Return the height in mm above the baseline of a lead's name."""
    return min(max(6.0, _largest(trace[:n_label]) + 1), _MOST_MM / 2)


def stack_rows(panels, traces, layout, pulse_height, n_label):
    """Return the grid's height and each row's baseline above its foot, in mm.

    The distance of rows keeps traces from meeting the row below.
    """
    n_rows = 1 + max(panel.row for panel in panels)
    n_columns = 1 + max(panel.column or 0 for panel in panels)
    above = np.zeros((n_rows, n_columns))
    below = np.zeros((n_rows, n_columns))
    for panel, trace in zip(panels, traces, strict=True):
        cell = panel.row, slice(None) if panel.column is None else panel.column
        label_top = label_height(trace, n_label) + LABEL_MM
        # A rhythm strip is a neighbour of every column.
        above[cell] = max(label_top, _largest(trace))
        below[cell] = max(0.0, _largest(-trace))
    least = _LEAST_MM[LAYOUTS[layout][0]]
    between = (below[:-1] + above[1:]).max(axis=1) + _GAP_MM
    top = max(pulse_height, min(above[0].max(), _MOST_MM)) + _GAP_MM
    foot = max(10.0, min(below[-1].max(), _MOST_MM) + _GAP_MM)
    steps = [_to_box(min(max(step, least), _MOST_MM)) for step in between]
    baselines = _to_box(foot) + np.cumsum([0, *steps[::-1]])[::-1]
    return _to_box(baselines[0] + top), baselines


def _largest(values):
    """Return the largest finite value, 0 if there is none."""
    return max(values[np.isfinite(values)], default=0.0)


def _to_box(length):
    """Round a length in mm up to whole boxes of 5 mm."""
    return 5 * int(np.ceil(length / 5))
