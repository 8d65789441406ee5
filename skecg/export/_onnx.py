"""Export of fitted pipelines: ONNX graphs, and JSON for the rest."""

import io
import json
import os
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skecg.classification import (
    BoostedTrees,
    LVHHybridClassifier,
    NetworkClassifier,
    wave_columns,
)
from skecg.export._affine import as_affine, join_over_time
from skecg.export._plain import check_card, describe
from skecg.preprocessing import ECGConverter
from skecg.signal import standard_leads
from skecg.utils import DEFAULT_FS, import_optional, write_whole

METADATA = "skecg"
"""Key of the facts in an ONNX model's metadata; name of their file in an archive."""
FORMATS = (1, 2)
"""Versions that are read. Hybrids are written as the second, all else as the first."""
TREES = "trees.npz"
"""File of a hybrid's trees in an archive."""


def to_onnx(pipeline, path, *, card=None):
    """Write a fitted pipeline as an ONNX model, which needs no TensorFlow to run.

    Parameters
    ----------
    pipeline : Pipeline or classifier
        A fitted network classifier, or a Pipeline that ends in one, in a
        VotingClassifier of such with ``voting="soft"``, or in an LVHHybridClassifier of
        such and gradient boosting. Its other steps may be ECGConverter, ECGFilter,
        ECGResampler, ECGCropper, LeadSelector, ECGScaler and ECGMedianBeat; before an
        LVHHybridClassifier, an ECGConverter alone.
    path : str or path-like
        The file. With the suffix ``.onnx`` it is one graph that takes records in mV.
        With ``.zip`` it may be several graphs with steps in NumPy before them, which
        ECGMedianBeat and ``ECGScaler(scope="record")`` need, and the trees of a hybrid.
    card : dict, default=None
        Model card to store in the file, such as that of
        :func:`~skecg.pretrained_card`; a loaded classifier has it as ``card_``.

    Returns
    -------
    pathlib.Path
        The file that was written.

    Raises
    ------
    TypeError
        If a step or the classifier has no form in ONNX.
    ValueError
        If the path has another suffix, if it ends in ``.onnx`` but the pipeline is no
        single graph, or if an operating point of the card is no number from 0 to 1.
    ImportError
        If the extra ``export`` is not installed.

    See Also
    --------
    load_onnx : Reads the file as a fitted classifier.

    Notes
    -----
    The graph's input ``ecg`` is float32 of shape (n_records, n_times, n_leads) in mV,
    its output ``probabilities`` float32 of shape (n_records, n_classes). What it
    expects (sampling rate, unit, leads, duration, classes) is in the model's metadata
    as JSON, under the key ``skecg``. Filters and resampling become matrices over time,
    whose float32 product changes probabilities by about 1e-6.

    The file holds no pickle and is written whole or not at all.

    Examples
    --------
    >>> from skecg import load_pretrained, to_onnx
    >>> to_onnx(load_pretrained("ptbxl_lstm"), "lstm.onnx")  # doctest: +SKIP
    """
    path = Path(os.fspath(path))
    if path.suffix not in (".onnx", ".zip"):
        raise ValueError(
            f"path must end in .onnx or .zip, but is {path.name!r}; name the file, for "
            "example, model.onnx."
        )
    check_card(card)
    check_is_fitted(pipeline)
    front, branches, weights, hybrid = _branches(pipeline)
    parts = _parts(front, branches, weights)
    whole = len(parts) == 1 and not parts[0]["steps"] and hybrid is None
    if path.suffix == ".onnx" and not whole:
        steps = [step for before, _ in branches for step in before]
        kinds = [type(step).__name__ for step in steps if as_affine(step) is None]
        kinds += [] if hybrid is None else [type(hybrid).__name__]
        named = " and ".join(dict.fromkeys(kinds))
        raise ValueError(
            f"The pipeline has {named}, which can't be part of one graph; name a .zip "
            f"file instead of {path.name!r}."
        )
    facts, trees = describe_pipeline(
        pipeline.classes_, _first(pipeline), front, parts, hybrid, card
    )
    write_whole(path, _packed(facts, parts, trees, archive=path.suffix == ".zip"))
    return path


def _branches(pipeline):
    """Return the first step, the branches of an average, their weights, any hybrid.

    A branch is a list of steps, and the network classifier after them.
    """
    steps, classifier = _flat(pipeline)
    front = None
    if steps and isinstance(steps[0], ECGConverter):
        front, *steps = steps
    hybrid = None
    if isinstance(classifier, LVHHybridClassifier):
        if steps:
            raise TypeError(
                f"{type(steps[-1]).__name__} before an LVHHybridClassifier can't be "
                "exported; make it a step of the hybrid's network."
            )
        hybrid = classifier
        steps, classifier = _flat(hybrid.network_)
    if not isinstance(classifier, VotingClassifier):
        return front, [(steps, _network(classifier))], [1.0], hybrid
    if classifier.voting != "soft":
        raise TypeError(
            "VotingClassifier with voting='hard' has no probabilities; fit it with "
            "voting='soft'."
        )
    # Members that are "drop" are not fitted, but have a weight.
    kept = [member != "drop" for _, member in classifier.estimators]
    given = np.ones(len(kept)) if classifier.weights is None else classifier.weights
    weights = np.asarray(given, dtype=float)[kept]
    branches = []
    for member in classifier.estimators_:
        more, network = _flat(member)
        branches.append(([*steps, *more], _network(network)))
    return front, branches, (weights / weights.sum()).tolist(), hybrid


def _flat(pipeline):
    """Return the transformers and the classifier of nested pipelines."""
    if isinstance(pipeline, FrozenEstimator):
        return _flat(pipeline.estimator)
    if not isinstance(pipeline, Pipeline):
        return [], pipeline
    before = [step for _, step in pipeline.steps[:-1]]
    steps, classifier = _flat(pipeline.steps[-1][1])
    kept = [step for step in before if step is not None and step != "passthrough"]
    return [*kept, *steps], classifier


def _network(classifier):
    """Return a network classifier; raise for any other estimator."""
    if not isinstance(classifier, NetworkClassifier):
        raise TypeError(
            f"{type(classifier).__name__} can't be exported to ONNX, only a network "
            "classifier or a soft VotingClassifier of such; save the pipeline with "
            "joblib."
        )
    return classifier


def _parts(front, branches, weights):
    """Return each graph with its weight and the steps in NumPy before it."""
    # Imported here, as it loads TensorFlow.
    from skecg.export._graph import build_graph

    pure, split = [], []
    for (steps, network), weight in zip(branches, weights, strict=True):
        affine = [as_affine(step) for step in steps]
        # All up to the last step that is not linear runs in NumPy before the graph.
        n_numpy = 1 + max((k for k, a in enumerate(affine) if a is None), default=-1)
        before, after = steps[:n_numpy], join_over_time(affine[n_numpy:])
        if before:
            shape = _shape(steps[n_numpy] if after else network)
            graph = build_graph([(after, network)], [1.0], shape)
            part = {"weight": weight, "steps": [*map(describe, before)], "graph": graph}
            split.append(part)
        else:
            pure.append(((after, network), weight, _shape((*steps, network)[0])))
    if pure:
        shares = [weight for _, weight, _ in pure]
        whole = [weight / sum(shares) for weight in shares]
        graph = build_graph([branch for branch, _, _ in pure], whole, pure[0][2])
        split.insert(0, {"weight": sum(shares), "steps": [], "graph": graph})
    return split


def _shape(step):
    """Return the samples and leads of the records that a step was fitted on."""
    return step.n_features_in_, step.n_leads_in_


def _first(pipeline):
    """Return the first step of a pipeline, or its classifier."""
    steps, classifier = _flat(pipeline)
    if isinstance(classifier, VotingClassifier) and not steps:
        return _flat(classifier.estimators_[0])[0][0]
    return (*steps, classifier)[0]


def describe_pipeline(classes, first, front, parts, hybrid, card):
    """Return what `load_onnx` needs besides the graphs, for JSON, and any trees.

    `first` is the first fitted step, `front` the ECGConverter or None, and `parts` have
    a weight and described steps each.
    """
    facts = {
        "format": FORMATS[hybrid is not None],
        "skecg": version("skecg"),
        "classes": np.asarray(classes).tolist(),
        "expects": {
            "fs": _rate(first, front),
            "unit": "mV",
            "leads": None if first.lead_names_in_ is None else [*first.lead_names_in_],
            "n_times": first.n_features_in_,
            "n_leads": first.n_leads_in_,
            "amplitude": getattr(first, "amplitude_", None),
        },
        "converter": None if front is None else describe(front),
        "parts": [{"weight": p["weight"], "steps": p["steps"]} for p in parts],
        "card": card,
    }
    if hybrid is None:
        return facts, None
    described, trees = _described(hybrid)
    return facts | {"hybrid": described}, trees


def _rate(first, front):
    """Return the sampling rate in Hz that a pipeline was fitted at, if it is known."""
    if front is not None:
        return float(front.target_fs)
    known = first.fs_in_ or getattr(first, "fs", None)
    return None if known is None else float(known)


def _described(hybrid):
    """Return a fitted hybrid without its network for JSON, and its trees."""
    trees = hybrid.tabular_
    if not isinstance(trees, BoostedTrees):
        trees = BoostedTrees.of(trees, columns=wave_columns(hybrid.criteria_))
    leads = hybrid.lead_names or hybrid.lead_names_in_
    facts = {
        "weight": float(hybrid.weight),
        "calibration": hybrid.calibration_,
        "fs": float(hybrid.fs or hybrid.fs_in_ or DEFAULT_FS),
        "leads": [*(leads or standard_leads(hybrid.n_leads_in_))],
        "amplitude": hybrid.amplitude_,
        "known_facts": hybrid._known_facts,
    }
    return facts, trees


def _packed(facts, parts, trees, *, archive):
    """Return the bytes of the file."""
    # NaN is no JSON, and other readers would refuse the file.
    text = json.dumps(facts, allow_nan=False)
    if not archive:
        onnx = import_optional("onnx", "export", "to_onnx")
        model = onnx.load_from_string(parts[0]["graph"])
        onnx.helper.set_model_props(model, {METADATA: text})
        return model.SerializeToString()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{METADATA}.json", text)
        for k, part in enumerate(parts):
            file.writestr(f"{k}.onnx", part["graph"])
        if trees is not None:
            arrays = io.BytesIO()
            trees.save(arrays)
            file.writestr(TREES, arrays.getvalue())
    return buffer.getvalue()
