"""Signs that recordings are not what they are taken for."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from skecg.signal._blocks import check_rate, check_records, over_blocks
from skecg.signal._leads import LIMB
from skecg.utils import LEAD_NAMES, canonical_lead_name

_NEEDED = LEAD_NAMES[:4]  # I, II, III and aVR
# Weights of I to aVF that give 0: III, aVR, aVL and aVF less what I and II say.
_LAWS = np.hstack([-LIMB[2:], np.eye(4)])
# Share of the leads' spread that may remain: 16 of PTB-XL's 19,601 records in folds 1
# to 9 at 100 Hz exceed it (half of all are below 0.004), but nearly all do once two
# limb leads are exchanged, or the leads are in another usual order.
_LARGEST_REST = 0.1
# In mV; what remains of leads that were rounded to 30 uV is less.
_SMALLEST_REST = 0.02
# In mV: the range within the quietest two seconds of a lead without a signal. It is so
# in 0.02 % of PTB-XL's 17,418 records at 100 Hz in folds 1 to 8.
NO_SIGNAL = 0.05
# In s: quality is measured in such blocks.
BLOCK_LENGTH = 0.2
_WINDOW = 10  # blocks: of 2 s, which hold a beat above 30 / min
_GLANCE = 100.0  # Hz: a range at this rate that suffices needs no second look


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


def silent_leads(X: np.ndarray, fs: float, no_signal: float = NO_SIGNAL) -> np.ndarray:
    """Find leads without a signal: constant, or too small for a heart's.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64, without gaps.
    fs : float
        Sampling rate in Hz.
    no_signal : float, default=0.05
        Range in mV of the quietest two seconds, below which a lead has no signal.

    Returns
    -------
    bool ndarray of shape (n_records, n_leads)
        True where a lead has no signal, as where an electrode is off, a rail flickers
        by one step, or volts stand in millivolts. One sample alone is not silent.

    Raises
    ------
    ValueError
        If the shape of X or `fs` is invalid.
    TypeError
        If X is neither float32 nor float64.

    See Also
    --------
    flat_leads : Leads of one value only.
    assess_quality : Finds the same, and more.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 0.003, (1, 1000, 1))
    >>> silent_leads(np.append(noise, 100 * noise, axis=2), fs=100.0).tolist()
    [[True, False]]
    """
    records, fs = check_records(X), check_rate("fs", fs)
    return find_silent(records, fs, no_signal)


def find_silent(records: np.ndarray, fs: float, no_signal: float) -> np.ndarray:
    """Find leads without a signal: (n_records, n_leads)."""
    n_times = records.shape[1]
    if n_times < 2:
        return np.zeros((len(records), records.shape[2]), bool)
    size = quiet_window(n_times, fs)
    shape = (len(records), n_times // size, size, records.shape[2])
    windows = records[:, : shape[1] * size].reshape(shape)
    every = max(1, int(fs / _GLANCE))
    silent = _quietest(windows[:, :, ::every]) < no_signal
    for record, lead in np.argwhere(silent) if every > 1 else ():
        silent[record, lead] = _quietest(windows[[record]][..., [lead]]) < no_signal
    return silent


def quiet_window(n_times: int, fs: float) -> int:
    """Return how many samples a window has in which a lead may have no signal."""
    # They are of whole blocks, or of the whole record where it is shorter.
    n_block = min(max(1, round(BLOCK_LENGTH * fs)), n_times)
    return n_block * min(_WINDOW, n_times // n_block)


def _quietest(windows: np.ndarray) -> np.ndarray:
    """Return the least range of (n_records, n_windows, n_samples, n_leads)."""
    ranges = over_blocks(np.maximum, windows) - over_blocks(np.minimum, windows)
    return ranges.min(axis=1)


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
        True where III = II - I, aVR = -(I + II) / 2, or, where X has both leads,
        aVL = (I - III) / 2 or aVF = (II + III) / 2 does not hold: what remains varies
        by more than a tenth of what the limb leads do, and by more than 0.02 mV, which
        coarse rounding may leave. The measure is the standard deviation in time, so
        that an offset of a lead does not count.

    Raises
    ------
    ValueError
        If the shape of X is invalid, or one of the four leads is not named.
    TypeError
        If X is neither float32 nor float64.

    See Also
    --------
    limb_leads : The laws of Einthoven and Goldberger.
    find_exchanges : Exchanged electrodes, which break no law.

    Notes
    -----
    The laws hold for electrodes, wherever they sit: leads that were stored in another
    order break them, exchanged electrodes do not. Nor do exchanged chest leads.

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
    index = law_index(lead_names, records.shape[2])
    return contradicts(limb_covariance(records, index))


def exchanged_limb_leads(X: np.ndarray, lead_names: Sequence[str]) -> list[str]:
    """Say which two limb leads, stored in each other's place, explain a contradiction.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Recordings in mV, float32 or float64, without gaps.
    lead_names : sequence of str
        As in :func:`breaks_einthoven`.

    Returns
    -------
    list of str
        For each record the two leads, such as ``"aVL and aVF"``, whose exchange makes
        all laws hold. Empty where none does, and where none is broken.

    Raises
    ------
    ValueError
        As in :func:`breaks_einthoven`.
    TypeError
        As in :func:`breaks_einthoven`.

    See Also
    --------
    breaks_einthoven : Whether a law is broken.

    Examples
    --------
    >>> one, two = np.sin(np.arange(100)), np.cos(np.arange(100))
    >>> X = np.stack([one, two, two - one, -(one + two) / 2], axis=-1)[np.newaxis]
    >>> exchanged_limb_leads(X, ["II", "I", "III", "aVR"])
    ['I and II']
    """
    records = check_records(X)
    index = law_index(lead_names, records.shape[2])
    covariance = limb_covariance(records, index)
    names = np.full(len(records), "", dtype="<U11")
    left = np.flatnonzero(contradicts(covariance))
    for a, b in combinations(range(len(index)), 2):
        order = np.arange(len(index))
        order[[a, b]] = b, a
        back = covariance[left][:, order[:, None], order]
        explained = left[~contradicts(back)]
        # Where II = -I, say, several exchanges explain it: then none is named.
        several = names[explained] != ""
        names[explained] = np.where(
            several, "?", f"{LEAD_NAMES[a]} and {LEAD_NAMES[b]}"
        )
    return [name.replace("?", "") for name in names.tolist()]


def law_index(lead_names: Sequence[str], n_leads: int) -> list[int]:
    """Return where I, II, III and aVR, and aVL and aVF if named, stand among leads."""
    names = [canonical_lead_name(name) for name in lead_names]
    if len(names) != n_leads or any(names.count(name) != 1 for name in _NEEDED):
        raise ValueError(
            f"lead_names must name each of the {n_leads} leads of X, got "
            f"{list(lead_names)}; {', '.join(_NEEDED)} must be there once."
        )
    # Without aVL, aVF would be taken for it: the laws have the order of the leads.
    both = names.count("aVL") == names.count("aVF") == 1
    return [names.index(name) for name in LEAD_NAMES[: 6 if both else 4]]


_OF_ANY_SIZE = np.errstate(over="ignore", invalid="ignore")


@_OF_ANY_SIZE
def limb_covariance(records: np.ndarray, index: Sequence[int]) -> np.ndarray:
    """Return the covariance in time of limb leads: (n_records, n_limb, n_limb)."""
    limb = records[:, :, index]
    limb = limb - limb.mean(axis=1, keepdims=True)
    return limb.transpose(0, 2, 1) @ limb / limb.shape[1]


def contradicts(covariance: np.ndarray) -> np.ndarray:
    """Tell which covariances of limb leads break a law: (n_records,)."""
    return rest_of_laws(covariance) > 1


@_OF_ANY_SIZE
def rest_of_laws(covariance: np.ndarray) -> np.ndarray:
    """Return what remains of the laws over what may remain: (n_records,)."""
    n_limb = covariance.shape[1]
    laws = _LAWS[: n_limb - 2, :n_limb].astype(covariance.dtype)
    rests = (laws @ covariance * laws).sum(axis=2).max(axis=1)
    largest = covariance.diagonal(axis1=1, axis2=2).max(axis=1)
    allowed = np.maximum(_LARGEST_REST**2 * largest, _SMALLEST_REST**2)
    return np.sqrt(np.maximum(rests, 0) / allowed)
