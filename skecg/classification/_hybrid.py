"""The classifier that combines a network with measured waves."""

import warnings
from functools import cache
from numbers import Real

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted, column_or_1d, has_fit_parameter
from threadpoolctl import ThreadpoolController

from skecg.classification._checks import encode_target
from skecg.classification._cnn import LVHCNNClassifier
from skecg.classification._probability import calibrated_odds, finite_log
from skecg.criteria import VoltageCriteria
from skecg.utils import (
    N_JOBS,
    ECGLabels,
    HasMethods,
    Interval,
    as_3d,
    carry_warning,
    check_ecg,
    check_learned_voltage,
    fit_context,
    is_labelled,
    mark_warned,
    read_age,
    read_sex,
    resolve_fs,
    typical_amplitude,
)

_PATIENT = ("sex", "age")


def make_boosting(random_state):
    """Return gradient boosting with settings that were chosen on fold 8 of PTB-XL."""
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=300,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        max_features=0.3,
        # "auto" would hold out records whose patients are trained on.
        early_stopping=False,
        random_state=random_state,
    )


class LVHHybridClassifier(ClassifierMixin, BaseEstimator):
    """Combine a network with a classifier of measured waves, sex and age.

    The network classifies the waveform. A second classifier takes the measurements of
    the median beat, the voltage indices, sex and age. Their log-probabilities are
    averaged.

    Parameters
    ----------
    network : classifier, default=None
        Classifier of records in mV: one of skecg's, or a pipeline that ends in one.
        None means ``LVHCNNClassifier()``.

    tabular : classifier, default=None
        Classifier of the table of measurements, where NaN means unknown or not
        measurable. None means a
        :class:`~sklearn.ensemble.HistGradientBoostingClassifier` of 300 small trees.

    weight : float, default=0.3
        Weight of the network in the average, from 0 to 1. The default was chosen on
        fold 8 of PTB-XL; networks have more extreme probabilities than the trees.

    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500. Measuring
        needs at least 80.

    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many.

    random_state : int, RandomState instance or None, default=None
        Seeds the two classifiers where they are the default ones.

    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; of two, the second is the positive one.

    network_ : classifier
        The fitted network.

    tabular_ : classifier
        The fitted classifier of the table.

    criteria_ : VoltageCriteria
        The fitted transformer that measures records and computes the indices.

    calibration_ : tuple of float or None
        Slope and intercept that calibrate the log-odds of shipped models
        (:func:`~skecg.load_pretrained`); None after `fit`.

    amplitude_ : float
        Typical amplitude in mV of the records in `fit`; records a hundred times
        larger or smaller are refused as being in another unit.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    LVHCNNClassifier : The network alone.
    VoltageCriteria : The measurements and indices alone.

    Notes
    -----
    X is in mV and not scaled, as voltages are measured on it. Sex and age come from a
    labelled X, or are passed to `fit` and `predict`; either may be missing. A
    classifier that was fitted with them warns if it predicts without them; pass NaN for
    unknown values.

    `tabular` predicts with one OpenMP thread, because several threads wait for each
    other after each tree: on busy cores, one record took more than a second.

    Examples
    --------
    >>> from skecg import LVHCNNClassifier, LVHHybridClassifier, make_lvh_ecg
    >>> cohort = make_lvh_ecg(60, fs=100, random_state=0)
    >>> network = LVHCNNClassifier(filters=(8, 8), kernel_sizes=5, epochs=2)
    >>> hybrid = LVHHybridClassifier(network, fs=100, random_state=0)
    >>> patients = {"sex": cohort.sex, "age": cohort.age}
    >>> hybrid = hybrid.fit(cohort.data, cohort.target, **patients)
    >>> hybrid.predict_proba(cohort.data, **patients).shape
    (60, 2)
    """

    _parameter_constraints: dict = {
        "network": [HasMethods(["fit", "predict_proba"]), None],
        "tabular": [HasMethods(["fit", "predict_proba"]), None],
        "weight": [Interval(Real, 0, 1, closed="both")],
        "fs": [Interval(Real, 80, None, closed="left"), None],
        "lead_names": ["array-like", None],
        "random_state": ["random_state"],
        "n_jobs": N_JOBS,
    }

    def __init__(
        self,
        network=None,
        tabular=None,
        *,
        weight=0.3,
        fs=None,
        lead_names=None,
        random_state=None,
        n_jobs=-1,
    ):
        self.network = network
        self.tabular = tabular
        self.weight = weight
        self.fs = fs
        self.lead_names = lead_names
        self.random_state = random_state
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None, groups=None, sex=None, age=None):
        """Train both classifiers.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Training records in mV; of shape (n_records, n_times) for one lead.
        y : array-like of shape (n_records,)
            Labels of two or more classes, of any type.
        sample_weight : array-like of shape (n_records,), default=None
            Weight of each record. In a pipeline, the last step gets it.
        groups : array-like of shape (n_records,), default=None
            Patient of each record, for the network's inner split. In a pipeline, the
            last step gets it.
        sex : array-like of shape (n_records,), default=None
            0 or "male", 1 or "female", NaN for unknown. None means that of X.
        age : array-like of shape (n_records,), default=None
            Age in years from 0 to 120, NaN for unknown. None means that of X.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        values, labels = check_ecg(self, X, reset=True)
        self.classes_, _ = encode_target(y, len(values))
        y = column_or_1d(y)  # no codes, as a class_weight may name the labels
        self.amplitude_ = typical_amplitude(values)
        network, tabular = map(self._classifier, ("network", "tabular"))
        self.network_ = clone(network)
        # As in prediction, without the names of columns, which `check_ecg` compares.
        records = X if is_labelled(X) else values
        accepted = _accepted(network, sample_weight=sample_weight, groups=groups)
        self.network_.fit(records, y, **accepted)
        records = _records(records)
        self.criteria_ = VoltageCriteria(
            passthrough=True,
            fs=resolve_fs(self, labels),
            lead_names=self.lead_names,
            n_jobs=self.n_jobs,
        ).fit(records)
        sex, age = _patients(records, len(values), sex, age)
        table = wave_table(self.criteria_, records, sex, age)
        # HistGradientBoostingClassifier can't bin a column without any value.
        self._unknown_columns = np.isnan(table).all(axis=0)
        # Calibration is for shipped models alone: it needs predictions out of fold.
        self.calibration_ = None
        self.tabular_ = clone(tabular)
        self.tabular_.fit(
            np.where(self._unknown_columns, 0, table),
            y,
            **_accepted(tabular, sample_weight=sample_weight),
        )
        columns = wave_columns(self.criteria_)
        self._places = np.arange(len(columns))
        self._known_facts = [
            name for name in _PATIENT if not self._unknown_columns[columns.index(name)]
        ]
        return self

    def predict_proba(self, X, sex=None, age=None):
        """Estimate the probability of each class.

        It is the probability of the labels of the training records; those of PTB-XL are
        a reader's statements, not echocardiography.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.
        sex, age : array-like of shape (n_records,), default=None
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_records, n_classes)
            Probabilities, in the order of ``classes_``.
        """
        return np.exp(self.predict_log_proba(X, sex, age))

    def predict_log_proba(self, X, sex=None, age=None):
        """Estimate the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.
        sex, age : array-like of shape (n_records,), default=None
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_records, n_classes)
            Logarithms, in the order of ``classes_``.
        """
        check_is_fitted(self)
        values, labels = check_ecg(self, X, reset=False)
        # A view, which may be marked though the array is the caller's.
        mine = values.view()
        if check_learned_voltage(self, values, self.amplitude_):
            mark_warned(mine)
        records = mine
        if labels is not None:
            records = carry_warning(mine, labels.wrap(mine))
        from_network = self.network_.predict_proba(records)
        return self._combine(from_network, _records(records), sex, age)

    def decision_function(self, X, sex=None, age=None):
        """Return the log-odds of the positive class, or log-probabilities.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.
        sex, age : array-like of shape (n_records,), default=None
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_records,) or (n_records, n_classes)
            For two classes the log-odds of ``classes_[1]``; for more, the logarithm
            of each class's probability.
        """
        logarithm = self.predict_log_proba(X, sex, age)
        if len(self.classes_) == 2:
            return logarithm[:, 1] - logarithm[:, 0]
        return logarithm

    def predict(self, X, sex=None, age=None):
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.
        sex, age : array-like of shape (n_records,), default=None
            As in `fit`.

        Returns
        -------
        ndarray of shape (n_records,)
            Labels, of the type of y.
        """
        most_probable = self.predict_log_proba(X, sex, age).argmax(axis=1)
        return self.classes_[most_probable]

    def set_params(self, **params):
        """Set parameters, also those of a default classifier (``network__epochs``).

        Parameters
        ----------
        **params : dict
            Parameters of this estimator, or of its classifiers.

        Returns
        -------
        self : object
            This estimator.
        """
        # A default classifier is an attribute only once a parameter of it is set.
        own = {name: value for name, value in params.items() if "__" not in name}
        super().set_params(**own)
        of_parts = {name: params[name] for name in params.keys() - own.keys()}
        parts = {name.partition("__")[0] for name in of_parts} & {"network", "tabular"}
        for part in parts:
            setattr(self, part, self._classifier(part))
        return super().set_params(**of_parts)

    def _classifier(self, part):
        """Return one of the two classifiers as it is given, or the default."""
        given = getattr(self, part)
        if given is not None:
            return given
        if part == "network":
            return LVHCNNClassifier(random_state=self.random_state)
        return make_boosting(self.random_state)

    def _combine(self, from_network, records, sex, age):
        """Return the weighted mean of both classifiers' log-probabilities."""
        sex, age = _patients(records, len(from_network), sex, age)
        self._warn_of_missing(sex, age)
        table = wave_table(self.criteria_, records, sex, age)[:, self._places]
        table = np.where(self._unknown_columns, 0, table)
        # See Notes: threads of trees wait for each other.
        with _openmp().limit(limits=1):
            from_table = self.tabular_.predict_proba(table)
        logarithm = self.weight * finite_log(from_network)
        logarithm += (1 - self.weight) * finite_log(from_table)
        if self.calibration_ is not None:
            odds = calibrated_odds(logarithm, self.calibration_)
            logarithm = np.column_stack([np.zeros(len(odds)), odds])
        # A mean of logarithms is not that of probabilities: make these add up to 1.
        return logarithm - np.logaddexp.reduce(logarithm, 1, keepdims=True)

    def _warn_of_missing(self, sex, age):
        """Warn if sex or age was known at `fit` and is not given now."""
        given = dict(zip(_PATIENT, (sex, age), strict=True))
        missing = [name for name in self._known_facts if given[name] is None]
        if missing:
            warnings.warn(
                f"This {type(self).__name__} was fitted with {' and '.join(missing)}, "
                "but predicts without; pass "
                f"{' and '.join(f'{name}=' for name in missing)}, with NaN where "
                "unknown, or a labelled X with these coordinates.",
                stacklevel=3,
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.non_deterministic = self.random_state is None
        return tags


def wave_columns(criteria):
    """Name the columns of :func:`wave_table`."""
    names = criteria.get_feature_names_out().tolist()
    return names + [name for name in _PATIENT if name not in names]


def wave_table(criteria, X, sex=None, age=None):
    """Return the columns of a fitted VoltageCriteria for records, sex and age last."""
    table = np.asarray(criteria.transform(X, sex=sex))
    columns = wave_columns(criteria)
    n_unknown = len(columns) - table.shape[1]
    table = np.hstack([table, np.full((len(table), n_unknown), np.nan)])
    if sex is not None:
        table[:, columns.index("sex")] = sex
    if age is not None:
        table[:, columns.index("age")] = age
    return table


@cache
def _openmp():
    """Return the controller of OpenMP's threads; a search for libraries takes 1.5 ms.

    A library that is loaded later keeps its threads, which changes no result.
    """
    return ThreadpoolController().select(user_api="openmp")


def _records(records):
    """Return labelled records as they are, and plain ones with three dimensions.

    VoltageCriteria takes two dimensions for a table of measurements.
    """
    return records if is_labelled(records) else carry_warning(records, as_3d(records))


def _patients(X, n_records, sex, age):
    """Return sex and age, from the labels of X where they are not given."""
    labels = ECGLabels.of(X) if is_labelled(X) else None
    return (
        read_sex(sex, n_records, labels=labels),
        read_age(age, n_records, labels=labels),
    )


def _accepted(classifier, **values):
    """Return the values that are given and that the classifier takes in `fit`.

    In a pipeline, they get the prefix of its last step. A classifier without an inner
    split needs no `groups`, but `sample_weight` must not be ignored.
    """
    step, prefix = classifier, ""
    while isinstance(step, Pipeline):
        name, step = step.steps[-1]
        prefix += f"{name}__"
    if get_config()["enable_metadata_routing"]:
        prefix = ""  # the pipeline hands on what its steps request
    given = {name: value for name, value in values.items() if value is not None}
    refused = [name for name in given if not has_fit_parameter(step, name)]
    if "sample_weight" in refused:
        raise ValueError(
            f"{type(step).__name__} does not take sample_weight in fit; leave it "
            "out, or give a classifier that does."
        )
    return {prefix + name: v for name, v in given.items() if name not in refused}
