"""Time the quality gate, and count its findings in PTB-XL.

    python benchmarks/bench_quality.py [--ptbxl PTBXL] [--ptbxl500 PTBXL500]

Speed: 12 leads of 10 s at 500 Hz, synthetic, float32, median of five rounds; and what a
trained pipeline looks at before each prediction of one record at 100 Hz. With PTB-XL:
in how many records and leads of folds 1 to 8 each finding is, most of which are false
alarms, as these recordings are good on the whole; and in how many of folds 1 to 9, by
statement, those of the rhythm are.
"""

import argparse
import time
from ast import literal_eval

import numpy as np

from skecg import load_ptbxl, make_lvh_ecg
from skecg.signal import FINDINGS, LEAD_NAMES, assess_quality, describe_doubts

ECTOPIC = ("PVC", "PAC", "BIGU", "TRIGU", "SVARR", "AFIB", "AFLT", "PACE")
SINUS = ("SR", "SARRH", "SBRAD")
STATEMENTS = {
    "sinus rhythm (SR, SARRH, SBRAD)": (SINUS, ()),
    "of these, without ectopic beats, AFIB, AFLT, PACE": (SINUS, ECTOPIC),
    "sinus tachycardia": (["STACH"], ()),
    "bigeminy (BIGU)": (["BIGU"], ()),
    "trigeminy (TRIGU)": (["TRIGU"], ()),
    "ventricular ectopic beats (PVC)": (["PVC"], ()),
    "atrial ectopic beats (PAC)": (["PAC"], ()),
    "atrial fibrillation (AFIB)": (["AFIB"], ()),
    "atrial flutter (AFLT)": (["AFLT"], ()),
    "other supraventricular tachycardia (SVTAC, PSVT)": (["SVTAC", "PSVT"], ["AFLT"]),
    "pacemaker (PACE)": (["PACE"], ()),
}


def seconds(job, n_rounds=5):
    """Return the median time of a job, on the clock and of the processors."""
    job()
    times = []
    for _ in range(n_rounds):
        start = time.perf_counter(), time.process_time()
        job()
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return np.median(times, axis=0)


def show_speed(n_records):
    """Print the speed of all findings, and of the pipelines' look."""
    X = make_lvh_ecg(min(n_records, 200), fs=500, random_state=0).data
    X = np.tile(X, (-(-n_records // len(X)), 1, 1))[:n_records]
    wall, processor = seconds(lambda: assess_quality(X, 500.0))
    print(
        f"assess_quality: {n_records / wall:,.0f} records/s, "
        f"{1000 * processor / n_records:.2f} ms of processor a record"
    )
    one = make_lvh_ecg(1, fs=100, random_state=0).data
    wall, _ = seconds(lambda: describe_doubts(one, 100.0, LEAD_NAMES), 300)
    print(f"before a prediction of one record at 100 Hz: {1000 * wall:.2f} ms")


def show_findings(X, fs):
    """Print in how many records and leads each finding is."""
    quality = assess_quality(X, fs)
    print(f"\n{len(X):,} records at {fs:g} Hz: {quality.summary()}\n")
    print("| finding | limit | records | leads | 99 % of leads are below |")
    print("|---|---|---|---|---|")
    for k, name in enumerate(FINDINGS):
        of_leads = quality.found[:, :, k]
        values = quality.values[:, :, k]
        known = values[np.isfinite(values)]
        edge = f"{np.quantile(known, 0.99):.2g}" if len(known) else "not measured"
        if name == "no signal" and len(known):
            edge = f"(1 % below {np.quantile(known, 0.01):.2g})"
        print(
            f"| {name} | {quality.limits[k]:g} | {of_leads.any(axis=1).mean():.2%} "
            f"| {of_leads.mean():.3%} | {edge} |"
        )
    print(f"| any | | {quality.doubtful.mean():.2%} | | |")


def show_statements(bunch):
    """Print how many records of each stated rhythm have the findings of the rhythm."""
    found = assess_quality(bunch.data, 100.0).found.any(axis=1)
    stated = [{*literal_eval(codes)} for codes in bunch.metadata["scp_codes"]]
    rhythms = ("beats left out", "early beats", "fast regular waves")
    print(f"\n| statement | records | {' | '.join(rhythms)} |\n|---|---|---|---|---|")
    for name, (codes, without) in STATEMENTS.items():
        of = np.array([bool(s & {*codes}) and not s & {*without} for s in stated])
        shares = [found[of, FINDINGS.index(rhythm)].mean() for rhythm in rhythms]
        print(f"| {name} | {of.sum():,} | {' | '.join(f'{s:.1%}' for s in shares)} |")


def main():
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n-records", type=int, default=1000)
    parser.add_argument("--ptbxl")
    parser.add_argument("--ptbxl500")
    arguments = parser.parse_args()
    show_speed(arguments.n_records)
    if arguments.ptbxl:
        show_findings(load_ptbxl(arguments.ptbxl, folds=range(1, 9)).data, 100.0)
        show_statements(load_ptbxl(arguments.ptbxl, folds=range(1, 10)))
    if arguments.ptbxl500:
        fine = load_ptbxl(arguments.ptbxl500, fs=500, folds=range(1, 9))
        show_findings(fine.data, 500.0)


if __name__ == "__main__":
    main()
