"""Checks of numbers, options and leads."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, cast

import numpy as np

from skecg.utils import INDEPENDENT_LEADS, LEAD_NAMES, read_lead_names

_LEADS_BY_NUMBER = {1: ("II",), 8: INDEPENDENT_LEADS, 12: LEAD_NAMES}


def check_number(
    name: str,
    value: Any,
    lowest: float,
    highest: float = np.inf,
    *,
    integer: bool = False,
) -> Any:
    """Return ``value`` if it is in its range, else raise."""
    what = "an integer" if integer else "a number"
    kind = Integral if integer else Real
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"{name} must be {what}, but got {value!r}.")
    if not lowest <= cast("float", value) <= highest:
        limit = f"from {lowest:g} to {highest:g}"
        if highest == np.inf:
            limit = f"of at least {lowest:g}"
        raise ValueError(f"{name} must be {what} {limit}, but got {value!r}.")
    return value


def check_option(name: str, value: Any, allowed: Sequence) -> None:
    """Raise a ValueError unless the parameter has one of the allowed values."""
    if value not in allowed:
        listed = ", ".join(repr(option) for option in allowed)
        raise ValueError(f"{name} must be one of {listed}, but got {value!r}.")


def choose_leads(
    leads: Sequence[str] | None, n_leads: int | None = None
) -> tuple[str, ...]:
    """Choose from the twelve leads by name or by number."""
    if leads is None:
        number = 12 if n_leads is None else n_leads
        if number not in _LEADS_BY_NUMBER:
            raise ValueError(
                "n_leads must be 12, 8 (the independent leads) or 1 (lead II), but "
                f"got {n_leads!r}. Name any other choice: leads=['I', 'V5']."
            )
        return _LEADS_BY_NUMBER[number]
    names = read_lead_names(leads, name="leads")
    unknown = [name for name in names if name not in LEAD_NAMES]
    if unknown:
        raise ValueError(
            f"leads must be names out of {', '.join(LEAD_NAMES)}, but got {unknown!r}."
        )
    if n_leads is not None and n_leads != len(names):
        raise ValueError(
            f"n_leads={n_leads!r} contradicts the {len(names)} names in leads. "
            "Give one of the two."
        )
    return names
