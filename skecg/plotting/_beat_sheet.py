"""Drawing twelve median beats on ECG paper, three rows of four."""

from dataclasses import dataclass

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
_PLACES = {  # alignment and distance in mm of a value beside its peak
    "Q": ("right", "top", -0.8, -0.6),
    "QS": ("center", "top", 0.0, -1.0),
    "R": ("center", "bottom", 0.0, 0.8),
    "S": ("left", "top", 0.8, -0.6),
    "R before R'": ("right", "bottom", -0.2, 0.6),
    "R'": ("left", "bottom", 0.8, 0.6),
}


@dataclass(frozen=True)
class BeatSheet:
    """What is to be drawn: beats (n_times, 12) in mV, marks in samples, the row."""

    beats: np.ndarray
    fs: float
    marks: list[int]
    measurements: np.ndarray
    speed: float
    gain: float

    def draw(self, ax, least_height, right):
        """Draw on `ax`, or on a new figure if None.

        Returns
        -------
        sheet : Sheet
            The sheet drawn on.
        lines : dict of str to Line2D
            The line of each lead's beat.
        points : dict of (str, str) to Line2D
            The dot on the peak of each lead's wave.
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
        spare = 5 * np.ceil(max(0, least_height - height) / 5)
        baselines = baselines + 5 * (spare // 10)
        width = max(panel.x for panel in panels) + self._width() + _LEFT + _GAP
        sheet = Sheet(width, height + spare, ax, right=right)
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
            self._draw_marks(sheet.ax, x, y)
            points |= self._draw_points(sheet.ax, x, y, name)
        return sheet, lines, points

    def _own_samples(self):
        """Mark the samples before the next beat and after the last, at mean rate."""
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
        """Return how far a sample lies from the first, in mm."""
        return sample / self.fs * self.speed

    def _panels(self):
        """Return where each lead stands, down the columns."""
        step = self._width() + _GAP
        places = [divmod(lead, _ROWS) for lead in range(len(LEAD_NAMES))]
        return [
            Panel(lead, row, column, 0, len(self.beats), column * step)
            for lead, (column, row) in enumerate(places)
        ]

    def _draw_marks(self, ax, x, y):
        """Draw the level and the limits of the waves of one lead."""
        ax.hlines(y, x, x + self._width(), **_LEVEL)
        for numbers, style in ((self.marks[:2], _QRS), (self.marks[2:], _OTHER)):
            found = [x + self._along(number) for number in numbers if number >= 0]
            ax.vlines(found, y - _REACH, y + _REACH, zorder=1.5, **style)

    def _draw_points(self, ax, x, y, name):
        """Draw dots and values on the peaks of one lead."""
        onset, offset = self.marks[:2]
        if onset < 0 or offset < 0:
            return {}
        beat = self.beats[:, LEAD_NAMES.index(name)]
        waves = wave_points(beat, name, onset, offset, self.measurements)
        split = waves[-1:] and waves[-1].wave == "R'"
        points = {}
        for wave, sample, value in waves:
            at, height = x + self._along(sample), y + self.gain * value
            (points[name, wave],) = ax.plot(
                at, height, marker="o", markersize=2.6, color="#D55E00", zorder=3
            )
            place = _PLACES["R before R'" if split and wave == "R" else wave]
            _write_value(ax, at, height, f"{wave} {abs(value):.2f}", *place)
        return points


def _write_value(ax, x, y, text, ha, va, dx, dy):
    """Write a value beside its peak, legible on lines and grid."""
    effects = import_optional("matplotlib.patheffects", "plot", "drawing an ECG")
    halo = effects.withStroke(linewidth=1.5, foreground="white")
    style = {"ha": ha, "va": va, "fontsize": 6.5, "zorder": 4}
    ax.text(x + dx, y + dy, text, path_effects=[halo], **style)


def _with_room(trace):
    """Return a trace that reaches as far up and down as its values' texts."""
    if np.isnan(trace).all():
        return trace
    return np.append(trace, [np.nanmax(trace) + _TEXT, np.nanmin(trace) - _TEXT])
