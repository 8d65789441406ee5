"""Leads from other leads: the limb leads' laws, and the twelve without gaps."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from skecg.signal._blocks import check_records
from skecg.utils import LEAD_NAMES, canonical_lead_name, read_lead_names

_FLAT = 1e-6  # mV
# Leads I to aVF from leads I and II.
LIMB = np.array([[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]])

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


def arrange_leads(
    X: np.ndarray, lead_names: Sequence[str], target_leads: Sequence[str]
) -> np.ndarray:
    """Put leads into a wanted order, and derive limb leads that are not there.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Recordings in mV.
    lead_names : sequence of str
        Names of the leads of X; upper and lower case are the same.
    target_leads : sequence of str
        Names of the wanted leads.

    Returns
    -------
    ndarray of shape (n_records, n_times, n_target_leads)
        The wanted leads, in the dtype of X. Leads of X are copied as they are; the six
        limb leads follow from any two of them by Einthoven and Goldberger.

    Raises
    ------
    ValueError
        If a lead is named twice, or a wanted one is not there and can't be derived.

    Examples
    --------
    >>> X = np.array([[[0.75, 0.5, 1.0]]])
    >>> arrange_leads(X, ["II", "I", "V1"], ["I", "II", "III", "V1"]).tolist()
    [[[0.5, 0.75, 0.25, 1.0]]]
    """
    X = check_records(X)
    names = read_lead_names(lead_names, X.shape[2])
    wanted = [canonical_lead_name(name) for name in target_leads]
    absent = [name for name in wanted if name not in names]
    derived = {}
    if absent:
        # Rounded, so that weights of 0.5 and 1 are exact, as the laws have them.
        weights = lead_weights(names, X.shape[2]).round(14)
        derived = dict(zip(LEAD_NAMES, weights.T, strict=True))
    missing = [n for n in absent if np.isnan(derived.get(n, np.nan)).any()]
    if missing:
        raise ValueError(
            f"The leads {missing} are needed, but X has only {list(lead_names)}; give "
            "these too. Limb leads follow from two other limb leads, chest leads never."
        )
    arranged = np.empty((*X.shape[:2], len(wanted)), X.dtype)
    for k, name in enumerate(wanted):
        if name in names:
            arranged[:, :, k] = X[:, :, names.index(name)]
        else:
            arranged[:, :, k] = X @ derived[name].astype(X.dtype)
    return arranged


def lead_weights(lead_names: Sequence[str] | None, n_leads: int) -> np.ndarray:
    """Return the (n_leads, 12) weights that make the twelve leads; NaN where none."""
    weights = np.full((n_leads, 12), np.nan)
    if lead_names is None:
        return weights
    names = read_lead_names(lead_names, n_leads)
    if not set(names) & set(LEAD_NAMES):
        raise ValueError(
            f"lead_names must have at least one of {list(LEAD_NAMES)}, got "
            f"{list(lead_names)}; give the standard names."
        )
    limb = [name for name in LEAD_NAMES[:6] if name in names]
    if len(limb) > 1:  # no two of the limb leads are parallel
        weights[:, :6] = 0
        known = tuple(LEAD_NAMES.index(name) for name in limb)
        weights[[names.index(name) for name in limb], :6] = limb_weights(known)
    # A lead that is there is itself, and no mean of what others make of it.
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
    """Make twelve float32 leads without gaps; which leads live; where gaps were."""
    # A lead lives if it is not constant and at most half of it is a gap. Dead leads,
    # and those that are made from them, are 0. The mask of gaps, of shape (n_records,
    # n_times), is None where there is none at all.
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
