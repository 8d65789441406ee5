"""From recordings to a saved pipeline that predicts in another process.

Trains a network, evaluates it on other patients, draws its training history, saves the
pipeline, loads it in a fresh Python process and predicts there, and names the commands
that serve it. Runs on a synthetic cohort, or on PTB-XL with ``--ptbxl FOLDER``::

    python examples/main_job.py --out demo-output
    python examples/main_job.py --ptbxl FOLDER --model lstm
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np
from sklearn.metrics import (
    average_precision_score,
    classification_report,
    roc_auc_score,
)
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGConverter,
    ECGFilter,
    ECGResampler,
    ECGScaler,
    LVHCNNClassifier,
    LVHLSTMClassifier,
    load_ptbxl,
    make_lvh_ecg,
    patient_bootstrap,
)

CAVEAT = (
    "The label is a cardiologist's ECG statement, not echocardiography: a score says "
    "how well the network agrees with the reader. Research use only."
)
METRICS = {"ROC AUC": roc_auc_score, "Average precision": average_precision_score}
PREDICT = """
import sys, joblib, numpy as np
pipeline = joblib.load(sys.argv[1])
np.save(sys.argv[3], pipeline.predict_proba(joblib.load(sys.argv[2])))
"""
SERVE = """
Serve it, with a page for ECG files on http://127.0.0.1:8000:

    {skecg} serve --model {pipeline}.joblib

That file is a pickle. To serve it without one, and without TensorFlow:

    {skecg} export {pipeline}.joblib -o {pipeline}.onnx
    {skecg} serve --model {pipeline}.onnx
"""


def load(ptbxl, n_records):
    """Return the cohort and the indices of its training and test records."""
    if ptbxl is None:
        cohort = make_lvh_ecg(
            n_records, fs=250, prevalence=0.3, random_state=0, as_xarray=True
        )
        splitter = StratifiedGroupKFold(4, shuffle=True, random_state=0)
        sides = next(splitter.split(cohort.data, cohort.target, cohort.groups))
        return cohort, *sides
    cohort = load_ptbxl(
        ptbxl,
        fs=100,
        folds=range(1, 10),
        on_error="skip",
        verbose=1,
        as_xarray=True,
    )
    train, test = np.flatnonzero(cohort.fold < 9), np.flatnonzero(cohort.fold == 9)
    return cohort, train, test


def make_network_pipeline(model, small, seed, epochs=None):
    """Return the pipeline; few records need smaller batches and early stopping.

    Its first step converts files of any sampling rate, unit and order of leads.
    """
    network = {"cnn": LVHCNNClassifier, "lstm": LVHLSTMClassifier}[model]
    few_records = {"batch_size": 16, "epochs": 15, "early_stopping": True}
    options = few_records if small else {}
    if epochs is not None:
        options["epochs"] = epochs
    return make_pipeline(
        ECGConverter(),
        ECGFilter(),
        ECGResampler(target_fs=100),
        ECGScaler(),
        network(random_state=seed, verbose=2, **options),
    )


def main():
    """Do the whole job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ptbxl", type=Path, help="folder of PTB-XL")
    parser.add_argument("--model", choices=["cnn", "lstm"], default="cnn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--records", type=int, default=800, help="synthetic records")
    parser.add_argument("--epochs", type=int, help="epochs of training")
    parser.add_argument("--out", type=Path, default=Path("demo-output"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    cohort, train, test = load(args.ptbxl, args.records)
    X, y = cohort.data, cohort.target
    print(f"{len(train)} training and {len(test)} test records, {X.shape[1:]} each")
    pipeline = make_network_pipeline(
        args.model, args.ptbxl is None, args.seed, args.epochs
    )
    network = pipeline[-1]
    if network.early_stopping:
        print(
            f"Early stopping holds out {network.validation_fraction:.0%} of the "
            f"training records by patient, stops {network.patience} epochs after the "
            f"best {network.monitor}, and keeps the best epoch."
        )
    start = time.perf_counter()
    # Early stopping keeps a patient's records together.
    patients = {f"{pipeline.steps[-1][0]}__groups": cohort.groups[train]}
    pipeline.fit(X[train], y[train], **patients)
    print(f"Training took {time.perf_counter() - start:.0f} s")
    print(f"Kept: epoch {kept_epoch(pipeline[-1])} of {pipeline[-1].n_epochs_}")

    probability = pipeline.predict_proba(X[test])
    predicted = pipeline.classes_[probability.argmax(axis=1)]
    print(classification_report(y[test], predicted, target_names=["no LVH", "LVH"]))
    for name, metric in METRICS.items():
        figure = patient_bootstrap(
            metric, y[test], probability[:, 1], cohort.groups[test]
        )
        print(f"{name} {figure.estimate:.3f} ({figure.low:.3f}-{figure.high:.3f})")
    print(CAVEAT if args.ptbxl else "Synthetic records: a check of the software only.")

    draw_history(pipeline, args.out / "training-history.png")
    path = args.out / "pipeline.joblib"
    joblib.dump(pipeline, path)
    print(f"Saved {path} ({path.stat().st_size / 1e6:.1f} MB)")
    again = predict_in_fresh_process(path, X[test], args.out)
    if not np.array_equal(probability, again):
        sys.exit("The reloaded pipeline gives other probabilities.")
    print(f"A fresh process gives the same {len(again)} probabilities, bit for bit.")
    skecg = os.path.relpath(Path(sys.executable).with_name("skecg"))
    print(SERVE.format(skecg=skecg, pipeline=args.out / "pipeline"))


def kept_epoch(network):
    """Return the number of the epoch whose weights the fitted network has."""
    if not network.early_stopping:
        return network.n_epochs_
    values = network.history_[network.monitor]
    best = np.argmin if network.monitor.endswith("loss") else np.argmax
    return int(best(values)) + 1


def draw_history(pipeline, path):
    """Write the training history as a picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    from skecg import TrainingHistoryDisplay

    display = TrainingHistoryDisplay.from_estimator(pipeline)
    display.figure_.savefig(path, dpi=150)
    print(f"Wrote {path}")


def predict_in_fresh_process(path, X, folder):
    """Return the saved pipeline's probabilities, computed by another Python."""
    records, result = folder / "records.joblib", folder / "probabilities.npy"
    joblib.dump(X, records)
    command = [sys.executable, "-c", PREDICT, path, records, result]
    subprocess.run([str(part) for part in command], check=True)
    records.unlink()
    return np.load(result)


if __name__ == "__main__":
    main()
