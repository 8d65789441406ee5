"""Turn the cells of a table into recordings."""

import re
from collections import Counter
from typing import Any

import numpy as np


def read_cells(
    cells: list[Any], n_leads: int, factor: float
) -> tuple[dict[int, np.ndarray], dict[int, str]]:
    """Read recordings of one length.

    Returns the float32 recordings, multiplied by `factor`, and the reasons of the
    other cells, both by position. Of several lengths the most frequent one counts.
    """
    signals: dict[int, np.ndarray] = {}
    reasons: dict[int, str] = {}
    for position, cell in enumerate(cells):
        try:
            signals[position] = (read_cell(cell, n_leads) * factor).astype(np.float32)
        except ValueError as error:
            reasons[position] = str(error)
    lengths = Counter(map(len, signals.values())).most_common(1)
    for position in [p for p, s in signals.items() if len(s) != lengths[0][0]]:
        reasons[position] = (
            f"has {len(signals.pop(position))} samples, but most rows have "
            f"{lengths[0][0]}; cut or pad the recordings to one length"
        )
    return signals, reasons


def read_cell(cell: Any, n_leads: int) -> np.ndarray:
    """Return one recording as float64 of shape (n_times, n_leads).

    Raises a ValueError that ends the sentence "row 3 ...".

    Examples
    --------
    >>> read_cell("[0.1, 0.2, 0.3, 0.4]", n_leads=2).tolist()
    [[0.1, 0.2], [0.3, 0.4]]
    """
    if isinstance(cell, str):
        signal = _parse_text(cell)
    else:
        try:
            signal = np.asarray(cell, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(
                f"holds no sequence of numbers, but {shorten(cell)}; mend it"
            ) from None
    if signal.ndim == 0 or not signal.size:
        raise ValueError("holds no recording; drop the row or fill it in")
    if signal.ndim == 1 and signal.size % n_leads == 0:
        signal = signal.reshape(-1, n_leads)
    if signal.ndim != 2 or signal.shape[1] != n_leads:
        raise ValueError(_shape_reason(signal.shape, n_leads))
    if not np.isfinite(signal).all():
        raise ValueError("has NaN or infinite values; fill them in or drop the row")
    return signal


def _parse_text(text: str) -> np.ndarray:
    """Parse numbers between commas, spaces and brackets."""
    if "..." in text:
        raise ValueError(
            "was cut short ('...') when the table was written, so that values are "
            "lost; write it again with each signal as signal.tolist()"
        )
    parts = (part.replace(",", " ").split() for part in re.split(r"[\[\]]", text))
    try:
        rows = [[float(number) for number in part] for part in parts if part]
    except ValueError as error:
        # float() quotes the whole text, which may be all of the recording.
        raise ValueError(
            f"has text that is no number ({_cut(str(error).rpartition(': ')[2])}); "
            "write it like '[0.1, 0.2]', as str(signal.tolist()) does"
        ) from None
    if len({len(row) for row in rows}) > 1:
        raise ValueError("has brackets of different lengths; each must hold n_leads")
    nested = text.count("[") > 1
    return np.array(rows if nested else [x for row in rows for x in row])


def _shape_reason(shape: tuple[int, ...], n_leads: int) -> str:
    """Say what is wrong with a shape, and which change would mend it."""
    if len(shape) == 1:
        return (
            f"has {shape[0]} values, which {n_leads} leads cannot share evenly; "
            "correct n_leads"
        )
    reason = f"has the shape {shape}, but must have (n_times, {n_leads})"
    if len(shape) == 2 and shape[0] == n_leads:
        return f"{reason}; transpose it with signal.T"
    return f"{reason}; give its number of leads as n_leads"


def shorten(cell: Any) -> str:
    """Return a short text of any cell."""
    return _cut(repr(cell))


def _cut(text: str) -> str:
    """Return the first 40 characters."""
    return text if len(text) <= 40 else f"{text[:37]}..."
