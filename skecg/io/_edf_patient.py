"""Patient and recorder in the header of EDF+."""

import re
from datetime import date

import numpy as np

from skecg.io._patient import age_between, sex_code

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_DATE = re.compile(r"(\d\d)-([A-Z]{3})-(\d{4})", re.IGNORECASE)


def read_patient(patient: str, recording: str, notes: list[str]) -> dict:
    """Return what EDF+ says of patient and recorder, in two fields of its header.

    These are keywords of :class:`~skecg.io._parsed.ParsedECG`. EDF of 1992 has the
    whole text in `patient`, without sex or age.
    """
    parts = patient.split(" ")
    # EDF+: code, sex, birthdate, name; X for what is unknown. Spaces separate them, so
    # that names have underscores instead.
    has_parts = len(parts) >= 4 and len(parts[1]) == 1
    if not has_parts:
        return {"patient": patient or None}
    identity = [part.replace("_", " ") for part in (parts[0], parts[3]) if part != "X"]
    words = recording.split(" ")
    equipment = words[4].replace("_", " ") if len(words) > 4 else "X"
    recorded = _date(words[1]) if len(words) > 1 else None
    age = age_between(_date(parts[2]), recorded)
    if np.isnan(age) and parts[2] != "X":
        notes.append(f"the dates {parts[2][:20]!r} and {words[1:2]} give no age")
    return {
        "sex": np.nan if parts[1] == "X" else sex_code(parts[1], notes),
        "age": age,
        "patient": ", ".join(identity) or None,
        "device": None if equipment == "X" else equipment,
    }


def _date(text: str) -> date | None:
    """Return a day that is written as 02-MAR-2002, None for any other text."""
    match = _DATE.fullmatch(text)
    if match is None or match[2].upper() not in _MONTHS.split():
        return None
    try:
        # Names of months in English, whatever the locale.
        return date(
            int(match[3]), _MONTHS.index(match[2].upper()) // 4 + 1, int(match[1])
        )
    except ValueError:
        return None
