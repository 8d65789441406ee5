"""Fitted pipelines from plain arrays."""

import importlib.resources

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

import skecg.classification
from skecg.classification._restore import restore_classifier
from skecg.preprocessing import ECGConverter, ECGFilter, ECGScaler
from skecg.pretrained._card import FOLDER, pretrained_card


def load_pretrained(name="ptbxl"):
    """Load a trained pipeline, ready for ``predict_proba`` on records in mV.

    The label it was trained on is a cardiologist's statement on the ECG, not
    echocardiography or MRI. Research software, not a medical device; read its card.

    Parameters
    ----------
    name : str, default="ptbxl"
        ``"ptbxl"``, the average of all networks trained on PTB-XL, or one of them, such
        as ``"ptbxl_lstm"``.

    Returns
    -------
    sklearn.pipeline.Pipeline
        An ECGConverter, ECGFilter, ECGScaler and a classifier, all fitted. It takes
        records of the form that its card states, and labelled ones (``DataArray``) of
        any form that can be converted to it; any other is an error.

    Raises
    ------
    ValueError
        If there is no such pipeline.

    See Also
    --------
    pretrained_card : What it expects, how it was trained, and how good it is.
    LVHLSTMClassifier : With ``weights="ptbxl"``, training starts from its weights.

    Notes
    -----
    It is built from arrays and words; nothing is unpickled. ``clone``, and with it every
    search and cross-validation, takes away what an estimator has learned: give
    ``FrozenEstimator(load_pretrained())`` there.

    Examples
    --------
    >>> from skecg import load_pretrained, make_lvh_ecg
    >>> model = load_pretrained("ptbxl_lstm")
    >>> cohort = make_lvh_ecg(4, fs=100, random_state=0)
    >>> model.predict_proba(cohort.data).shape
    (4, 2)

    Labelled records may have another sampling rate:

    >>> cohort = make_lvh_ecg(4, fs=500, random_state=0, as_xarray=True)
    >>> model.predict_proba(cohort.data).shape
    (4, 2)
    >>> model.predict_proba(cohort.data.values)
    Traceback (most recent call last):
    ...
    ValueError: X has 5000 features, but ECGConverter is expecting 1000 features as input...
    """  # noqa: E501
    card = pretrained_card(name)
    members = card.get("members", [name])
    classifiers = [(member, _classifier(member)) for member in members]
    if "members" in card:
        return _pipeline(card, _average(classifiers))
    return _pipeline(card, classifiers[0][1])


def _classifier(name):
    """Return one fitted network classifier."""
    card = pretrained_card(name)
    parts = card["pipeline"]["classifier"]
    parameters = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in parts["parameters"].items()
    }
    classifier = getattr(skecg.classification, parts["class"])(**parameters)
    with importlib.resources.as_file(FOLDER / f"{name}.npz") as path:
        return restore_classifier(
            classifier,
            path,
            n_times=_n_times(card),
            amplitude=parts["amplitude"],
            classes=parts["classes"],
            history=parts["history"],
        )


def _average(classifiers):
    """Return the fitted average of the probabilities of fitted classifiers."""
    frozen = [(name, FrozenEstimator(fitted)) for name, fitted in classifiers]
    average = VotingClassifier(frozen, voting="soft")
    classes = frozen[0][1].classes_
    average.fit(np.zeros((len(classes), 1)), classes)
    # A clone shall train networks anew, and not take the frozen ones over.
    return average.set_params(estimators=classifiers)


def _pipeline(card, classifier):
    """Return a fitted pipeline that ends in a fitted classifier."""
    fs, leads = card["expects"]["fs"], tuple(card["expects"]["leads"])
    learned = card["pipeline"]
    converter = ECGConverter(
        fs, target_leads=leads, duration=card["expects"]["duration"]
    )
    scaler = ECGScaler()
    steps = [converter, ECGFilter(fs=fs), scaler]
    for step in steps:
        step.fit(np.zeros((2, _n_times(card), len(leads))))
        step.fs_in_, step.lead_names_in_ = fs, leads
    converter.amplitude_ = learned["amplitude"]
    scaler.amplitude_ = learned["scaler"]["amplitude"]
    scaler.mean_ = np.array(learned["scaler"]["mean"])
    scaler.scale_ = np.array(learned["scaler"]["scale"])
    return make_pipeline(*steps, classifier)


def _n_times(card):
    """Return the number of samples of the records that a pipeline expects."""
    return round(card["expects"]["duration"] * card["expects"]["fs"])
