"""The 12-lead sheet as SVG, without a plotting library."""

from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np

from skecg.serve._analysis import rate_of
from skecg.utils import LEAD_NAMES, ECGLabels, canonical_lead_name

COLUMNS = (
    ("I", "II", "III"),
    ("aVR", "aVL", "aVF"),
    ("V1", "V2", "V3"),
    ("V4", "V5", "V6"),
)
RHYTHM = "II"
_COLUMN_SECONDS = 2.5
_ROW = 30.0
"""Height of a row in mm: 3 mV at 10 mm/mV."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 2.0, 6.0, 6.0
_LABEL = 4.0
_FINEST = 0.25
"""Samples closer than this (mm) are drawn as their smallest and largest value."""


def draw_sheet(
    record: Any,
    *,
    speed: float = 25.0,
    gain: float = 10.0,
) -> str:
    """Draw a record in three rows of four leads and a rhythm strip.

    Parameters
    ----------
    record : DataArray of shape (1, n_times, n_leads)
        A labelled record in mV, as :func:`skecg.read_ecg` gives it.
    speed : float, default=25.0
        Paper speed in mm/s.
    gain : float, default=10.0
        Height of 1 mV in mm.

    Returns
    -------
    str
        An SVG document whose user unit is 1 mm. Leads that are absent are left out.

    Raises
    ------
    ValueError
        If none of the twelve leads is there.

    Examples
    --------
    >>> from skecg.datasets import make_lvh_ecg
    >>> record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    >>> draw_sheet(record).count('class="trace"')
    13
    """
    signal = np.asarray(ECGLabels.of(record).values()[0], dtype=np.float64)
    leads = [canonical_lead_name(str(lead)) for lead in record.lead.values]
    fs = rate_of(record)
    if not set(leads) & set(LEAD_NAMES) or len(signal) < 2:
        raise ValueError(
            f"None of the leads {leads[:12]} is one of the twelve, so that there is "
            "nothing to draw; see skecg info."
        )
    strips = list(_strips(signal, leads, fs))
    # High voltages need room above the first row and below the last one.
    highest = max(
        np.nanmax(v, initial=0) - row * _ROW / gain for _, row, _, v in strips
    )
    lowest = min(np.nanmin(v, initial=0) for _, row, _, v in strips)
    top = _TOP + max(0.0, gain * highest - _ROW / 2)
    n_rows = 1 + max(row for _, row, _, _ in strips)
    height = top + n_rows * _ROW + max(_BOTTOM, _BOTTOM - gain * lowest - _ROW / 2)
    seconds = max(start + len(values) / fs for _, _, start, values in strips)
    width = _LEFT + max(seconds, 2 * _COLUMN_SECONDS) * speed + _RIGHT
    parts = [_paper(width, height)]
    for lead, row, start, values in strips:
        x = _LEFT + speed * (start + np.arange(len(values)) / fs)
        y = top + (row + 0.5) * _ROW
        parts.append(f'<path class="trace" d="{_path(x, y - gain * values)}"/>')
        label = f"{lead} (rhythm)" if row == len(COLUMNS[0]) else lead
        parts.append(_text(x[0] + 1, y - _ROW / 2 + _LABEL, label))
    for row in range(n_rows):
        parts.append(_calibration(gain, top + (row + 0.5) * _ROW))
    parts.append(_text(_LEFT, height - 1.5, f"{speed:g} mm/s, {gain:g} mm/mV"))
    title = f"12-lead ECG, {len(signal) / fs:.3g} s at {fs:.4g} Hz"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width:.4g} {height:.4g}" '
        f'width="{width:.4g}mm" height="{height:.4g}mm" role="img" class="ecg-sheet" '
        f'data-speed="{speed:g}" data-gain="{gain:g}">'
        f"<title>{title}</title>{''.join(parts)}</g></svg>"
    )


def _strips(
    signal: np.ndarray, leads: list[str], fs: float
) -> Iterator[tuple[str, int, float, np.ndarray]]:
    """Yield lead, row, start (s) and samples (mV) of what the sheet shows."""
    wanted = [
        (lead, row, column * _COLUMN_SECONDS, _COLUMN_SECONDS)
        for column, names in enumerate(COLUMNS)
        for row, lead in enumerate(names)
    ]
    wanted.append((RHYTHM, len(COLUMNS[0]), 0.0, len(COLUMNS) * _COLUMN_SECONDS))
    for lead, row, start, duration in wanted:
        if lead in leads:
            ends = (round(start * fs), round((start + duration) * fs))
            values = signal[slice(*ends), leads.index(lead)]
            if len(values) > 1:
                yield lead, row, start, values


def _paper(width: float, height: float) -> str:
    """Return the grid; with attributes, as a strict page lets no style through."""
    return (
        '<defs><pattern id="mm" width="5" height="5" patternUnits="userSpaceOnUse">'
        '<path d="M1 0V5M2 0V5M3 0V5M4 0V5M0 1H5M0 2H5M0 3H5M0 4H5" fill="none" '
        'stroke="#f3c6c0" stroke-width=".08"/>'
        '<path d="M0 0V5M0 0H5" fill="none" stroke="#e59a90" stroke-width=".2"/>'
        f'</pattern></defs><rect width="{width:g}" height="{height:g}" fill="#fff"/>'
        f'<rect width="{width:g}" height="{height:g}" fill="url(#mm)"/>'
        '<g fill="none" stroke="#111" stroke-width=".25" stroke-linejoin="round" '
        'font-family="sans-serif" font-size="3.4" id="traces">'
    )


def _text(x: float, y: float, words: str) -> str:
    """Return a text of the sheet."""
    place = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text fill="#111" stroke="none" {place}>{escape(words)}</text>'


def _path(x: np.ndarray, y: np.ndarray) -> str:
    """Return the path of a trace; gaps (NaN) interrupt it."""
    x, y = _reduced(x, y)
    points = [
        None if np.isnan(b) else (round(100 * a), round(100 * b))
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    words, last = [], None
    for point in points:
        if point is None:
            last = None
        elif last is None:
            words.append(f"M{point[0] / 100:g} {point[1] / 100:g}")
            last = point
        else:
            dx, dy = point[0] - last[0], point[1] - last[1]
            words.append(f"l{dx / 100:g} {dy / 100:g}")
            last = point
    return "".join(words)


def _reduced(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and largest of samples that are closer than can be seen."""
    step = int(_FINEST / max(1e-9, x[1] - x[0]))
    if step < 3:
        return x, y
    n = len(x) // step * step
    blocks = y[:n].reshape(-1, step)
    order = np.sort(np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)]), axis=0)
    index = (np.arange(0, n, step) + order).T.ravel()
    return x[index], y[index]


def _calibration(gain: float, y: float) -> str:
    """Return the pulse of 1 mV at the left of a row."""
    return f'<path d="M1 {y:.2f}h1v{-gain:g}h4v{gain:g}h1"/>'
