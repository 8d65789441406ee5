"""Exported pipelines as fitted classifiers, on onnxruntime."""

import io
import json
import os
import warnings
import zipfile
from copy import copy
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skecg.classification import (
    BoostedTrees,
    LVHHybridClassifier,
    ProbabilityMixin,
    restore_hybrid,
)
from skecg.export._onnx import FORMATS, METADATA, TREES
from skecg.export._plain import check_card, rebuild
from skecg.signal import describe_voltages
from skecg.utils import (
    as_3d,
    carry_warning,
    check_ecg,
    check_learned_voltage,
    check_unpacked,
    import_optional,
    mark_warned,
)

# Records that go through a graph at once; more are no faster.
_BATCH = 64
# Samples of all leads that a record may have: 80 MB as float64.
_MOST_VALUES = 10**7


def load_onnx(path, *, n_threads=1):
    """Read an exported pipeline as a fitted classifier that needs no TensorFlow.

    Parameters
    ----------
    path : str, path-like or bytes
        File of :func:`to_onnx`, or its bytes.
    n_threads : int, default=1
        Threads that a prediction uses. One is fastest for single records, and right
        for a server that predicts several at the same time.

    Returns
    -------
    ONNXClassifier
        The fitted classifier.

    Raises
    ------
    ValueError
        If the file is damaged, or was not written by :func:`to_onnx`.
    ImportError
        If the extra ``onnx`` is not installed.

    Examples
    --------
    >>> from skecg import load_onnx
    >>> model = load_onnx("lstm.onnx")  # doctest: +SKIP
    >>> model.predict_proba(X)  # doctest: +SKIP
    """
    content = path if isinstance(path, bytes) else Path(os.fspath(path)).read_bytes()
    runtime = _runtime("load_onnx")
    try:
        if content[:2] == b"PK":
            facts, graphs, trees = _unpacked(content)
        else:
            facts, graphs, trees = None, [content], None
        sessions = [_session(graph, n_threads, runtime) for graph in graphs]
        if facts is None:
            metadata = sessions[0].get_modelmeta().custom_metadata_map
            facts = json.loads(metadata[METADATA])
        if facts["format"] not in FORMATS:
            raise ValueError(
                f"the file has the format {facts['format']}, but this version of skecg "
                f"reads {FORMATS}"
            )
        check_card(facts["card"])
        model = ONNXClassifier.from_parts(facts, graphs, n_threads, trees=trees)
        model._sessions = n_threads, sessions
        _try_out(model)
    except Exception as error:  # zipfile, JSON and graphs raise nearly anything
        raise ValueError(
            f"The file is damaged, or not written by to_onnx ({error}); export the "
            "pipeline again."
        ) from error
    return model


class ONNXClassifier(ProbabilityMixin, ClassifierMixin, BaseEstimator):
    """An exported pipeline as a fitted classifier; :func:`load_onnx` makes it.

    It can't be trained: `fit` raises. ``clone`` returns a fitted copy, as it does for
    ``FrozenEstimator``, so that calibration and threshold tuning work.

    Parameters
    ----------
    n_threads : int, default=1
        Threads that a prediction uses.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels; of two, the second is the positive one.

    card_ : dict or None
        Model card, where the file has one.

    expects_ : dict
        What records must be: ``fs`` (Hz), ``unit``, ``leads``, ``n_times`` and
        ``n_leads``.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_ : float or None
        Sampling rate in Hz, None where the pipeline did not know it.

    lead_names_in_ : tuple of str or None
        Lead names, None where the pipeline did not know them.

    See Also
    --------
    to_onnx : Exports a pipeline.
    """

    def __init__(self, n_threads=1):
        self.n_threads = n_threads

    @classmethod
    def from_parts(cls, facts, graphs, n_threads=1, trees=None):
        """Return the classifier of the parts of a file.

        Parameters
        ----------
        facts : dict
            The facts of a pipeline that :func:`to_onnx` writes as JSON.
        graphs : list of bytes
            An ONNX model for each part.
        n_threads : int, default=1
            Threads that a prediction uses.
        trees : BoostedTrees, default=None
            Trees of measured waves, where the facts are of a hybrid.

        Returns
        -------
        ONNXClassifier
            The fitted classifier.
        """
        model = cls(n_threads)
        expects = facts["expects"]
        leads = expects["leads"]
        _check_expected(expects)
        model.classes_ = np.array(facts["classes"])
        model.card_ = facts["card"]
        model.expects_ = expects
        model.n_features_in_ = int(expects["n_times"])
        model.n_leads_in_ = int(expects["n_leads"])
        model.fs_in_ = expects["fs"]
        model.lead_names_in_ = None if leads is None else tuple(leads)
        model._standardized = False
        converter = facts["converter"]
        if model.classes_.ndim != 1 or not all(
            p["weight"] >= 0 for p in facts["parts"]
        ):
            raise ValueError("its classes or weights are no lists of numbers or names")
        model._converter = None if converter is None else rebuild(converter)
        model._parts = [
            (float(part["weight"]), [*map(rebuild, part["steps"])], graph)
            for part, graph in zip(facts["parts"], graphs, strict=True)
        ]
        model._hybrid = _restored(facts, trees) if "hybrid" in facts else None
        return model

    def fit(self, X, y=None):
        """Raise, as an exported pipeline can't be trained.

        Parameters
        ----------
        X, y : object
            Ignored.
        """
        raise NotImplementedError(
            "An exported pipeline can't be trained; train the pipeline it came from, "
            "and export that."
        )

    def predict_proba(self, X, sex=None, age=None):
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those the pipeline was fitted on, in mV; a labelled X is
            converted where the pipeline begins with an ECGConverter.
        sex, age : array-like of shape (n_records,), default=None
            As in :meth:`skecg.LVHHybridClassifier.predict_proba`; ignored where the
            pipeline does not end in one.

        Returns
        -------
        ndarray of shape (n_records, n_classes)
            Probabilities, in the order of ``classes_``.
        """
        check_is_fitted(self)
        if self._converter is not None:
            X = self._converter.transform(X)
        values, labels = check_ecg(self, X, reset=False)
        # A view, which may be marked though the array is the caller's.
        mine = values.view()
        if self._warns_of_voltage(values):
            mark_warned(mine)
        output = self._by_networks(mine, labels)
        if self._hybrid is not None:
            records = mine
            if labels is not None:
                records = carry_warning(mine, labels.wrap(mine))
            output = np.exp(self._hybrid._combine(output, records, sex, age))
        # Log-odds of 0 would be infinite.
        return np.clip(output, np.finfo(np.float32).tiny, None)

    def _by_networks(self, values, labels):
        """Return the probabilities that the graphs give."""
        output = np.zeros((len(values), len(self.classes_)))
        # Behind a converter that learned from labels, records have the known form.
        plain = labels is None or self._converter is not None and self.fs_in_
        for weight, steps, session in self._running():
            records = values if plain else labels.wrap(values)
            for step in steps:
                records = step.transform(records)
            records = as_3d(np.asarray(records)).astype(np.float32, copy=False)
            for first in range(0, len(records), _BATCH):
                here = slice(first, first + _BATCH)
                (found,) = session.run(None, {"ecg": records[here]})
                output[here] += weight * found
        return output / output.sum(axis=1, keepdims=True)

    def _warns_of_voltage(self, values):
        """Warn of records of another voltage, as the scaler inside the graph can't."""
        learned = self.expects_["amplitude"]
        if learned is not None:
            return check_learned_voltage(self, values, learned)
        if said := describe_voltages(as_3d(values)):
            warnings.warn(said, stacklevel=3)
        return bool(said)

    def _running(self):
        """Return each part with its session, started when it is first needed."""
        n_threads, sessions = getattr(self, "_sessions", (None, None))
        if n_threads != self.n_threads:
            runtime = _runtime("an exported pipeline")
            sessions = [
                _session(graph, self.n_threads, runtime) for *_, graph in self._parts
            ]
            self._sessions = self.n_threads, sessions
        return [
            (weight, steps, session)
            for (weight, steps, _), session in zip(self._parts, sessions, strict=True)
        ]

    def __getstate__(self):
        return {k: v for k, v in super().__getstate__().items() if k != "_sessions"}

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_parts")

    def __sklearn_clone__(self):
        return copy(self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _unpacked(content):
    """Return the facts and the graphs of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        check_unpacked(file)
        facts = json.loads(file.read(f"{METADATA}.json"))
        graphs = [file.read(f"{k}.onnx") for k in range(len(facts["parts"]))]
        trees = None
        if "hybrid" in facts:
            trees = BoostedTrees.load(io.BytesIO(file.read(TREES)))
        return facts, graphs, trees


def _check_expected(expects):
    """Raise unless records can be as the file expects them."""
    fs, leads, n_leads = expects["fs"], expects["leads"], expects["n_leads"]
    if not 0 < expects["n_times"] * n_leads <= _MOST_VALUES:
        raise ValueError(f"it expects {expects['n_times']} samples of {n_leads} leads")
    if fs is not None and not 0 < fs < np.inf:
        raise ValueError(f"it expects {fs} Hz")
    if leads is not None and not len({*map(str, leads)}) == len(leads) == n_leads:
        raise ValueError(f"it expects {n_leads} leads, but names {leads!r:.80}")


def _try_out(model):
    """Raise unless parts fit together: predict a record of zeros."""
    zeros = np.zeros((1, model.n_features_in_, model.n_leads_in_))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its voltage
        found = model.predict_proba(zeros)
    n_classes = model.classes_.size
    if found.shape != (1, n_classes) or not (0 <= found.min() <= found.max() <= 1.001):
        raise ValueError(f"it gives no probabilities of {n_classes} classes")


def _restored(facts, trees):
    """Return the hybrid whose network is in graphs."""
    hybrid = facts["hybrid"]
    empty = LVHHybridClassifier(
        weight=hybrid["weight"], fs=hybrid["fs"], lead_names=tuple(hybrid["leads"])
    )
    empty._validate_params()
    return restore_hybrid(
        empty,
        None,
        trees,
        n_times=facts["expects"]["n_times"],
        amplitude=hybrid["amplitude"],
        calibration=hybrid["calibration"],
        known_facts=hybrid["known_facts"],
        names_doubts=facts["converter"] is None,
    )


def _runtime(purpose):
    """Return onnxruntime without telemetry.

    Since 1.32 its import stores an identifier of the machine in the user's cache, and
    starts a thread that sends events to its makers.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    return import_optional("onnxruntime", "onnx", purpose)


def _session(graph, n_threads, runtime):
    """Return a session that runs a graph on the processor."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    # Errors alone: warnings of the graph's form help no user.
    options.log_severity_level = 3
    providers = ["CPUExecutionProvider"]
    return runtime.InferenceSession(graph, options, providers=providers)
