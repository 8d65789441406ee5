r"""What averaging and stacking bring on PTB-XL.

Networks trained on folds 1 to 7 (train_on_ptbxl.py, ``--test-fold 8``) and gradient
boosting on measured waves are averaged, or stacked by a regression that is fitted on
fold 8; all are judged on fold 9::

    for seed in 0 1 2; do
        python examples/train_on_ptbxl.py PTBXL --model cnn --test-fold 8 \
            --seed $seed --out cnn8-$seed
    done
    python examples/train_on_ptbxl.py PTBXL --model lstm --test-fold 8 --out lstm8
    python benchmarks/ensembles_on_ptbxl.py PTBXL cnn8-0 cnn8-1 cnn8-2 lstm8
"""

import argparse
from pathlib import Path

import numpy as np
from agreement import CAVEAT, cells
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from trained import read_pipeline

from skecg import CriterionClassifier, VoltageCriteria, load_ptbxl
from skecg.classification import make_boosting


def fit_boosting(X, y):
    """Train gradient boosting on the measured waves, sex and age."""
    pipeline = make_pipeline(
        VoltageCriteria(passthrough=True), make_boosting(random_state=0)
    )
    return FrozenEstimator(pipeline.fit(X, y))


def main():
    """Average, stack and judge, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("networks", nargs="+", help="OUT of train_on_ptbxl.py")
    args = parser.parse_args()
    folds = range(1, 10)
    cohort = load_ptbxl(args.ptbxl, folds=folds, as_xarray=True, on_error="skip")
    X, y, fold = cohort.data, cohort.target, cohort.fold
    train, stack, test = fold < 8, fold == 8, fold == 9

    networks = [
        (Path(path).name, FrozenEstimator(read_pipeline(path, X.values)))
        for path in args.networks
    ]
    members = [*networks, ("boosting", fit_boosting(X[train], y[train]))]
    criterion = CriterionClassifier("sokolow_lyon_voltage", unavailable="negative")
    members.append(("Sokolow-Lyon", FrozenEstimator(criterion.fit(X[train], y[train]))))

    def voting(chosen):
        return VotingClassifier(chosen, voting="soft").fit(X[stack], y[stack])

    seeds = [member for member in networks if member[0].startswith("cnn")]
    ensembles = [
        *members,
        ("average of the CNNs' seeds", voting(seeds)),
        ("average of the networks", voting(networks)),
        ("average of networks and boosting", voting(members[:-1])),
        (
            "stacked by regression, the criterion too",
            StackingClassifier(
                members,
                make_pipeline(SimpleImputer(), LogisticRegression()),
                cv="prefit",
                stack_method="decision_function",  # log-odds, and mV above threshold
            ).fit(X[stack], y[stack]),
        ),
    ]
    print(CAVEAT)
    print("\n| classifier | AUROC | average precision |\n|---|---|---|")
    for name, model in ensembles:
        if hasattr(model, "predict_proba"):
            score = model.predict_proba(X[test])[:, 1]
        else:
            score = model.decision_function(X[test])
            score = np.where(np.isfinite(score), score, score[np.isfinite(score)].min())
        print(f"| {name} | {cells(y[test], score, cohort.groups[test])} |", flush=True)


if __name__ == "__main__":
    main()
