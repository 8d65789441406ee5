"""Base of the network classifiers: from their parameters to a trained network."""

import inspect
import os
import warnings
from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, compute_sample_weight
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
)

from skecg.classification._checks import (
    check_augmenter,
    check_aux,
    check_callbacks,
    check_groups,
    check_two_classes_weighted,
    encode_target,
    has_own_validation,
    refuse_keras_arguments,
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
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
    as_3d,
    check_ecg,
    check_learned_voltage,
    check_sample_weight,
    class_index,
    fit_context,
    patient_keys,
    read_target,
    typical_amplitude,
)

OPTIMIZERS = {"adam", "adamw", "nadam", "rmsprop", "sgd"}
AT_LEAST_ONE = Interval(Integral, 1, None, closed="left")
SIZES = [AT_LEAST_ONE, "array-like", None]


# Without a constructor of its own, it has none of the parameters that it describes.
class NetworkClassifier(
    ProbabilityMixin, ClassifierMixin, BaseEstimator
):  # numpydoc ignore=PR02
    """Base of the classifiers around a network.

    A subclass has the parameters below and its own, and sets ``_builder`` to the
    function of :mod:`skecg.networks` that takes those of its layers. Its docstring
    describes its own; the sections below are added to it.

    Parameters
    ----------
    n_crops : int, default=5
        Crops, spread evenly over a record, whose probabilities are averaged in
        prediction. Without effect where the network takes whole records.

    augmenter : object, default=None
        Changes the records of each training batch with its method
        ``augment(records, random_state)``, as :class:`~skecg.ECGAugmenter` does.

    schedule : {"one_cycle", "cosine", "constant"}, default="one_cycle"
        Course of the learning rate: up from a tenth over the first quarter of all
        steps and down to zero along a cosine; down along a cosine from the start; or
        constant.

    batch_size : int, default=64
        Records per step.

    focal_gamma : float, default=0.0
        Exponent of the focal loss [1]_, which gives less weight to records that are
        classified well already; 2 is usual, 0 is cross-entropy.

    label_smoothing : float, default=0.0
        Share of each label that is spread evenly over the classes.

    aux_weight : float, default=0.2
        Weight in the loss of the cross-entropy of each auxiliary target (`aux` of
        `fit`).

    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss; ``"balanced"`` weighs classes inversely to
        their frequency. The validation loss is not weighted.

    early_stopping : bool, default=False
        Stop when `monitor` no longer improves, and keep the best epoch's weights.
        Unless `fit` gets `X_val` and `y_val`, it holds records of X out, stratified.
        The records of a patient (`groups`, or a labelled X) and copies stay together.

    validation_fraction : float, default=0.1
        Share of the records that early stopping holds out; approximate where whole
        patients are held out.

    patience : int, default=5
        Epochs without improvement after which to stop.

    monitor : {"val_loss", "val_auc", "val_accuracy"}, default="val_loss"
        What early stopping watches; ``"val_auc"`` for two classes only.

    weights : str, path-like or estimator, default=None
        Pretrained weights to start from: the name of weights in the package
        (``"ptbxl"``), a file that `save_weights` wrote, or a fitted classifier; give
        ``FrozenEstimator(fitted)`` to searches, which clone it. All layers before the
        dense ones must be the same; dense layers of other sizes start from random
        numbers. Preprocess records like those that the weights were trained on.

    freeze : {"body"} or None, default=None
        ``"body"`` trains the dense layers only.

    random_state : int, RandomState instance or None, default=None
        Seeds the weights, the order of records, their crops and augmentation, dropout
        and the inner split. An int gives the same network every time on the same
        machine.

    verbose : int, default=0
        1 shows Keras' progress bar, 2 one line an epoch.

    progress_bar : bool, default=False
        Show a bar of tqdm over the epochs, which vanishes when the fit ends.

    callbacks : list of keras.callbacks.Callback, default=None
        Your own callbacks, such as TensorBoard, CSVLogger or ModelCheckpoint. Each fit
        trains with copies of them, and a fitted classifier is pickled without them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; of two, the second is the positive one.

    estimator_ : skecg.training.TrainedNetwork
        The trained weights. ``estimator_.model_`` is the Keras model and
        ``estimator_.keras_classifier_`` SciKeras' wrapper of it.

    history_ : dict of str to list of float
        Loss, accuracy and, for two classes, AUROC (``"auc"``) of each epoch, and the
        same with the prefix ``val_`` where there are validation records.

    n_epochs_ : int
        Number of epochs trained.

    calibration_ : tuple of float or None
        Slope and intercept that calibrate the log-odds of shipped models
        (:func:`~skecg.load_pretrained`); None after `fit`.

    amplitude_ : float
        Typical amplitude of the training records. Prediction refuses records that are
        a hundred times larger, or most of which are a hundred times smaller: they must
        be in another unit.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.
    """

    _parameter_constraints: dict = {
        "dense_units": ["array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "optimizer": [StrOptions(OPTIMIZERS)],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "schedule": [StrOptions({"one_cycle", "cosine", "constant"})],
        "weight_decay": [Interval(Real, 0, None, closed="left"), None],
        "clipnorm": [Interval(Real, 0, None, closed="neither"), None],
        "focal_gamma": [Interval(Real, 0, None, closed="left")],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "aux_weight": [Interval(Real, 0, None, closed="left")],
        "crop_length": [
            Interval(Integral, 2, None, closed="left"),  # 1 would be a slip for 1.0
            Interval(RealNotInt, 0, 1, closed="right"),
            None,
        ],
        "n_crops": [AT_LEAST_ONE],
        "augmenter": [HasMethods("augment"), None],
        "weights": [str, os.PathLike, BaseEstimator, None],
        "freeze": [StrOptions({"body"}), None],
        "batch_size": [AT_LEAST_ONE],
        "epochs": [AT_LEAST_ONE],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "patience": [AT_LEAST_ONE],
        "monitor": [StrOptions({"val_loss", "val_auc", "val_accuracy"})],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "progress_bar": ["boolean"],
        "callbacks": [list, tuple, None],
    }

    def __init_subclass__(cls):
        """Describe what all network classifiers share in each one's docstring."""
        super().__init_subclass__()
        # python -OO removes both. Classes of users are described by them.
        if cls.__module__.startswith("skecg.") and cls.__doc__:
            shared = inspect.getdoc(NetworkClassifier).partition("----------\n")[2]
            own, section, rest = inspect.cleandoc(cls.__doc__).partition("See Also\n")
            cls.__doc__ = f"{own}{shared}\n\n{section}{rest}\n"

    def _store(self, parameters):
        """Store the parameters of a constructor, which passes its ``locals()``."""
        vars(self).update((k, v) for k, v in parameters.items() if k != "self")

    def _parameters_of(self, function):
        """Return the parameters of this classifier that a function takes too."""
        known = self.get_params(deep=False)
        names = inspect.signature(function).parameters
        return {name: known[name] for name in names if name in known}

    @refuse_keras_arguments
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
            Weight of each record in the loss, multiplied by that of its class
            (`class_weight`). Weights are not normalized: doubled weights double the
            loss.
        groups : array-like of shape (n_records,), default=None
            Patient of each record. None means the coordinate ``patient`` of a
            labelled X, if it has one. With ``early_stopping=True`` all records of a
            patient are trained on, or all are held out. ``cross_val_score(groups=)``
            passes groups to the splitter only, unless metadata routing is enabled.
        X_val : array-like or DataArray of shape (n_val, n_times, n_leads), default=None
            Your own validation records, instead of some of X. They must have gone
            through the same transformers as X: in a pipeline, set
            ``transform_input=["X_val"]``, enable metadata routing and request `X_val`
            and `y_val` with ``set_fit_request``.
        y_val : array-like of shape (n_val,), default=None
            Their labels.
        aux : array-like of shape (n_records, n_aux), default=None
            Auxiliary targets for multi-task training: numbers from 0 to 1 such as
            other statements about the records, sex or age / 100; NaN where unknown.
            Prediction does not need them. The order of rows counts, not the index of a
            table. In a pipeline, pass ``<step>__aux``.

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
        # One draw seeds all else, so that a RandomState advances alike in every fit.
        seed = int(random_state.randint(np.iinfo(np.int32).max))
        index, validation = self._split(values, y, groups, X_val, y_val, labels, seed)
        values = as_3d(values)
        aux = check_aux(aux, len(values))
        architecture = self._sized_architecture(*values.shape[1:])
        # One crop tells before training what an augmenter does to the shape.
        crop = values[:1, : architecture.input_shape[0]]
        check_augmenter(self.augmenter, crop, self.fs_in_)
        if validation is not None:
            X_val, y_val, held_out = validation
            # The loss skips NaN: validation scores the classes alone.
            unknown = np.full((len(y_val), aux.shape[1]), np.nan)
            validation = Records(X_val, _targets(y_val, unknown), held_out)
        network, self.history_ = train(
            architecture,
            self._optimization(aux.shape[1]),
            self._course(seed),
            Records(values, _targets(y, aux), index, weight),
            validation,
            self._start(architecture),
        )
        # The history does not tell: its loss is computed before the last step.
        if not all(np.isfinite(values).all() for values in network.weights):
            raise ValueError(
                "Training diverged: the network's weights are no longer finite. Lower "
                f"learning_rate={self.learning_rate:g}, set clipnorm=1.0, or "
                "standardize the records with ECGScaler."
            )
        self.estimator_ = replace(network, amplitude=self.amplitude_)
        # A calibration needs predictions of other records; only shipped models have it.
        self.calibration_ = None
        self.n_epochs_ = len(self.history_["loss"])
        return self

    def predict_proba(self, X):
        """Estimate the probability of each class.

        It is the probability of the labels that the network was trained on; those of
        PTB-XL are a reader's statements, not echocardiography.

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
        # scikit-learn's metrics and calibration ask for rows that add up to 1, which
        # float32 misses by its rounding.
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
            # The calibration is of the positive class; the other has the opposite odds.
            slope, intercept = self.calibration_
            is_positive = class_index(self.classes_, target) == 1
            log_odds = slope * log_odds + (intercept if is_positive else -intercept)
            gradient = np.multiply(slope, gradient, dtype=gradient.dtype)
        return log_odds, gradient.reshape(values.shape)

    def save_weights(self, path):
        """Write the network's weights and architecture to a file, as plain arrays.

        The file holds no pickle, so that it is safe to load from any source. Another
        classifier can start from it: ``LVHCNNClassifier(weights=path)``. Save a whole
        pipeline with joblib instead.

        Parameters
        ----------
        path : str or path-like
            The file; ``.npz`` is added where it is missing.
        """
        check_is_fitted(self)
        self.estimator_.save(path_of(path))

    def _sized_architecture(self, n_times, n_leads):
        """Return the network for records of this size, or for their crops."""
        return Architecture(
            self._builder,
            (self._n_cropped(n_times), n_leads),
            len(self.classes_),
            hashable(self._parameters_of(self._builder)),
        )

    def _n_cropped(self, n_times):
        """Return the number of samples that the network takes: a crop, or all."""
        if self.crop_length is None:
            return n_times
        if not isinstance(self.crop_length, Integral):
            # As an integer, it has at least two samples, where the record has them.
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
        return Optimization(**self._parameters_of(Optimization), n_aux=n_aux)

    def _course(self, seed):
        """Return the settings of training."""
        changed = {
            "monitor": self.monitor if self.early_stopping else None,
            "callbacks": check_callbacks(self.callbacks),
            "seed": seed,
            "verbose": int(self.verbose),
        }
        return Course(**self._parameters_of(Course) | changed)

    def _start(self, architecture):
        """Return the trained network to start from, or None."""
        if self.weights is None:
            return None
        kind = architecture.builder.__name__.removeprefix("build_")
        network = find_network(self.weights, kind)
        check_fits(network, architecture, self.amplitude_)
        return network

    def _validate_params(self):
        """Check the parameters; the usual slip ``filters=64`` has its own error."""
        # scikit-learn's error would name array-likes, but not the tuple of one number.
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
        check_two_classes_weighted(weight, y)
        if isinstance(self.class_weight, dict):
            known = self.class_weight.keys() <= set(self.classes_.tolist())
            of_classes = self.class_weight.values()
            if not known or not all(isinstance(w, Real) and w >= 0 for w in of_classes):
                raise ValueError(
                    f"class_weight={self.class_weight} must give weights of 0 or more "
                    f"to labels of y, which are {self.classes_.tolist()}."
                )
        if self.class_weight is not None:
            weight *= compute_sample_weight(self.class_weight, self.classes_[y])
        return weight

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
        if has_own_validation(X_val, y_val):
            keys = patient_keys(patients, len(y), labels=labels)
            return everything, self._own_validation(X_val, y_val, keys)
        if not self.early_stopping:
            self._warn_of_unused()
            return everything, None
        if groups is None:
            groups = duplicates_as_groups(values)
        # Records that a sampler made resemble those they are made from, and tell little
        # about new patients.
        synthetic = labels and labels.record_coordinate("synthetic")
        real = everything
        if synthetic is not None:
            real = np.flatnonzero(np.asarray(synthetic) == 0)
        if groups is not None:
            groups = groups[real]
        _, held_out = inner_split(y[real], groups, self.validation_fraction, seed)
        held_out = real[held_out]
        # All synthetic records are trained on.
        return np.setdiff1d(everything, held_out), (as_3d(values), y, held_out)

    def _own_validation(self, X_val, y_val, patients):
        """Validate the caller's validation data; `patients` are those of X."""
        values, labels = check_ecg(self, X_val, reset=False)
        # No scaler of a pipeline has seen X_val.
        check_learned_voltage(self, values, self.amplitude_)
        y_val = read_target(y_val, "y_val")
        check_consistent_length(values, y_val)
        unknown = np.setdiff1d(y_val, self.classes_)
        if len(unknown):
            raise ValueError(
                f"y_val has the labels {unknown.tolist()}, which y does not have; "
                "leave their records out of X_val."
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
                stacklevel=5,  # the line that calls fit, above its two decorators
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


def _targets(codes, aux):
    """Return the classes and, beside them, any auxiliary targets as float32."""
    targets = np.column_stack([codes, aux]) if aux.shape[1] else codes
    return targets.astype(np.float32)
