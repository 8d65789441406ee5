"""Measure what filters, sampling rates and resampling do to voltage.

    python benchmarks/voltage_by_preprocessing.py PTBXL

PTBXL is a folder in PTB-XL's layout that has records at 100 and at 500 Hz. Each
recording is measured at 500 Hz as it is, and again after each treatment. Printed are
the median relative change of two indices, over records in which they are above 0.5 mV,
and how many records reach Sokolow-Lyon voltage.
"""

import argparse

import numpy as np
from scipy.signal import butter, sosfilt

from skecg.criteria import voltage_indices
from skecg.datasets import load_ptbxl
from skecg.signal import filter_signal, measure_records, resample_signal

FS = 500


def causal(X):
    """Filter as a monitor does, in one direction, from 0.5 to 40 Hz."""
    sos = butter(2, (0.5, 40), "bandpass", fs=FS, output="sos")
    first = X[:, :1]  # starting there spares the filter the jump from 0
    return sosfilt(sos, X - first, axis=1)


def interpolated(X):
    """Bring 100 Hz to 500 Hz along straight lines."""
    n_times = X.shape[1] * 5
    at = np.arange(n_times) / 5
    left = np.minimum(at.astype(int), X.shape[1] - 2)
    part = (at - left)[:, np.newaxis]
    return X[:, left] * (1 - part) + X[:, left + 1] * part


def zero_phase(lowcut=None, highcut=None, **options):
    """Return skecg's filter with a band."""
    return lambda X: filter_signal(X, FS, lowcut=lowcut, highcut=highcut, **options)


AT_500 = {
    "`ECGFilter()`: 0.5 to 150 Hz": zero_phase(0.5, 150),
    "0.05 to 150 Hz": zero_phase(0.05, 150),
    "0.67 Hz high-pass": zero_phase(0.67),
    "0.5 to 100 Hz": zero_phase(0.5, 100),
    "0.5 to 40 Hz": zero_phase(0.5, 40),
    "0.5 to 40 Hz, `order=2`": zero_phase(0.5, 40, order=2),
    "0.5 to 40 Hz in one direction, with phase": causal,
    "`notch=50`": zero_phase(notch=50),
    "`ECGResampler`: to 100 Hz and back": lambda X: resample_signal(
        resample_signal(X, FS, 100), 100, FS
    ),
}
OF_100 = {
    "the 100 Hz files, `ECGResampler` to 500 Hz": lambda X: resample_signal(X, 100, FS),
    "the 100 Hz files, straight lines to 500 Hz": interpolated,
}


def indices(X):
    """Measure Sokolow-Lyon and Cornell voltage."""
    found = voltage_indices(measure_records(X, FS))
    return found["sokolow_lyon_voltage"], found["cornell_voltage"]


def show(name, raw, treated):
    """Print one row."""
    changes = []
    for before, after in zip(raw, treated, strict=True):
        large = before > 0.5
        changes.append(np.nanmedian(after[large] / before[large] - 1))
    positive = np.sum(treated[0] >= 3.5)
    print(f"| {name} | {changes[0]:+.1%} | {changes[1]:+.1%} | {positive} |")


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help="PTB-XL with records at 100 and 500 Hz")
    path = parser.parse_args().path
    high = load_ptbxl(path, fs=500, folds=range(1, 10), on_error="skip")
    low = load_ptbxl(path, fs=100, folds=range(1, 10), on_error="skip")
    _, at_high, at_low = np.intersect1d(
        high.metadata.index, low.metadata.index, return_indices=True
    )
    X, X_low = high.data[at_high], low.data[at_low]
    raw = indices(X)
    print(f"{len(X)} records\n")
    print("| treatment | Sokolow-Lyon | Cornell | Sokolow-Lyon positive |")
    print("|---|---|---|---|")
    show("none", raw, raw)
    for name, treat in AT_500.items():
        show(name, raw, indices(treat(X)))
    for name, treat in OF_100.items():
        show(name, raw, indices(treat(X_low)))


if __name__ == "__main__":
    main()
