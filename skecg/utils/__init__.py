"""Validation of arrays and labels, and what else every room needs."""

from skecg.utils._aligned import ALIGNMENT, empty_aligned
from skecg.utils._binary import (
    class_index,
    is_probability,
    positive_scores,
    read_binary,
    read_scores,
    score_method,
)
from skecg.utils._bootstrap import patient_weights, percentile_interval
from skecg.utils._files import write_whole
from skecg.utils._jobs import N_JOBS
from skecg.utils._labelled import label_records
from skecg.utils._labels import MILLIVOLTS_PER_UNIT, ECGLabels, is_labelled
from skecg.utils._optional import import_optional
from skecg.utils._progress import progress
from skecg.utils._sklearn import (
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
    check_sample_weight,
    fit_context,
)
from skecg.utils._validation import (
    DEFAULT_FS,
    UNIT_MISTAKE,
    as_3d,
    check_ecg,
    check_same_unit,
    lead_index,
    resolve_fs,
    typical_amplitude,
)
from skecg.utils._weighted import (
    DECISION_THRESHOLDS,
    divide,
    in_blocks,
    weighted_average_precision,
    weighted_counts,
    weighted_net_benefit,
    weighted_roc_auc,
)

__all__ = [
    "ALIGNMENT",
    "DECISION_THRESHOLDS",
    "DEFAULT_FS",
    "ECGLabels",
    "HasMethods",
    "Interval",
    "MILLIVOLTS_PER_UNIT",
    "N_JOBS",
    "RealNotInt",
    "StrOptions",
    "UNIT_MISTAKE",
    "as_3d",
    "check_ecg",
    "check_same_unit",
    "check_sample_weight",
    "class_index",
    "divide",
    "empty_aligned",
    "fit_context",
    "import_optional",
    "in_blocks",
    "is_labelled",
    "is_probability",
    "label_records",
    "lead_index",
    "patient_weights",
    "percentile_interval",
    "positive_scores",
    "progress",
    "read_binary",
    "read_scores",
    "resolve_fs",
    "score_method",
    "typical_amplitude",
    "weighted_average_precision",
    "weighted_counts",
    "weighted_net_benefit",
    "weighted_roc_auc",
    "write_whole",
]
