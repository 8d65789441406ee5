"""The values that ``n_jobs`` may have in every estimator."""

from numbers import Integral
from typing import Any

from skecg.utils._sklearn import Interval

N_JOBS: list[Any] = [
    Interval(Integral, 1, None, closed="left"),
    Interval(Integral, None, -1, closed="right"),
    None,
]
"""Constraint of the parameter: counts as in joblib, of which 0 is none."""
