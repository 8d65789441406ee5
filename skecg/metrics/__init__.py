"""Pure functions of labels, scores, weights and patients.

Arrays in, numbers out: metrics of many bootstrap weightings at once, intervals over
patients, DeLong's test, calibration and operating points.
"""

from skecg.metrics._arguments import check_arguments  # noqa: F401
from skecg.metrics._bootstrap import (
    Estimate,
    in_words,  # noqa: F401
    patient_bootstrap,
    patient_weights,
    percentile_interval,
)
from skecg.metrics._calibration import (
    calibration_intercept,
    calibration_slope,
    observed_to_expected,
)
from skecg.metrics._delong import AUROCDifference, delong_test
from skecg.metrics._labels import (
    positive_class,  # noqa: F401
    positive_scores,  # noqa: F401
    read_scores,  # noqa: F401
    score_method,  # noqa: F401
)
from skecg.metrics._operating_points import (
    CHOSEN_POINTS,
    OperatingPoint,
    choose_threshold,
    matched_sensitivity,
    parse_points,
)
from skecg.metrics._records import FEW_RECORDS, ScoredRecords  # noqa: F401
from skecg.metrics._weighted import (
    DECISION_THRESHOLDS,
    weighted_average_precision,
    weighted_mean,
    weighted_net_benefit,
    weighted_precision,
    weighted_rates,
    weighted_roc_auc,
    weighted_sensitivity,
)

__all__ = [
    "CHOSEN_POINTS",
    "DECISION_THRESHOLDS",
    "AUROCDifference",
    "Estimate",
    "OperatingPoint",
    "ScoredRecords",
    "calibration_intercept",
    "calibration_slope",
    "choose_threshold",
    "delong_test",
    "matched_sensitivity",
    "observed_to_expected",
    "parse_points",
    "patient_bootstrap",
    "patient_weights",
    "percentile_interval",
    "weighted_average_precision",
    "weighted_mean",
    "weighted_net_benefit",
    "weighted_precision",
    "weighted_rates",
    "weighted_roc_auc",
    "weighted_sensitivity",
]
