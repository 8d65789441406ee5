"""
Explain one prediction
======================

You learn to draw the parts of a record that a network's decision rests on, and to sum
them by lead and wave. You also learn to measure the importance of a lead over many
records.
"""

# sphinx_gallery_thumbnail_number = 2
# %%
# A network
# ---------
# In this cohort LVH has higher voltage, a leftward axis and, in two of five records, an
# ST-T abnormality. The signs that a network can use are therefore known.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skecg import ECGDisplay, ECGFilter, ECGScaler, LVHCNNClassifier, make_lvh_ecg
from skecg.explanation import (
    attribution_by_wave,
    integrated_gradients,
    lead_importance,
)
from skecg.signal import segment_waves

cohort = make_lvh_ecg(400, fs=100, duration=5, random_state=0, as_xarray=True)
X, y = cohort.data, cohort.target
train, test = next(StratifiedGroupKFold(4).split(X, y, cohort.groups))
network = make_pipeline(
    ECGFilter(),
    ECGScaler(),
    LVHCNNClassifier(filters=(16, 32, 64), batch_size=16, epochs=8, random_state=0),
)
network.fit(X[train], y[train])

# %%
# One record
# ----------
# :func:`~skecg.explanation.integrated_gradients` attributes the log-odds to each sample
# of each lead: orange speaks for LVH, blue against it. The attributions sum to the
# difference from a flat line.

probability = network.predict_proba(X[test])[:, 1]
chosen = test[[int(np.argmax(probability * y[test]))]]
explained = integrated_gradients(network, X[chosen])
print(f"log-odds {explained.log_odds[0]:.2f}, of a flat line", end=" ")
print(f"{explained.baseline_log_odds[0]:.2f}, lost in sums {explained.error[0]:.3f}")

ECGDisplay.from_record(
    network[0].transform(X[chosen])[0],
    attribution=explained.attributions[0],
    title=f"Probability of the LVH label {probability.max():.2f}",
)

# %%
# By lead and wave
# ----------------
# Over all test records: the AUROC lost if a lead is replaced by another patient's.

waves = segment_waves(np.asarray(X[chosen]), 100)
by_wave = attribution_by_wave(explained.attributions, waves)
importance = lead_importance(
    network, X[test], y[test], n_repeats=3, n_bootstrap=200, random_state=0
)

fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
largest = np.abs(by_wave.sums[0]).max()
image = left.imshow(
    by_wave.sums[0].T, cmap="PuOr_r", vmin=-largest, vmax=largest, aspect="auto"
)
left.set_xticks(range(12), cohort.lead_names)
left.set_yticks(range(len(by_wave.waves)), by_wave.waves)
left.set_title("This record: log-odds by wave and lead")
fig.colorbar(image, ax=left, orientation="horizontal", label="for LVH if positive")

at = np.arange(len(importance.leads))
right.barh(at, importance.importances_mean, color="0.75")
right.hlines(at, importance.importances_low, importance.importances_high, color="0.3")
right.set_yticks(at, importance.leads)
right.invert_yaxis()
right.axvline(0, color="0.3", lw=1)
right.set(xlabel="AUROC lost", title=f"All test records: AUROC {importance.score:.2f}")
right.spines[["top", "right"]].set_visible(False)

# %%
# An explanation shows what this network used, not what is true of the heart; another
# seed may use something else. Leads share information: a lead that the network can do
# without is not uninformative.
