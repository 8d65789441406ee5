"""Training through SciKeras' KerasClassifier; the one file that imports SciKeras.

KerasClassifier is held, not inherited: it reads its parameters off the instance's dict,
so that a subclass with a constructor of its own can't be cloned, and scikit-learn no
longer takes it for a classifier.

SciKeras passes arrays to Keras, but training needs batches. So it is given the numbers
of the records as X, and a stand-in for the model that passes the batches on.
"""

import sys

import numpy as np


def fit_with_scikeras(model, feed, records, **parameters):
    """Train a compiled model; return loss and metrics of each epoch by name.

    `feed` has the arguments of Keras' `fit` for the batches of `records`. `parameters`
    are those of KerasClassifier.
    """
    fed = _FedModel(model, feed)
    classifier = _classifier_class()(model=lambda: fed, **parameters)
    y = records.y.reshape(len(records.y), -1)[records.index, 0].astype(int)
    classifier.fit(records.index[:, None], y)
    # SciKeras' own history_ has "auc" under another name.
    return fed.history


def wrap(model, n_classes):
    """Return a fitted KerasClassifier of a trained model; its classes are 0, 1, ..."""
    loss = "sparse_categorical_crossentropy" if n_classes > 2 else "binary_crossentropy"
    classifier = _classifier_class()(model=model, loss=loss, verbose=0)
    # SciKeras takes records of no larger type than these.
    examples = np.zeros((n_classes, *model.input_shape[1:]), np.float64)
    return classifier.initialize(examples, np.arange(n_classes))


class _FedModel:
    """A compiled Keras model that is trained on batches of its own."""

    def __init__(self, model, feed):
        self._model = model
        self._feed = feed

    def __getattr__(self, name):  # outputs, compiled, loss, optimizer
        return getattr(self._model, name)

    def fit(self, x, y, *, epochs, verbose, callbacks, **_):
        """Train on the batches instead of SciKeras' x and y."""
        kept = self._model.fit(
            **self._feed,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            shuffle=False,  # each epoch's batches are shuffled already
        )
        self.history = kept.history
        return kept


def _classifier_class():
    """Return SciKeras' KerasClassifier; load TensorFlow for its backend only.

    SciKeras imports TensorFlow if it is installed, but only to seed it.
    """
    import keras

    hide = keras.backend.backend() != "tensorflow" and "tensorflow" not in sys.modules
    if hide:
        sys.modules["tensorflow"] = None  # an import of it raises ImportError
    try:
        from scikeras.wrappers import KerasClassifier
    finally:
        if hide:
            del sys.modules["tensorflow"]
    return KerasClassifier
