"""
The whole pipeline: filter, resample, scale, train, evaluate
============================================================

You learn to put the steps into one scikit-learn pipeline and to keep a patient's
records on one side of every split. You also learn to draw the training history and the
figures on the test records.
"""

# %%
# Data
# ----
# The records are an array ``(n_records, n_times, n_leads)`` in mV. A fifth of the
# patients have more than one record, so the split is made by patient.

import matplotlib.pyplot as plt
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    PrecisionRecallDisplay,
    RocCurveDisplay,
    classification_report,
)
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGFilter,
    ECGResampler,
    ECGScaler,
    LVHCNNClassifier,
    TrainingHistoryDisplay,
    make_lvh_ecg,
)

cohort = make_lvh_ecg(400, fs=250, duration=5, random_state=0)
X, y, groups = cohort.data, cohort.target, cohort.groups
by_patient = StratifiedGroupKFold(4, shuffle=True, random_state=0)
train, test = next(by_patient.split(X, y, groups))
X.shape, y.mean().round(2)

# %%
# Pipeline
# --------
# Filter and resampler process each record by itself. The scaler learns one mean and one
# spread per lead from the training records: scaling each record by itself would remove
# the voltage, which is the sign of hypertrophy. ``early_stopping`` holds out some
# patients of the training records and keeps the best epoch on them.

pipeline = make_pipeline(
    ECGFilter(fs=250),
    ECGResampler(fs=250, target_fs=100),
    ECGScaler(),
    LVHCNNClassifier(
        filters=(16, 32, 64),
        batch_size=16,
        epochs=12,
        early_stopping=True,
        validation_fraction=0.2,
        random_state=0,
    ),
)
pipeline.fit(X[train], y[train], lvhcnnclassifier__groups=groups[train])

# %%
# Training history
# ----------------

display = TrainingHistoryDisplay.from_estimator(pipeline, metrics=["loss", "auc"])

# %%
# Evaluation
# ----------
# On patients who took no part in training. The cohort is synthetic and easy.

print(classification_report(y[test], pipeline.predict(X[test]), digits=2))

fig, axes = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained")
RocCurveDisplay.from_estimator(
    pipeline, X[test], y[test], ax=axes[0], name="CNN", plot_chance_level=True
)
PrecisionRecallDisplay.from_estimator(
    pipeline, X[test], y[test], ax=axes[1], name="CNN", plot_chance_level=True
)
ConfusionMatrixDisplay.from_estimator(
    pipeline,
    X[test],
    y[test],
    ax=axes[2],
    display_labels=["no LVH", "LVH"],
    colorbar=False,
    cmap="Blues",
)
for ax, title in zip(axes, ["ROC", "Precision and recall", "At 0.5"], strict=True):
    ax.set_title(title)
for ax in axes[:2]:
    ax.set(xlabel=ax.get_xlabel().split(" (")[0], ylabel=ax.get_ylabel().split(" (")[0])
    ax.legend(fontsize="small", loc="lower center")
