"""Sex and age of a patient, as files state them or as they follow from dates."""

from datetime import date
from typing import Any

import numpy as np

OLDEST = 130
"""Age in years that no patient has reached."""
_DAYS_PER = {"Y": 365.25, "M": 30.4375, "W": 7.0, "D": 1.0, "H": 1 / 24}


def age_in_years(value: Any, unit: str = "Y") -> float:
    """Return an age in years, NaN where it is unknown or no age.

    Parameters
    ----------
    value : str or float
        The age.
    unit : str, default="Y"
        Its unit; the first letter counts: years, months, weeks, days or hours.

    Returns
    -------
    float
        Age in years.

    Examples
    --------
    >>> age_in_years("18", "MONTHS"), age_in_years("450"), age_in_years("")
    (1.5, nan, nan)
    """
    try:
        age = float(value) * _DAYS_PER[unit[:1].upper()] / _DAYS_PER["Y"]
    except (KeyError, TypeError, ValueError):
        return np.nan
    return age if 0 <= age <= OLDEST else np.nan


def age_between(birth: date | None, recorded: date | None) -> float:
    """Return the completed years between two days, NaN where one is unknown."""
    if birth is None or recorded is None:
        return np.nan
    before = (recorded.month, recorded.day) < (birth.month, birth.day)
    years = recorded.year - birth.year - before
    return float(years) if 0 <= years <= OLDEST else np.nan


def agreed_age(stated: float, reckoned: float) -> tuple[float, list[str]]:
    """Return the age that a file states, else the one that its dates give.

    Parameters
    ----------
    stated, reckoned : float
        Ages in years, NaN where unknown.

    Returns
    -------
    age : float
        NaN where they contradict each other by two years or more.
    notes : list of str
        The contradiction, in words.

    Examples
    --------
    >>> agreed_age(62.0, 63.0), agreed_age(float("nan"), 63.0)
    ((62.0, []), (63.0, []))
    """
    if np.isfinite(stated) and np.isfinite(reckoned) and abs(stated - reckoned) >= 2:
        return np.nan, [
            f"the stated age of {stated:g} years contradicts the dates, which give "
            f"{reckoned:g}; the age is left unknown"
        ]
    return (stated if np.isfinite(stated) else reckoned), []


def sex_code(text: str) -> float:
    """Return 0 for male, 1 for female and NaN for anything else."""
    return {"M": 0.0, "MALE": 0.0, "F": 1.0, "FEMALE": 1.0}.get(
        text.strip().upper(), np.nan
    )
