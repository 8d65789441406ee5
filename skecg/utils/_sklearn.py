"""The private names of scikit-learn that skecg uses, in one place.

When a release of scikit-learn moves one of them, this is the file to mend.
"""

from numbers import Integral
from typing import Any

from sklearn.base import _fit_context as fit_context
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

N_JOBS: list[Any] = [
    Interval(Integral, 1, None, closed="left"),
    Interval(Integral, None, -1, closed="right"),
    None,
]
"""Constraint of every parameter `n_jobs`: counts as in joblib, of which 0 is none."""
