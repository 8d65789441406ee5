"""From measured waves to published criteria of left ventricular hypertrophy."""

from skecg.criteria._classifier import CriterionClassifier
from skecg.criteria._composite import minnesota, perugia
from skecg.criteria._indices import INDEX_UNITS, voltage_indices
from skecg.criteria._measurer import ECGMeasurer
from skecg.criteria._romhilt_estes import (
    RomhiltEstes,
    romhilt_estes,
    strain_pattern,
)
from skecg.criteria._thresholds import (
    CRITERIA,
    Criterion,
    excess,
    is_positive,
    threshold_of,
)
from skecg.criteria._voltage import VoltageCriteria
from skecg.utils import encode_sex

__all__ = [
    "CRITERIA",
    "INDEX_UNITS",
    "Criterion",
    "CriterionClassifier",
    "ECGMeasurer",
    "RomhiltEstes",
    "VoltageCriteria",
    "encode_sex",
    "excess",
    "is_positive",
    "minnesota",
    "perugia",
    "romhilt_estes",
    "strain_pattern",
    "threshold_of",
    "voltage_indices",
]
