"""Keras models that fits share: compiled ones to train, and functions to predict.

Compiling and tracing a network takes longer than a small fit, and every variable that
Keras makes keeps some memory for good. So models are kept, and each fit starts one anew
with the weights that a new model would have. Its functions import Keras.
"""

import functools
import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from skecg.classification._losses import training_loss, training_metrics
from skecg.networks import HEAD, JOINT_TARGETS

_MOST_KEPT_MODELS = 8
_LARGEST_KERAS_SEED = 10**9
_building = threading.Lock()


@dataclass(frozen=True)
class Architecture:
    """What defines a network up to its weights.

    Attributes
    ----------
    builder : callable
        A function of :mod:`skecg.networks`.
    input_shape : tuple of (int, int)
        Samples in time and leads of a record.
    n_classes : int
        Number of classes.
    options : tuple of (str, value) pairs
        Keyword arguments of the builder; hashable.
    """

    builder: Callable
    input_shape: tuple[int, int]
    n_classes: int
    options: tuple[tuple[str, object], ...]

    def build(self, seed=0, n_aux=0):
        """Build an uncompiled network with new weights, for joint targets too if any.

        Keras draws its layers' seeds from Python's generator, which is left as it was.
        """
        import keras  # noqa: F401 - some versions draw from it when imported

        with _building, _single_precision():
            state = random.getstate()
            random.seed(seed)
            try:
                return self.builder(
                    self.input_shape, self.n_classes, n_aux=n_aux, **dict(self.options)
                )
            finally:
                random.setstate(state)


@dataclass(frozen=True)
class Optimization:
    """How a network is trained; with the architecture it is compiled.

    Attributes
    ----------
    optimizer : str
        Name of an optimizer of Keras.
    weight_decay : float or None
        Decoupled weight decay.
    clipnorm : float or None
        Largest norm of all gradients together.
    focal_gamma, label_smoothing : float
        As in :func:`~skecg.classification._losses.training_loss`.
    n_aux : int
        Number of joint targets.
    aux_weight : float
        Weight of each joint target's cross-entropy in the loss.
    freeze : {"body", None}
        The layers that stay as they are.
    """

    optimizer: str
    weight_decay: float | None = None
    clipnorm: float | None = None
    focal_gamma: float = 0.0
    label_smoothing: float = 0.0
    n_aux: int = 0
    aux_weight: float = 0.0
    freeze: str | None = None


@contextmanager
def _single_precision():
    """Let new layers compute in float32, whatever dtype policy of Keras is set.

    The policy belongs to a thread, so that in another one a network would compute
    otherwise.
    """
    import keras

    policy = keras.config.dtype_policy()
    if policy.name == "float32":
        yield
        return
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)


_idle_models: OrderedDict[tuple, list] = OrderedDict()
_idle_models_lock = threading.Lock()


def borrow_model(architecture, optimization, seed):
    """Lend a compiled model as if newly built with `seed`; two threads never share one.

    Parameters
    ----------
    architecture : Architecture
        The network.
    optimization : Optimization
        How it is compiled.
    seed : int
        Seeds the weights and the dropout.

    Returns
    -------
    keras.Model
        For :func:`give_back`.
    """
    with _idle_models_lock:
        idle = _idle_models.get((architecture, optimization))
        model = idle.pop() if idle else None
    if model is None:
        model = _compile(architecture, optimization)
    assign(model.optimizer.variables, model.skecg_optimizer_state)
    assign(model.variables, model.skecg_initial_weights(seed))
    return model


def give_back(architecture, optimization, model):
    """Keep a borrowed model for the next fit."""
    key = (architecture, optimization)
    with _idle_models_lock:
        _idle_models.setdefault(key, []).append(model)
        _idle_models.move_to_end(key)
        while len(_idle_models) > _MOST_KEPT_MODELS:
            _idle_models.popitem(last=False)


@contextmanager
def own_generator(seed):
    """Seed what layers draw in training, for PyTorch, whose dropout is global.

    It gives callbacks, as a new model draws from the generator before training begins.
    """
    import keras

    if keras.backend.backend() != "torch":
        yield []
        return
    import torch

    with torch.random.fork_rng():
        yield [
            keras.callbacks.LambdaCallback(
                on_train_begin=lambda logs: torch.manual_seed(seed)
            )
        ]


def as_arrays(variables):
    """Return copies of the values of variables of Keras."""
    import keras

    if keras.backend.backend() == "tensorflow":
        return [variable.numpy() for variable in variables]
    return [keras.ops.convert_to_numpy(variable.value) for variable in variables]


def variables_of_classes(model):
    """Return the variables of Keras but those that joint targets have for themselves.

    They are in the order of a network without joint targets.
    """
    return [v for v in model.variables if not _layer_of(v).startswith(JOINT_TARGETS)]


def start_from(model, network):
    """Give a model a trained network's weights, those of the head as far as they fit.

    Parameters
    ----------
    model : keras.Model
        As from :func:`borrow_model`.
    network : TrainedNetwork
        What to start from.

    Raises
    ------
    ValueError
        If the weights before the head have other shapes.
    """
    variables = [v for v in variables_of_classes(model) if not _is_generator(v)]
    body = [v for v in variables if not _layer_of(v).startswith(HEAD)]
    head = variables[len(body) :]
    weights = [w for w in network.weights if np.issubdtype(w.dtype, np.floating)]
    needed = [tuple(v.shape) for v in body]
    given = [w.shape for w in weights]
    if given[: len(body)] != needed:
        raise ValueError(
            "The weights do not fit: they are of a network for records of "
            f"{network.input_shape[0]} samples and {network.input_shape[1]} leads with "
            f"{network.options}. Set the same parameters, and give records of the same "
            "leads."
        )
    assign(body, weights[: len(body)])
    _start_head(_dense_layers(head), _dense_layers(weights[len(body) :]))


def _dense_layers(variables):
    """Return the kernel and bias of each dense layer."""
    return list(zip(variables[::2], variables[1::2], strict=True))


def _start_head(layers, trained):
    """Give dense layers trained weights, up to the first of another size.

    The last of each is that of the classes, and no other layer starts from it.
    """
    pairs = list(zip(layers[:-1], trained[:-1], strict=False))
    if len(layers) == len(trained):
        pairs.append((layers[-1], trained[-1]))
    for own, given in pairs:
        if [tuple(v.shape) for v in own] != [w.shape for w in given]:
            return
        assign(own, given)


def assign(variables, values):
    """Set variables of Keras."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _compile(architecture, optimization):
    """Build and compile a network, and note how to start it anew."""
    import keras

    model = architecture.build(n_aux=optimization.n_aux)
    if optimization.freeze == "body":
        for layer in model._flatten_layers(include_self=False):
            layer.trainable = layer.name.startswith((HEAD, JOINT_TARGETS))
    config = {"global_clipnorm": optimization.clipnorm}
    if optimization.weight_decay is not None:
        config["weight_decay"] = optimization.weight_decay
    optimizer = keras.optimizers.get(
        {"class_name": optimization.optimizer, "config": config}
    )
    # TensorFlow is slower with XLA on a processor, both to start and to run; JAX runs
    # every operation by itself without. See docs/performance.md.
    model.compile(
        optimizer,
        loss=training_loss(
            architecture.n_classes,
            optimization.focal_gamma,
            optimization.label_smoothing,
            optimization.n_aux,
            optimization.aux_weight,
        ),
        weighted_metrics=training_metrics(architecture.n_classes, optimization.n_aux),
        jit_compile=keras.backend.backend() == "jax",
    )
    optimizer.build(model.trainable_variables)
    model.skecg_optimizer_state = as_arrays(optimizer.variables)
    model.skecg_initial_weights = initial_weights(model)
    return model


def initial_weights(model):
    """Return a function of a seed that gives the weights a new model would have.

    Parameters
    ----------
    model : keras.Model
        As from ``Architecture.build(seed=0)``.

    Returns
    -------
    callable
        Takes a seed and returns a list of arrays, one for each of
        ``model.variables``, equal to those of ``Architecture.build(seed)``.
    """
    initializers = {}
    for layer in model._flatten_layers():
        for variable in layer.variables:
            # Of "kernel" it is kernel_initializer, of "recurrent_kernel"
            # recurrent_initializer.
            name = variable.name.removesuffix("_kernel")
            initializer = getattr(layer, f"{name}_initializer", None)
            if hasattr(initializer, "seed"):
                initializers[id(variable)] = initializer
    variables = model.variables
    initializers = [initializers.get(id(variable)) for variable in variables]
    is_generator = [_is_generator(variable) for variable in variables]
    values = as_arrays(variables)
    # Which of the generator's numbers each layer took for its seed.
    position = {draw: k for k, draw in enumerate(_keras_seeds(0, 1000))}

    def draw_weights(seed):
        draws = _keras_seeds(seed, 1000)
        weights = []
        for variable, initializer, generates, value in zip(
            variables, initializers, is_generator, values, strict=True
        ):
            if initializer is not None:
                config = initializer.get_config()
                config["seed"] = draws[position[initializer.seed]]
                value = type(initializer).from_config(config)(variable.shape)
            elif generates:
                value = np.array([draws[position[int(value[0])]], 0], value.dtype)
            weights.append(value)
        return weights

    return draw_weights


def _layer_of(variable):
    """Return the name of a variable's layer."""
    return variable.path.split("/")[0]


def _is_generator(variable):
    """Tell whether a variable is the state of a layer's random generator."""
    return variable.name == "seed_generator_state"


def _keras_seeds(seed, n):
    """Return the first seeds that Keras draws from Python's generator."""
    generator = random.Random(seed)
    return [generator.randint(1, _LARGEST_KERAS_SEED) for _ in range(n)]


@functools.lru_cache(maxsize=16)
def forward(architecture):
    """Return a function of weights and records, traced once for all fits.

    Parameters
    ----------
    architecture : Architecture
        The network.

    Returns
    -------
    callable
        Takes a list of tensors, one for each of the model's variables, and an array
        of records in float32; returns an array.
    """
    import keras

    model = architecture.build()
    call = stateless(model)
    return {"tensorflow": _trace, "jax": _jit, "torch": _without_gradients}[
        keras.backend.backend()
    ](call, model.variables, architecture.input_shape)


def stateless(model):
    """Return a model as a function of its variables' values and records."""
    variables = model.variables
    trainable, non_trainable = (
        [[v is own for v in variables].index(True) for own in some]
        for some in (model.trainable_variables, model.non_trainable_variables)
    )

    def call(weights, x):
        return model.stateless_call(
            [weights[k] for k in trainable],
            [weights[k] for k in non_trainable],
            x,
            training=False,
        )[0]

    return call


def _trace(call, variables, input_shape):
    """Turn `call` into a graph that takes any number of records.

    It is run as an operation, because a ``tf.function`` checks all weights at every
    call, which takes as long as a small network for one record. So nothing checks the
    shapes here; who calls it must.
    """
    import tensorflow as tf

    weights = [tf.TensorSpec(v.shape, v.dtype) for v in variables]
    records = tf.TensorSpec((None, *input_shape), tf.float32)
    traced = tf.function(call, input_signature=[weights, records])
    graph = traced.get_concrete_function()
    types = [output.dtype for output in graph.outputs]

    def run(weights, x):
        inputs = [*weights, x, *graph.captured_inputs]
        outputs = tf.raw_ops.StatefulPartitionedCall(args=inputs, Tout=types, f=graph)
        return outputs[0].numpy()

    return run


def _jit(call, variables, input_shape):
    """Compile `call` with JAX."""
    import jax

    compiled = jax.jit(call)
    return lambda weights, x: np.asarray(compiled(weights, x))


def _without_gradients(call, variables, input_shape):
    """Let PyTorch run `call` without keeping what gradients would need."""
    import keras
    import torch

    def run(weights, x):
        with torch.no_grad():
            return keras.ops.convert_to_numpy(
                call(weights, keras.ops.convert_to_tensor(x))
            )

    return run
