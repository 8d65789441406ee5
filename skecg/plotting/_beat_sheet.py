"""Drawing twelve median beats on ECG paper, three rows of four."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from skecg.plotting._layout import Panel, label_height, stack_rows
from skecg.plotting._sheet import Sheet
from skecg.plotting._waves import wave_points
from skecg.signal import LEAD_NAMES
from skecg.utils import import_optional

_LEFT = 15.0  # mm from the grid's edge to the first sample
_GAP = 5.0  # mm between two columns
_LABEL = 9.0  # mm: width of a lead's name
_TEXT = 4.0  # mm kept free above and below a trace for the values
_REACH = 5.5  # mm of a mark above and below the baseline, short of the lead's name
_CLEAR = 0.04  # s kept from the neighbouring beats' QRS complexes
_ROWS = 3
_QRS = {"color": "#0072B2", "linewidth": 0.8}  # blue and green of Okabe and Ito
_OTHER = {"color": "#009E73", "linewidth": 0.9, "linestyles": (0, (2, 1.5))}
_LEVEL = {"color": "0.45", "linewidth": 0.6, "zorder": 1}
_FONT_SIZE = 7.0
_LETTER, _HEIGHT = 1.45, 2.9  # mm of a letter of the values, as wide and as high
_DISTANCES = (1.2, 2.0, 3.5, 5.0, 7.0)  # mm from a peak to its value
_DIRECTIONS = (
    *((0, 1), (0.7, 0.7), (-0.7, 0.7), (1, 0), (-1, 0)),
    *((0, -1), (0.7, -0.7), (-0.7, -0.7)),
)


@dataclass(frozen=True)
class BeatSheet:
    """The content of a sheet: beats (n_times, 12) in mV, marks in samples, the row."""

    beats: np.ndarray
    fs: float
    marks: list[int]
    measurements: np.ndarray
    speed: float
    gain: float

    def draw(self, ax, below):
        """Draw on `ax`, or on a new figure if None, with white paper `below` in mm.

        Return the sheet, the line of each lead, and the dot of each lead and wave.
        """
        panels = self._panels()
        own = self._own_samples()
        traces = [
            np.where(own, self.gain * self.beats[:, panel.lead], np.nan)
            for panel in panels
        ]
        n_label = round(_LABEL / self.speed * self.fs)
        height, baselines = stack_rows(
            panels, [_with_room(t) for t in traces], "3x4", self.gain, n_label
        )
        width = max(panel.x for panel in panels) + self._width() + _LEFT + _GAP
        sheet = Sheet(width, height, ax, below=below)
        for baseline in baselines:
            sheet.pulse(2.5, baseline, self.gain)
        lines, points = {}, {}
        for panel, trace in zip(panels, traces, strict=True):
            name = LEAD_NAMES[panel.lead]
            x, y = _LEFT + panel.x, baselines[panel.row]
            sheet.label(x + 1, y + label_height(trace, n_label), name)
            if np.isnan(trace).all():
                sheet.ax.text(x + 1, y, "not measured", fontsize=8, color="0.4")
                continue
            lines[name] = sheet.trace(x + self._along(np.arange(len(trace))), y + trace)
            limits = self._draw_marks(sheet.ax, x, y)
            points |= self._draw_points(
                sheet.ax, lines[name].get_xydata(), limits, name
            )
        return sheet, lines, points

    def _own_samples(self):
        """Mark the samples before the next beat and after the last, at mean rate."""
        # At a high rate the ends of a beat belong to its neighbours, and would be read
        # as waves of its own.
        times = np.arange(len(self.beats)) / self.fs
        interval = 60 / self.measurements["heart_rate"][0]
        onset, offset = (mark / self.fs for mark in self.marks[:2])
        if onset < 0 or offset < 0 or np.isnan(interval):
            return np.ones(len(times), bool)
        before, after = offset - interval + _CLEAR, onset + interval - _CLEAR
        return (times > before) & (times < after)

    def _width(self):
        """Return the width of one beat in mm."""
        return self._along(len(self.beats))

    def _along(self, sample):
        """Return the distance of a sample from the first in mm."""
        return sample / self.fs * self.speed

    def _panels(self):
        """Return the place of each lead, down the columns."""
        step = self._width() + _GAP
        places = [divmod(lead, _ROWS) for lead in range(len(LEAD_NAMES))]
        return [
            Panel(lead, row, column, 0, len(self.beats), column * step)
            for lead, (column, row) in enumerate(places)
        ]

    def _draw_marks(self, ax, x, y):
        """Draw level and limits of the waves of one lead; return points on limits."""
        ax.hlines(y, x, x + self._width(), **_LEVEL)
        drawn = [np.empty((0, 2))]
        for numbers, style in ((self.marks[:2], _QRS), (self.marks[2:], _OTHER)):
            found = [x + self._along(number) for number in numbers if number >= 0]
            ax.vlines(found, y - _REACH, y + _REACH, zorder=1.5, **style)
            heights = np.arange(y - _REACH, y + _REACH)
            drawn += [np.column_stack([0 * heights + at, heights]) for at in found]
        return np.concatenate(drawn)

    def _draw_points(self, ax, trace, limits, name):
        """Draw dots and values on the peaks of one lead."""
        onset, offset = self.marks[:2]
        if onset < 0 or offset < 0:
            return {}
        beat = self.beats[:, LEAD_NAMES.index(name)]
        waves = wave_points(beat, name, onset, offset, self.measurements)
        dots = trace[[wave.sample for wave in waves]]
        points, boxes = {}, []
        for (wave, _, value), dot in zip(waves, dots, strict=True):
            (points[name, wave],) = ax.plot(
                *dot, marker="o", markersize=2.6, color="#D55E00", zorder=3
            )
            text = f"{wave} {abs(value):.2f}"
            size = np.array([_LETTER * len(text), _HEIGHT])
            places = _places(dot, size, 1 if value > 0 else -1)
            # Near the peak, but before all else legible: a text may hide no other text
            # (30), no dot (10), little of the trace (3 a sample) and of the marks.
            costs = [
                distance
                + 30 * sum(_overlap(box, other) for other in boxes)
                + 10 * _n_inside(dots, box)
                + 3 * min(_n_inside(trace, box), 20)
                + 0.5 * _n_inside(limits, box)
                for distance, box in places
            ]
            boxes.append(places[int(np.argmin(costs))][1])
            _write_value(ax, *boxes[-1][0], text)
        return points


def _places(dot, size, side):
    """Return distances and boxes in which a value may be written, its own side first.

    The direction points from the peak to the box, whose nearest side or corner is so
    many mm away.
    """
    places = []
    for distance, (dx, dy) in product(_DISTANCES, _DIRECTIONS):
        direction = np.array([dx, side * dy])
        corner = dot + distance * direction + size * (np.sign(direction) - 1) / 2
        away = 0.4 if dy < 0 else 0.0
        places.append((distance + away, np.array([corner, corner + size])))
    return places


def _overlap(box, other):
    """Tell whether two boxes, each of a lower left and an upper right corner, meet."""
    return bool((box[0] < other[1]).all() and (other[0] < box[1]).all())


def _n_inside(points, box):
    """Return how many points a box covers."""
    return int(((points > box[0]) & (points < box[1])).all(axis=1).sum())


def _write_value(ax, x, y, text):
    """Write a value with its lower left corner at (x, y), legible on lines and grid."""
    effects = import_optional("matplotlib.patheffects", "plot", "drawing an ECG")
    halo = effects.withStroke(linewidth=1.5, foreground="white")
    ax.text(x, y, text, path_effects=[halo], va="bottom", fontsize=_FONT_SIZE, zorder=4)


def _with_room(trace):
    """Return a trace that reaches as far up and down as its values' texts."""
    if np.isnan(trace).all():
        return trace
    return np.append(trace, [np.nanmax(trace) + _TEXT, np.nanmin(trace) - _TEXT])
