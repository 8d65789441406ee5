"""Headers of WFDB records, header(5) of the WFDB Applications Guide 10.7."""

import re
from functools import lru_cache
from typing import NamedTuple

from skecg.io._errors import ECGFileError

# Format, samples per frame, skew, byte offset.
_STORED = re.compile(r"(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?", re.ASCII)
_GAIN = re.compile(r"([-+.\deE]+)(?:\(([-+]?\d+)\))?(?:/(\S+))?", re.ASCII)
_N_FIELDS = 9
_LARGEST = 2**40  # of any number in a header
_MOST_LEADS = 10_000


class Signals(NamedTuple):
    """How signals are stored, and how their counts turn into physical values.

    A value is ``(count - baseline) / gain`` of the unit.
    """

    names: tuple[str, ...]
    formats: tuple[str, ...]
    samples_per_frame: tuple[int, ...]
    skews: tuple[int, ...]
    offsets: tuple[int, ...]
    gains: tuple[float, ...]
    baselines: tuple[int, ...]
    units: tuple[str, ...]


class RecordHeader(NamedTuple):
    """What one header says of its record.

    `fs` counts frames a second; `n_times` frames, 0 where the header leaves it to the
    size of the file. `files`, `first_values` and `checksums` have an entry a signal,
    `segments` names and frames of segments, `comments` the lines that begin with ``#``.
    """

    fs: float
    n_times: int
    files: tuple[str, ...]
    signals: Signals
    first_values: tuple[int | None, ...]
    checksums: tuple[int | None, ...]
    segments: tuple[tuple[str, int], ...] = ()
    comments: tuple[str, ...] = ()


def header_text(data: bytes) -> str:
    """Return a header as text; names and comments may be in UTF-8 or Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def parse_header(text: str, fs: float | None = None) -> RecordHeader:
    r"""Parse a header; `fs` counts where it states no rate.

    Examples
    --------
    >>> header = parse_header("a 1 500 5000\na.dat 16 1000(0)/mV 16 0 5 7 0 V5\n")
    >>> header.fs, header.signals.names, header.signals.gains
    (500.0, ('V5',), (1000.0,))
    """
    lines = [line for line in text.splitlines() if line.strip()]
    comments: tuple[str, ...] = ()
    if "#" in text:
        comments = tuple(line for line in lines if line[0] == "#")
        lines = [line for line in lines if line[0] != "#"]
    if not lines:
        raise _wrong("the header is empty")
    n_segments, n_signals, fs, n_times = _parse_record_line(lines[0], fs)
    n_lines = n_signals if n_segments is None else n_segments
    if len(lines) - 1 != n_lines:
        what = "leads" if n_segments is None else "segments"
        raise _wrong(
            f"the header announces {n_lines} {what}, but describes {len(lines) - 1}"
        )
    if n_segments is not None:
        segments = tuple(map(_parse_segment, lines[1:]))
        return RecordHeader(fs, n_times, (), _NO_SIGNALS, (), (), segments, comments)
    if not n_signals:
        raise _wrong("the header describes no signal")
    rows = [line.split(None, _N_FIELDS - 1) for line in lines[1:]]
    if set(map(len, rows)) != {_N_FIELDS}:
        rows = list(map(_filled, rows))
    files, stored, gains, _, zeros, first_values, checksums, _, names = zip(
        *rows, strict=True
    )
    return RecordHeader(
        fs,
        n_times,
        files,
        _parse_signals(stored, gains, zeros, names),
        _integers(first_values, "first value"),
        _integers(checksums, "checksum"),
        comments=comments,
    )


_NO_SIGNALS = Signals((), (), (), (), (), (), (), ())


def _wrong(problem: str, field: str | None = None) -> ECGFileError:
    """Return the error for a header."""
    return ECGFileError(problem, field=field)


def _filled(fields: list[str]) -> list[str]:
    """Return the fields of a line of one signal, the absent ones empty."""
    if len(fields) < 2:
        raise _wrong(
            "a line of a signal must begin with file and format, but is "
            f"{' '.join(fields)[:60]!r}"
        )
    return fields + [""] * (_N_FIELDS - len(fields))


def _parse_record_line(
    line: str, fs: float | None
) -> tuple[int | None, int, float, int]:
    """Return the numbers of segments and signals, the rate and the number of frames."""
    fields = line.split()
    _, slash, n_segments = fields[0].partition("/")
    if len(fields) == 2 and fs is None:
        raise _wrong(
            "the header states no sampling rate, for which 250 Hz would be a guess; "
            "write it behind the number of leads, or give fs= to read_ecg",
            "sampling rate",
        )
    try:
        counts = (
            int(n_segments) if slash else None,
            int(fields[1]),
            # Behind a slash stands the rate of a counter, which is no sampling rate.
            float(fields[2].split("/")[0]) if len(fields) > 2 else float(fs or 0),
            int(fields[3]) if len(fields) > 3 else 0,
        )
    except (IndexError, ValueError):
        raise _wrong(
            "the first line must give name, number of leads, sampling rate and number "
            f"of samples, but got {line[:80]!r}"
        ) from None
    segments, n_signals, rate, n_times = counts
    lowest = min(n_signals, n_times, 1 if segments is None else segments)
    if lowest < 0 or segments == 0 or not 0 < rate < float("inf"):
        raise _wrong(
            f"{n_signals} leads of {n_times} samples at {rate:g} Hz hold no signal"
        )
    if n_signals > _MOST_LEADS or n_times > _LARGEST:
        raise _wrong(f"{n_signals} leads of {n_times} samples are no recording")
    return counts


def _parse_segment(line: str) -> tuple[str, int]:
    """Return name and number of frames of a segment."""
    fields = line.split()
    if len(fields) < 2 or not fields[1].isdecimal() or len(fields[1]) > 12:
        raise _wrong(
            f"a line of a segment must give its name and length, but is {line[:60]!r}"
        )
    return fields[0], int(fields[1])


def _integers(texts: tuple[str, ...], field: str) -> tuple[int | None, ...]:
    """Parse the first values or the checksums."""
    try:
        return tuple([int(text) if text else None for text in texts])
    except ValueError:
        raise _wrong(
            f"first values and checksums must be integers, but got "
            f"{' '.join(texts)[:80]!r}",
            field,
        ) from None


# Nearly every record of a database has the same of these, so they are parsed once.
@lru_cache(maxsize=256)
def _parse_signals(
    stored: tuple[str, ...],
    gains: tuple[str, ...],
    zeros: tuple[str, ...],
    names: tuple[str, ...],
) -> Signals:
    """Parse the columns of a header that most records of a database share."""
    names = tuple(
        name.strip() or f"signal {number}" for number, name in enumerate(names, 1)
    )
    storage = map(_parse_stored, stored, names)
    scales = map(_parse_gain, gains, zeros, names)
    return Signals(names, *zip(*storage, strict=True), *zip(*scales, strict=True))


def _parse_stored(text: str, name: str) -> tuple[str, int, int, int]:
    """Return format, samples per frame, skew and byte offset of a signal."""
    match = _STORED.fullmatch(text)
    numbers = [int(part) if part else 0 for part in (match.groups() if match else ())]
    if not match or max(numbers) > _LARGEST or (match[2] and not numbers[1]):
        raise _wrong(f"lead {name[:40]} has the format {text[:40]!r}", "format")
    return str(numbers[0]), numbers[1] or 1, numbers[2], numbers[3]


def check_calibrated(signals: Signals, k: int) -> None:
    """Raise unless a signal says how its counts turn into a unit.

    A header of a layout and signals that are left out need not say it.
    """
    gain = signals.gains[k]
    # Baselines are of 32 bits. A gain of 0 stands for an uncalibrated signal, for which
    # WFDB would assume 200 counts a mV.
    if not 0 < gain < float("inf") or abs(signals.baselines[k]) > 2**31:
        raise _wrong(
            f"lead {signals.names[k][:40]} is not calibrated (gain {gain:g}); write "
            "how many counts are 1 mV into the header",
            "gain",
        )


def _parse_gain(text: str, zero: str, name: str) -> tuple[float, int, str]:
    """Return counts per unit, the count that stands for 0, and the unit."""
    match = _GAIN.fullmatch(text)
    try:
        gain = float(match[1])  # type: ignore[index]
        baseline = int((match[2] or zero or "0") if match else "")
    except (TypeError, ValueError):
        raise _wrong(
            f"lead {name[:40]} has the gain {text[:40]!r}, which is not "
            "gain(baseline)/units",
            "gain",
        ) from None
    return gain, baseline, (match[3] if match else None) or "mV"
