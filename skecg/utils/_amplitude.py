"""The amplitude of records, and whether it is in the unit of those learned from."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

UNIT_MISTAKE = 100.0
"""Records that are so many times as large as others are in another unit."""

_RECORDS_FOR_AMPLITUDE = 256
_FEWEST_SAMPLES = 10
_FLAT = 1e-4  # volts are a thousandth of millivolts; rounding makes less of a flat lead
_NO_MILLIVOLTS = 10.0  # the amplitude of no ECG in mV, but of most in uV
_STANDARDIZED = (0.4, 2.5)  # amplitudes of records that went through ECGScaler
_DOUBTFUL_SAMPLES = 100
# The median amplitude of n records is doubtful above _DOUBTFUL * exp(c / sqrt(n))
# times the learned one, and below its inverse; c is the first number above and the
# second below. That holds for less than 0.02 % of batches of PTB-XL's records, of LVH
# records alone too: benchmarks/amplitude_warning.py has the table.
_DOUBTFUL = 1.5
_OF_FEW = (1.3, 0.8)


def record_amplitudes(values: np.ndarray) -> np.ndarray:
    """Return each record's standard deviation in time, averaged over its leads."""
    return np.array([np.std(record, axis=0).mean() for record in values])


def typical_amplitude(values: np.ndarray) -> float:
    """Return the median amplitude of records; of many, 256 are measured."""
    step = -(-len(values) // _RECORDS_FOR_AMPLITUDE)
    return float(np.median(record_amplitudes(values[::step])))


def is_standardized(amplitude: float) -> bool:
    """Tell whether records of this amplitude went through an ECGScaler.

    It is 0.16 for filtered records in mV, and 0.8 for standardized ones.
    """
    return _STANDARDIZED[0] <= amplitude <= _STANDARDIZED[1]


def check_learned_voltage(
    estimator: BaseEstimator, values: np.ndarray, learned: float
) -> None:
    """Raise or warn if most records have another voltage than those learned from.

    Records that were standardized have been compared by their scaler. Of these, only
    another unit is an error (:func:`check_same_unit` has the limits).

    Parameters
    ----------
    estimator : estimator
        Named in the error.
    values : ndarray
        The records, as from :func:`check_ecg`.
    learned : float
        :func:`typical_amplitude` of the records that `estimator` was fitted on.
    """
    raw = not is_standardized(learned)
    check_same_unit(estimator, values, learned, volts=raw, warn=raw)


def check_same_unit(
    estimator: BaseEstimator,
    values: np.ndarray,
    learned: float,
    *,
    volts: bool = False,
    warn: bool = False,
) -> None:
    """Raise if most records are in another unit than in `fit`.

    An error is raised if a record's amplitude is over 100 times the learned one, or if
    that of most is under a hundredth of it, where it was of microvolts or `volts` is
    True. Most records decide, because a single small record has more often lost its
    electrodes. A record under a ten-thousandth is flat, which is small in any unit.
    Records of fewer than 10 samples are not searched for volts, and those of fewer than
    100 bring no warning.

    Parameters
    ----------
    estimator : estimator
        Named in the error.
    values : ndarray
        The records, as from :func:`check_ecg`.
    learned : float
        :func:`typical_amplitude` of the records that `estimator` was fitted on.
    volts : bool, default=False
        Look for volts among millivolts too.
    warn : bool, default=False
        Warn where the median amplitude is 1.5 times the learned one or more (5.5 times
        for a single record, 2.3 for ten), or likewise smaller; and where a few records
        are under a hundredth. One step of a pipeline is enough.
    """
    if learned == 0:
        return
    name, n_records = type(estimator).__name__, len(values)
    ratios = record_amplitudes(values) / learned
    ratios = np.where(ratios > _FLAT, ratios, np.nan)
    if np.isnan(ratios).all():
        return
    middle = float(np.nanmedian(ratios))
    small = ratios < 1 / UNIT_MISTAKE
    wrong = ratios > UNIT_MISTAKE
    looked_for = learned > _NO_MILLIVOLTS or volts
    if looked_for and middle < 1 / UNIT_MISTAKE and values.shape[1] >= _FEWEST_SAMPLES:
        wrong |= small
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"Record {first} of X is about {ratios[first]:.2g} times as large as the "
            f"records that {name} was fitted on, as if "
            f"{_mistake(ratios[first], learned)} ({wrong.sum()} of {n_records} "
            "records); give X in the same unit (1 mV = 1000 uV)."
        )
    if not warn or values.shape[1] < _DOUBTFUL_SAMPLES:
        return
    few = np.sqrt(np.sum(~np.isnan(ratios)))
    above, below = (_DOUBTFUL * np.exp(c / few) for c in _OF_FEW)
    if not 1 / below < middle < above:
        warnings.warn(
            f"The records of X ({n_records}) are about {middle:.2g} times as large as "
            f"those that {name} was fitted on, so that its output is doubtful; check "
            "the unit and the gain of X, which must be the same.",
            stacklevel=3,
        )
    elif small.any():
        first = int(np.flatnonzero(small)[0])
        warnings.warn(
            f"Record {first} of X ({small.sum()} of {n_records} records) is about "
            f"{ratios[first]:.2g} times as large as those that {name} was fitted on, "
            "as if its electrodes were off; leave it out.",
            stacklevel=3,
        )


def _mistake(ratio: float, learned: float) -> str:
    """Name the units that were mistaken."""
    if learned <= _NO_MILLIVOLTS and ratio < 1:
        return "volts were given instead of millivolts"
    return "microvolts were given instead of millivolts, or the other way round"
