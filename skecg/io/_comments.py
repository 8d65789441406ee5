"""What lines of comments in a file state: rate, unit, sex, age and diagnoses."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from skecg.io._patient import age_in_years, sex_code
from skecg.io._units import voltage_unit

_BETWEEN = r"[ \t:=,>]*"  # no minus: -1 stands for an unknown age
_NUMBER = r"(\d+(?:\.\d*)?)"
_RATE = r"\b(?:fs|sampling[ _]?(?:rate|frequency)|sample[ _]?rate)\b"
_FS = re.compile(rf"{_RATE}{_BETWEEN}{_NUMBER}", re.I)
_UNITS = re.compile(rf"\bunits?\b{_BETWEEN}(\w+)", re.I)
_AGE = re.compile(rf"\bage\b(?:\s*\(\w+\))?{_BETWEEN}{_NUMBER}", re.I)
_SEX = re.compile(rf"\b(?:sex|gender)\b{_BETWEEN}(male|female|m|f)\b", re.I)
_CODES = re.compile(r"\bDx\s*:\s*([\d,\s]+)", re.I)


class Stated(NamedTuple):
    """What comments state.

    Attributes
    ----------
    fs : float or None
        Sampling rate in Hz.
    units : str or None
        Unit of voltage.
    sex, age : float
        0 male, 1 female; years; NaN where unknown.
    codes : tuple of str
        Diagnostic codes.
    """

    fs: float | None
    units: str | None
    sex: float
    age: float
    codes: tuple[str, ...]


def stated(comments: Iterable[str]) -> Stated:
    """Return what lines of comments state.

    Examples
    --------
    >>> stated(["# Age: 57", "# Sex: Female", "# Dx: 164873001,426783006"])[2:]
    (1.0, 57.0, ('164873001', '426783006'))
    """
    text = "\n".join(comments)
    fs, units, age, sex, codes = (
        match and match[1]
        for match in (p.search(text) for p in (_FS, _UNITS, _AGE, _SEX, _CODES))
    )
    return Stated(
        fs=float(fs) if fs else None,
        units=voltage_unit(units) if units else None,
        sex=sex_code(sex) if sex else np.nan,
        age=age_in_years(age) if age else np.nan,
        codes=tuple(re.findall(r"\d+", codes)) if codes else (),
    )
