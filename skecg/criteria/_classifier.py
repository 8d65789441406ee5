"""A published criterion as a classifier."""

import warnings
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import assert_all_finite, check_consistent_length
from sklearn.utils.validation import check_is_fitted

from skecg.criteria._decide import apply_criterion
from skecg.criteria._input import MeasuredInput, known_fact
from skecg.criteria._measurer import ECGMeasurer
from skecg.criteria._thresholds import ALL_CRITERIA, COMPOSITES, both_thresholds
from skecg.utils import (
    Interval,
    StrOptions,
    check_labels,
    check_target_kind,
    describe_unclear,
    find_positive,
    fit_context,
    read_target,
)


class CriterionClassifier(MeasuredInput, ClassifierMixin, BaseEstimator):
    """Decide on left ventricular hypertrophy by one published ECG criterion.

    Parameters
    ----------
    criterion : str, default="cornell_voltage"
        A key of :data:`skecg.criteria.CRITERIA`, which has each threshold and its
        source, or ``"perugia"``, ``"minnesota_3_1"``, ``"minnesota_3_3"``.

    threshold : float or (float, float), default=None
        Another threshold than the published one, for all or for men and women, in the
        unit of the criterion, greater than 0. Not for Perugia and Minnesota, which have
        several.

    unknown_sex : {"raise", "nan"}, default="raise"
        Where the criterion needs a sex that is unknown, raise an error, or make the
        decision unavailable.

    unavailable : {"nan", "negative", "raise"}, default="nan"
        Output of `predict` and `decision_function` where the criterion can't be
        applied: NaN, a negative decision (as if the index were 0), or an error.
        scikit-learn's scorers refuse NaN: set "negative" for them.

    cornell_offset : float, default=0.6
        Offset in mV that is added to women's voltage in the Cornell product: 0.6 as in
        the 12SL program and the LIFE study, 0.8 as Molloy published it.

    positive_label : str, int, float or bool, default=None
        The label of a positive criterion. None means, of two labels, the one that is
        named so, such as "LVH" beside "NORM", else the second in sorted order.

    digitalis : bool, default=False
        Whether the patients take digitalis (Romhilt-Estes and Perugia).

    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500. Measuring
        needs at least 80.

    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many. Of other unnamed leads nothing is measured, with a warning.

    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels, sorted.

    positive_label_ : object
        That of `classes_` which a positive criterion gives.

    measurer_ : ECGMeasurer or None
        The measurer of the records; None where `fit` saw a table of measurements.

    n_features_in_ : int
        Number of columns of the table, or of samples in time of a record.

    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw a DataFrame.

    See Also
    --------
    VoltageCriteria : The indices themselves.
    ECGMeasurer : The measurements, to make once and use for several criteria.

    Notes
    -----
    Nothing is learned but the names of the classes; a target of zeros and ones will do.
    Sex and conduction come from a labelled X or a table's columns, so that they reach
    every scorer and search, or are passed as ``sex`` and ``conduction``. Metadata
    routing brings them to `score`; other scorers hand nothing on to `predict`.

    A criterion is not applicable to records with left or right bundle branch block,
    pre-excitation or pacing. These are not recognised here: pass ``conduction``, and
    such a record is suppressed, which is a kind of unavailable.

    Voltages are compared in whole microvolts. `decision_function` is the index minus
    the threshold; 0 is positive where the source says "at least". For Perugia and
    Minnesota it is 0.5 or -0.5. It rises with ``classes_[1]``, as scikit-learn expects:
    its sign is changed where the positive label is the first.

    An unknown value makes a decision unavailable only if it could change it: 4 mV
    exceed the thresholds of both sexes, and of V5 and V6 one high R wave is enough.

    The criteria are specific and insensitive: a negative one rules nothing out.

    Examples
    --------
    >>> from skecg import CriterionClassifier, make_lvh_ecg
    >>> cohort = make_lvh_ecg(60, fs=500, random_state=0)
    >>> classifier = CriterionClassifier("cornell_voltage", fs=500)
    >>> classifier.fit(cohort.data, cohort.target)
    CriterionClassifier(fs=500)
    >>> decision = classifier.predict(cohort.data, sex=cohort.sex)
    >>> int(decision.sum()), bool(decision[cohort.target == 1].mean() > 0.3)
    (..., True)

    Cornell voltage has a threshold for each sex, and guesses neither:

    >>> classifier.predict(cohort.data)
    Traceback (most recent call last):
    ...
    ValueError: cornell_voltage needs the sex, which is unknown for 60 of 60 records...
    """

    _parameter_constraints: dict = {
        "criterion": [StrOptions({*ALL_CRITERIA})],
        "threshold": [Real, "array-like", None],
        "unknown_sex": [StrOptions({"raise", "nan"})],
        "unavailable": [StrOptions({"nan", "negative", "raise"})],
        "cornell_offset": [Interval(Real, 0, None, closed="left")],
        "positive_label": "no_validation",
        "digitalis": ["boolean"],
        **ECGMeasurer._parameter_constraints,
    }

    def __init__(
        self,
        criterion="cornell_voltage",
        *,
        threshold=None,
        unknown_sex="raise",
        unavailable="nan",
        cornell_offset=0.6,
        positive_label=None,
        digitalis=False,
        fs=None,
        lead_names=None,
        n_jobs=-1,
    ):
        self.criterion = criterion
        self.threshold = threshold
        self.unknown_sex = unknown_sex
        self.unavailable = unavailable
        self.cornell_offset = cornell_offset
        self.positive_label = positive_label
        self.digitalis = digitalis
        self.fs = fs
        self.lead_names = lead_names
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Check X and remember the two classes.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements.
        y : array-like of shape (n_records,)
            Labels, of two classes.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        if self.threshold is not None and self.criterion in COMPOSITES:
            raise ValueError(
                f"{self.criterion} has several thresholds; set them in "
                "skecg.criteria.perugia or skecg.criteria.minnesota and leave "
                f"threshold=None, got {self.threshold!r}."
            )
        if self.threshold is not None:
            _check_threshold(self.threshold)
        self._fit_input(X)
        y = self._check_target(X, y)
        self.classes_ = np.unique(y)
        if len(self.classes_) != 2:
            raise ValueError(
                "Only binary classification is supported: y must have two classes, "
                f"got {len(self.classes_)} class(es) {self.classes_[:5].tolist()}; "
                "give the records of two."
            )
        self._positive = find_positive(self.classes_, self.positive_label)
        unclear = describe_unclear(self.classes_, "y")
        if unclear and self.positive_label is None:
            warnings.warn(f"{unclear} The second is taken for LVH.", stacklevel=3)
        self.positive_label_ = self.classes_[self._positive]
        return self

    def decision_function(self, X, sex=None, conduction=None):
        """Give the index minus the threshold.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements, as at `fit`.
        sex : array-like, default=None
            0 or "male", 1 or "female", NaN for unknown. None means that of X.
        conduction : array-like of bool, default=None
            Records with bundle branch block, pre-excitation or pacing, to which the
            criterion does not apply. None means those of X.

        Returns
        -------
        decision : ndarray of shape (n_records,)
            In the unit of the criterion; `unavailable` sets the value where the
            criterion can't be applied.
        """
        margin, _, _ = self._decide(X, sex, conduction)
        margin = self._fill(margin)
        # scikit-learn's scorers expect it to rise with classes_[1].
        return margin if self._positive == 1 else -margin

    def predict(self, X, sex=None, conduction=None):
        """Decide for each record.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements, as at `fit`.
        sex : array-like, default=None
            As in `decision_function`.
        conduction : array-like of bool, default=None
            As in `decision_function`.

        Returns
        -------
        y : ndarray of shape (n_records,)
            Labels out of `classes_`. Where some are unavailable as NaN, numbers become
            floats with NaN, and other labels objects with None.
        """
        margin, positive, _ = self._decide(X, sex, conduction)
        unknown = np.isnan(self._fill(margin))
        labels = self.classes_[np.where(positive, self._positive, 1 - self._positive)]
        if not unknown.any():
            return labels
        numbers = labels.dtype.kind in "biuf"
        labels = labels.astype(np.float64 if numbers else object)
        labels[unknown] = np.nan if numbers else None
        return labels

    def report(self, X, sex=None, conduction=None):
        """Say what came out for each record, in words.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements, as at `fit`.
        sex : array-like, default=None
            As in `decision_function`; unknown is unavailable here.
        conduction : array-like of bool, default=None
            As in `decision_function`.

        Returns
        -------
        words : ndarray of str, shape (n_records,)
            ``"positive"``, ``"negative"``, ``"unavailable"`` or ``"suppressed"``.
        """
        margin, positive, suppressed = self._decide(
            X, sex, conduction, unknown_sex="nan"
        )
        words = np.where(positive, "positive", "negative")
        words = np.where(np.isnan(margin), "unavailable", words)
        return np.where(suppressed, "suppressed", words)

    def score(self, X, y, sample_weight=None, sex=None, conduction=None):
        """Give the accuracy; an unavailable decision agrees with no label.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements, as at `fit`.
        y : array-like of shape (n_records,)
            True labels.
        sample_weight : array-like of shape (n_records,), default=None
            Weights.
        sex : array-like, default=None
            As in `decision_function`.
        conduction : array-like of bool, default=None
            As in `decision_function`.

        Returns
        -------
        accuracy : float
            Share of the records whose decision is their label.
        """
        # accuracy_score refuses NaN, which stands for unavailable here.
        decision = self.predict(X, sex, conduction)
        y = read_target(y)
        check_consistent_length(decision, y)
        return float(np.average(decision == y, weights=sample_weight))

    def _decide(self, X, sex, conduction, unknown_sex=None):
        """Return margins, NaN where unavailable; what is positive; what suppressed."""
        check_is_fitted(self)
        measurements, values = self._read(X)
        n = len(values)
        sex = known_fact("sex", X, measurements, n, sex, np.nan)
        suppressed = known_fact("conduction", X, measurements, n, conduction, 0) == 1
        decision = self._apply(measurements, sex)
        if self._needs_sex() and (unknown_sex or self.unknown_sex) == "raise":
            self._check_sex(sex, measurements)
        margin = np.where(suppressed, np.nan, decision.margin)
        return margin, decision.positive & ~suppressed, suppressed

    def _apply(self, measurements, sex):
        """Decide by the criterion, for one sex or for that of each record."""
        return apply_criterion(
            self.criterion,
            measurements,
            sex,
            threshold=self.threshold,
            cornell_offset=self.cornell_offset,
            digitalis=self.digitalis,
        )

    def _fill(self, decision):
        """Replace NaN by the value that `unavailable` sets."""
        unknown = np.isnan(decision)
        if self.unavailable == "raise" and unknown.any():
            raise ValueError(
                f"{self.criterion} is unavailable for {unknown.sum()} of "
                f"{len(decision)} records, the first of them {unknown.argmax()}; leave "
                'them out, or set unavailable="nan" or "negative".'
            )
        if self.unavailable == "negative":
            # As far below the threshold as an index of 0 lies.
            several = self.criterion in COMPOSITES
            below = 0.5 if several else max(self._thresholds())
            return np.where(unknown, -below, decision)
        return decision

    def _thresholds(self):
        """Return the thresholds of men and of women."""
        return both_thresholds(self.criterion, self.threshold)

    def _needs_sex(self):
        """Tell whether the decision depends on the sex."""
        if self.criterion in COMPOSITES:
            return self.criterion == "perugia"
        product = self.criterion == "cornell_product" and self.cornell_offset > 0
        return product or len({*self._thresholds()}) == 2

    def _check_sex(self, sex, measurements):
        """Raise where the sex is unknown, and would give a decision."""
        unknown = np.isnan(sex)
        if unknown.any():
            decisions = [self._apply(measurements, known).margin for known in (0, 1)]
            unknown &= ~np.isnan(decisions).all(axis=0)
        if unknown.any():
            raise ValueError(
                f"{self.criterion} needs the sex, which is unknown for {unknown.sum()} "
                f"of {len(sex)} records; give a labelled X with the coordinate 'sex', "
                "a table with the column 'sex', or sex=..., or set "
                'unknown_sex="nan".'
            )

    def _check_target(self, X, y):
        """Return y as a validated array."""
        if y is None:
            raise ValueError(
                "CriterionClassifier requires y to be passed, but the target y is "
                "None; a target of zeros and ones names the two classes."
            )
        y = read_target(y)
        if y.dtype.kind == "f":
            assert_all_finite(y, input_name="y")
        y = check_labels(y, "y")
        check_target_kind(y)
        check_consistent_length(X, y)
        return y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True
        return tags


def _check_threshold(threshold):
    """Raise if a threshold is neither one number nor two."""
    values = np.asarray(threshold)
    numbers = values.dtype.kind in "iuf" and np.isfinite(values).all()
    # An unavailable index counts as 0 where it is to be negative.
    if not numbers or values.shape not in ((), (2,)) or (values <= 0).any():
        raise ValueError(
            "threshold must be one number greater than 0, or two: for men and for "
            f"women, got {threshold!r}."
        )
