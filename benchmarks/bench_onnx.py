"""Shipped models on onnxruntime and on Keras: equality, time, memory and start.

    python benchmarks/bench_onnx.py [--rounds 5]

Each start is a new process. Times of a record are medians; both backends take turns.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import numpy as np

from skecg import load_pretrained, make_lvh_ecg, pretrained_names

START = """
import json, resource, sys, time
import numpy as np
start = time.process_time()
from skecg import load_pretrained
model = load_pretrained({name!r}, backend={backend!r})
model.predict_proba(np.random.default_rng(0).normal(0, 0.15, (1, 1000, 12)))
print(json.dumps([
    time.process_time() - start,
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
]))
"""


def start(name, backend):
    """Return processor time (s) and memory (MB) of a first prediction."""
    script = START.format(name=name, backend=backend)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def one_record(models, record, rounds):
    """Return the median milliseconds of one record for each model, in turns."""
    times = {backend: [] for backend in models}
    for _ in range(rounds):
        for backend, model in models.items():
            for _ in range(20):
                begin = time.perf_counter()
                model.predict_proba(record)
                times[backend].append(1000 * (time.perf_counter() - begin))
    return {backend: statistics.median(values) for backend, values in times.items()}


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    plain = make_lvh_ecg(40, fs=100, random_state=0).data
    labelled = make_lvh_ecg(40, fs=500, random_state=0, as_xarray=True).data
    print("| model | difference | labelled | ms, ONNX | ms, Keras | start, s | MB |")
    print("|---|---|---|---|---|---|---|")
    for name in pretrained_names():
        models = {b: load_pretrained(name, backend=b) for b in ("onnx", "keras")}
        differences = [
            np.abs(
                models["onnx"].predict_proba(X) - models["keras"].predict_proba(X)
            ).max()
            for X in (plain, labelled)
        ]
        times = one_record(models, plain[:1], rounds)
        starts = {b: start(name, b) for b in models}
        print(
            f"| {name} | {differences[0]:.1e} | {differences[1]:.1e} "
            f"| {times['onnx']:.1f} | {times['keras']:.1f} "
            f"| {starts['onnx'][0]:.1f} / {starts['keras'][0]:.1f} "
            f"| {starts['onnx'][1]:.0f} / {starts['keras'][1]:.0f} |"
        )


if __name__ == "__main__":
    main()
