"""Measure how much memory fits, predictions and whole pipelines take.

    python benchmarks/bench_memory.py [--only fits full-rate ptbxl mapped predict]

Each case runs in a process of its own; the peak is that of its resident memory, with
Python, TensorFlow (0.7 GB) and X itself.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CASES = {}


def case(function):
    """Register a case under its name."""
    CASES[function.__name__.replace("_", "-")] = function
    return function


def resident():
    """Return the resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak():
    """Return the peak of the resident memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def make_records(n_records, n_times):
    """Make noise of 0.5 mV, and classes by turns."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_records, n_times, 12), dtype=np.float32)
    X *= 0.5
    return X, np.arange(n_records) % 2


def make_network_pipeline(fs, resample):
    """Return the default pipeline, with one epoch."""
    from sklearn.pipeline import make_pipeline

    from skecg import ECGFilter, ECGResampler, ECGScaler, LVHCNNClassifier

    steps = [ECGFilter(fs=fs), ECGScaler(), LVHCNNClassifier(epochs=1)]
    if resample:
        steps.insert(1, ECGResampler(fs=fs))
    return make_pipeline(*steps)


@case
def fits():
    """200 times clone, fit and predict of a small CNN."""
    from sklearn.base import clone

    from skecg import LVHCNNClassifier

    X, y = make_records(120, 250)
    network = LVHCNNClassifier(filters=(16, 32), kernel_sizes=5, batch_size=32)
    network.set_params(epochs=2)
    for _ in range(3):
        clone(network).fit(X, y).predict_proba(X)
    before = resident()
    for _ in range(200):
        clone(network).fit(X, y).predict_proba(X)
    print(f"200 fits: memory grew by {resident() - before:.0f} MB")


def fit_pipeline(n_records, n_times, fs, resample):
    """Fit and predict, and print the peak."""
    X, y = make_records(n_records, n_times)
    start = time.perf_counter()
    pipeline = make_network_pipeline(fs, resample).fit(X, y)
    after_fit = peak()
    pipeline.predict_proba(X)
    print(
        f"{n_records:,} x {n_times:,} x 12, X of {X.nbytes / 1e6:,.0f} MB"
        f"{', resampled to 100 Hz' if resample else ''}: peak {after_fit:,.0f} MB "
        f"in fit, {peak():,.0f} MB with prediction, {time.perf_counter() - start:.0f} s"
    )


@case
def full_rate():
    """Fit the default pipeline on 500 Hz."""
    fit_pipeline(2000, 5000, 500, resample=True)


@case
def full_rate_without_resampler():
    """Train the network on 500 Hz."""
    fit_pipeline(2000, 5000, 500, resample=False)


@case
def ptbxl():
    """As many records as PTB-XL's folds 1 to 8, at 100 Hz."""
    fit_pipeline(17418, 1000, 100, resample=True)


@case
def mapped():
    """Filter from one file of 2.4 GB to another, and train on that."""
    from skecg.signal import filter_signal

    with tempfile.TemporaryDirectory() as folder:
        raw, filtered = (
            np.lib.format.open_memmap(
                Path(folder) / name, "w+", np.float32, (10_000, 5000, 12)
            )
            for name in ("raw.npy", "filtered.npy")
        )
        for start in range(0, len(raw), 500):
            raw[start : start + 500] = make_records(500, 5000)[0]
        filter_signal(raw, fs=500, out=filtered)
        filtered.flush()
        command = [sys.executable, __file__, "--run", "train-mapped", filtered.filename]
        subprocess.run([str(part) for part in command], check=True)


@case
def train_mapped():
    """Train on the file that is named."""
    from skecg import LVHCNNClassifier

    X = np.load(sys.argv[-1], mmap_mode="r")
    network = LVHCNNClassifier(filters=(8, 8), kernel_sizes=5, pool_size=4, epochs=1)
    network.fit(X, np.arange(len(X)) % 2).predict_proba(X)
    status = Path("/proc/self/status").read_text().splitlines()
    own = next(line for line in status if line.startswith("RssAnon")).split()[1]
    print(
        f"memory map of {X.nbytes / 1e6:,.0f} MB: {int(own) / 1e3:,.0f} MB of the "
        f"process's own, at most {peak():,.0f} MB with cached pages of the file"
    )


@case
def predict():
    """Predict 20,000 records with three networks."""
    from skecg import LVHCNNClassifier, LVHLSTMClassifier

    X, y = make_records(20_000, 1000)
    for network in (
        LVHCNNClassifier(epochs=1),
        LVHCNNClassifier(filters=(128, 128), kernel_sizes=9, epochs=1),
        LVHLSTMClassifier(epochs=1),
    ):
        network.fit(X[:64], y[:64]).predict_proba(X[:200])
        before = peak()
        network.predict_proba(X)
        name = f"{type(network).__name__}({network.get_params().get('filters', '')})"
        print(f"20,000 records, {name}: peak grew by {peak() - before:.0f} MB")


def main():
    """Run every case in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=CASES, metavar="CASE")
    parser.add_argument("--run", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        CASES[args.run[0]]()
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for name in args.only or [name for name in CASES if name != "train-mapped"]:
        subprocess.run([sys.executable, __file__, "--run", name], check=True)


if __name__ == "__main__":
    main()
