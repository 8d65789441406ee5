"""
Grid search with folds of whole patients
========================================

You learn to choose hyper-parameters with :class:`~sklearn.model_selection.GridSearchCV`
while each patient stays in one fold, and to read how much of a difference is chance.
"""

# %%
# Folds
# -----
# :class:`~sklearn.model_selection.StratifiedGroupKFold` keeps patients together and
# the share of LVH about equal. Records of a patient are alike: with some of them in
# training, the others are no independent test.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline

from skecg import ECGFilter, ECGScaler, LVHCNNClassifier, check_leakage, make_lvh_ecg

cohort = make_lvh_ecg(240, fs=100, duration=4, noise=4, random_state=1)
X, y, groups = cohort.data, cohort.target, cohort.groups
folds = StratifiedGroupKFold(3)


def split_patients(splits):
    """Count the patients on both sides, over all splits."""
    return sum(len(set(groups[train]) & set(groups[test])) for train, test in splits)


by_record = StratifiedKFold(3, shuffle=True, random_state=0).split(X, y)
print("Patients on both sides, split by record:", split_patients(by_record))
print("split by patient:", split_patients(folds.split(X, y, groups)))

# %%
# Search
# ------
# The parameters of a step are named ``step__parameter``. The scaler is inside, so that
# each fit learns the scale of its own training records. ``groups`` go to the folds.
# With early stopping, the network needs them too, as ``lvhcnnclassifier__groups``.

pipeline = make_pipeline(
    ECGFilter(fs=100),
    ECGScaler(),
    LVHCNNClassifier(batch_size=16, epochs=6, random_state=0),
)
grid = {
    "lvhcnnclassifier__filters": [(16, 32), (16, 32, 64)],
    "lvhcnnclassifier__learning_rate": [3e-4, 1e-3, 3e-3],
}
search = GridSearchCV(pipeline, grid, cv=folds, scoring="roc_auc")
search.fit(X, y, groups=groups)
print(search.best_params_)

# %%
# Result
# ------
# Dots are folds, lines their means. If the dots of two settings overlap as much as
# here, take the smaller or faster setting.

results = search.cv_results_
scores = np.stack([results[f"split{fold}_test_score"] for fold in range(3)])
sizes = [len(filters) for filters in results["param_lvhcnnclassifier__filters"]]
rates = results["param_lvhcnnclassifier__learning_rate"].astype(float)

fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for i, size in enumerate(sizes):
    color = {2: "C0", 3: "C1"}[size]
    ax.plot([i - 0.3, i + 0.3], [scores[:, i].mean()] * 2, color=color, lw=3)
    ax.plot([i - 0.15, i, i + 0.15], scores[:, i], "o", color=color, ms=5)
chosen = search.best_index_
top = (chosen, scores[:, chosen].max())
ax.annotate("chosen", top, (0, 8), textcoords="offset points", ha="center")
for size, color in ((2, "C0"), (3, "C1")):
    ax.plot([], [], color=color, lw=3, label=f"{size} convolutions")
ax.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
ax.set_ylim(scores.min() - 0.05, scores.max() + 0.08)
ax.set(xlabel="Learning rate", ylabel="AUROC on held-out patients")
ax.legend(frameon=False, ncols=2, loc="upper left")
ax.spines[["top", "right"]].set_visible(False)

# %%
# The chosen score is the best of six, which makes it too good. Evaluate the model on
# records that took no part in the search, or nest the search in another
# cross-validation. :func:`~skecg.check_leakage` finds patients and recordings that two
# sets share:

train, test = next(folds.split(X, y, groups))
check_leakage(X[train], X[test], groups_train=groups[train], groups_test=groups[test])
