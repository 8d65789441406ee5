"""Leads of a recording: the derived ones, their order, and a choice of them."""

from collections.abc import Sequence

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.utils import LEAD_NAMES, canonical_lead_name, read_lead_names

# Each limb lead of I and II.
_LIMB = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}
_SHOWN = 20  # names that a message lists


def refuse_repeated(names: Sequence[str], field: str = "leads") -> None:
    """Raise where two leads of a recording have one name."""
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ECGFileError(
            f"the lead {twice} appears twice ({', '.join(names[:_SHOWN])}); "
            "export each lead of one recording once.",
            field=field,
        )


def usual_names(leads: Sequence[str]) -> tuple[str, ...]:
    """Return the names of leads in their usual spelling, each once."""
    names = tuple(canonical_lead_name(lead) for lead in leads)
    refuse_repeated(names)
    return names


def derive_leads(
    signal: np.ndarray, names: Sequence[str]
) -> tuple[np.ndarray, tuple[str, ...], str | None]:
    """Add the limb leads that follow from two others behind the leads of a file.

    Returns all leads in mV, of shape (n_times, n_all), their names, and a note on what
    was derived. By Einthoven, III = II - I; by Goldberger, aVR = -(I + II) / 2,
    aVL = I - II / 2 and aVF = II - I / 2. Any two limb leads give I and II.

    Examples
    --------
    >>> signal, names, note = derive_leads(np.array([[0.5, 0.75]]), ("I", "aVF"))
    >>> names
    ('I', 'aVF', 'II', 'III', 'aVR', 'aVL')
    >>> note
    'derived II, III, aVR, aVL from I and aVF'
    >>> signal.tolist()
    [[0.5, 0.75, 1.0, 0.5, -0.75, 0.0]]
    """
    measured = [name for name in _LIMB if name in names]
    missing = [name for name in _LIMB if name not in names]
    if len(measured) < 2 or not missing:
        return signal, tuple(names), None
    # Any two limb leads span the plane of all six, as they are sums of I and II.
    base = measured[:2]
    # Each missing lead as a sum of the two that are there.
    weights = np.array([_LIMB[name] for name in missing]) @ np.linalg.inv(
        np.array([_LIMB[name] for name in base])
    )
    # All of them are whole twelfths, which the inverse misses by rounding.
    weights = np.round(weights * 12) / 12
    one, two = (signal[:, names.index(name)] for name in base)
    # A row a lead, as most readers have them in memory.
    rows = np.empty((len(names) + len(missing), len(signal)))
    rows[: len(names)] = signal.T
    for row, (a, b) in zip(rows[len(names) :], weights, strict=True):
        np.multiply(one, a, out=row)
        row += two * b
    note = f"derived {', '.join(missing)} from {' and '.join(base)}"
    return rows.T, (*names, *missing), note


def order_leads(names: Sequence[str], wanted: Sequence[str] | None) -> list[int]:
    """Return the positions of leads: the twelve first, or those wanted."""
    if wanted is None:
        usual = [names.index(name) for name in LEAD_NAMES if name in names]
        return usual + [k for k, name in enumerate(names) if name not in LEAD_NAMES]
    position = {name.upper(): k for k, name in enumerate(names)}
    absent = [name for name in wanted if name.upper() not in position]
    if absent:
        raise ECGFileError(
            f"the file has no lead {', '.join(absent)}, but "
            f"{', '.join(names[:_SHOWN])}; choose of these with leads=.",
            field="leads",
        )
    return [position[name.upper()] for name in wanted]


def wanted_leads(leads: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names that a caller wants in their usual spelling, each once."""
    return None if leads is None else read_lead_names(leads, name="leads")
