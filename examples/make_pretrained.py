"""Make the package's trained pipelines, their cards and docs/pretrained.md.

Takes the files of train_on_ptbxl.py, and evaluates the package's files on the fold
after those of the training::

    python examples/train_on_ptbxl.py PTBXL --model lstm --out trained/lstm
    python examples/train_on_ptbxl.py PTBXL --model cnn --out trained/cnn
    python examples/train_on_ptbxl.py PTBXL --model resnet --out trained/resnet
    python examples/make_pretrained.py PTBXL trained/lstm trained/cnn trained/resnet

Each network is named ``ptbxl_`` and the name of its file; their average is ``ptbxl``.
``--half`` stores weights in half precision, and ``--page-only`` only rewrites the page
from the cards.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from skecg import LVHReport, load_pretrained, load_ptbxl, pretrained_card, to_onnx
from skecg.training import TrainedNetwork

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "skecg" / "pretrained"
WEIGHTS = ROOT / "skecg" / "training" / "weights"
PAGE = ROOT / "docs" / "pretrained.md"
BEGIN, END = "<!-- made by make_pretrained.py -->", "<!-- end of what it made -->"

AVERAGE = "ptbxl"
OPERATING_POINTS = [("specificity", 0.90), ("specificity", 0.95)]
TABLES = (
    "participants",
    "summary",
    "operating_points",
    "predictive_values",
    "subgroups",
)
MOST_CHANGED = {False: 1e-5, True: 1e-3}
"""Largest change of a probability since training, with weights in full or half."""

LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
SEES = {
    "ECGFilter": "filtered records",
    "ECGMedianBeat": "median beats, and no rhythm",
}
CONDUCTION = ["CLBBB", "CRBBB", "WPW", "PACE"]

COMMON = {
    "expects": {"fs": 100.0, "unit": "mV", "leads": LEADS, "duration": 10.0},
    "label": "1 for the statement LVH in PTB-XL's scp_codes at any likelihood, 0 for "
    "all other records. It is a cardiologist's statement on the ECG, not "
    "echocardiography or MRI.",
    "intended_use": "Research on 12-lead ECGs of adults: a baseline to compare with, "
    "and weights to start from.",
    "not_for": [
        "Diagnosis, screening or treatment: it is not a medical device.",
        "Ruling left ventricular hypertrophy out: no ECG finding does.",
        "Children: PTB-XL has few.",
    ],
    "caveats": [
        "The figures say how well a pipeline agrees with the reader of PTB-XL. They do "
        "not say how well it finds enlarged hearts: against echocardiography or MRI, "
        "published ECG models reach AUROC 0.65 to 0.88.",
        "Training and figures are of one collection, recorded with devices of one "
        "make. Other devices, filters and populations were not tried.",
        "The probabilities are no risks. Where the calibration slope is below 1 they "
        "are too extreme, and they change with how frequent LVH is: calibrate them on "
        "records of your own.",
        "The thresholds were chosen on the fold on which they are reported, which "
        "flatters them a little. Fold 10 has not been used.",
        "A network that sees median beats knows nothing of a record whose beats can't "
        "be made out, and still gives a probability.",
        "Under 35 years, and with bundle branch block, pre-excitation or pacing, "
        "voltage says less, and the records are few: look at the subgroups.",
    ],
    "licence": {
        "weights": "BSD-3-Clause, as skecg",
        "training_data": "PTB-XL 1.0.3, Creative Commons Attribution 4.0 International "
        "(CC BY 4.0), https://creativecommons.org/licenses/by/4.0/; its records were "
        "filtered and scaled, and networks trained on them. No recording is included.",
        "attribution": [
            "Wagner P, Strodthoff N, Bousseljot R-D, Samek W, Schaeffter T. PTB-XL, a "
            "large publicly available electrocardiography dataset (version 1.0.3). "
            "PhysioNet (2022). doi:10.13026/kfzx-aw45",
            "Wagner P, Strodthoff N, Bousseljot R-D, Kreiseler D, Lunze FI, Samek W, "
            "Schaeffter T. PTB-XL, a large publicly available electrocardiography "
            "dataset. Scientific Data 7, 154 (2020). doi:10.1038/s41597-020-0495-6",
        ],
    },
}


# Files


def write_network(source, facts, half):
    """Write the weights and the card, without figures, of one network."""
    name = f"{AVERAGE}_{source.name}"
    amplitudes = facts["amplitudes"]
    network = replace(
        TrainedNetwork.load(source.with_suffix(".npz")),
        amplitude=amplitudes["classifier"],
    )
    stored = network.in_half_precision() if half else network
    stored.save(WEIGHTS / f"{name}.npz")
    classifier = {
        "class": facts["classifier"],
        "parameters": facts["parameters"],
        "classes": [0, 1],
        "amplitude": amplitudes["classifier"],
        "history": facts["history"],
    }
    step = facts["first_step"]["class"]
    about = {
        "sees": SEES[step],
        "command": facts["command"],
        "minutes": facts["minutes"],
        "memory_gb": facts["memory_gb"],
        "seed": facts["parameters"]["random_state"],
        "augmenter": facts["augmenter"],
        "n_joint_targets": len(facts["joint_targets"]),
        "n_weights": sum(w.size for w in network.weights),
        "stored_as": "float16" if half else "float32",
        "software": facts["software"],
    }
    card = {
        "name": name,
        "summary": f"One network, {facts['classifier']}, that sees {SEES[step]}.",
        **COMMON,
        "training": training_records(facts) | about,
        "pipeline": {
            "amplitude": amplitudes["records"],
            "first_step": facts["first_step"],
            "scaler": facts["scaler"] | {"amplitude": amplitudes["scaler"]},
            "classifier": classifier,
        },
    }
    write_card(card)
    return name


def write_average(members, facts):
    """Write the card, without figures, of the average of networks."""
    card = {
        "name": AVERAGE,
        "summary": f"The average of the probabilities of {len(members)} networks, each "
        "with a card of its own.",
        **COMMON,
        "members": members,
        "training": training_records(facts),
        "pipeline": {"amplitude": facts["amplitudes"]["records"]},
    }
    write_card(card)
    return AVERAGE


def training_records(facts):
    """Return which records a network was trained on."""
    of_records = ("folds", "n_records", "n_patients", "n_lvh")
    return {"data": "PTB-XL 1.0.3 at 100 Hz"} | {k: facts[k] for k in of_records}


def write_card(card):
    """Write a card."""
    text = json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False)
    (PACKAGE / f"{card['name']}.json").write_text(text + "\n", encoding="utf-8")


# Figures


def superclass(path, name):
    """Return the statements of a diagnostic superclass of PTB-XL."""
    table = pd.read_csv(path / "scp_statements.csv", index_col=0)
    return table.index[table["diagnostic_class"] == name]


def having(cohort, codes):
    """Return which records have one of some statements."""
    known = cohort.statements.columns.intersection(codes)
    return cohort.statements[known].any(axis=1).to_numpy()


def judge(probability, cohort, path):
    """Return the figures of probabilities, with intervals over patients."""
    yes_or_no = np.array(["no", "yes"])
    y = cohort.target
    report = LVHReport.from_predictions(
        y,
        probability,
        groups=cohort.groups,
        sex=cohort.sex,
        age=cohort.age,
        conduction=having(cohort, CONDUCTION),
        y_val=y,
        y_score_val=probability,
        operating_points=OPERATING_POINTS,
        criteria=(),
        subgroups={
            "atrial fibrillation": yes_or_no[having(cohort, ["AFIB"]).astype(int)],
            "myocardial infarction": yes_or_no[
                having(cohort, superclass(path, "MI")).astype(int)
            ],
        },
    )
    tables = json.loads(report.to_json())
    for row in tables["operating_points"]:
        # Between two records, so that rounding moves none across.
        below = probability[probability < row["threshold"]].max()
        row["threshold"] = float(below + row["threshold"]) / 2
    return {
        "fold": int(cohort.fold[0]),
        "intervals": "95 % percentiles of "
        f"{tables['details']['n_bootstrap']:,} bootstrap samples of patients",
        "rates_of_subgroups": "at the threshold of specificity 0.90",
        "conduction_disturbed": CONDUCTION,
    } | {name: [rounded(row) for row in tables[name]] for name in TABLES}


def rounded(row):
    """Return a row with four digits; thresholds stay as they are."""
    return {
        key: round(value, 4)
        if isinstance(value, float) and key != "threshold"
        else value
        for key, value in row.items()
    }


def check_against_training(source, cohort, probability, half):
    """Stop if the shipped file's probabilities are not those training ended with."""
    fold = int(cohort.fold[0])
    with np.load(f"{source}-fold{fold}.npz") as file:
        np.testing.assert_array_equal(file["ecg_id"], cohort.metadata.index)
        change = np.abs(file["probability"] - probability).max()
    print(f"{source}: no probability differs by more than {change:.1g} from training's")
    if change > MOST_CHANGED[half]:
        raise SystemExit(f"{source}: {MOST_CHANGED[half]:g} would be the most.")


# Page


def figure(row, name, scale=1.0, digits=3):
    """Return a figure of a row with its interval, or a dash."""
    return in_words(
        *(row[f"{name}{end}"] for end in ("", "_low", "_high")), scale, digits
    )


def in_words(value, low, high, scale=1.0, digits=3):
    """Return a figure with its interval, or a dash."""
    if value is None:
        return "-"
    value, *ends = (
        None if number is None else f"{scale * number:.{digits}f}"
        for number in (value, low, high)
    )
    return value if None in ends else f"{value} ({ends[0]}-{ends[1]})"


def table(head, rows):
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def render(cards):
    """Return the part of the page that the cards say."""
    first = cards[0]
    fold = first["evaluation"]["fold"]
    summaries = [
        {
            row["metric"]: (row["estimate"], row["low"], row["high"])
            for row in card["evaluation"]["summary"]
        }
        for card in cards
    ]
    names = ("auroc", "average_precision", "brier_score", "calibration_slope")
    everyone = first["evaluation"]["participants"][0]
    n_lvh = first["evaluation"]["participants"][1]["n_records"]
    parts = [
        f"Figures on fold {fold} of PTB-XL at 100 Hz: {everyone['n_records']:,} "
        f"records of {everyone['n_patients']:,} patients, {n_lvh} with the LVH "
        f"statement; in brackets {first['evaluation']['intervals']}.",
        table(
            ["name", "AUROC", "average precision", "Brier score", "calibration slope"],
            [
                [f"`{card['name']}`", *(in_words(*rows[name]) for name in names)]
                for card, rows in zip(cards, summaries, strict=True)
            ],
        ),
        "## Operating points",
        f"Thresholds of the probability that keep a specificity on fold {fold}; "
        "sensitivity and specificity in percent.",
        table(
            ["name", "operating point", "threshold", "sensitivity", "specificity"],
            [
                [
                    f"`{card['name']}`",
                    row["operating_point"],
                    f"{row['threshold']:.4f}",
                    figure(row, "sensitivity", 100, 1),
                    figure(row, "specificity", 100, 1),
                ]
                for card in cards
                for row in card["evaluation"]["operating_points"]
            ],
        ),
        "## Subgroups",
        f"Of `{first['name']}`; sensitivity and specificity in percent, "
        f"{first['evaluation']['rates_of_subgroups']}. Conduction is disturbed where "
        f"one of {', '.join(CONDUCTION)} is stated.",
        table(
            ["group", "records", "LVH", "AUROC", "sensitivity", "specificity", "note"],
            [
                [
                    f"{row['variable']}: {row['level']}",
                    row["n_records"],
                    row["n_positive"],
                    figure(row, "auroc"),
                    figure(row, "sensitivity", 100, 1),
                    figure(row, "specificity", 100, 1),
                    row["note"],
                ]
                for row in first["evaluation"]["subgroups"]
            ],
        ),
        "## Training",
        training(cards),
        "## Caveats",
        "\n".join(f"- {line}" for line in first["caveats"]),
        "It is not for:",
        "\n".join(f"- {line}" for line in first["not_for"]),
        "## Licence and attribution",
        f"Weights: {first['licence']['weights']}. Training data: "
        f"{first['licence']['training_data']}",
        "\n".join(f"- {line}" for line in first["licence"]["attribution"]),
    ]
    return "\n\n".join(parts)


def training(cards):
    """Return how the networks were trained."""
    about = cards[0]["training"]
    folds = about["folds"]
    lines = [
        f"{about['data']}, folds {folds[0]} to {folds[-1]}: {about['n_records']:,} "
        f"records of {about['n_patients']:,} patients, {about['n_lvh']:,} with LVH. "
        f"Label: {cards[0]['label']}",
        table(
            [
                "name",
                "sees",
                "weights",
                "seed",
                "minutes",
                "memory",
                "auxiliary targets",
            ],
            [
                [
                    f"`{card['name']}`",
                    card["training"]["sees"],
                    f"{card['training']['n_weights']:,}",
                    card["training"]["seed"],
                    card["training"]["minutes"],
                    f"{card['training']['memory_gb']} GB",
                    card["training"]["n_joint_targets"],
                ]
                for card in cards
                if "members" not in card
            ],
        ),
        "```console\n"
        + "\n".join(
            f"$ {card['training']['command']}"
            for card in cards
            if "members" not in card
        )
        + "\n```",
    ]
    return "\n\n".join(lines)


def write_page(cards):
    """Put what the cards say into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page = f"{before}{BEGIN}\n\n{render(cards)}\n\n{END}{after}"
    PAGE.write_text(page, encoding="utf-8")


def all_cards():
    """Return the cards of the package, that of the average first."""
    members = pretrained_card(AVERAGE)["members"]
    return [pretrained_card(name) for name in (AVERAGE, *members)]


def main():
    """Write the package's files and the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, nargs="?", help="folder of PTB-XL")
    parser.add_argument("networks", type=Path, nargs="*", help="OUT of train_on_ptbxl")
    parser.add_argument("--half", action="store_true", help="weights in float16")
    parser.add_argument("--page-only", action="store_true")
    args = parser.parse_args()
    if not args.page_only:
        make(args.ptbxl, args.networks, args.half)
    write_page(all_cards())


def make(path, sources, half):
    """Write weights and cards, and judge them."""
    facts = [json.loads(Path(f"{s}.json").read_text(encoding="utf-8")) for s in sources]
    for other in facts[1:]:
        if training_records(other) != training_records(facts[0]):
            raise SystemExit("The networks were trained on different records.")
    folds = facts[0]["folds"]
    fold = len(folds) + 1
    if folds != list(range(1, fold)):
        raise SystemExit(
            f"The networks were trained on folds {folds}, but the cards are of such as "
            "were trained on all folds below that of the test, as with --test-fold 9."
        )
    made = [*WEIGHTS.glob("*.npz"), *PACKAGE.glob("*.json"), *PACKAGE.glob("*.onnx")]
    for old in made:
        old.unlink()
    names = [write_network(s, f, half) for s, f in zip(sources, facts, strict=True)]
    write_average(names, facts[0])
    cohort = load_ptbxl(path, fs=100, folds=[fold], on_error="skip")
    for name, source in zip([*names, AVERAGE], [*sources, None], strict=True):
        pipeline = load_pretrained(name)
        probability = pipeline.predict_proba(cohort.data)[:, 1]
        if source is not None:
            # What comes before, the package makes of the card.
            to_onnx(pipeline[-2:], PACKAGE / f"{name}.onnx")
        card = pretrained_card(name)
        if source is not None:
            check_against_training(source, cohort, probability, half)
        evaluation = judge(probability, cohort, path)
        card["operating_points"] = {
            row["operating_point"]: row["threshold"]
            for row in evaluation["operating_points"]
        }
        write_card(card | {"evaluation": evaluation})


if __name__ == "__main__":
    main()
