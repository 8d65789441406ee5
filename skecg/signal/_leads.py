"""Names of the twelve leads and the identities among the limb leads."""

import numpy as np

LEAD_NAMES = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve standard leads in the order of PTB-XL and of most devices."""

INDEPENDENT_LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The eight leads from which the other four follow by Einthoven and Goldberger."""

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
