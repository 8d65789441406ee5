"""
Published criteria against a network
====================================

You learn to draw the measured waves of a record beside the published criteria. You also
learn to compare a network with the criteria fairly: at the specificity of each
criterion, on the same patients.
"""

# sphinx_gallery_thumbnail_number = 2
# %%
# One record as a cardiologist measures it
# ----------------------------------------
# Waves are measured on the median beat of each lead. The table has value,
# threshold and decision of each criterion, and marks those that need an unknown sex.

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGFilter,
    ECGResampler,
    ECGScaler,
    LVHCNNClassifier,
    MedianBeatDisplay,
    RocBandDisplay,
    evaluate_lvh,
    make_lvh_ecg,
)

cohort = make_lvh_ecg(400, fs=250, duration=5, noise=2, random_state=2, as_xarray=True)
X, y = cohort.data, cohort.target
criteria = [
    "sokolow_lyon_voltage",
    "cornell_voltage",
    "peguero_lo_presti",
    "total_qrs_voltage",
    "romhilt_estes_probable",
]
record = int(np.flatnonzero(y)[2])
MedianBeatDisplay.from_record(X[record], criteria=criteria, title="A record with LVH")

# %%
# A network beside the criteria
# -----------------------------
# Criteria need no training and are measured on the unprocessed records. The network is
# trained on two thirds of the patients. :func:`~skecg.evaluate_lvh` evaluates both on
# the last third, with intervals over patients.

train, test = next(StratifiedGroupKFold(3).split(X, y, cohort.groups))
network = make_pipeline(
    ECGFilter(),
    ECGResampler(target_fs=100),
    ECGScaler(),
    LVHCNNClassifier(filters=(16, 32, 64), batch_size=16, epochs=8, random_state=0),
)
network.fit(X[train], y[train])
report = evaluate_lvh(
    network,
    X[test],
    y[test],
    X_train=X[train],
    criteria=criteria,
    n_bootstrap=200,
)

columns = ["criterion_specificity", "criterion_sensitivity", "model_sensitivity"]
report.criteria[columns].round(2)

# %%
# Each criterion is a point at its published threshold; compare it with the network's
# curve at the same specificity. The band is a 95 % interval over patients.

RocBandDisplay.from_report(report, name="Network").figure_.set_size_inches(6, 5)

# %%
# In this cohort LVH has other signs than voltage, which the network uses and the
# criteria do not. Against echocardiography the criteria find a quarter to a half of the
# patients, and no negative criterion rules LVH out.
