"""``skecg predict`` of many files: files a second, and memory from first to last.

    python benchmarks/bench_cli.py [--files 10000] [--ways one two dask]

The files are links to one synthetic recording of 10 s at 500 Hz (NPZ, 0.5 MB). Memory
is that of the process that writes the rows; Dask runs two workers on this machine.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from skecg import make_lvh_ecg, write_ecg

WAYS = {"one": [], "two": ["--jobs", "2"], "dask": ["--dask"]}


def make_files(folder, n_files):
    """Write a recording, and links to it."""
    record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    first = folder / "00000.npz"
    write_ecg(record, first)
    for k in range(1, n_files):
        os.link(first, folder / f"{k:05d}.npz")


def memory(process):
    """Return the MB that a process holds now, or None when it has ended."""
    try:
        pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(folder, out, n_files, options):
    """Return the seconds of a run, and its memory after a tenth and at the end."""
    words = ["predict", str(folder), "--model", "ptbxl_lstm", "-o", str(out), *options]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "skecg", *words], stderr=subprocess.DEVNULL
    )
    early = late = 0.0
    while process.poll() is None:
        time.sleep(0.5)
        n_rows = out.read_bytes().count(b"\n") if out.exists() else 0
        held = memory(process) or late
        if n_rows <= n_files / 10:
            early = max(early, held)
        late = max(late, held)
    seconds = time.perf_counter() - start
    assert process.returncode == 0, process.returncode
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == n_files
    assert {row["status"] for row in rows} == {"ok"}
    return seconds, early, late


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as stack:
        folder = Path(place, "files")
        folder.mkdir()
        make_files(folder, args.files)
        print("| way | files/s | MB after a tenth | MB at most |\n|---|---|---|---|")
        for way in args.ways:
            options = list(WAYS[way])
            if way == "dask":
                from distributed import LocalCluster

                cluster = LocalCluster(2, threads_per_worker=1, dashboard_address=None)
                options.append(stack.enter_context(cluster).scheduler_address)
            out = Path(place, f"{way}.jsonl")
            seconds, early, late = run(folder, out, args.files, options)
            shown = " ".join(["skecg predict", *WAYS[way]])
            rate = args.files / seconds
            print(f"| `{shown}` | {rate:.0f} | {early:.0f} | {late:.0f} |", flush=True)


if __name__ == "__main__":
    main()
