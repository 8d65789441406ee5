"""
Start from trained weights where labels are few
===============================================

You learn to start a network from the weights of another with ``weights=``, and to train
only its last layers with ``freeze="body"``. You also see the gain by number of labels.
"""

# %%
# A large and a small hospital
# ----------------------------
# The first has many labelled records. The second has few and noisier ones; its
# test records are of other patients.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from skecg import ECGFilter, ECGScaler, LVHCNNClassifier, make_lvh_ecg

large = make_lvh_ecg(800, fs=100, duration=3, random_state=0)
small = make_lvh_ecg(600, fs=100, duration=3, noise=5, random_state=1)
test = np.flatnonzero(small.groups >= np.median(small.groups))
pool = np.flatnonzero(small.groups < np.median(small.groups))

# %%
# Records must be scaled like those that the weights were trained on. Filter and scaler
# are therefore fitted once, on the large hospital.

prepare = make_pipeline(ECGFilter(fs=100), ECGScaler()).fit(large.data)
network = LVHCNNClassifier(
    filters=(16, 32, 32), batch_size=32, epochs=8, random_state=0
)
source = clone(network).fit(prepare.transform(large.data), large.target)

X, y = prepare.transform(small.data), small.target
unchanged = roc_auc_score(y[test], source.predict_proba(X[test])[:, 1])

# %%
# Three methods
# -------------
# ``FrozenEstimator`` keeps the source fitted when scikit-learn clones. A file written
# by ``source.save_weights("hospital.npz")`` works as well.

start = FrozenEstimator(source)
ways = {
    "from random weights": network,
    "weights=source": clone(network).set_params(weights=start, learning_rate=3e-4),
    'weights=source, freeze="body"': clone(network).set_params(
        weights=start, freeze="body"
    ),
}
numbers = [20, 40, 80, 160]
scores = {name: np.empty((len(numbers), 2)) for name in ways}
for seed in range(2):
    order = np.random.default_rng(seed).permutation(pool)
    for i, number in enumerate(numbers):
        some = order[:number]
        for name, classifier in ways.items():
            model = clone(classifier).set_params(random_state=seed, batch_size=16)
            model.fit(X[some], y[some])
            probability = model.predict_proba(X[test])[:, 1]
            scores[name][i, seed] = roc_auc_score(y[test], probability)

# %%
# Result
# ------

fig, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
for (name, values), marker in zip(scores.items(), "osD", strict=True):
    (line,) = ax.plot(numbers, values.mean(axis=1), marker=marker, label=name)
    ax.fill_between(
        numbers,
        values.min(axis=1),
        values.max(axis=1),
        color=line.get_color(),
        alpha=0.15,
    )
ax.axhline(unchanged, color="0.5", ls="--", label="the source unchanged")
ax.set_xscale("log")
ax.set_xticks(numbers, numbers)
ax.minorticks_off()
ax.set(xlabel="Labelled records of the small hospital", ylabel="AUROC, other patients")
ax.legend(frameon=False, loc="lower right")
ax.spines[["top", "right"]].set_visible(False)

# %%
# Each band spans two draws of records. The two cohorts differ in noise alone, so the
# weights transfer well. Compare the three methods on your own records before you rely
# on the weights of another country, device or label.
