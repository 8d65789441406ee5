"""Displays in scikit-learn's form."""

from skecg.plotting._training_history import TrainingHistoryDisplay

__all__ = ["TrainingHistoryDisplay"]
