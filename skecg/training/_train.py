"""A fit: batches, model, callbacks and start weights together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from skecg.training import _np_batches, _tf_batches
from skecg.training._callbacks import (
    make_callbacks,
    pytorch_generator_kept,
    without_retracing_warnings,
)
from skecg.training._network import TrainedNetwork
from skecg.training._pool import borrowed_model
from skecg.training._scikeras import fit_with_scikeras
from skecg.training._seeding import as_arrays
from skecg.training._settings import undisturbed
from skecg.training._start import start_from, variables_of_classes


@dataclass(frozen=True)
class Course:
    """How a compiled network is trained: parameters of the classifiers."""

    learning_rate: float
    schedule: str
    batch_size: int
    epochs: int
    n_crops: int = 1  # of each validation record
    augmenter: object = None
    monitor: str | None = None  # None trains all epochs
    patience: int = 0
    callbacks: Sequence = ()
    seed: int = 0  # of weights, dropout, augmentation and the order of records
    verbose: int = 0
    progress_bar: bool = False


@undisturbed()
def train(architecture, optimization, course, records, validation=None, start=None):
    """Train a network, from `start` if it is given; return it and its history.

    The network is scored on `validation` after each epoch. The history has loss and
    metrics of each epoch by name.
    """
    n_batches = -(-len(records.index) // course.batch_size)
    feed = _feed(architecture, course, records, validation, n_batches)
    callbacks = make_callbacks(course, n_batches * course.epochs)
    size = records.common_size(course.batch_size)
    # The user's callbacks may change the model, or hold it.
    lent = borrowed_model(
        architecture, optimization, course.seed, size, keep=not course.callbacks
    )
    with lent as model:
        if start is not None:
            start_from(model, start)
        with pytorch_generator_kept(), without_retracing_warnings():
            history = fit_with_scikeras(
                model,
                feed,
                records,
                epochs=course.epochs,
                verbose=course.verbose,
                callbacks=callbacks,
            )
        weights = as_arrays(variables_of_classes(model))
    return TrainedNetwork(architecture, weights), history


def _feed(architecture, course, records, validation, n_batches):
    """Return the arguments of Keras' `fit` for the batches."""
    import keras

    on_tensorflow = keras.backend.backend() == "tensorflow"
    batches = _tf_batches if on_tensorflow else _np_batches
    length = architecture.input_shape[0]
    held = batches.hold_records(records.X)
    x = batches.shuffled_batches(
        replace(records, X=held),
        course.batch_size,
        course.seed,
        length,
        course.augmenter,
    )
    feed = {"x": x}
    if on_tensorflow:
        feed["steps_per_epoch"] = n_batches  # of batches without end
    if validation is not None:
        if validation.X is not records.X:
            held = batches.hold_records(validation.X)
        feed["validation_data"] = batches.batches_in_order(
            replace(validation, X=held),
            architecture.records_at_once(),
            length,
            architecture.crop_starts(validation.X.shape[1], course.n_crops),
        )
    return feed
