"""Intervals that know that the records of one patient belong together."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skecg.utils import patient_weights, percentile_interval


class Interval(NamedTuple):
    """A figure with its interval.

    Attributes
    ----------
    estimate : float
        The figure, of all records.
    low, high : float
        Ends of the interval.
    """

    estimate: float
    low: float
    high: float


def patient_bootstrap(
    metric: Callable[..., float],
    y_true: np.ndarray,
    y_score: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
    random_state: int | np.random.RandomState | None = 0,
) -> Interval:
    """Compute a metric with a bootstrap interval that draws whole patients.

    Parameters
    ----------
    metric : callable
        A metric of scikit-learn that takes ``sample_weight``, such as
        :func:`sklearn.metrics.roc_auc_score`.
    y_true : array-like of shape (n_records,)
        Labels.
    y_score : array-like of shape (n_records,)
        Scores or predictions, as the metric takes them.
    groups : array-like of shape (n_records,), optional
        Patient of each record; each record is its own patient by default.
    n_resamples : int, default=1000
        Number of bootstrap samples.
    confidence_level : float, default=0.95
        Share of the bootstrap distribution inside the interval.
    random_state : int, RandomState instance or None, default=0
        Seeds the draws.

    Returns
    -------
    Interval
        ``estimate`` on all records, ``low`` and ``high``.

    Raises
    ------
    ValueError
        If the lengths differ, or fewer than two patients are given.

    Notes
    -----
    Records of one patient are alike, so drawing records one by one makes intervals
    too narrow. Patients are drawn with replacement, and the number of times that one
    is drawn becomes the weight of their records (percentile method) [1]_. Samples in
    which the metric is not defined, as with one class only, are left out.

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
    y_true, y_score = column_or_1d(y_true), column_or_1d(y_score)
    groups = np.arange(len(y_true)) if groups is None else column_or_1d(groups)
    check_consistent_length(y_true, y_score, groups)
    draws = []
    for weight in patient_weights(groups, n_resamples, random_state):
        chosen = weight > 0
        if len(np.unique(y_true[chosen])) < 2:
            continue
        draws.append(
            metric(y_true[chosen], y_score[chosen], sample_weight=weight[chosen])
        )
    if not draws:
        raise ValueError(
            "No bootstrap sample had records of both classes; give more patients."
        )
    low, high = percentile_interval(np.array(draws), confidence_level)
    return Interval(float(metric(y_true, y_score)), float(low), float(high))
