"""ECG paper: axes in millimetres, with grid, calibration pulses and texts."""

from math import ceil

from skecg.utils import import_optional

MM_PER_INCH = 25.4
_THIN = {"color": "#F6CACA", "linewidth": 0.3, "zorder": 0}
_THICK = {"color": "#E79C9C", "linewidth": 0.6, "zorder": 0.1}
_MARGIN = 10  # mm of white paper above and below the grid, for the texts
_SIDE = 5  # mm of white paper left and right of it
_INK = {"color": "black", "linewidth": 0.8, "solid_joinstyle": "round"}


class Sheet:
    """Millimetre paper with its origin at the grid's lower left corner.

    `width` and `height` are the least size of the grid in mm, `below` the height of the
    white paper under it.
    """

    def __init__(self, width, height, ax=None, below=_MARGIN):
        self.width = 5 * ceil(width / 5)
        self.height = 5 * ceil(height / 5)
        paper = (2 * _SIDE + self.width, self.height + _MARGIN + below)
        # A figure of the paper's own size prints to scale.
        if ax is None:
            pyplot = import_optional("matplotlib.pyplot", "plot", "drawing an ECG")
            figure = pyplot.figure(figsize=[side / MM_PER_INCH for side in paper])
            ax = figure.add_axes((0, 0, 1, 1))
        self.ax = ax
        ax.set_xlim(-_SIDE, self.width + _SIDE)
        ax.set_ylim(-below, self.height + _MARGIN)
        ax.set_aspect("equal")
        ax.set_axis_off()
        self._draw_grid()

    def _draw_grid(self):
        """Draw thin lines at every mm and thick ones at every 5 mm."""
        for step, style in ((1, _THIN), (5, _THICK)):
            self.ax.vlines(range(0, self.width + 1, step), 0, self.height, **style)
            self.ax.hlines(range(0, self.height + 1, step), 0, self.width, **style)

    def trace(self, x, y):
        """Draw a line in ink, cut off at the end of the paper; return it."""
        (line,) = self.ax.plot(x, y, solid_capstyle="round", **_INK)
        return line

    def pulse(self, x, y, gain):
        """Draw the calibration pulse of 1 mV, 5 mm wide, from (x, y); return it."""
        return self.trace(
            [x, x + 2.5, x + 2.5, x + 7.5, x + 7.5, x + 10],
            [y, y, y + gain, y + gain, y, y],
        )

    def divide(self, x, y):
        """Mark the change of leads at x, above and below the baseline y.

        Grey and off the baseline, so that it is not read as a pacing spike.
        """
        self.ax.vlines([x, x], [y - 8, y + 5], [y - 5, y + 8], color="0.4", linewidth=1)

    def label(self, x, y, text):
        """Write a lead's name with its lower left corner at (x, y)."""
        self.ax.text(x, y, text, fontsize=9, fontweight="bold", va="bottom", zorder=3)

    def header(self, text):
        """Write the title above the grid."""
        self.ax.text(0, self.height + 3, text, fontsize=10, va="bottom")

    def footer(self, left, right):
        """Write two texts below the grid."""
        style = {"fontsize": 8, "va": "top"}
        self.ax.text(0, -3, left, **style)
        self.ax.text(self.width, -3, right, ha="right", **style)
