"""Twelve leads without gaps, from whatever leads a recording has."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from skecg.signal._leads import LEAD_NAMES, canonical_lead_name

_FLAT = 1e-6  # mV
LIMB = np.array([[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]])
"""Leads I to aVF from leads I and II."""


def lead_weights(lead_names: Sequence[str] | None, n_leads: int) -> np.ndarray:
    """Return the (n_leads, 12) weights that make the twelve leads; NaN where none."""
    if lead_names is None:
        return np.full((n_leads, 12), np.nan)
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
    if len(limb) > 1:  # no two of the limb leads are parallel
        weights[:, :6] = 0
        known = tuple(LEAD_NAMES.index(name) for name in limb)
        weights[[names.index(name) for name in limb], :6] = limb_weights(known)
    for k, name in enumerate(LEAD_NAMES):
        if name in names:
            weights[:, k] = np.array(names) == name
    return weights


@cache
def limb_weights(known: tuple[int, ...]) -> np.ndarray:
    """Return the (n_known, 6) weights that make the limb leads of two or more."""
    weights = (LIMB @ np.linalg.pinv(LIMB[list(known)])).T
    weights.flags.writeable = False  # all callers share it
    return weights


def twelve_leads(
    records: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Make twelve float32 leads without gaps; which leads live; where gaps were.

    A lead lives if it is not constant and at most half of it is a gap. Dead leads, and
    those that are made from them, are 0. The mask of gaps, of shape (n_records,
    n_times), is None where there is none at all.
    """
    gap = None if np.isfinite(records.sum()) else ~np.isfinite(records)
    # Less its first sample, an electrode's offset costs float32 no precision.
    if gap is None:
        x = np.subtract(records, records[:, :1]).astype(np.float32, copy=False)
    else:
        x = bridge_gaps(records, gap)
    # Every seventh sample is enough for almost every lead.
    live = np.any(np.abs(x[:, ::7]) > _FLAT, axis=1)
    for record, lead in np.argwhere(~live):  # a second look, at every sample
        live[record, lead] = np.abs(x[record, :, lead]).max() > _FLAT
    if gap is not None:
        live &= gap.mean(axis=1) < 0.5
        gap &= live[:, None]
        gap = gap.any(axis=2)
    x *= live[:, None]
    needed = (np.nan_to_num(weights, nan=1.0) != 0).astype(int)
    dead = (~live).astype(int) @ needed + np.isnan(weights).any(axis=0) > 0
    if np.array_equal(weights, np.eye(12)):
        return x, ~dead, gap
    twelve = x @ np.nan_to_num(weights).astype(np.float32)
    twelve *= ~dead[:, None]
    return twelve, ~dead, gap


def bridge_gaps(records: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Bridge gaps by straight lines, and let every lead begin near 0."""
    x = np.where(gap, 0, records)
    for record, lead in np.argwhere(gap.any(axis=1)):
        known = np.flatnonzero(~gap[record, :, lead])
        if len(known):
            values = records[record, known, lead]
            x[record, :, lead] = np.interp(np.arange(x.shape[1]), known, values)
    return (x - x[:, :1]).astype(np.float32)
