"""Training and prediction of networks; the only file that knows SciKeras.

Import it inside a function: it loads TensorFlow.
"""

import functools
import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from scikeras.wrappers import KerasClassifier

from skecg.utils import import_optional

PREDICTION_SAMPLES = 128 * 1000
"""Samples in time that go through a network at once in prediction."""

_MOST_KEPT_MODELS = 8
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

    def build(self, seed=0):
        """Build an uncompiled network with new weights.

        Keras draws its layers' seeds from Python's generator, which is left as it was.
        """
        with _building:
            state = random.getstate()
            random.seed(seed)
            try:
                return self.builder(
                    self.input_shape, self.n_classes, **dict(self.options)
                )
            finally:
                random.setstate(state)


@dataclass(frozen=True)
class Optimization:
    """How a network's weights are changed; with the architecture it is compiled.

    Attributes
    ----------
    optimizer : str
        Name of an optimizer of Keras.
    weight_decay : float or None
        Decoupled weight decay.
    clipnorm : float or None
        Largest norm of all gradients together.
    """

    optimizer: str
    weight_decay: float | None
    clipnorm: float | None


class NetworkWrapper(KerasClassifier):
    """SciKeras' classifier, trained on a compiled model that fits share.

    Compiling and tracing a network takes longer than a small fit, so models are kept,
    and each fit starts one anew from fresh weights. The weights it ends with are
    copied to ``model_``, which belongs to this wrapper alone and is pickled as plain
    arrays.
    """

    def _fit_keras_model(
        self,
        X,
        y,
        sample_weight,
        warm_start,
        epochs,
        initial_epoch,
        *,
        schedule,
        weights,
        train_index,
        validation_data,
    ):
        optimization = Optimization(
            self.optimizer, self.optimizer__weight_decay, self.optimizer__clipnorm
        )
        batches = _shuffled_batches(
            (X, y), weights, train_index, self.batch_size, self.model__seed
        )
        n_batches = -(-len(train_index) // self.batch_size)
        if validation_data is not None:
            size = _prediction_batch(self.model__architecture)
            *records, index = validation_data
            validation_data = _batches_in_order(records, index, size)
        rates = _LearningRate(
            schedule, self.optimizer__learning_rate, n_batches * epochs
        )
        with _compiled_model(self.model__architecture, optimization) as model:
            _copy_variables(self.model_, model)
            history = model.fit(
                batches,
                steps_per_epoch=n_batches,
                epochs=epochs,
                verbose=self.verbose,
                callbacks=[rates, *self._fit_callbacks],
                validation_data=validation_data,
                shuffle=False,  # the batches come in a new order by themselves
            )
            _copy_variables(model, self.model_)
        self.history_ = history.history

    def _ensure_compiled_model(self):
        """Leave ``model_`` uncompiled: the shared model is what is trained."""

    def __getstate__(self):
        state = self.__dict__.copy()
        if "model_" in state:
            state["model_"] = [v.numpy() for v in self.model_.variables]
        state.pop("_fit_callbacks", None)
        state.pop("callbacks", None)
        return state

    def __setstate__(self, state):
        values = state.pop("model_", None)
        self.__dict__.update(state)
        self.callbacks = None
        if values is not None:
            self.model_ = self.model__architecture.build()
            for variable, value in zip(self.model_.variables, values, strict=True):
                variable.assign(value)


def train(
    architecture,
    optimization,
    X,
    y,
    *,
    learning_rate,
    schedule,
    batch_size,
    epochs,
    sample_weight,
    train_index,
    validation_data,
    early_stopping,
    seed,
    verbose,
    progress_bar,
):
    """Train a network.

    Parameters
    ----------
    architecture : Architecture
        The network.
    optimization : Optimization
        How its weights are changed.
    X : ndarray of shape (n_records, n_times, n_leads)
        Training records.
    y : ndarray of shape (n_records,)
        Classes as integers from 0.
    learning_rate : float
        Highest learning rate.
    schedule : {"one_cycle", "constant"}
        Course of the learning rate over the fit.
    batch_size, epochs : int
        Records per step, and passes over the records.
    sample_weight : ndarray of shape (n_records,) or None
        Weight of each record.
    train_index : ndarray of int
        The records of X to train on.
    validation_data : tuple of (ndarray, ndarray, ndarray of int) or None
        Records, classes and the index of those that are scored after each epoch.
    early_stopping : tuple of (str, int) or None
        Monitored figure, and epochs without a better one after which to stop; the
        best epoch's weights are kept.
    seed : int
        Seeds the weights, the order of records and dropout.
    verbose : int
        Keras' verbosity.
    progress_bar : bool
        Show a bar of tqdm over the epochs.

    Returns
    -------
    NetworkWrapper
        The fitted wrapper, with ``model_`` and ``history_``.
    """
    callbacks = []
    if early_stopping is not None:
        monitor, patience = early_stopping
        mode = "max" if monitor.endswith(("auc", "accuracy")) else "min"
        callbacks = [
            keras.callbacks.EarlyStopping(
                monitor, patience=patience, restore_best_weights=True, mode=mode
            )
        ]
    if progress_bar:
        callbacks.append(_progress_bar())
    wrapper = NetworkWrapper(
        model=build_network,
        model__architecture=architecture,
        model__seed=seed,
        loss=_loss(architecture.n_classes),
        optimizer=optimization.optimizer,
        optimizer__learning_rate=learning_rate,
        optimizer__weight_decay=optimization.weight_decay,
        optimizer__clipnorm=optimization.clipnorm,
        batch_size=batch_size,
        epochs=epochs,
        verbose=verbose,
        callbacks=callbacks,
    )
    wrapper.fit(
        X,
        y,
        schedule=schedule,
        weights=sample_weight,
        train_index=train_index,
        validation_data=validation_data,
    )
    return wrapper


def predict_proba(wrapper, X):
    """Return a trained network's output for records.

    Parameters
    ----------
    wrapper : NetworkWrapper
        As from :func:`train`.
    X : ndarray of shape (n_records, n_times, n_leads)
        Records.

    Returns
    -------
    ndarray of shape (n_records, 1) or (n_records, n_classes), float32
        Probability of the second class, or of each class.
    """
    architecture = wrapper.model__architecture
    forward = _forward(architecture)
    model = wrapper.model_
    trainable = [v.value for v in model.trainable_variables]
    non_trainable = [v.value for v in model.non_trainable_variables]
    size = _prediction_batch(architecture)
    outputs = [
        np.asarray(forward(trainable, non_trainable, _float32(X[start : start + size])))
        for start in range(0, len(X), size)
    ]
    return np.concatenate(outputs)


def build_network(architecture, seed):
    """Build a network; SciKeras calls this with the wrapper's ``model__`` values."""
    return architecture.build(seed)


def _loss(n_classes):
    return (
        "binary_crossentropy" if n_classes == 2 else "sparse_categorical_crossentropy"
    )


def _prediction_batch(architecture):
    """Return how many records go through the network at once."""
    return max(1, PREDICTION_SAMPLES // architecture.input_shape[0])


@functools.lru_cache(maxsize=16)
def _forward(architecture):
    """Return a traced function of weights and records, for all fits to share."""
    model = architecture.build()

    def forward(trainable, non_trainable, x):
        return model.stateless_call(trainable, non_trainable, x, training=False)[0]

    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(forward)
    if keras.backend.backend() == "torch":
        return forward
    return tf.function(forward, reduce_retracing=True)


_idle_models: OrderedDict[tuple, list] = OrderedDict()
_idle_models_lock = threading.Lock()


def _progress_bar():
    """Return a callback that draws one bar over the epochs."""
    tqdm_keras = import_optional("tqdm.keras", "progress", "progress_bar=True")
    from tqdm.auto import tqdm

    return tqdm_keras.TqdmCallback(verbose=0, leave=False, tqdm_class=tqdm)


@contextmanager
def _compiled_model(architecture, optimization):
    """Lend a compiled model, its optimizer as new; two threads never share one."""
    key = (architecture, optimization)
    with _idle_models_lock:
        idle = _idle_models.get(key)
        model = idle.pop() if idle else None
    if model is None:
        model = _compile(architecture, optimization)
    else:
        for variable, value in zip(
            model.optimizer.variables, model.initial_optimizer_state, strict=True
        ):
            variable.assign(value)
    yield model
    with _idle_models_lock:
        _idle_models.setdefault(key, []).append(model)
        _idle_models.move_to_end(key)
        while len(_idle_models) > _MOST_KEPT_MODELS:
            _idle_models.popitem(last=False)


def _compile(architecture, optimization):
    """Build and compile a network."""
    model = architecture.build()
    optimizer = keras.optimizers.get(
        {
            "class_name": optimization.optimizer,
            "config": {
                "weight_decay": optimization.weight_decay,
                "global_clipnorm": optimization.clipnorm,
            },
        }
    )
    metrics = ["accuracy"]
    if architecture.n_classes == 2:
        metrics.append(keras.metrics.AUC(name="auc"))
    model.compile(
        optimizer,
        loss=_loss(architecture.n_classes),
        weighted_metrics=metrics,
        jit_compile=False,
    )
    optimizer.build(model.trainable_variables)
    model.initial_optimizer_state = [v.numpy() for v in optimizer.variables]
    return model


def _copy_variables(source, target):
    """Copy the weights and the state of random layers from one model to another."""
    for variable, value in zip(target.variables, source.variables, strict=True):
        variable.assign(value)


def _shuffled_batches(records, weights, index, batch_size, seed):
    """Yield batches of the records at `index` without end, each epoch in a new order.

    The order comes from stateless operations, so that no global seed takes part.
    """
    index = tf.constant(index, tf.int64)

    def batches_of_epoch(epoch):
        order = tf.random.experimental.stateless_shuffle(
            index, seed=tf.stack([np.int64(seed), epoch])
        )
        return tf.data.Dataset.from_tensor_slices(order).batch(batch_size)

    batches = tf.data.Dataset.range(2**31).flat_map(batches_of_epoch)
    return _take(*records, weights, batches)


def _batches_in_order(records, index, batch_size):
    """Yield batches of the records at `index`, once."""
    return _take(
        *records, None, tf.data.Dataset.from_tensor_slices(index).batch(batch_size)
    )


def _take(X, y, weights, batches):
    """Turn batches of indices into batches of records, classes and weights."""
    targets = [y.astype(np.float32)]
    if weights is not None:
        targets.append(weights.astype(np.float32))
    if _is_memory_mapped(X):

        def take(index, _, *targets):
            x = tf.numpy_function(lambda i: _float32(X[i]), [index], tf.float32)
            x = tf.ensure_shape(x, (None, *X.shape[1:]))
            return (x, *(tf.gather(target, index) for target in targets))

        held = np.zeros(0)
    else:

        def take(index, *parts):
            return tuple(tf.gather(part, index) for part in parts)

        held = _float32(X)
    with tf.device("CPU:0"):
        parts = tf.data.Dataset.from_tensors((held, *targets)).repeat()
        return (
            tf.data.Dataset.zip(batches, parts)
            .map(lambda index, parts: take(index, *parts))
            .prefetch(2)
        )


def _float32(X):
    """Return X as float32, without a copy if it is."""
    return X.astype(np.float32, copy=False)


def _is_memory_mapped(X):
    """Tell whether X lies in a file rather than in memory."""
    while X is not None and not isinstance(X, np.memmap):
        X = getattr(X, "base", None)
    return X is not None


class _LearningRate(keras.callbacks.Callback):
    """Set the learning rate before every step.

    A schedule inside the optimizer would be compiled with the number of steps, and
    folds of slightly different size could not share a model.
    """

    def __init__(self, schedule, peak, n_steps):
        super().__init__()
        self._peak = peak
        self._warmup = max(1, n_steps // 4) if schedule == "one_cycle" else 0
        self._n_steps = n_steps
        self._step = 0

    def on_train_begin(self, logs=None):
        self._optimizer = self.model.optimizer
        self._optimizer.learning_rate.assign(self._peak)

    def on_train_batch_begin(self, batch, logs=None):
        if not self._warmup:
            return
        if self._step < self._warmup:
            share = 0.1 + 0.9 * self._step / self._warmup
        else:
            done = (self._step - self._warmup) / max(1, self._n_steps - self._warmup)
            share = 0.5 * (1 + np.cos(np.pi * done))
        self._optimizer.learning_rate.assign(self._peak * share)
        self._step += 1
