"""The amplitude of records, and whether it is in the unit of those learned from."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

UNIT_MISTAKE = 100.0
"""Records that are so many times as large as others are in another unit."""

_RECORDS_FOR_AMPLITUDE = 256
_FEWEST_SAMPLES = 10
_FLAT = 1e-4  # volts are a thousandth of millivolts; rounding makes less of a flat lead
_NO_MILLIVOLTS = 10.0  # the amplitude of no ECG in mV, but of most in uV
_DOUBTFUL_SAMPLES = 100
_MOST_MILLIVOLTS = 50.0  # more than any heart's and than most amplifiers' range
# The median amplitude of n records is doubtful above _DOUBTFUL * exp(c / sqrt(n))
# times the learned one, and below its inverse; c is the first number above and the
# second below. That holds for less than 0.02 % of batches of PTB-XL's records, of LVH
# records alone too: benchmarks/amplitude_warning.py has the table.
_DOUBTFUL = 1.5
_OF_FEW = (1.3, 0.8)


def impossible_span(signal: np.ndarray) -> float:
    """Return how many mV a recording (n_times, n_leads) spans; 0 where a heart's may.

    That is of its median lead, and not between extremes: a single spike is no heart's.
    """
    if np.median(np.ptp(signal, axis=0)) <= _MOST_MILLIVOLTS:  # False for gaps
        return 0.0
    known = signal[:, ~np.isnan(signal).all(axis=0)]
    if not known.size:
        return 0.0
    low, high = np.nanpercentile(known, [1, 99], axis=0)
    span = float(np.median(high - low))
    return span if span > _MOST_MILLIVOLTS else 0.0


def record_amplitudes(values: np.ndarray) -> np.ndarray:
    """Return each record's standard deviation in time, averaged over its leads."""
    return np.array([np.std(record, axis=0).mean() for record in values])


def typical_amplitude(values: np.ndarray) -> float:
    """Return the median amplitude of records; of many, 256 are measured."""
    step = -(-len(values) // _RECORDS_FOR_AMPLITUDE)
    return float(np.median(record_amplitudes(values[::step])))


def is_no_millivolts(values: np.ndarray) -> bool:
    """Tell whether records have amplitudes that no ECG has in mV, but most in uV."""
    with np.errstate(invalid="ignore", over="ignore"):
        return len(values) > 0 and typical_amplitude(values) > _NO_MILLIVOLTS


def check_learned_voltage(
    estimator: BaseEstimator, values: np.ndarray, learned: float
) -> bool:
    """Raise or warn if most records have another voltage than those learned from.

    An error is raised if a record's amplitude is over 100 times the learned one, or if
    that of most is under a hundredth of it. Most records decide, because a single small
    record has more often lost its electrodes. A record under a ten-thousandth is flat,
    which is small in any unit. Records of fewer than 10 samples are not searched for
    volts, and those of fewer than 100 bring no warning.

    A warning is given where the median amplitude is 1.5 times the learned one or more
    (5.5 times for a single record, 2.3 for ten), or likewise smaller; and where a few
    records are under a hundredth. It is the only one of a call: an earlier step that
    warned of the same records has marked its output with :func:`mark_warned`.

    Parameters
    ----------
    estimator : estimator
        Named in the error.
    values : ndarray
        The records, as from :func:`check_ecg`.
    learned : float
        :func:`typical_amplitude` of the records that `estimator` was fitted on.

    Returns
    -------
    bool
        Whether there was a warning, here or in an earlier step.
    """
    said = _voltage_doubt(type(estimator).__name__, values, learned)
    warned = is_warned_of(values)
    if said and not warned:
        warnings.warn(said, stacklevel=3)
    return warned or bool(said)


# A step can't know what others have said: what it gets may have any amplitude
# (standardized records have 0.8). Hence the very arrays that a step warned of are
# remembered for as long as they live.
_warned_of: WeakValueDictionary[int, np.ndarray] = WeakValueDictionary()


def is_warned_of(values: np.ndarray) -> bool:
    """Tell whether an earlier step of the same call warned of these records."""
    return _warned_of.get(id(values)) is values


def mark_warned(values: np.ndarray) -> None:
    """Remember that a step warned of the records that it hands on.

    `values` must be its own array or view: a caller's array may be given again, and
    each call has its own warning.
    """
    _warned_of[id(values)] = values


def carry_warning(values: np.ndarray, records: Any) -> Any:
    """Return the records that were made of `values`, marked as these are."""
    if is_warned_of(values):
        mark_warned(np.asarray(getattr(records, "values", records)))
    return records


def _voltage_doubt(name: str, values: np.ndarray, learned: float) -> str:
    """Say what is doubtful about the voltage of records; raise for another unit."""
    if learned == 0:
        return ""
    n_records = len(values)
    ratios = record_amplitudes(values) / learned
    ratios = np.where(ratios > _FLAT, ratios, np.nan)
    if np.isnan(ratios).all():
        return ""
    middle = float(np.nanmedian(ratios))
    small = ratios < 1 / UNIT_MISTAKE
    wrong = ratios > UNIT_MISTAKE
    if middle < 1 / UNIT_MISTAKE and values.shape[1] >= _FEWEST_SAMPLES:
        wrong |= small
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"Record {first} of X is about {ratios[first]:.2g} times as large as the "
            f"records that {name} was fitted on, as if "
            f"{_mistake(ratios[first], learned)} ({wrong.sum()} of {n_records} "
            "records); give X in the same unit (1 mV = 1000 uV)."
        )
    if values.shape[1] < _DOUBTFUL_SAMPLES:
        return ""
    few = np.sqrt(np.sum(~np.isnan(ratios)))
    above, below = (_DOUBTFUL * np.exp(c / few) for c in _OF_FEW)
    if not 1 / below < middle < above:
        return (
            f"The records of X ({n_records}) are about {middle:.2g} times as large as "
            f"those that {name} was fitted on, so that its output is doubtful; check "
            "the unit and the gain of X, which must be the same."
        )
    if small.any():
        first = int(np.flatnonzero(small)[0])
        return (
            f"Record {first} of X ({small.sum()} of {n_records} records) is about "
            f"{ratios[first]:.2g} times as large as those that {name} was fitted on, "
            "as if its electrodes were off; leave it out."
        )
    return ""


def _mistake(ratio: float, learned: float) -> str:
    """Name the units that were mistaken."""
    if learned <= _NO_MILLIVOLTS and ratio < 1:
        return "volts were given instead of millivolts"
    return "microvolts were given instead of millivolts, or the other way round"
