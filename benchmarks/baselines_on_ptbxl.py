r"""How far cheap features come on PTB-XL, beside which a network has to earn its place.

Trains on the folds below ``--test-fold`` and judges that fold::

    pip install aeon
    python benchmarks/baselines_on_ptbxl.py FOLDER --test-fold 9

- amplitudes: quantiles, spread and slopes of each lead, sex and age, into gradient
  boosting;
- MiniRocket: 5,000 random-convolution features of aeon into a ridge classifier;
- their rank average.

A network or the measured waves are judged by ``examples/main_job.py`` and
``examples/criteria_on_ptbxl.py`` on the same records.
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np
from agreement import CAVEAT, cells
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skecg import ECGFilter, load_ptbxl

QUANTILES = (0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)


def amplitude_features(X, sex, age):
    """Return quantiles, spread and quantiles of slopes of each lead, sex and age."""
    slopes = np.diff(X, axis=1)
    parts = [
        np.quantile(X, QUANTILES, axis=1),
        X.std(axis=1)[None],
        np.quantile(slopes, QUANTILES, axis=1),
        slopes.std(axis=1)[None],
    ]
    of_leads = np.concatenate(parts).transpose(1, 0, 2).reshape(len(X), -1)
    return np.column_stack([of_leads, sex, age])


def score_amplitudes(X, y, train, test, sex, age):
    """Train gradient boosting on amplitudes; score the test records."""
    features = amplitude_features(X, sex, age)
    boosting = HistGradientBoostingClassifier(max_iter=300, random_state=0)
    boosting.set_params(learning_rate=0.05, early_stopping=False)
    boosting.fit(features[train], y[train])
    return boosting.decision_function(features[test])


def score_minirocket(X, y, train, test, n_kernels):
    """Train a ridge classifier on MiniRocket's features; score the test records."""
    from aeon.transformations.collection.convolution_based import MiniRocket

    leads_first = np.ascontiguousarray(X.transpose(0, 2, 1))
    rocket = MiniRocket(n_kernels=n_kernels, n_jobs=-1, random_state=0)
    rocket.fit(leads_first[train][:1000])
    features = np.vstack(
        [rocket.transform(part) for part in np.array_split(leads_first, 20)]
    ).astype(np.float32)
    ridge = make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(2, 5, 7)))
    return ridge.fit(features[train], y[train]).decision_function(features[test])


def main():
    """Judge the baselines and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("--test-fold", type=int, default=8)
    parser.add_argument("--n-kernels", type=int, default=5000)
    args = parser.parse_args()
    folds = range(1, args.test_fold + 1)
    cohort = load_ptbxl(args.ptbxl, fs=100, folds=folds, on_error="skip")
    X, y = ECGFilter(fs=100).fit_transform(cohort.data), cohort.target
    train = np.flatnonzero(cohort.fold < args.test_fold)
    test = np.flatnonzero(cohort.fold == args.test_fold)
    scores, seconds = {}, {}
    start = time.perf_counter()
    scores["amplitudes, sex and age, boosting"] = score_amplitudes(
        X, y, train, test, cohort.sex, cohort.age
    )
    seconds["amplitudes, sex and age, boosting"] = time.perf_counter() - start
    start = time.perf_counter()
    name = f"MiniRocket, {args.n_kernels:,} features, ridge"
    scores[name] = score_minirocket(X, y, train, test, args.n_kernels)
    seconds[name] = time.perf_counter() - start
    scores["rank average of the two"] = sum(map(rankdata, scores.values()))
    print(f"Fold {args.test_fold}: {len(test):,} records, {y[test].sum()} with LVH")
    print(CAVEAT)
    print("\n| baseline | AUROC | average precision | s |\n|---|---|---|---|")
    for name, score in scores.items():
        taken = f"{seconds[name]:.0f}" if name in seconds else ""
        figures = cells(y[test], score, cohort.groups[test])
        print(f"| {name} | {figures} | {taken} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"\nPeak of memory {peak:.1f} GB")


if __name__ == "__main__":
    main()
