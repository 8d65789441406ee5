"""Huffman codes and differences of SCP-ECG."""

import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from skecg.io._errors import ECGFileError

_DEFAULT_NUMBER = 19999  # number of tables that stands for the standard's own table
_MOST_TABLES = 8
_STEPS = 5  # symbols are walked through in strides of two to this power
_LARGEST = 32767  # samples are 16-bit numbers before their differences are taken


@dataclass(frozen=True, eq=False)
class Table:
    """One table of prefix codes, sorted by code; arrays of shape (n_codes,).

    `starts` has the prefixes, left-aligned in 32 bits; `prefixes` and `totals` the bits
    of a prefix, and of the prefix with the number that follows it. `values` are added
    to that number; where a code `switches`, it is the table that comes next, from 1.
    """

    starts: np.ndarray
    prefixes: np.ndarray
    totals: np.ndarray
    values: np.ndarray
    switches: np.ndarray

    def find(self, windows: np.ndarray) -> np.ndarray:
        """Return the code that begins each window of 32 bits, -1 where none does."""
        found = np.searchsorted(self.starts, windows, side="right") - 1
        shift = (32 - self.prefixes[found]).astype(np.uint64)
        alike = (windows.astype(np.uint64) >> shift) == (
            self.starts[found].astype(np.uint64) >> shift
        )
        return np.where((found >= 0) & alike, found, -1)

    @cached_property
    def lookup(self) -> np.ndarray | None:
        """Code of each window of 16 bits; None if a prefix is longer."""
        if self.prefixes.max() > 16:
            return None
        windows = np.arange(1 << 16, dtype=np.uint32) << np.uint32(16)
        return self.find(windows).astype(np.int32)


def _damaged(problem: str, field: str = "section 2") -> ECGFileError:
    """Return the error of codes that contradict themselves or the file."""
    return ECGFileError(f"{problem}; the file is damaged.", field=field)


def _table(rows: list[tuple[int, int, bool, int, int]], field: str) -> Table:
    """Check rows of (prefix bits, all bits, switch, value, code); return a table."""
    prefixes, totals, switches, values, codes = (
        np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    extra = totals - prefixes
    if ((prefixes < 1) | (prefixes > 32) | (extra < 0) | (extra > 16)).any():
        raise _damaged("a code has no bit, or over 32 of prefix or 16 of number", field)
    # The standard stores the first bit of a prefix as the lowest bit of its number.
    starts = np.array([int(f"{code:032b}"[::-1], 2) for code in codes], dtype=np.int64)
    order = np.argsort(starts)
    ends = (starts + (np.int64(1) << (32 - prefixes)))[order]
    if (ends[:-1] > starts[order][1:]).any() or (ends > 1 << 32).any():
        raise _damaged("one code begins another, so that samples can't be told", field)
    return Table(
        starts[order].astype(np.uint32),
        prefixes[order],
        totals[order],
        values[order],
        switches[order].astype(bool),
    )


def _standard_rows() -> list[tuple[int, int, bool, int, int]]:
    """Return the standard's table: values of -8 to 8, then numbers of 8 and 16 bits."""
    rows = [(1, 1, False, 0, 0)]
    for value in range(1, 9):
        ones = (1 << value) - 1
        n_bits = value + 2
        rows.append((n_bits, n_bits, False, value, ones))
        rows.append((n_bits, n_bits, False, -value, ones | 1 << (n_bits - 1)))
    rows.append((10, 18, False, 0, (1 << 9) - 1))
    rows.append((10, 26, False, 0, (1 << 10) - 1))
    return rows


STANDARD_TABLE = _table(_standard_rows(), "section 2")


def read_tables(body: bytes | None) -> tuple[Table, ...]:
    """Return the tables of section 2 without its header; none without the section.

    Without a table, samples are plain 16-bit numbers.
    """
    if body is None:
        return ()
    n_tables, at = _number(body, 0), 2
    # The standard's own table is not written out, but named by this number.
    if n_tables == _DEFAULT_NUMBER:
        return (STANDARD_TABLE,)
    if n_tables > _MOST_TABLES:
        raise _damaged(f"it has {n_tables} Huffman tables, more than any recorder's")
    tables = []
    for number in range(1, n_tables + 1):
        n_codes, at = _number(body, at), at + 2
        if not 0 < n_codes * 9 <= len(body) - at:
            raise _damaged(
                f"table {number} says it has {n_codes} codes, which the section does "
                "not hold"
            )
        # 9 bytes a code: bits of its prefix, all bits, 0 for a switch of tables, value
        # and prefix.
        rows = [
            (prefix, total, mode == 0, value, code)
            for prefix, total, mode, value, code in struct.iter_unpack(
                "<BBBhI", body[at : at + n_codes * 9]
            )
        ]
        tables.append(_table(rows, f"section 2, table {number}"))
        at += n_codes * 9
    return tuple(tables)


def _number(body: bytes, at: int) -> int:
    """Return an unsigned number of 16 bits."""
    if at + 2 > len(body):
        raise _damaged("it ends before its tables")
    return int.from_bytes(body[at : at + 2], "little")


def decode(data: bytes, tables: tuple[Table, ...], n_values: int) -> np.ndarray:
    """Return at most `n_values` numbers of one lead, before differences are undone.

    There are fewer where the data end before, or a code is in no table.
    """
    if not tables:
        plain = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
        return plain[:n_values].astype(np.int64)
    if len(tables) > 1 or tables[0].switches.any():
        return _decode_switching(data, tables, n_values)
    (table,) = tables
    codes = _codes_at_bits(data, table)
    # A virtual last code leads nowhere: it stands for bits that are no code.
    totals = np.append(table.totals, 0)
    places = np.arange(len(codes), dtype=np.int32)
    after = places + totals.astype(np.int32)[codes]
    complete = (codes >= 0) & (after <= len(codes))
    starts = _walk(np.where(complete, after, len(codes)), n_values)
    starts = starts[starts < len(codes)]
    starts = starts[complete[starts]]
    chosen = codes[starts]
    return table.values[chosen] + _numbers(data, starts, table, chosen)


def _codes_at_bits(data: bytes, table: Table) -> np.ndarray:
    """Return which code would begin at each bit, -1 for none."""
    padded = np.frombuffer(data + bytes(4), dtype=np.uint8).astype(np.uint32)
    shifts = np.arange(8, dtype=np.uint32)
    if table.lookup is not None:
        three = padded[:-4] << 16 | padded[1:-3] << 8 | padded[2:-2]
        windows = (three[:, None] >> (8 - shifts)).astype(np.uint16)
        return table.lookup[windows.ravel()]
    four = padded[:-4] << 24 | padded[1:-3] << 16 | padded[2:-2] << 8 | padded[3:-1]
    wide = four[:, None] << shifts | padded[4:, None] >> (8 - shifts)
    return table.find(wide.ravel()).astype(np.int32)


def _walk(after: np.ndarray, n_values: int) -> np.ndarray:
    """Follow the way from bit to bit; return where it went, the end repeated."""
    end = len(after)
    strides = [np.append(after, end).astype(np.int32)]
    for _ in range(_STEPS):
        strides.append(strides[-1][strides[-1]])
    longest, place, marks = strides.pop(), 0, []
    for _ in range(0, n_values, 1 << _STEPS):
        marks.append(place)
        place = int(longest[place])
        if place == end:
            break
    starts = np.array(marks, dtype=np.int32)
    for stride in reversed(strides):
        starts = np.column_stack([starts, stride[starts]]).ravel()
    return starts[:n_values]


def _numbers(
    data: bytes, starts: np.ndarray, table: Table, chosen: np.ndarray
) -> np.ndarray:
    """Return the signed numbers that follow the prefixes, 0 where none does."""
    extra = (table.totals - table.prefixes)[chosen]
    result = np.zeros(len(starts), dtype=np.int64)
    followed = np.flatnonzero(extra)
    if followed.size:
        begin = starts[followed] + table.prefixes[chosen[followed]]
        padded = np.frombuffer(data + bytes(3), dtype=np.uint8).astype(np.int64)
        byte = begin >> 3
        three = padded[byte] << 16 | padded[byte + 1] << 8 | padded[byte + 2]
        width = extra[followed]
        number = (three >> (24 - (begin & 7) - width)) & ((1 << width) - 1)
        result[followed] = number - (number >> (width - 1) << width)
    return result


def _decode_switching(
    data: bytes, tables: tuple[Table, ...], n_values: int
) -> np.ndarray:
    """Decode code by code, since each may change what the next bits mean."""
    n_bits = 8 * len(data)
    values: list[int] = []
    kept: dict[int, tuple[memoryview, list]] = {}
    place, current, n_switches = 0, 0, 0
    while len(values) < n_values and place < n_bits:
        if current not in kept:
            table = tables[current]
            columns = (table.prefixes, table.totals, table.values, table.switches)
            rows = list(zip(*(column.tolist() for column in columns), strict=True))
            kept[current] = (_codes_at_bits(data, table).data, rows)
        codes, rows_of = kept[current]
        if codes[place] < 0:
            break
        prefix, total, value, switches = rows_of[codes[place]]
        place, begin = place + total, place + prefix
        if place > n_bits:
            break
        if switches:
            n_switches += 1
            current = _next_table(value, len(tables), n_switches)
        else:
            n_switches = 0
            values.append(value + _number_of_bits(data, begin, total - prefix))
    return np.array(values, dtype=np.int64)


def _next_table(number: int, n_tables: int, n_switches: int) -> int:
    """Return the place of the table that a code switches to."""
    if not 1 <= number <= n_tables or n_switches > n_tables:
        raise _damaged(
            f"codes switch to table {number} of {n_tables}, {n_switches} times without "
            "a sample"
        )
    return number - 1


def _number_of_bits(data: bytes, begin: int, width: int) -> int:
    """Return a signed number of at most 16 bits."""
    if not width:
        return 0
    three = int.from_bytes(data[begin >> 3 : (begin >> 3) + 3].ljust(3, b"\0"), "big")
    number = (three >> (24 - (begin & 7) - width)) & ((1 << width) - 1)
    return number - (number >> (width - 1) << width)


def undo_differences(values: np.ndarray, order: int, field: str) -> np.ndarray:
    """Return samples of their first or second differences.

    `values` are the first `order` samples, then differences; order 0 has none.
    """
    if order == 1:
        values = np.cumsum(values)
    elif order == 2 and len(values) > 1:
        slopes = np.cumsum(np.append(values[1] - values[0], values[2:]))
        values = np.cumsum(np.append(values[0], slopes))
    if values.size and np.abs(values).max() > _LARGEST + 1:
        raise _damaged("the differences add up to samples beyond 16 bits", field)
    return values
