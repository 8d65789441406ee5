"""Every trained pipeline on a fold of PTB-XL that it has not seen.

    python benchmarks/shipped_on_ptbxl.py PTBXL                  # fold 9
    python benchmarks/shipped_on_ptbxl.py PTBXL --test-fold 10   # official test fold

Calibration and thresholds are those of the cards, chosen out of fold on folds 1 to 8.
The second table has AUROC and sensitivity / specificity by sex and age, at the
threshold of specificity 0.90.
"""

import argparse
from pathlib import Path

import numpy as np
from agreement import CAVEAT, cells
from sklearn.metrics import brier_score_loss, roc_auc_score

from skecg import load_pretrained, load_ptbxl, pretrained_card, pretrained_names
from skecg.metrics import calibration_slope
from skecg.signal import LEAD_NAMES

POINTS = ("specificity 0.90", "specificity 0.95")


def rates(y, probability, threshold):
    """Return sensitivity and specificity in percent, as a cell."""
    found = probability >= threshold
    return f"{100 * found[y == 1].mean():.1f} / {100 * (~found[y == 0]).mean():.1f}"


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("--test-fold", type=int, default=9, choices=(9, 10))
    args = parser.parse_args()
    cohort = load_ptbxl(args.ptbxl, fs=100, folds=[args.test_fold], on_error="skip")
    y, age, sex = cohort.target, np.nan_to_num(cohort.age), cohort.sex
    groups = {
        "men": sex == 0,
        "women": sex == 1,
        "under 50": age < 50,
        "50 to 64": (age >= 50) & (age < 65),
        "65 to 79": (age >= 65) & (age < 80),
        "80 and over": age >= 80,
    }
    has = cohort.statements
    compared = (has["LVH"] | has["NORM"]).to_numpy(bool)
    print(f"Fold {args.test_fold}: {len(y):,} records, {y.sum()} with LVH. {CAVEAT}\n")
    print(
        "| name | AUROC | average precision | LVH against NORM | Brier score | slope | "
        "mean probability / prevalence | at specificity 0.90 | at 0.95 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    by_group = []
    for name in pretrained_names():
        model = load_pretrained(name, backend="onnx")
        card = pretrained_card(name)
        leads = [LEAD_NAMES.index(lead) for lead in card["expects"]["leads"]]
        X = cohort.data[:, :, leads]
        p = model.predict_proba(X, sex=cohort.sex, age=cohort.age)[:, 1]
        points = [card["operating_points"][point] for point in POINTS]
        row = [
            f"`{name}`",
            cells(y, p, cohort.groups),
            f"{roc_auc_score(y[compared], p[compared]):.3f}",
            f"{brier_score_loss(y, p):.4f}",
            f"{calibration_slope(y == 1, p):.2f}",
            f"{p.mean() / y.mean():.2f}",
            *(rates(y, p, point) for point in points),
        ]
        print(f"| {' | '.join(row)} |", flush=True)
        row = [
            f"{roc_auc_score(y[g], p[g]):.3f}, {rates(y[g], p[g], points[0])}"
            for g in groups.values()
        ]
        by_group.append(f"| `{name}` | {' | '.join(row)} |")
    print(f"\n| name | {' | '.join(groups)} |\n|---|{'---|' * len(groups)}")
    print("\n".join(by_group))


if __name__ == "__main__":
    main()
