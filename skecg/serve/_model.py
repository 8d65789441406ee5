"""A trained pipeline with its name, card, digest and decisions."""

import hashlib
import io
import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from skecg.export import load_onnx
from skecg.pretrained import load_pretrained, pretrained_card, pretrained_names
from skecg.utils import describe_unclear, find_positive

DEFAULT_MODEL = "ptbxl"

CAVEAT = (
    "Research software, not a medical device. The probability says how likely a "
    "cardiologist's ECG statement of LVH is, not whether the heart is enlarged; no ECG "
    "finding rules LVH out."
)
"""What stands beside every probability that a person sees."""


@dataclass(frozen=True)
class Model:
    """A fitted pipeline that is served.

    Attributes
    ----------
    name : str
        Name of the pipeline, or of its file.
    version : str
        Version of skecg that made it, where the card says.
    sha256 : str
        Digest of the file, or of the files, that hold the weights.
    card : dict
        Its card; empty where it has none.
    estimator : classifier
        The fitted pipeline.
    """

    name: str
    version: str
    sha256: str
    card: dict[str, Any]
    estimator: Any

    def probability(self, record: Any) -> float:
        """Return the probability of the positive class of one record."""
        return float(self.estimator.predict_proba(record)[0, 1])

    def described(self) -> dict[str, Any]:
        """Return what an answer says of the model."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256}

    def decisions(self, probability: float) -> list[dict[str, Any]]:
        """Return the decision at each operating point of the card, else at 0.5."""
        points = self.card.get("operating_points") or {"probability 0.5": 0.5}
        return [
            {"name": name, "threshold": threshold, "positive": probability >= threshold}
            for name, threshold in points.items()
        ]


def open_model(
    name: str | os.PathLike = DEFAULT_MODEL, *, pickles: bool = False
) -> Model:
    """Load a trained pipeline by its name or from a file.

    Parameters
    ----------
    name : str or path-like, default="ptbxl"
        A pipeline of the package, an ``.onnx`` or ``.zip`` file of
        :func:`skecg.to_onnx`, or with `pickles` a file that joblib wrote.
    pickles : bool, default=False
        Whether to load files of joblib. They run code when they are loaded.

    Returns
    -------
    Model
        The pipeline.

    Raises
    ------
    ValueError
        If there is no such pipeline, or the file is of another kind.
    FileNotFoundError
        If the file is absent.

    Examples
    --------
    >>> model = open_model("ptbxl_lstm")
    >>> [point["name"] for point in model.decisions(0.1)]
    ['specificity 0.90', 'specificity 0.95']
    """
    name = os.fspath(name)
    if name in pretrained_names():
        card = pretrained_card(name)
        members = card.get("members", [name])
        version = pretrained_card(members[0])["training"]["software"]["skecg"]
        names = [f"{member}.onnx" for member in members]
        if "members" in card:
            names.append(f"{card['pipeline']['hybrid']['trees']}.npz")
        # The card holds the calibration.
        folder = files("skecg.pretrained")
        digest = digest_of(
            (folder / part).read_bytes() for part in (*names, f"{name}.json")
        )
        return Model(name, version, digest, card, _pretrained(name))
    path = Path(name)
    if path.suffix in (".onnx", ".zip"):
        content = path.read_bytes()
        estimator = load_onnx(content)
        _check_classes(path.name, estimator.classes_)
        digest = digest_of([content])
        return Model(path.name, "", digest, estimator.card_ or {}, estimator)
    if path.suffix == ".joblib" and pickles:
        return _unpickled(path)
    raise ValueError(
        f"{name!r} is no model: give one of {pretrained_names()}, or an .onnx or .zip "
        "file of skecg export."
    )


def _pretrained(name: str) -> Any:
    """Return a pipeline of the package, without TensorFlow where that is possible."""
    # TensorFlow takes 1 GB of memory and seconds to start.
    try:
        return load_pretrained(name, backend="onnx")
    except ImportError:
        return load_pretrained(name)


def _unpickled(path: Path) -> Model:
    """Return a pipeline that joblib wrote."""
    import joblib

    warnings.warn(
        f"{path.name} is a pickle, which runs code when it is loaded; load only files "
        "that you made yourself.",
        stacklevel=3,
    )
    content = path.read_bytes()
    estimator = joblib.load(io.BytesIO(content))
    if len(getattr(estimator, "classes_", ())) != 2:
        raise ValueError(
            f"{path.name} holds no fitted classifier of two classes; save a fitted "
            "pipeline."
        )
    _check_classes(path.name, estimator.classes_)
    return Model(path.name, "", digest_of([content]), {}, estimator)


def _check_classes(name: str, classes: np.ndarray) -> None:
    """Raise unless the second of two classes, whose probability is given, means LVH."""
    names = np.asarray(classes).tolist()
    if len(names) != 2 or describe_unclear(classes, name) or not find_positive(names):
        raise ValueError(
            f"{name} has the classes {names[:5]}, but the second of two must mean "
            "LVH; train the model on the labels 0 and 1."
        )


def digest_of(contents: Iterable[Any]) -> str:
    """Return the SHA-256 of the contents of files, one after the other.

    >>> digest_of([b"a", b"b"])[:12]
    'fb8e20fc2e4c'
    """
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()
