"""The words and numbers that the report's text and its pages share."""

import numpy as np

CAVEAT = (
    "The figures say how well a model agrees with the labels it was given. Where these "
    "are statements of a reader of the ECG, as in PTB-XL, they do not say how well it "
    "finds enlarged hearts: against echocardiography or MRI the task is much harder. "
    "No ECG finding rules left ventricular hypertrophy out. Research software, not a "
    "medical device."
)
"""The first lines of every report."""

METRICS = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "brier_score": "Brier score",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    "observed_to_expected": "LVH found / expected",
    "prevalence": "Prevalence of LVH",
}


def in_words(estimate: float, low: float, high: float, digits: int = 3) -> str:
    """Return a figure with its interval, such as "0.957 (0.944 to 0.969)"."""
    if np.isnan(estimate):
        return "not defined"
    value = f"{estimate:.{digits}f}"
    return (
        value if np.isnan(low) else f"{value} ({low:.{digits}f} to {high:.{digits}f})"
    )
