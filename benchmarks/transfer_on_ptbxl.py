r"""What trained weights are worth on a small data set of one's own.

Weights of folds 1 to 7 are fine-tuned on a few records of fold 8, and judged on fold 9,
beside the same network from random weights::

    python examples/train_on_ptbxl.py PTBXL --model lstm --test-fold 8 --out lstm8
    python benchmarks/transfer_on_ptbxl.py PTBXL lstm8

The small data set has the devices, the readers and the label of the large one: on
records from elsewhere the gain will be smaller, and fine-tuning more needed. Another
statement can be the new label, which the weights must not have learned, and then all
fits take as many steps as that from random weights::

    python examples/train_on_ptbxl.py PTBXL --test-fold 8 --without ASMI \
        --out lstm8-without-asmi
    python benchmarks/transfer_on_ptbxl.py PTBXL lstm8-without-asmi --target ASMI
"""

import argparse
import time
from pathlib import Path

import numpy as np
from agreement import CAVEAT
from sklearn.base import clone
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit
from trained import read_facts, read_pipeline

from skecg import load_ptbxl, patient_bootstrap

FINE_TUNING = {"epochs": 8, "batch_size": 32, "schedule": "cosine"}
ANEW = {"learning_rate": 0.002, "epochs": 24}
WAYS = {
    "random": {"weights": None} | ANEW,
    "trained, new records train the dense layers": {
        "freeze": "body",
        "learning_rate": 0.002,
    },
    "trained, new records train all layers": {"learning_rate": 0.0002},
}
WAYS_OF_ANOTHER_LABEL = {
    "random": {"weights": None} | ANEW,
    "trained, new records train the dense layers": {"freeze": "body"} | ANEW,
    "trained, new records train all layers": ANEW,
    "the same at a quarter of the rate": ANEW | {"learning_rate": 0.0005},
}


def small_sets(groups, size, n_repeats):
    """Yield the index of records of about `size` records of whole patients."""
    share = size / len(groups)
    splitter = GroupShuffleSplit(n_repeats, train_size=share, random_state=0)
    for chosen, _ in splitter.split(groups, groups=groups):
        yield chosen


def main():
    """Fine-tune on small sets and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument(
        "trained", type=Path, help="OUT of train_on_ptbxl.py, without .npz or .json"
    )
    parser.add_argument("--target", default="LVH", help="the statement to find")
    parser.add_argument("--sizes", type=int, nargs="*", default=[50, 200, 1000])
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    try:
        facts = read_facts(args.trained)
    except FileNotFoundError as error:
        parser.error(f"{error.filename} is absent; give OUT of train_on_ptbxl.py.")
    if args.target in facts["joint_targets"]:
        parser.error(
            f"{args.trained} has learned {args.target} already, as auxiliary target; "
            f"train it with --without {args.target}."
        )

    small, test = (
        load_ptbxl(args.ptbxl, fs=100, folds=[fold], on_error="skip") for fold in (8, 9)
    )
    if args.target not in small.statements:
        parser.error(f"--target {args.target}: known are {' '.join(small.statements)}.")
    pipeline = read_pipeline(args.trained, small.data)
    untouched = pipeline[-1]
    X, X_test = (pipeline[:-1].transform(cohort.data) for cohort in (small, test))
    y, y_test = (
        cohort.statements[args.target].to_numpy(dtype=int) for cohort in (small, test)
    )
    weights = f"{args.trained}.npz"
    network = clone(untouched).set_params(weights=weights, **FINE_TUNING)
    ways = WAYS if args.target == "LVH" else WAYS_OF_ANOTHER_LABEL
    rows = {("as they are", 0): [untouched.predict_proba(X_test)[:, 1]]}
    for size in args.sizes:
        for chosen in small_sets(small.groups, size, args.repeats):
            for name, options in ways.items():
                start = time.perf_counter()
                tuned = clone(network).set_params(**options)
                tuned.fit(X[chosen], y[chosen])
                score = tuned.predict_proba(X_test)[:, 1]
                rows.setdefault((name, size), []).append(score)
                print(
                    f"{name}, {size}: {time.perf_counter() - start:.0f} s", flush=True
                )

    print(f"\n{CAVEAT}")
    print("\n| weights | records | AUROC | from | to | average precision |")
    print("|---|---|---|---|---|---|")
    for (name, size), scores in rows.items():
        aurocs = [roc_auc_score(y_test, score) for score in scores]
        precisions = [average_precision_score(y_test, score) for score in scores]
        print(
            f"| {name} | {size or ''} | {np.mean(aurocs):.3f} | {min(aurocs):.3f} | "
            f"{max(aurocs):.3f} | {np.mean(precisions):.3f} |"
        )
    found = patient_bootstrap(
        roc_auc_score, y_test, rows["as they are", 0][0], test.groups
    )
    print(f"\nAs they are: {found.low:.3f}-{found.high:.3f}")


if __name__ == "__main__":
    main()
