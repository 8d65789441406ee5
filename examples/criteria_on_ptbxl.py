r"""Evaluate ECG criteria, and classifiers of measured waves, on PTB-XL.

Measures every record on its median beat and evaluates on fold 9: each voltage index,
each criterion at its published threshold by sex, and gradient boosting on measurements,
indices, sex and age after training on folds 1 to 8. ``--hybrid`` adds a network, and
the network and the measurements together::

    python examples/criteria_on_ptbxl.py --ptbxl FOLDER
    python examples/criteria_on_ptbxl.py --ptbxl FOLDER --hybrid
    python examples/criteria_on_ptbxl.py --ptbxl FOLDER --hybrid --pretrained

``--pretrained`` takes the package's trained networks, and trains the boosting alone,
with five seeds. The hybrid's weight was chosen on fold 8, with training on
folds 1 to 7::

    python examples/criteria_on_ptbxl.py --ptbxl FOLDER --hybrid --test-fold 8 \
        --weights 0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline

from skecg import (
    CriterionClassifier,
    ECGFilter,
    ECGMeasurer,
    ECGScaler,
    LVHCNNClassifier,
    LVHHybridClassifier,
    VoltageCriteria,
    load_pretrained,
    load_ptbxl,
    patient_bootstrap,
)
from skecg.classification import make_boosting
from skecg.criteria import CRITERIA

CAVEAT = (
    "The label is a cardiologist's ECG statement, not echocardiography: a figure says "
    "how well a method agrees with the reader. No criterion rules LVH out."
)


def interval(metric, y, score, groups):
    """Return a metric with its interval over patients, as text."""
    figure = patient_bootstrap(metric, y, score, groups)
    return f"{figure.estimate:.3f} ({figure.low:.3f}-{figure.high:.3f})"


def show_indices(table, y, groups):
    """Print the AUROC of every index."""
    criteria = VoltageCriteria().set_output(transform="pandas")
    indices = criteria.fit_transform(table)
    print("\n| index | AUROC | unavailable |\n|---|---|---|")
    for name, values in indices.items():
        known = np.isfinite(values.to_numpy())
        figure = interval(roc_auc_score, y[known], values[known], groups[known])
        print(f"| {name} | {figure} | {(~known).sum()} |")


def show_criteria(table, y):
    """Print sensitivity and specificity of every criterion, for men and women."""
    sexes = {"men": 0, "women": 1}
    count = {
        name: f"{name}, {(table['sex'] == code).sum():,} records, "
        f"{(y[table['sex'] == code] == 1).sum()} with LVH"
        for name, code in sexes.items()
    }
    print(f"\nSensitivity / specificity, percent: {'; '.join(count.values())}.\n")
    print("| criterion | men | women | all | unavailable |\n|---|---|---|---|---|")
    for name in [*CRITERIA, "perugia", "minnesota_3_1", "minnesota_3_3"]:
        decision = CriterionClassifier(name).fit(table, y).predict(table)
        known = np.isfinite(decision)
        cells = []
        for chosen in (table["sex"] == 0, table["sex"] == 1, table["sex"] >= 0):
            sick, well = (known & chosen & (y == label) for label in (1, 0))
            sensitivity, specificity = decision[sick].mean(), 1 - decision[well].mean()
            cells.append(f"{100 * sensitivity:.1f} / {100 * specificity:.1f}")
        print(f"| {name} | {' | '.join(cells)} | {(~known).sum()} |")


def fit_boosting(table, y, seed):
    """Train gradient boosting on measurements, indices, sex and age."""
    pipeline = make_pipeline(VoltageCriteria(passthrough=True), make_boosting(seed))
    return pipeline.fit(table, y)


def fit_hybrid(X, y, seed, pretrained):
    """Train the network of ``main_job.py``, if any, and boosting as one classifier."""
    if pretrained:
        shipped = load_pretrained()  # a hybrid, of which only the networks are taken
        network = FrozenEstimator(make_pipeline(shipped[0], shipped[-1].network_))
        seeds = [(f"seed{k}", make_boosting(seed + k)) for k in range(5)]
        tabular = VotingClassifier(seeds, voting="soft")
    else:
        network = make_pipeline(
            ECGFilter(), ECGScaler(), LVHCNNClassifier(random_state=seed, verbose=2)
        )
        tabular = make_boosting(seed)
    return LVHHybridClassifier(network, tabular, weight=0.3).fit(X, y)


def main():
    """Measure, train and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ptbxl", type=Path, required=True, help="folder of PTB-XL")
    parser.add_argument("--hybrid", action="store_true", help="a network too")
    parser.add_argument(
        "--pretrained", action="store_true", help="the package's networks, fold 9 only"
    )
    parser.add_argument(
        "--weights", type=float, nargs="*", default=[], help="to try in the hybrid"
    )
    parser.add_argument(
        "--test-fold", type=int, default=9, help="the folds below train"
    )
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.pretrained and args.test_fold != 9:
        parser.error("The package's networks have seen all folds but 9 and 10.")

    cohort = load_ptbxl(
        args.ptbxl,
        folds=range(1, args.test_fold + 1),
        as_xarray=True,
        on_error="skip",
        verbose=1,
    )
    X, y, groups = cohort.data, cohort.target, cohort.groups
    train = np.flatnonzero(cohort.fold < args.test_fold)
    test = np.flatnonzero(cohort.fold == args.test_fold)
    if not (len(train) and len(test)):
        sys.exit(f"This needs records of folds 1 to {args.test_fold} in the folder.")
    start = time.perf_counter()
    # One table for all; given the records, the estimators would measure them again.
    table = ECGMeasurer().set_output(transform="pandas").fit_transform(X)
    print(f"{len(X):,} records measured in {time.perf_counter() - start:.0f} s")
    print(f"Fold {args.test_fold}: {len(test):,} records, {y[test].sum()} with LVH")
    print(CAVEAT)

    known = table.iloc[test].reset_index(drop=True)
    show_indices(known, y[test], groups[test])
    show_criteria(known, y[test])

    boosting = fit_boosting(table.iloc[train], y[train], args.seed)
    found = {"boosting": boosting.predict_proba(table.iloc[test])[:, 1]}
    if args.hybrid:
        start = time.perf_counter()
        hybrid = fit_hybrid(X[train], y[train], args.seed, args.pretrained)
        print(f"Training the hybrid took {time.perf_counter() - start:.0f} s")
        found["network"] = hybrid.network_.predict_proba(X[test])[:, 1]
        found["hybrid"] = hybrid.predict_proba(X[test])[:, 1]
        for weight in args.weights:
            hybrid.set_params(weight=weight)
            found[f"hybrid, weight {weight:g}"] = hybrid.predict_proba(X[test])[:, 1]
    print("\n| classifier | AUROC | average precision |\n|---|---|---|")
    for name, probability in found.items():
        cells = [
            interval(metric, y[test], probability, groups[test])
            for metric in (roc_auc_score, average_precision_score)
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    if args.hybrid:
        show_gain(y[test], found, groups[test])


def show_gain(y, found, groups):
    """Print by how much the hybrid's AUROC exceeds the network's, same patients."""
    network, hybrid = found["network"], found["hybrid"]

    def gain(y, row, sample_weight=None):
        a, b = (
            roc_auc_score(y, score[row], sample_weight=sample_weight)
            for score in (network, hybrid)
        )
        return b - a

    print(
        f"\nHybrid minus network, AUROC: {interval(gain, y, np.arange(len(y)), groups)}"
    )


if __name__ == "__main__":
    main()
