"""Keras' callbacks of a fit, and quiet surroundings for it."""

import copy
import logging
from contextlib import contextmanager

import numpy as np

from skecg.utils import import_optional


def make_callbacks(course, n_steps):
    """Return the callbacks of a fit of `n_steps`; copies of the user's come last."""
    import keras

    rates = learning_rates(course.schedule, course.learning_rate, n_steps)
    callbacks = [_set_learning_rate(rates)]
    if keras.backend.backend() == "torch":
        # A new model draws from PyTorch's generator before training begins.
        import torch

        callbacks.append(
            keras.callbacks.LambdaCallback(
                on_train_begin=lambda logs: torch.manual_seed(course.seed)
            )
        )
    if course.monitor is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                course.monitor,
                patience=course.patience,
                restore_best_weights=True,
                mode="min" if course.monitor.endswith("loss") else "max",
            )
        )
    if course.progress_bar:
        callbacks.append(_progress_bar())
    return callbacks + copy.deepcopy(list(course.callbacks))


def learning_rates(schedule, peak, n_steps):
    """Return the learning rate of each step of a fit; `peak` is the highest."""
    if schedule == "constant":
        return np.full(n_steps, peak)
    # One cycle rises from a tenth of the peak over a quarter of the steps, as the first
    # gradients of new weights are large; then it falls to 0 along half a cosine.
    n_up = max(1, n_steps // 4) if schedule == "one_cycle" else 0
    step = np.arange(n_steps)
    up = 0.1 + 0.9 * step / max(1, n_up)
    down = 0.5 + 0.5 * np.cos(np.pi * (step - n_up) / max(1, n_steps - n_up))
    return peak * np.where(step < n_up, up, down)


def _set_learning_rate(rates):
    """Return a callback that sets the learning rate before each step.

    A schedule inside the optimizer would be compiled with the number of steps, and
    folds of slightly different size could not share a model.
    """
    import keras

    class SetLearningRate(keras.callbacks.Callback):
        steps = iter(rates)
        last = None

        def on_train_batch_begin(self, batch, logs=None):
            rate = next(self.steps)
            if rate != self.last:  # a constant one is left to the user's callbacks
                # On JAX, a step takes the new rate only where the callback asks for
                # its model, as Keras then copies the state of training back and forth.
                self.model.optimizer.learning_rate.assign(rate)
                self.last = rate

    return SetLearningRate()


def _progress_bar():
    """Return a callback that draws one bar over the epochs."""
    tqdm_keras = import_optional("tqdm.keras", "progress", "progress_bar=True")
    from tqdm.auto import tqdm

    return tqdm_keras.TqdmCallback(verbose=0, leave=False, tqdm_class=tqdm)


@contextmanager
def pytorch_generator_kept():
    """Leave PyTorch's generator as it was; its dropout draws from this global one."""
    import keras

    if keras.backend.backend() != "torch":
        yield
        return
    import torch

    with torch.random.fork_rng():
        yield


@contextmanager
def without_retracing_warnings():
    """Keep TensorFlow from warning that a network is traced again and again.

    It counts the networks of a search over sizes as one.
    """
    logger = logging.getLogger("tensorflow")

    # A filter, not a level: other messages of the logger are the user's.
    def is_other(entry):
        return "triggered tf.function retracing" not in str(entry.msg)

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)
