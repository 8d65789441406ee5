"""Fitted classifiers from trained weights, without training."""

import numpy as np


def restore_classifier(
    classifier, network, *, n_times, amplitude, classes=(0, 1), history=None
):
    """Make a classifier the fitted one that a trained network was saved from.

    `classifier` has the parameters of the fitted one and is changed in place;
    `amplitude`, `classes` and `history` are the fitted one's attributes. Weights of
    another network than `classifier` would have trained are a ValueError.
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
    classifier.amplitude_ = float(amplitude)
    classifier.history_ = {} if history is None else history
    classifier.n_epochs_ = len(classifier.history_.get("loss", ()))
    return classifier
