"""Fitted classifiers from trained weights, without training."""

import numpy as np

from skecg.classification._transfer import TrainedNetwork


def restore_classifier(
    classifier, path, *, n_times, amplitude, classes=(0, 1), history=None
):
    """Make a classifier the fitted one whose ``save_weights`` wrote a file.

    Parameters
    ----------
    classifier : NetworkClassifier
        With the parameters of the fitted one; it is changed.
    path : path-like
        The file.
    n_times : int
        Samples in time of the records it was fitted on.
    amplitude : float
        Its ``amplitude_``.
    classes : sequence, default=(0, 1)
        Its ``classes_``.
    history : dict of str to list of float, default=None
        Its ``history_``; None where it is not known.

    Returns
    -------
    NetworkClassifier
        `classifier`, which gives the probabilities of the fitted one to the last bit.

    Raises
    ------
    ValueError
        If the weights are of another network than `classifier` would have trained.
    """
    from skecg.classification import _engine

    network = TrainedNetwork.load(path)
    classifier.classes_ = np.asarray(classes)
    classifier.n_features_in_ = int(n_times)
    classifier.n_leads_in_ = network.input_shape[1]
    classifier.fs_in_ = classifier.lead_names_in_ = classifier._standardized = None
    architecture = classifier._sized_architecture(n_times, classifier.n_leads_in_)
    classifier.estimator_ = _engine.restore(architecture, network.weights)
    built = TrainedNetwork.of(classifier.estimator_, network.amplitude)
    if built.words() != network.words():
        raise ValueError(
            f"The weights are of {network}, but {classifier!r} for records of "
            f"{n_times} samples has {built}; give the parameters of the fitted one."
        )
    classifier.amplitude_ = float(amplitude)
    classifier.history_ = {} if history is None else history
    classifier.estimator_.history_ = classifier.history_
    classifier.n_epochs_ = len(classifier.history_.get("loss", ()))
    return classifier
