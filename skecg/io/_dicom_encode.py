"""Writing of DICOM waveforms, explicit VR little endian."""

import hashlib
import struct
from collections.abc import Sequence

import numpy as np

from skecg.io._counts import to_counts
from skecg.io._lead_codes import LEAD_OF_NUMBER

_ROOT = "1.2.840.10008.5.1.4.1.1.9.1."
_EXPLICIT = "1.2.840.10008.1.2.1"
_PADDING = -32768
_LONG = ("OB", "OW", "SQ")
_NUMBER_OF_LEAD = {name: number for number, name in LEAD_OF_NUMBER.items()}
# Suffix of the class; most channels and samples; lowest and highest rate in Hz.
_CLASSES = (
    ("1", "12-lead ECG", 13, 16_384, 200, 1000),
    ("2", "general ECG", 24, None, 200, 1000),
    ("3", "ambulatory ECG", 12, None, 50, 1000),
)


def encode(
    signal: np.ndarray,
    fs: float,
    leads: Sequence[str],
    *,
    sex: float = np.nan,
    age: float = np.nan,
) -> bytes:
    """Return a recording as a DICOM file.

    Parameters
    ----------
    signal : ndarray of shape (n_times, n_leads)
        In mV; NaN is written as padding.
    fs : float
        Sampling rate in Hz.
    leads : sequence of str of length n_leads
        Names of the leads.
    sex : float, default=nan
        0 male, 1 female.
    age : float, default=nan
        In years.

    Returns
    -------
    bytes
        The file, of the class 12-lead ECG where rate and size allow, else general or
        ambulatory ECG. It names no patient, and January 1, 1900 as its day, as the
        standard demands one. The same recording gives the same bytes.

    Raises
    ------
    ValueError
        If a lead has no code, or the standard has no class for the rate and size.
    """
    values = np.asarray(signal, dtype=np.float64)
    unknown = [name for name in leads if name not in _NUMBER_OF_LEAD]
    if unknown:
        raise ValueError(
            f"leads must have codes in DICOM, but {', '.join(unknown)} have none; "
            "leave them out, or write another format."
        )
    counts, step = to_counts(values, -_PADDING - 1)
    counts[np.isnan(values)] = _PADDING
    samples = counts.astype("<i2").tobytes()
    suffix = _class_of(len(values), len(leads), fs)
    digest = hashlib.sha256(samples + repr((fs, tuple(leads), sex, age)).encode())
    # 2.25 is the root for identifiers that are numbers of 128 bits.
    uids = [
        f"2.25.{int.from_bytes(hashlib.sha256(digest.digest() + kind).digest()[:16])}"
        for kind in (b"instance", b"study", b"series")
    ]
    group = [
        (0x003A0004, "CS", "ORIGINAL"),
        (0x003A0005, "US", len(leads)),
        (0x003A0010, "UL", len(values)),
        (0x003A001A, "DS", f"{fs:.10g}"),
        (0x003A0020, "SH", "RHYTHM"),
        (0x003A0200, "SQ", [_channel(name, step) for name in leads]),
        (0x54001004, "US", 16),
        (0x54001006, "CS", "SS"),
        (0x5400100A, "OW", struct.pack("<h", _PADDING)),
        (0x54001010, "OW", samples),
    ]
    return _file(_ROOT + suffix, uids, sex, age, group)


def _class_of(n_times: int, n_leads: int, fs: float) -> str:
    """Return the suffix of the class for a recording of this size."""
    for suffix, _, most_leads, most_times, low, high in _CLASSES:
        fits = n_leads <= most_leads and n_times <= (most_times or n_times)
        if fits and low <= fs <= high:
            return f"{suffix}"
    raise ValueError(
        f"DICOM has no ECG of {n_leads} leads at {fs:g} Hz, but up to 24 from 200 to "
        "1000 Hz and up to 12 from 50 Hz on; resample it, or write another format."
    )


def _channel(name: str, step: float) -> list:
    """Return the definition of one channel."""
    source = _code(f"2:{_NUMBER_OF_LEAD[name]}", "MDC", f"Lead {name}")
    return [
        (0x003A0208, "SQ", [source]),
        (0x003A0210, "DS", f"{step:.10g}"),
        (0x003A0211, "SQ", [_code("uV", "UCUM", "microvolt")]),
        (0x003A0212, "DS", "1"),
        (0x003A0213, "DS", "0"),
        (0x003A0215, "DS", "0"),
        (0x003A021A, "US", 16),
    ]


def _code(value: str, scheme: str, meaning: str) -> list:
    """Return a coded entry."""
    return [
        (0x00080100, "SH", value),
        (0x00080102, "SH", scheme),
        (0x00080104, "LO", meaning),
    ]


def _file(sop: str, uids: list[str], sex: float, age: float, group: list) -> bytes:
    """Return the file around one group of waveforms."""
    instance, study, series = uids
    meta = _data_set(
        [
            (0x00020001, "OB", b"\0\1"),
            (0x00020002, "UI", sop),
            (0x00020003, "UI", instance),
            (0x00020010, "UI", _EXPLICIT),
            (0x00020012, "UI", "2.25.169130424461218571021204106817406838144"),
        ]
    )
    body = [
        (0x00080005, "CS", "ISO_IR 192"),
        (0x00080016, "UI", sop),
        (0x00080018, "UI", instance),
        (0x00080020, "DA", ""),
        (0x00080023, "DA", "19000101"),
        (0x0008002A, "DT", "19000101000000"),
        (0x00080030, "TM", ""),
        (0x00080033, "TM", "000000"),
        (0x00080050, "SH", ""),
        (0x00080060, "CS", "ECG"),
        (0x00080070, "LO", "skecg"),
        (0x00080090, "PN", ""),
        (0x00100010, "PN", ""),
        (0x00100020, "LO", ""),
        (0x00100030, "DA", ""),
        (0x00100040, "CS", {0.0: "M", 1.0: "F"}.get(float(sex), "")),
        (0x00101010, "AS", _age(age)),
        (0x0020000D, "UI", study),
        (0x0020000E, "UI", series),
        (0x00200010, "SH", ""),
        (0x00200011, "IS", "1"),
        (0x00200013, "IS", "1"),
        (0x00400555, "SQ", []),
        (0x54000100, "SQ", [group]),
    ]
    length = _element(0x00020000, "UL", len(meta))
    return bytes(128) + b"DICM" + length + meta + _data_set(body)


def _age(age: float) -> str:
    """Return an age in years, in months below two years."""
    if not 0 <= age <= 130:
        return ""
    return f"{int(age):03d}Y" if age >= 2 else f"{int(age * 12):03d}M"


def _data_set(elements: list) -> bytes:
    """Return elements one after the other."""
    return b"".join(_element(*element) for element in elements)


def _element(tag: int, kind: str, value: str | int | bytes | list) -> bytes:
    """Return one element; a list holds the items of a sequence."""
    if isinstance(value, list):
        items = [_data_set(item) for item in value]
        raw = b"".join(
            struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items
        )
    elif isinstance(value, int):
        raw = struct.pack("<I" if kind == "UL" else "<H", value)
    elif isinstance(value, str):
        raw = value.encode()
    else:
        raw = value
    if len(raw) % 2:
        raw += b"\0" if kind in ("UI", "OB") else b" "
    start = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + kind.encode()
    layout = "<HI" if kind in _LONG else "<H"
    numbers = (0, len(raw)) if kind in _LONG else (len(raw),)
    return start + struct.pack(layout, *numbers) + raw
