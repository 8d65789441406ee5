"""Electrodes that were exchanged with each other: how to tell, and how to mend it."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from skecg.signal._blocks import check_ecg_rate, check_records, run_in_blocks
from skecg.signal._leads import lead_weights, twelve_leads
from skecg.signal._resample import resample_signal
from skecg.signal._reversal_weights import LOOP_WEIGHTS, PAIRS, WEIGHTS
from skecg.utils import LEAD_NAMES, read_lead_names

RATE = 100  # Hz: exchanges are looked for at this rate
_BEFORE, _AFTER = 26, 42  # samples of a beat around the steepest part of its QRS
_LEVEL = slice(18, 20)  # samples of a beat: between P and QRS
_P, _QRS, _T = slice(4, 18), slice(20, 34), slice(40, 66)
_SMALL = 0.05  # mV: shapes of smaller waves count for less
_FEWEST_BEATS = 3
# How far a QRS stands out: of PTB-XL's records the least has 2.3, noise has 1.3.
_LEAST_CONTRAST = 2.0
SUSPECTED_ODDS, CERTAIN_ODDS = 15.0, 1000.0
_BLOCK = 64  # records worked on at once
_LEAST = 64  # of fewer at once, two threads take longer than one


class LeadExchange(NamedTuple):
    """What an exchange of electrodes makes of the twelve leads.

    Attributes
    ----------
    sources : tuple of int
        For each of the twelve leads the lead that is recorded in its place.
    signs : tuple of int
        Whether that is recorded as it is (1) or upside down (-1).
    """

    sources: tuple[int, ...]
    signs: tuple[int, ...]


class ExchangeTest(NamedTuple):
    """What :func:`find_exchanges` finds.

    Attributes
    ----------
    suspected : ndarray of str, shape (n_records,)
        The likeliest exchange, a key of :data:`EXCHANGES`; empty where there is none.
    certain : bool ndarray of shape (n_records,)
        Whether the odds for it are very high; 0.1 % of the records of PTB-XL have such
        odds for exchanged arms, and 0.7 % for any exchange.
    evidence : float32 ndarray of shape (n_records, n_exchanges)
        Log odds for each of :data:`EXCHANGES`; NaN where a record can't be judged.
    """

    suspected: np.ndarray
    certain: np.ndarray
    evidence: np.ndarray


def _of_limbs(signed_leads: str) -> LeadExchange:
    """Read which limb leads are recorded as I, II, III, aVR, aVL and aVF."""
    names = signed_leads.split()
    sources = [LEAD_NAMES.index(name.removeprefix("-")) for name in names]
    signs = [-1 if name.startswith("-") else 1 for name in names]
    return LeadExchange((*sources, *range(6, 12)), (*signs, *[1] * 6))


def _of_chest(order: str) -> LeadExchange:
    """Read which chest leads are recorded as V1 to V6."""
    chest = [5 + int(number) for number in order]
    return LeadExchange((*range(6), *chest), (1,) * 12)


EXCHANGES = {
    "LA/RA": _of_limbs("-I III II aVL aVR aVF"),
    "RA/LL": _of_limbs("-III -II -I aVF aVL aVR"),
    "LA/LL": _of_limbs("II I -III aVR aVF aVL"),
    **{
        f"V{a}/V{b}": _of_chest("123456".translate(str.maketrans(a + b, b + a)))
        for a, b in combinations("123456", 2)
    },
    "V1...V6 reversed": _of_chest("654321"),
}
"""What each exchange that is looked for makes of the leads. LA, RA and LL are the
electrodes at the left arm, the right arm and the left leg."""


def exchange_electrodes(
    X: np.ndarray, exchange: str, lead_names: Sequence[str] = LEAD_NAMES
) -> np.ndarray:
    """Give the records that exchanged electrodes would have recorded.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Records.
    exchange : str
        A key of :data:`EXCHANGES`.
    lead_names : sequence of str, default=LEAD_NAMES
        The leads of X, in any case and order.

    Returns
    -------
    ndarray of shape (n_records, n_times, n_leads)
        The records with the leads exchanged, of the dtype of X. Twice gives X again.

    Raises
    ------
    ValueError
        If there is no such exchange, or X lacks a lead that comes into another's
        place.

    See Also
    --------
    find_exchanges : Which exchange a record looks as if it had.

    Notes
    -----
    With limb electrodes exchanged, lead I is the voltage between other limbs, and the
    central terminal, which the chest leads refer to, stays the same: the twelve leads
    change places and signs, exactly.

    Examples
    --------
    >>> X = np.arange(3.0).reshape(1, 1, 3)
    >>> exchange_electrodes(X, "LA/RA", ["I", "II", "III"]).tolist()
    [[[-0.0, 2.0, 1.0]]]
    """
    if exchange not in EXCHANGES:
        raise ValueError(
            f"exchange must be one of {list(EXCHANGES)}, got {exchange!r}."
        )
    records = check_records(X)
    names = read_lead_names(lead_names, records.shape[2])
    sources, signs = EXCHANGES[exchange]
    exchanged = records.copy()
    for k, name in enumerate(names):
        if name not in LEAD_NAMES:
            continue
        lead = LEAD_NAMES.index(name)
        source = LEAD_NAMES[sources[lead]]
        if source not in names:
            raise ValueError(
                f"{exchange} puts the lead {source} into the place of {name}, but X "
                f"has only {list(lead_names)}; give it, or derive it with "
                "skecg.signal.arrange_leads."
            )
        exchanged[:, :, k] = signs[lead] * records[:, :, names.index(source)]
    return exchanged


def find_exchanges(
    X: np.ndarray,
    fs: float,
    lead_names: Sequence[str] = LEAD_NAMES,
    *,
    suspected_odds: float = SUSPECTED_ODDS,
    certain_odds: float = CERTAIN_ODDS,
    n_jobs: int | None = -1,
) -> ExchangeTest:
    """Find records that look as if electrodes had been exchanged.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Recordings in mV, float32 or float64; NaN marks a gap.
    fs : float
        Sampling rate in Hz, at least 80.
    lead_names : sequence of str, default=LEAD_NAMES
        The leads of X, in any case and order. All twelve, or eight from which the
        others can be derived, are needed to judge a record.
    suspected_odds, certain_odds : float, default=15, 1000
        Odds for an exchange from which it is suspected, and certain, where it is as
        common as none.
    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Returns
    -------
    ExchangeTest
        What is suspected of each record, and the evidence.

    Raises
    ------
    ValueError
        If X, fs and `lead_names` don't fit each other.

    See Also
    --------
    exchange_electrodes : Exchanges them, and back again.

    Notes
    -----
    Of a mean beat at 100 Hz these are measured in each lead: the direction of P, QRS
    and T, and how large the QRS is beside the other leads' [1]_; of pairs of leads
    their correlation [2]_; and the sense in which the loops of P, QRS and T turn
    [3]_. A weighted sum of these says how usual an arrangement of leads is, and the
    evidence for an exchange is how much more usual the record would be with the
    electrodes exchanged back. The weights were fitted, by logistic regression, to
    PTB-XL's folds 1 to 8 with and without eleven of the exchanges. At odds of 15 each
    exchange is suspected of at most 1 % of these records as they are.

    A mirrored heart (dextrocardia) looks like ``"LA/RA"``, and ectopic atrial rhythm
    can look like exchanged limb electrodes. A record of fewer than three beats, or with
    a lead without signal, is not judged.

    References
    ----------
    .. [1] Kors JA, van Herpen G. Accurate automatic detection of electrode interchange
       in the electrocardiogram. Am J Cardiol 2001;88:396-399.
       doi:10.1016/S0002-9149(01)01686-1
    .. [2] Jekova I, et al. Inter-lead correlation analysis for automated detection of
       cable reversals in 12/16-lead ECG. Comput Methods Programs Biomed
       2016;134:31-41. doi:10.1016/j.cmpb.2016.06.003
    .. [3] Han C, et al. Automatic detection of ECG cable interchange by analyzing both
       morphology and interlead relations. J Electrocardiol 2014;47:781-787.
       doi:10.1016/j.jelectrocard.2014.08.006

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> X = make_lvh_ecg(20, fs=100, random_state=0).data
    >>> exchanged = exchange_electrodes(X, "LA/RA")
    >>> (find_exchanges(X, 100.0).suspected == "LA/RA").sum()
    np.int64(0)
    >>> (find_exchanges(exchanged, 100.0).suspected == "LA/RA").sum() > 15
    np.True_
    """
    records = check_records(X)
    fs = check_ecg_rate(fs)
    weights = lead_weights(lead_names, records.shape[2])
    evidence = np.empty((len(records), len(EXCHANGES)), np.float32)

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, _BLOCK):
            here = slice(first, min(first + _BLOCK, stop))
            x, live, _ = twelve_leads(records[here], weights)
            evidence[here] = exchange_evidence(at_100_hz(x, fs), np.all(live, axis=1))

    run_in_blocks(work, len(records), n_jobs, _LEAST)
    return judge_evidence(evidence, suspected_odds, certain_odds)


def judge_evidence(
    evidence: np.ndarray,
    suspected_odds: float = SUSPECTED_ODDS,
    certain_odds: float = CERTAIN_ODDS,
) -> ExchangeTest:
    """Name the likeliest exchange of each record, where the odds for it suffice."""
    known = np.nan_to_num(evidence, nan=-np.inf)
    likeliest, largest = known.argmax(axis=1), known.max(axis=1)
    names = np.where(
        largest > np.log(suspected_odds), np.array([*EXCHANGES])[likeliest], ""
    )
    return ExchangeTest(names, largest > np.log(certain_odds), evidence)


def at_100_hz(x: np.ndarray, fs: float) -> np.ndarray:
    """Bring records to 100 Hz: means of samples where they are whole, and fast."""
    factor = round(fs / RATE)
    if factor < 1 or abs(fs - factor * RATE) > 1e-3 * fs:
        return resample_signal(x, fs, float(RATE), n_jobs=1)
    if factor == 1:
        return x
    cut = x[:, : x.shape[1] // factor * factor]
    total = cut[:, ::factor].copy()
    for k in range(1, factor):  # four times as fast as a mean over an axis
        total += cut[:, k::factor]
    return np.divide(total, factor, out=total)


def exchange_evidence(x: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Return log odds (n_records, n_exchanges) from twelve leads at 100 Hz."""
    # NaN where `judged`, of shape (n_records,), is False.
    evidence = np.full((len(x), len(EXCHANGES)), np.nan, np.float32)
    if x.shape[1] <= _BEFORE + _AFTER or not judged.any():
        return evidence
    beats, n_beats = mean_beats(x if judged.all() else x[judged])
    found = features_of(beats) @ _OF_FEATURES
    found[n_beats < _FEWEST_BEATS] = np.nan
    evidence[judged] = found
    return evidence


def mean_beats(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the median beat of twelve leads at 100 Hz, and of how many beats it is."""
    # Much faster, and less exact, than what waves are measured on: a beat is where all
    # leads together are steepest within 0.3 s.
    speed = np.zeros(x.shape[:2], x.dtype)
    speed[:, 1:-1] = np.abs(x[:, 2:] - x[:, :-2]).sum(axis=2)
    speed = uniform_filter1d(speed, 5, axis=1)
    n_block = min(125, x.shape[1])
    n_blocks = x.shape[1] // n_block
    blocks = speed[:, : n_blocks * n_block].reshape(len(x), n_blocks, n_block)
    usual = np.median(blocks.max(axis=2), axis=1)
    usual[usual < _LEAST_CONTRAST * speed.mean(axis=1)] = np.inf
    is_beat = speed == maximum_filter1d(speed, 61, axis=1)
    is_beat &= speed > 0.5 * usual[:, None]
    is_beat[:, :_BEFORE] = is_beat[:, len(is_beat[0]) - _AFTER :] = False
    record, when = np.nonzero(is_beat)
    windows = x[record[:, None], when[:, None] + np.arange(-_BEFORE, _AFTER)]
    windows -= windows[:, _LEVEL].mean(axis=1, keepdims=True)
    n_beats = np.bincount(record, minlength=len(x))
    ends = np.cumsum(n_beats)
    beats = np.zeros((len(x), _BEFORE + _AFTER, 12), x.dtype)
    for k in np.flatnonzero(n_beats).tolist():
        of_record = windows[ends[k] - n_beats[k] : ends[k]]
        of_record.sort(axis=0)
        low, high = (n_beats[k] - 1) // 2, n_beats[k] // 2
        beats[k] = 0.5 * (of_record[low] + of_record[high])
    return beats, n_beats


def features_of(beats: np.ndarray) -> np.ndarray:
    """Measure the arrangement of leads on beats (n_records, n_times, 12)."""
    # First the four columns of `WEIGHTS` for each lead, then the correlation, then the
    # turning of P, QRS and T for each pair of leads.
    p, qrs, t = beats[:, _P], beats[:, _QRS], beats[:, _T]
    up, down = qrs.max(axis=1), -qrs.min(axis=1)
    size = up + down + _SMALL
    p_size = p.mean(axis=1) - 0.5 * (p[:, :2].mean(axis=1) + p[:, -2:].mean(axis=1))
    t_size = t.mean(axis=1)
    log_size = np.log(size)
    of_leads = [
        (up - down) / size,
        p_size / (np.abs(p_size).mean(axis=1, keepdims=True) + 0.01),
        t_size / (np.abs(t_size).mean(axis=1, keepdims=True) + 0.02),
        log_size - log_size.mean(axis=1, keepdims=True),
    ]
    centred = beats - beats.mean(axis=1, keepdims=True)
    of_pairs = [_correlation(centred, centred, 1e-3)]
    # P stands on the end of T: the line from its first to its last sample is taken off.
    share = np.linspace(0, 1, p.shape[1], dtype=p.dtype)[:, None]
    p = p - (p[:, :1] * (1 - share) + p[:, -1:] * share)
    for wave, floor in ((p, 0.02), (qrs, _SMALL), (t - t[:, -1:], _SMALL)):
        turning = _correlation(wave[:, :-1], wave[:, 1:], floor)
        of_pairs.append(turning - turning.transpose(0, 2, 1))
    columns = [pairs[:, _FIRST, _SECOND] for pairs in of_pairs]
    return np.concatenate([*of_leads, *columns], axis=1)


def _correlation(first: np.ndarray, second: np.ndarray, floor: float) -> np.ndarray:
    """Correlate every two leads (n_records, 12, 12); small ones count for less."""
    sizes = [np.sqrt(np.square(part).sum(axis=1)) + floor for part in (first, second)]
    product = first.transpose(0, 2, 1) @ second
    return product / (sizes[0][:, :, None] * sizes[1][:, None, :])


_FIRST, _SECOND = np.triu_indices(12, 1)


def _of_exchanged(weights: np.ndarray, exchange: LeadExchange) -> np.ndarray:
    """Return what weighs the features of a record as `weights` do, exchanged, do."""
    sources, signs = np.array(exchange.sources), np.array(exchange.signs)
    of_leads = weights[:48].reshape(4, 12)
    moved = np.zeros((4, 12))
    # Direction, P and T change their sign with the lead, and the size does not.
    moved[:3, sources] = of_leads[:3] * signs
    moved[3, sources] = of_leads[3]
    columns = [moved.ravel()]
    for k, of_pairs in enumerate(weights[48:].reshape(4, -1)):
        matrix = np.zeros((12, 12))
        matrix[sources[_FIRST], sources[_SECOND]] = (
            of_pairs * signs[_FIRST] * signs[_SECOND]
        )
        # A correlation is the same in either order; a loop turns the other way round.
        matrix += matrix.T if k == 0 else -matrix.T
        columns.append(matrix[_FIRST, _SECOND])
    return np.concatenate(columns)


def _all_weights() -> np.ndarray:
    """Return the weight of each of the features."""
    pairs = np.zeros((4, 12, 12))
    for names, value in PAIRS.items():
        pairs[0][_index(names)] = value
    for names, values in LOOP_WEIGHTS.items():
        first, second = _index(names)
        pairs[1:, first, second] = values
    of_leads = np.array([WEIGHTS[name] for name in LEAD_NAMES]).T
    return np.concatenate([of_leads.ravel(), pairs[:, _FIRST, _SECOND].ravel()])


def _index(names: str) -> tuple[int, int]:
    """Return where the leads of a pair such as "V1 V2" stand."""
    first, second = names.split()
    return LEAD_NAMES.index(first), LEAD_NAMES.index(second)


_ALL = _all_weights()
# What turns features into log odds, (n_features, n_exchanges). Every exchange is its
# own inverse: this is the record with it taken back, less the record as it is.
_OF_FEATURES = np.stack(
    [_of_exchanged(_ALL, each) - _ALL for each in EXCHANGES.values()], axis=1
).astype(np.float32)
