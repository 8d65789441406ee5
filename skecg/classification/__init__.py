"""Classifiers that find LVH."""

from skecg.classification._base import NetworkClassifier as NetworkClassifier
from skecg.classification._cnn import LVHCNNClassifier
from skecg.classification._hybrid import LVHHybridClassifier
from skecg.classification._hybrid import make_boosting as make_boosting
from skecg.classification._hybrid import wave_columns as wave_columns
from skecg.classification._hybrid import wave_table as wave_table
from skecg.classification._lstm import LVHLSTMClassifier
from skecg.classification._probability import LEAST_PROBABILITY as LEAST_PROBABILITY
from skecg.classification._probability import ProbabilityMixin as ProbabilityMixin
from skecg.classification._resampled import ResampledClassifier
from skecg.classification._resnet import LVHResNetClassifier
from skecg.classification._restore import restore_classifier as restore_classifier
from skecg.classification._restore import restore_hybrid as restore_hybrid
from skecg.classification._trees import BoostedTrees as BoostedTrees

__all__ = [
    "LVHCNNClassifier",
    "LVHHybridClassifier",
    "LVHLSTMClassifier",
    "LVHResNetClassifier",
    "ResampledClassifier",
]
