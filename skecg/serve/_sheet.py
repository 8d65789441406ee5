"""The 12-lead sheet as SVG, without a plotting library."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skecg.serve._analysis import parts_of
from skecg.serve._paper import line, paper, text
from skecg.utils import LEAD_NAMES, canonical_lead_name

COLUMNS = (
    ("I", "II", "III"),
    ("aVR", "aVL", "aVF"),
    ("V1", "V2", "V3"),
    ("V4", "V5", "V6"),
)
RHYTHM = "II"
_COLUMN_SECONDS = 2.5
# Height of a row in mm: 3 mV at 10 mm/mV.
_ROW = 30.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 2.0, 6.0, 6.0
_LABEL = 4.0
# Orange and blue of `ECGDisplay`'s attributions.
_RAISES, _LOWERS = "#ed7300", "#006bcc"
# A smaller share of the largest stays white.
_FAINTEST = 0.05
# Samples closer than this (mm) are drawn as their smallest and largest value.
_FINEST = 0.25


def draw_sheet(
    record: Any,
    *,
    speed: float = 25.0,
    gain: float = 10.0,
    bands: np.ndarray | None = None,
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
    bands : ndarray of shape (n_times, n_leads), default=None
        What is drawn behind the traces: -1 blue to 1 orange, constant in stretches.

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
    values, fs, names, _ = parts_of(record)
    signal = np.asarray(values[0], dtype=np.float64)
    leads = list(map(canonical_lead_name, names))
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
    title = f"12-lead ECG, {len(signal) / fs:.3g} s at {fs:.4g} Hz"
    scale = f'data-speed="{speed:g}" data-gain="{gain:g}" class="ecg-sheet"'
    parts = [paper(width, height, title, scale, "mm-sheet")]
    for lead, row, start, values in strips:
        x = _LEFT + speed * (start + np.arange(len(values)) / fs)
        y = top + (row + 0.5) * _ROW
        if bands is not None:
            first = round(start * fs)
            of_strip = bands[first : first + len(values), leads.index(lead)]
            parts += _bands(x, y - gain * values, of_strip)
        parts.append(
            f'<path class="trace" d="{line(*_reduced(x, y - gain * values))}"/>'
        )
        label = f"{lead} (rhythm)" if row == len(COLUMNS[0]) else lead
        parts.append(text(x[0] + 1, y - _ROW / 2 + _LABEL, label))
    for row in range(n_rows):
        parts.append(_calibration(gain, top + (row + 0.5) * _ROW))
    parts.append(text(_LEFT, height - 1.5, f"{speed:g} mm/s, {gain:g} mm/mV"))
    return f"{''.join(parts)}</g></svg>"


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


def _bands(x: np.ndarray, y: np.ndarray, shares: np.ndarray) -> Iterator[str]:
    """Yield a wide line behind each stretch of a trace that has a share."""
    starts = np.flatnonzero(np.diff(shares, prepend=np.nan))
    stops = [*starts[1:].tolist(), len(shares)]
    for first, stop in zip(starts.tolist(), stops, strict=True):
        share = shares[first]
        if abs(share) >= _FAINTEST and stop - first > 1:
            here = slice(first, stop)
            color = _RAISES if share > 0 else _LOWERS
            yield (
                f'<path class="band" stroke="{color}" stroke-width="3" '
                f'stroke-opacity="{abs(share):.2f}" d="{line(x[here], y[here])}"/>'
            )


def _reduced(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and largest of samples that are closer than can be seen."""
    # Extremes and not means, so that no QRS loses its height.
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
