"""Scores with intervals."""

from skecg.evaluation._bootstrap import Interval, patient_bootstrap

__all__ = ["Interval", "patient_bootstrap"]
