"""DICOM waveforms: 12-lead, general, 32-bit and ambulatory ECG, PS3.3 A.34.3 to A.34.5.

Read is what was recorded (originality ORIGINAL), in the transfer syntaxes implicit and
explicit little endian, deflated, and explicit big endian. Derived groups such as median
beats are not read, nor are measurements, annotations and encapsulated reports.
"""

import zlib

from skecg.io._dicom_groups import join, original_groups
from skecg.io._dicom_item import REPRESENTATIONS, Item, Syntax
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years, agreed_age, read_date, sex_code

_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.9.1.1": "12-lead ECG",
    "1.2.840.10008.5.1.4.1.1.9.1.2": "general ECG",
    "1.2.840.10008.5.1.4.1.1.9.1.3": "ambulatory ECG",
    "1.2.840.10008.5.1.4.1.1.9.1.4": "general 32-bit ECG",
}
_EXPLICIT = "1.2.840.10008.1.2.1"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_SYNTAXES = {
    "1.2.840.10008.1.2": Syntax(implicit=True, little=True),
    _EXPLICIT: Syntax(implicit=False, little=True),
    _DEFLATED: Syntax(implicit=False, little=True),
    "1.2.840.10008.1.2.2": Syntax(implicit=False, little=False),
}
_START = 132  # bytes before the first element: the preamble and the letters DICM
# How much larger than its file a deflated data set may be, and what is always free.
_INFLATED, _SPARE_BYTES = 10, 20_000_000
_META, _WAVEFORMS = 0x0002FFFF, 0x54000100  # tags of the last elements that are needed
# Days of the recording, the best first.
_DAYS = ("AcquisitionDateTime", "AcquisitionDate", "ContentDate", "StudyDate")


def sniff(head: bytes) -> bool:
    """Tell whether a file has DICOM's letters after the preamble."""
    return head[_START - 4 : _START] == b"DICM"


def read(data: bytes) -> ParsedECG:
    """Read what was recorded, in mV.

    Where groups of leads were recorded one after the other, NaN stands for what a lead
    lacks, and for padding.
    """
    top, mistaken = _open(data)
    _check_class(top)
    groups, notes = original_groups(top.items("WaveformSequence"))
    notes += mistaken
    first = groups[0]
    signal = join(groups)
    channels = [channel for group in groups for channel in group.channels]
    notes += [note for group in groups for note in group.notes]
    device = " ".join(top.text(k) for k in ("Manufacturer", "ManufacturerModelName"))
    identity = [top.text(keyword) for keyword in ("PatientID", "PatientName")]
    return ParsedECG(
        signal=signal,
        fs=first.fs,
        leads=tuple(channel.lead for channel in channels),
        units=channels[0].units,
        sex=sex_code(top.text("PatientSex"), notes),
        age=_age(top, notes),
        patient=", ".join(part for part in identity if part) or None,
        device=device.strip() or None,
        filters=next((c.filters for c in channels if c.filters), None),
        notes=tuple(notes),
    )


def _open(data: bytes) -> tuple[Item, list[str]]:
    """Return the data set with the elements that are needed, and notes on its form."""
    if not sniff(data):
        raise ECGFileError(
            "the letters DICM are absent after the preamble; leave `format` to be "
            "found, or save the file in DICOM's file format."
        )
    # The elements of group 2 are explicit little endian in every file.
    meta = Item(data, _START, len(data), _SYNTAXES[_EXPLICIT], last=_META)
    syntax = meta.text("TransferSyntaxUID")
    if syntax not in _SYNTAXES:
        raise ECGFileError(
            f"the transfer syntax {syntax!r} is not one of those of waveforms; "
            "export the file as explicit VR little endian."
            if syntax
            else "the file has no transfer syntax; save it in DICOM's file format.",
            field="Transfer Syntax UID",
        )
    begin = meta.end
    if syntax == _DEFLATED:
        data, begin = _inflate(data[begin:]), 0
    stated = _SYNTAXES[syntax]
    # Some exporters name the one of the two syntaxes, and write the other.
    implicit = data[begin + 4 : begin + 6] not in REPRESENTATIONS
    notes = ["the file is not in the transfer syntax that it names"]
    item = Item(
        data, begin, len(data), stated._replace(implicit=implicit), last=_WAVEFORMS
    )
    return item, notes if implicit != stated.implicit else []


def _inflate(packed: bytes) -> bytes:
    """Return a deflated data set, if it is no larger than a recording's."""
    most = _INFLATED * len(packed) + _SPARE_BYTES
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(packed, most)
    except zlib.error as error:
        raise ECGFileError(
            f"the deflated data set is damaged ({error}); copy the file again."
        ) from error
    if inflater.unconsumed_tail or len(body) >= most:
        raise ECGFileError(
            f"the deflated data set has more than {most} bytes, which no recording of "
            "this size has; export the file without compression.",
            field="Transfer Syntax UID",
        )
    if not inflater.eof:
        raise ECGFileError("the deflated data set is cut off; copy the file again.")
    return body


def _check_class(top: Item) -> None:
    """Raise unless a file is of a class of ECG waveforms."""
    found = top.text("SOPClassUID")
    if found in _CLASSES:
        return
    raise ECGFileError(
        f"the file is of the class {found[:64] or 'none'}, which is none of "
        f"{', '.join(_CLASSES.values())}; export the "
        "recording's waveforms.",
        field="SOP Class UID",
    )


def _age(top: Item, notes: list[str]) -> float:
    """Return the age at the recording."""
    text = top.text("PatientAge")
    stated = age_in_years(text[:-1], text[-1:], notes)
    born, *days = (
        read_date(top.text(keyword)[:8]) for keyword in ("PatientBirthDate", *_DAYS)
    )
    return agreed_age(stated, born, next(filter(None, days), None), notes)
