"""Fitted classifiers from trained weights, without training."""

import numpy as np

from skecg.classification._hybrid import wave_columns
from skecg.criteria import VoltageCriteria
from skecg.utils import check_ecg


def restore_classifier(
    classifier,
    network,
    *,
    n_times,
    amplitude,
    classes=(0, 1),
    history=None,
    calibration=None,
):
    """Make a classifier the fitted one that a trained network was saved from.

    `classifier` has the parameters of the fitted one and is changed in place;
    `amplitude`, `classes`, `history` and `calibration` are the fitted one's attributes.
    Weights of another network than `classifier` would have trained are a ValueError.
    """
    classifier.classes_ = np.asarray(classes)
    classifier.n_features_in_ = int(n_times)
    classifier.n_leads_in_ = network.architecture.input_shape[1]
    classifier.fs_in_ = classifier.lead_names_in_ = classifier._standardized = None
    architecture = classifier._sized_architecture(n_times, classifier.n_leads_in_)
    if architecture != network.architecture:
        raise ValueError(
            f"The weights are of {network}, but {classifier!r} for records of "
            f"{n_times} samples has {architecture}; give the parameters of the fitted "
            "one."
        )
    classifier.estimator_ = network
    classifier.calibration_ = None if calibration is None else tuple(calibration)
    classifier.amplitude_ = float(amplitude)
    classifier.history_ = {} if history is None else history
    classifier.n_epochs_ = len(classifier.history_.get("loss", ()))
    return classifier


def restore_hybrid(
    hybrid,
    network,
    trees,
    *,
    n_times,
    amplitude,
    calibration=None,
    known_facts=(),
    names_doubts=False,
):
    """Make an LVHHybridClassifier the fitted one of a fitted network and fitted trees.

    `hybrid` has the parameters of the fitted one, `fs` and `lead_names` among them, and
    is changed in place. Its trees name their columns; it warns without sex or age where
    `known_facts` names them. `names_doubts` tells whether it warns of doubtful records,
    as it must if no ECGConverter before it does.
    """
    flat = np.zeros((2, n_times, len(hybrid.lead_names)))
    check_ecg(hybrid, flat, reset=True)
    hybrid.classes_ = np.asarray(trees.classes_)
    hybrid.amplitude_ = float(amplitude)
    hybrid.lead_names_in_ = tuple(hybrid.lead_names)
    hybrid.network_, hybrid.tabular_ = network, trees
    hybrid.criteria_ = VoltageCriteria(
        passthrough=True,
        fs=hybrid.fs,
        lead_names=hybrid.lead_names,
        n_jobs=hybrid.n_jobs,
    ).fit(flat)
    hybrid.criteria_.measurer_._names_doubts = names_doubts
    measured = wave_columns(hybrid.criteria_)
    if unknown := sorted({*trees.columns.tolist()} - {*measured}):
        raise ValueError(
            f"The trees need the column {unknown[0]!r}, which is not measured; use the "
            "version of skecg that fitted them."
        )
    hybrid._places = np.array([measured.index(name) for name in trees.columns])
    hybrid._unknown_columns = np.zeros(len(trees.columns), bool)
    hybrid._known_facts = list(known_facts)
    hybrid.calibration_ = None if calibration is None else tuple(calibration)
    return hybrid
