"""Voltages as whole numbers, for formats that store counts of a step."""

import math

import numpy as np


def to_counts(signal: np.ndarray, largest: int) -> tuple[np.ndarray, float]:
    """Return a signal (mV) in counts, and the smallest round step that holds it.

    The step is 1, 2 or 5 times a power of ten, in uV, and at least 0.01 uV, so that
    samples stored in steps of 1, 2.5 or 5 uV come out as they went in. NaN becomes 0.

    Examples
    --------
    >>> to_counts(np.array([0.0025, -1.5]), 32767)
    (array([    50, -30000]), 0.05)
    """
    microvolts = 1000 * np.nan_to_num(np.asarray(signal, dtype=np.float64))
    needed = max(float(np.abs(microvolts).max(initial=0.0)) / largest, 0.01)
    power = 10.0 ** math.floor(math.log10(needed))
    step = next(
        round(factor * power, 10)
        for factor in (1.0, 2.0, 5.0, 10.0)
        # A step that fits but for rounding is taken, not the next one.
        if factor * power >= needed * (1 - 1e-12)
    )
    return np.rint(microvolts / step).astype(np.int64), step
