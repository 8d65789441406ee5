"""Leads in a wanted order."""

from collections.abc import Sequence

import numpy as np

from skecg.signal._blocks import check_records
from skecg.signal._leads import LEAD_NAMES, canonical_lead_name
from skecg.signal._twelve import lead_weights


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
    names = [canonical_lead_name(name) for name in lead_names]
    wanted = [canonical_lead_name(name) for name in target_leads]
    absent = [name for name in wanted if name not in names]
    derived = {}
    if absent or len(set(names)) < len(names):
        weights = lead_weights(lead_names, X.shape[2]).round(14)
        derived = dict(zip(LEAD_NAMES, weights.T, strict=True))
    missing = [n for n in absent if np.isnan(derived.get(n, np.nan)).any()]
    if missing:
        raise ValueError(
            f"The leads {missing} are needed, but X has only {list(lead_names)}; give "
            "these leads too. Limb leads follow from any two of I, II, III, aVR, aVL "
            "and aVF; the chest leads V1 to V6 do not."
        )
    arranged = np.empty((*X.shape[:2], len(wanted)), X.dtype)
    for k, name in enumerate(wanted):
        if name in names:
            arranged[:, :, k] = X[:, :, names.index(name)]
        else:
            arranged[:, :, k] = X @ derived[name].astype(X.dtype)
    return arranged
