"""Training and prediction of networks; the only file that knows SciKeras.

Import it inside a function: it loads TensorFlow.
"""

import contextlib
import functools
import logging
import os

import keras
import numpy as np
import tensorflow as tf
from scikeras.wrappers import KerasClassifier

from skecg.classification._batches import (
    batches_in_order,
    crop_starts,
    hold_records,
    shuffled_batches,
)
from skecg.classification._gradients import log_odds_and_gradient
from skecg.classification._losses import cross_entropy_name
from skecg.classification._models import (
    Architecture,
    Optimization,
    as_arrays,
    assign,
    borrow_model,
    forward,
    give_back,
    own_generator,
    start_from,
    variables_of_classes,
)
from skecg.utils import import_optional

__all__ = [
    "Architecture",
    "NetworkWrapper",
    "Optimization",
    "log_odds_gradient",
    "predict_proba",
    "restore",
    "train",
]

PREDICTION_SAMPLES = 128 * 1000
"""Samples in time that go through a network at once in prediction."""


def _share_cores():
    """Use as many threads as joblib leaves to each of its worker processes.

    It says so in OMP_NUM_THREADS, which TensorFlow does not read.
    """
    n_threads = os.environ.get("OMP_NUM_THREADS", "")
    if not n_threads.isdecimal() or "TF_NUM_INTRAOP_THREADS" in os.environ:
        return
    with contextlib.suppress(RuntimeError):  # TensorFlow has started already
        tf.config.threading.set_intra_op_parallelism_threads(int(n_threads))
        tf.config.threading.set_inter_op_parallelism_threads(int(n_threads))


_share_cores()


class NetworkWrapper(KerasClassifier):
    """SciKeras' classifier, trained on a compiled model that fits share.

    The weights it ends with are copied to ``weights_``, which is all that is pickled
    of the network.
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
        aux,
        train_index,
        validation_data,
        start,
        n_crops,
        augmenter,
    ):
        model = self.__dict__.pop("model_")  # borrowed
        if start is not None:
            start_from(model, start)
        architecture = self.model__architecture
        crop_length = architecture.input_shape[0]
        n_aux = self.model__optimization.n_aux
        held = hold_records(X)
        batches = shuffled_batches(
            (held, _targets(y, aux)),
            weights,
            train_index,
            self.batch_size,
            self.model__seed,
            crop_length=crop_length,
            augmenter=augmenter,
        )
        n_batches = -(-len(train_index) // self.batch_size)
        if validation_data is not None:
            X_val, y_val, index = validation_data
            held = held if X_val is X else hold_records(X_val)
            unknown = np.full((len(y_val), n_aux), np.nan) if n_aux else None
            validation_data = batches_in_order(
                (held, _targets(y_val, unknown)),
                index,
                _prediction_batch(architecture),
                crop_length=crop_length,
                n_crops=n_crops,
            )
        rates = _LearningRate(
            schedule, self.optimizer__learning_rate, n_batches * epochs
        )
        with own_generator(self.model__seed) as seeding, _without_retracing_warnings():
            history = model.fit(
                batches,
                steps_per_epoch=n_batches,
                epochs=epochs,
                verbose=self.verbose,
                callbacks=[rates, *seeding, *self._fit_callbacks],
                validation_data=validation_data,
                shuffle=False,  # the batches come in a new order by themselves
            )
        # They hold the borrowed model, which goes on to the next fit.
        self.callbacks, self._fit_callbacks, self._predict_callbacks = None, [], []
        self.history_ = history.history
        self.weights_ = as_arrays(variables_of_classes(model))
        give_back(architecture, self.model__optimization, model)

    @functools.cached_property
    def model_(self):
        """The Keras model with the trained weights, built when it is asked for."""
        weights = self.weights_
        model = self.model__architecture.build()
        assign(model.variables, weights)
        return model

    @functools.cached_property
    def _tensors(self):
        """The trained weights as the backend's tensors."""
        return [keras.ops.convert_to_tensor(weight) for weight in self.weights_]

    def __getstate__(self):
        not_kept = {"model_", "_tensors"}
        return {k: v for k, v in self.__dict__.items() if k not in not_kept}


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
    sample_weight=None,
    aux=None,
    train_index,
    validation_data=None,
    early_stopping=None,
    start=None,
    n_crops=1,
    augmenter=None,
    seed=0,
    verbose=0,
    progress_bar=False,
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
    schedule : {"one_cycle", "cosine", "constant"}
        Course of the learning rate over the fit.
    batch_size, epochs : int
        Records per step, and passes over the records.
    sample_weight : ndarray of shape (n_records,), default=None
        Weight of each record.
    aux : ndarray of shape (n_records, n_aux), default=None
        Joint targets from 0 to 1, NaN where not known.
    train_index : ndarray of int
        The records of X to train on.
    validation_data : tuple of (ndarray, ndarray, ndarray of int), default=None
        Records, classes and the index of those that are scored after each epoch.
    early_stopping : tuple of (str, int), default=None
        Monitored figure, and epochs without a better one after which to stop; the
        best epoch's weights are kept.
    start : TrainedNetwork, default=None
        What to start from.
    n_crops : int, default=1
        Parts of each record that are validated, where the network takes parts.
    augmenter : object, default=None
        Its ``augment(records, random_state)`` changes the records of each batch.
    seed : int, default=0
        Seeds the weights, the order of records and dropout.
    verbose : int, default=0
        Keras' verbosity.
    progress_bar : bool, default=False
        Show a bar of tqdm over the epochs.

    Returns
    -------
    NetworkWrapper
        The fitted wrapper, with ``weights_``, ``model_`` and ``history_``.
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
        model=borrow_model,
        model__architecture=architecture,
        model__optimization=optimization,
        model__seed=seed,
        loss=cross_entropy_name(architecture.n_classes),
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
        aux=aux,
        train_index=train_index,
        validation_data=validation_data,
        start=start,
        n_crops=n_crops,
        augmenter=augmenter,
    )
    return wrapper


def restore(architecture, weights):
    """Return the wrapper of a network that was trained before.

    Parameters
    ----------
    architecture : Architecture
        The network.
    weights : list of ndarray
        In the order of the Keras model's variables.

    Returns
    -------
    NetworkWrapper
        With ``weights_`` and ``model_``.
    """
    wrapper = NetworkWrapper(model=borrow_model, model__architecture=architecture)
    wrapper.weights_ = weights
    return wrapper


def predict_proba(wrapper, X, n_crops=1):
    """Return a trained network's output for records.

    Parameters
    ----------
    wrapper : NetworkWrapper
        As from :func:`train`.
    X : ndarray of shape (n_records, n_times, n_leads)
        Records.
    n_crops : int, default=1
        Parts of each record whose outputs are averaged, where the network takes parts.

    Returns
    -------
    ndarray of shape (n_records, 1) or (n_records, n_classes), float32
        Probability of the second class, or of each class.
    """
    architecture = wrapper.model__architecture
    network, weights = forward(architecture), wrapper._tensors
    crop_length = architecture.input_shape[0]
    starts = crop_starts(X.shape[1], crop_length, n_crops)
    size = max(1, _prediction_batch(architecture) // len(starts))
    outputs = []
    for first in range(0, len(X), size):
        records = X[first : first + size].astype(np.float32, copy=False)
        crops = [records[:, start : start + crop_length] for start in starts]
        output = network(
            weights, crops[0] if len(crops) == 1 else np.concatenate(crops)
        )
        outputs.append(output.reshape(len(crops), len(records), -1).mean(axis=0))
    return np.concatenate(outputs)


def log_odds_gradient(wrapper, X, n_crops=1, target=1):
    """Return a trained network's log-odds and their gradient with respect to records.

    Parameters
    ----------
    wrapper : NetworkWrapper
        As from :func:`train`.
    X : ndarray of shape (n_records, n_times, n_leads)
        Records.
    n_crops : int, default=1
        Parts of each record whose outputs are averaged, where the network takes parts.
    target : int, default=1
        The class, as an integer from 0.

    Returns
    -------
    log_odds : ndarray of shape (n_records,), float32
        Log-odds of the class against all others.
    gradient : ndarray of shape (n_records, n_times, n_leads), float32
        Their derivative by each sample.
    """
    architecture = wrapper.model__architecture
    starts = crop_starts(X.shape[1], architecture.input_shape[0], n_crops)
    run = log_odds_and_gradient(
        architecture, X.shape[1], tuple(starts.tolist()), target
    )
    size = max(1, _prediction_batch(architecture) // len(starts))
    values = np.empty(len(X), np.float32)
    gradient = np.empty(X.shape, np.float32)
    for first in range(0, len(X), size):
        here = slice(first, first + size)
        records = np.ascontiguousarray(X[here], dtype=np.float32)
        values[here], gradient[here] = run(wrapper._tensors, records)
    return values, gradient


def _targets(y, aux):
    """Return the classes, joint targets beside them where there are any."""
    return y.ravel() if aux is None else np.column_stack([y.ravel(), aux])


def _prediction_batch(architecture):
    """Return how many records go through the network at once."""
    return max(1, PREDICTION_SAMPLES // architecture.input_shape[0])


@contextlib.contextmanager
def _without_retracing_warnings():
    """Keep TensorFlow from warning that many networks were traced.

    It takes them for one, traced again and again; a search over sizes has many.
    """
    logger = logging.getLogger("tensorflow")

    def is_other(entry):
        return "triggered tf.function retracing" not in str(entry.msg)

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def _progress_bar():
    """Return a callback that draws one bar over the epochs."""
    tqdm_keras = import_optional("tqdm.keras", "progress", "progress_bar=True")
    from tqdm.auto import tqdm

    return tqdm_keras.TqdmCallback(verbose=0, leave=False, tqdm_class=tqdm)


class _LearningRate(keras.callbacks.Callback):
    """Set the learning rate before every step.

    A schedule inside the optimizer would be compiled with the number of steps, and
    folds of slightly different size could not share a model.
    """

    def __init__(self, schedule, peak, n_steps):
        super().__init__()
        self._peak = peak
        self._is_constant = schedule == "constant"
        self._warmup = max(1, n_steps // 4) if schedule == "one_cycle" else 0
        self._n_steps = n_steps
        self._step = 0

    def on_train_begin(self, logs=None):
        self.model.optimizer.learning_rate.assign(self._peak)

    def on_train_batch_begin(self, batch, logs=None):
        if self._is_constant:
            return
        if self._step < self._warmup:
            share = 0.1 + 0.9 * self._step / self._warmup
        else:
            done = (self._step - self._warmup) / max(1, self._n_steps - self._warmup)
            share = 0.5 * (1 + np.cos(np.pi * done))
        # On JAX, steps take a new rate only where the callback asks for its model.
        self.model.optimizer.learning_rate.assign(self._peak * share)
        self._step += 1
