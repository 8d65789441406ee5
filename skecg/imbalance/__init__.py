"""Class balancing of ECG records, and augmentation."""

from skecg.imbalance._augmenter import ECGAugmenter
from skecg.imbalance._beat_aligned_smote import BeatAlignedSMOTE
from skecg.imbalance._record_sampler import RecordSampler

__all__ = ["BeatAlignedSMOTE", "ECGAugmenter", "RecordSampler"]
