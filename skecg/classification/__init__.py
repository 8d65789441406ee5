"""Classifiers that find LVH."""

from skecg.classification._base import NetworkClassifier as NetworkClassifier
from skecg.classification._cnn import LVHCNNClassifier
from skecg.classification._hybrid import LVHHybridClassifier
from skecg.classification._lstm import LVHLSTMClassifier
from skecg.classification._probability import ProbabilityMixin as ProbabilityMixin
from skecg.classification._resampled import ResampledClassifier
from skecg.classification._resnet import LVHResNetClassifier
from skecg.classification._restore import restore_classifier as restore_classifier

__all__ = [
    "LVHCNNClassifier",
    "LVHHybridClassifier",
    "LVHLSTMClassifier",
    "LVHResNetClassifier",
    "ResampledClassifier",
]
