"""Leads without a signal: how near their estimates come to them on PTB-XL's fold 9.

    python benchmarks/lost_leads_on_ptbxl.py PTBXL

The first table is the covariance that skecg.signal.estimate_lost_leads uses, from the
records with LVH of folds 1 to 8; the second has the correlation of each lost chest lead
with its estimate (median over records), and the difference of their QRS (largest less
smallest value), in percent, for all records and for those with LVH.
"""

import argparse

import numpy as np

from skecg import load_ptbxl
from skecg.signal import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    estimate_lost_leads,
    filter_signal,
    silent_leads,
)

FS = 100
LOST = (*(["V1"], ["V2"], ["V3"], ["V4"], ["V5"], ["V6"]), ["V4", "V5"], ["V5", "V6"])


def covariance(X):
    """Return the mean covariance of leads; each record has the same weight."""
    X = filter_signal(X.astype(np.float64), FS, 0.5, 40)
    of_records = X.transpose(0, 2, 1) @ X
    traces = of_records.trace(axis1=1, axis2=2)[:, np.newaxis, np.newaxis]
    return (X.shape[2] * of_records / traces).mean(axis=0)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", help="folder of PTB-XL")
    arguments = parser.parse_args()
    learned = load_ptbxl(arguments.ptbxl, folds=range(1, 9), on_error="skip")
    kept = (learned.target == 1) & ~silent_leads(learned.data, FS).any(axis=1)
    independent = [LEAD_NAMES.index(name) for name in INDEPENDENT_LEADS]
    for row in covariance(learned.data[kept][:, :, independent]):
        print("[" + ", ".join(f"{value:.4f}" for value in row) + "],")
    judged = load_ptbxl(arguments.ptbxl, folds=[9], on_error="skip")
    X, has_lvh = judged.data, judged.target == 1
    print("\n| lost | estimated | correlation | QRS | correlation, LVH | QRS, LVH |")
    print("|---|---|---|---|---|---|")
    for lost in LOST:
        leads = [LEAD_NAMES.index(name) for name in lost]
        without = X.copy()
        without[:, :, leads] = 0
        filled, _ = estimate_lost_leads(without, FS, LEAD_NAMES)
        for name, k in zip(lost, leads, strict=True):
            true, found = X[:, :, k], filled[:, :, k]
            centred = [
                part - part.mean(axis=1, keepdims=True) for part in (true, found)
            ]
            norms = [np.sqrt(np.square(part).sum(axis=1)) for part in centred]
            r = (centred[0] * centred[1]).sum(axis=1) / (norms[0] * norms[1])
            change = 100 * (np.ptp(found, axis=1) / np.ptp(true, axis=1) - 1)
            cells = [
                f"{np.nanmedian(r[group]):.3f} | {np.nanmedian(change[group]):+.0f} %"
                for group in (slice(None), has_lvh)
            ]
            print(f"| {', '.join(lost)} | {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
