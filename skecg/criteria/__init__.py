"""From measured waves to published criteria of left ventricular hypertrophy."""

from skecg.criteria._classifier import CriterionClassifier
from skecg.criteria._composite import minnesota, perugia
from skecg.criteria._decide import apply_criterion
from skecg.criteria._findings import Finding, check_criteria, list_findings, short_title
from skecg.criteria._indices import INDEX_UNITS, voltage_indices
from skecg.criteria._measurer import ECGMeasurer
from skecg.criteria._romhilt_estes import RomhiltEstes, romhilt_estes, strain_pattern
from skecg.criteria._thresholds import (
    ALL_CRITERIA,
    CRITERIA,
    Criterion,
    excess,
    is_positive,
    threshold_of,
)
from skecg.criteria._voltage import VoltageCriteria
from skecg.utils import encode_sex

__all__ = [
    "ALL_CRITERIA",
    "CRITERIA",
    "INDEX_UNITS",
    "Criterion",
    "CriterionClassifier",
    "ECGMeasurer",
    "Finding",
    "RomhiltEstes",
    "VoltageCriteria",
    "apply_criterion",
    "check_criteria",
    "encode_sex",
    "excess",
    "list_findings",
    "is_positive",
    "minnesota",
    "perugia",
    "romhilt_estes",
    "short_title",
    "strain_pattern",
    "threshold_of",
    "voltage_indices",
]
