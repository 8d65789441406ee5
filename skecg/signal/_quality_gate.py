"""What is doubtful about the records of a call, in one sentence.

Fast enough to be looked at before every prediction: 0.25 ms for one record of 10 s at
100 Hz. :func:`skecg.signal.assess_quality` looks at more.
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from skecg.signal._blocks import LOWEST_RATE, check_rate, check_records
from skecg.signal._leads import bridge_gaps, lead_weights
from skecg.signal._plausible import (
    NO_SIGNAL,
    contradicts,
    exchanged_limb_leads,
    find_silent,
    law_index,
)
from skecg.signal._reversal import (
    EXCHANGES,
    at_100_hz,
    exchange_evidence,
    judge_evidence,
)

_BLOCK = 64  # records worked on at once
_NAMED = 5  # records that a sentence names
_USUAL_EXCHANGED = 0.02
"""Share of records that may look so without a word: 0.7 % of PTB-XL's do."""
_USUAL_RANGE = (0.2, 5.0)
"""In mV: the median over the leads of the difference of highest and lowest value is
0.62 to 2.72 in 98 of 100 records of PTB-XL at 100 Hz (folds 8 and 9), 4.2 at most."""
_FEWEST_LEADS = 6  # in a single lead it is more


class Doubts(NamedTuple):
    """What is doubtful about records.

    Attributes
    ----------
    silent : bool ndarray of shape (n_records, n_leads)
        Leads without a signal.
    contradictory : bool ndarray of shape (n_records,)
        Records whose limb leads break Einthoven's and Goldberger's laws.
    exchanged : ndarray of str, shape (n_records,)
        The electrodes that are certainly exchanged; empty where there are none.
    """

    silent: np.ndarray
    contradictory: np.ndarray
    exchanged: np.ndarray


def find_doubts(X: np.ndarray, fs: float, lead_names: Sequence[str] | None) -> Doubts:
    """Look for what makes a prediction or a measurement meaningless.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64; NaN marks a gap.
    fs : float
        Sampling rate in Hz; below 80, exchanges are not looked for.
    lead_names : sequence of str or None
        The leads of X, in any case and order. Where they are not known, only leads
        without a signal are looked for.

    Returns
    -------
    Doubts
        The doubts.

    See Also
    --------
    assess_quality : Looks at more, and says how much.

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> from skecg.signal import LEAD_NAMES
    >>> X = make_lvh_ecg(3, fs=100, random_state=0).data
    >>> X[1, :, 7] = 0
    >>> find_doubts(X, 100.0, LEAD_NAMES).silent.any(axis=1).tolist()
    [False, True, False]
    """
    records, fs = check_records(X, any_value=True), check_rate("fs", fs)
    shape = (len(records), records.shape[2])
    doubts = Doubts(
        np.zeros(shape, bool),
        np.zeros(shape[0], bool),
        np.zeros(shape[0], np.array([*EXCHANGES]).dtype),
    )
    limb, weights = None, None
    if lead_names is not None:
        limb, weights = lead_roles(tuple(map(str, lead_names)), shape[1])
    for start in range(0, len(records), _BLOCK):
        here = slice(start, start + _BLOCK)
        _look(
            records[here], fs, limb, weights, Doubts(*(part[here] for part in doubts))
        )
    return doubts


@lru_cache(maxsize=16)
def lead_roles(
    lead_names: tuple[str, ...], n_leads: int
) -> tuple[tuple[int, ...] | None, np.ndarray | None]:
    """Return which leads are limb leads, and what makes the twelve; None where none.

    What is returned is cached, and therefore can't be changed.
    """
    try:
        limb = tuple(law_index(lead_names, n_leads))
    except ValueError:
        limb = None
    try:
        weights = lead_weights(lead_names, n_leads)
    except ValueError:
        return limb, None
    weights.flags.writeable = False
    return limb, None if np.isnan(weights).any() else weights


@np.errstate(over="ignore", invalid="ignore")  # values may be absurdly large
def _look(
    records: np.ndarray,
    fs: float,
    limb: tuple[int, ...] | None,
    weights: np.ndarray | None,
    doubts: Doubts,
) -> None:
    """Write what is found in a block of records."""
    if not np.isfinite(records.sum()):
        records = bridge_gaps(records, ~np.isfinite(records))
    x = records - records[:, :1]  # 0 in a constant lead, however large its value
    x -= x.mean(axis=1, keepdims=True)
    covariance = x.transpose(0, 2, 1) @ x / x.shape[1]
    doubts.silent[:] = find_silent(x, fs, NO_SIGNAL)
    if limb is not None:
        of_limb = covariance[:, limb][:, :, limb]
        # A lead without a signal contradicts the others too, and is named already.
        of_silent = doubts.silent[:, limb].any(axis=1)
        doubts.contradictory[:] = contradicts(of_limb) & ~of_silent
    if weights is not None and fs >= LOWEST_RATE:
        judged = ~(doubts.silent.any(axis=1) | doubts.contradictory)
        twelve = at_100_hz(make_twelve(x, weights), fs)
        found = judge_evidence(exchange_evidence(twelve, judged))
        doubts.exchanged[:] = np.where(found.certain, found.suspected, "")


def make_twelve(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Make the twelve leads, or return x where it has them in their order."""
    if weights.shape == _SAME.shape and (weights == _SAME).all():
        return x
    return x @ weights.astype(x.dtype)


_SAME = np.eye(12)


def describe_doubts(
    X: np.ndarray,
    fs: float,
    lead_names: Sequence[str] | None,
    remedy: str = "",
    doubts: Doubts | None = None,
    *,
    voltages: bool = False,
    warned: bool = False,
) -> str:
    """Say in one sentence what is doubtful about records, and in another what to do.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64; NaN marks a gap.
    fs : float
        Sampling rate in Hz.
    lead_names : sequence of str or None
        The leads of X.
    remedy : str, default=""
        What to do where limb leads contradict each other in most records.
    doubts : Doubts, default=None
        What :func:`find_doubts` found; None looks for it.
    voltages : bool, default=False
        Whether most records of six leads or more are to have voltages of ECGs in mV,
        which no trained scaler compares with those that it has learned.
    warned : bool, default=False
        Whether the user was warned of their voltage already. Then nothing is said of
        it, nor of leads without a signal that are hardly smaller than the others.

    Returns
    -------
    str
        The two sentences; empty where nothing is doubtful.

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> from skecg.signal import LEAD_NAMES
    >>> X = make_lvh_ecg(3, fs=100, random_state=0).data
    >>> describe_doubts(X, 100.0, LEAD_NAMES)
    ''
    >>> X[1, :, 7] = 0
    >>> describe_doubts(X, 100.0, LEAD_NAMES)
    '1 of 3 records of X (at 1) have leads without a signal (V2 in record 1)...'
    """
    if doubts is None:
        doubts = find_doubts(X, fs, lead_names)
    said, remedies = [], []
    if (
        voltages
        and not warned
        and (unusual := _of_voltages(check_records(X, any_value=True)))
    ):
        said.append(unusual)
        remedies.append(_GAIN)
    if doubts.silent.any() and not (warned and not lost_in_most(X, doubts.silent)):
        said.append(_of_silent(doubts.silent, lead_names))
    if doubts.contradictory.any() and lead_names is not None:
        said.append(
            _of_order(
                doubts.contradictory, check_records(X, any_value=True), lead_names
            )
        )
        if remedy and doubts.contradictory.mean() > 0.5:
            remedies.append(remedy)
    if np.count_nonzero(doubts.exchanged) > _USUAL_EXCHANGED * len(doubts.exchanged):
        said.append(_of_exchanges(doubts.exchanged))
        remedies.append("record them again, or use skecg.signal.exchange_electrodes")
    return _sentences(said, remedies)


def lost_in_most(X: np.ndarray, silent: np.ndarray) -> bool:
    """Tell whether most records have lost leads beside leads of a usual voltage.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64; NaN marks a gap.
    silent : bool ndarray of shape (n_records, n_leads)
        Leads without a signal, as of :func:`find_doubts`.

    Returns
    -------
    bool
        False where few records have such leads, and where the other leads range over
        less than 0.4 mV too, as in another unit.

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> X = make_lvh_ecg(3, fs=100, random_state=0).data
    >>> X[:, :, 7] = 0
    >>> silent = X.max(axis=1) == 0
    >>> lost_in_most(X, silent), lost_in_most(X / 100, silent)
    (True, False)
    """
    ranges = np.ptp(check_records(X, any_value=True), axis=1)[~silent]
    ranges = ranges[np.isfinite(ranges)]
    lost = silent.any(axis=1).mean() > 0.5
    return bool(lost and ranges.size and np.median(ranges) >= _LEAST_BESIDE)


_LEAST_BESIDE = 2 * _USUAL_RANGE[0]
_GAIN = "give X in mV, with the gain of the recorder taken off"


def describe_voltages(X: np.ndarray) -> str:
    """Say that most records have no voltage of an ECG in mV, and what to do.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64; NaN marks a gap.

    Returns
    -------
    str
        Two sentences; empty where most have, and where X has fewer than six leads.

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> X = make_lvh_ecg(3, fs=100, random_state=0).data
    >>> describe_voltages(X), describe_voltages(10 * X)
    ('', 'Most leads of most records of X range over about ... mV, but ECGs over ...')
    """
    unusual = _of_voltages(check_records(X, any_value=True))
    return _sentences([unusual], [_GAIN]) if unusual else ""


def _sentences(said: list[str], remedies: list[str]) -> str:
    """Join what is doubtful to one sentence, and what to do to another."""
    if not said:
        return ""
    what_to_do = ", or ".join(remedies or ["leave them out"])
    return (
        f"{'; '.join(said)}. What a model or a criterion says of such records means "
        f"little: {what_to_do}; ECGQualityChecker says more."
    )


def _of_voltages(records: np.ndarray) -> str:
    """Say that most leads of most records have no voltage of an ECG, if it is so."""
    if records.shape[2] < _FEWEST_LEADS:
        return ""
    with np.errstate(invalid="ignore", over="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # leads of gaps alone
        ranges = np.ptp(records, axis=1)
        middle = np.median(np.median(ranges, axis=1))
        if np.isnan(middle):  # gaps, which take five times as long
            ranges = np.nanmax(records, axis=1) - np.nanmin(records, axis=1)
            middle = np.nanmedian(np.nanmedian(ranges, axis=1))
    if middle == 0 or np.isnan(middle) or _USUAL_RANGE[0] <= middle <= _USUAL_RANGE[1]:
        return ""
    return (
        f"Most leads of most records of X range over about {middle:.2g} mV, but ECGs "
        f"over {_USUAL_RANGE[0]:g} to {_USUAL_RANGE[1]:g} mV"
    )


def _of_silent(silent: np.ndarray, lead_names: Sequence[str] | None) -> str:
    """Say which records have leads without a signal, and which leads of the first."""
    which = np.flatnonzero(silent.any(axis=1))
    of_first = np.flatnonzero(silent[which[0]]).tolist()
    names = [str(k) if lead_names is None else lead_names[k] for k in of_first]
    leads = "all" if len(names) == silent.shape[1] else ", ".join(names)
    where = f"{leads} in record {which[0]}"
    return f"{name_records(which, len(silent))} have leads without a signal ({where})"


def _of_order(
    broken: np.ndarray, records: np.ndarray, lead_names: Sequence[str]
) -> str:
    """Say which records contradict the order of their leads."""
    which = np.flatnonzero(broken)
    pairs = exchanged_limb_leads(records[which[:_BLOCK]], lead_names)
    said = (
        f"{name_records(which, len(broken))} have limb leads that contradict each other"
    )
    commonest = max(set(pairs), key=pairs.count)
    if commonest:
        return f"{said}, as if {commonest} stood in each other's place"
    return f"{said} by Einthoven's and Goldberger's laws"


def _of_exchanges(exchanged: np.ndarray) -> str:
    """Say which records look as if electrodes were exchanged."""
    which = np.flatnonzero(exchanged != "")
    names, counts = np.unique(exchanged[which], return_counts=True)
    named = ", ".join(names[np.argsort(-counts)])
    look = "look as if electrodes were exchanged"
    return f"{name_records(which, len(exchanged))} {look} ({named})"


def name_records(which: np.ndarray, n_records: int) -> str:
    """Say how many records have something, and which come first.

    Parameters
    ----------
    which : ndarray of int
        The records.
    n_records : int
        How many there are in all.

    Returns
    -------
    str
        The beginning of a sentence.

    Examples
    --------
    >>> name_records(np.array([3, 5]), 10)
    '2 of 10 records of X (at 3, 5)'
    """
    first = ", ".join(map(str, which[:_NAMED]))
    more = ", ..." if len(which) > _NAMED else ""
    return f"{len(which)} of {n_records} records of X (at {first}{more})"
