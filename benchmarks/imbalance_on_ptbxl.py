r"""What helps a network when LVH is rare: nine ways on PTB-XL, with intervals.

Trains one small network in each way on the folds below 7, in which LVH records are
thinned out by patient to 10, 5 and 1 %, tunes a threshold on fold 7, thinned alike,
and judges fold 8 as it is::

    python benchmarks/imbalance_on_ptbxl.py FOLDER --out imbalance.npz

Each way makes the same number of steps on batches of the same size. Every seed draws
other training patients. Results are kept in ``--out`` after each fit, so that a run
that was interrupted goes on where it stopped; ``--report`` only writes the tables, of
the seeds that are complete.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.metrics import roc_curve

from skecg import (
    BeatAlignedSMOTE,
    ECGAugmenter,
    ECGFilter,
    ECGScaler,
    LVHCNNClassifier,
    RecordSampler,
    load_ptbxl,
)
from skecg.metrics import (
    patient_weights,
    percentile_interval,
    weighted_average_precision,
    weighted_roc_auc,
)

FS = 100
TUNING_FOLD, JUDGED_FOLD = 7, 8
PREVALENCES = (0.10, 0.05, 0.01)
BATCH = 64
N_RESAMPLES = 1000


def ways(seed):
    """Return {name: (sampler or None, parameters of the network)}."""
    over = RecordSampler(RandomOverSampler(random_state=seed))
    under = RecordSampler(RandomUnderSampler(random_state=seed))
    smote = RecordSampler(SMOTE(random_state=seed))
    return {
        "none": (None, {}),
        "class weights": (None, {"class_weight": "balanced"}),
        "focal loss": (None, {"focal_gamma": 2.0}),
        "augmented batches": (None, {"augmenter": ECGAugmenter(fs=FS)}),
        "random under-sampling": (under, {}),
        "random over-sampling": (over, {}),
        "augmented copies": (ECGAugmenter(fs=FS, random_state=seed), {}),
        "SMOTE": (smote, {}),
        "beat-aligned SMOTE": (BeatAlignedSMOTE(fs=FS, random_state=seed), {}),
    }


def draw_training(groups, n_records, rng):
    """Return records of patients drawn at random, about `n_records` of them."""
    _, patient = np.unique(groups, return_inverse=True)
    order = rng.permutation(patient.max() + 1)
    size = np.bincount(patient)[order].cumsum()
    return np.flatnonzero(np.isin(patient, order[size <= n_records]))


def thin_out(index, y, groups, prevalence, rng):
    """Leave out patients' LVH records until they are `prevalence` of the records."""
    positive = index[y[index] == 1]
    negative = index[y[index] == 0]
    wanted = round(prevalence / (1 - prevalence) * len(negative))
    patients = rng.permutation(np.unique(groups[positive]))
    order = np.argsort(patients)
    rank = order[np.searchsorted(patients, groups[positive], sorter=order)]
    return np.sort(np.r_[negative, positive[np.argsort(rank, kind="stable")][:wanted]])


def train(way, X, y, n_steps, seed):
    """Fit the scaler and the network in one way, with a given number of steps."""
    sampler, parameters = way
    n_given = len(y)
    if sampler is not None:
        X, y = sampler.fit_resample(X, y)
    # Few records several times an epoch: epochs of two steps cost more than the steps.
    several = np.tile(np.arange(len(y)), max(1, n_given // len(y)))
    epochs = max(1, round(n_steps / np.ceil(len(several) / BATCH)))
    network = LVHCNNClassifier(
        filters=(16, 32, 32),
        pool_size=4,
        learning_rate=0.003,
        batch_size=BATCH,
        epochs=epochs,
        random_state=seed,
        **parameters,
    )
    return make_pipeline(ECGScaler(), network).fit(X[several], y[several])


def youden(y, score):
    """Return the threshold of the largest sum of sensitivity and specificity."""
    fpr, tpr, thresholds = roc_curve(y, score)
    return thresholds[np.argmax(tpr - fpr)]


def draws_of(y, score, thresholds, weights):
    """Return every metric of each weighting, (n_weightings, 2 + 3 * n_thresholds)."""
    y = y.astype(bool)
    columns = [
        f(y, score, weights) for f in (weighted_roc_auc, weighted_average_precision)
    ]
    for threshold in thresholds:
        called = score >= threshold
        sensitivity = weights @ (called & y) / (weights @ y)
        specificity = weights @ ~(called | y) / (weights @ ~y)
        columns += [sensitivity, specificity, (sensitivity + specificity) / 2]
    return np.stack(columns, axis=1)


def report(results, y, groups):
    """Print a table for each prevalence: means over seeds, intervals over patients."""
    weights = patient_weights(groups, N_RESAMPLES).astype(float)
    weights = np.vstack([np.ones(len(y)), weights])
    for prevalence in PREVALENCES:
        here = [r for r in results if r["prevalence"] == prevalence]
        names = list(ways(0))
        whole = _whole_seeds(here, len(names))
        if not whole:
            continue
        draws, spread = {}, {}
        for way in names:
            figures = [
                draws_of(y, r["judged"], (0.5, r["threshold"]), weights)
                for r in here
                if r["way"] == way and r["seed"] in whole
            ]
            draws[way] = np.mean(figures, axis=0)
            spread[way] = np.ptp([of_seed[0, 0] for of_seed in figures])
        n_positive = np.mean([r["n_positive"] for r in here])
        print(f"\n### {prevalence:.0%}: {n_positive:.0f} LVH records, ", end="")
        print(f"{len(whole)} seeds\n")
        print("| method | AUROC | AUROC minus none | AP | AP minus none ", end="")
        print("| range over seeds |")
        print("|---|---|---|---|---|---|")
        for way, of_way in draws.items():
            cells = [_cell(of_way[:, 0]), "", _cell(of_way[:, 1]), ""]
            if way != "none":
                apart = of_way - draws["none"]
                cells[1], cells[3] = _cell(apart[:, 0], "+"), _cell(apart[:, 1], "+")
            print(f"| {way} | " + " | ".join(cells) + f" | {spread[way]:.3f} |")
        print("\n| method | sensitivity at 0.5 | specificity ", end="")
        print("| balanced accuracy | sensitivity at tuned | specificity ", end="")
        print("| balanced accuracy |")
        print("|---" * 7 + "|")
        for way, of_way in draws.items():
            cells = [_cell(of_way[:, k]) for k in range(2, 8)]
            print(f"| {way} | " + " | ".join(cells) + " |")


def _whole_seeds(results, n_ways):
    """Return the seeds of which every way has been run."""
    seeds = [r["seed"] for r in results]
    return {seed for seed in seeds if seeds.count(seed) == n_ways}


def _cell(draws, sign=""):
    """Write a figure, the first of the draws, with the interval of the others."""
    low, high = percentile_interval(draws[1:], 0.95)
    return f"{draws[0]:{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"


def main():
    """Run what is missing, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("--out", type=Path, default=Path("imbalance.npz"))
    parser.add_argument("--records", type=int, default=4000, help="before thinning")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--report", action="store_true", help="train nothing")
    args = parser.parse_args()

    results = []
    if args.out.exists():
        results = list(np.load(args.out, allow_pickle=True)["results"])
    done = {(r["seed"], r["prevalence"], r["way"]) for r in results}
    folds = [JUDGED_FOLD] if args.report else range(1, JUDGED_FOLD + 1)
    cohort = load_ptbxl(args.ptbxl, fs=FS, folds=folds, on_error="skip")
    y, groups, fold = cohort.target, cohort.groups, cohort.fold
    judged = np.flatnonzero(fold == JUDGED_FOLD)
    if not args.report:
        X = ECGFilter(fs=FS).fit_transform(cohort.data)
        tuning, training = (
            np.flatnonzero(chosen)
            for chosen in (fold == TUNING_FOLD, fold < TUNING_FOLD)
        )
    for seed in range(0 if args.report else args.seeds):
        drawn = training[
            draw_training(groups[training], args.records, np.random.default_rng(seed))
        ]
        for prevalence in PREVALENCES:
            train_index, tune_index = (
                thin_out(index, y, groups, prevalence, np.random.default_rng(seed))
                for index in (drawn, tuning)
            )
            for name, way in ways(seed).items():
                if (seed, prevalence, name) in done:
                    continue
                start = time.perf_counter()
                model = train(way, X[train_index], y[train_index], args.steps, seed)
                of_tuning = model.predict_proba(X[tune_index])[:, 1]
                results.append(
                    {
                        "seed": seed,
                        "prevalence": prevalence,
                        "way": name,
                        "n_positive": int(y[train_index].sum()),
                        "n_records": len(train_index),
                        "threshold": youden(y[tune_index], of_tuning),
                        "judged": model.predict_proba(X[judged])[:, 1],
                        "seconds": time.perf_counter() - start,
                    }
                )
                np.savez(args.out, results=np.array(results, dtype=object))
                last = results[-1]
                print(
                    seed,
                    prevalence,
                    name,
                    last["n_records"],
                    last["n_positive"],
                    f"{last['seconds']:.0f} s",
                    flush=True,
                )
    print(f"{sum(r['seconds'] for r in results) / 60:.0f} minutes of training")
    report(results, y[judged], groups[judged])


if __name__ == "__main__":
    main()
