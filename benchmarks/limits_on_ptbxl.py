r"""What limits the agreement with PTB-XL's readers: folds 1 to 8, out of fold.

A network trained four times, each time without two folds, and gradient boosting on
measured waves score the records that they have not seen::

    for folds in "1 2" "3 4" "5 6" "7 8"; do
        python examples/train_on_ptbxl.py PTBXL --model cnn --test-fold $folds \
            --out cnn-without-${folds/ /-}
    done
    python benchmarks/limits_on_ptbxl.py PTBXL cnn-without-*-fold*.npz

Tables: the figures on all records; those of records that a person is known to have
read, or not; what the labels of a patient's other records add to the score; and the
statements of records that are taken for LVH without being called so.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from agreement import CAVEAT, cells
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline

from skecg import ECGMeasurer, VoltageCriteria, load_ptbxl
from skecg.classification import make_boosting

WEIGHT = 0.3
"""Of the network's log-odds in the hybrid, as in criteria_on_ptbxl.py."""


def network_log_odds(paths, ecg_id):
    """Return a network's log-odds of the records, from the files of its trainings."""
    parts = []
    for path in paths:
        with np.load(path) as file:
            parts.append(pd.Series(file["probability"].astype(float), file["ecg_id"]))
    found = pd.concat(parts, verify_integrity=True).loc[ecg_id]
    return logit(found.clip(1e-7, 1 - 1e-7).to_numpy())


def boosting_log_odds(X, y, fold):
    """Return boosting's log-odds of the records, each two folds held out in turn."""
    table = ECGMeasurer().set_output(transform="pandas").fit_transform(X)
    return cross_val_predict(
        make_pipeline(VoltageCriteria(passthrough=True), make_boosting(random_state=0)),
        table,
        y,
        cv=PredefinedSplit((fold - 1) // 2),
        method="decision_function",
    )


def show_readers(validated, y, score, groups):
    """Print the figures of records that a person read, did not read, may have read."""
    print("\n| read by a person | records | LVH | AUROC | average precision |")
    print("|---|---|---|---|---|")
    answers = {"yes": validated == "True", "no": validated == "False"}
    answers["not known"] = ~(answers["yes"] | answers["no"])
    for answer, chosen in answers.items():
        if len(np.unique(y[chosen])) < 2:
            continue
        found = cells(y[chosen], score[chosen], groups[chosen])
        print(f"| {answer} | {chosen.sum():,} | {y[chosen].sum():,} | {found} |")


def show_other_records(y, score, groups):
    """Print what the labels of a patient's other records add to the score."""
    table = pd.DataFrame({"y": y, "score": score, "patient": groups})
    by_patient = table.groupby("patient")["y"]
    n, n_lvh = by_patient.transform("size"), by_patient.transform("sum")
    table = table.assign(others=(n_lvh - y) / (n - 1)).loc[n > 1]
    called = table.groupby("y")["others"].mean()
    print(
        f"\n{table['patient'].nunique():,} patients have two records or more, "
        f"{len(table):,} in all. A patient's other records are called LVH in "
        f"{called[1]:.0%} beside one with LVH, in {called[0]:.0%} beside one without."
        "\n\n"
        "| these records, ranked by | AUROC | average precision |\n|---|---|---|"
    )
    together = cross_val_predict(
        LogisticRegression(),
        table[["score", "others"]],
        table["y"],
        groups=table["patient"],
        cv=GroupKFold(5),
        method="decision_function",
    )
    ways = {
        "the labels of the patient's other records": table["others"],
        "the score": table["score"],
        "both, by logistic regression": together,
    }
    for name, way in ways.items():
        found = cells(table["y"].to_numpy(), np.asarray(way), table["patient"])
        print(f"| {name} | {found} |")


def show_false_positives(statements, y, score, sensitivity=0.8, n_shown=8):
    """Print the statements that false positives have more often than other records."""
    threshold = np.quantile(score[y == 1], 1 - sensitivity)
    negative = statements.loc[y == 0].drop(columns="LVH")
    taken = score[y == 0] > threshold
    share, usual = negative.loc[taken].mean(), negative.mean()
    print(
        f"\nAt a sensitivity of {sensitivity:.0%} {taken.sum():,} of {len(taken):,} "
        "records without the statement LVH are taken for LVH. Their statements:\n\n"
        "| statement | of these, % | of all without LVH, % |\n|---|---|---|"
    )
    for name in (share - usual).sort_values(ascending=False).index[:n_shown]:
        print(f"| {name} | {100 * share[name]:.1f} | {100 * usual[name]:.1f} |")


def main():
    """Score the records out of fold and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("networks", nargs="+", help="OUT-fold*.npz of four trainings")
    args = parser.parse_args()
    cohort = load_ptbxl(args.ptbxl, folds=range(1, 9), as_xarray=True, on_error="skip")
    y, groups = cohort.target, cohort.groups
    network = network_log_odds(args.networks, cohort.metadata.index)
    boosting = boosting_log_odds(cohort.data, y, cohort.fold)
    hybrid = WEIGHT * network + (1 - WEIGHT) * boosting

    print(f"{len(y):,} records, {y.sum():,} with LVH")
    print(f"{CAVEAT}\n")
    print("| classifier | AUROC | average precision |\n|---|---|---|")
    for name, score in {
        "network": network,
        "boosting on measured waves": boosting,
        f"both, weight {WEIGHT}": hybrid,
    }.items():
        print(f"| {name} | {cells(y, score, groups)} |")
    validated = cohort.metadata["validated_by_human"].astype(str).to_numpy()
    show_readers(validated, y, hybrid, groups)
    show_other_records(y, hybrid, groups)
    show_false_positives(cohort.statements, y, hybrid)


if __name__ == "__main__":
    main()
