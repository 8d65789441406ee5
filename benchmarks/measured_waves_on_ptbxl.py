r"""LVH against normal ECGs by boosting on measured waves, as a publication did it.

A study of 2026 (doi:10.3389/fcvm.2026.1825829) reports XGBoost on the features that
commercial programs and an open one measured in PTB-XL (PTB-XL+): AUROC 0.9859 (GE
12SL), 0.9853 (Glasgow) and 0.9828 (ECGDeli), in five stratified folds of 11,692
records. This takes the measurements of skecg and scikit-learn's gradient boosting::

    python benchmarks/measured_waves_on_ptbxl.py PTBXL

Positive are records with LVH or VCLVH and without NORM, negative those with NORM and
without either, of folds 1 to 9. A second row keeps the records of a patient together.
"""

import argparse
from pathlib import Path

import numpy as np
from agreement import CAVEAT, cells
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
)

from skecg import VoltageCriteria, load_ptbxl
from skecg.classification import make_boosting, wave_table
from skecg.signal import LEAD_NAMES

FS = 100


def measured(cohort):
    """Return measurements, indices, sex and age of records."""
    criteria = VoltageCriteria(passthrough=True, fs=FS, lead_names=LEAD_NAMES)
    criteria.fit(cohort.data[:2])
    return wave_table(criteria, cohort.data, cohort.sex, cohort.age)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    args = parser.parse_args()
    cohort = load_ptbxl(args.ptbxl, fs=FS, folds=range(1, 10), on_error="skip")
    has = cohort.statements
    lvh = (has["LVH"] | has["VCLVH"]).to_numpy(bool)
    norm = has["NORM"].to_numpy(bool)
    chosen = np.flatnonzero(lvh != norm)
    table, y, groups = measured(cohort)[chosen], lvh[chosen], cohort.groups[chosen]
    print(f"{len(y):,} records, {y.sum():,} with LVH or VCLVH")
    print(f"{CAVEAT}\n\n| five folds | columns | AUROC | average precision |")
    print("|---|---|---|---|")
    folds = {
        "stratified": StratifiedKFold,
        "patients together": StratifiedGroupKFold,
    }
    # Sex and age are the last two columns.
    for columns, part in {"waves": table[:, :-2], "and sex, age": table}.items():
        for name, kind in folds.items():
            score = cross_val_predict(
                make_boosting(0),
                part,
                y,
                groups=groups,
                cv=kind(5, shuffle=True, random_state=0),
                method="decision_function",
            )
            print(f"| {name} | {columns} | {cells(y, score, groups)} |", flush=True)


if __name__ == "__main__":
    main()
