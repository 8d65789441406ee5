"""Turn the cells of a table into recordings."""

import re
from collections import Counter
from typing import Any

import numpy as np

from skecg.utils import flattened_leads, impossible_span

_FEWEST = 50  # samples; of fewer neither jumps nor laws of leads tell anything
_SMOOTHER = 0.8  # share of the step from sample to sample
# Where white space separates the numbers: 0,25 or 1,234 or 1.234,5 or 1,234.5.
_COMMA_IN_NUMBER = re.compile(
    r"[-+]?(\d+(\.\d{3})*,\d+|\d{1,3}(,\d{3})+\.\d+)", re.ASCII
)
_MINUS_ZERO = re.compile(r"-0,\d")  # -0 is no sample, but -0,3 is a number


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
            signal = read_cell(cell, n_leads) * factor
            _check_signal(signal)
            signals[position] = signal.astype(np.float32)
        except ValueError as error:
            reasons[position] = str(error)
    # Most rows are right: the one that was cut short is the error.
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
        _check_order(signal, n_leads)
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
    _check_commas(text)
    parts = (part for part in re.split(r"[\[\]]", text) if part.strip(" ,\t\r\n"))
    try:
        rows = [[float(number) for number in _numbers(part)] for part in parts]
    except ValueError as error:
        # float() quotes the whole text, which may be all of the recording.
        raise ValueError(
            f"has text that is no number ({_cut(str(error).rpartition(': ')[2])}); "
            "write it like '[0.1, 0.2]', as str(signal.tolist()) does"
        ) from None
    if len({len(row) for row in rows}) > 1:
        raise ValueError("has brackets of different lengths; each must hold n_leads")
    # Brackets within brackets are samples of several leads.
    nested = text.count("[") > 1
    return np.array(rows if nested else [x for row in rows for x in row])


def _numbers(part: str) -> list[str]:
    """Split numbers at commas or white space; nothing between two commas is NaN."""
    part = part.strip()
    if re.search(r"(^|,)\s*(,|$)", part):
        cells = [cell.split() or ["nan"] for cell in part.split(",")]
        return [number for cell in cells for number in cell]
    return part.replace(",", " ").split()


def _check_commas(text: str) -> None:
    """Raise if commas stand inside numbers, as decimal or thousands separators."""
    if "_" in text:
        raise ValueError("has '_' in numbers; write them with digits and a point alone")
    for part in re.split(r"[\[\]]", text):
        words = [word.strip(",") for word in part.split()]
        inside = [word for word in words if "," in word]
        apart = len(words) > 1 and all(map(_COMMA_IN_NUMBER.fullmatch, inside))
        minus_zero = "." not in part and _MINUS_ZERO.search(part)
        if inside and (apart or minus_zero):
            raise ValueError(
                f"seems to have commas inside numbers ({_cut(inside[0])!r}); write "
                "'0.1 0.25' with decimal points, no thousands separators, and ', ' "
                "between values"
            )


def _check_order(flat: np.ndarray, n_leads: int) -> None:
    """Raise if a flat cell has one lead after the other, or leads that are not named.

    Neighbours that are samples of one lead differ less than those of two leads.
    """
    if n_leads > 1 and flat.size >= _FEWEST * n_leads:
        next_value = np.abs(np.diff(flat)).mean()
        next_sample = np.abs(flat[n_leads:] - flat[:-n_leads]).mean()
        if next_value < _SMOOTHER * next_sample:
            raise ValueError(
                f"seems to hold one lead after the other, but a flat cell holds all "
                f"{n_leads} leads of the first sample first; write "
                f"signal.reshape({n_leads}, -1).T instead"
            )
    if n_leads == 1 and (held := several_leads(flat[None])):
        raise ValueError(f"seems to hold {held}")


def several_leads(rows: np.ndarray) -> str:
    """Say how many leads rows seem to hold that count as one, "" where it is one."""
    held, one_by_one = flattened_leads(rows)
    if one_by_one:
        return (
            f"{held} leads, one after the other; write signal.reshape({held}, -1).T "
            f"instead, and give n_leads={held}"
        )
    return f"{held} leads; give n_leads={held}" if held > 1 else ""


def _check_signal(signal: np.ndarray) -> None:
    """Raise if a recording spans more mV than any heart gives."""
    if span := impossible_span(signal):
        raise ValueError(
            f"spans {span:.0f} mV, more than any heart gives; give units='uV' where "
            "it is in microvolts, or convert it to mV"
        )


def _shape_reason(shape: tuple[int, ...], n_leads: int) -> str:
    """Describe a wrong shape and its remedy."""
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
