"""Figures of agreement with PTB-XL's readers, as the tables of results show them."""

from sklearn.metrics import average_precision_score, roc_auc_score

from skecg import patient_bootstrap

CAVEAT = (
    "The labels are cardiologists' ECG statements, not echocardiography: a figure says "
    "how well a method agrees with the reader."
)


def cells(y, score, groups):
    """Return AUROC and average precision with intervals over patients, as cells."""
    found = [
        patient_bootstrap(metric, y, score, groups)
        for metric in (roc_auc_score, average_precision_score)
    ]
    return " | ".join(f"{f.estimate:.3f} ({f.low:.3f}-{f.high:.3f})" for f in found)
