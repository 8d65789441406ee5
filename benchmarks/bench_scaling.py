"""Measure how time and memory grow with records, length, leads and folds.

    python benchmarks/bench_scaling.py [--rounds 3]

One quantity grows at a time, from 256 records of 1,000 x 12 and 2 folds; the slope is
that of a line through the logarithms: 1 is proportional. Memory is the growth of the
peak beyond what the process held before, X included, each case in a process of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

START = {"n_records": 256, "n_times": 1000, "n_leads": 12, "n_folds": 2}
GROWING = {
    "n_records": (256, 1024, 4096),
    "n_times": (1000, 2000, 4000),
    "n_leads": (3, 6, 12),
    "n_folds": (2, 4, 8),
}


def measure(n_records, n_times, n_leads, n_folds):
    """Measure filter, a fit of one epoch, prediction and cross-validation."""
    from sklearn.model_selection import cross_val_score

    from skecg import ECGFilter, LVHCNNClassifier

    rng = np.random.default_rng(0)
    network = LVHCNNClassifier(epochs=1, random_state=0)
    small = rng.standard_normal((64, n_times, n_leads), dtype=np.float32)
    network.fit(small, np.arange(64) % 2).predict_proba(small)
    before = int(Path("/proc/self/statm").read_text().split()[1])
    X = rng.standard_normal((n_records, n_times, n_leads), dtype=np.float32)
    y = np.arange(n_records) % 2
    seconds = {}

    def clock(name, work):
        start = time.perf_counter()
        result = work()
        seconds[name] = time.perf_counter() - start
        return result

    clock("filter", lambda: ECGFilter(fs=100).fit_transform(X))
    clock("fit, an epoch", lambda: network.fit(X, y))
    clock("predict", lambda: network.predict_proba(X))
    if n_records == START["n_records"]:
        clock("cross-validation", lambda: cross_val_score(network, X, y, cv=n_folds))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    seconds["memory, MB"] = (peak - before * os.sysconf("SC_PAGE_SIZE")) / 1e6
    return seconds


def slope(sizes, values):
    """Return the slope of the logarithms."""
    return np.polyfit(np.log(sizes), np.log(values), 1)[0]


def main():
    """Measure each size in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.sizes:
        print(json.dumps(measure(**json.loads(args.sizes))))
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    print("| grows | from | to | what | from | to | slope |")
    print("|---|---|---|---|---|---|---|")
    for name, sizes in GROWING.items():
        rounds = []
        for _ in range(args.rounds):
            rounds.append([run({**START, name: size}) for size in sizes])
        shown = ["cross-validation"] if name == "n_folds" else rounds[0][0]
        for what in shown:
            if what not in rounds[0][-1]:
                continue
            columns = zip(*rounds, strict=True)
            values = [min(case[what] for case in column) for column in columns]
            print(
                f"| `{name}` | {sizes[0]:,} | {sizes[-1]:,} | {what} "
                f"| {values[0]:.3g} | {values[-1]:.3g} | {slope(sizes, values):.2f} |",
                flush=True,
            )


def run(sizes):
    """Measure in a fresh process."""
    command = [sys.executable, __file__, "--sizes", json.dumps(sizes)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
