"""A tiny PTB-XL: the official folder layout, written from random recordings."""

import csv
from pathlib import Path

import numpy as np

FILE_LEADS = ["I", "II", "III", "AVR", "AVL", "AVF"] + [f"V{k}" for k in range(1, 7)]
# ecg_id, patient_id, age, sex, scp_codes, strat_fold
ROWS = [
    (1, 11.0, 56.0, 1, {"NORM": 100.0, "SR": 0.0}, 1),
    (2, 11.0, 57.0, 1, {"LVH": 0.0, "SR": 0.0}, 1),
    (4, 12.0, 300.0, 0, {"LVH": 80.0, "NORM": 15.0}, 2),
    (5, 13.0, "", 0, {"VCLVH": 0.0, "NORM": 80.0}, 2),
    (7, 14.0, 33.0, 0, {"SEHYP": 100.0}, 9),
    (8, 15.0, 71.0, 1, {"AFIB": 0.0}, 9),
]
STATEMENTS = [("LVH", "HYP"), ("SEHYP", "HYP"), ("NORM", "NORM"), ("VCLVH", "")]


def write_record(
    stem, counts, fs=100, *, gain="1000.0(0)/mV", leads=FILE_LEADS, fmt="16"
):
    """Write counts of shape (n_times, n_leads) as one WFDB record; stem: no suffix."""
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{stem}.dat").write_bytes(counts.astype("<i2").tobytes())
    lines = [f"{stem.name} {len(leads)} {fs} {len(counts)}"]
    for k, lead in enumerate(leads):
        checksum = int(counts[:, k].astype(int).sum()) % 65536
        lines.append(
            f"{stem.name}.dat {fmt} {gain} 16 0 {counts[0, k]} {checksum} 0 {lead}"
        )
    Path(f"{stem}.hea").write_text("\n".join(lines) + "\n")


def make_counts(ecg_id, fs=100):
    """Return the counts of one record of the tiny PTB-XL."""
    rng = np.random.default_rng(ecg_id)
    return rng.integers(-3000, 3000, (10 * fs, 12))


def write_tables(folder, rows):
    """Write the two tables for rows like `ROWS`."""
    head = ["ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold"]
    with open(folder / "ptbxl_database.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*head, "filename_lr", "filename_hr"])
        for row in rows:
            stem = f"00000/{row[0]:05d}"
            writer.writerow([*row, f"records100/{stem}_lr", f"records500/{stem}_hr"])
    with open(folder / "scp_statements.csv", "w", newline="") as file:
        csv.writer(file).writerows([("", "diagnostic_class"), *STATEMENTS])
