"""Validation of arrays and labels, and what else every room needs."""

from skecg.utils._aligned import ALIGNMENT, empty_aligned
from skecg.utils._classes import class_index
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
    validate_parameter_constraints,
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

__all__ = [
    "ALIGNMENT",
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
    "empty_aligned",
    "fit_context",
    "import_optional",
    "is_labelled",
    "label_records",
    "lead_index",
    "progress",
    "resolve_fs",
    "typical_amplitude",
    "validate_parameter_constraints",
    "write_whole",
]
