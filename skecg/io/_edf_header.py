"""Headers of EDF and BDF: text of fixed width, and the samples behind it."""

import math
import re
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._xml import filters_in_words
from skecg.utils import canonical_lead_name

_MAIN = 256  # bytes of the main header, and of each channel's
# Of label, transducer, unit, four limits, filters, samples and the rest.
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_MOST_CHANNELS = 4096
_ECG = re.compile(r"(ECG|EKG)", re.IGNORECASE)
# A minus sign after a space belongs to the lead: ECG -aVR.
_BEFORE = re.compile(r"((ECG|EKG|LEAD)(-|[\s:_.]*))+", re.IGNORECASE)
_STANDARD = re.compile(r"I{1,3}|aV[RLF]|-aVR|V[1-9]R?")
_FRANK = ("X", "Y", "Z")
_FILTER = re.compile(r"\b(HP|LP|N)\s*[:=]?\s*(DC|[\d.]+)\s*k?Hz", re.IGNORECASE)


class Channel(NamedTuple):
    """What the header says of one channel; the limits (lower, upper) are text still.

    `start` and `stop` are the places of its samples in each data record.
    """

    label: str
    units: str
    filters: str
    physical: tuple[str, str]
    digital: tuple[str, str]
    start: int
    stop: int


class Opened(NamedTuple):
    """A file, taken apart.

    `channels` are all, annotations too; `duration` is the seconds of a data record;
    `records` the bytes of the data records, of shape (n_records, n_bytes); `width` the
    bytes of a sample; `notes` say what the header leaves open.
    """

    patient: str
    recording: str
    reserved: str
    channels: list[Channel]
    duration: float
    records: np.ndarray
    width: int
    notes: list[str]

    def bytes_of(self, channel: Channel) -> np.ndarray:
        """Return the bytes of a channel, of shape (n_records, n_bytes)."""
        return self.records[:, channel.start * self.width : channel.stop * self.width]

    def counts_of(self, channel: Channel) -> np.ndarray:
        """Return the samples of a channel, of shape (n_records, n_samples)."""
        if self.width == 2:
            return self.records.view("<i2")[:, channel.start : channel.stop]
        parts = self.bytes_of(channel).reshape(len(self.records), -1, 3)
        # 24 bits, little endian; the last byte has the sign.
        high = parts[..., 2].astype(np.int8).astype(np.int32)
        return high << 16 | parts[..., 1].astype(np.int32) << 8 | parts[..., 0]


def open_edf(data: bytes, *, is_bdf: bool) -> Opened:
    """Take a file apart; raise where header, channels and length contradict."""
    # The first 256 bytes: version (8), patient (80), recording (80), day and time (16),
    # bytes in header (8), reserved (44), data records (8), their duration (8), signals.
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
    duration = number(_text(data, 244, 8), "duration of a data record")
    if not duration > 0:
        raise _wrong(
            f"data records of {duration:g} s have no sampling rate; export the file "
            "again",
            "duration of a data record",
        )
    stated = _whole(_text(data, 236, 8), "number of data records", low=-1)
    channels = _channels(data, n_channels)
    width = 3 if is_bdf else 2
    record_bytes = width * channels[-1].stop
    n_records, notes = _count_records(len(data) - length, record_bytes, stated)
    records = np.frombuffer(data, np.uint8, offset=length)
    return Opened(
        patient=_text(data, 8, 80),
        recording=_text(data, 88, 80),
        reserved=_text(data, 192, 44),
        channels=channels,
        duration=duration,
        records=records.reshape(n_records, record_bytes),
        width=width,
        notes=notes,
    )


def _channels(data: bytes, n_channels: int) -> list[Channel]:
    """Return what the header says of each channel."""
    columns, at = [], _MAIN
    for width in _WIDTHS:
        end = at + width * n_channels
        columns.append([_text(data, k, width) for k in range(at, end, width)])
        at = end
    labels, _, units, low, high, first, last, filters, sizes, _ = columns
    counts = [_whole(text, "samples per data record") for text in sizes]
    # Each field stands for all channels before the next field begins.
    physical, digital = zip(low, high, strict=True), zip(first, last, strict=True)
    stops = list(accumulate(counts))
    starts = [0, *stops[:-1]]
    rows = zip(labels, units, filters, physical, digital, starts, stops, strict=True)
    return [Channel(*row) for row in rows]


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
    value = number(text, field)
    if value != int(value) or value < low:
        raise _wrong(f"must be a whole number, but is {text!r}; export again", field)
    return int(value)


def number(text: str, field: str) -> float:
    """Return a finite number; a comma stands for the decimal point."""
    plain = text.replace(",", ".")
    try:
        # Python reads numbers with underscores, and digits of any alphabet.
        value = float(plain) if "_" not in plain and text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _wrong(f"must be a number, but is {text!r}; export again", field)
    return value


def _wrong(problem: str, field: str) -> ECGFileError:
    """Make the error of a header."""
    return ECGFileError(f"{problem}.", field=field)
