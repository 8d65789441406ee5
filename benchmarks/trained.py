"""Reads what examples/train_on_ptbxl.py wrote."""

import json
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline

import skecg
from skecg.classification import restore_classifier
from skecg.training import TrainedNetwork


def read_facts(path):
    """Return what a training wrote down of itself."""
    return json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))


def read_pipeline(path, X):
    """Return the fitted pipeline, for records of the length of those in X."""
    facts = read_facts(path)
    first_step = getattr(skecg, facts["first_step"]["class"])
    scaler = skecg.ECGScaler()
    steps = make_pipeline(first_step(**facts["first_step"]["parameters"]), scaler)
    n_times = steps.fit_transform(X[:2]).shape[1]
    scaler.mean_, scaler.scale_ = (
        np.array(facts["scaler"][name]) for name in ("mean", "scale")
    )
    scaler.amplitude_ = facts["amplitudes"]["scaler"]
    parameters = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts["parameters"].items()
    }
    network = restore_classifier(
        getattr(skecg, facts["classifier"])(**parameters),
        TrainedNetwork.load(f"{path}.npz"),
        n_times=n_times,
        amplitude=facts["amplitudes"]["classifier"],
    )
    return make_pipeline(*steps, network)
