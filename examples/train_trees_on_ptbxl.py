"""Train the boosting on measured waves that the package's hybrids take, on PTB-XL.

Measures the records of folds 1 to 9 as they are, and those of folds 1 to 8 twice more,
disturbed as by ``train_on_ptbxl.py --robust`` and with sex or age unknown in places.
Trains on folds 1 to 8, and four times without two of them::

    python examples/train_trees_on_ptbxl.py PTBXL --out trained/trees

Writes ``OUT.npz`` (the trees), ``OUT.json`` (how they were trained) and, of the records
that trees have not seen, the probabilities: ``OUT-fold9.npz``, ``OUT-fold1-2.npz`` and
so on, which make_pretrained.py takes. ``--clean`` leaves out the disturbed records.
"""

import argparse
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.utils import gen_batches
from train_on_ptbxl import AT_ONCE, FS, N_DISTURBED, ROBUST

from skecg import ECGAugmenter, VoltageCriteria, load_ptbxl
from skecg.classification import (
    BoostedTrees,
    make_boosting,
    wave_columns,
    wave_table,
)
from skecg.signal import LEAD_NAMES

SEEDS = (0, 1, 2)
UNKNOWN = 0.3
"""Share of the disturbed records whose sex is unknown, and likewise whose age is."""
HELD_OUT = ([9], [1, 2], [3, 4], [5, 6], [7, 8])


def measured(cohort, train, clean, seed=0):
    """Return the table of each copy of the records: as they are, then disturbed."""
    X, sex, age = cohort.data, cohort.sex, cohort.age
    criteria = VoltageCriteria(passthrough=True, fs=FS, lead_names=LEAD_NAMES)
    criteria.fit(X[:2])
    tables = [wave_table(criteria, X, sex, age)]
    augmenter = ECGAugmenter(**ROBUST, fs=FS, scale=1.0)
    rng = np.random.RandomState(seed)
    for _ in range(0 if clean else N_DISTURBED):
        # Records that train nothing stay NaN, and are left out with their fold.
        table = np.full_like(tables[0], np.nan)
        for few in gen_batches(len(train), AT_ONCE):
            rows = train[few]
            known = [
                np.where(rng.random(len(rows)) < UNKNOWN, np.nan, values[rows])
                for values in (sex, age)
            ]
            disturbed = augmenter.augment(X[rows], rng)
            table[rows] = wave_table(criteria, disturbed, *known)
        tables.append(table)
    return np.stack(tables), wave_columns(criteria)


def fit(tables, y, train, columns):
    """Return the average of boostings of several seeds."""
    X, y = np.concatenate(tables[:, train]), np.tile(y[train], len(tables))
    boostings = [make_boosting(seed).fit(X, y) for seed in SEEDS]
    return BoostedTrees.of(*boostings, columns=columns)


def main():
    """Measure, train, and judge on the folds held out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("--clean", action="store_true", help="nothing disturbed")
    parser.add_argument("--out", type=Path, default=Path("trees"))
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    cohort = load_ptbxl(args.ptbxl, fs=FS, folds=range(1, 10), on_error="skip")
    start = time.perf_counter()
    train = np.flatnonzero(cohort.fold < 9)
    tables, columns = measured(cohort, train, args.clean)
    print(f"Measured in {(time.perf_counter() - start) / 60:.1f} minutes", flush=True)
    y = cohort.target
    for folds in HELD_OUT:
        held_out = np.isin(cohort.fold, folds)
        rows = np.flatnonzero(~held_out & (cohort.fold < 9))
        trees = fit(tables, y, rows, columns)
        probability = trees.predict_proba(tables[0][held_out])[:, 1]
        np.savez(
            f"{args.out}-fold{'-'.join(map(str, folds))}.npz",
            ecg_id=cohort.metadata.index[held_out],
            probability=probability,
        )
        print(
            f"Folds {folds}: AUROC {roc_auc_score(y[held_out], probability):.4f}, "
            f"AP {average_precision_score(y[held_out], probability):.4f}",
            flush=True,
        )
        if folds == [9]:
            trees.save(f"{args.out}.npz")
    packages = ("skecg", "numpy", "scikit-learn")
    facts = {
        "command": "python examples/train_trees_on_ptbxl.py PTBXL"
        + " --clean" * args.clean,
        "seeds": SEEDS,
        "minutes": round((time.perf_counter() - start) / 60, 1),
        "software": {"python": platform.python_version()}
        | {name: version(name) for name in packages},
    }
    Path(f"{args.out}.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
