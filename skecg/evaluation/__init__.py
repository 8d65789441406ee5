"""The report on a classifier, and the check for leakage.

The functions of scores are those of :mod:`skecg.metrics`.
"""

from skecg.evaluation._evaluate import evaluate_lvh
from skecg.evaluation._leakage import check_leakage
from skecg.evaluation._page import CAVEAT as CAVEAT
from skecg.evaluation._page import METRICS as METRICS
from skecg.evaluation._report import LVHReport
from skecg.metrics import (
    AUROCDifference,  # noqa: F401
    Estimate,
    calibration_intercept,
    calibration_slope,
    delong_test,
    patient_bootstrap,
)

Interval = Estimate  # the earlier name

__all__ = [
    "LVHReport",
    "calibration_intercept",
    "calibration_slope",
    "check_leakage",
    "delong_test",
    "evaluate_lvh",
    "patient_bootstrap",
]
