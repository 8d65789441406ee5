"""Explanations of predictions by leads, waves and samples of a record."""

from skecg.explanation._by_wave import attribution_by_wave
from skecg.explanation._deletion import deletion_curve
from skecg.explanation._integrated_gradients import integrated_gradients
from skecg.explanation._lead_importance import lead_importance
from skecg.explanation._occlusion import occlusion

__all__ = [
    "attribution_by_wave",
    "deletion_curve",
    "integrated_gradients",
    "lead_importance",
    "occlusion",
]
