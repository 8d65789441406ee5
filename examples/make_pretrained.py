"""Make the package's trained pipelines, their cards and docs/pretrained.md.

Takes the files of train_on_ptbxl.py and train_trees_on_ptbxl.py, calibrates the
networks and their hybrids with the trees out of fold, on folds 1 to 8, and evaluates
the package's files on fold 9::

    python examples/make_pretrained.py PTBXL trained/lstm trained/cnn trained/resnet \
        trained/lead_i --trees trained/trees

docs/pretrained.md has the commands of the trainings, on folds 1 to 8 and without two of
them. Each network is named ``ptbxl_`` and the name of its file. ``ptbxl_hybrid`` is the
CNN with the trees, ``ptbxl`` all networks of twelve leads with them. Networks of fewer
leads (``--model cnn --leads I --out trained/lead_i``) stand alone. A network is
calibrated on those of folds 1 to 8 that its trainings left out. ``--half`` stores
weights in half precision, and ``--page-only`` only rewrites the page from the cards.
"""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from skecg import (
    LVHReport,
    load_pretrained,
    load_ptbxl,
    patient_bootstrap,
    pretrained_card,
    pretrained_names,
    to_onnx,
)
from skecg.training import TrainedNetwork

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "skecg" / "pretrained"
WEIGHTS = ROOT / "skecg" / "training" / "weights"
PAGE = ROOT / "docs" / "pretrained.md"
BEGIN, END = "<!-- made by make_pretrained.py -->", "<!-- end of what it made -->"

ALL, HYBRID, TREES = "ptbxl", "ptbxl_hybrid", "ptbxl_trees"
IN_HYBRID = "ptbxl_cnn"
LEAST = 1e-7
"""What probabilities are clipped to before their log-odds are taken."""
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
FEWER_LEADS = {
    "intended_use": "Research on ECGs of adults that have no other leads.",
    "caveat": "It was trained and judged on leads of standard 12-lead ECGs at rest. A "
    "wearable or a monitor records them elsewhere, and was not tried.",
}
ARMS_EXCHANGED = {("I",): 0.61, ("I", "II"): 0.44}
"""AUROC on fold 9 by benchmarks/robustness_on_ptbxl.py, of pipelines of few leads."""
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
        "make.",
        "LVH as another institution diagnoses it is a different label: in a Russian "
        "database with clinicians' diagnoses of LVH, models trained on PTB-XL ranked "
        "records with an AUROC of 0.63 to 0.68, the Sokolow-Lyon voltage with 0.54.",
        "The probabilities are no risks. They were calibrated out of fold on folds 1 "
        "to 8, where 9.8 % of the records have LVH, with the slope of records that a "
        "person read. They change with how frequent LVH is: see prevalence, and "
        "calibrate them on records of your own.",
        "The thresholds were chosen out of fold on folds 1 to 8. Fold 10 has not been "
        "used.",
        "Voltage is the signal: a gain that is 10 % too small or too large moves "
        "sensitivity and specificity at every threshold, and nothing reports it.",
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


def write_network(source, facts, half, calibration):
    """Write the weights and the card, without figures, of one network."""
    name = f"{ALL}_{source.name}"
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
        "calibration": calibration["map"],
        "history": facts["history"],
    }
    sees = SEES[facts["first_step"]["class"]]
    leads = leads_of(facts)
    of_leads = {}
    if leads != LEADS:
        which = "lead I"
        if len(leads) > 1:
            which = "eight leads" if len(leads) == 8 else f"leads {' and '.join(leads)}"
        sees = f"{sees}, of {which}"
        of_leads = {
            "expects": COMMON["expects"] | {"leads": leads},
            "intended_use": FEWER_LEADS["intended_use"],
            "caveats": [*COMMON["caveats"], FEWER_LEADS["caveat"]],
        }
        if auroc := ARMS_EXCHANGED.get(tuple(leads)):
            of_leads["caveats"].append(
                "Exchanged arm electrodes invert lead I, and the pipeline then ranks "
                f"records little or no better than chance (AUROC {auroc} on fold 9). "
                "Nothing reports the exchange in so few leads."
            )
    about = {
        "sees": sees,
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
        "summary": f"One network, {facts['classifier']}, that sees {sees}.",
        **COMMON,
        **of_leads,
        **adapting(facts),
        "training": training_records(facts) | about,
        "calibration": calibration["records"],
        "pipeline": {
            "amplitude": amplitudes["records"],
            "first_step": facts["first_step"],
            "scaler": facts["scaler"] | {"amplitude": amplitudes["scaler"]},
            "classifier": classifier,
        },
    }
    write_card(card)


def leads_of(facts):
    """Return the leads that a network sees."""
    return facts.get("leads", LEADS)


def write_hybrid(name, members, trees, facts, calibration):
    """Write the card, without figures, of networks with boosting on measured waves."""
    weight, *affine = calibration["map"]
    networks = f"{len(members)} networks" if len(members) > 1 else members[0]
    card = {
        "name": name,
        "summary": f"LVHHybridClassifier of {networks} and gradient boosting on "
        "measured waves, sex and age (either may be unknown).",
        **COMMON,
        **adapting(facts),
        "members": members,
        "training": training_records(facts) | {"trees": trees},
        "calibration": calibration["records"],
        "pipeline": {
            "amplitude": facts["amplitudes"]["records"],
            "hybrid": {"trees": TREES, "weight": weight, "calibration": affine},
        },
    }
    write_card(card)


def adapting(facts):
    """Return the prevalence that probabilities are for, and how to change it."""
    share = facts["n_lvh"] / facts["n_records"]
    odds = np.log(share / (1 - share))
    return {
        "prevalence": {
            "of_probabilities": round(share, 4),
            "another": "Where a share q of the records has LVH, and records with and "
            f"without LVH are like those of PTB-XL, add log(q / (1 - q)) + {-odds:.3f} "
            "to the log-odds. skecg.recalibrate(model, X, y) learns slope and "
            "intercept from records of your own.",
        }
    }


# Calibration, out of fold


def out_of_fold(pattern):
    """Return the log-odds of the records that trainings have not seen."""
    parts = []
    for path in sorted(Path(pattern.parent).glob(pattern.name)):
        with np.load(path) as file:
            parts.append(pd.Series(file["probability"].astype(float), file["ecg_id"]))
    if not parts:
        raise SystemExit(f"There is no {pattern}, to calibrate on.")
    return logit(pd.concat(parts, verify_integrity=True).clip(LEAST, 1 - LEAST))


def fit_map(odds, target):
    """Return the logistic regression of the target on log-odds: slopes, intercept."""
    y = target.loc[odds.index]
    found = LogisticRegression(C=np.inf).fit(odds.to_numpy(), y)
    return [*map(float, found.coef_[0]), float(found.intercept_[0])]


def slope_of_readers(odds, target, by_person):
    """Return the slope on records that a person read, over that on all records.

    Persons label less sharply than programs, and folds 9 and 10 were read by persons.
    """
    read = odds[by_person.loc[odds.index]]
    return fit_map(read.to_frame(), target)[0] / fit_map(odds.to_frame(), target)[0]


def for_readers(odds, slope, target):
    """Return log-odds with the slope, and what to add for the records' prevalence."""
    share = target.loc[odds.index].mean()
    shift = brentq(lambda shift: expit(slope * odds + shift).mean() - share, -5, 5)
    return slope * odds + shift, shift


def calibrate(odds, target, fold, of_readers):
    """Return calibrated log-odds of a network, and its map and records."""
    slope, intercept = fit_map(odds.to_frame(), target)
    found, shift = for_readers(slope * odds + intercept, of_readers, target)
    affine = [of_readers * slope, of_readers * intercept + shift]
    return found, described(odds, affine, fold)


def combine(members, trees, target, fold, of_readers):
    """Return calibrated log-odds of networks with trees, and weight and map."""
    both = beside(members, trees)
    of_network, of_trees, intercept = fit_map(both, target)
    slope = of_network + of_trees
    weight = of_network / slope
    if not 0 <= weight <= 1:
        raise SystemExit(f"The network's weight would be {weight:.2f}.")
    odds = both.to_numpy() @ [of_network, of_trees] + intercept
    found, shift = for_readers(pd.Series(odds, both.index), of_readers, target)
    affine = [of_readers * slope, of_readers * intercept + shift]
    return found, described(found, [weight, *affine], fold)


def beside(members, trees):
    """Return the log-odds of the networks' mean probability beside those of trees."""
    mean = pd.concat([expit(odds) for odds in members], axis=1, join="inner").mean(
        axis=1
    )
    return pd.concat([logit(mean.clip(LEAST, 1 - LEAST)), trees], axis=1, join="inner")


def described(odds, numbers, fold):
    """Return a map with the records that it was fitted on."""
    folds = sorted(set(fold.loc[odds.index].tolist()))
    return {"map": numbers, "records": {"folds": folds, "n_records": len(odds)}}


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


def judge(probability, cohort, path, y_val, y_score_val):
    """Return the figures of probabilities, with intervals over patients.

    `y_val` and `y_score_val` are other records, on which thresholds are chosen.
    """
    yes_or_no = np.array(["no", "yes"])
    y = cohort.target
    report = LVHReport.from_predictions(
        y,
        probability,
        groups=cohort.groups,
        sex=cohort.sex,
        age=cohort.age,
        conduction=having(cohort, CONDUCTION),
        y_val=y_val,
        y_score_val=y_score_val,
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
    lvh, norm = having(cohort, ["LVH"]), having(cohort, ["NORM"])
    chosen = lvh | norm
    against_norm = patient_bootstrap(
        roc_auc_score, lvh[chosen], probability[chosen], cohort.groups[chosen]
    )
    return {
        "fold": int(cohort.fold[0]),
        "intervals": "95 % percentiles of "
        f"{tables['details']['n_bootstrap']:,} bootstrap samples of patients",
        "rates_of_subgroups": "at the threshold of specificity 0.90",
        "conduction_disturbed": CONDUCTION,
        "thresholds": "chosen out of fold on folds 1 to 8",
        "auroc_lvh_against_norm": {
            "n_records": int(chosen.sum()),
            "estimate": round(against_norm.estimate, 4),
            "low": round(against_norm.low, 4),
            "high": round(against_norm.high, 4),
        },
    } | {name: [rounded(row) for row in tables[name]] for name in TABLES}


def rounded(row):
    """Return a row with four digits; thresholds stay as they are."""
    return {
        key: round(value, 4)
        if isinstance(value, float) and key != "threshold"
        else value
        for key, value in row.items()
    }


def with_leads(X, card):
    """Return those of twelve leads that a pipeline takes."""
    return X[:, :, [LEADS.index(lead) for lead in card["expects"]["leads"]]]


def check_against_training(source, cohort, probability, same, calibration, half):
    """Stop if the shipped file's probabilities are not those training ended with.

    `same` are the records that the pipeline's first step does not change.
    """
    fold = int(cohort.fold[0])
    with np.load(f"{source}-fold{fold}.npz") as file:
        np.testing.assert_array_equal(file["ecg_id"], cohort.metadata.index)
        slope, intercept = calibration
        odds = logit(np.clip(file["probability"].astype(float), LEAST, 1 - LEAST))
        change = np.abs(expit(slope * odds + intercept) - probability)[same].max()
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
    names = (
        "auroc",
        "average_precision",
        "brier_score",
        "calibration_slope",
        "observed_to_expected",
    )
    everyone = first["evaluation"]["participants"][0]
    n_lvh = first["evaluation"]["participants"][1]["n_records"]
    parts = [
        f"Figures on fold {fold} of PTB-XL at 100 Hz: {everyone['n_records']:,} "
        f"records of {everyone['n_patients']:,} patients, {n_lvh} with the LVH "
        f"statement; in brackets {first['evaluation']['intervals']}.",
        table(
            [
                "name",
                "AUROC",
                "average precision",
                "Brier score",
                "calibration slope",
                "observed / expected",
            ],
            [
                [f"`{card['name']}`", *(in_words(*rows[name]) for name in names)]
                for card, rows in zip(cards, summaries, strict=True)
            ],
        ),
        "## Operating points",
        "Thresholds of the probability that keep a specificity on folds 1 to 8, out of "
        f"fold; sensitivity and specificity on fold {fold} in percent.",
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
    """Return the cards of the package, the hybrids first."""
    first = [ALL, HYBRID, *pretrained_card(ALL)["members"]]
    others = [pretrained_card(n) for n in pretrained_names() if n not in first]
    others.sort(key=lambda card: -len(card["expects"]["leads"]))
    return [*map(pretrained_card, first), *others]


def main():
    """Write the package's files and the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, nargs="?", help="folder of PTB-XL")
    parser.add_argument("networks", type=Path, nargs="*", help="OUT of train_on_ptbxl")
    parser.add_argument("--trees", type=Path, help="OUT of train_trees_on_ptbxl")
    parser.add_argument("--half", action="store_true", help="weights in float16")
    parser.add_argument("--page-only", action="store_true")
    args = parser.parse_args()
    if not args.page_only:
        make(args.ptbxl, args.networks, args.trees, args.half)
    write_page(all_cards())


def make(path, sources, trees, half):
    """Write weights and cards, and judge them."""
    sources = {f"{ALL}_{source.name}": source for source in sources}
    facts = {name: read_facts(source) for name, source in sources.items()}
    first, *others = facts.values()
    for other in others:
        if training_records(other) != training_records(first):
            raise SystemExit("The networks were trained on different records.")
    if first["folds"] != list(range(1, 9)):
        raise SystemExit(
            f"The networks were trained on folds {first['folds']}, but the cards are "
            "of such as were trained on folds 1 to 8, as with --test-fold 9."
        )
    cohort = load_ptbxl(path, fs=100, folds=range(1, 9), on_error="skip")
    index = cohort.metadata.index
    target, fold = (pd.Series(v, index) for v in (cohort.target, cohort.fold))
    by_person = cohort.metadata["validated_by_human"].astype(str) == "True"
    del cohort
    made = [*WEIGHTS.glob("*.npz"), *PACKAGE.glob("*.json"), *PACKAGE.glob("*.onnx")]
    for old in made:
        old.unlink()

    unseen = {
        name: out_of_fold(Path(f"{source}-without-*-fold*.npz"))
        for name, source in sources.items()
    }
    of_trees = out_of_fold(Path(f"{trees}-fold[1-8]-[1-8].npz"))
    # Of all folds, as few records are known to have been read by a person.
    smallest = unseen[IN_HYBRID]
    of_readers = slope_of_readers(smallest, target, by_person)
    odds, maps = {}, {}
    for name, source in sources.items():
        odds[name], maps[name] = calibrate(unseen[name], target, fold, of_readers)
        write_network(source, facts[name], half, maps[name])
    together = beside([smallest], of_trees).mean(axis=1)
    for_hybrids = slope_of_readers(together, target, by_person)
    print(f"Readers' slope: networks {of_readers:.3f}, hybrids {for_hybrids:.3f}")
    shutil.copyfile(f"{trees}.npz", PACKAGE / f"{TREES}.npz")
    about_trees = read_facts(trees)
    twelve = [name for name in sources if leads_of(facts[name]) == LEADS]
    for name, members in ((HYBRID, [IN_HYBRID]), (ALL, twelve)):
        own = [odds[member] for member in members]
        odds[name], maps[name] = combine(own, of_trees, target, fold, for_hybrids)
        write_hybrid(name, members, about_trees, first, maps[name])
    judge_all(path, sources, maps, odds, target, half)


def read_facts(source):
    """Return what the training script wrote beside the arrays."""
    return json.loads(Path(f"{source}.json").read_text(encoding="utf-8"))


def judge_all(path, sources, maps, odds, target, half):
    """Write the figures on fold 9 into the cards, and the graphs of the networks."""
    cohort = load_ptbxl(path, fs=100, folds=[9], on_error="skip")
    for name in odds:
        pipeline = load_pretrained(name)
        X = with_leads(cohort.data, pretrained_card(name))
        patients = {}
        if name in sources:
            # What comes before, the package makes of the card.
            to_onnx(pipeline[-2:], PACKAGE / f"{name}.onnx")
        else:
            patients = {"sex": cohort.sex, "age": cohort.age}
        probability = pipeline.predict_proba(X, **patients)[:, 1]
        if name in sources:
            same = (pipeline[0].transform(X) == X).all(axis=(1, 2))
            found = maps[name]["map"]
            check_against_training(
                sources[name], cohort, probability, same, found, half
            )
        evaluation = judge(
            probability,
            cohort,
            path,
            target.loc[odds[name].index].to_numpy(),
            expit(odds[name].to_numpy()),
        )
        card = pretrained_card(name)
        card["operating_points"] = {
            row["operating_point"]: row["threshold"]
            for row in evaluation["operating_points"]
        }
        write_card(card | {"evaluation": evaluation})


if __name__ == "__main__":
    main()
