"""Signs that recordings are not what they are taken for."""

from collections.abc import Sequence

import numpy as np

from skecg.signal._blocks import check_records
from skecg.signal._leads import LEAD_NAMES, canonical_lead_name

_LAW_LEADS = LEAD_NAMES[:4]  # I, II, III and aVR
_LARGEST_REST = 0.1
"""Share of the leads' spread that may remain: 11 of PTB-XL's 19,601 records in folds 1
to 9 at 100 Hz exceed it (half of all are below 0.004), but of 6,532 at most 3 do not
once two of I, II and III are exchanged, or the leads are in another usual order."""
_SMALLEST_REST = 0.02
"""In mV; what remains of leads that were rounded to 30 uV is less."""
_BLOCK = 64  # records


def flat_leads(X: np.ndarray) -> np.ndarray:
    """Find leads that are constant over their whole recording.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64, without gaps.

    Returns
    -------
    bool ndarray of shape (n_records, n_leads)
        True where a lead has one value only, whatever it is; one sample alone is not
        flat.

    Raises
    ------
    ValueError
        If the shape of X is invalid.
    TypeError
        If X is neither float32 nor float64.

    Examples
    --------
    >>> flat_leads(np.array([[[0.0, 0.1], [0.0, 0.2], [0.0, 0.1]]])).tolist()
    [[True, False]]
    """
    records = check_records(X)
    if records.shape[1] < 2:
        return np.zeros((len(records), records.shape[2]), dtype=bool)
    flat = (records[:, ::13] == records[:, :1]).all(axis=1)
    for k in np.flatnonzero(flat.any(axis=1)):  # a second look, at every sample
        flat[k] = (records[k] == records[k, 0]).all(axis=0)
    return flat


def breaks_einthoven(X: np.ndarray, lead_names: Sequence[str]) -> np.ndarray:
    """Find recordings whose limb leads contradict each other.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Recordings in mV, float32 or float64, without gaps.
    lead_names : sequence of str
        What each lead of X is taken for; I, II, III and aVR must be among them. Upper
        and lower case are the same.

    Returns
    -------
    bool ndarray of shape (n_records,)
        True where II = I + III or aVR = -(I + II) / 2 does not hold: what remains
        varies by more than a tenth of what the leads concerned do, and by more than
        0.02 mV, which coarse rounding may leave. The measure is the standard deviation
        in time, so that an offset of a lead does not count.

    Raises
    ------
    ValueError
        If the shape of X is invalid, or one of the four leads is not named.
    TypeError
        If X is neither float32 nor float64.

    See Also
    --------
    limb_leads : The laws of Einthoven and Goldberger.

    Notes
    -----
    The laws hold for electrodes, wherever they sit: leads that were stored in another
    order break them, exchanged electrodes do not. Nor do exchanged chest leads, or aVL
    and aVF in each other's place, which are not looked at.

    Examples
    --------
    >>> one, two = np.sin(np.arange(100)), np.cos(np.arange(100))
    >>> X = np.stack([one, two, two - one, -(one + two) / 2], axis=-1)[np.newaxis]
    >>> breaks_einthoven(X, ["I", "II", "III", "aVR"]).tolist()
    [False]
    >>> breaks_einthoven(X, ["II", "I", "III", "aVR"]).tolist()
    [True]
    """
    records = check_records(X)
    index = _law_index(lead_names, records.shape[2])
    broken = np.empty(len(records), dtype=bool)
    for start in range(0, len(records), _BLOCK):
        block = records[start : start + _BLOCK]
        series = np.empty((6, *block.shape[:2]), records.dtype)
        for k, lead in enumerate(index):
            series[k] = block[:, :, lead]
        one, two, three, avr = series[:4]
        series[4] = one + three - two
        series[5] = avr + (one + two) / 2
        one, two, three, avr, *rests = series.std(axis=2)
        spread = np.maximum(np.maximum(one, two), [three, avr])
        largest = np.maximum(_LARGEST_REST * spread, _SMALLEST_REST)
        broken[start : start + _BLOCK] = (rests > largest).any(axis=0)
    return broken


def _law_index(lead_names: Sequence[str], n_leads: int) -> list[int]:
    """Return where I, II, III and aVR stand among the leads."""
    names = [canonical_lead_name(name) for name in lead_names]
    if len(names) != n_leads or any(names.count(name) != 1 for name in _LAW_LEADS):
        raise ValueError(
            f"lead_names must name each of the {n_leads} leads of X, and each of "
            f"{list(_LAW_LEADS)} once, got {list(lead_names)}."
        )
    return [names.index(name) for name in _LAW_LEADS]
