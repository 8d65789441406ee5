"""
Balance classes without losing voltage
======================================

You learn why imbalanced-learn's SMOTE makes records with low R waves, and what
:class:`~skecg.BeatAlignedSMOTE` does instead. You also learn to put a sampler into a
pipeline so that only training records are balanced.
"""

# %%
# One LVH in eight
# ----------------
# :class:`~skecg.RecordSampler` applies any sampler of imbalanced-learn to
# three-dimensional records.

import matplotlib.pyplot as plt
import numpy as np
from imblearn.over_sampling import SMOTE

from skecg import BeatAlignedSMOTE, ECGMeasurer, RecordSampler, make_lvh_ecg

cohort = make_lvh_ecg(
    160, fs=250, duration=5, prevalence=1 / 8, random_state=0, as_xarray=True
)
X, y = cohort.data, cohort.target
samplers = {
    "SMOTE": RecordSampler(SMOTE(random_state=0)),
    "BeatAlignedSMOTE": BeatAlignedSMOTE(random_state=0),
}
new = {}
for name, sampler in samplers.items():
    balanced, labels = sampler.fit_resample(X, y)
    new[name] = balanced[len(X) :]  # those that were appended
    print(f"{name}: {np.bincount(y)} became {np.bincount(labels)}")

# %%
# What the new records look like
# ------------------------------
# SMOTE interpolates between two records, sample by sample. Their beats are at different
# times, so it mixes the R of one with the baseline of the other. Beat-aligned SMOTE
# aligns the beats first.

measurer = ECGMeasurer().fit(X)
groups = {"LVH": X[y == 1], **new}
fig, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4), width_ratios=[3, 2], layout="constrained"
)
for i, (name, records) in enumerate(groups.items()):
    r = measurer.measure(records).table["R_V5"]
    median = np.nanmedian(r)
    jitter = np.random.default_rng(0).uniform(-0.12, 0.12, len(r))
    right.plot(i + jitter, r, ".", color=f"C{i}", alpha=0.5)
    right.plot([i - 0.25, i + 0.25], [median, median], color=f"C{i}", lw=3)

    usual = records[int(np.nanargmin(abs(r - median)))].sel(lead="V5")
    left.plot(usual.time, usual - usual.median() - 3 * i, color=f"C{i}", lw=1)
    left.text(0, -3 * i - 0.9, f"{name}, the record nearest the median", color=f"C{i}")
left.set(xlabel="Time (s)", xlim=(0, 5), yticks=[], title="V5")
left.plot([4.95, 4.95], [-7.4, -6.4], color="0.2", lw=2)
left.text(4.9, -6.9, "1 mV", ha="right", va="center")
right.set_xticks(range(3), ["LVH", "SMOTE", "beat-aligned"])
right.set(ylabel="R in V5 (mV)", ylim=(0, None), title="All")
left.spines["left"].set_visible(False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)

# %%
# Records with twice the beats at a part of the height are no examples of LVH: a network
# learns a wrong voltage for this class.
#
# In a pipeline
# -------------
# imbalanced-learn's ``make_pipeline`` applies a sampler in ``fit`` alone, to each
# fold's training records, and not in prediction. Balanced classes raise the
# probabilities, so calibrate afterwards. :doc:`/imbalance` compares the methods.

from imblearn.pipeline import make_pipeline  # noqa: E402

from skecg import ECGFilter, ECGScaler, LVHCNNClassifier  # noqa: E402

make_pipeline(ECGFilter(), BeatAlignedSMOTE(), ECGScaler(), LVHCNNClassifier())
