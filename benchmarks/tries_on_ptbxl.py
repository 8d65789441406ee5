r"""What might find LVH better than the CNN on median beats, each tried alike on PTB-XL.

Trains on folds 1 to 7, two seeds each, and evaluates on fold 8, where a choice is made,
and on fold 9::

    python benchmarks/tries_on_ptbxl.py PTBXL

The last columns are of the log-odds of network and boosting on measured waves, 0.3 to
0.7. Networks, auxiliary targets, steps and learning rates are those of
``train_on_ptbxl.py --model cnn``.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from agreement import CAVEAT
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from skecg import ECGMedianBeat, ECGScaler, VoltageCriteria, load_ptbxl
from skecg.classification import make_boosting, wave_table
from skecg.networks import build_cnn
from skecg.signal import LEAD_NAMES

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples"))
from train_on_ptbxl import FS, auxiliary_targets

SEEDS = (0, 1)
BATCH, EPOCHS, PEAK = 64, 8, 0.002
AUX_WEIGHT = 0.2
UNKNOWN = 0.2
"""Share of training records whose sex and age are hidden from the network."""
BLOCK, MASKED = 16, 0.3
"""Samples that are masked together in pretraining, and the share of them."""
OF_NETWORK = 0.3


def optimizer(n_records):
    """Return what steps along the one cycle of the package's classifiers."""
    import keras

    n_steps = EPOCHS * -(-n_records // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK / 10, 3 * n_steps // 4, warmup_target=PEAK, warmup_steps=n_steps // 4
    )
    return keras.optimizers.AdamW(rate, weight_decay=0.03, global_clipnorm=1.0)


def loss(rank=0.0):
    """Return cross-entropy of LVH and auxiliary targets, perhaps with a rank loss.

    `rank` is the weight of the logistic loss of all pairs in the batch of one record
    with LVH and one without.
    """
    from keras import ops

    def of(y_true, y_pred):
        known = ops.logical_not(ops.isnan(y_true))  # age is unknown in places
        y_true = ops.where(known, y_true, 0.0)
        crosses = ops.where(known, ops.binary_crossentropy(y_true, y_pred), 0.0)
        total = ops.mean(crosses[:, 0] + AUX_WEIGHT * ops.sum(crosses[:, 1:], axis=1))
        if not rank:
            return total
        p = ops.clip(y_pred[:, 0], 1e-6, 1 - 1e-6)
        odds, y = ops.log(p) - ops.log(1 - p), y_true[:, 0]
        pairs = y[:, None] * (1 - y[None, :])
        wrong = ops.softplus(odds[None, :] - odds[:, None])
        return total + rank * ops.sum(pairs * wrong) / ops.maximum(ops.sum(pairs), 1.0)

    return of


def pretrain(model, X):
    """Train the convolutions to restore blocks of time that are set to 0."""
    import keras
    from keras import layers

    pools = [x for x in model.layers if x.name.startswith("max_pooling1d")]
    x = pools[-1].output
    for n_filters in (64, 64, 32, 32):
        x = layers.UpSampling1D(2)(x)
        x = layers.Conv1D(n_filters, 5, padding="same", activation="relu")(x)
    x = layers.Conv1D(X.shape[2], 5, padding="same")(x)[:, : X.shape[1]]
    rng = np.random.default_rng(0)
    n_blocks = -(-X.shape[1] // BLOCK)
    hidden = rng.random((len(X), n_blocks)) < MASKED
    hidden = np.repeat(hidden, BLOCK, axis=1)[:, : X.shape[1], None].astype(X.dtype)

    def of_masked(y_true, y_pred):
        where, values = y_true[:, :, :1], y_true[:, :, 1:]
        squares = keras.ops.square(values - y_pred) * where
        return keras.ops.sum(squares) / keras.ops.sum(where)

    restorer = keras.Model(model.input, x)
    restorer.compile(optimizer(len(X)), loss=of_masked)
    targets = np.concatenate([hidden, X], axis=2)
    restorer.fit(X * (1 - hidden), targets, batch_size=BATCH, epochs=EPOCHS, verbose=2)


def with_patients(X, sex, age, hidden):
    """Return records with sex and age as two more leads, 0 where unknown."""
    known = np.column_stack([2 * sex - 1, (np.clip(age, 18, 95) - 60) / 20])
    known[hidden] = np.nan
    known = np.nan_to_num(known).astype(X.dtype)
    return np.concatenate([X, np.repeat(known[:, None], X.shape[1], axis=1)], axis=2)


def trained(X, targets, seed, *, rank=0.0, pretrained=False):
    """Return a trained network."""
    import keras

    keras.utils.set_random_seed(seed)
    model = build_cnn(
        X.shape[1:],
        filters=(32, 64, 64, 64),
        dense_units=(128,),
        n_aux=targets.shape[1] - 1,
    )
    if pretrained:
        pretrain(model, X)
    model.compile(optimizer(len(X)), loss=loss(rank))
    model.fit(X, targets, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


def median_beats(cohort):
    """Return the median beats of all records."""
    return ECGMedianBeat(fs=FS).fit_transform(cohort.data)


def measured_waves(cohort):
    """Return the table that the hybrid's boosting takes."""
    criteria = VoltageCriteria(passthrough=True, fs=FS, lead_names=LEAD_NAMES)
    criteria.fit(cohort.data[:2])
    return wave_table(criteria, cohort.data, cohort.sex, cohort.age)


def tries(X, cohort, train, soft):
    """Return records, targets and options of each try by its name."""
    aux = auxiliary_targets(cohort, train)
    y = cohort.target[train].astype(np.float32)
    plain = np.column_stack([y, aux])
    others = np.column_stack([y, aux.drop(columns=["sex", "age"])])
    hidden = np.zeros(len(X), bool)
    hidden[train] = np.random.default_rng(0).random(len(train)) < UNKNOWN
    patients = with_patients(X, cohort.sex, cohort.age, hidden)
    softened = plain.copy()
    softened[:, 0] = (y + soft) / 2
    return {
        "none": (X, plain, {}),
        "sex and age as constant leads": (patients, others, {}),
        "targets half the boosting's probability, out of fold": (X, softened, {}),
        "pairwise rank loss as well": (X, plain, {"rank": 0.5}),
        "pretrained to restore masked parts": (X, plain, {"pretrained": True}),
    }


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    args = parser.parse_args()
    cohort = load_ptbxl(args.ptbxl, fs=FS, folds=range(1, 10), on_error="skip")
    train = np.flatnonzero(cohort.fold < 8)
    tests = [np.flatnonzero(cohort.fold == fold) for fold in (8, 9)]
    beats = median_beats(cohort)
    X = ECGScaler().fit(beats[train]).transform(beats)
    waves, y = measured_waves(cohort), cohort.target
    # The folds of PTB-XL keep patients together.
    soft = cross_val_predict(
        make_boosting(0),
        waves[train],
        y[train],
        groups=cohort.fold[train],
        cv=GroupKFold(7),
        method="predict_proba",
    )[:, 1]
    boosting = make_boosting(0).fit(waves[train], y[train])
    beside = [logit(boosting.predict_proba(waves[test])[:, 1]) for test in tests]
    print(CAVEAT)
    rows = []
    for name, (records, targets, options) in tries(X, cohort, train, soft).items():
        figures = []
        for seed in SEEDS:
            model = trained(records[train], targets, seed, **options)
            row = []
            for test, waves_odds in zip(tests, beside, strict=True):
                p = model.predict(records[test], batch_size=512, verbose=0)[:, 0]
                odds = logit(np.clip(p.astype(float), 1e-7, 1 - 1e-7))
                both = expit(OF_NETWORK * odds + (1 - OF_NETWORK) * waves_odds)
                row += [
                    metric(y[test], scores)
                    for scores in (p, both)
                    for metric in (roc_auc_score, average_precision_score)
                ]
            figures.append(row)
        means = np.mean(figures, axis=0)
        ranges = np.ptp(figures, axis=0)
        cells = [f"{m:.3f} ({r:.3f})" for m, r in zip(means, ranges, strict=True)]
        rows.append(f"| {name} | {' | '.join(cells)} |")
        print(rows[-1], flush=True)
    print("Mean of the seeds, in brackets their difference:")
    head = [
        f"fold {fold}, {metric}{what}"
        for fold in (8, 9)
        for what in ("", " with boosting")
        for metric in ("AUROC", "AP")
    ]
    print(f"| try | {' | '.join(head)} |\n|---|{'---|' * len(head)}")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
