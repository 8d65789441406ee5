"""Bootstrap intervals that draw whole patients."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skecg.metrics._arguments import check_arguments
from skecg.utils import check_labels, read_groups, read_labels


class Estimate(NamedTuple):
    """A figure with its interval.

    Attributes
    ----------
    estimate : float
        The figure of all records.
    low, high : float
        Ends of the interval.
    """

    estimate: float
    low: float
    high: float


def in_words(estimate: float, low: float, high: float, digits: int = 3) -> str:
    """Return a figure with its interval, such as "0.957 (0.944 to 0.969)"."""
    if np.isnan(estimate):
        return "not defined"
    value = f"{estimate:.{digits}f}"
    if np.isnan(low):
        return value
    interval = f"{low:.{digits}f} to {high:.{digits}f}"
    return f"{value} ({interval})"


def patient_weights(
    groups: Any, n_resamples: int, random_state: int | np.random.RandomState | None = 0
) -> np.ndarray:
    """Draw patients with replacement, and count how often each record is drawn.

    Parameters
    ----------
    groups : array-like of shape (n_records,)
        Patient of each record.
    n_resamples : int
        Number of bootstrap samples.
    random_state : int, RandomState instance or None, default=0
        Seeds the draws.

    Returns
    -------
    uint16 ndarray of shape (n_resamples, n_records)
        How often a record's patient is drawn in each sample.

    Raises
    ------
    TypeError
        If `groups` is not a sequence.
    ValueError
        If a patient is missing, or fewer than two are given.

    Examples
    --------
    >>> weights = patient_weights([7, 7, 8, 9], n_resamples=2)
    >>> bool((weights[:, 0] == weights[:, 1]).all())
    True
    >>> patient_weights([7, 7], n_resamples=2)
    Traceback (most recent call last):
    ...
    ValueError: The bootstrap needs records of at least two patients, but groups names 1; ...
    """  # noqa: E501
    check_arguments(
        "patient_weights", n_resamples=n_resamples, random_state=random_state
    )
    if isinstance(groups, str | bytes) or not hasattr(groups, "__len__"):
        raise TypeError(
            "groups must name the patient of each record, but got one value, "
            f"{groups!r}; give a list of them."
        )
    code = np.asarray(read_groups(groups, len(groups)))
    n_patients = len(np.unique(code))
    if n_patients < 2:
        raise ValueError(
            "The bootstrap needs records of at least two patients, but groups names "
            f"{n_patients}; give records of more patients."
        )
    rng = check_random_state(random_state)
    # 2 bytes a weight: the counts are small, and n_resamples x n_records are kept.
    weights = np.empty((n_resamples, len(code)), dtype=np.uint16)
    for row in weights:
        # Patients, not records, are independent of each other.
        drawn = rng.randint(n_patients, size=n_patients)
        row[:] = np.bincount(drawn, minlength=n_patients)[code]
    return weights


def percentile_interval(
    draws: np.ndarray, confidence_level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the percentile intervals of figures from their bootstrap draws.

    Parameters
    ----------
    draws : ndarray of shape (n_resamples, ...)
        The figures of each bootstrap sample; NaN where a figure is not defined.
    confidence_level : float
        Share of the draws inside the interval.

    Returns
    -------
    low, high : ndarray of shape (...)
        Ends of the intervals, of the draws that are defined; NaN where none is.

    Examples
    --------
    >>> low, high = percentile_interval(np.arange(101.0), 0.9)
    >>> round(float(low), 6), round(float(high), 6)
    (5.0, 95.0)
    """
    # Percentiles, not BCa: its acceleration needs a jackknife over patients for each
    # figure, and is not defined for a rate of 1, whose draws are all equal. An end
    # never leaves the figure's own range, as that of a normal approximation may.
    figures = draws.reshape(len(draws), -1)
    ends = np.stack([_ends(column, confidence_level) for column in figures.T], axis=1)
    return ends[0].reshape(draws.shape[1:]), ends[1].reshape(draws.shape[1:])


def _ends(draws: np.ndarray, confidence_level: float) -> np.ndarray:
    """Return both ends of the interval of one figure."""
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return np.full(2, np.nan)
    tail = (1 - confidence_level) / 2
    if np.isfinite(defined).all():
        return np.quantile(defined, [tail, 1 - tail])
    # An infinite likelihood ratio can't be interpolated.
    low = np.quantile(defined, tail, method="lower")
    return np.array([low, np.quantile(defined, 1 - tail, method="higher")])


def patient_bootstrap(
    metric: Callable[..., float],
    y_true: Any,
    y_score: Any,
    groups: Any = None,
    *,
    positive_label: Any = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
    random_state: int | np.random.RandomState | None = 0,
) -> Estimate:
    """Compute a metric with a bootstrap interval that draws whole patients.

    Parameters
    ----------
    metric : callable
        A metric of scikit-learn that takes ``sample_weight``, such as
        :func:`sklearn.metrics.roc_auc_score`.
    y_true, y_score : array-like of shape (n_records,)
        Labels, and scores or predictions as the metric takes them.
    groups : array-like of shape (n_records,), optional
        Patient of each record; each record is its own patient by default.
    positive_label : label, default=None
        Label that numeric scores belong to. None means the second in sorted order; of
        text labels such as "LVH" and "NORM" it has to be given.
    n_resamples : int, default=1000
        Number of bootstrap samples.
    confidence_level : float, default=0.95
        Share of the bootstrap distribution inside the interval.
    random_state : int, RandomState instance or None, default=0
        Seeds the draws.

    Returns
    -------
    Estimate
        ``estimate`` on all records, ``low`` and ``high``.

    Raises
    ------
    ValueError
        If the lengths differ, a patient is missing, or fewer than two are given.

    Notes
    -----
    Records of one patient are alike, so drawing records one by one makes intervals
    too narrow. Patients are drawn with replacement, and the number of times a patient
    is drawn weights their records (percentile method) [1]_. Samples of one class, in
    which the metric is not defined, are left out.

    References
    ----------
    .. [1] Field CA, Welsh AH. Bootstrapping clustered data. J R Stat Soc B 69,
       369-390 (2007). doi:10.1111/j.1467-9868.2007.00593.x

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score
    >>> y_true = np.array([0, 0, 1, 1, 0, 1])
    >>> y_predicted = np.array([0, 1, 1, 1, 0, 1])
    >>> patients = np.array([1, 1, 2, 2, 3, 4])
    >>> result = patient_bootstrap(accuracy_score, y_true, y_predicted, patients)
    >>> round(result.estimate, 2), result.low <= result.estimate <= result.high
    (0.83, True)
    """
    check_arguments(
        "patient_bootstrap",
        metric=metric,
        n_resamples=n_resamples,
        confidence_level=confidence_level,
    )
    if np.ma.is_masked(y_score):
        raise ValueError("y_score has masked values; leave these records out.")
    y_true, y_score = check_labels(y_true, "y_true"), column_or_1d(y_score)
    # Beside text labels, numbers are scores, and text is predicted labels.
    scored_text = y_true.dtype.kind not in "fiub" and y_score.dtype.kind in "fiu"
    if positive_label is not None or scored_text:
        y_true = read_labels(y_true, "y_true", positive_label)
    groups = np.arange(len(y_true)) if groups is None else groups
    check_consistent_length(y_true, y_score, groups)
    # Records of weight 0 are left out, so that a metric sees which classes were drawn;
    # with one class alone there is no ROC curve.
    draws = []
    for weight in patient_weights(groups, n_resamples, random_state):
        drawn = weight > 0
        y, score = y_true[drawn], y_score[drawn]
        if len(np.unique(y)) > 1:
            draws.append(metric(y, score, sample_weight=weight[drawn]))
    if not draws:
        raise ValueError(
            "No bootstrap sample had records of both classes; give more patients."
        )
    low, high = percentile_interval(np.array(draws), confidence_level)
    return Estimate(float(metric(y_true, y_score)), float(low), float(high))
