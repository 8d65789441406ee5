"""The twelve leads: their names, their identities and how they see the heart."""

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
