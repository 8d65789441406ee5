"""Time prediction of one record and of many, against Keras' predict and PyTorch.

    python benchmarks/bench_predict.py [--rounds 5] [--n-records 2000]
    python benchmarks/bench_predict.py --only one

Every way has its turn in each round; tables show medians. PyTorch is left out where it
is not installed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import joblib
import numpy as np
from bench_fit import make_records, time_in_turns
from networks import KERAS, N_LEADS
from sklearn.pipeline import make_pipeline
from torch_worker import TorchWorker, is_installed

from skecg import (
    ECGFilter,
    ECGResampler,
    ECGScaler,
    LVHCNNClassifier,
    LVHHybridClassifier,
    load_pretrained,
    make_lvh_ecg,
)
from skecg.training import Architecture, TrainedNetwork, predict_proba

N_CALLS = 100
FRESH = """
import sys, time
import joblib, numpy as np

def ms(start):
    return 1e3 * (time.perf_counter() - start)

start = time.perf_counter()
pipeline = joblib.load(sys.argv[1])
loaded = ms(start)
record, patient = joblib.load(sys.argv[2])
start = time.perf_counter()
pipeline.predict_proba(record, **patient)
first = ms(start)
times = []
for _ in range(300):
    start = time.perf_counter()
    pipeline.predict_proba(record, **patient)
    times.append(ms(start))
print(loaded, first, *np.percentile(times, [50, 95]))
"""


def time_one_record():
    """Time one record through whole pipelines, in processes that loaded them."""
    print("\n| one record | load, ms | first, ms | median, ms | 95 %, ms |")
    print("|---|---|---|---|---|", flush=True)
    for fs in (100, 500):
        X, y = make_records(64, 10 * fs)
        steps = ECGFilter(fs=fs), ECGResampler(fs=fs), ECGScaler()
        pipeline = make_pipeline(*steps, LVHCNNClassifier(epochs=1))
        time_fresh(f"pipeline of four steps, {fs} Hz", pipeline.fit(X, y), X[:1])
    cohort = make_lvh_ecg(200, fs=100, random_state=0)
    for name in ("ptbxl_lstm", "ptbxl"):
        pipeline = load_pretrained(name)
        time_fresh(f'`load_pretrained("{name}")`', pipeline, cohort.data[:1])
    network = LVHCNNClassifier(filters=(8, 8), kernel_sizes=5, epochs=1)
    hybrid = LVHHybridClassifier(network, fs=100)
    hybrid.fit(cohort.data, cohort.target, sex=cohort.sex, age=cohort.age)
    patient = {"sex": cohort.sex[:1], "age": cohort.age[:1]}
    time_fresh("hybrid of a small CNN, 100 Hz", hybrid, cohort.data[:1], patient)


def time_fresh(name, model, record, patient=None):
    """Print a row of the table: one record through a model, in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / part) for part in ("model", "record")]
        joblib.dump(model, paths[0])
        joblib.dump((record, patient or {}), paths[1])
        done = subprocess.run(
            [sys.executable, "-c", FRESH, *paths],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    figures = " | ".join(f"{float(v):,.1f}" for v in done.stdout.split())
    print(f"| {name} | {figures} |", flush=True)


def ways_to_predict(name, X):
    """Return functions that predict X with one network's three forms."""
    architecture = Architecture(KERAS[name], X.shape[1:], 2, ())
    model = architecture.build()
    weights = [variable.numpy() for variable in model.variables]
    network = TrainedNetwork(architecture, weights)
    ways = {"skecg": lambda: predict_proba(network, X)}
    if len(X) == 1:
        ways["Keras `predict`"] = lambda: model.predict(X, verbose=0)
    else:
        for size in (32, 128, 512):
            ways[f"Keras `predict`, batches of {size}"] = lambda size=size: (
                model.predict(X, batch_size=size, verbose=0)
            )
    if is_installed():
        for size in [1] if len(X) == 1 else [32, 128]:
            worker = TorchWorker(name, "predict", len(X), size)
            ways[f"PyTorch, batches of {size}"] = worker
    return ways


def compare_networks(rounds, n_records):
    """Compare the networks alone, on one record and on many."""
    print("\n| network | one record, ms |\n|---|---|")
    for name in KERAS:
        X, _ = make_records(1)
        _, times = time_in_turns(ways_to_predict(name, X), N_CALLS)
        for way, values in times.items():
            print(
                f"| {name}, {way} | {1e3 * np.median(values[:, 0]):.1f} |", flush=True
            )
    print(f"\n| {n_records} x 1,000 x {N_LEADS} | records/s | skecg is faster by |")
    print("|---|---|---|")
    for name in KERAS:
        X, _ = make_records(n_records // 4 if "LSTM" in name else n_records)
        _, times = time_in_turns(ways_to_predict(name, X), rounds)
        for way, values in times.items():
            ratio = np.median(values[:, 0] / times["skecg"][:, 0])
            speed = len(X) / np.median(values[:, 0])
            print(f"| {name}, {way} | {speed:.0f} | {ratio:.2f} |", flush=True)


def main():
    """Do all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n-records", type=int, default=2000)
    parser.add_argument("--only", choices=["one", "networks"])
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.only != "networks":
        time_one_record()
    if args.only != "one":
        compare_networks(args.rounds, args.n_records)


if __name__ == "__main__":
    main()
