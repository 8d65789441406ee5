"""Headers of EDF and BDF: text of fixed width."""

import math
import re
from dataclasses import dataclass

from skecg.io._errors import ECGFileError
from skecg.io._xml import filters_in_words
from skecg.signal import canonical_lead_name

_MAIN = 256
# Width of each field of a channel, in the order in which they follow each other, each
# for all channels at once.
_WIDTHS = {
    "label": 16,
    "transducer": 80,
    "units": 8,
    "physical_min": 8,
    "physical_max": 8,
    "digital_min": 8,
    "digital_max": 8,
    "filters": 80,
    "n_samples": 8,
    "reserved": 32,
}
_LIMITS = {
    "physical_min": "physical minimum",
    "physical_max": "physical maximum",
    "digital_min": "digital minimum",
    "digital_max": "digital maximum",
}
_MOST_CHANNELS = 4096
_ECG = re.compile(r"(ECG|EKG)", re.IGNORECASE)
# A minus sign after a space belongs to the lead: ECG -aVR.
_BEFORE = re.compile(r"((ECG|EKG|LEAD)(-|[\s:_.]*))+", re.IGNORECASE)
_STANDARD = re.compile(r"I{1,3}|aV[RLF]|-aVR|V[1-9]R?")
_FRANK = ("X", "Y", "Z")
_FILTER = re.compile(r"\b(HP|LP|N)\s*[:=]?\s*(DC|[\d.]+)\s*k?Hz", re.IGNORECASE)


@dataclass(frozen=True)
class Channel:
    """One channel of the header.

    Attributes
    ----------
    label, units : str
        As in the file.
    lead : str or None
        Name of the lead, None for a channel that is no ECG.
    physical_min, physical_max, digital_min, digital_max : float
        The same two values in physical units and in counts; NaN where unreadable.
    filters : str
        Filters of the recorder, as in the file.
    n_samples : int
        Samples in each data record.
    begin : int
        Where they begin in it, in bytes.
    """

    label: str
    units: str
    lead: str | None
    physical_min: float
    physical_max: float
    digital_min: float
    digital_max: float
    filters: str
    n_samples: int
    begin: int

    @property
    def is_annotations(self) -> bool:
        """Whether the channel holds the text of EDF+ or BDF+."""
        return self.label in ("EDF Annotations", "BDF Annotations")


@dataclass(frozen=True)
class Header:
    """The header of a file.

    Attributes
    ----------
    patient, recording : str
        As in the file.
    start : str
        Date of the start, ``dd.mm.yy``.
    interrupted : bool
        Whether there may be gaps between data records.
    length : int
        Bytes of the header.
    n_records : int
        Data records.
    duration : float
        Seconds of each.
    n_bytes : int
        Bytes of a sample.
    record_bytes : int
        Bytes of a data record.
    channels : tuple of Channel
        All channels.
    notes : tuple of str
        What the header left open.
    """

    patient: str
    recording: str
    start: str
    interrupted: bool
    length: int
    n_records: int
    duration: float
    n_bytes: int
    record_bytes: int
    channels: tuple[Channel, ...]
    notes: tuple[str, ...]


def read_header(data: bytes, n_bytes: int) -> Header:
    """Return the header of a file.

    Parameters
    ----------
    data : bytes
        The file.
    n_bytes : int
        Bytes of a sample: 2 in EDF, 3 in BDF.

    Returns
    -------
    Header
        The header.

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
    channels = _read_channels(data, n_channels, n_bytes)
    record_bytes = n_bytes * sum(channel.n_samples for channel in channels)
    stated = _whole(_text(data, 236, 8), "number of data records", low=-1)
    n_records, notes = _count_records(len(data) - length, record_bytes, stated)
    reserved = _text(data, 192, 44)
    return Header(
        patient=_text(data, 8, 80),
        recording=_text(data, 88, 80),
        start=_text(data, 168, 8),
        interrupted=reserved[:5] in ("EDF+D", "BDF+D"),
        length=length,
        n_records=n_records,
        duration=_number(_text(data, 244, 8), "duration of a data record"),
        n_bytes=n_bytes,
        record_bytes=record_bytes,
        channels=channels,
        notes=tuple(notes),
    )


def _read_channels(data: bytes, n_channels: int, n_bytes: int) -> tuple[Channel, ...]:
    """Return the channels, each with its place in a data record."""
    text = data[: _MAIN * (n_channels + 1)].decode("latin-1")
    columns, at = {}, _MAIN
    for field, width in _WIDTHS.items():
        end = at + width * n_channels
        columns[field] = [
            text[k : k + width].strip(" \0") for k in range(at, end, width)
        ]
        at = end
    channels, begin = [], 0
    for row in zip(*columns.values(), strict=True):
        fields = dict(zip(columns, row, strict=True))
        n_samples = _whole(fields["n_samples"], "samples per data record")
        lead = _lead(fields["label"])
        # What is wrong with channels that are no ECG does not matter.
        limits = {
            field: _number(fields[field], name) if lead else math.nan
            for field, name in _LIMITS.items()
        }
        channels.append(
            Channel(
                label=fields["label"],
                units=fields["units"],
                lead=lead,
                filters=fields["filters"],
                n_samples=n_samples,
                begin=begin,
                **limits,
            )
        )
        begin += n_bytes * n_samples
    return tuple(channels)


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


def _lead(label: str) -> str | None:
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


def filters_of(channel: Channel) -> str | None:
    """Describe filters that are written as ``HP:0.1Hz LP:75Hz N:50Hz``."""
    found = {kind.upper(): value for kind, value in _FILTER.findall(channel.filters)}
    words = filters_in_words(*(found.get(kind, "") for kind in ("HP", "LP", "N")))
    return words or channel.filters or None


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
