r"""What a network rests on in real recordings: leads, waves and samples.

The model is a fitted pipeline for 100 Hz that was trained on the folds below
``--test-fold``, saved with joblib::

    python benchmarks/explanations_on_ptbxl.py FOLDER MODEL.joblib --test-fold 8

Prints tables for the page docs/explanation.md, and draws a few records into ``--out``.
Labels are a reader's ECG statements.
"""

import argparse
import time
from pathlib import Path

import joblib
import numpy as np

from skecg import ECGDisplay, ECGFilter, load_ptbxl
from skecg.explanation import (
    attribution_by_wave,
    deletion_curve,
    integrated_gradients,
    lead_importance,
    occlusion,
)
from skecg.signal import LEAD_NAMES, segment_waves

TOGETHER = {
    "all limb leads": list(LEAD_NAMES[:6]),
    "V1, V2, V3": ["V1", "V2", "V3"],
    "V4, V5, V6": ["V4", "V5", "V6"],
    **{name: [name] for name in LEAD_NAMES},
}


def print_lead_importance(model, cohort, n_repeats):
    """Print what the AUROC loses without each lead and with groups of them."""
    start = time.perf_counter()
    found = lead_importance(
        model,
        cohort.data,
        cohort.target,
        groups=cohort.groups,
        leads=TOGETHER,
        n_repeats=n_repeats,
        random_state=0,
    )
    print(f"\nAUROC {found.score:.3f}, {len(cohort.data):,} records\n")
    print("| exchanged between patients | AUROC lost |\n|---|---|")
    for k in np.argsort(-found.importances_mean):
        interval = f"{found.importances_low[k]:.3f} to {found.importances_high[k]:.3f}"
        print(f"| {found.leads[k]} | {found.importances_mean[k]:.3f} ({interval}) |")
    print(f"\n{time.perf_counter() - start:.0f} s")


def print_waves(model, X, filtered, n_steps):
    """Print attributions by wave and lead; return the explanation."""
    start = time.perf_counter()
    explained = integrated_gradients(model, X, n_steps=n_steps)
    seconds = time.perf_counter() - start
    waves = segment_waves(filtered, 100)
    found = attribution_by_wave(explained.attributions, waves)
    lost = occlusion(model, X, by="wave", fs=100).importances
    gap = np.abs(explained.error) / np.abs(
        explained.log_odds - explained.baseline_log_odds
    )
    print(f"\n{len(X)} records, {seconds:.0f} s; the attributions add up to within")
    print(f"{np.median(gap):.1%} (median) and {np.quantile(gap, 0.95):.1%} (95 %)\n")
    print("| | P | QRS | ST-T | elsewhere |\n|---|---|---|---|---|")
    rows = {
        "share of the absolute attribution": np.nanmean(found.shares.sum(1), 0),
        "log-odds, sum": np.nanmean(found.sums.sum(1), 0),
        "log-odds lost when flattened": [*np.nanmean(lost, 0), np.nan],
        "share of the time": [np.mean(waves == k) for k in (1, 2, 3, 0)],
    }
    for name, values in rows.items():
        cells = [f"{v:.2f}" if np.isfinite(v) else "" for v in values]
        print(f"| {name} | {' | '.join(cells)} |")
    print(
        "\n| lead | QRS, log-odds | ST-T, log-odds | share of all |\n|---|---|---|---|"
    )
    for k, name in enumerate(LEAD_NAMES):
        sums = np.nanmean(found.sums[:, k], axis=0)
        share = np.nanmean(found.shares[:, k].sum(axis=1))
        print(f"| {name} | {sums[1]:+.2f} | {sums[2]:+.2f} | {share:.0%} |")
    return explained


def print_deletion(model, X, explained):
    """Print how fast the log-odds fall."""
    curve = deletion_curve(
        model, X, explained.attributions, n_random=3, n_points=21, random_state=0
    )
    print("\n| deleted | most attributed first | at random |\n|---|---|---|")
    for k in (0, 1, 2, 4, 10, 20):
        first, random = curve.log_odds[:, k].mean(), curve.random[:, k].mean()
        print(f"| {curve.fraction[k]:.0%} | {first:.1f} | {random:.1f} |")
    print(f"\nfaster in {np.mean(curve.area < 0):.0%} of the records")


def draw(explained, filtered, ids, out):
    """Draw records with their attributions."""
    out.mkdir(parents=True, exist_ok=True)
    for k, ecg_id in enumerate(ids):
        display = ECGDisplay.from_record(
            filtered[k],
            fs=100,
            attribution=explained.attributions[k],
            title=f"Record {ecg_id}: log-odds of a reader's LVH statement "
            f"{explained.log_odds[k]:.1f}, "
            f"of a flat line {explained.baseline_log_odds[k]:.1f}",
        )
        display.figure_.savefig(out / f"{ecg_id}.png", dpi=150)


def main():
    """Explain a model on one fold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("model", type=Path, help="fitted pipeline, by joblib.dump")
    parser.add_argument("--test-fold", type=int, default=8)
    parser.add_argument("--n-explained", type=int, default=100)
    parser.add_argument("--n-steps", type=int, default=32)
    parser.add_argument("--n-repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, help="folder for pictures of six records")
    args = parser.parse_args()
    model = joblib.load(args.model)
    cohort = load_ptbxl(args.ptbxl, fs=100, folds=[args.test_fold], on_error="skip")
    chosen = np.flatnonzero(cohort.target == 1)[: args.n_explained]
    X = cohort.data[chosen]
    filtered = ECGFilter(fs=100).fit_transform(X)
    explained = print_waves(model, X, filtered, args.n_steps)
    print_deletion(model, X, explained)
    if args.out is not None:
        draw(explained, filtered[:6], cohort.metadata.index[chosen[:6]], args.out)
    print_lead_importance(model, cohort, args.n_repeats)


if __name__ == "__main__":
    main()
