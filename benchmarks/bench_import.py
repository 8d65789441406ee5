"""How long ``import skecg`` takes beside ``import sklearn``.

Run with ``python benchmarks/bench_import.py``. Each figure is the median of fresh
interpreters, their own start taken off, on a warm file cache.
"""

import argparse
import statistics
import subprocess
import sys
import time

STATEMENTS = (
    "import sklearn",
    "import skecg",
    "import sklearn, skecg",
    "import sklearn.base, sklearn.pipeline, sklearn.model_selection",
    "from skecg import ECGFilter, ECGResampler, ECGScaler, LVHCNNClassifier",
    "from skecg import RecordSampler",
    "from scikeras.wrappers import KerasClassifier",
)


def seconds(statement, n_runs):
    """Return the median time of fresh interpreters that run a statement."""
    times = []
    for _ in range(n_runs + 1):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", statement], check=True, stderr=subprocess.DEVNULL
        )
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])  # the first one fills the cache


def main():
    """Print a table of import times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    n_runs = parser.parse_args().runs
    empty = seconds("pass", n_runs)
    print(f"{'statement':65s} {'seconds':>8s}")
    for statement in STATEMENTS:
        print(f"{statement:65s} {seconds(statement, n_runs) - empty:8.3f}", flush=True)


if __name__ == "__main__":
    main()
