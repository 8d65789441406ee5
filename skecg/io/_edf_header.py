"""Headers of EDF and BDF: text of fixed width."""

import math
import re
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any

from skecg.io._errors import ECGFileError
from skecg.io._library import library
from skecg.io._xml import filters_in_words
from skecg.signal import canonical_lead_name
from skecg.utils import import_optional

_MAIN = 256
_BOUNDS = (0, 16, 104, 136, 216, 224, 256)
"""Between labels, texts, limits, filters, samples and the rest, for one channel."""
_NUMBERS = (1, 3)
"""Places of limits and samples behind the labels."""
_EIGHT = re.compile(rb"(?s).{8}")
_ANNOTATIONS = re.compile(b"(EDF|BDF) Annotations")
_MOST_CHANNELS = 4096
_ECG = re.compile(r"(ECG|EKG)", re.IGNORECASE)
# A minus sign after a space belongs to the lead: ECG -aVR.
_BEFORE = re.compile(r"((ECG|EKG|LEAD)(-|[\s:_.]*))+", re.IGNORECASE)
_STANDARD = re.compile(r"I{1,3}|aV[RLF]|-aVR|V[1-9]R?")
_FRANK = ("X", "Y", "Z")
_FILTER = re.compile(r"\b(HP|LP|N)\s*[:=]?\s*(DC|[\d.]+)\s*k?Hz", re.IGNORECASE)


@dataclass(frozen=True)
class Opened:
    """A file that edfio has taken apart.

    Attributes
    ----------
    file : edfio.Edf or edfio.Bdf
        The file; its annotations are signals as all others.
    n_records : int
        Data records.
    duration : float
        Seconds of each.
    notes : tuple of str
        What the header leaves open.
    """

    file: Any
    n_records: int
    duration: float
    notes: tuple[str, ...]


def open_edf(data: bytes, *, is_bdf: bool) -> Opened:
    """Take a file apart.

    Parameters
    ----------
    data : bytes
        The file.
    is_bdf : bool
        Whether it is BDF, with samples of 24 bits.

    Returns
    -------
    Opened
        The file.

    Raises
    ------
    ECGFileError
        If a number is unreadable, or the header, its channels and the length of the
        file contradict each other.
    """
    n_channels = _whole(_text(data, 252, 4), "number of signals")
    length = _whole(_text(data, 184, 8), "bytes in header")
    if not 0 < n_channels <= _MOST_CHANNELS or length != _MAIN * (n_channels + 1):
        raise _wrong(
            f"a header of {n_channels} channels has {_MAIN * (n_channels + 1)} bytes, "
            f"but the file says {length}; export the file again",
            "bytes in header",
        )
    if len(data) < length:
        raise _wrong(
            f"the file has {len(data)} bytes, fewer than its header; copy it again",
            "bytes in header",
        )
    duration = _number(_text(data, 244, 8), "duration of a data record")
    if not duration > 0:
        raise _wrong(
            f"data records of {duration:g} s have no sampling rate; export the file "
            "again",
            "duration of a data record",
        )
    stated = _whole(_text(data, 236, 8), "number of data records", low=-1)
    edfio = import_optional("edfio", "io", "read_ecg of an EDF file")
    read = edfio.read_bdf if is_bdf else edfio.read_edf
    with library("edfio", "edf"):
        file = read(BytesIO(_readable(data, n_channels)), header_encoding="latin-1")
        counts = [signal.samples_per_data_record for signal in file.signals]
    if min(counts) < 0:
        raise _wrong(
            f"a channel has {min(counts)} samples; export the file again",
            "samples per data record",
        )
    record_bytes = (3 if is_bdf else 2) * sum(counts)
    n_records, notes = _count_records(len(data) - length, record_bytes, stated)
    return Opened(file, n_records, duration, tuple(notes))


def _readable(data: bytes, n_channels: int) -> bytes:
    """Return a file with numbers that edfio reads, and annotations that it shows."""
    labels, *others = (
        data[_MAIN + begin * n_channels : _MAIN + end * n_channels]
        for begin, end in pairwise(_BOUNDS)
    )
    labels = _ANNOTATIONS.sub(rb"\1 annotations", labels)
    for place in _NUMBERS:
        others[place] = _EIGHT.sub(_plain_number, others[place])
    return b"".join((data[:_MAIN], labels, *others, data[_MAIN * (n_channels + 1) :]))


def _plain_number(field: re.Match) -> bytes:
    """Return a number with a decimal point, of which a whole one has none."""
    # Python reads numbers with underscores.
    number = field[0].strip(b" \0").translate(bytes.maketrans(b",_", b".?"))
    return re.sub(rb"(?<=\d)\.0*$", b"", number).ljust(8)


def _count_records(
    n_bytes: int, record_bytes: int, stated: int
) -> tuple[int, list[str]]:
    """Return how many data records there are, after comparing with the header."""
    found, rest = divmod(n_bytes, record_bytes) if record_bytes else (0, 0)
    if stated == -1 and found:
        # The header is completed when a recording ends.
        return found, ["the recording was not closed, so that its end may be missing"]
    if found != stated or rest or not found:
        raise _wrong(
            f"the header says {max(stated, 0)} data records of {record_bytes} bytes, "
            f"but {n_bytes} bytes follow it; copy the file again",
            "number of data records",
        )
    return found, []


def lead_of(label: str) -> str | None:
    """Return the name of the lead that a label means, None if it is no ECG."""
    bare = _BEFORE.match(label)
    name = canonical_lead_name(label[bare.end() :] if bare else label)
    if _STANDARD.fullmatch(name):
        return name
    # Some write the electrodes of reference behind the lead: V1-Ref.
    first = canonical_lead_name(re.split(r"[\s-]", name.lstrip("-"), maxsplit=1)[0])
    is_ecg = _ECG.match(label) is not None
    if is_ecg and not name.startswith("-") and _STANDARD.fullmatch(first):
        return first
    return (name if name in _FRANK else label) if is_ecg else None


def filters_in(text: str) -> str | None:
    """Describe filters that are written as ``HP:0.1Hz LP:75Hz N:50Hz``."""
    found = {kind.upper(): value for kind, value in _FILTER.findall(text)}
    words = filters_in_words(*(found.get(kind, "") for kind in ("HP", "LP", "N")))
    return words or text or None


def _text(data: bytes, at: int, width: int) -> str:
    """Return a field without the spaces around it."""
    return data[at : at + width].decode("latin-1").strip(" \0")


def _whole(text: str, field: str, low: int = 0) -> int:
    """Return a whole number that is no smaller than `low`."""
    value = _number(text, field)
    if value != int(value) or value < low:
        raise _wrong(f"must be a whole number, but is {text!r}; export again", field)
    return int(value)


def _number(text: str, field: str) -> float:
    """Return a finite number; a comma stands for the decimal point."""
    plain = text.replace(",", ".")
    try:
        value = float(plain) if "_" not in plain and text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _wrong(f"must be a number, but is {text!r}; export again", field)
    return value


def _wrong(problem: str, field: str) -> ECGFileError:
    """Make the error of a header."""
    return ECGFileError(f"{problem}.", format="edf", field=field)
