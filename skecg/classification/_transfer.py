"""Trained networks as plain arrays: what a fit can start from, and files of them."""

import importlib.resources
import io
import json
import os
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skecg.utils import UNIT_MISTAKE, write_whole

_NOT_OF_THE_BODY = ("dense_units", "dropout")
_OTHERWISE = 3.0  # scaled records are five times as large as the same in mV
_UNREADABLE = (  # what np.load, and what it hands out, raise of other or broken files
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class TrainedNetwork:
    """A network's architecture in plain words, and its weights.

    Attributes
    ----------
    builder : str
        Name of the function of :mod:`skecg.networks`.
    input_shape : tuple of (int, int)
        Samples in time and leads of what it takes.
    n_classes : int
        Number of classes.
    options : dict
        Keyword arguments of the builder.
    weights : list of ndarray
        In the order of the Keras model's variables.
    amplitude : float or None
        Typical amplitude of the records it was trained on, None where not known.
    """

    builder: str
    input_shape: tuple[int, int]
    n_classes: int
    options: dict
    weights: list = field(repr=False)
    amplitude: float | None = None

    @classmethod
    def of(cls, estimator, amplitude=None):
        """Return the network of a fitted wrapper of SciKeras."""
        architecture = estimator.model__architecture
        return cls(
            architecture.builder.__name__,
            architecture.input_shape,
            architecture.n_classes,
            dict(architecture.options),
            estimator.weights_,
            amplitude,
        )

    def in_half_precision(self):
        """Return the network with its weights rounded to float16, for small files."""
        halves = [
            weight.astype(np.float16) if weight.dtype == np.float32 else weight
            for weight in self.weights
        ]
        return replace(self, weights=halves)

    def words(self):
        """Return all but the weights, which defines the network up to these."""
        return {k: v for k, v in vars(self).items() if k != "weights"}

    def save(self, path):
        """Write a file of NumPy's npz format, without pickles and all at once."""
        arrays = {f"weight_{k:04d}": weight for k, weight in enumerate(self.weights)}
        buffer = io.BytesIO()
        # A search draws integers of NumPy, which JSON has no word for.
        words = json.dumps(self.words(), default=lambda number: number.item())
        np.savez_compressed(buffer, network=words, **arrays)
        write_whole(path, buffer.getvalue())

    @classmethod
    def load(cls, path):
        """Read a file that :meth:`save` wrote; half precision becomes single."""
        try:
            return cls._read(path)
        except FileNotFoundError:
            raise
        except _UNREADABLE as error:
            raise ValueError(
                f"{path} holds no weights of a network; give a file that save_weights "
                "wrote."
            ) from error

    @classmethod
    def _read(cls, path):
        """Read a file; a broken one may raise anything of `_UNREADABLE`."""
        # Given a path, np.load leaves a broken file open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            words = json.loads(str(arrays["network"]))
            weights = [arrays[k] for k in sorted(arrays) if k.startswith("weight_")]
        weights = [
            weight.astype(np.float32) if weight.dtype == np.float16 else weight
            for weight in weights
        ]
        words["input_shape"] = tuple(words["input_shape"])
        words["options"] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in words["options"].items()
        }
        return cls(**words, weights=weights)


def find_network(source, kind):
    """Return the trained network that `source` names or is.

    Parameters
    ----------
    source : str, path-like or estimator
        Name of weights in the package, a file that ``save_weights`` wrote, or a fitted
        classifier, in a pipeline or frozen or not.
    kind : str
        "cnn", "lstm" or "resnet", for the names of the package.

    Returns
    -------
    TrainedNetwork
        The network.

    Raises
    ------
    FileNotFoundError
        If there is neither such a name nor such a file.
    ValueError
        If a file holds something else, or an estimator is no fitted network.
    """
    if isinstance(source, BaseEstimator):
        return _network_of(source)
    # A folder of the name of weights, as of the data, is not what is meant.
    for path in (Path(source).expanduser(), path_of(source)):
        if path.is_file():
            return TrainedNetwork.load(path)
    folder = importlib.resources.files("skecg") / "pretrained"
    name = os.fspath(source).removesuffix(f"_{kind}")  # load_pretrained has it with it
    file = folder / f"{name}_{kind}.npz"
    if file.is_file():
        with importlib.resources.as_file(file) as path:
            return TrainedNetwork.load(path)
    files = [f.name for f in folder.iterdir()] if folder.is_dir() else []
    known = sorted(f.removesuffix(".npz") for f in files if f.endswith(".npz"))
    of_kind = [name for name in known if name.endswith(f"_{kind}")]
    others = [name for name in known if name not in of_kind]
    raise FileNotFoundError(
        f"weights={os.fspath(source)!r} is neither a file nor the name of weights for "
        f"this network; the package has {of_kind or 'none for it'}"
        + (f", and {others} for other networks. " if others else ". ")
        + "Give a file that save_weights wrote, or a fitted classifier."
    )


def check_same_body(network, builder, n_leads, options):
    """Raise if a trained network's body differs, warn if its dense layers do."""
    differences = [
        f"{name}={network.options.get(name)!r} instead of {value!r}"
        for name, value in options.items()
        if name not in _NOT_OF_THE_BODY and network.options.get(name) != value
    ]
    if network.builder != builder:
        differences = [f"they are of {network.builder}, not {builder}"]
    if network.input_shape[1] != n_leads:
        differences.append(
            f"they are for {network.input_shape[1]} leads, but X has {n_leads}"
        )
    if differences:
        raise ValueError(
            f"The weights do not fit this classifier: {'; '.join(differences)}. Set "
            "the parameters that the weights were trained with, and choose or derive "
            "their leads with LeadSelector."
        )
    given, wanted = (o.get("dense_units") for o in (network.options, options))
    if given != wanted:
        warnings.warn(
            f"The weights are of a network with dense_units={given}, but this one has "
            f"{wanted}: from the first that differs on, its dense layers start from "
            f"random numbers. Set dense_units={given} to start from theirs.",
            stacklevel=2,
        )


def check_same_preparation(network, amplitude):
    """Raise or warn if records are not as large as those of the trained network.

    Parameters
    ----------
    network : TrainedNetwork
        What a fit is to start from.
    amplitude : float
        Typical amplitude of the records of the fit.

    Raises
    ------
    ValueError
        If they differ by a factor of 100, which tells another unit.

    Warns
    -----
    UserWarning
        If they differ by a factor of 3.
    """
    if not (network.amplitude and amplitude):
        return
    ratio = amplitude / network.amplitude
    if 1 / _OTHERWISE < ratio < _OTHERWISE:
        return
    message = (
        f"X is about {ratio:.2g} times as large as the records that the weights were "
        "trained on; let X go through the same steps as these, such as "
        "load_pretrained(name)[:-1].transform(X) with X in mV."
    )
    if not 1 / UNIT_MISTAKE < ratio < UNIT_MISTAKE:
        raise ValueError(message)
    warnings.warn(message, stacklevel=2)


def _network_of(estimator):
    """Return the network of a fitted classifier, of skecg or around one."""
    inner = estimator
    while isinstance(inner, FrozenEstimator | Pipeline):
        inner = inner.estimator if isinstance(inner, FrozenEstimator) else inner[-1]
    wrapper = getattr(inner, "estimator_", None)
    if hasattr(wrapper, "model__architecture"):
        return TrainedNetwork.of(wrapper, inner.amplitude_)
    name = type(inner).__name__
    if isinstance(inner, VotingClassifier):
        raise ValueError(
            f"weights is a {name}, an average of several networks, but a fit starts "
            'from one; give one of them, such as load_pretrained("ptbxl_lstm").'
        )
    raise ValueError(
        f"weights is a {name} that is not a fitted network classifier. clone() takes "
        "away what an estimator has learned, in every search and cross-validation too: "
        "give FrozenEstimator(fitted), or a file that save_weights wrote."
    )


def path_of(path):
    """Return where to write weights; the name ends in .npz."""
    path = Path(path).expanduser()
    return path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
