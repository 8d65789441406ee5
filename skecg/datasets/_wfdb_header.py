"""Parse the .hea headers of 16-bit WFDB records."""

import re
from functools import lru_cache
from typing import NamedTuple

from skecg.signal import canonical_lead_name

_GAIN = re.compile(r"([-+.\deE]+)(?:\(([-+]?\d+)\))?(?:/(\S+))?")
_SIGNAL_FIELDS = (
    "file, format, gain, resolution, zero, first value, checksum, block size, lead name"
)
_ADVICE = "read this record with wfdb.rdrecord"


class Leads(NamedTuple):
    """How the counts of each signal turn into mV: (counts - baseline) / gain."""

    names: tuple[str, ...]
    gains: tuple[float, ...]
    baselines: tuple[int, ...]


class RecordHeader(NamedTuple):
    """What one .hea file says of its record."""

    fs: float
    n_times: int
    file_name: str
    leads: Leads
    first_values: tuple[int, ...]
    checksums: tuple[int, ...]


def parse_header(text: str) -> RecordHeader:
    """Parse the text of a .hea file, or raise a ValueError that says what is wrong."""
    lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not lines:
        raise ValueError("the header is empty")
    n_leads, fs, n_times = _parse_record_line(lines[0])
    if len(lines) - 1 != n_leads:
        raise ValueError(
            f"the header announces {n_leads} leads, but describes {len(lines) - 1}"
        )
    signals = [line.split(None, 8) for line in lines[1:]]
    for signal in signals:
        if len(signal) != 9:
            raise ValueError(
                f"a signal line must have 9 fields ({_SIGNAL_FIELDS}), but got "
                f"{' '.join(signal)!r}"
            )
    files, formats, gains, _, zeros, first_values, checksums, _, names = zip(
        *signals, strict=True
    )
    if len(set(files)) > 1:
        raise ValueError(f"the signals lie in several files; {_ADVICE}")
    leads = _parse_leads(formats, gains, zeros, names)
    return RecordHeader(
        fs, n_times, files[0], leads, _integers(first_values), _integers(checksums)
    )


def _integers(texts: tuple[str, ...]) -> tuple[int, ...]:
    """Parse the first values or the checksums."""
    try:
        return tuple(map(int, texts))
    except ValueError:
        raise ValueError(
            f"first values and checksums must be integers, but got {' '.join(texts)!r}"
        ) from None


def _parse_record_line(line: str) -> tuple[int, float, int]:
    """Return the number of leads, the sampling rate and the number of samples."""
    fields = line.split()
    if "/" in fields[0]:
        raise ValueError(f"the record has several segments; {_ADVICE}")
    try:
        n_leads, n_times = int(fields[1]), int(fields[3])
        fs = float(fields[2].split("/")[0])
    except (IndexError, ValueError):
        raise ValueError(
            "the first line must give name, number of leads, sampling rate and number "
            f"of samples, but got {line!r}"
        ) from None
    if n_leads < 1 or n_times < 1 or not fs > 0:
        raise ValueError(
            f"{n_leads} leads of {n_times} samples at {fs:g} Hz hold no signal"
        )
    return n_leads, fs, n_times


# Nearly every record of a database has the same of these, so they are parsed once.
@lru_cache(maxsize=256)
def _parse_leads(
    formats: tuple[str, ...],
    gains: tuple[str, ...],
    zeros: tuple[str, ...],
    names: tuple[str, ...],
) -> Leads:
    """Parse the columns of the header that calibrate the signals."""
    foreign = sorted(set(formats) - {"16"})
    if foreign:
        raise ValueError(
            f"only format 16 is read here, but got format {foreign[0]}; {_ADVICE}"
        )
    leads = tuple(canonical_lead_name(name) for name in names)
    if len(set(leads)) < len(leads):
        raise ValueError(f"a lead appears twice among {', '.join(leads)}")
    pairs = [
        _parse_gain(gain, zero, lead)
        for gain, zero, lead in zip(gains, zeros, leads, strict=True)
    ]
    return Leads(leads, tuple(g for g, _ in pairs), tuple(b for _, b in pairs))


def _parse_gain(text: str, zero: str, lead: str) -> tuple[float, int]:
    """Return counts per mV and the count that stands for 0 mV."""
    match = _GAIN.fullmatch(text)
    try:
        gain = float(match[1])  # type: ignore[index]
        baseline = int(zero if match[2] is None else match[2])  # type: ignore[index]
    except (TypeError, ValueError):
        raise ValueError(
            f"lead {lead} has the gain {text!r}, which is not gain(baseline)/units"
        ) from None
    units = (match[3] if match else None) or "mV"
    if not 0 < gain < float("inf"):
        raise ValueError(f"lead {lead} is not calibrated (gain {text!r}); {_ADVICE}")
    if units != "mV":
        raise ValueError(f"lead {lead} is in {units}, but must be in mV; {_ADVICE}")
    return gain, baseline
