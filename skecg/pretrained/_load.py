"""Fitted pipelines from plain arrays."""

import json

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

import skecg.classification
import skecg.preprocessing
from skecg.classification import (
    BoostedTrees,
    LVHHybridClassifier,
    restore_classifier,
    restore_hybrid,
)
from skecg.export import ONNXClassifier, describe, describe_pipeline
from skecg.preprocessing import ECGConverter, ECGScaler
from skecg.pretrained._card import FOLDER, pretrained_card
from skecg.training import load_named_weights


def load_pretrained(name="ptbxl", *, backend="keras"):
    """Load a trained pipeline, ready for ``predict_proba`` on records in mV.

    The label it was trained on is a cardiologist's statement on the ECG, not
    echocardiography or MRI. Research software, not a medical device; read its card.

    Parameters
    ----------
    name : str, default="ptbxl"
        ``"ptbxl"``, all networks trained on PTB-XL with boosting on measured waves, sex
        and age; ``"ptbxl_hybrid"``, the smallest network with the same boosting; a
        network alone, such as ``"ptbxl_lstm"``; or one for records of fewer leads,
        ``"ptbxl_eight_leads"``, ``"ptbxl_leads_i_ii"`` or ``"ptbxl_lead_i"``.
    backend : {"keras", "onnx"}, default="keras"
        What runs the networks. With ``"onnx"``, onnxruntime (extra ``onnx``) does, and
        TensorFlow is not loaded; probabilities differ by about 1e-6.

    Returns
    -------
    sklearn.pipeline.Pipeline or ONNXClassifier
        An ECGConverter, then what prepares records, an ECGScaler and a classifier, or
        an LVHHybridClassifier of such; all fitted. It takes records of the form that its
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
    Sex and age are read from labelled records, or given as ``predict_proba(X, sex=sex,
    age=age)`` of the two hybrids; either may be unknown.

    Probabilities were calibrated out of fold, for the prevalence of LVH in PTB-XL;
    :func:`recalibrate` fits them to other records.

    One or two leads without a signal are estimated from the others, with a warning
    (``fill_lost_leads`` of :class:`ECGConverter`).

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
        return _on_onnxruntime(card, converter)
    if "members" not in card:
        return make_pipeline(converter, *_steps(card))
    members = [
        (member, make_pipeline(*_steps(pretrained_card(member))))
        for member in card["members"]
    ]
    network = _average(members) if len(members) > 1 else members[0][1]
    return make_pipeline(converter, _hybrid(card, network))


def _on_onnxruntime(card, converter):
    """Return the pipeline as a fitted ONNXClassifier, without TensorFlow."""
    members = card.get("members", [card["name"]])
    steps = [_first_step(pretrained_card(member))[0] for member in members]
    parts = [{"weight": 1 / len(steps), "steps": [describe(step)]} for step in steps]
    hybrid = _hybrid(card, None) if "members" in card else None
    facts, trees = describe_pipeline([0, 1], converter, converter, parts, hybrid, card)
    graphs = [(FOLDER / f"{member}.onnx").read_bytes() for member in members]
    # Through JSON, as from a file.
    return ONNXClassifier.from_parts(json.loads(json.dumps(facts)), graphs, trees=trees)


def _hybrid(card, network):
    """Return the fitted hybrid of a fitted network and the trees."""
    expects, learned = card["expects"], card["pipeline"]["hybrid"]
    hybrid = LVHHybridClassifier(
        network,
        weight=learned["weight"],
        fs=expects["fs"],
        lead_names=tuple(expects["leads"]),
    )
    return restore_hybrid(
        hybrid,
        network,
        _trees(card),
        n_times=round(expects["duration"] * expects["fs"]),
        amplitude=card["pipeline"]["amplitude"],
        calibration=learned["calibration"],
    )


def _trees(card):
    """Return the trees of a hybrid."""
    with (FOLDER / f"{card['pipeline']['hybrid']['trees']}.npz").open("rb") as file:
        return BoostedTrees.load(file)


def _converter(card):
    """Return the fitted step that brings records into the expected form."""
    expects = card["expects"]
    converter = ECGConverter(
        expects["fs"],
        target_leads=tuple(expects["leads"]),
        duration=expects["duration"],
        fill_lost_leads=True,
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
        calibration=learned["calibration"],
    )


def _average(members):
    """Return the fitted average of the probabilities of fitted pipelines."""
    # VotingClassifier fits clones of its members; frozen ones stay fitted.
    frozen = [(name, FrozenEstimator(fitted)) for name, fitted in members]
    average = VotingClassifier(frozen, voting="soft")
    classes = members[0][1].classes_
    average.fit(np.zeros((len(classes), 1)), classes)
    # With the members themselves, a clone of the average can be trained anew.
    return average.set_params(estimators=members)


def _flat_records(card):
    """Return flat records, to fit steps that learn only a shape from them."""
    expects = card["expects"]
    n_times = round(expects["duration"] * expects["fs"])
    return np.zeros((2, n_times, len(expects["leads"])))


def _parameters(learned):
    """Return an estimator's parameters, with JSON's lists as tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in learned["parameters"].items()
    }
