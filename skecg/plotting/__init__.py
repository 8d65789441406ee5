"""Displays in scikit-learn's form."""

from skecg.plotting._decision_curve import DecisionCurveDisplay
from skecg.plotting._ecg import ECGDisplay
from skecg.plotting._journal import JOURNAL_STYLE  # noqa: F401
from skecg.plotting._median_beat import MedianBeatDisplay
from skecg.plotting._precision_recall_band import PrecisionRecallBandDisplay
from skecg.plotting._reliability import ReliabilityDisplay
from skecg.plotting._roc_band import RocBandDisplay
from skecg.plotting._subgroup_forest import SubgroupForestDisplay
from skecg.plotting._training_history import TrainingHistoryDisplay
from skecg.plotting._waves import wave_points  # noqa: F401

__all__ = [
    "DecisionCurveDisplay",
    "ECGDisplay",
    "MedianBeatDisplay",
    "PrecisionRecallBandDisplay",
    "ReliabilityDisplay",
    "RocBandDisplay",
    "SubgroupForestDisplay",
    "TrainingHistoryDisplay",
]
