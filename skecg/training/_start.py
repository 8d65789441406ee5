"""Trained weights to start from: finding them, and checking that they fit."""

import importlib.resources
import os
import warnings
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skecg.networks import AUX, HEAD
from skecg.training._network import TrainedNetwork, path_of
from skecg.training._pool import assign, layer_of
from skecg.training._seeding import is_generator
from skecg.utils import UNIT_MISTAKE

FOLDER = importlib.resources.files("skecg.training") / "weights"
"""The folder of the package's trained weights."""

_NOT_OF_THE_BODY = ("dense_units", "dropout")
_OTHERWISE = 3.0  # standardized records are five times as large as those in mV


def find_network(source, kind):
    """Return the trained network that `source` names or is.

    `source` is a name of weights in the package, a file that ``save_weights`` wrote,
    or a fitted classifier, also in a pipeline or frozen. `kind` is "cnn", "lstm" or
    "resnet" and completes names such as "ptbxl", which stand for several networks.
    """
    if isinstance(source, BaseEstimator):
        return _network_of(source)
    # A folder may have the name of weights, such as the folder of the data.
    for path in (Path(source).expanduser(), path_of(source)):
        if path.is_file():
            return TrainedNetwork.load(path)
    known = sorted(file.name.removesuffix(".npz") for file in FOLDER.iterdir())
    given = os.fspath(source)
    for name in (given, f"{given}_{kind}"):
        if name in known:
            return load_named_weights(name)
    raise FileNotFoundError(
        f"weights={given!r} is neither a file nor the name of weights of the package, "
        f"which has {known}. Give a file that save_weights wrote, or a fitted "
        "classifier."
    )


def load_named_weights(name):
    """Return a trained network of the package, such as "ptbxl_lstm"."""
    with importlib.resources.as_file(FOLDER / f"{name}.npz") as path:
        return TrainedNetwork.load(path)


def check_fits(network, architecture, amplitude):
    """Raise or warn if a fit can't start from a trained network.

    A difference in the body is an error, and so are amplitudes that differ by a factor
    of 100, which means another unit. Other dense layers, or a factor of 3, bring a
    warning.
    """
    of_weights, own = dict(network.architecture.options), dict(architecture.options)
    differences = [
        f"{name}={of_weights.get(name)!r} instead of {value!r}"
        for name, value in own.items()
        if name not in _NOT_OF_THE_BODY and of_weights.get(name) != value
    ]
    builders = [a.builder.__name__ for a in (network.architecture, architecture)]
    if builders[0] != builders[1]:
        differences = [f"they are of {builders[0]}, not {builders[1]}"]
    n_leads, n_given = network.architecture.input_shape[1], architecture.input_shape[1]
    if n_leads != n_given:
        differences.append(f"they are for {n_leads} leads, but X has {n_given}")
    if differences:
        raise ValueError(
            f"The weights do not fit this classifier: {'; '.join(differences)}. Set "
            "the parameters that the weights were trained with, and choose or derive "
            "their leads with LeadSelector."
        )
    given, wanted = (options.get("dense_units") for options in (of_weights, own))
    if given != wanted:
        warnings.warn(
            f"The weights are of a network with dense_units={given}, but this one has "
            f"{wanted}, so its dense layers start from random numbers, beginning with "
            f"the first that differs. Set dense_units={given} to start from theirs.",
            stacklevel=2,
        )
    _check_same_preparation(network, amplitude)


def _check_same_preparation(network, amplitude):
    """Raise or warn if amplitudes differ from those of the trained network."""
    if not (network.amplitude and amplitude):
        return
    ratio = amplitude / network.amplitude
    if 1 / _OTHERWISE < ratio < _OTHERWISE:
        return
    message = (
        f"X is about {ratio:.2g} times as large as the records that the weights were "
        "trained on. Transform X by the same steps, such as "
        "load_pretrained(name)[:-1].transform(X) with X in mV."
    )
    if not 1 / UNIT_MISTAKE < ratio < UNIT_MISTAKE:
        raise ValueError(message)
    warnings.warn(message, stacklevel=2)


def _network_of(estimator):
    """Return the network of a fitted classifier, of skecg or around one."""
    inner = estimator
    while isinstance(inner, FrozenEstimator | Pipeline) or hasattr(inner, "network_"):
        if hasattr(inner, "network_"):  # of a hybrid
            inner = inner.network_
        else:
            inner = inner.estimator if isinstance(inner, FrozenEstimator) else inner[-1]
    network = getattr(inner, "estimator_", None)
    if isinstance(network, TrainedNetwork):
        return network
    name = type(inner).__name__
    if isinstance(inner, VotingClassifier):
        raise ValueError(
            f"weights is a {name}, an average of several networks, but a fit starts "
            'from one; give one of them, such as load_pretrained("ptbxl_lstm").'
        )
    raise ValueError(
        f"weights is a {name} that is not a fitted network classifier. Searches and "
        "cross-validation clone estimators, which removes what they have learned: give "
        "FrozenEstimator(fitted), or a file that save_weights wrote."
    )


def start_from(model, network):
    """Set a model to a trained network's weights, in the head as far as they fit."""
    # The states of random generators stay: they are of this fit's seed.
    variables = [v for v in variables_of_classes(model) if not is_generator(v)]
    body = [v for v in variables if not layer_of(v).startswith(HEAD)]
    head = variables[len(body) :]
    weights = [w for w in network.weights if np.issubdtype(w.dtype, np.floating)]
    needed = [tuple(v.shape) for v in body]
    if [w.shape for w in weights[: len(body)]] != needed:
        raise ValueError(
            f"The weights do not fit: they are of {network}. Set the same parameters, "
            "and give records of the same leads."
        )
    assign(body, weights[: len(body)])
    _start_head(_dense_layers(head), _dense_layers(weights[len(body) :]))


def variables_of_classes(model):
    """Return a model's variables as of a network without auxiliary targets."""
    return [v for v in model.variables if layer_of(v) != AUX]


def _dense_layers(variables):
    """Return the kernel and bias of each dense layer."""
    return list(zip(variables[::2], variables[1::2], strict=True))


def _start_head(layers, trained):
    """Set dense layers to trained weights, up to the first of another size.

    The last layer of each list is that of the classes, and fits no other.
    """
    pairs = list(zip(layers[:-1], trained[:-1], strict=False))
    if len(layers) == len(trained):
        pairs.append((layers[-1], trained[-1]))
    for own, given in pairs:
        if [tuple(v.shape) for v in own] != [w.shape for w in given]:
            return
        assign(own, given)
