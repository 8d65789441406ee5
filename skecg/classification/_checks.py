"""Checks of what the classifiers' `fit` is given."""

import functools

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import check_consistent_length

from skecg.utils import DEFAULT_FS, check_target_kind, read_groups, read_target

_OWN_VALIDATION = (
    "give your own records as X_val and y_val, or set early_stopping=True and "
    "validation_fraction in the constructor"
)
_KERAS_ARGUMENTS = {
    **dict.fromkeys(("validation_data", "validation_split"), _OWN_VALIDATION),
    **dict.fromkeys(
        ("epochs", "batch_size", "callbacks", "class_weight", "verbose"),
        "set it in the constructor",
    ),
}


def refuse_keras_arguments(fit):
    """Let `fit` name the remedy where it is given arguments of Keras' `fit`."""

    @functools.wraps(fit)
    def checked_fit(self, *args, **kwargs):
        for name in _KERAS_ARGUMENTS.keys() & kwargs.keys():
            raise TypeError(
                f"{type(self).__name__}.fit takes no {name}; {_KERAS_ARGUMENTS[name]}."
            )
        return fit(self, *args, **kwargs)

    return checked_fit


def encode_target(y, n_records):
    """Return the sorted classes, and y as integers from 0."""
    y = read_target(y)
    assert_all_finite(y, input_name="y")
    check_consistent_length(np.empty(n_records), y)
    check_target_kind(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"y has one class only, {classes.tolist()}, but a classifier needs records "
            "of at least two classes; give records with and without LVH."
        )
    return classes, codes


def check_groups(groups, n_records, labels=None):
    """Return the patient of each record as an integer, or None where not known."""
    n_groups = len(groups) if hasattr(groups, "__len__") else n_records
    # Said here, as the usual cause is a sampler, of which `read_groups` knows nothing.
    if n_groups != n_records:
        raise ValueError(
            f"groups names the patients of {n_groups} records, but X has {n_records}. "
            "A sampler before the classifier changes the number of records: use "
            "ResampledClassifier, or a labelled X with the coordinate 'patient'."
        )
    return read_groups(groups, n_records, labels=labels)


def check_two_classes_weighted(weight, codes):
    """Raise unless records of two classes have a positive weight."""
    if len(np.unique(codes[weight > 0])) < 2:
        raise ValueError(
            "Only one class has records of positive sample_weight; give at least two "
            "classes weight."
        )


def has_own_validation(X_val, y_val):
    """Tell whether `fit` is given validation records; raise for one without other."""
    if (X_val is None) != (y_val is None):
        missing, given = ("y_val", "X_val") if y_val is None else ("X_val", "y_val")
        raise ValueError(f"{given} is given without {missing}; give both, or neither.")
    return X_val is not None


def check_aux(aux, n_records):
    """Return auxiliary targets as a float32 table; without any, it has no columns."""
    if aux is None:
        return np.empty((n_records, 0), np.float32)
    try:
        aux = np.asarray(aux, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "aux must be a table of numbers from 0 to 1, with NaN for unknown; encode "
            "text such as sex by 0 and 1."
        ) from error
    aux = aux.reshape(len(aux), -1)
    if len(aux) != n_records:
        raise ValueError(
            f"aux has {len(aux)} rows, but X has {n_records} records. A sampler before "
            "the classifier changes the number of records; leave it or aux out."
        )
    known = aux[~np.isnan(aux)]
    if known.size and not (known.min() >= 0 and known.max() <= 1):
        raise ValueError(
            f"aux must be numbers from 0 to 1, with NaN for unknown, but it has "
            f"{known.min():g} to {known.max():g}; divide ages by 100, for instance."
        )
    return aux


def check_augmenter(augmenter, records, fs):
    """Raise if an augmenter is for another sampling rate or changes the shape."""
    if augmenter is None:
        return
    if isinstance(augmenter, type):
        raise TypeError(
            f"augmenter is the class {augmenter.__name__}; give an instance, "
            f"{augmenter.__name__}(...)."
        )
    taken = getattr(augmenter, "fs", fs) or DEFAULT_FS
    if fs is not None and taken != fs:
        raise ValueError(
            f"X is labelled with fs={fs:g} Hz, but {augmenter!r} takes records for "
            f"{taken:g} Hz; give the augmenter fs={fs:g}."
        )
    shape = np.shape(augmenter.augment(records.astype(np.float32), 0))
    if shape != records.shape:
        raise ValueError(
            f"{augmenter!r} makes records of shape {shape} from those of shape "
            f"{records.shape}; augment(records, random_state) must keep it."
        )


def check_callbacks(callbacks):
    """Return the callbacks as a tuple; each must be one of Keras."""
    from keras.callbacks import Callback

    callbacks = tuple(callbacks or ())
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise TypeError(
                f"callbacks must be instances of keras.callbacks.Callback, but one is "
                f"{callback!r}; give for example keras.callbacks.TerminateOnNaN()."
            )
    return callbacks
