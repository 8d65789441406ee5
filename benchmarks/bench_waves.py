"""Measure how exact and how fast beats and waves are found, beside other packages.

    python benchmarks/bench_waves.py [PTBXL] [--n-records 300] [--neurokit-records 3]

Synthetic records have a known truth: beats, R and S amplitudes and QRS duration. With
PTBXL, a folder in PTB-XL's layout that has records at 100 and at 500 Hz, the two
versions of each record are compared as well. NeuroKit2, wfdb and sleepecg find beats on
the same records where they are installed. Times are of the same run: other packages
take one lead at a time, so a record costs them twelve calls.
"""

import argparse
import os
import time
import warnings

import numpy as np
from shaped_beats import SHAPES, make_shaped_beats

from skecg.criteria import voltage_indices
from skecg.datasets import load_ptbxl, make_lvh_ecg
from skecg.signal import LEAD_NAMES, REASONS, detect_beats, measure_records

FS = 500
TOLERANCE = 0.05  # s: a beat found so near to a true one is that one
MARGIN = 0.15  # s: beats so near an end of the record are not counted
COHORTS = ((500, 1.0), (500, 3.0), (100, 1.0))  # sampling rate, factor on the noise


def count_beats(found, true, duration):
    """Return how many beats were missed, how many are false, and how many there are."""

    def inside(times):
        return times[(times > MARGIN) & (times < duration - MARGIN)]

    def unmatched(times, others):
        return sum(np.abs(others - t).min(initial=9) > TOLERANCE for t in times)

    true, found = np.asarray(true), np.asarray(found)
    missed = unmatched(inside(true), found)
    return np.array([missed, unmatched(inside(found), true), len(inside(true))])


def count_in(cohort, detector):
    """Return missed, false and all beats of a cohort; `detector` gives samples."""
    total = np.zeros(3)
    for record, true in zip(cohort.data, cohort.r_times, strict=True):
        found = np.asarray(detector(record)) / cohort.fs
        total += count_beats(found, true, len(record) / cohort.fs)
    return total


def waves(table, name):
    """Return one wave of the twelve leads."""
    return np.stack([table[f"{name}_{lead}"] for lead in LEAD_NAMES], axis=1)


def show_truth(n_records):
    """Print the errors against the known truth."""
    columns = (
        "missed | false | R within 0.05 mV or 5 % | S likewise | R, S over 0.1 mV "
        "| QRS duration, mean error | mean absolute error"
    )
    print(f"| records | beats | {columns} |\n|---|---|---|---|---|---|---|---|---|")
    for fs, noise in COHORTS:
        cohort = make_lvh_ecg(n_records, fs=fs, noise=noise, random_state=11)
        beats = count_in(cohort, lambda record, fs=fs: detect_beats(record, fs))
        table = measure_records(cohort.data, fs)
        close, tall = {}, {}
        for wave in "RS":
            true = cohort.amplitudes[wave]
            error = np.abs(waves(table, wave) - true)
            close[wave] = error <= np.maximum(0.05, 0.05 * true)
            tall[wave] = close[wave][true > 0.1]
        error = table["qrs_duration"] - cohort.qrs_duration
        print(
            f"| {n_records} at {fs} Hz, noise x {noise:g} | {beats[2]:,.0f} "
            f"| {beats[0] / beats[2]:.2%} | {beats[1] / beats[2]:.2%} "
            f"| {close['R'].mean():.1%} | {close['S'].mean():.1%} "
            f"| {np.concatenate([tall['R'], tall['S']]).mean():.1%} "
            f"| {np.nanmean(error):+.1f} ms | {np.nanmean(np.abs(error)):.1f} ms |"
        )


def show_shapes(n_records):
    """Print the errors of intervals on beats of unusual shape, mean and spread."""
    intervals = ("qrs_duration", "qt_interval", "pr_interval")
    errors = {}
    for shape in SHAPES:
        beats = make_shaped_beats(shape, n_records, random_state=21)
        table = measure_records(beats.data, FS)
        errors[shape] = [table[name] - beats.truth[name] for name in intervals]
    errors["all"] = [
        np.concatenate(rows) for rows in zip(*errors.values(), strict=True)
    ]
    print("\n| shape | QRS, ms | QT, ms | PR, ms |\n|---|---|---|---|")
    for shape, rows in errors.items():
        cells = [f"{np.nanmean(row):+.1f}, {np.nanstd(row):.1f}" for row in rows]
        print(f"| {shape} | {' | '.join(cells)} |")


def show_levels(n_records):
    """Print the error of QRS by the level above which the truth counts a wave."""
    levels = (5, 10, 20, 40)
    print(f"\n| QRS, ms, by noise | {' | '.join(f'{uv} uV' for uv in levels)} |")
    print("|---" * (len(levels) + 1) + "|")
    for noise in (0.0, 1.0, 3.0):
        table, cells = None, []
        for level in levels:
            beats = make_shaped_beats(
                "usual", n_records, noise=noise, edge=level / 1000, random_state=21
            )
            if table is None:
                table = measure_records(beats.data, FS)
            error = table["qrs_duration"] - beats.truth["qrs_duration"]
            cells.append(f"{np.nanmean(error):+.1f}, {np.nanstd(error):.1f}")
        print(f"| x {noise:g} | {' | '.join(cells)} |")


def show_real(path, folds):
    """Print what is measured at 500 Hz, and how it changes at 100 Hz."""
    high = load_ptbxl(path, fs=500, folds=folds, on_error="skip")
    low = load_ptbxl(path, fs=100, folds=folds, on_error="skip")
    _, rows_high, rows_low = np.intersect1d(
        high.metadata.index, low.metadata.index, return_indices=True
    )
    table = measure_records(high.data, FS)
    reasons = np.bincount(table["reason"], minlength=len(REASONS))
    told = ", ".join(f"{n} {REASONS[k]}" for k, n in enumerate(reasons) if n)
    print(f"\n{len(table):,} records at 500 Hz: {told}.")
    table = table[rows_high]
    other = measure_records(low.data[rows_low], 100)
    print(f"\n{len(table):,} records at both rates, 100 Hz against 500 Hz\n")
    print("| measurement | median change | median absolute change |\n|---|---|---|")
    one, two = voltage_indices(table), voltage_indices(other)
    pairs = {name: (one[name], two[name]) for name in one if name != "cornell_product"}
    for wave in "RS":
        true, found = waves(table, wave), waves(other, wave)
        tall = true > 0.3
        pairs[f"{wave} over 0.3 mV, all leads"] = true[tall], found[tall]
    for name, (true, found) in pairs.items():
        change = found / np.where(true > 0.1, true, np.nan) - 1
        print(
            f"| {name} | {np.nanmedian(change):+.1%} "
            f"| {np.nanmedian(np.abs(change)):.1%} |"
        )
    for name in ("qrs_duration", "pr_interval", "qt_interval"):
        change = other[name] - table[name]
        print(
            f"| {name} | {np.nanmedian(change):+.0f} ms "
            f"| {np.nanmedian(np.abs(change)):.0f} ms |"
        )


def neurokit_beats(lead):
    """Find beats as NeuroKit2's tutorial does."""
    import neurokit2

    clean = neurokit2.ecg_clean(lead, sampling_rate=FS)
    return neurokit2.ecg_peaks(clean, sampling_rate=FS)[1]["ECG_R_Peaks"]


def xqrs_beats(lead):
    """Find beats with wfdb's XQRS."""
    from wfdb.processing import XQRS

    detector = XQRS(sig=lead.astype(np.float64), fs=FS)
    detector.detect(verbose=False)
    return detector.qrs_inds


def sleepecg_beats(lead):
    """Find beats with sleepecg."""
    import sleepecg

    return sleepecg.detect_heartbeats(lead.astype(np.float64), FS)


PEERS = {
    "NeuroKit2 `ecg_peaks`": neurokit_beats,
    "wfdb `XQRS`": xqrs_beats,
    "sleepecg": sleepecg_beats,
}


def show_detectors(n_records):
    """Print the beats that each detector misses and invents on the same records."""
    print("\n| detector | leads | noise | missed | false | processor ms/record |")
    print("|---|---|---|---|---|---|")
    skipped = []
    for noise in (1.0, 3.0):
        cohort = make_lvh_ecg(n_records, fs=FS, noise=noise, random_state=7)
        show_detector("skecg `detect_beats`", None, noise, cohort)
        for lead in ("II", "V1", "V5"):
            show_detector("skecg `detect_beats`", lead, noise, cohort)
            for name, detector in PEERS.items():
                try:
                    show_detector(name, lead, noise, cohort, detector)
                except ImportError as error:
                    skipped.append(f"{name} is left out: {error}.")
    print("\n".join(["", *dict.fromkeys(skipped)]))


def show_detector(name, lead, noise, cohort, detector=None):
    """Print one detector's row; ours takes any number of leads."""
    if lead is None:

        def find(record):
            return detect_beats(record, FS)
    else:
        column = LEAD_NAMES.index(lead)

        def find(record):
            if detector is None:
                return detect_beats(record[:, [column]], FS)
            try:
                return detector(record[:, column])
            except (ValueError, IndexError):  # a peer found nothing in a lead
                return []

    find(cohort.data[0])  # what the first call costs more is not counted
    start = time.process_time()
    missed, false, beats = count_in(cohort, find)
    spent = 1000 * (time.process_time() - start) / len(cohort.data)
    print(
        f"| {name} | {lead or 'all 12'} | x {noise:g} | {missed / beats:.2%} "
        f"| {false / beats:.2%} | {spent:,.1f} |",
        flush=True,
    )


def measure_with_neurokit(record):
    """Process and delineate twelve leads one by one; give up leads that raise."""
    import neurokit2

    for lead in record.T:
        try:
            signals, found = neurokit2.ecg_process(lead, sampling_rate=FS)
            neurokit2.ecg_delineate(
                signals["ECG_Clean"], found["ECG_R_Peaks"], sampling_rate=FS
            )
        except (ValueError, IndexError, ZeroDivisionError):
            continue


def clocks_of(function, *args, **options):
    """Return the seconds of wall clock and of processor that one call takes."""
    start = np.array([time.perf_counter(), time.process_time()])
    function(*args, **options)
    return np.array([time.perf_counter(), time.process_time()]) - start


def show_speed(n_records, n_neurokit):
    """Print records a second, ours and NeuroKit2's in one run."""
    X = make_lvh_ecg(n_records, fs=FS, random_state=1).data
    ours, single = "skecg `measure_records`", "the same, one thread"
    peer = "NeuroKit2 `ecg_process` + `ecg_delineate`"
    times = {ours: [], single: []}
    for _ in range(5):
        times[ours].append(clocks_of(measure_records, X, FS) / len(X))
        times[single].append(clocks_of(measure_records, X, FS, n_jobs=1) / len(X))
    try:
        measure_with_neurokit(X[0])  # what the first call costs more is not counted
        times[peer] = [clocks_of(measure_with_neurokit, x) for x in X[:n_neurokit]]
    except ImportError as error:
        print(f"\nNeuroKit2 is left out: {error}.")
    print("\n| 500 Hz, 12 leads of 10 s | records/s | processor ms/record |")
    print("|---|---|---|")
    middle = {name: np.median(rows, axis=0) for name, rows in times.items()}
    for name, (wall, processor) in middle.items():
        print(f"| {name} | {1 / wall:,.1f} | {1000 * processor:,.2f} |")
    print(f"\nLoad average {os.getloadavg()[0]:.1f}.")
    if peer in middle:
        wall, processor = middle[peer] / middle[ours]
        print(f"{wall:,.0f} times NeuroKit2's records/s, with")
        print(f"1/{processor:,.0f} of its processor time.")


def main():
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", nargs="?", help="PTB-XL with records at 100 and 500 Hz")
    parser.add_argument("--folds", type=int, nargs="*", help="of PTB-XL; default all")
    parser.add_argument("--n-records", type=int, default=300)
    parser.add_argument("--neurokit-records", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # of peers, and of the records that are skipped
    show_truth(arguments.n_records)
    show_shapes(arguments.n_records // 5)
    show_levels(arguments.n_records // 5)
    if arguments.path:
        show_real(arguments.path, arguments.folds)
    show_detectors(arguments.n_records // 3)
    show_speed(arguments.n_records, arguments.neurokit_records)


if __name__ == "__main__":
    main()
