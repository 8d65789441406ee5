"""The twelve leads: their names, their identities and how they see the heart."""

from collections.abc import Sequence

import numpy as np

LEAD_NAMES = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve standard leads in the order of PTB-XL and of most devices."""

INDEPENDENT_LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The eight leads from which the other four follow by Einthoven and Goldberger."""

DOWER = np.array(
    [
        [0.632, -0.235, 0.059],  # I
        [0.235, 1.066, -0.132],  # II
        [-0.515, 0.157, -0.917],  # V1
        [0.044, 0.164, -1.387],  # V2
        [0.882, 0.098, -1.277],  # V3
        [1.213, 0.127, -0.601],  # V4
        [1.125, 0.127, -0.086],  # V5
        [0.831, 0.076, 0.230],  # V6
    ]
)
"""Dower's eight independent leads from X (left), Y (feet) and Z (back)."""

_CANONICAL = {name.upper(): name for name in LEAD_NAMES}


def canonical_lead_name(name: str) -> str:
    """Return the usual spelling of a lead's name; an unknown name is kept.

    Parameters
    ----------
    name : str
        A lead's name in any case, such as ``"AVL"``.

    Returns
    -------
    str
        The name as in :data:`LEAD_NAMES`, or ``name`` stripped of white space.

    Examples
    --------
    >>> canonical_lead_name("AVL"), canonical_lead_name(" v1"), canonical_lead_name("X")
    ('aVL', 'V1', 'X')
    """
    stripped = str(name).strip()
    return _CANONICAL.get(stripped.upper(), stripped)


def standard_leads(n_leads: int) -> tuple[str, ...] | None:
    """Return what unnamed leads are taken for.

    Parameters
    ----------
    n_leads : int
        Number of leads.

    Returns
    -------
    tuple of str or None
        The twelve leads or the eight independent ones where there are so many, None
        for any other number.

    Examples
    --------
    >>> standard_leads(8)
    ('I', 'II', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6')
    >>> standard_leads(3) is None
    True
    """
    return {12: LEAD_NAMES, 8: INDEPENDENT_LEADS}.get(n_leads)


def resolve_lead_names(
    given: Sequence[str] | None, labelled: Sequence[str] | None, n_leads: int
) -> tuple[str, ...] | None:
    """Return the names of the leads that count for some records.

    Parameters
    ----------
    given : sequence of str or None
        Names that a caller says.
    labelled : sequence of str or None
        Names that the records say themselves.
    n_leads : int
        Number of leads.

    Returns
    -------
    tuple of str or None
        The records' own names, else those given, else those of
        :func:`standard_leads`; None where nothing says them.

    Raises
    ------
    ValueError
        If there are not as many names as leads, or those given are others than the
        records' own; upper and lower case, and the order, may differ.

    Examples
    --------
    >>> resolve_lead_names(["I", "V5"], None, 2)
    ('I', 'V5')
    >>> resolve_lead_names(["I", "V5"], ["V5", "I"], 2)
    ('V5', 'I')
    >>> resolve_lead_names(["I", "V6"], ["V5", "I"], 2)
    Traceback (most recent call last):
    ...
    ValueError: lead_names=['I', 'V6'] contradicts the labels of X, ['V5', 'I']; ...
    """
    if given is not None:
        given = tuple(str(name).strip() for name in given)
        if len(given) != n_leads:
            raise ValueError(
                f"lead_names has {len(given)} names, but X has {n_leads} leads; name "
                "each lead once."
            )
    if labelled is None:
        return standard_leads(n_leads) if given is None else given
    if given is not None and _in_order(given) != _in_order(labelled):
        raise ValueError(
            f"lead_names={list(given)} contradicts the labels of X, {list(labelled)}; "
            "leave lead_names=None to use the labels."
        )
    return tuple(labelled)


def _in_order(names: Sequence[str]) -> list[str]:
    """Return names in an order that does not depend on theirs, nor on their case."""
    return sorted(name.strip().upper() for name in names)


def limb_leads(lead_i: np.ndarray, lead_ii: np.ndarray) -> np.ndarray:
    """Compute the six limb leads from leads I and II.

    Parameters
    ----------
    lead_i, lead_ii : ndarray of shape (...,)
        Leads I and II in mV.

    Returns
    -------
    ndarray of shape (..., 6)
        I, II, III = II - I, aVR = -(I + II) / 2, aVL = (I - III) / 2 and
        aVF = (II + III) / 2, in mV.

    Examples
    --------
    >>> limb_leads(np.array(0.5), np.array(0.75)).tolist()
    [0.5, 0.75, 0.25, -0.625, 0.125, 0.5]
    """
    lead_iii = lead_ii - lead_i
    return np.stack(
        [
            lead_i,
            lead_ii,
            lead_iii,
            -(lead_i + lead_ii) / 2,
            (lead_i - lead_iii) / 2,
            (lead_ii + lead_iii) / 2,
        ],
        axis=-1,
    )
