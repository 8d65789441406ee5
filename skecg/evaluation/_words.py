"""The words that the report's text and its pages share."""

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
