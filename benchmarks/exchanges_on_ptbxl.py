"""Exchanged electrodes: fit the weights on PTB-XL's folds 1 to 8, judge them on fold 9.

    python benchmarks/exchanges_on_ptbxl.py PTBXL [--ptbxl500 PTBXL500] [--fit]

Each exchange is made of every record, by changing places and signs of leads, which is
exact. The first two columns are at the limit that 1 % of the records of folds 1 to 8
exceed as they are, the others at the limits that the package uses: how many records
are suspected of this exchange as they are, how many with the exchange, and how many of
these get the right name. `--fit` writes the weights to
skecg/signal/_reversal_weights.py first. `--ptbxl500` adds the same for the recordings
at 500 Hz, beside the same recordings at 100 Hz.

PTB-XL's own recordings count as correct, though some surely have exchanged electrodes.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from skecg import load_ptbxl
from skecg.signal import (
    EXCHANGES,
    LEAD_NAMES,
    _reversal,
    exchange_electrodes,
    find_exchanges,
)
from skecg.signal._leads import lead_weights, twelve_leads

FITTED = (
    *("LA/RA", "RA/LL", "LA/LL", "V1/V2", "V2/V3", "V3/V4", "V4/V5", "V5/V6", "V1/V3"),
    *("V2/V5", "V1...V6 reversed"),
)
"""The exchanges to which weights are fitted; they serve all."""
CORRELATED = (
    *("V1 V2", "V2 V3", "V3 V4", "V4 V5", "V5 V6", "I V1", "I V2", "I V5", "I V6"),
    *("II V1", "II V2", "II V5", "II V6", "III V1", "III V2", "III V6"),
)
"""Pairs of leads whose correlation counts."""
TURNING = (
    *("I aVF", "II aVL", "III aVR"),
    *("I V2", "II V2", "III V2", "I V6", "II V6", "III V6"),
)
"""Pairs of leads whose loops' sense of turning counts."""
FALSE_ALARMS = 0.01
"""Share of folds 1 to 8, as they are, beyond the limit of the first columns."""
WEIGHTS_FILE = Path(_reversal.__file__).with_name("_reversal_weights.py")


def measure(X):
    """Return the features of records, and which of them can be judged."""
    weights = lead_weights(LEAD_NAMES, 12)
    features, judged = [], []
    for start in range(0, len(X), 64):
        x, live, _ = twelve_leads(X[start : start + 64], weights)
        beats, n_beats = _reversal.mean_beats(x)
        features.append(_reversal.features_of(beats))
        judged.append(live.all(axis=1) & (n_beats >= 3))
    return np.concatenate(features), np.concatenate(judged)


def columns():
    """Return which features have a weight."""
    pairs = {
        f"{LEAD_NAMES[a]} {LEAD_NAMES[b]}": k
        for k, (a, b) in enumerate(np.transpose(np.triu_indices(12, 1)))
    }
    chosen = [*range(48), *(48 + pairs[name] for name in CORRELATED)]
    for name in TURNING:
        chosen += [48 + 66 * wave + pairs[name] for wave in (1, 2, 3)]
    return chosen


def fit(features):
    """Return the weight of each chosen feature, with two digits.

    Each exchange changes the features of a record. The logistic regression, without an
    intercept, tells the change from the same change with the other sign.
    """
    chosen = columns()
    spread = features[:, chosen].std(axis=0)
    changes = []
    for exchange in (EXCHANGES[name] for name in FITTED):
        made = np.zeros((features.shape[1], len(chosen)))
        for k, feature in enumerate(chosen):
            unit = np.zeros(features.shape[1])
            unit[feature] = 1
            made[:, k] = _reversal._of_exchanged(unit, exchange) - unit
        changes.append(features[::2] @ made / spread)
    X = np.concatenate(changes)
    back = np.arange(len(X)) % 2
    X[back == 1] *= -1
    model = LogisticRegression(C=0.1, fit_intercept=False, max_iter=500).fit(X, back)
    return np.array([float(f"{w:.2g}") for w in model.coef_[0] / spread])


def write_weights(weights):
    """Write the weights as the module that the detector reads."""
    of_leads = weights[:48].reshape(4, 12).T
    n_pairs = len(CORRELATED)
    of_pairs = dict(zip(CORRELATED, weights[48 : 48 + n_pairs], strict=True))
    of_loops = dict(zip(TURNING, weights[48 + n_pairs :].reshape(-1, 3), strict=True))
    lines = [
        '"""What tells exchanged electrodes: made by benchmarks/exchanges_on_ptbxl.py.',
        "",
        "Logistic regression on folds 1 to 8 of PTB-XL with and without exchanges.",
        '"""',
        "",
        "WEIGHTS = {",
        *(
            f'    "{name}": {_row(row)},'
            for name, row in zip(LEAD_NAMES, of_leads, strict=True)
        ),
        "}",
        '"""For each lead: the direction of QRS (R minus S over both), of P, of T, and',
        'the size of the QRS, as its logarithm beside the mean of all leads."""',
        "",
        "PAIRS = {",
        *(f'    "{name}": {value:g},' for name, value in of_pairs.items()),
        "}",
        '"""For pairs of leads: the correlation of their mean beats."""',
        "",
        "LOOP_WEIGHTS = {",
        *(f'    "{name}": {_row(row)},' for name, row in of_loops.items()),
        "}",
        '"""For pairs of leads: in which sense the loops of P, QRS and T turn."""',
    ]
    WEIGHTS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(values):
    """Write numbers as a tuple."""
    return "(" + ", ".join(f"{value:g}" for value in values) + ")"


def refit(features):
    """Fit the weights to records, and use them in this process."""
    weights = fit(features)
    everything = np.zeros(features.shape[1])
    everything[columns()] = weights
    _reversal._all_weights = lambda: everything
    _reversal._OF_FEATURES = _reversal._evidence_of_features()
    write_weights(weights)


def show(X, fs, limits):
    """Print what is suspected of records as they are, and exchanged."""
    correct = find_exchanges(X, fs)
    judged = ~np.isnan(correct.evidence[:, 0])
    print(f"\n{judged.sum():,} of {len(X):,} records at {fs:g} Hz can be judged.\n")
    print(
        "| exchange | false alarms | found | at odds of 15: false | found | named ",
        end="",
    )
    print("| at odds of 1,000: false | found | named |")
    print("|---|---|---|---|---|---|---|---|---|")
    for k, name in enumerate(EXCHANGES):
        made = find_exchanges(exchange_electrodes(X, name), fs)
        before, after = correct.evidence[judged, k], made.evidence[judged, k]
        named = (made.suspected == name)[judged]
        cells = [before > limits[k], after > limits[k]]
        for odds, certain in ((15, True), (1000, made.certain[judged])):
            limit = np.log(odds)
            cells += [before > limit, after > limit, named & certain]
        print(f"| {name} | {' | '.join(f'{cell.mean():.2%}' for cell in cells)} |")
    suspected, certain = ((correct.suspected != "")[judged], correct.certain[judged])
    print(f"| any | | | {suspected.mean():.2%} | | | {certain.mean():.2%} | | |")


def main():
    """Fit where asked for, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl")
    parser.add_argument("--ptbxl500")
    parser.add_argument("--fit", action="store_true")
    arguments = parser.parse_args()
    features, judged = measure(load_ptbxl(arguments.ptbxl, folds=range(1, 9)).data)
    if arguments.fit:
        refit(features[judged])
    evidence = features[judged] @ _reversal._OF_FEATURES
    limits = np.quantile(evidence, 1 - FALSE_ALARMS, axis=0)
    show(load_ptbxl(arguments.ptbxl, folds=[9]).data, 100.0, limits)
    if arguments.ptbxl500:
        fine = load_ptbxl(arguments.ptbxl500, fs=500, folds=range(1, 10))
        coarse = load_ptbxl(arguments.ptbxl, folds=range(1, 10))
        which = np.isin(coarse.metadata.index, fine.metadata.index)
        show(coarse.data[which], 100.0, limits)
        show(fine.data, 500.0, limits)


if __name__ == "__main__":
    main()
