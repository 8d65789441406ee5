"""What lines of comments in a file state: rate, unit, sex, age and diagnoses."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from skecg.io._patient import age_in_years, sex_as_here

_BETWEEN = r"[ \t:=,>]*"  # no minus: -1 stands for an unknown age
_NUMBER = r"(\d+(?:\.\d*)?)"
_RATE = r"\b(?:fs|sampling[ _]?(?:rate|frequency)|sample[ _]?rate)\b"
_FS = re.compile(rf"{_RATE}{_BETWEEN}{_NUMBER}[ \t]*(khz)?", re.I)
_UNITS = re.compile(rf"\bunits?\b{_BETWEEN}([^\s,;]+)", re.I)
# A field ends where the line, the cell or the next field does.
_FIELD = (
    r"([^\n,;#<]*?)[ \t]*(?=$|[\n,;#<]|[ \t](?:sex|gender|age)\b|[ \t]\w+[ \t]*[:=])"
)
_IS = r"[ \t]*(?:[:=,][ \t]*|(?=[\d>+-]))"
_AGE = re.compile(rf"(?:<age>|\bage\b)(?:[ \t]*\((\w+)\))?{_IS}{_FIELD}", re.I)
_WORD = r"[ \t]*(?:[:=,][ \t]*|(?=[ \t](?:male|female|m|f)\b))"
_SEX = re.compile(rf"(?:<(?:sex|gender)>|\b(?:sex|gender)\b){_WORD}{_FIELD}", re.I)
_CODES = re.compile(r"\bDx\s*:\s*([\d,\s]+)", re.I)


class Stated(NamedTuple):
    """What comments state, None or NaN where they don't.

    `fs` is in Hz, `units` as written, `sex` 0 male and 1 female, `age` in years; the
    `notes` are on sex and age that can't be read.
    """

    fs: float | None
    units: str | None
    sex: float
    age: float
    codes: tuple[str, ...]
    notes: tuple[str, ...]


def stated(comments: Iterable[str]) -> Stated:
    """Return what lines of comments state.

    Examples
    --------
    >>> stated(["# Age: 57", "# Sex: Female", "# Dx: 164873001,426783006"])[2:5]
    (1.0, 57.0, ('164873001', '426783006'))
    """
    text = "\n".join(comments)
    notes: list[str] = []
    fs, units, age, sex, codes = (
        pattern.search(text) for pattern in (_FS, _UNITS, _AGE, _SEX, _CODES)
    )
    return Stated(
        fs=float(fs[1]) * (1000 if fs[2] else 1) if fs else None,
        units=units[1] if units else None,
        sex=sex_as_here(sex[1], notes) if sex else np.nan,
        age=age_in_years(age[2], age[1], notes) if age else np.nan,
        codes=tuple(re.findall(r"\d+", codes[1])) if codes else (),
        notes=tuple(notes),
    )
