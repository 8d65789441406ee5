"""Transformers that prepare ECG records for a classifier."""

from skecg.preprocessing._converter import ECGConverter
from skecg.preprocessing._cropper import ECGCropper
from skecg.preprocessing._filter import ECGFilter
from skecg.preprocessing._flattener import ECGFlattener, ECGUnflattener
from skecg.preprocessing._leads import LeadSelector
from skecg.preprocessing._median_beat import ECGMedianBeat
from skecg.preprocessing._quality import ECGQualityChecker
from skecg.preprocessing._resampler import ECGResampler
from skecg.preprocessing._scaler import ECGScaler

__all__ = [
    "ECGConverter",
    "ECGCropper",
    "ECGFilter",
    "ECGFlattener",
    "ECGMedianBeat",
    "ECGQualityChecker",
    "ECGResampler",
    "ECGScaler",
    "ECGUnflattener",
    "LeadSelector",
]
