"""Validate a trained pipeline on recordings of your own.

Reads a folder of ECG files and a table of labels, predicts with a pretrained pipeline
and writes ``report.html`` (discrimination, calibration, the card's thresholds,
criteria, subgroups, quality), ``report.json``, ``comparison.md``, which has the figures
beside those of the card, and ``refused.csv``, the files that can't be judged::

    python examples/external_validation.py FOLDER --labels labels.csv
    python examples/external_validation.py FOLDER --model ptbxl_lstm --out lstm

The table is a CSV file with the columns ``file`` (in the folder, of any format that
``read_ecgs`` reads) and ``label`` (1 for LVH, 0 for none), and perhaps ``patient``,
``sex`` and ``age``; an empty sex or age is taken from the file. Without a table, the
folder is one of a PhysioNet Challenge with the labels of its headers. It needs the
extras ``io``, ``onnx``, ``plot``, ``progress`` and ``report``, but not TensorFlow.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from skecg import (
    evaluate_lvh,
    load_challenge,
    load_pretrained,
    pretrained_card,
    read_ecgs,
)
from skecg.evaluation import CAVEAT, METRICS
from skecg.metrics import in_words
from skecg.utils import LEAD_NAMES, read_age, read_sex


def read_table(path):
    """Return the table of labels as text; raise if it is none."""
    try:
        table = pd.read_csv(
            path,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            encoding="utf-8-sig",
        )
    except ValueError as error:
        raise ValueError(f"{path} can't be read as CSV: {error}") from error
    missing = [name for name in ("file", "label") if name not in table]
    if missing or not len(table):
        raise ValueError(
            f"{path} must have rows and the columns 'file' and 'label', divided by "
            f"commas, but has {len(table)} rows and {list(table)}."
        )
    for wrong, rule in (
        (~table["label"].isin(["0", "1"]), "the label 0 or 1 for each file"),
        (table["file"].duplicated() | (table["file"] == ""), "each file once"),
    ):
        if wrong.any():
            line = table.loc[wrong, ["file", "label"]].iloc[0].to_dict()
            raise ValueError(
                f"{path} must have {rule}; {wrong.sum()} rows do not, first {line}."
            )
    return table


def load(folder, labels, leads):
    """Return records, labels, patients (None if unknown) and refused files."""
    if labels is None:
        cohort = load_challenge(
            folder, leads=leads, as_xarray=True, on_error="skip", verbose=1
        )
        return cohort.data, cohort.target, None, cohort.skipped
    table = read_table(labels)
    who = {"n_records": len(table), "records": table["file"].tolist()}
    # Wrong values are told before hours of reading.
    given = {
        name: read(table[name], name=f"{name} in {labels}", **who)
        for name, read in (("sex", read_sex), ("age", read_age))
        if name in table
    }
    cohort = read_ecgs(
        [folder / name for name in table["file"]],
        target_fs=500,
        duration=10,
        leads=leads,
        on_error="skip",
        progress_bar=True,
    )
    X, kept = cohort.data, cohort.kept
    for name, values in given.items():
        in_file = cohort.table[name].to_numpy(float)
        known = np.where(np.isnan(values), in_file, values)[kept]
        X = X.assign_coords({name: ("record", known)})
    patients = None
    if "patient" in table:
        # Without an identifier, a record is a patient of its own.
        alone = "file " + table["file"]
        patients = table["patient"].where(table["patient"] != "", alone)
        patients = patients.to_numpy()[kept]
    y = table["label"].astype(int).to_numpy()[kept]
    return X, y, patients, cohort.skipped


def figure(row, key=""):
    """Return a figure of a table's row with its interval, as text."""
    names = [key, f"{key}_low", f"{key}_high"] if key else ["estimate", "low", "high"]
    values = [row.get(name) for name in names]
    return in_words(*(np.nan if value is None else value for value in values))


def figures(summary, operating_points, subgroups):
    """Return the figures of a report or a card as text, by measure."""
    found = {METRICS[row["metric"]]: figure(row) for row in summary}
    rates = ("sensitivity", "specificity")
    for row in operating_points:
        # The card has no decisions of `predict`.
        if row["operating_point"] != "predict":
            at = f" at {row['threshold']:.4f}"
            found |= {f"{rate}{at}": figure(row, rate) for rate in rates}
    first = f" at {operating_points[0]['threshold']:.4f}"
    for row in subgroups:
        name = f"{row['variable']}: {row['level']}"
        few = ", few records" if "fewer than" in row["note"] else ""
        found[f"AUROC, {name}"] = figure(row, "auroc") + few
        found |= {f"{rate}{first}, {name}": figure(row, rate) + few for rate in rates}
    return found


def compare(report, card):
    """Return the figures beside those of the card, as a table in Markdown."""
    names = ("summary", "operating_points", "subgroups")
    here, there = (
        figures(*(tables[name] for name in names))
        for tables in (report.tables, card["evaluation"])
    )
    where = f"{card['name']} on fold {card['evaluation']['fold']} of PTB-XL"
    lines = [f"| measure | here | {where} |", "|---|---|---|"]
    lines += [f"| {name} | {here[name]} | {there.get(name, '')} |" for name in here]
    return "\n".join(lines)


def main(arguments=None):
    """Read, evaluate and write the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of the recordings")
    parser.add_argument("--labels", type=Path, help="CSV: file, label, ...")
    parser.add_argument("--model", default="ptbxl", help="name of a pretrained one")
    parser.add_argument(
        "--leads", nargs="+", default=LEAD_NAMES, help="of files with fewer than twelve"
    )
    parser.add_argument("--bootstrap", type=int, default=1000, help="samples")
    parser.add_argument("--out", type=Path, default=Path("external-validation"))
    args = parser.parse_args(arguments)

    try:
        card = pretrained_card(args.model)
        X, y, patients, refused = load(args.folder, args.labels, args.leads)
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    print(f"{len(y):,} records, {y.sum():,} with LVH; {len(refused):,} files refused")
    for name, reason in refused:
        print(f"  {name}: {reason}")
    if not 0 < y.sum() < len(y):
        sys.exit("Records with LVH and without are needed to judge a model.")

    report = evaluate_lvh(
        load_pretrained(args.model, backend="onnx"),
        X,
        y,
        groups=patients,
        operating_points=list(card["operating_points"].values()),
        thresholds_from=f"PTB-XL, {card['evaluation']['thresholds']}",
        n_bootstrap=args.bootstrap,
    )
    table = compare(report, card)
    if patients is None:
        print("Patients are not known: each record counts as one.")
    print(f"{report.details['quality']}\n\n{table}\n\n{CAVEAT}")
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "comparison.md").write_text(f"{table}\n", encoding="utf-8")
    pd.DataFrame(refused, columns=["file", "reason"]).to_csv(
        args.out / "refused.csv", index=False
    )
    report.to_json(args.out / "report.json")
    report.to_html(
        args.out / "report.html",
        title=f"External validation of {args.model}",
        notes={
            "Participants": f"Refused files: {len(refused)} (refused.csv).",
            "Model": f"{args.model}: {card['summary']}",
            "Performance": "comparison.md has the figures beside those of the card.",
        },
    )
    print(f"Wrote {args.out / 'report.html'}")


if __name__ == "__main__":
    main()
