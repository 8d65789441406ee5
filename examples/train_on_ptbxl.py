r"""Train one network on PTB-XL, with auxiliary targets, and evaluate it by patients.

The package's weights were trained with this script; options leave out single parts::

    python examples/train_on_ptbxl.py FOLDER --model lstm --out lstm
    python examples/train_on_ptbxl.py FOLDER --model cnn --out cnn
    python examples/train_on_ptbxl.py FOLDER --model cnn --leads I II --out leads_i_ii
    python examples/train_on_ptbxl.py FOLDER --model resnet --test-fold 8 --no-aux
    python examples/train_on_ptbxl.py FOLDER --test-fold 8 --set crop_length=null

``--robust`` disturbs the records of training: gains of 0.8 to 1.25, lost leads, noise,
other filters and shorter records. A network on median beats gets each record and two
disturbed copies of it, and trains half as many epochs.

``--start-from`` fine-tunes weights that this script wrote, in few epochs at a low rate;
``--gain`` multiplies half of the records of each batch by factors of that range::

    python examples/train_on_ptbxl.py FOLDER --model lstm --out plain/lstm
    python examples/train_on_ptbxl.py FOLDER --model lstm --start-from plain/lstm \
        --gain 1.4 --out lstm

It trains on those of folds 1 to 8 that are not test folds (for example,
``--test-fold 1 2``). It writes ``OUT.npz`` (the network's weights), ``OUT.json`` (the
rest of the fitted pipeline, and how it was trained) and ``OUT-fold9.npz`` (the
probabilities of the test records). make_pretrained.py turns them into the package's
files.
"""

import argparse
import json
import platform
import resource
import shlex
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import gen_batches

from skecg import (
    ECGAugmenter,
    ECGFilter,
    ECGMedianBeat,
    ECGScaler,
    LVHCNNClassifier,
    LVHLSTMClassifier,
    LVHResNetClassifier,
    load_ptbxl,
    patient_bootstrap,
)
from skecg.signal import LEAD_NAMES
from skecg.utils import typical_amplitude

FS = 100
RARE = 20
"""Statements that fewer training records have are no auxiliary targets."""

NOT_IN_A_ROW = {"ptbxl", "out", "set", "without"}
"""Options that `command` writes otherwise, or not."""

RECIPE = {
    "optimizer": "adamw",
    "learning_rate": 0.002,
    "weight_decay": 0.03,
    "clipnorm": 1.0,
    "dense_units": (128,),
    "epochs": 16,
}
MODELS = {
    # The first step, and the classifier. The CNN sees median beats, and no rhythm.
    "cnn": (
        ECGMedianBeat(fs=FS),
        LVHCNNClassifier(filters=(32, 64, 64, 64), **RECIPE | {"epochs": 8}),
    ),
    "lstm": (
        ECGFilter(fs=FS),
        LVHLSTMClassifier(crop_length=0.5, n_crops=7, **RECIPE),
    ),
    "resnet": (
        ECGFilter(fs=FS),
        LVHResNetClassifier(crop_length=0.4, n_crops=7, **RECIPE),
    ),
}

FINE_TUNING = {"learning_rate": 0.0005, "epochs": 4}
"""What `--start-from` changes in the recipe."""

ROBUST = {
    "mains": 0.1,
    "mains_freq": 49.5,  # as 50 Hz is nothing but a sign at 100 Hz
    "muscle": 0.05,
    "gain": 1.25,
    "lowpass": 35.0,
    "truncation": 0.5,
    "lead_dropout": 0.02,
}
GAIN_ALONE = dict.fromkeys(("rotation", "shift", "wander", "mains", "muscle"), 0.0)
N_DISTURBED = 2
AT_ONCE = 2000
"""Records that are disturbed together, to bound the memory."""


def choose_leads(cohort, first_step, leads):
    """Keep some leads of the records, and tell a first step that asks for names."""
    cohort.data = cohort.data[:, :, [LEAD_NAMES.index(lead) for lead in leads]]
    if "lead_names" in first_step.get_params():
        first_step.set_params(lead_names=leads)


def make_augmenter(args):
    """Return what disturbs records as the options say."""
    options = ROBUST if args.robust else {}
    if args.gain > 1:
        options = GAIN_ALONE | {"gain": args.gain}
    return ECGAugmenter(**options, fs=FS, scale=1.0, lead_names=args.leads)


def prepared(X, first_step, augmenter, n_copies, seed):
    """Return scaled records, disturbed copies after them, and the two steps."""
    scaler = ECGScaler()
    parts = [scaler.fit_transform(first_step.fit_transform(X))]
    rng = np.random.RandomState(seed)
    for _ in range(n_copies):
        for few in gen_batches(len(X), AT_ONCE):
            disturbed = augmenter.augment(X[few], rng)
            parts.append(scaler.transform(first_step.transform(disturbed)))
    return np.concatenate(parts) if n_copies else parts[0], scaler


def auxiliary_targets(cohort, train, without=()):
    """Return the other statements, age and sex of the training records, 0 to 1."""
    statements = cohort.statements.iloc[train].drop(columns=["LVH", *without])
    targets = statements.loc[:, statements.sum() >= RARE].astype(np.float32)
    age = np.clip(cohort.age[train], 0, 95) / 100
    return targets.assign(age=age, sex=cohort.sex[train]).astype(np.float32)


def command(parser, args):
    """Return the command that trains the same network."""
    options = []
    for name, value in vars(args).items():
        if name not in NOT_IN_A_ROW and value != parser.get_default(name):
            values = value if isinstance(value, list) else [value]
            given = [] if value is True else map(str, values)
            options.append(" ".join([f"--{name.replace('_', '-')}", *given]))
    options += [f"--without {statement}" for statement in args.without]
    for name, value in args.set:
        options.append(f"--set {shlex.quote(f'{name}={json.dumps(value)}')}")
    return " ".join(["python examples/train_on_ptbxl.py PTBXL", *options])


def parameter(text):
    """Return the name and the value of a parameter given as ``name=value``."""
    name, _, value = text.partition("=")
    return name, json.loads(value)


def parameters(network):
    """Return the parameters of a classifier that JSON can hold."""
    others = {"augmenter", "weights", "verbose", "progress_bar"}
    own = network.get_params(deep=False)
    return {k: v for k, v in own.items() if k not in others}


def facts(cohort, train, steps, network, aux, augmenter, leads):
    """Return what else makes the fitted pipeline, and what it was fitted on."""
    first_step, scaler = (step for _, step in steps)
    packages = ("skecg", "numpy", "scikit-learn", "keras", "tensorflow")
    return {
        "first_step": {
            "class": type(first_step).__name__,
            "parameters": first_step.get_params(),
        },
        "classifier": type(network).__name__,
        "parameters": parameters(network),
        "augmenter": None if augmenter is None else repr(augmenter),
        "leads": list(leads),
        "joint_targets": [] if aux is None else list(aux),
        "folds": np.unique(cohort.fold[train]).tolist(),
        "n_records": len(train),
        "n_patients": len(np.unique(cohort.groups[train])),
        "n_lvh": int(cohort.target[train].sum()),
        "amplitudes": {
            "records": typical_amplitude(cohort.data[train]),
            "scaler": scaler.amplitude_,
            "classifier": network.amplitude_,
        },
        "scaler": {"mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist()},
        "history": network.history_,
        "software": {"python": platform.python_version()}
        | {name: version(name) for name in packages},
    }


def main():
    """Train and judge one network."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("--model", choices=MODELS, default="lstm")
    parser.add_argument(
        "--leads", nargs="+", choices=LEAD_NAMES, default=LEAD_NAMES, metavar="LEAD"
    )
    parser.add_argument(
        "--test-fold", type=int, nargs="+", default=[9], choices=range(1, 10)
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set",
        type=parameter,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set another parameter of the classifier to a value written as JSON",
    )
    parser.add_argument("--no-aux", action="store_true", help="no auxiliary targets")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="STATEMENT",
        help="leave a statement out of the auxiliary targets, such as ASMI for "
        "benchmarks/transfer_on_ptbxl.py",
    )
    parser.add_argument("--robust", action="store_true", help="disturb records much")
    parser.add_argument("--augment", action="store_true", help="disturb records")
    parser.add_argument(
        "--gain", type=float, default=1.0, help="disturb the gain of records alone"
    )
    parser.add_argument(
        "--start-from", type=Path, metavar="OUT", help="fine-tune these weights"
    )
    parser.add_argument("--out", type=Path, default=Path("network"))
    args = parser.parse_args()
    if args.without and args.no_aux:
        parser.error("--without leaves out auxiliary targets, and --no-aux has none.")
    args.out.parent.mkdir(parents=True, exist_ok=True)

    first_step, network = MODELS[args.model]
    network.set_params(random_state=args.seed, verbose=2, weights=args.start_from)
    if args.start_from:
        network.set_params(**FINE_TUNING)
    try:
        network.set_params(**dict(args.set))
    except ValueError as error:
        parser.error(f"--set: {error}")
    args.test_fold = sorted(set(args.test_fold))
    folds = sorted({*range(1, 9), *args.test_fold})
    if folds == args.test_fold:
        parser.error("--test-fold leaves no fold to train on.")
    cohort = load_ptbxl(args.ptbxl, fs=FS, folds=folds, on_error="skip")
    unknown = sorted(set(args.without) - set(cohort.statements))
    if unknown:
        parser.error(
            f"--without {' '.join(unknown)}: known are {' '.join(cohort.statements)}."
        )
    n_copies = N_DISTURBED if args.robust and args.model == "cnn" else 0
    if n_copies:
        network.set_params(epochs=network.epochs // 2)
    if args.leads != LEAD_NAMES:
        choose_leads(cohort, first_step, args.leads)
    is_test = np.isin(cohort.fold, args.test_fold)
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    start = time.perf_counter()
    augmenter = make_augmenter(args)
    X, scaler = prepared(cohort.data[train], first_step, augmenter, n_copies, args.seed)
    steps = make_pipeline(first_step, scaler)
    if (args.augment or args.robust or args.gain > 1) and not n_copies:
        fs = getattr(first_step, "target_fs", FS)
        augmenter.set_params(fs=fs, scale=scaler.scale_)
        network.set_params(augmenter=augmenter)
    aux = None if args.no_aux else auxiliary_targets(cohort, train, args.without)
    used = augmenter if n_copies else network.augmenter
    targets = None if aux is None else np.tile(aux, (1 + n_copies, 1))
    y, groups = (
        np.tile(values[train], 1 + n_copies)
        for values in (cohort.target, cohort.groups)
    )
    network.fit(X, y, groups=groups, aux=targets)
    minutes = (time.perf_counter() - start) / 60
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"Trained in {minutes:.1f} minutes; largest memory {memory:.1f} GB")

    network.save_weights(args.out)
    del X
    known = facts(cohort, train, steps.steps, network, aux, used, args.leads) | {
        "command": command(parser, args),
        "minutes": round(minutes, 1),
        "memory_gb": round(memory, 1),
    }
    Path(f"{args.out}.json").write_text(json.dumps(known, indent=1), encoding="utf-8")
    probability = network.predict_proba(steps.transform(cohort.data[test]))[:, 1]
    np.savez(
        f"{args.out}-fold{'-'.join(map(str, args.test_fold))}.npz",
        ecg_id=cohort.metadata.index[test],
        probability=probability,
    )
    for name, metric in (("AUROC", roc_auc_score), ("AP", average_precision_score)):
        figure = patient_bootstrap(
            metric, cohort.target[test], probability, cohort.groups[test]
        )
        print(f"{name} {figure.estimate:.4f} ({figure.low:.3f}-{figure.high:.3f})")
    print("The label is a cardiologist's ECG statement, not echocardiography.")


if __name__ == "__main__":
    main()
