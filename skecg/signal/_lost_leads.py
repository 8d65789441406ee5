"""Leads without a signal, estimated from the other leads."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.linalg import block_diag

from skecg.signal._blocks import check_rate, check_records
from skecg.signal._leads import LIMB, bridge_gaps
from skecg.signal._plausible import NO_SIGNAL, find_silent
from skecg.signal._quality_gate import lead_roles
from skecg.utils import LEAD_NAMES, canonical_lead_name

# Of I, II and V1 to V6, filtered from 0.5 to 40 Hz; the variances add up to 8. Made by
# benchmarks/lost_leads_on_ptbxl.py.
COVARIANCE = np.array(
    [
        [0.5095, 0.2409, -0.4881, -0.3078, -0.0091, 0.4113, 0.5967, 0.5139],
        [0.2409, 0.3714, -0.3078, -0.2322, 0.0755, 0.4396, 0.5398, 0.4415],
        [-0.4881, -0.3078, 0.7899, 0.8148, 0.4013, -0.2841, -0.6481, -0.6073],
        [-0.3078, -0.2322, 0.8148, 1.4545, 1.0583, 0.1824, -0.4251, -0.5050],
        [-0.0091, 0.0755, 0.4013, 1.0583, 1.2844, 0.7796, 0.1745, -0.0470],
        [0.4113, 0.4396, -0.2841, 0.1824, 0.7796, 1.3388, 1.0557, 0.6754],
        [0.5967, 0.5398, -0.6481, -0.4251, 0.1745, 1.0557, 1.3616, 1.0096],
        [0.5139, 0.4415, -0.6073, -0.5050, -0.0470, 0.6754, 1.0096, 0.8898],
    ]
)
_OF_ALL = block_diag(LIMB, np.eye(6))  # the twelve leads from these eight
_MOST_LOST = 2
_DEPENDENT = 1e-9  # share of the largest eigenvalue: limb leads depend on each other


def estimate_lost_leads(
    X: np.ndarray, fs: float, lead_names: Sequence[str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate one or two leads without a signal from the other leads of a record.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Recordings in mV, float32 or float64; NaN marks a gap.
    fs : float
        Sampling rate in Hz.
    lead_names : sequence of str or None
        The leads of X, in any case and order. Unless they are the twelve, or eight from
        which these can be derived, nothing is estimated.

    Returns
    -------
    filled : ndarray of shape (n_records, n_times, n_leads)
        X with the estimated leads; X itself where there are none.
    estimated : bool ndarray of shape (n_records, n_leads)
        Which leads were estimated.

    Raises
    ------
    ValueError
        If the shape of X or `fs` is invalid.
    TypeError
        If X is neither float32 nor float64.

    See Also
    --------
    silent_leads : Tells which leads have no signal.
    arrange_leads : Derives limb leads that X does not have.

    Notes
    -----
    A lost lead is the weighted sum of the others that comes nearest to it in the mean
    square (linear regression) [1]_. Limb leads follow exactly from two others, by
    Einthoven and Goldberger. The weights come from the covariance of the leads in the
    records with LVH of PTB-XL's folds 1 to 8, each divided by its variance: those of
    all records make tall waves too small, which costs sensitivity.

    Records that lost more than two leads stay as they are. So does a lead whose
    estimate has no signal either, such as lead I where both arms have one potential.

    References
    ----------
    .. [1] Horacek BM, Warren JW, Wang JJ. On designing and testing transformations for
       derivation of standard 12-lead/18-lead electrocardiograms and vectorcardiograms
       from reduced sets of predictor leads. J Electrocardiol 2008;41:220-229.
       PMID 18433613

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> from skecg.signal import LEAD_NAMES
    >>> X = make_lvh_ecg(3, fs=100, random_state=0).data
    >>> lost = X.copy()
    >>> lost[1, :, [2, 10]] = 0
    >>> filled, estimated = estimate_lost_leads(lost, 100.0, LEAD_NAMES)
    >>> np.argwhere(estimated).tolist()
    [[1, 2], [1, 10]]
    >>> bool(np.abs(filled[1, :, 2] - X[1, :, 2]).max() < 1e-6)  # III
    True
    >>> bool(np.corrcoef(filled[1, :, 10], X[1, :, 10])[0, 1] > 0.95)  # V5
    True
    """
    records, fs = check_records(X, any_value=True), check_rate("fs", fs)
    nothing = np.zeros((len(records), records.shape[2]), bool)
    names = tuple(map(canonical_lead_name, lead_names or ()))
    if lead_roles(names, records.shape[2])[1] is None:
        return X, nothing
    lost = _silent(records, fs)
    lost[lost.sum(axis=1) > _MOST_LOST] = False
    if not lost.any():
        return X, nothing
    filled = records.copy()
    for pattern in np.unique(lost[lost.any(axis=1)], axis=0):
        which = np.flatnonzero((lost == pattern).all(axis=1))
        live, into, weights = _regression(names, tuple(pattern.tolist()))
        found = records[which][:, :, live] @ weights.astype(records.dtype)
        for k, lead in enumerate(into):
            filled[which, :, lead] = found[:, :, k]
    estimated = lost & ~_silent(filled, fs)
    return np.where(estimated[:, np.newaxis], filled, records), estimated


def _silent(records: np.ndarray, fs: float) -> np.ndarray:
    """Tell which leads have no signal, or only gaps: (n_records, n_leads)."""
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(records.sum()):
            records = bridge_gaps(records, ~np.isfinite(records))
        return find_silent(records, fs, NO_SIGNAL)


@lru_cache(maxsize=64)
def _regression(
    names: tuple[str, ...], lost: tuple[bool, ...]
) -> tuple[list[int], list[int], np.ndarray]:
    """Return live leads, lost leads, and the weights of the former in the latter."""
    covariance = _OF_ALL @ COVARIANCE @ _OF_ALL.T
    known = [k for k, name in enumerate(names) if name in LEAD_NAMES]
    live, into = ([k for k in known if lost[k] is is_lost] for is_lost in (False, True))
    here, there = ([LEAD_NAMES.index(names[k]) for k in part] for part in (live, into))
    of_live = covariance[np.ix_(here, here)]
    weights = np.linalg.pinv(of_live, rcond=_DEPENDENT, hermitian=True)
    return live, into, weights @ covariance[np.ix_(here, there)]
