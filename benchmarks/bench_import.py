"""How long ``import skecg`` takes beside ``import sklearn``, and a command to start.

Run with ``python benchmarks/bench_import.py``. Each figure is the median of fresh
interpreters, their own start taken off, on a warm file cache.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STATEMENTS = (
    "import sklearn",
    "import skecg",
    "import sklearn, skecg",
    "import sklearn.base, sklearn.pipeline, sklearn.model_selection",
    "from skecg import ECGFilter, ECGResampler, ECGScaler, LVHCNNClassifier",
    "from skecg import RecordSampler",
    "from scikeras.wrappers import KerasClassifier",
)
COMMANDS = ("--help", "--version", "models", "info FILE")


def seconds(words, n_runs):
    """Return the median time of fresh interpreters with some arguments."""
    times = []
    for _ in range(n_runs + 1):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])  # the first one fills the cache


def main():
    """Print a table of import times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    n_runs = parser.parse_args().runs
    empty = seconds(["-c", "pass"], n_runs)
    print(f"{'statement or command':65s} {'seconds':>8s}")
    for statement in STATEMENTS:
        taken = seconds(["-c", statement], n_runs) - empty
        print(f"{statement:65s} {taken:8.3f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "record.csv")
        file.write_text("# fs: 500, units: mV\nI,II\n" + "0.1,0.3\n" * 5000)
        for command in COMMANDS:
            words = command.replace("FILE", str(file)).split()
            taken = seconds(["-m", "skecg", *words], n_runs) - empty
            print(f"{'skecg ' + command:65s} {taken:8.3f}", flush=True)


if __name__ == "__main__":
    main()
