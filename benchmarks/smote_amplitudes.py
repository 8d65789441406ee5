r"""How well beat-aligned SMOTE, and SMOTE, keep the amplitudes of LVH records.

Makes as many new LVH records from those of one fold of PTB-XL as it has, measures them
and their parents on median beats, and compares each wave with the amplitude between
those of the parents. SMOTE is drawn between the same records at the same shares::

    python benchmarks/smote_amplitudes.py FOLDER --fold 7
"""

import argparse
import time
from pathlib import Path

import numpy as np

from skecg import BeatAlignedSMOTE, ECGFilter, load_ptbxl
from skecg.signal import LEAD_NAMES, measure_records

FS = 100
LEAST = {"R": 0.5, "S": 0.5, "T": 0.2}
"""Amplitudes in mV below which, in either parent, a wave is not compared."""


def waves(table, name):
    """Return a wave's amplitude in every lead, (n_records, 12)."""
    return np.stack([np.abs(table[f"{name}_{lead}"]) for lead in LEAD_NAMES], axis=1)


def main():
    """Make the records, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("--fold", type=int, default=7)
    args = parser.parse_args()
    cohort = load_ptbxl(args.ptbxl, fs=FS, folds=[args.fold], on_error="skip")
    X = ECGFilter(fs=FS).fit_transform(cohort.data[cohort.target == 1])

    # Two classes alike: the second gets as many new records as it has.
    y = np.repeat([0, 0, 1], len(X))
    sampler = BeatAlignedSMOTE(fs=FS, random_state=0)
    start = time.process_time()
    new = sampler.fit_resample(np.concatenate([X, X, X]), y)[0][len(y) :]
    seconds = time.process_time() - start
    base = sampler.sample_indices_[len(y) :] % len(X)
    other = sampler.neighbor_indices_ % len(X)
    share = sampler.shares_[:, None]
    raw = (1 - share[..., None]) * X[base] + share[..., None] * X[other]
    print(
        f"{len(new)} new records, {1e3 * seconds / len(new):.1f} ms each (one thread)"
    )
    print("| | wave | compared | median | 5 % | 95 % | within 3 % | within 5 % |")
    print("|---|---|---|---|---|---|---|---|")
    parents = measure_records(X, FS)
    for name, records in (("aligned", new), ("SMOTE", raw.astype(X.dtype))):
        table = measure_records(records, FS)
        for wave, least in LEAST.items():
            of_base, of_other = (waves(parents, wave)[k] for k in (base, other))
            expected = (1 - share) * of_base + share * of_other
            clear = np.minimum(of_base, of_other) > least
            ratio = waves(table, wave)[clear] / expected[clear]
            # A wave that can't be measured any more is none that was kept.
            ratio = np.nan_to_num(ratio)
            within = [np.mean(np.abs(ratio - 1) < part) for part in (0.03, 0.05)]
            cells = [*np.quantile(ratio, [0.5, 0.05, 0.95]), *within]
            cells = [f"{cell:.3f}" for cell in cells]
            print(f"| {name} | {wave} | {len(ratio)} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
