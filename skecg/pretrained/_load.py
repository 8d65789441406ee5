"""Fitted pipelines from plain arrays."""

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

import skecg.classification
import skecg.preprocessing
from skecg.classification import restore_classifier
from skecg.preprocessing import ECGConverter, ECGScaler
from skecg.pretrained._card import pretrained_card
from skecg.pretrained._onnx import load_on_onnxruntime
from skecg.training import load_named_weights


def load_pretrained(name="ptbxl", *, backend="keras"):
    """Load a trained pipeline, ready for ``predict_proba`` on records in mV.

    The label it was trained on is a cardiologist's statement on the ECG, not
    echocardiography or MRI. Research software, not a medical device; read its card.

    Parameters
    ----------
    name : str, default="ptbxl"
        ``"ptbxl"``, the average of all networks trained on PTB-XL, or one of them, such
        as ``"ptbxl_lstm"``.
    backend : {"keras", "onnx"}, default="keras"
        What runs the networks. With ``"onnx"``, onnxruntime (extra ``onnx``) does, and
        TensorFlow is not loaded; probabilities differ by about 1e-6.

    Returns
    -------
    sklearn.pipeline.Pipeline or ONNXClassifier
        An ECGConverter, then what prepares records, an ECGScaler and a classifier, or
        the average of several such; all fitted. It takes records of the form that its
        card states, and labelled ones (``DataArray``) of any form that can be converted
        to it; any other is an error.

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
    The pipeline is built from arrays and JSON; nothing is unpickled. In searches and
    cross-validation give ``FrozenEstimator(load_pretrained())``, as they clone
    estimators, which removes what they have learned.

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
    if backend not in ("keras", "onnx"):
        raise ValueError(f"backend must be 'keras' or 'onnx', but got {backend!r}.")
    card = pretrained_card(name)
    converter = _converter(card)
    if backend == "onnx":
        members = map(pretrained_card, card.get("members", [name]))
        steps = {member["name"]: _first_step(member)[0] for member in members}
        return load_on_onnxruntime(name, converter, steps)
    if "members" not in card:
        return make_pipeline(converter, *_steps(card))
    members = [
        (member, make_pipeline(*_steps(pretrained_card(member))))
        for member in card["members"]
    ]
    return make_pipeline(converter, _average(members))


def _converter(card):
    """Return the fitted step that brings records into the expected form."""
    expects = card["expects"]
    converter = ECGConverter(
        expects["fs"],
        target_leads=tuple(expects["leads"]),
        duration=expects["duration"],
    )
    converter.fit(_flat_records(card))
    converter.lead_names_in_ = tuple(expects["leads"])
    converter.amplitude_ = card["pipeline"]["amplitude"]
    return converter


def _first_step(card):
    """Return the fitted step of one network after the converter, and its output."""
    described = card["pipeline"]["first_step"]
    step = getattr(skecg.preprocessing, described["class"])(**_parameters(described))
    prepared = step.fit_transform(_flat_records(card))
    step.lead_names_in_ = tuple(card["expects"]["leads"])
    return step, prepared


def _steps(card):
    """Return the fitted steps of one network, after the converter."""
    first_step, prepared = _first_step(card)
    learned = card["pipeline"]["scaler"]
    scaler = ECGScaler().fit(prepared)
    scaler.amplitude_ = learned["amplitude"]
    scaler.mean_ = np.array(learned["mean"])
    scaler.scale_ = np.array(learned["scale"])
    scaler.lead_names_in_ = first_step.lead_names_in_
    return first_step, scaler, _classifier(card, prepared.shape[1])


def _classifier(card, n_times):
    """Return one fitted network classifier."""
    learned = card["pipeline"]["classifier"]
    kind = getattr(skecg.classification, learned["class"])
    return restore_classifier(
        kind(**_parameters(learned)),
        load_named_weights(card["name"]),
        n_times=n_times,
        amplitude=learned["amplitude"],
        classes=learned["classes"],
        history=learned["history"],
    )


def _average(members):
    """Return the fitted average of the probabilities of fitted pipelines."""
    frozen = [(name, FrozenEstimator(fitted)) for name, fitted in members]
    average = VotingClassifier(frozen, voting="soft")
    classes = members[0][1].classes_
    average.fit(np.zeros((len(classes), 1)), classes)
    # A clone trains new networks instead of keeping the frozen ones.
    return average.set_params(estimators=members)


def _flat_records(card):
    """Return records of the expected form for steps that learn nothing from them."""
    expects = card["expects"]
    n_times = round(expects["duration"] * expects["fs"])
    return np.zeros((2, n_times, len(expects["leads"])))


def _parameters(learned):
    """Return an estimator's parameters, with JSON's lists as tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in learned["parameters"].items()
    }
