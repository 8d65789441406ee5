"""Validation of arrays and labels, and what else every subpackage needs.

scikit-learn is loaded where a name of it is used, so that reading a file, which is not
an estimator's work, does not wait for it.
"""

from importlib import import_module as _import_module
from typing import Any

from skecg.utils._aligned import ALIGNMENT, empty_aligned
from skecg.utils._amplitude import (
    UNIT_MISTAKE,
    carry_warning,
    check_learned_voltage,
    impossible_span,
    is_no_millivolts,
    is_warned_of,
    mark_warned,
    typical_amplitude,
)
from skecg.utils._classes import (
    check_labels,
    check_target_kind,
    class_index,
    describe_unclear,
    find_positive,
    read_labels,
    read_target,
)
from skecg.utils._files import check_unpacked, write_whole
from skecg.utils._flattened import flattened_leads
from skecg.utils._labelled import label_records
from skecg.utils._labels import ECGLabels, is_labelled
from skecg.utils._leads import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    MOST_LEADS,
    canonical_lead_name,
    lead_index,
    lead_key,
    read_lead_names,
    resolve_lead_names,
    standard_leads,
)
from skecg.utils._lost_leads import keep_lost_leads, lost_leads_are_kept
from skecg.utils._metadata import (
    OLDEST,
    as_objects,
    encode_sex,
    is_missing,
    patient_keys,
    read_age,
    read_conduction,
    read_groups,
    read_sex,
    read_truth,
)
from skecg.utils._optional import import_optional
from skecg.utils._processes import end_with_parent
from skecg.utils._progress import progress
from skecg.utils._skipped import warn_of_skipped
from skecg.utils._units import (
    MILLIVOLTS_PER_UNIT,
    UNITS_PER_MILLIVOLT,
    voltage_unit,
)
from skecg.utils._validation import (
    DEFAULT_FS,
    agree_on_fs,
    as_3d,
    check_ecg,
    check_millivolts,
    check_stated_fs,
    check_values,
    resolve_fs,
    resolve_leads,
    same_rate,
)

_OF_SKLEARN = {
    "HasMethods",
    "Interval",
    "N_JOBS",
    "RealNotInt",
    "StrOptions",
    "check_sample_weight",
    "fit_context",
    "validate_parameter_constraints",
}


def __getattr__(name: str) -> Any:
    if name not in _OF_SKLEARN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_import_module(f"{__name__}._sklearn"), name)
