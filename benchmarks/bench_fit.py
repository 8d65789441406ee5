"""Time training against SciKeras, plain Keras and PyTorch, and searches in processes.

    python benchmarks/bench_fit.py [--rounds 5] [--n-records 512] [--only fits ...]

`--only` takes some of: fits, training, search, long-search. The last has four fits of
at least 20 s; with ``--rounds 1`` it takes about four minutes on two idle cores.

Every way has its turn in each round, and another one begins each round, so that other
load on the machine meets all of them. Tables show medians over the rounds of the wall
time and of the processor time of this process, which other load changes less. PyTorch
is left out where it is not installed, and has no processor time, as it runs in a
process of its own. Records are noise of 1,000 x 12 in float32.
"""

import argparse
import os
import subprocess
import sys
import time
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from networks import KERAS, N_LEADS, N_TIMES
from sklearn.base import clone
from torch_worker import TorchWorker, is_installed

from skecg import LVHCNNClassifier
from skecg.networks import build_cnn
from skecg.training import Architecture, Course, Optimization, Records, train

BATCH_SIZE = 32
EPOCHS = 3
SMALL_CNN = LVHCNNClassifier(
    filters=(16, 32), kernel_sizes=5, batch_size=32, epochs=2, random_state=0
)
SEARCH = """
import sys, time
import numpy as np
from sklearn.model_selection import GridSearchCV
from skecg import LVHCNNClassifier
from skecg.networks import build_cnn

rng = np.random.default_rng(0)
X = rng.normal(size=(400, 1000, 12)).astype(np.float32)
n_jobs, n_rates, n_folds, epochs, n_runs = map(int, sys.argv[1:])
network = LVHCNNClassifier(filters=(32, 64, 64), kernel_sizes=5, epochs=epochs)
rates = np.geomspace(3e-4, 3e-3, n_rates)
search = GridSearchCV(network, {"learning_rate": rates}, cv=n_folds,
                      n_jobs=n_jobs, refit=False, scoring="roc_auc")
for _ in range(n_runs):
    start = time.perf_counter()
    search.fit(X, np.arange(400) % 2)
    print(time.perf_counter() - start, search.cv_results_["mean_fit_time"].mean())
"""
LONG_FIT = 21.0
"""Seconds of a fit of the long search, a little above the 20 that are claimed."""


def make_records(n_records, n_times=N_TIMES):
    """Make noise, and classes by turns."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_records, n_times, N_LEADS), dtype=np.float32)
    return X, np.arange(n_records) % 2


def time_in_turns(ways, rounds):
    """Run each way once to warm up, then in turns; return seconds of each.

    They are pairs of the wall and the processor time.
    """
    first = {name: seconds(way) for name, way in ways.items()}
    times = {name: [] for name in ways}
    names = list(ways)
    for k in range(rounds):
        for name in names[k % len(names) :] + names[: k % len(names)]:
            times[name].append(seconds(ways[name]))
    return first, {name: np.array(values) for name, values in times.items()}


def seconds(way):
    """Return the wall and the processor time of one call."""
    start = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def plain_scikeras(X, y):
    """Return a fit of the small CNN as SciKeras alone does it."""
    from scikeras.wrappers import KerasClassifier  # noqa: TID251 - the peer

    def build():
        return build_cnn(X.shape[1:], 2, **SMALL_CNN._parameters_of(build_cnn))

    classifier = KerasClassifier(
        build,
        loss="binary_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
        epochs=2,
        batch_size=32,
        verbose=0,
    )
    return lambda: clone(classifier).fit(X, y)


def compare_fits(rounds):
    """Time clone and fit of a small CNN, again and again."""
    X, y = make_records(120, 250)
    ways = {
        "skecg, clone + fit": lambda: clone(SMALL_CNN).fit(X, y),
        "SciKeras, clone + fit": plain_scikeras(X, y),
    }
    first, times = time_in_turns(ways, 3 * rounds)
    peer = times["SciKeras, clone + fit"]
    print("\n| small CNN, 2 epochs | first, s | later, s | faster than SciKeras by |")
    print("|---|---|---|---|")
    for name, values in times.items():
        ratio = np.median(peer[:, 0] / values[:, 0])
        later = np.median(values[:, 0])
        print(f"| {name} | {first[name][0]:.2f} | {later:.3f} | {ratio:.1f} |")


def train_with_skecg(name, X, y):
    """Return a fit of skecg, from new weights."""
    architecture = Architecture(KERAS[name], X.shape[1:], 2, ())
    course = Course(1e-3, "constant", BATCH_SIZE, EPOCHS)
    records = Records(X, y.astype(np.float32), np.arange(len(y)))
    return lambda: train(architecture, Optimization("adam"), course, records)


def train_with_keras(name, X, y):
    """Return plain Keras' fit, with the same metrics; it goes on with its weights."""
    model = KERAS[name](X.shape[1:])
    model.compile(
        "adam",
        "binary_crossentropy",
        metrics=["accuracy", keras.metrics.AUC()],
        jit_compile=False,
    )
    return lambda: model.fit(X, y, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)


def compare_training(rounds, n_records):
    """Compare records per second in training."""
    print(
        f"\n| {n_records} records | records/s | skecg is faster by | processor time |"
    )
    print("|---|---|---|---|")
    for network in KERAS:
        n = n_records // 4 if "LSTM" in network else n_records
        X, y = make_records(n)
        ways = {
            "skecg": train_with_skecg(network, X, y),
            "Keras `fit`": train_with_keras(network, X, y),
        }
        if is_installed():
            worker = TorchWorker(network, "train", n, BATCH_SIZE)
            ways["PyTorch"] = lambda worker=worker: [worker() for _ in range(EPOCHS)]
        _, times = time_in_turns(ways, rounds)
        for name, values in times.items():
            wall, processor = np.median(values / times["skecg"], axis=0)
            speed = EPOCHS * n / np.median(values[:, 0])
            of_processor = "" if name == "PyTorch" else f"{processor:.2f}"
            print(
                f"| {network}, {name} | {speed:.0f} | {wall:.2f} | {of_processor} |",
                flush=True,
            )


def run_search(n_jobs, n_rates, n_folds, epochs, n_runs=1):
    """Search in a new process; return seconds of each run and of its mean fit."""
    sizes = map(str, (n_jobs, n_rates, n_folds, epochs, n_runs))
    command = [sys.executable, "-c", SEARCH, *sizes]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [[float(v) for v in line.split()] for line in done.stdout.splitlines()]


def compare_search(rounds):
    """Time a search of 12 fits with one and with two processes of joblib."""
    print("\n| GridSearchCV, 12 fits of 300 records | first, s | second, s |")
    print("|---|---|---|")
    times = {1: [], 2: []}
    for _ in range(rounds):
        for n_jobs, values in times.items():
            runs = run_search(n_jobs, n_rates=3, n_folds=4, epochs=2, n_runs=2)
            values.append([seconds for seconds, _ in runs])
    for n_jobs, values in times.items():
        first, second = np.median(values, axis=0)
        print(f"| `n_jobs={n_jobs}` | {first:.1f} | {second:.1f} |")


def compare_long_search(rounds):
    """Time a search of 4 fits of at least 20 s with one and with two processes."""
    few, more = 4, 24
    (_, short), (_, long) = (run_search(1, 1, 2, n, n_runs=2)[-1] for n in (few, more))
    epochs = more + int(np.ceil((LONG_FIT - long) / (long - short) * (more - few)))
    print(f"\n| GridSearchCV, 4 fits of {epochs} epochs | whole, s | a fit, s |")
    print("|---|---|---|")
    times = {1: [], 2: []}
    for _ in range(rounds):
        for n_jobs, values in times.items():
            values += run_search(n_jobs, n_rates=2, n_folds=2, epochs=epochs)
    for n_jobs, values in times.items():
        whole, fit = np.median(values, axis=0)
        print(f"| `n_jobs={n_jobs}` | {whole:.1f} | {fit:.1f} |")


def main():
    """Do all, or what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n-records", type=int, default=512)
    parser.add_argument(
        "--only", nargs="+", default=["fits", "training", "search"], metavar="PART"
    )
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if "fits" in args.only:
        compare_fits(args.rounds)
    if "training" in args.only:
        compare_training(args.rounds, args.n_records)
    if "search" in args.only:
        compare_search(min(args.rounds, 3))
    if "long-search" in args.only:
        compare_long_search(min(args.rounds, 2))


if __name__ == "__main__":
    main()
