"""Base of the network classifiers: validation, labels, weights and training."""

import functools
import inspect
import os
import warnings
from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import assert_all_finite, check_random_state, compute_sample_weight
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
)

from skecg.classification._inner_split import duplicates_as_groups, inner_split
from skecg.classification._probability import ProbabilityMixin, calibrated
from skecg.training import (
    Architecture,
    Course,
    Optimization,
    Records,
    check_fits,
    find_network,
    hashable,
    log_odds_gradient,
    path_of,
    predict_proba,
    train,
)
from skecg.utils import (
    DEFAULT_FS,
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
    as_3d,
    check_ecg,
    check_labels,
    check_learned_voltage,
    check_same_unit,
    check_sample_weight,
    check_target_kind,
    class_index,
    fit_context,
    patient_keys,
    read_groups,
    typical_amplitude,
)

OPTIMIZERS = {"adam", "adamw", "nadam", "rmsprop", "sgd"}

_OWN_VALIDATION = (
    "give your own records as X_val and y_val, or set early_stopping=True and "
    "validation_fraction in the constructor"
)
_IN_CONSTRUCTOR = "set it in the constructor"
_KERAS_ARGUMENTS = {
    "validation_data": _OWN_VALIDATION,
    "validation_split": _OWN_VALIDATION,
    "epochs": _IN_CONSTRUCTOR,
    "batch_size": _IN_CONSTRUCTOR,
    "callbacks": _IN_CONSTRUCTOR,
    "class_weight": _IN_CONSTRUCTOR,
    "verbose": _IN_CONSTRUCTOR,
}


def _answers_keras_arguments(fit):
    """Let `fit` name the remedy where it is given arguments of Keras' `fit`."""

    @functools.wraps(fit)
    def answering_fit(self, *args, **kwargs):
        for name in _KERAS_ARGUMENTS.keys() & kwargs.keys():
            raise TypeError(
                f"{type(self).__name__}.fit takes no {name}; {_KERAS_ARGUMENTS[name]}."
            )
        return fit(self, *args, **kwargs)

    return answering_fit


class NetworkClassifier(ProbabilityMixin, ClassifierMixin, BaseEstimator):
    """Base of the classifiers around a network.

    A subclass names its parameters and, as ``_builder``, the function that takes those
    of its layers.
    """

    _parameter_constraints: dict = {
        "optimizer": [StrOptions(OPTIMIZERS)],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "schedule": [StrOptions({"one_cycle", "cosine", "constant"})],
        "weight_decay": [Interval(Real, 0, None, closed="left"), None],
        "clipnorm": [Interval(Real, 0, None, closed="neither"), None],
        "focal_gamma": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "aux_weight": [Interval(Real, 0, None, closed="left")],
        "crop_length": [
            Interval(Integral, 2, None, closed="left"),  # 1 would be meant as 1.0
            Interval(RealNotInt, 0, 1, closed="right"),
            None,
        ],
        "n_crops": [Interval(Integral, 1, None, closed="left")],
        "augmenter": [HasMethods("augment"), None],
        "weights": [str, os.PathLike, BaseEstimator, None],
        "freeze": [StrOptions({"body"}), None],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "monitor": [StrOptions({"val_loss", "val_auc", "val_accuracy"})],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "progress_bar": ["boolean"],
        "callbacks": [list, tuple, None],
    }

    def _store(self, parameters):
        """Store the constructor's parameters, which are its local variables."""
        vars(self).update((k, v) for k, v in parameters.items() if k != "self")

    def _architecture(self):
        """Return the builder and the dict of its keyword arguments."""
        known = self.get_params(deep=False)
        names = inspect.signature(self._builder).parameters
        return self._builder, {name: known[name] for name in names if name in known}

    @_answers_keras_arguments
    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X, y, sample_weight=None, groups=None, X_val=None, y_val=None, aux=None
    ):
        """Train a network, a new one or from `weights`.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Training records, in mV or standardized; of shape (n_records, n_times) for
            one lead.
        y : array-like of shape (n_records,)
            Labels of two or more classes, of any type. The positive one of two is
            ``classes_[1]``.
        sample_weight : array-like of shape (n_records,), default=None
            Weight of each record in the loss; multiplied with `class_weight`. Weights
            are not normalized: twice the weights are twice the loss.
        groups : array-like of shape (n_records,), default=None
            Patient of each record. None means the coordinate ``patient`` of a
            labelled X, if it has one. With ``early_stopping=True`` a patient's records
            stay together on one side of the inner split. ``cross_val_score(groups=)``
            gives them to the splitter; they reach this method only with metadata
            routing or as labels.
        X_val : array-like or DataArray of shape (n_val, n_times, n_leads), default=None
            Your own validation records; none are then cut from X. They must have
            gone through the same transformers as X: in a pipeline, set
            ``transform_input=["X_val"]``, enable metadata routing and request `X_val`
            and `y_val` with ``set_fit_request``.
        y_val : array-like of shape (n_val,), default=None
            Their labels.
        aux : array-like of shape (n_records, n_aux), default=None
            Auxiliary targets for multi-task training: numbers from 0 to 1 such as
            other statements about the records, sex or age / 100; NaN where unknown.
            Prediction does not need them. Rows are in the order of X, whatever index
            a table has. In a pipeline they are the parameter ``<step>__aux``.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If X or y are not valid, or y has one class only.
        """
        values, labels = check_ecg(self, X, reset=True)
        self.classes_, y = encode_target(y, len(values))
        weight = self._weights(values, y, sample_weight)
        self.amplitude_ = typical_amplitude(values)
        random_state = check_random_state(self.random_state)
        seed = int(random_state.randint(np.iinfo(np.int32).max))
        index, validation = self._split(values, y, groups, X_val, y_val, labels, seed)
        values = as_3d(values)
        aux = _check_aux(aux, len(values))
        architecture = self._sized_architecture(*values.shape[1:])
        if self.augmenter is not None:
            crop = values[:1, : architecture.input_shape[0]]
            _check_augmenter(self.augmenter, crop, self.fs_in_)
        n_aux = 0 if aux is None else aux.shape[1]
        if validation is not None:
            X_val, y_val, held_out = validation
            # The loss skips auxiliary targets that are NaN.
            unknown = np.full((len(y_val), n_aux), np.nan)
            validation = Records(X_val, _targets(y_val, unknown), held_out)
        network, self.history_ = train(
            architecture,
            self._optimization(n_aux),
            self._course(seed),
            Records(values, _targets(y, aux), index, weight),
            validation,
            self._start(architecture),
        )
        # The loss of the last epoch may be finite although its last step was not.
        if not all(np.isfinite(values).all() for values in network.weights):
            raise ValueError(
                "Training diverged: the network's weights are no longer finite. Lower "
                "learning_rate, set clipnorm=1.0, or standardize the records with "
                "ECGScaler."
            )
        self.estimator_ = replace(network, amplitude=self.amplitude_)
        self.calibration_ = None
        self.n_epochs_ = len(self.history_["loss"])
        return self

    def predict_proba(self, X):
        """Estimate the probability of each class.

        The probability is that of the labels the network was trained on; with
        PTB-XL these are a reader's statements, not echocardiography.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.

        Returns
        -------
        ndarray of shape (n_records, n_classes)
            Probabilities, in the order of ``classes_``; none is below the smallest
            normal float32, so that their logarithms are finite.
        """
        check_is_fitted(self)
        values, _ = check_ecg(self, X, reset=False)
        check_learned_voltage(self, values, self.amplitude_)
        output = predict_proba(self.estimator_, as_3d(values), self.n_crops)
        # In float64, whose columns add up to 1 within its rounding.
        output = output.astype(np.float64)
        if len(self.classes_) == 2:
            output = calibrated(np.hstack([1 - output, output]), self.calibration_)
        else:
            output /= output.sum(axis=1, keepdims=True)
        return np.clip(output, np.finfo(np.float32).tiny, None)

    def log_odds_gradient(self, X, target=None):
        """Return the log-odds of a class and their gradient with respect to X.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.
        target : label, default=None
            One of ``classes_``. None means the positive class of two.

        Returns
        -------
        log_odds : ndarray of shape (n_records,)
            Log-odds of `target` against all other classes.
        gradient : ndarray of the shape of X
            Their derivative by each sample of X, its leads in the order of `fit`.

        See Also
        --------
        skecg.explanation.integrated_gradients : Attributions from them.
        """
        check_is_fitted(self)
        values, _ = check_ecg(self, X, reset=False)
        log_odds, gradient = log_odds_gradient(
            self.estimator_,
            as_3d(values),
            self.n_crops,
            class_index(self.classes_, target),
        )
        log_odds = log_odds.astype(np.float64)
        if self.calibration_ is not None:
            slope, intercept = self.calibration_
            is_positive = class_index(self.classes_, target) == 1
            log_odds = slope * log_odds + (intercept if is_positive else -intercept)
            gradient = np.multiply(slope, gradient, dtype=gradient.dtype)
        return log_odds, gradient.reshape(values.shape)

    def save_weights(self, path):
        """Write the network's weights and architecture to a file, as plain arrays.

        The file holds no pickle, so that it is safe to load from any source. Another
        classifier can start from it: ``LVHCNNClassifier(weights=path)``. It holds the
        network alone; save a whole pipeline with joblib.

        Parameters
        ----------
        path : str or path-like
            The file; ``.npz`` is added where it is missing.
        """
        check_is_fitted(self)
        self.estimator_.save(path_of(path))

    def _sized_architecture(self, n_times, n_leads):
        """Return the network for records, or parts of them, of this size."""
        builder, options = self._architecture()
        return Architecture(
            builder,
            (self._n_cropped(n_times), n_leads),
            len(self.classes_),
            hashable(options),
        )

    def _n_cropped(self, n_times):
        """Return the number of samples of the parts that the network takes."""
        if self.crop_length is None:
            return n_times
        if not isinstance(self.crop_length, Integral):
            return max(min(2, n_times), round(self.crop_length * n_times))
        if self.crop_length > n_times:
            raise ValueError(
                f"crop_length={self.crop_length} is longer than the records, which "
                f"have {n_times} samples; give {n_times} or less, or None for whole "
                "records."
            )
        return int(self.crop_length)

    def _optimization(self, n_aux):
        """Return the settings of optimizer and loss."""
        if self.freeze is not None and self.weights is None:
            raise ValueError(
                f"freeze={self.freeze!r} keeps weights as they are, but weights=None "
                "gives none to start from; give weights, or freeze=None."
            )
        return Optimization(
            self.optimizer,
            self.weight_decay,
            self.clipnorm,
            focal_gamma=float(self.focal_gamma),
            label_smoothing=float(self.label_smoothing),
            n_aux=n_aux,
            aux_weight=float(self.aux_weight) if n_aux else 0.0,
            freeze=self.freeze,
        )

    def _course(self, seed):
        """Return the settings of training."""
        return Course(
            self.learning_rate,
            self.schedule,
            self.batch_size,
            self.epochs,
            n_crops=self.n_crops,
            augmenter=self.augmenter,
            monitor=self.monitor if self.early_stopping else None,
            patience=self.patience,
            callbacks=_check_callbacks(self.callbacks),
            seed=seed,
            verbose=int(self.verbose),
            progress_bar=self.progress_bar,
        )

    def _start(self, architecture):
        """Return the trained network to start from, or None."""
        if self.weights is None:
            return None
        kind = architecture.builder.__name__.removeprefix("build_")
        network = find_network(self.weights, kind)
        check_fits(network, architecture, self.amplitude_)
        return network

    def _validate_params(self):
        """Check the parameters; one number is no sequence of layers."""
        for name, constraint in self._parameter_constraints.items():
            value = getattr(self, name)
            if constraint == ["array-like"] and isinstance(value, Integral):
                raise ValueError(
                    f"{name}={value} is one number, but each layer has its own; give "
                    f"{name}=({value},) for one layer."
                )
        super()._validate_params()

    def _weights(self, values, y, sample_weight):
        """Multiply the weights of records and classes; None where all are equal."""
        if sample_weight is None and self.class_weight is None:
            return None
        weight = check_sample_weight(
            sample_weight, values, dtype=np.float64, ensure_non_negative=True, copy=True
        )
        if len(np.unique(y[weight > 0])) < 2:
            raise ValueError(
                "Only one class has records of positive sample_weight; give at least "
                "two classes weight."
            )
        if self.class_weight is not None:
            weight *= compute_sample_weight(self._class_weight(), y)
        return weight

    def _class_weight(self):
        """Return `class_weight` by the classes' integers."""
        if not isinstance(self.class_weight, dict):
            return self.class_weight
        code = {label: i for i, label in enumerate(self.classes_.tolist())}
        unknown = [label for label in self.class_weight if label not in code]
        numbers = [isinstance(w, Real) and w >= 0 for w in self.class_weight.values()]
        if unknown or not all(numbers):
            raise ValueError(
                f"class_weight={self.class_weight} must give weights of 0 or more to "
                f"labels of y, which are {self.classes_.tolist()}."
            )
        return {code[label]: w for label, w in self.class_weight.items()}

    def _split(self, values, y, groups, X_val, y_val, labels, seed):
        """Return the index of the training records, and validation data or None."""
        patients = groups
        groups = check_groups(patients, len(y), labels)
        everything = np.arange(len(y))
        if self.early_stopping and self.monitor == "val_auc" and len(self.classes_) > 2:
            raise ValueError(
                f"monitor='val_auc' is for two classes, but y has "
                f"{len(self.classes_)}; use monitor='val_loss'."
            )
        if X_val is not None or y_val is not None:
            keys = patient_keys(patients, len(y), labels=labels)
            return everything, self._own_validation(X_val, y_val, keys)
        if not self.early_stopping:
            self._warn_of_unused()
            return everything, None
        if groups is None:
            groups = duplicates_as_groups(values)
        synthetic = labels and labels.record_coordinate("synthetic")
        real = everything
        if synthetic is not None:
            real = np.flatnonzero(np.asarray(synthetic) == 0)
        groups = None if groups is None else groups[real]
        _, held_out = inner_split(y[real], groups, self.validation_fraction, seed)
        held_out = real[held_out]
        return np.setdiff1d(everything, held_out), (as_3d(values), y, held_out)

    def _own_validation(self, X_val, y_val, patients):
        """Validate the caller's validation data; `patients` are those of X."""
        if X_val is None or y_val is None:
            raise ValueError("Give X_val and y_val together, or neither.")
        values, labels = check_ecg(self, X_val, reset=False)
        # No scaler of a pipeline has seen X_val.
        check_same_unit(self, values, self.amplitude_, volts=True, warn=True)
        y_val = column_or_1d(y_val)
        check_consistent_length(values, y_val)
        unknown = np.setdiff1d(y_val, self.classes_)
        if len(unknown):
            raise ValueError(
                f"y_val has the labels {unknown.tolist()}, which y does not have."
            )
        own = patient_keys(None, len(y_val), labels=labels)
        if own is not None and patients is not None:
            shared = np.intersect1d(own, patients)
            if len(shared):
                raise ValueError(
                    f"X_val has records of {len(shared)} patients that X has too, such "
                    f"as {shared[0]}; split by patient."
                )
        codes = np.searchsorted(self.classes_, y_val)
        return as_3d(values), codes, np.arange(len(codes))

    def _warn_of_unused(self):
        """Warn of parameters that act with early stopping only."""
        defaults = inspect.signature(type(self)).parameters
        unused = [
            f"{name}={getattr(self, name)!r}"
            for name in ("validation_fraction", "patience", "monitor")
            if getattr(self, name) != defaults[name].default
        ]
        if unused:
            warnings.warn(
                f"{', '.join(unused)} has no effect without early_stopping=True; set "
                "it, or give fit your own X_val and y_val.",
                stacklevel=5,
            )

    def __getstate__(self):
        """Leave the callbacks of a fitted classifier out: they may not be pickled."""
        state = super().__getstate__()
        return {**state, "callbacks": None} if "estimator_" in state else state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.non_deterministic = self.random_state is None
        return tags


def encode_target(y, n_records):
    """Return the sorted classes, and y as integers from 0."""
    y = column_or_1d(y, warn=True)
    if y.dtype.kind in "OUS":  # NumPy writes a missing label as the text "nan"
        check_labels(y, "y")
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
    if n_groups != n_records:
        raise ValueError(
            f"groups names the patients of {n_groups} records, but X has {n_records}. "
            "A sampler before the classifier changes the number of records: use "
            "ResampledClassifier, or a labelled X with the coordinate 'patient'."
        )
    return read_groups(groups, n_records, labels=labels)


def _check_aux(aux, n_records):
    """Return auxiliary targets as a float32 table, or None."""
    if aux is None:
        return None
    try:
        aux = np.asarray(aux, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "aux must be a table of numbers from 0 to 1, with NaN for unknown; give 0 "
            "and 1 for words such as sex."
        ) from error
    aux = aux.reshape(len(aux), -1)
    if len(aux) != n_records:
        raise ValueError(
            f"aux has {len(aux)} rows, but X has {n_records} records. A sampler before "
            "the classifier changes the number of records; leave it or aux out."
        )
    if not aux.shape[1]:
        return None
    known = aux[~np.isnan(aux)]
    if known.size and not (known.min() >= 0 and known.max() <= 1):
        raise ValueError(
            f"aux must be numbers from 0 to 1, with NaN for unknown, but it has "
            f"{known.min():g} to {known.max():g}; divide ages by 100, for instance."
        )
    return aux


def _check_augmenter(augmenter, records, fs):
    """Raise if an augmenter is for another sampling rate or changes the shape."""
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


def _check_callbacks(callbacks):
    """Return the callbacks; each must be one of Keras."""
    from keras.callbacks import Callback

    for callback in callbacks or ():
        if not isinstance(callback, Callback):
            raise TypeError(
                f"callbacks must be instances of keras.callbacks.Callback, but one is "
                f"{callback!r}."
            )
    return tuple(callbacks or ())


def _targets(y, aux):
    """Return the classes and, beside them, the auxiliary targets as float32."""
    if aux is None or not aux.shape[1]:
        return y.astype(np.float32)
    return np.column_stack([y, aux]).astype(np.float32)
