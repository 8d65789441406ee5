"""Time load_ptbxl against a loop over wfdb.rdrecord on the same records.

    python benchmarks/bench_load.py PTBXL [--fold 9] [--repeats 5]

PTBXL is a folder in PTB-XL's official layout. All ways take turns, and the best time of
each is shown, so that the files are in the system's cache and other load on the machine
weighs on none of them alone.
"""

import argparse
import resource
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb

from skecg.datasets import load_ptbxl

WAYS = {
    "`load_ptbxl`": {},
    "`load_ptbxl(verify_checksums=True)`": {"verify_checksums": True},
    "`load_ptbxl(n_jobs=2)`": {"n_jobs": 2},
}


def load_with_wfdb(path, fold):
    """Load one fold as a user of wfdb does."""
    table = pd.read_csv(path / "ptbxl_database.csv")
    names = table["filename_lr"][table["strat_fold"] == fold]
    data = np.empty((len(names), 1000, 12), dtype=np.float32)
    for row, name in enumerate(names):
        data[row] = wfdb.rdrecord(str(path / name)).p_signal
    return data


def seconds_of(function):
    """Return the time of one call in s, and its result."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def peak_memory():
    """Return the process's peak of memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show_row(name, n_records, seconds, peer_rate):
    """Print one row of the table."""
    rate = n_records / seconds
    print(
        f"| {name} | {n_records:,} | {seconds:.2f} | {rate:,.0f} "
        f"| {rate / peer_rate:.1f} |"
    )


def main():
    """Run every way and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--fold", type=int, default=9)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    path, fold, repeats = arguments.path, arguments.fold, arguments.repeats

    before = peak_memory()
    first, loaded = seconds_of(partial(load_ptbxl, path))
    growth, size = peak_memory() - before, loaded.data.nbytes / 1024**2
    n_records = {fold: (loaded.fold == fold).sum(), None: len(loaded.data)}
    del loaded

    times = {"wfdb": []} | {
        (name, folds): [] for folds in (fold, None) for name in WAYS
    }
    for _ in range(repeats):
        elapsed, expected = seconds_of(partial(load_with_wfdb, path, fold))
        times["wfdb"].append(elapsed)
        for name, folds in list(times)[1:]:
            load = partial(load_ptbxl, path, folds=folds, **WAYS[name])
            elapsed, loaded = seconds_of(load)
            times[name, folds].append(elapsed)
            if folds == fold and not np.array_equal(loaded.data, expected):
                raise SystemExit(f"{name} differs from wfdb.")
            del loaded

    peer_rate = n_records[fold] / min(times["wfdb"])
    print("| way | records | s | records/s | times wfdb |")
    print("|---|---|---|---|---|")
    show_row(
        "loop over `wfdb.rdrecord`", n_records[fold], min(times["wfdb"]), peer_rate
    )
    for name, folds in list(times)[1:]:
        show_row(name, n_records[folds], min(times[name, folds]), peer_rate)
    print(
        f"\nEqual values: yes. The first load of all records took {first:.1f} s, and "
        f"the peak of memory grew by {growth:,.0f} MiB for an array of {size:,.0f} MiB."
    )


if __name__ == "__main__":
    main()
