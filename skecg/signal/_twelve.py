"""Twelve leads without gaps, from whatever leads a recording has."""

from collections.abc import Sequence

import numpy as np

from skecg.signal._leads import LEAD_NAMES, canonical_lead_name

_FLAT = 1e-6  # mV
_LIMB = np.array([[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]])
"""Leads I to aVF from leads I and II."""


def lead_weights(lead_names: Sequence[str], n_leads: int) -> np.ndarray:
    """Return the (n_leads, 12) weights that make the twelve leads; NaN where none."""
    names = [canonical_lead_name(name) for name in lead_names]
    if len(names) != n_leads or len(set(names)) < n_leads:
        raise ValueError(
            f"lead_names must name each of the {n_leads} leads of X once, got "
            f"{len(names)} names: {list(lead_names)}."
        )
    if not set(names) & set(LEAD_NAMES):
        raise ValueError(
            f"lead_names must have at least one of {list(LEAD_NAMES)}, got "
            f"{list(lead_names)}."
        )
    weights = np.full((n_leads, 12), np.nan)
    limb = [name for name in LEAD_NAMES[:6] if name in names]
    known = _LIMB[[LEAD_NAMES.index(name) for name in limb]]
    if np.linalg.matrix_rank(known) == 2:
        weights[:, :6] = 0
        from_limb = _LIMB @ np.linalg.pinv(known)
        weights[[names.index(name) for name in limb], :6] = from_limb.T
    for k, name in enumerate(LEAD_NAMES):
        if name in names:
            weights[:, k] = np.array(names) == name
    return weights


def twelve_leads(
    records: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make twelve float32 leads without gaps; which leads live; where gaps were."""
    gap = ~np.isfinite(records)
    x = np.where(gap, 0, records) if gap.any() else records
    x = (x - x[:, :1]).astype(np.float32)
    for record, lead in np.argwhere(gap.any(axis=1)):
        known = np.flatnonzero(~gap[record, :, lead])
        if len(known):
            values = records[record, known, lead]
            x[record, :, lead] = np.interp(
                np.arange(len(gap[record])), known, values - values[0]
            )
    live = np.ptp(x, axis=1) > _FLAT
    live &= gap.mean(axis=1) < 0.5
    x *= live[:, None]
    gap &= live[:, None]
    needed = (np.nan_to_num(weights, nan=1.0) != 0).astype(int)
    dead = (~live).astype(int) @ needed + np.isnan(weights).any(axis=0)
    twelve = x @ np.nan_to_num(weights).astype(np.float32)
    twelve *= (dead == 0)[:, None]
    return twelve, dead == 0, gap.any(axis=2)
