"""DICOM waveforms: 12-lead, general, 32-bit and ambulatory ECG, PS3.3 A.34.3 to A.34.5.

Read is what was recorded (originality ORIGINAL), in the transfer syntaxes implicit and
explicit little endian, deflated, and explicit big endian. Derived groups such as median
beats are not read, nor are measurements, annotations and encapsulated reports.
"""

import zlib

from skecg.io._dicom_channels import Channel
from skecg.io._dicom_groups import join, original_groups
from skecg.io._dicom_item import Coding, Item
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_between, age_in_years, agreed_age, sex_code
from skecg.io._xml import filters_in_words, read_date

FORMAT = "dicom"
_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.9.1.1": "12-lead ECG",
    "1.2.840.10008.5.1.4.1.1.9.1.2": "general ECG",
    "1.2.840.10008.5.1.4.1.1.9.1.3": "ambulatory ECG",
    "1.2.840.10008.5.1.4.1.1.9.1.4": "general 32-bit ECG",
}
_IMPLICIT = "1.2.840.10008.1.2"
_EXPLICIT = "1.2.840.10008.1.2.1"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_START = 132
"""Bytes before the first element: the preamble and the letters DICM."""
_META_GROUP = b"\2\0"
_LONG = (b"OB", b"OW", b"OF", b"SQ", b"UT", b"UN", b"UC", b"UR", b"OD", b"OL", b"OV")
"""Value representations whose length takes four bytes."""
_INFLATED, _SPARE_BYTES = 10, 20_000_000
"""How much larger than its file a deflated data set may be, and what is always free."""
_TOP = {
    "class": 0x00080016,
    "charset": 0x00080005,
    "study": 0x00080020,
    "acquired on": 0x00080022,
    "content": 0x00080023,
    "acquired at": 0x0008002A,
    "maker": 0x00080070,
    "model": 0x00081090,
    "name": 0x00100010,
    "id": 0x00100020,
    "born": 0x00100030,
    "sex": 0x00100040,
    "age": 0x00101010,
    "waveforms": 0x54000100,
}


def sniff(head: bytes) -> bool:
    """Tell whether a file is DICOM.

    Parameters
    ----------
    head : bytes
        Its first bytes.

    Returns
    -------
    bool
        Whether it has DICOM's letters after the preamble.
    """
    return head[_START - 4 : _START] == b"DICM"


def read(data: bytes, *, name: str | None = None) -> ParsedECG:
    """Read a DICOM file with ECG waveforms.

    Parameters
    ----------
    data : bytes
        The file.
    name : str, default=None
        Its name, which is not needed.

    Returns
    -------
    ParsedECG
        What was recorded, in mV. Where groups of leads were recorded one after the
        other, NaN stands for what a lead does not have; and for padding.

    Raises
    ------
    ECGFileError
        If the file is damaged, holds no ECG, or its groups contradict themselves.
    """
    top = _open(data)
    _check_class(top)
    groups, notes = original_groups(top.items(_TOP["waveforms"]))
    first = groups[0]
    signal = join(groups)
    channels = [channel for group in groups for channel in group.channels]
    age, remarks = _age(top)
    parts = [top.text(_TOP[part]) for part in ("maker", "model")]
    identity = [top.text(_TOP[part]) for part in ("id", "name")]
    return ParsedECG(
        signal=signal,
        fs=first.fs,
        leads=tuple(channel.lead for channel in channels),
        format=FORMAT,
        units=channels[0].units,
        sex=sex_code(top.text(_TOP["sex"])),
        age=age,
        patient=", ".join(part for part in identity if part) or None,
        device=" ".join(part for part in parts if part) or None,
        filters=_filters(channels),
        notes=(*notes, *(n for group in groups for n in group.notes), *remarks),
    )


def _open(data: bytes) -> Item:
    """Return the data set of a file, with the elements that are needed."""
    if not sniff(data):
        raise ECGFileError(
            "the letters DICM are absent after the preamble; leave `format` to be "
            "found, or save the file in DICOM's file format.",
            format=FORMAT,
        )
    syntax, at = _transfer_syntax(data)
    if syntax not in (_IMPLICIT, _EXPLICIT, _DEFLATED, _BIG_ENDIAN):
        raise ECGFileError(
            f"the transfer syntax {syntax!r} is not one of those of waveforms; export "
            "the file as explicit VR little endian.",
            format=FORMAT,
            field="Transfer Syntax UID",
        )
    if syntax == _DEFLATED:
        data, at = _inflate(data[at:]), 0
    explicit = syntax != _IMPLICIT
    coding = Coding(data, explicit, "big" if syntax == _BIG_ENDIAN else "little")
    return Item(coding, at, len(data), explicit, last_tag=_TOP["waveforms"])


def _transfer_syntax(data: bytes) -> tuple[str, int]:
    """Return the transfer syntax, and where the data set begins."""
    at, syntax = _START, None
    # The elements of group 2 are explicit little endian in every file.
    while data[at : at + 2] == _META_GROUP:
        long = data[at + 4 : at + 6] in _LONG
        begin = at + (12 if long else 8)
        length = int.from_bytes(data[begin - (4 if long else 2) : begin], "little")
        if begin + length > len(data):
            break
        if data[at + 2 : at + 4] == b"\x10\0":
            syntax = data[begin : begin + length].decode("latin-1").strip("\0 ")
        at = begin + length
    if syntax is None:
        raise ECGFileError(
            "the file says no transfer syntax; save it in DICOM's file format.",
            format=FORMAT,
            field="Transfer Syntax UID",
        )
    return syntax, at


def _inflate(packed: bytes) -> bytes:
    """Return a deflated data set, if it is no larger than a recording's."""
    most = _INFLATED * len(packed) + _SPARE_BYTES
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(packed, most)
    except zlib.error as error:
        raise ECGFileError(
            f"the deflated data set is damaged ({error}); copy the file again.",
            format=FORMAT,
        ) from error
    if inflater.unconsumed_tail or len(body) >= most:
        raise ECGFileError(
            f"the deflated data set has more than {most} bytes, which no recording of "
            "this size has; export the file without compression.",
            format=FORMAT,
            field="Transfer Syntax UID",
        )
    if not inflater.eof:
        raise ECGFileError(
            "the deflated data set is cut off; copy the file again.", format=FORMAT
        )
    return body


def _check_class(top: Item) -> None:
    """Raise unless a file is of a class of ECG waveforms."""
    found = top.text(_TOP["class"])
    if found in _CLASSES:
        return
    raise ECGFileError(
        f"the file is of the class {found[:64] or 'none'}, which is none of "
        f"{', '.join(_CLASSES.values())}; export the "
        "recording's waveforms.",
        format=FORMAT,
        field="SOP Class UID",
    )


def _age(top: Item) -> tuple[float, list[str]]:
    """Return the age at the recording."""
    text = top.text(_TOP["age"])
    recorded = next(
        (
            day
            for part in ("acquired at", "acquired on", "content", "study")
            if (day := read_date(top.text(_TOP[part])[:8], "%Y%m%d"))
        ),
        None,
    )
    born = read_date(top.text(_TOP["born"])[:8], "%Y%m%d")
    return agreed_age(age_in_years(text[:-1], text[-1:]), age_between(born, recorded))


def _filters(channels: list[Channel]) -> str | None:
    """Describe the recorder's filters, of the first channel that names any."""
    for channel in channels:
        if words := filters_in_words(*channel.filters):
            return words
    return None
