"""ECG paper, texts and traces of drawings in SVG; the user unit is 1 mm."""

from html import escape

import numpy as np


def paper(width: float, height: float, title: str, attributes: str, grid: str) -> str:
    """Return the begin of a document: its grid, and the group that traces go into.

    `grid` is the name of the grid's pattern, one of its own in each document. All looks
    are attributes, as a strict page lets no style through.
    """
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width:.4g} {height:.4g}" '
        f'width="{width:.4g}mm" height="{height:.4g}mm" role="img" {attributes}>'
        f"<title>{title}</title>"
        f'<defs><pattern id="{grid}" width="5" height="5" '
        'patternUnits="userSpaceOnUse">'
        '<path d="M1 0V5M2 0V5M3 0V5M4 0V5M0 1H5M0 2H5M0 3H5M0 4H5" fill="none" '
        'stroke="#f3c6c0" stroke-width=".08"/>'
        '<path d="M0 0V5M0 0H5" fill="none" stroke="#e59a90" stroke-width=".2"/>'
        f'</pattern></defs><rect width="{width:g}" height="{height:g}" fill="#fff"/>'
        f'<rect width="{width:g}" height="{height:g}" fill="url(#{grid})"/>'
        '<g fill="none" stroke="#111" stroke-width=".25" stroke-linejoin="round" '
        'font-family="sans-serif" font-size="3.4">'
    )


def text(
    x: float, y: float, words: str, size: float | None = None, anchor: str = "start"
) -> str:
    """Return a text whose baseline is at `y`, legible on traces and grid."""
    place = f'x="{x:.1f}" y="{y:.1f}"'
    if anchor != "start":
        place += f' text-anchor="{anchor}"'
    if size is not None:
        place += f' font-size="{size:g}"'
    # A white outline, drawn first, keeps letters apart from the grid.
    halo = 'fill="#111" stroke="#fff" stroke-width=".8" paint-order="stroke"'
    return f"<text {halo} {place}>{escape(words)}</text>"


def line(x: np.ndarray, y: np.ndarray) -> str:
    """Return the path of a trace in hundredths of a mm; gaps (NaN) interrupt it."""
    known = ~np.isnan(y)
    edges = np.flatnonzero(np.diff(known, prepend=False, append=False))
    parts = []
    for first, stop in edges.reshape(-1, 2).tolist():
        points = np.rint(100 * np.stack([x[first:stop], y[first:stop]])).astype(int)
        across, down = (_words(steps) for steps in np.diff(points))
        start = f"M{points[0, 0] / 100:g} {points[1, 0] / 100:g}"
        parts += [start, *(f"l{a} {b}" for a, b in zip(across, down, strict=True))]
    return "".join(parts)


def _words(steps: np.ndarray) -> list[str]:
    """Return steps in hundredths as texts; there are far fewer kinds than steps."""
    kinds, index = np.unique(steps, return_inverse=True)
    words = [f"{kind / 100:g}" for kind in kinds.tolist()]
    return [words[k] for k in index.tolist()]
