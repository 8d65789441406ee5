r"""AUROC of every trained pipeline on PTB-XL's fold 9 when something goes wrong.

Each accident befalls all records: electrodes exchanged or off, hum, a wrong gain,
another recorder's filter, sampling rate or duration::

    python benchmarks/robustness_on_ptbxl.py PTBXL

    python benchmarks/robustness_on_ptbxl.py PTBXL --test-fold 7 8 \
        --trained lstm-without-7-8  # files of examples/train_on_ptbxl.py

Arms are also exchanged and corrected by ``ECGConverter(correct_reversals=True)``. Of
lost leads a second row has the pipelines without ``fill_lost_leads``.
"""

import argparse
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from trained import read_pipeline

from skecg import (
    ECGConverter,
    ECGCropper,
    ECGResampler,
    load_pretrained,
    load_ptbxl,
    pretrained_card,
    pretrained_names,
)
from skecg.signal import LEAD_NAMES, electrode_mixing, exchange_electrodes, mains_hum
from skecg.signal import low_pass_records as low_pass

FS = 100
V2, V5 = LEAD_NAMES.index("V2"), LEAD_NAMES.index("V5")
LOST = ("V5", "V1", "V2", "V3", "V4", "V6", "V4 V5", "V5 V6", "V1 V2")


def hum(X, freq, size=0.1):
    """Return records with hum of 0.1 mV in the lead that has most of it."""
    sizes, mixing = np.full(len(X), size), electrode_mixing(LEAD_NAMES, 12)
    rng = np.random.default_rng(0)
    return X + mains_hum(sizes, X.shape[1], FS, freq, mixing, rng)


def lose(X, names):
    """Return records without some leads."""
    X = X.copy()
    X[:, :, [LEAD_NAMES.index(name) for name in names.split()]] = 0
    return X


def swap_v2_v5(X):
    """Return records whose electrodes V2 and V5 were exchanged."""
    order = np.arange(12)
    order[[V2, V5]] = V5, V2
    return X[:, :, order]


def by_250_hz(X):
    """Return records that were stored at 250 Hz."""
    up = ECGResampler(fs=FS, target_fs=250).fit_transform(X)
    return ECGResampler(fs=250, target_fs=FS).fit_transform(up)


def five_seconds(X):
    """Return the first half of records, padded as ECGCropper does."""
    return ECGCropper(10, fs=FS).fit(X).transform(X[:, : 5 * FS])


def exchange_arms(X):
    """Return records whose arm electrodes were exchanged."""
    return exchange_electrodes(X, "LA/RA")


def correct(X):
    """Return records with exchanged arms that were recognised and corrected."""
    return ECGConverter(FS, correct_reversals=True).fit(X).transform(X)


ACCIDENTS = {
    "none": lambda X: X,
    "arms exchanged": exchange_arms,
    "arms exchanged, corrected": lambda X: correct(exchange_arms(X)),
    "nothing exchanged, corrected": correct,
    "V2 and V5 exchanged": swap_v2_v5,
    **{f"{names} off": partial(lose, names=names) for names in LOST},
    "hum of 0.1 mV, 49.5 Hz": lambda X: hum(X, 49.5),
    "hum of 0.1 mV, 40 Hz (60 Hz at 100 Hz)": lambda X: hum(X, 40),
    "gain 0.8": lambda X: 0.8 * X,
    "gain 0.9": lambda X: 0.9 * X,
    "gain 1.1": lambda X: 1.1 * X,
    "gain 1.25": lambda X: 1.25 * X,
    "low-pass filter of 40 Hz": lambda X: low_pass(X, np.full(len(X), 40.0), FS),
    "low-pass filter of 25 Hz": lambda X: low_pass(X, np.full(len(X), 25.0), FS),
    "stored at 250 Hz": by_250_hz,
    "5 s, padded": five_seconds,
}


class Models:
    """The trained pipelines; each network sees records once."""

    def __init__(self, fill_lost_leads=True):
        cards = {name: pretrained_card(name) for name in pretrained_names()}
        self.leads = {
            name: [LEAD_NAMES.index(lead) for lead in card["expects"]["leads"]]
            for name, card in cards.items()
        }
        self.combined = {n: c["members"] for n, c in cards.items() if "members" in c}
        self.single = {
            name: load_pretrained(name, backend="onnx").set_params(n_threads=2)
            for name in cards
            if name not in self.combined
        }
        self.hybrids = {
            name: load_pretrained(name, backend="onnx")
            for name in self.combined
            if "hybrid" in cards[name]["pipeline"]
        }
        for model in (*self.single.values(), *self.hybrids.values()):
            model._converter.set_params(fill_lost_leads=fill_lost_leads)

    def probabilities(self, X, sex, age):
        """Return the probability of each pipeline by its name."""
        found = {
            name: model.predict_proba(X[:, :, self.leads[name]])
            for name, model in self.single.items()
        }
        for name, members in self.combined.items():
            mean = np.mean([found[member] for member in members], axis=0)
            if name in self.hybrids:
                hybrid = self.hybrids[name]
                converted = hybrid._converter.transform(X)
                mean = np.exp(hybrid._hybrid._combine(mean, converted, sex, age))
            found[name] = mean
        return {name: found[name][:, 1] for name in sorted(found)}


class Trained:
    """Pipelines that examples/train_on_ptbxl.py wrote."""

    def __init__(self, paths, X):
        self.pipelines = {path.name: read_pipeline(path, X) for path in paths}

    def probabilities(self, X, sex, age):
        """Return the probability of each pipeline by its name."""
        return {n: model.predict_proba(X)[:, 1] for n, model in self.pipelines.items()}


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument(
        "--test-fold", type=int, nargs="+", default=[9], choices=range(1, 11)
    )
    parser.add_argument(
        "--trained",
        type=Path,
        nargs="+",
        metavar="OUT",
        help="instead of the package's",
    )
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the records without LVH"
    )
    args = parser.parse_args()
    cohort = load_ptbxl(args.ptbxl, fs=FS, folds=args.test_fold, on_error="skip")
    warnings.simplefilter("ignore")  # of what is wrong
    if args.trained:
        models, without = Trained(args.trained, cohort.data), None
        names = [path.name for path in args.trained]
    else:
        models, without = Models(), Models(fill_lost_leads=False)
        names = pretrained_names()
    drawn = np.random.default_rng(0).random(len(cohort.target)) < args.share
    chosen = np.flatnonzero((cohort.target == 1) | drawn)
    records, sex, age = cohort.data[chosen], cohort.sex[chosen], cohort.age[chosen]
    print(f"{len(chosen):,} records, {cohort.target.sum()} with LVH")
    print("| accident |", " | ".join(f"`{name}`" for name in names), "|")
    print("|---|" + "---|" * len(names))
    for accident, befall in ACCIDENTS.items():
        X = befall(records).astype(records.dtype, copy=False)
        rows = {accident: models}
        if without and accident.endswith(" off"):
            rows[f"{accident}, not estimated"] = without
        for row, judges in rows.items():
            found = judges.probabilities(X, sex, age)
            target = cohort.target[chosen]
            cells = (f"{roc_auc_score(target, p):.3f}" for p in found.values())
            print(f"| {row} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
