"""Show what is measured on records that are flat, noisy, inverted, short or irregular.

    python benchmarks/hostile_records.py [PTBXL]

Each row is a synthetic record at 500 Hz that was spoilt in one way. With PTBXL, a
folder in PTB-XL's layout, records of folds 1 to 8 with pacing, atrial fibrillation and
conduction disturbances follow, as their statements name them.
"""

import argparse
from collections import Counter

import numpy as np

from skecg.criteria import CRITERIA, is_positive, threshold_of, voltage_indices
from skecg.datasets import load_ptbxl, make_lvh_ecg
from skecg.signal import LEAD_NAMES, REASONS, measure_records

FS = 500
STATEMENTS = ("NORM", "PACE", "AFIB", "AFLT", "BIGU", "CLBBB", "CRBBB", "WPW")


def with_lead(record, lead, values):
    """Replace one lead."""
    spoilt = record.copy()
    spoilt[:, LEAD_NAMES.index(lead)] = values
    return spoilt


def with_gap(record, leads=slice(None)):
    """Take out 1.2 s."""
    spoilt = record.copy()
    spoilt[2000:2600, leads] = np.nan
    return spoilt


def paced(height):
    """Make wide beats, 0.8 s apart, each after a spike of 2 ms and a height (mV)."""
    times = np.arange(10 * FS)[:, None] / FS % 0.8
    size = np.linspace(-1.5, 1.5, 12)
    wide = np.exp(-0.5 * ((times - 0.46) / 0.03) ** 2)
    t_wave = -0.3 * np.exp(-0.5 * ((times - 0.72) / 0.04) ** 2)
    spike = (times >= 0.38) & (times < 0.382)
    return (wide + t_wave) * size + height * spike


def hostile(record):
    """Return spoilt records by name."""
    rng = np.random.default_rng(0)
    v1, v5 = record[:, 6], record[:, 10]
    irregular = make_irregular()
    spike = record.copy()
    spike[1234] = 50
    return {
        "as it was": record,
        "V5 flat": with_lead(record, "V5", 0.3),
        "all leads flat": np.ones_like(record),
        "V5 noise of 1 mV": with_lead(record, "V5", rng.normal(0, 1, v5.shape)),
        "all leads noise": rng.normal(0, 0.3, record.shape),
        "V1 inverted": with_lead(record, "V1", -v1),
        "V5 inverted": with_lead(record, "V5", -v5),
        "2 s of it": record[:1000],
        "0.8 s of it": record[:400],
        "NaN for 1.2 s, all leads": with_gap(record),
        "NaN for 1.2 s, V5": with_gap(record, 10),
        "NaN in all of V5": with_lead(record, "V5", np.nan),
        "NaN everywhere": np.full_like(record, np.nan),
        "spike of 50 mV": spike,
        "offset of 7.5 mV": record + 7.5,
        "microvolts taken for mV": 1000 * record,
        "irregular, no P (fibrillation)": irregular,
        "paced, spikes of 0.5 mV": paced(0.5),
        "paced, spikes of 2 mV": paced(2.0),
    }


def make_irregular():
    """Make narrow beats at irregular times over fibrillation waves, without P."""
    rng = np.random.default_rng(1)
    beats = np.cumsum(rng.uniform(0.5, 1.1, 14))
    times = np.arange(10 * FS)[:, None] / FS
    lead = np.exp(-0.5 * ((times - beats) / 0.012) ** 2).sum(axis=1)
    lead += 0.25 * np.exp(-0.5 * ((times - beats - 0.3) / 0.04) ** 2).sum(axis=1)
    waves = [0.03 * np.sin(2 * np.pi * f * times + f) for f in (5.7, 6.3, 7.1)]
    return lead[:, None] * np.linspace(-1.5, 1.5, 12) + sum(waves)


def show_synthetic():
    """Print one row a spoilt record."""
    record = make_lvh_ecg(1, fs=FS, prevalence=1.0, random_state=3).data[0]
    columns = ("n_used", "heart_rate", "qrs_duration", "pr_interval", "R_V5", "S_V1")
    print(f"| record | result | {' | '.join(columns)} | Sokolow-Lyon | Cornell |")
    print("|---|---|" + "---|" * (len(columns) + 2))
    for name, spoilt in hostile(record).items():
        table = measure_records(np.asarray(spoilt, np.float32)[None], FS)
        indices = voltage_indices(table)
        values = [table[column][0] for column in columns]
        values += [
            indices[f"{name}_voltage"][0] for name in ("sokolow_lyon", "cornell")
        ]
        cells = [
            f"{value:.4g}" if abs(value) > 9 else f"{value:.2f}" for value in values
        ]
        cells[0] = f"{values[0]:.0f}"
        print(f"| {name} | {REASONS[table['reason'][0]]} | {' | '.join(cells)} |")


def show_real(path):
    """Print one row a statement of PTB-XL."""
    cohort = load_ptbxl(path, folds=range(1, 9), on_error="skip")
    statements = cohort.metadata["scp_codes"].astype(str)
    columns = (
        "records | result | QRS, ms, median | without P | beats used | RR variation "
        "| Sokolow-Lyon positive | Cornell positive | labelled LVH"
    )
    print(f"\n| statement | {columns} |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for code in STATEMENTS:
        chosen = np.flatnonzero(statements.str.contains(f"'{code}'").to_numpy())[:300]
        table = measure_records(cohort.data[chosen], cohort.fs)
        results = Counter(REASONS[k] for k in table["reason"]).most_common()
        cells = [
            f"{len(chosen)}",
            ", ".join(f"{n} {result}" for result, n in results),
            f"{np.nanmedian(table['qrs_duration']):.0f}",
            f"{np.isnan(table['pr_interval']).mean():.0%}",
            f"{np.mean(table['n_used'] / np.maximum(table['n_beats'], 1)):.0%}",
            f"{np.nanmedian(table['rr_variation']):.3f}",
            *(
                f"{positive(name, table, cohort.sex[chosen]):.0%}"
                for name in ("sokolow_lyon_voltage", "cornell_voltage")
            ),
            f"{cohort.target[chosen].mean():.0%}",
        ]
        print(f"| {code} | {' | '.join(cells)} |")


def positive(name, table, sex):
    """Return the share of records that a criterion calls positive."""
    decision = is_positive(
        voltage_indices(table, sex)[name],
        threshold_of(name, sex),
        strict=CRITERIA[name].strict,
    )
    return np.nanmean(decision)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", nargs="?", help="folder of PTB-XL")
    arguments = parser.parse_args()
    show_synthetic()
    if arguments.path:
        show_real(arguments.path)


if __name__ == "__main__":
    main()
