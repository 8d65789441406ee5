"""Scores with intervals, the report, and the look for leakage."""

from skecg.evaluation._bootstrap import Interval, patient_bootstrap
from skecg.evaluation._calibration import calibration_intercept, calibration_slope
from skecg.evaluation._delong import AUROCDifference, delong_test
from skecg.evaluation._evaluate import evaluate_lvh
from skecg.evaluation._leakage import check_leakage
from skecg.evaluation._report import LVHReport

__all__ = [
    "AUROCDifference",
    "Interval",
    "LVHReport",
    "calibration_intercept",
    "calibration_slope",
    "check_leakage",
    "delong_test",
    "evaluate_lvh",
    "patient_bootstrap",
]
