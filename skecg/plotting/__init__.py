"""Displays in scikit-learn's form."""

from skecg.plotting._ecg import ECGDisplay
from skecg.plotting._median_beat import MedianBeatDisplay
from skecg.plotting._training_history import TrainingHistoryDisplay

__all__ = ["ECGDisplay", "MedianBeatDisplay", "TrainingHistoryDisplay"]
