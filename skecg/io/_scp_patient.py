"""Patient and recorder in section 1 of SCP-ECG."""

import struct
from datetime import date

import numpy as np

from skecg.io._patient import age_in_years, agreed_age
from skecg.io._scp_sections import Section

_LAST_NAME, _FIRST_NAME, _ID, _AGE, _BIRTH, _SEX = 0, 1, 2, 4, 5, 8
_DEVICE, _DATE, _BASELINE, _LOWPASS, _FILTERS, _END = 14, 25, 27, 28, 29, 255
_AGE_UNITS = {1: "Y", 2: "M", 3: "W", 4: "D", 5: "H"}
_FILTER_BITS = ("mains 60 Hz", "mains 50 Hz", "artifact", "baseline")


def read_patient(section: Section | None) -> tuple[dict, list[str]]:
    """Return what is known of patient and recorder, and notes on what is wrong.

    What is known are keywords of :class:`~skecg.io._parsed.ParsedECG`.
    """
    if section is None:
        return {}, []
    tags = _tags(section.body) if section.intact else None
    if tags is None:
        return {}, ["section 1 is damaged, so that sex and age are unknown"]
    notes: list[str] = []
    stated = _stated_age(tags.get(_AGE, b""), notes)
    born, recorded = _date(tags.get(_BIRTH)), _date(tags.get(_DATE))
    identity = [_text(tags.get(tag)) for tag in (_ID, _LAST_NAME, _FIRST_NAME)]
    # The codes of SCP-ECG are 1 male and 2 female, those of ISO 5218.
    known = {
        "sex": {b"\1": 0.0, b"\2": 1.0}.get(tags.get(_SEX, b""), np.nan),
        "age": agreed_age(stated, born, recorded, notes),
        "patient": ", ".join(part for part in identity if part) or None,
        "device": _device(tags.get(_DEVICE, b"")),
        "filters": _filters(tags),
    }
    return known, notes


def _tags(body: bytes) -> dict[int, bytes] | None:
    """Return the first value of each tag; None where one reaches beyond the section."""
    tags: dict[int, bytes] = {}
    at = 0
    while at + 3 <= len(body):
        tag, length = struct.unpack_from("<BH", body, at)
        if tag == _END:
            return tags
        if at + 3 + length > len(body):
            return None
        tags.setdefault(tag, body[at + 3 : at + 3 + length])
        at += 3 + length
    return tags


def _text(value: bytes | None) -> str:
    """Return a text up to its end."""
    return (value or b"").split(b"\0")[0].decode("latin-1").strip()


def _date(value: bytes | None) -> date | None:
    """Return a day, None where it is absent or no day."""
    if value is None or len(value) < 4:
        return None
    try:
        return date(*struct.unpack_from("<HBB", value))
    except ValueError:
        return None


def _stated_age(value: bytes, notes: list[str]) -> float:
    """Return the age that the file states, in years."""
    if len(value) < 3:
        return np.nan
    age, unit = struct.unpack_from("<HB", value)
    # 0 without a unit stands for no age.
    return age_in_years(age, _AGE_UNITS.get(unit, ""), notes if age or unit else None)


def _device(value: bytes) -> str | None:
    """Return manufacturer and model of the recorder."""
    model = _text(value[8:14])
    # After 36 fixed bytes: the program's revision, serial number, two programs, maker.
    texts = value[36:].split(b"\0")
    maker = _text(texts[4]) if len(texts) > 4 else ""
    return " ".join(part for part in (maker, model) if part) or None


def _filters(tags: dict[int, bytes]) -> str | None:
    """Describe the recorder's filters."""
    words = []
    if len(value := tags.get(_BASELINE, b"")) >= 2 and any(value[:2]):
        words.append(f"high-pass {int.from_bytes(value[:2], 'little') / 100:g} Hz")
    if len(value := tags.get(_LOWPASS, b"")) >= 2 and any(value[:2]):
        words.append(f"low-pass {int.from_bytes(value[:2], 'little')} Hz")
    if bits := tags.get(_FILTERS, b"")[:1]:
        words += [name for k, name in enumerate(_FILTER_BITS) if bits[0] >> k & 1]
    return ", ".join(words) or None
