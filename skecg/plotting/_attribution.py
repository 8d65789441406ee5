"""Attributions as bands of colour behind traces, and their scale."""

import numpy as np
from scipy.ndimage import convolve1d

from skecg.utils import import_optional

_POSITIVE, _NEGATIVE = np.array([[0.93, 0.45, 0.0], [0.0, 0.42, 0.80]])  # orange, blue
_FAINTEST = 0.05  # of the limit: smaller attributions stay white
_HIGHEST = 0.995  # quantile of a record's attributions that has the full colour
_WIDTH = 3.0  # mm
_POINTS_PER_MM = 72 / 25.4
_BAR = (40.0, 2.5)  # mm
_STEPS = 80
_BELOW_THE_GRID = -1


def sum_over(values, window):
    """Sum values over a window of samples around each, time being the first axis."""
    return convolve1d(values, np.ones(window), axis=0, mode="constant")


def usual_limit(values):
    """Return the attribution that has the full colour: few are larger."""
    # A quantile, not the largest: one sample would make all others pale.
    size = np.abs(values)
    return float(np.quantile(size, _HIGHEST) or size.max() or 1.0)


def band_colors(values):
    """Return the colours of values from -1 to 1; 0 is white."""
    values = np.asarray(values)[..., np.newaxis]
    return 1 - np.abs(values) * (1 - np.where(values > 0, _POSITIVE, _NEGATIVE))


def draw_band(ax, x, y, values):
    """Draw values from -1 to 1 as a band under a trace and the grid."""
    collections = import_optional("matplotlib.collections", "plot", "ECGDisplay.plot")
    points = np.column_stack([x, y])
    between = (values[:-1] + values[1:]) / 2
    segments = np.stack([points[:-1], points[1:]], axis=1)
    shown = np.abs(between) >= _FAINTEST
    shown &= np.isfinite(segments).all(axis=(1, 2))
    # Neighbours overlap by the band's width, and the last one drawn is seen: the larger
    # a value, the later it is drawn, so that narrow waves keep their colour.
    order = np.flatnonzero(shown)[np.argsort(np.abs(between[shown]), kind="stable")]
    band = collections.LineCollection(
        segments[order],
        colors=band_colors(between[order]),
        linewidths=_WIDTH * _POINTS_PER_MM,
        capstyle="round",
        zorder=_BELOW_THE_GRID,
    )
    band.set_label("attribution")
    ax.add_collection(band, autolim=False)


def draw_scale(sheet, limit, window, exceeded):
    """Draw the bar of colours below the grid, with its ends and its unit.

    Relation signs at the ends mean that attributions exceed the limit.
    """
    collections = import_optional("matplotlib.collections", "plot", "ECGDisplay.plot")
    width, height = _BAR
    left, top = sheet.width / 2 - width / 2, -3.0
    edges = left + width * np.arange(_STEPS + 1) / _STEPS
    values = (2 * np.arange(_STEPS) + 1) / _STEPS - 1
    pieces = [
        [(a, top - height), (a, top), (b, top), (b, top - height)]
        for a, b in zip(edges[:-1], edges[1:], strict=True)
    ]
    bar = collections.PolyCollection(
        pieces, facecolors=band_colors(values), edgecolors="none", antialiaseds=False
    )
    bar.set_label("scale")
    sheet.ax.add_collection(bar, autolim=False)
    style = {"fontsize": 8, "va": "center"}
    middle = top - height / 2
    least, most = ("\N{LESS-THAN OR EQUAL TO} ", "\N{GREATER-THAN OR EQUAL TO} ")
    if not exceeded:
        least = most = ""
    # A sum depends on its window, so that the unit names it.
    unit = "log-odds" if window == 0 else f"log-odds in {1000 * window:g} ms"
    low, high = f"{least}\N{MINUS SIGN}{limit:.2g}", f"{most}+{limit:.2g} {unit}"
    sheet.ax.text(left - 1.5, middle, low, ha="right", **style)
    sheet.ax.text(left + width + 1.5, middle, high, **style)
