"""Draw real records with their marks, worst cases first, to be looked at by eye.

    python benchmarks/draw_worst_records.py PTBXL OUT.pdf [--by KIND] [--n-records 24]

PTBXL is a folder in PTB-XL's layout that has records at 100 and at 500 Hz. Every record
is measured at both rates. Four things make it a worst case, each over the value that
one record in ten exceeds:

- ``voltages``: how far R and S at 100 Hz are from those at 500 Hz (root mean square
  over the leads), and leads that could not be measured;
- ``noise``: of the recording itself, how far its beats differ from their median;
- ``beats``: the share of beats left out of the median beat;
- ``intervals``: how far QRS, PR and QT at 100 Hz are from those at 500 Hz, and how far
  outside the usual ones.

Their sum ranks the records, or one of them with ``--by``. A page has the recording, the
median beats at 500 Hz with all marks, and in blue the median beats at 100 Hz. With a
name that ends in .png, OUT is one file a page: OUT-01.png and so on. The pages hold
recordings, so they do not belong into a repository.
"""

import argparse
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_pdf import PdfPages

from skecg import ECGDisplay, MedianBeatDisplay
from skecg.datasets import load_ptbxl
from skecg.signal import (
    LEAD_NAMES,
    REASONS,
    classify_beats,
    detect_beats,
    measure_records,
    median_beat,
)

FS = 500
PAGE = 16  # inches, its width
USUAL = {
    "qrs_duration": (70, 110),
    "pr_interval": (120, 200),
    "qt_interval": (340, 440),
}
MISSING = 0.3  # mV: what a lead measured at one rate alone counts


def load_both(path, folds):
    """Return the records that exist at both rates, and their metadata."""
    high, low = (
        load_ptbxl(path, fs=fs, folds=folds, on_error="skip") for fs in (FS, 100)
    )
    _, one, two = np.intersect1d(
        high.metadata.index, low.metadata.index, return_indices=True
    )
    return high.data[one], low.data[two], high.metadata.iloc[one]


def voltage_error(table, other):
    """Return how far R and S differ, root mean square over the leads, in mV."""
    waves = [f"{wave}_{lead}" for wave in "RS" for lead in LEAD_NAMES]
    change = np.stack([table[name] - other[name] for name in waves], axis=1)
    return np.sqrt(np.square(np.nan_to_num(change, nan=MISSING)).mean(axis=1))


def restlessness(records):
    """Return how far the beats differ from their median beat, in mV.

    The median over beats and leads of the root mean square over 0.8 s around the beat.
    """
    size = np.zeros(len(records))
    for k, record in enumerate(records):
        x = record.astype(np.float64) - np.median(record, axis=0)
        beats, classes = classify_beats(x, FS, detect_beats(x, FS))
        typical = median_beat(x, FS, beats, classes)
        kept = beats[(beats > 0.4 * FS) & (beats + 0.65 * FS < len(x))]
        apart = [x[b - 200 : b + 325] - typical for b in kept]
        apart = [a - np.median(a, axis=0) for a in apart]
        if apart:
            size[k] = np.median(np.sqrt(np.square(apart).mean(axis=1)))
    return np.nan_to_num(size, nan=1.0)


def interval_error(table, other):
    """Return how far intervals differ between the rates and from usual ones, in ms."""
    total = np.zeros(len(table))
    for name, (shortest, longest) in USUAL.items():
        value = table[name]
        change = np.abs(value - other[name])
        change[np.isnan(value) != np.isnan(other[name])] = 40.0
        odd = np.maximum(shortest - value, value - longest)
        total += np.nan_to_num(change) + 0.5 * np.nan_to_num(np.maximum(odd, 0))
    return total


def rank(table, other, records):
    """Return each kind's size over the one that a tenth of the records exceed."""
    sizes = {
        "voltages": voltage_error(table, other),
        "noise": restlessness(records),
        "beats": 1 - table["n_used"] / np.maximum(table["n_beats"], 1),
        "intervals": interval_error(table, other),
    }
    return {kind: size / np.quantile(size, 0.9) for kind, size in sizes.items()}


def describe(row, other):
    """Return in words what differs most between the rates."""
    if row["reason"] or other["reason"]:
        return f"500 Hz: {REASONS[row['reason']]}; 100 Hz: {REASONS[other['reason']]}"
    waves = [f"{wave}_{lead}" for wave in "RS" for lead in LEAD_NAMES]
    change = np.nan_to_num([abs(row[name] - other[name]) for name in waves])
    worst = [waves[k] for k in np.argsort(-change)[:3]]
    names = [*worst, *USUAL]
    return "100 Hz against 500 Hz: " + ", ".join(
        f"{name.replace('_', ' ')} {other[name]:.3g}/{row[name]:.3g}" for name in names
    )


def draw_page(title, record, high, low, k, person):
    """Return a figure with one record and its median beats."""
    figure = plt.figure(figsize=(PAGE, PAGE))
    above, below = figure.add_axes((0, 0, 1, 1)), figure.add_axes((0, 0, 1, 1))
    ECGDisplay.from_record(record, fs=FS, lead_names=LEAD_NAMES, title=title, ax=above)
    display = MedianBeatDisplay(
        high.beats[k],
        high.fs,
        [mark[k] for mark in high.marks],
        high.table[k],
        title=describe(high.table[k], low.table[k]),
        **person,
    ).plot(below)
    for lead, line in display.lines_.items():
        draw_other(below, line, low.beats[k][:, LEAD_NAMES.index(lead)], display.gain)
    heights = [
        PAGE * np.ptp(ax.get_ylim()) / np.ptp(ax.get_xlim()) for ax in figure.axes
    ]
    figure.set_size_inches(PAGE, sum(heights))
    share = heights[1] / sum(heights)
    above.set_position((0, share, 1, 1 - share))
    below.set_position((0, 0, 1, share))
    return figure


def draw_other(ax, line, beat, gain):
    """Draw another median beat of the same rate where it fits a drawn one best."""
    x, y = line.get_data()
    shown = np.flatnonzero(np.isfinite(y))
    if not len(shown) or np.isnan(beat).any():
        return
    trace = gain * beat
    qrs = shown[(shown > 160) & (shown < 260)]
    shifts = range(-20, 21)
    apart = [np.ptp(y[qrs] - trace[qrs + shift]) for shift in shifts]
    shift = shifts[int(np.argmin(apart))]
    inside = shown[(shown + shift >= 0) & (shown + shift < len(trace))]
    moved = trace[inside + shift]
    moved += np.median(y[inside] - moved)
    ax.plot(x[inside], moved, color="#0072B2", linewidth=0.6, alpha=0.8)


def main():
    """Measure, rank, draw, and print the list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", help="PTB-XL with records at 100 and 500 Hz")
    parser.add_argument("out", type=Path, help="OUT.pdf or OUT.png")
    parser.add_argument("--by", choices=("voltages", "noise", "beats", "intervals"))
    parser.add_argument("--n-records", type=int, default=24)
    parser.add_argument("--folds", type=int, nargs="*", help="of PTB-XL; default all")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # of records that are skipped
    records, records_low, metadata = load_both(arguments.path, arguments.folds)
    high = measure_records(records, FS, return_beats=True)
    low = measure_records(records_low, 100, return_beats=True)
    sizes = rank(high.table, low.table, records)
    total = sizes[arguments.by] if arguments.by else sum(sizes.values())
    order = np.argsort(-total, kind="stable")[: arguments.n_records]
    print(f"{len(records)} records, the worst {len(order)}; 1 is the ninth decile\n")
    print(f"| page | record | {' | '.join(sizes)} | beats | statements |")
    print("|---" * (len(sizes) + 4) + "|")
    pdf = PdfPages(arguments.out) if arguments.out.suffix == ".pdf" else None
    for page, k in enumerate(order.tolist(), start=1):
        row = metadata.iloc[k]
        parts = " | ".join(f"{size[k]:.1f}" for size in sizes.values())
        used = f"{high.table['n_used'][k]} of {high.table['n_beats'][k]}"
        print(
            f"| {page} | {metadata.index[k]} | {parts} | {used} | {row['scp_codes']} |"
        )
        title = f"{page}: record {metadata.index[k]}; {row['scp_codes']}"
        age = row["age"] if row["age"] <= 90 else None
        person = {"sex": row["sex"], "age": age}
        figure = draw_page(title, records[k], high, low, k, person)
        if pdf is not None:
            pdf.savefig(figure)
        else:
            name = f"{arguments.out.stem}-{page:02d}.png"
            figure.savefig(arguments.out.with_name(name), dpi=80)
        plt.close(figure)
    if pdf is not None:
        pdf.close()


if __name__ == "__main__":
    main()
