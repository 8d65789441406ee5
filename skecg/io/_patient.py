"""Sex and age of a patient, as files state them or as they follow from dates."""

from datetime import date, datetime
from typing import Any

import numpy as np

from skecg.utils import OLDEST, is_missing, read_age, read_sex

_PER_YEAR = {"Y": 1.0, "M": 12.0, "W": 365.25 / 7, "D": 365.25, "H": 365.25 * 24}


def age_in_years(
    value: Any, unit: str | None = None, notes: list[str] | None = None
) -> float:
    """Return an age in years, NaN (and a note) where it can't be read.

    The first letter of the unit counts: years, months, weeks, days or hours. Without
    a unit, the value is the whole text of its field.

    Examples
    --------
    >>> age_in_years("18", "MONTHS"), age_in_years("450"), age_in_years("")
    (1.5, nan, nan)
    >>> age_in_years("> 89"), age_in_years("6 months")
    (90.0, 0.5)
    """
    try:
        if unit is not None and unit[:1].upper() != "Y" and not is_missing(value):
            years = float(value) / _PER_YEAR[unit[:1].upper()]
            value = years if years <= OLDEST else f"{value} {unit}"  # 300 is a code
        ages = read_age([value], 1)
    except (KeyError, TypeError, ValueError):
        _note(notes, "age", value if unit is None else f"{value} {unit}")
        return np.nan
    return np.nan if ages is None else float(ages[0])


def read_date(text: str, pattern: str = "%Y%m%d") -> date | None:
    """Return a day that is written in a pattern, else None."""
    try:
        return datetime.strptime(text.strip(), pattern).date()
    except ValueError:
        return None


def age_between(birth: date | None, recorded: date | None) -> float:
    """Return the completed years between two days, NaN where one is unknown."""
    if birth is None or recorded is None:
        return np.nan
    before = (recorded.month, recorded.day) < (birth.month, birth.day)
    years = recorded.year - birth.year - before
    return float(years) if 0 <= years <= OLDEST else np.nan


def agreed_age(
    stated: float, birth: date | None, recorded: date | None, notes: list[str]
) -> float:
    """Return the age that a file states, else the one that its dates give.

    It is NaN, with a note, where they contradict each other by two years or more.

    Examples
    --------
    >>> agreed_age(62.0, date(1960, 5, 1), date(2023, 6, 1), [])
    62.0
    >>> agreed_age(float("nan"), date(1960, 5, 1), date(2023, 6, 1), [])
    63.0
    """
    reckoned = age_between(birth, recorded)
    if abs(stated - reckoned) >= 2:
        notes.append(
            f"the stated age of {stated:g} years contradicts the dates, which give "
            f"{reckoned:g}; the age is left unknown"
        )
        return np.nan
    return stated if np.isfinite(stated) else reckoned


def sex_code(text: str, notes: list[str] | None = None) -> float:
    """Return 0 for male, 1 for female and NaN for anything else.

    A digit is none of them: 1 is male in ISO 5218, but female in data sets.
    """
    if text.strip().isdigit():
        _note(notes, "sex", text)
        return np.nan
    return sex_as_here(text, notes)


def sex_as_here(value: Any, notes: list[str] | None = None) -> float:
    """Return a sex of files that have the package's own codes, 0 male and 1 female."""
    try:
        codes = read_sex([value], 1)
    except ValueError:
        _note(notes, "sex", value)
        return np.nan
    return np.nan if codes is None else float(codes[0])


def _note(notes: list[str] | None, field: str, value: Any) -> None:
    if notes is not None:
        notes.append(f"the {field} {str(value).strip()[:40]!r} can't be read")
