"""The limb leads' identities, and how the leads see the heart."""

import numpy as np

from skecg.utils import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    canonical_lead_name,
    resolve_lead_names,
    standard_leads,
)

__all__ = [
    "DOWER",
    "INDEPENDENT_LEADS",
    "LEAD_NAMES",
    "canonical_lead_name",
    "limb_leads",
    "resolve_lead_names",
    "standard_leads",
]

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
    # Differences of unsigned numbers would wrap.
    lead_i, lead_ii = (
        x if x.dtype.kind == "f" else x.astype(np.float64)
        for x in map(np.asarray, (lead_i, lead_ii))
    )
    with np.errstate(over="ignore", invalid="ignore"):  # infinity makes NaN
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
