"""Text of one recording with a row a sample and a column a lead: CSV, TSV, TXT.

Read are tables with commas, semicolons, tabs or spaces between cells and a point in
numbers, in UTF-8, UTF-16 or Latin-1. A header names the leads, with units in brackets
(``I (uV)``) or in a row of their own; a column of times gives the sampling rate; lines
that begin with ``#`` or ``%`` may state ``fs``, ``units``, ``sex`` and ``age``. Decimal
commas, thousands separators, empty cells and words are errors.
"""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

import numpy as np

from skecg.io._comments import stated
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._units import rate_of_times, time_unit
from skecg.io._unsaid import check_known, require_names, to_millivolts
from skecg.utils import LEAD_NAMES, canonical_lead_name, voltage_unit

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
_NUMBERS_ONLY = re.compile(r"[-+.0-9eE,;\t\n nNaA]*", re.ASCII)
_GROUPED = re.compile(r"\s*[\"']?[-+]?[1-9]\d{0,2}\.\d{3}[\"']?\s*", re.ASCII)
_GAPS = {"nan", "na"}
# hours, minutes and seconds: 12:30:01.002, '0:00.003' as PhysioNet writes it
_CLOCK = re.compile(
    r"^\s*[\"']?(?:\d{4}-\d\d-\d\d[T ])?(?:(\d+):)?(\d{1,2}):"
    r"(\d{1,2}(?:\.\d{1,9})?)[\"']?(?=\s*[,;\t ])",
    re.ASCII,
)
_UNIT = re.compile(r"(.*?)(?:\s*[\[(]\s*([^\])]+?)\s*[\])]|\s*[_/ ]\s*(\S+))\s*")
_TIMES = {"time", "times", "t", "elapsed time", "elapsed_time", "timestamp", "seconds"}
_COUNTERS = {"", "sample", "samples", "index", "n", "sample #", "sample_number"}
_MOST_COLUMNS = 10_000
_MOST_ABOVE = 4  # lines without numbers above the first sample
_ONE_CELL = "\x1f"  # stands in no line
_LOOSE = re.compile(r"\s*[\"']?[-+]?[.,]?\d[\d.,eE+-]*[\"']?\s*", re.ASCII)


class _Column(NamedTuple):
    """Heading of a column."""

    name: str
    unit: str | None


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like a table of numbers."""
    if b"\0" in head[:2] or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[: len(head) // 2 * 2]
    elif b"\0" in head:
        return False
    try:
        text = _decode(head)
    except ECGFileError:
        return False
    lines = text.splitlines()
    if len(lines) > _MOST_ABOVE:
        lines.pop()  # it may be cut off
    rows = [line for line in lines if line.strip()[:1] not in ("#", "%", "")]
    return _first_numbers(rows) is not None or _names_leads(rows)


def read(
    data: bytes,
    *,
    fs: float | None = None,
    units: str | None = None,
    leads: Sequence[str] | None = None,
) -> ParsedECG:
    """Read a table; the arguments count where it does not state them."""
    text = _decode(data)
    lines = text.splitlines()
    comments = [line for line in lines if line.lstrip()[:1] in ("#", "%")]
    rows = [
        (number, line)
        for number, line in enumerate(lines, 1)
        if line.strip() and line.lstrip()[:1] not in ("#", "%")
    ]
    if not rows:
        raise ECGFileError("the file holds no table.")
    columns, values = _read_table(rows)
    said = stated(comments)
    values, columns, found_fs, notes = _take_times(values, columns, fs)
    rate = next((r for r in (found_fs, said.fs, fs) if r is not None), None)
    n_leads = values.shape[1]
    found = [column.unit or said.units for column in columns or ()]
    found = found or [said.units] * n_leads
    found_names = [column.name for column in columns] if columns else None
    names = require_names(found_names, leads, n_leads)
    given = units or all(found)
    check_known(leads=f"{n_leads} columns", fs=rate, units=given, names=names)
    signal, unit = to_millivolts(values, found, units)
    return ParsedECG(
        signal=signal,
        fs=float(rate or 0),
        leads=names,
        units=unit,
        sex=said.sex,
        age=said.age,
        notes=(*notes, *said.notes),
    )


def _decode(data: bytes) -> str:
    """Return the text of a file."""
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if marked:
            raise ECGFileError(
                "the text is no UTF-16, as its first bytes say; save it as UTF-8."
            ) from error
    return data.decode("latin-1")


def _first_numbers(lines: Sequence[str]) -> str | None:
    """Return the first line of samples, None where there is none near the top."""
    for line in lines[:_MOST_ABOVE]:
        cells = _cells_of([line], _delimiter(line))[0]
        numeric = sum(bool(_LOOSE.fullmatch(cell)) or _is_gap(cell) for cell in cells)
        if numeric and numeric >= len(cells) - 1:
            return line
    return None


def _names_leads(lines: Sequence[str]) -> bool:
    """Tell whether the first line is a row of lead names, and another one follows."""
    if len(lines) < 2:
        return False
    cells = _cells_of(lines[:1], _delimiter(lines[0]))[0]
    known = {name.casefold() for name in LEAD_NAMES}
    names = [_column(cell.strip()).name.casefold() for cell in cells]
    return sum(name in known for name in names) > 1


def _delimiter(line: str) -> str | None:
    """Return what stands between the cells of a row of samples; None for spaces."""
    # These never stand inside a number, as a comma may.
    for delimiter in ("\t", ";"):
        if delimiter in line:
            return delimiter
    without = re.sub(r"\s*,\s*", ",", line.strip())
    if "," in without and not re.search(r"\d\s+[-+.\d]", without):
        return ","  # else the commas are decimal ones
    return None if len(without.split()) > 1 else _ONE_CELL


def _cells_of(lines: Sequence[str], delimiter: str | None) -> list[list[str]]:
    """Split rows into cells."""
    quoted = any('"' in line or "'" in line for line in lines)
    if delimiter is None:
        return [[cell.strip("'\"") for cell in line.split()] for line in lines]
    if not quoted:
        return [line.split(delimiter) for line in lines]
    mark = '"' if any('"' in line for line in lines) else "'"
    reader = csv.reader(
        lines, delimiter=delimiter, quotechar=mark, skipinitialspace=True
    )
    return [row for row in reader if row]


def _is_gap(cell: str) -> bool:
    """Tell whether a cell says that nothing was recorded."""
    return cell.strip().casefold() in _GAPS


def _read_table(
    rows: list[tuple[int, str]],
) -> tuple[list[_Column] | None, np.ndarray]:
    """Return the headings, None where there are none, and the numbers."""
    lines = [line for _, line in rows[: _MOST_ABOVE + 1]]
    first = _first_numbers(lines)
    if first is None and _names_leads(lines):
        number, line = rows[1]
        for k, cell in enumerate(_cells_of([line], _delimiter(lines[0]))[0]):
            _number(cell, number, k)
    if first is None or (n_headings := lines.index(first)) > 2:
        raise ECGFileError(
            "the table has no numbers under its headings; write a row a sample and a "
            "column a lead."
        )
    delimiter = _delimiter(first)
    cells = _cells_of(lines, delimiter)
    headings = cells[:n_headings]
    samples = _clocks_in_seconds(rows[n_headings:])
    values = _numbers(samples, delimiter, headings[0] if headings else None)
    if not headings:
        _refuse_counted_columns(values)
    # A separator at the end of each row makes a column of nothing.
    if headings and len(headings[0]) == values.shape[1] + 1 and not headings[0][-1]:
        headings[0].pop()
    return (_columns(headings, values.shape[1]) if headings else None), values


def _clocks_in_seconds(rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return rows with seconds for the times of day or elapsed times before samples."""
    if not _CLOCK.match(rows[0][1]):
        return rows

    def seconds(match: re.Match) -> str:
        hours, minutes = int(match[1] or 0), int(match[2])
        return f"{3600 * hours + 60 * minutes + float(match[3]):.9f}"

    return [(number, _CLOCK.sub(seconds, line, count=1)) for number, line in rows]


def _refuse_counted_columns(values: np.ndarray) -> None:
    """Raise if the first row counts the columns, as pandas writes a header."""
    n_columns = values.shape[1]
    for first in (0, 1):
        if n_columns > 2 and (values[0] == np.arange(n_columns) + first).all():
            raise ECGFileError(
                f"the first row counts the columns from {first}, as a header of "
                "numbers does; name the leads there, or leave the header out.",
                field="header",
            )


def _columns(headings: list[list[str]], n_columns: int) -> list[_Column]:
    """Return name and unit of each column."""
    if len(headings[0]) != n_columns:
        raise ECGFileError(
            f"the header has {len(headings[0])} cells, but the rows have {n_columns}; "
            "write one name a column, and decimal points instead of commas.",
            field="header",
        )
    columns = [_column(cell.strip()) for cell in headings[0]]
    if len(headings) == 2:
        units = [voltage_unit(cell) or time_unit(cell) for cell in headings[1]]
        if len(units) != n_columns or not all(units):
            raise ECGFileError(
                "the second row must have numbers, or a unit a column such as mV; "
                "remove other rows.",
                field="header",
            )
        columns = [
            _Column(column.name, unit)
            for column, unit in zip(columns, units, strict=True)
        ]
    return columns


def _column(heading: str) -> _Column:
    """Split a heading into a name and its unit."""
    match = _UNIT.fullmatch(heading)
    if not match:
        return _Column(heading, None)
    bracketed, text = match[2], match[2] or match[3]
    unit = voltage_unit(text) or time_unit(text)
    if bracketed and canonical_lead_name(bracketed) not in LEAD_NAMES:
        return _Column(match[1].strip(), unit or bracketed)
    # Without brackets, a letter may belong to the name: "lead v".
    if not unit or text in ("v", "s", "h"):
        return _Column(heading, None)
    return _Column(match[1].strip(), unit)


def _numbers(
    rows: list[tuple[int, str]], delimiter: str | None, header: list[str] | None
) -> np.ndarray:
    """Return the numbers of the rows, or name the cell that is none."""
    lines = [line for _, line in rows]
    if delimiter and all(line.rstrip(" ").endswith(delimiter) for line in lines):
        lines = [line.rstrip(" ")[:-1] for line in lines]
    width = len(_cells_of(lines[:1], delimiter)[0])
    if width > _MOST_COLUMNS:
        require_names(None, None, width)
    # Where commas separate cells, no comma is a decimal one, so that nobody wrote
    # points between thousands.
    if delimiter != ",":
        _refuse_thousands(lines, delimiter)
    if _NUMBERS_ONLY.fullmatch("\n".join(lines)):
        cells = [line.split(delimiter) for line in lines]
        # The careful way says which cell is wrong.
        with suppress(ValueError):
            if set(map(len, cells)) == {width}:
                flat = list(map(float, chain.from_iterable(cells)))
                return np.array(flat).reshape(-1, width)
    return _numbers_one_by_one(rows, lines, delimiter, width)


def _refuse_thousands(lines: list[str], delimiter: str | None) -> None:
    """Raise if all points may stand between thousands, as in 1.000 for a thousand."""
    with_point = (
        cell for line in lines for cell in line.split(delimiter) if "." in cell
    )
    first = next(with_point, None)
    if first and all(map(_GROUPED.fullmatch, chain([first], with_point))):
        raise ECGFileError(
            f"{first.strip()!r} may mean {first.strip().replace('.', '')}, as all "
            "numbers with a point have three digits behind it; write nothing between "
            "thousands, or another number of decimals."
        )


def _numbers_one_by_one(
    rows: list[tuple[int, str]], lines: list[str], delimiter: str | None, width: int
) -> np.ndarray:
    """Return the numbers of the rows; check each cell."""
    values = np.empty((len(lines), width))
    for k, ((number, _), line) in enumerate(zip(rows, lines, strict=True)):
        cells = (_cells_of([line], delimiter) or [[]])[0]
        if len(cells) != width:
            raise ECGFileError(
                f"line {number} has {len(cells)} cells, but the first row of samples "
                f"has {width}; mend the line, and write decimal points instead of "
                "commas."
            )
        for column, cell in enumerate(cells):
            values[k, column] = _number(cell, number, column)
    return values


def _number(cell: str, line: int, column: int) -> float:
    """Return the number in a cell."""
    if _is_gap(cell):
        return np.nan
    if not _NUMBER.fullmatch(cell):
        remedy = "write a number, or NaN where nothing was recorded"
        if "," in cell:
            remedy = "write a decimal point, and nothing between thousands"
        raise ECGFileError(
            f"line {line}, cell {column + 1} holds {cell.strip()[:40]!r}; {remedy}."
        )
    return float(cell)


def _take_times(
    values: np.ndarray, columns: list[_Column] | None, fs: float | None
) -> tuple[np.ndarray, list[_Column] | None, float | None, tuple[str, ...]]:
    """Take columns of times and counters off; return the rate that they give."""
    if not columns:
        return values, columns, None, ()
    rate, keep, notes = None, [], []
    for k, column in enumerate(columns):
        name = column.name.casefold()
        counts = np.array_equal(values[:, k], values[0, k] + np.arange(len(values)))
        if (
            name in _COUNTERS
            and counts
            and not (column.unit and time_unit(column.unit))
        ):
            notes.append(f"left out the column {column.name!r} that counts samples")
        elif _is_time(column):
            unit = column.unit or (name if time_unit(name) else None)
            if fs is None or (unit and time_unit(unit)):
                rate = rate_of_times(values[:, k], _known_time(unit))
            else:  # a caller's rate is enough where the unit of the times is unknown
                _check_times(values[:, k], fs)
        elif column.unit and not voltage_unit(column.unit):
            notes.append(_left_out(column))
        else:
            keep.append(k)
    if not keep:
        raise ECGFileError("the table has no column of a lead.")
    return values[:, keep], [columns[k] for k in keep], rate, tuple(notes)


def _is_time(column: _Column) -> bool:
    """Tell whether a column holds times, by its name or its unit."""
    name = column.name.casefold()
    named = name in _TIMES or name.startswith("time")
    return named or bool(column.unit and time_unit(column.unit))


def _known_time(unit: str | None) -> str | None:
    """Return the unit of times, None where none is stated; raise for another one."""
    if unit is not None and time_unit(unit) is None:
        raise ECGFileError(
            f"the times have the unit {unit[:40]!r}, which is unknown; state them in "
            "s, ms or min, or give fs=.",
            field="time",
        )
    return unit


def _check_times(times: np.ndarray, fs: float) -> None:
    """Raise if a caller's rate fits times in no unit, nor as numbers of samples."""
    step = (times[-1] - times[0]) / max(len(times) - 1, 1)
    # The rate in times of s, ms, us, ns and min; what does not rise tells nothing.
    rates = np.array([1, 1e3, 1e6, 1e9, 1 / 60]) / step if step > 0 else fs
    if step != 1 and not np.isclose(rates, fs, rtol=0.01).any():
        raise ECGFileError(
            f"fs={fs:g} contradicts the times, which rise by {step:g} from sample to "
            "sample; leave fs=None.",
            field="sampling rate",
        )


def _left_out(column: _Column) -> str:
    """Say that a column is left out, whose unit is no voltage; raise for a lead."""
    if canonical_lead_name(column.name) in LEAD_NAMES:
        raise ECGFileError(
            f"the lead {column.name} has the unit {str(column.unit)[:40]!r}, which is "
            "no known voltage; state its samples in mV or uV.",
            field="units",
        )
    return f"left out the column {column.name!r}, whose unit is no voltage"
