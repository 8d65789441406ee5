"""Time filter_signal and resample_signal against scipy, MNE and NeuroKit2.

    python benchmarks/bench_signal.py [--n-records 1000] [--rounds 5]

Records are 10 s of 12 leads at 500 Hz, float32, synthetic. In each round every
implementation has its turn, so that other load on the machine meets all of them; the
tables show medians over the rounds. On a busy machine, the processor time says more
about the work than the clock does. A peer that is not installed is left out, with a
line that says so. Every filter has the same band and order: Butterworth, 0.5 to 150 Hz,
order 4, forward and backward.
"""

import argparse
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from scipy import signal

from skecg.signal import filter_signal, resample_signal

FS, TARGET_FS, ORDER, BAND = 500, 100, 4, (0.5, 150.0)
N_TIMES, N_LEADS = 10 * FS, 12
SOS = signal.butter(ORDER, BAND, "band", fs=FS, output="sos")
CHECKED = 20  # records whose error is measured
MIDDLE = slice(2, 8)  # s


def make_record(seed, fs=FS, noise=0.01):
    """Make one record of beats, wander and noise on an offset, in mV."""
    rng = np.random.default_rng(seed)
    t = np.arange(10 * fs) / fs
    beat = np.exp(-0.5 * (((t - rng.uniform(0, 0.8)) % 0.8 - 0.4) / 0.02) ** 2)
    wander = np.sin(2 * np.pi * 0.2 * t + rng.uniform(0, 6))
    size = rng.normal(size=(3, N_LEADS)) * [[1.5], [0.2], [0.5]]
    record = np.stack([beat, wander, np.ones_like(t)], axis=1) @ size
    return record + rng.normal(scale=noise, size=record.shape)


def make_records(n_records):
    """Make all records, without a second array of their size."""
    X = np.empty((n_records, N_TIMES, N_LEADS), np.float32)
    for seed in range(n_records):
        X[seed] = make_record(seed)
    return X


def filter_reference(X):
    """Filter in float64 with scipy on a record mirrored for 20 s at both ends."""
    X = signal.detrend(X.astype(np.float64), axis=1)
    n_added = 20 * FS
    X = np.pad(X, ((0, 0), (n_added, n_added), (0, 0)), mode="symmetric")
    return signal.sosfiltfilt(SOS, X, axis=1, padlen=0)[:, n_added:-n_added]


def filter_with_scipy(X):
    """Loop over the records, scipy's own padding."""
    return np.stack([signal.sosfiltfilt(SOS, record, axis=0) for record in X])


def filter_with_mne(X):
    """Give MNE all records at once, in the float64 and the order it wants."""
    import mne

    iir = {"order": ORDER, "ftype": "butter", "output": "sos"}
    data = np.ascontiguousarray(X.transpose(0, 2, 1), dtype=np.float64)
    data = mne.filter.filter_data(
        data, FS, *BAND, method="iir", iir_params=iir, copy=False, verbose="error"
    )
    return data.transpose(0, 2, 1)


def filter_with_mne_fir(X):
    """MNE's default, a linear-phase FIR filter of the same band."""
    import mne

    data = np.ascontiguousarray(X.transpose(0, 2, 1), dtype=np.float64)
    with warnings.catch_warnings():
        # The 0.5 Hz filter is longer than a few of the records MNE is made for.
        warnings.simplefilter("ignore")
        data = mne.filter.filter_data(data, FS, *BAND, copy=False, verbose="error")
    return data.transpose(0, 2, 1)


def filter_with_neurokit(X):
    """Loop over records and leads, as NeuroKit2 takes one lead at a time."""
    import neurokit2

    low, high = BAND
    return np.stack(
        [
            np.stack(
                [
                    neurokit2.signal_filter(
                        lead, FS, low, high, method="butterworth", order=ORDER
                    )
                    for lead in record.T
                ],
                axis=1,
            )
            for record in X
        ]
    )


def resample_with_scipy(X):
    """Loop over the records with scipy's polyphase filter, ends padded by a line."""
    up, down = TARGET_FS, FS
    return np.stack(
        [signal.resample_poly(x, up, down, axis=0, padtype="line") for x in X]
    )


def resample_with_scipy_fft(X):
    """Loop over the records with scipy's FFT resampler."""
    n_out = N_TIMES * TARGET_FS // FS
    return np.stack([signal.resample(record, n_out, axis=0) for record in X])


def resample_with_mne(X):
    """Give MNE all records at once, in the float64 and the order it wants."""
    import mne

    data = np.ascontiguousarray(X.transpose(0, 2, 1), dtype=np.float64)
    data = mne.filter.resample(data, TARGET_FS, FS, verbose="error")
    return data.transpose(0, 2, 1)


FILTERS = {
    "skecg `filter_signal`, new array": lambda X: filter_signal(
        X, FS, *BAND, order=ORDER
    ),
    "loop over scipy `sosfiltfilt`": filter_with_scipy,
    "MNE `filter_data`, Butterworth": filter_with_mne,
    "MNE `filter_data`, default FIR": filter_with_mne_fir,
    "NeuroKit2 `signal_filter`": filter_with_neurokit,
}
RESAMPLERS = {
    "skecg `resample_signal`": lambda X: resample_signal(X, FS, TARGET_FS),
    "the same, one thread": lambda X: resample_signal(X, FS, TARGET_FS, n_jobs=1),
    "loop over scipy `resample_poly`": resample_with_scipy,
    "loop over scipy `resample` (FFT)": resample_with_scipy_fft,
    "MNE `resample`": resample_with_mne,
}
SLOW = {"MNE": 5, "NeuroKit2": 20}  # these are given a part of the records


def add_own_output(jobs, X):
    """Put our filter with an output array of the caller's before the other jobs."""
    out = np.full_like(X, np.nan)

    def filter_into(X, n_jobs=-1):
        given = out[: len(X)]
        return filter_signal(X, FS, *BAND, order=ORDER, out=given, n_jobs=n_jobs)

    own = {
        "skecg `filter_signal(out=...)`": filter_into,
        "the same, one thread": partial(filter_into, n_jobs=1),
    }
    return own | jobs


def installed(jobs):
    """Leave out the peers that can't be imported, and say so."""
    kept = {}
    for name, job in jobs.items():
        try:
            job(make_records(1))
        except ImportError as error:
            print(f"{name} is left out: {error}.")
        else:
            kept[name] = job
    return kept


def measure(jobs, X, n_rounds):
    """Return each job's s of wall clock and of processor a record, a row a round."""
    times = {name: [] for name in jobs}
    order = list(jobs)
    for _ in range(n_rounds):
        # Else the first would always be the one to ask the system for fresh memory,
        # which on a virtual machine can take as long as the filter.
        order = order[1:] + order[:1]
        for name in order:
            part = SLOW.get(name.split(maxsplit=1)[0], 1)
            records = X[: max(1, len(X) // part)]
            start = np.array([time.perf_counter(), time.process_time()])
            jobs[name](records)
            stop = np.array([time.perf_counter(), time.process_time()])
            times[name].append((stop - start) / len(records))
    return {name: np.array(rows) for name, rows in times.items()}


def show_table(title, jobs, X, n_rounds, references):
    """Time the jobs and print the table."""
    jobs = installed(jobs)
    times = measure(jobs, X, n_rounds)
    ours = next(iter(times.values()))
    columns = ["records/s", "skecg is faster by", "processor ms/record", *references]
    print(f"\n| {title} | {' | '.join(columns)} |")
    print("|---|" + "---|" * len(columns))
    for name, job in jobs.items():
        errors = [
            f"{1000 * np.abs(job(given)[:, where] - true[:, where]).max():,.2g}"
            for given, true, where in references.values()
        ]
        print(
            f"| {name} | {1 / np.median(times[name][:, 0]):,.0f} "
            f"| {np.median(times[name][:, 0] / ours[:, 0]):.1f} "
            f"| {1000 * np.median(times[name][:, 1]):.2f} | {' | '.join(errors)} |"
        )


def show_memory(n_records):
    """Print each job's peak of memory beyond input and output, in its own process."""
    print(f"\n| {n_records:,} records | peak beyond input and output, part of X |")
    print("|---|---|")
    for job in ("filter", "filter in place", "resample"):
        command = [sys.executable, __file__, "--n-records", str(n_records)]
        run = subprocess.run(
            [*command, "--memory-of", job], check=True, capture_output=True, text=True
        )
        print(f"| {job} | {float(run.stdout):.2%} |")


def peak_memory():
    """Return the process's peak of memory so far, in bytes, as Linux tells it."""
    # Not getrusage: a new process inherits the peak of the one that started it.
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def memory_of(job, n_records):
    """Return one job's peak beyond input and output as a part of X."""
    jobs = {
        "filter": lambda X: filter_signal(X, FS, *BAND, order=ORDER),
        "filter in place": lambda X: filter_signal(X, FS, *BAND, order=ORDER, out=X),
        "resample": lambda X: resample_signal(X, FS, TARGET_FS),
    }
    X = make_records(n_records)
    before = peak_memory()
    result = jobs[job](X)
    new = 0 if result is X else result.nbytes
    return (peak_memory() - before - new) / X.nbytes


def main():
    """Run every implementation and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n-records", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_of:
        print(memory_of(arguments.memory_of, arguments.n_records))
        return

    X = make_records(arguments.n_records)
    some = X[:CHECKED]
    expected = filter_reference(some)
    middle = slice(MIDDLE.start * FS, MIDDLE.stop * FS)
    references = {
        "largest error, uV": (some, expected, slice(None)),
        "from 2 to 8 s, uV": (some, expected, middle),
    }
    title = f"0.5 to 150 Hz, {len(X):,} x {N_TIMES:,} x {N_LEADS}"
    show_table(title, add_own_output(FILTERS, X), X, arguments.rounds, references)

    # Without noise, the waves are known at every time.
    clean = np.stack([make_record(k, FS, 0) for k in range(CHECKED)])
    clean = clean.astype(np.float32)
    true = np.stack([make_record(k, TARGET_FS, 0) for k in range(CHECKED)])
    middle = slice(MIDDLE.start * TARGET_FS, MIDDLE.stop * TARGET_FS)
    references = {
        "largest error, uV": (clean, true, slice(None)),
        "from 2 to 8 s, uV": (clean, true, middle),
    }
    title = f"{FS} to {TARGET_FS} Hz, {len(X):,} x {N_TIMES:,} x {N_LEADS}"
    show_table(title, RESAMPLERS, X, arguments.rounds, references)
    show_memory(arguments.n_records)


if __name__ == "__main__":
    main()
