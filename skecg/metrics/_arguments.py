"""The arguments of metrics, report, displays and explanations, and their rules."""

from numbers import Integral, Real
from typing import Any

from skecg.utils import Interval, StrOptions, validate_parameter_constraints

_COUNT = [Interval(Integral, 1, None, closed="left")]
_POSITIVE = [Interval(Real, 0, None, closed="neither")]
_CONSTRAINTS: dict[str, list[Any]] = {
    "confidence_level": [Interval(Real, 0, 1, closed="neither")],
    "cv": ["cv_object"],
    "fs": [*_POSITIVE, None],
    "metric": [callable],
    "n_bins": _COUNT,
    "n_bootstrap": _COUNT,
    "n_points": [Interval(Integral, 2, None, closed="left")],
    "n_random": _COUNT,
    "n_repeats": _COUNT,
    "n_resamples": _COUNT,
    "n_steps": _COUNT,
    "on_leakage": [StrOptions({"raise", "warn", "ignore"})],
    "random_state": ["random_state"],
    "scoring": [StrOptions({"roc_auc", "average_precision"})],
    "strategy": [StrOptions({"uniform", "quantile"})],
    "window": _COUNT,
}


def check_arguments(caller: str, **given: Any) -> None:
    """Raise if an argument that several functions share has an invalid value."""
    validate_parameter_constraints(_CONSTRAINTS, given, caller_name=caller)
