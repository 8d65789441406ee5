"""
Published criteria against a network
====================================

You learn to see what is measured on a record and what the criteria make of it, and to
compare a network with them fairly: at the specificity that each criterion has, on the
same patients.
"""

# %%
# One record as a cardiologist measures it
# ----------------------------------------
# Waves are measured on the median beat of each lead. The table beside it has value,
# threshold and decision; where the sex is needed and not known, it says so.

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
record = int(np.flatnonzero(y)[0])
MedianBeatDisplay.from_record(X[record], criteria=criteria, title="A record with LVH")

# %%
# The network beside them
# -----------------------
# Criteria need no training and are measured on the records as they are. The network is
# trained on two thirds of the patients. :func:`~skecg.evaluate_lvh` judges all of them
# on the last third, with intervals over patients.

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
# Each criterion is a point at its published threshold, and the network is read off
# above or below it, at the same specificity. The band is a 95 % interval over patients.

RocBandDisplay.from_report(report, name="Network").figure_.set_size_inches(6, 5)

# %%
# On this cohort LVH is drawn with more signs than voltage, which a network finds and
# the criteria do not look for. Against echocardiography the criteria find a quarter to
# a half of the patients, and no negative criterion rules LVH out.
