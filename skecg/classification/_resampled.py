"""The classifier that resamples its training records inside `fit`."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, column_or_1d, has_fit_parameter

from skecg.classification._checks import (
    check_groups,
    check_two_classes_weighted,
    encode_target,
    has_own_validation,
)
from skecg.classification._inner_split import duplicates_as_groups, inner_split
from skecg.utils import (
    HasMethods,
    check_ecg,
    check_sample_weight,
    fit_context,
    is_labelled,
)

_STOPS_EARLY_OVER = 10_000
"""Records over which scikit-learn's ``early_stopping="auto"`` stops early."""


def _estimator_has(method):
    """Tell whether the wrapped classifier has a method."""
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class ResampledClassifier(ClassifierMixin, BaseEstimator):
    """Resample the training records inside `fit`, after holding out validation records.

    In a pipeline of imbalanced-learn, a sampler passes on X and y only: `groups` and
    `sample_weight` no longer fit them, and the classifier holds resampled records out
    for validation. This class holds records out first.

    Parameters
    ----------
    estimator : classifier or Pipeline
        The classifier to train: one of skecg's networks, another classifier, or a
        pipeline of scikit-learn that ends in one. It is cloned before it is fitted.

    sampler : sampler object
        A sampler of records, such as ``BeatAlignedSMOTE()`` or
        ``RecordSampler(RandomUnderSampler())``. It is cloned before it is fitted.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; of two, the second is the positive one.

    estimator_ : classifier or Pipeline
        The fitted classifier.

    sampler_ : sampler object
        The fitted sampler.

    validation_indices_ : ndarray of shape (n_val,)
        Positions in X of the records held out for early stopping; empty where the
        network does not stop early, or X_val is given.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    RecordSampler : For pipelines of imbalanced-learn.
    BeatAlignedSMOTE : New records that keep their voltage.

    Notes
    -----
    A classifier that stops early is validated on the records that it would hold out
    without a sampler: a share of ``validation_fraction``, stratified, whole patients
    together. No new record is made from them. The steps of a pipeline before its last
    learn from the resampled training records.

    A copied or new record has the weight of the record it is made from
    (`sample_indices_` of the sampler). Samplers without `sample_indices_`, such as
    SMOTE, are refused together with `sample_weight`.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import (
    ...     BeatAlignedSMOTE, ECGScaler, LVHCNNClassifier, ResampledClassifier,
    ...     make_lvh_ecg,
    ... )
    >>> cohort = make_lvh_ecg(60, fs=100, prevalence=0.25, random_state=0)
    >>> network = LVHCNNClassifier(
    ...     filters=(8,), kernel_sizes=5, epochs=2, early_stopping=True, random_state=0
    ... )
    >>> classifier = ResampledClassifier(
    ...     make_pipeline(ECGScaler(), network),
    ...     BeatAlignedSMOTE(k_neighbors=3, fs=100, random_state=0),
    ... )
    >>> fitted = classifier.fit(cohort.data, cohort.target, groups=cohort.groups)
    >>> held_out = fitted.validation_indices_  # originals, from which nothing is made
    >>> bool(fitted.sampler_.sample_indices_.max() < 60 - len(held_out))
    True
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"])],
        "sampler": [HasMethods("fit_resample")],
    }

    def __init__(self, estimator, sampler):
        self.estimator = estimator
        self.sampler = sampler

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None, groups=None, X_val=None, y_val=None):
        """Hold validation records out, resample the others and train on them.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Training records in mV; of shape (n_records, n_times) for one lead.
        y : array-like of shape (n_records,)
            Labels.
        sample_weight : array-like of shape (n_records,), default=None
            Weight of each record.
        groups : array-like of shape (n_records,), default=None
            Patient of each record, whose records are held out together. None means the
            coordinate ``patient`` of a labelled X, if it has one; BeatAlignedSMOTE
            reads patients there only.
        X_val : array-like or DataArray of shape (n_val, n_times, n_leads), default=None
            Your own validation records, in mV like X, instead of some of X. In a
            pipeline, the steps before the last transform them.
        y_val : array-like of shape (n_val,), default=None
            Their labels.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If `sample_weight` is given and the sampler has no `sample_indices_`.
        """
        values, labels = check_ecg(self, X, reset=True)
        self.classes_, codes = encode_target(y, len(values))
        y = column_or_1d(y)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, values)
            check_two_classes_weighted(sample_weight, codes)
        groups = check_groups(groups, len(y), labels)
        front, final = None, self.estimator
        if isinstance(final, Pipeline):
            front = final[:-1] if len(final) > 1 else None
            final = final.steps[-1][1]
        _check_none_inside_stops_early(final)
        if has_own_validation(X_val, y_val):
            _check_takes_validation(final)
        else:
            final = _as_without_sampler(final, len(y))
        # Held out before the sampler runs, so that no new record is made from them.
        train = np.arange(len(y))
        self.validation_indices_ = train[:0]
        if X_val is None and _holds_records_out(final):
            train, held_out = self._hold_out(values, codes, groups, final)
            X_val, y_val = _take(X, held_out), y[held_out]
            self.validation_indices_ = held_out
        self.sampler_ = clone(self.sampler)
        X_new, y_new = self._resample(_take(X, train), y[train], values.ndim)
        parameters = {}
        if sample_weight is not None:
            origin = self._origin(len(y_new))
            parameters["sample_weight"] = sample_weight[train][origin]
        # Not fitted as one pipeline, because the validation records must pass the steps
        # before the last.
        if front is not None:
            front = clone(front)
            X_new = front.fit_transform(X_new, y_new)
            X_val = X_val if X_val is None else front.transform(X_val)
        if X_val is not None:
            parameters |= {"X_val": X_val, "y_val": y_val}
        final = clone(final).fit(X_new, y_new, **parameters)
        self.estimator_ = final
        if front is not None:
            last = self.estimator.steps[-1][0]
            self.estimator_ = Pipeline([*front.steps, (last, final)])
        return self

    def predict(self, X):
        """Predict the label of each record.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.

        Returns
        -------
        ndarray of shape (n_records,)
            Labels.
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Estimate the probability of each class among resampled records.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.

        Returns
        -------
        ndarray of shape (n_records, n_classes)
            Probabilities, in the order of ``classes_``, at the class frequencies after
            resampling; :class:`~sklearn.calibration.CalibratedClassifierCV` corrects
            them to those of your records.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X):
        """Return the classifier's decision values.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.

        Returns
        -------
        ndarray of shape (n_records,) or (n_records, n_classes)
            As the classifier's own.
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(X)

    def _hold_out(self, values, codes, groups, final):
        """Return the records to train on, and those that early stopping watches."""
        if not has_fit_parameter(final, "X_val"):
            raise ValueError(
                f"{type(final).__name__} has early_stopping=True and would cut its "
                "validation records from resampled ones, as its fit takes no X_val; "
                "set early_stopping=False."
            )
        if groups is None:
            groups = duplicates_as_groups(values)
        # The network's own draw, so that it holds the same records out by itself.
        seed = check_random_state(final.random_state).randint(np.iinfo(np.int32).max)
        fraction = final.validation_fraction
        if isinstance(fraction, Integral):  # as scikit-learn's, a number of records
            fraction = fraction / len(codes)
        return inner_split(codes, groups, fraction, seed)

    def _resample(self, X, y, ndim):
        """Resample records; the error of a sampler of tables names RecordSampler."""
        try:
            return self.sampler_.fit_resample(X, y)
        except ValueError as error:
            if ndim == 2 or get_tags(self.sampler_).input_tags.three_d_array:
                raise
            raise ValueError(
                f"sampler={self.sampler!r} refused records of three dimensions; give "
                f"RecordSampler({self.sampler!r})."
            ) from error

    def _origin(self, n_new):
        """Return which record each resampled one is, or is made from."""
        origin = getattr(self.sampler_, "sample_indices_", None)
        if origin is None or len(origin) != n_new:
            raise ValueError(
                f"{self.sampler!r} does not say which record each new one is made "
                "from, so that new ones have no sample_weight; leave it out, or use "
                "BeatAlignedSMOTE, ECGAugmenter or a sampler that selects records."
            )
        return origin

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.non_deterministic = getattr(self.estimator, "random_state", 0) is None
        return tags


def _as_without_sampler(final, n_records):
    """Return a classifier that stops early if it did on records before resampling."""
    if getattr(final, "early_stopping", False) != "auto":
        return final
    return clone(final).set_params(early_stopping=n_records > _STOPS_EARLY_OVER)


def _holds_records_out(final):
    """Tell whether a classifier stops early, on records other than it trains on."""
    of_training = getattr(final, "validation_fraction", 0.1) is None
    return bool(getattr(final, "early_stopping", False)) and not of_training


def _check_none_inside_stops_early(final):
    """Raise if an estimator inside the last step would hold resampled records out."""
    inside = final.get_params() if hasattr(final, "get_params") else {}
    for name, value in inside.items():
        if name.endswith("__early_stopping") and value is True:
            raise ValueError(
                f"{name}=True inside {type(final).__name__} would cut validation "
                "records from resampled ones; set it to False, or put "
                "ResampledClassifier around that estimator, inside."
            )


def _check_takes_validation(final):
    """Raise unless a classifier takes validation records."""
    if not has_fit_parameter(final, "X_val"):
        raise ValueError(
            f"{type(final).__name__} does not take X_val in fit; leave X_val and y_val "
            "out."
        )


def _take(X, index):
    """Return the records at `index`."""
    return X.isel(record=index) if is_labelled(X) else np.asarray(X)[index]
