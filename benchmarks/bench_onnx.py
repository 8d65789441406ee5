"""Shipped models on onnxruntime and on Keras: equality, time, memory, start and size.

    python benchmarks/bench_onnx.py [--rounds 5]

Each backend runs in a process of its own; both take turns. Time is that of the
processor, which other programs disturb least; the table has medians of the rounds.
"""

import argparse
import json
import statistics
import subprocess
import sys
from importlib.resources import files

import numpy as np

from skecg import load_pretrained, make_lvh_ecg, pretrained_card, pretrained_names

RUN = """
import json, statistics, sys, time
import numpy as np
start = time.process_time()
from skecg import load_pretrained
model = load_pretrained({name!r}, backend={backend!r})
record = np.random.default_rng(0).normal(0, 0.15, (1, 1000, {n_leads}))
model.predict_proba(record)
started = time.process_time() - start
times = []
for _ in range(50):
    begin = time.process_time()
    model.predict_proba(record)
    times.append(1000 * (time.process_time() - begin))
with open("/proc/self/status") as file:
    (peak,) = (line.split()[1] for line in file if line.startswith("VmHWM"))
print(json.dumps([statistics.median(times), started, int(peak) / 1024]))
"""
BACKENDS = ("onnx", "keras")


def run(name, backend):
    """Return ms of a record, s of the start, and MB, of a new process."""
    n_leads = len(pretrained_card(name)["expects"]["leads"])
    code = RUN.format(name=name, backend=backend, n_leads=n_leads)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def differences(name, records):
    """Return the largest difference of a probability for each array of records."""
    models = [load_pretrained(name, backend=backend) for backend in BACKENDS]
    return [
        np.abs(np.subtract(*(model.predict_proba(X) for model in models))).max()
        for X in records
    ]


def size(name):
    """Return the MB of a model's graphs."""
    members = pretrained_card(name).get("members", [name])
    folder = files("skecg.pretrained")
    return sum((folder / f"{m}.onnx").stat().st_size for m in members) / 1e6


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    plain = make_lvh_ecg(40, fs=100, random_state=0, as_xarray=True).data
    labelled = make_lvh_ecg(40, fs=500, random_state=0, as_xarray=True).data
    print("| model | file, MB | difference | labelled | ms | start, s | memory, MB |")
    print("|---|---|---|---|---|---|---|")
    for name in pretrained_names():
        taken = [[run(name, backend) for backend in BACKENDS] for _ in range(rounds)]
        onnx, keras = (
            [statistics.median(values) for values in zip(*of_backend, strict=True)]
            for of_backend in zip(*taken, strict=True)
        )
        cells = [
            f"{o:.{digits}f} / {k:.{digits}f}"
            for o, k, digits in zip(onnx, keras, (1, 2, 0), strict=True)
        ]
        chosen = plain.sel(lead=pretrained_card(name)["expects"]["leads"]).values
        apart = [f"{value:.1e}" for value in differences(name, (chosen, labelled))]
        print(f"| `{name}` |", " | ".join([f"{size(name):.1f}", *apart, *cells]), "|")


if __name__ == "__main__":
    main()
