"""Metrics of many weightings of the same records at once.

scikit-learn computes a metric for one ``sample_weight``; a bootstrap needs it for a
thousand. These functions sort the scores once and agree with scikit-learn's.

A bootstrap sample is a row of weights: a patient who is drawn twice has weight 2. So
no records are copied, and one cumulative sum gives the counts of all samples.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from skecg.metrics._labels import read_scores
from skecg.utils import check_labels

DECISION_THRESHOLDS = np.round(np.arange(0.01, 0.505, 0.01), 2)
"""Threshold probabilities of a decision curve unless others are given."""

_BLOCK = 2_000_000  # weights converted to float64 at a time, 16 MB
_ROUNDING = 1e-12  # rates that differ by less are equal


def in_blocks(metric: Callable[[np.ndarray], np.ndarray], weights: Any) -> np.ndarray:
    """Compute a metric of (n_resamples, n_records) weights, a block of rows at a time.

    Weights of shape (n_records,) give the metric of that one weighting.
    """
    rows = np.atleast_2d(weights)
    size = max(1, _BLOCK // max(1, rows.shape[1]))
    blocks = [
        metric(rows[start : start + size].astype(np.float64))
        for start in range(0, len(rows), size)
    ]
    found = np.concatenate(blocks)
    return found if np.ndim(weights) == 2 else found[0]


def as_booleans(y_true: Any) -> np.ndarray:
    """Return labels that are booleans, or 0 and 1, as booleans; refuse all others."""
    y_true = np.asarray(y_true)
    if y_true.dtype.kind == "O":
        y_true = check_labels(y_true, "y_true")
    if y_true.dtype != bool and not np.isin(y_true, (0, 1)).all():
        raise ValueError(
            "y_true must be True or 1 for records with LVH, False or 0 for the others, "
            f"got {np.unique(y_true.astype(str))[:5].tolist()}; give other labels as "
            "y_true == positive_label."
        )
    return y_true.astype(bool)


def read_scored(y_true: Any, y_score: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return labels as booleans, and a finite score for each."""
    y = as_booleans(y_true)
    return y, read_scores(y_score, y)


def divide(numerator: Any, denominator: Any) -> np.ndarray:
    """Divide, giving NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), denominator
    )
    quotient = np.full(numerator.shape, np.nan)
    return np.divide(numerator, denominator, out=quotient, where=denominator != 0)


def weighted_counts(
    y_true: np.ndarray, y_score: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Count true and false positives at each distinct score, highest first.

    Both results have the shape (n_resamples, n_thresholds).
    """
    # The order does not depend on the weights, so it serves all samples.
    order = np.argsort(-y_score, kind="stable")
    # Records of one score are called positive together, at the last of them.
    last = np.flatnonzero(np.append(np.diff(y_score[order]) != 0, True))
    ranked = weights[:, order]
    positive = np.cumsum(ranked * y_true[order], axis=1)[:, last]
    return positive, np.cumsum(ranked, axis=1)[:, last] - positive


def weighted_roc_auc(y_true: Any, y_score: Any, weights: Any) -> np.ndarray:
    """Compute the area under the ROC curve for many weightings.

    Parameters
    ----------
    y_true, y_score : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its score.
    weights : array-like of shape (n_resamples, n_records) or (n_records,)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples,)
        The areas; NaN where a class has no weight.

    See Also
    --------
    sklearn.metrics.roc_auc_score : The same for one weighting.

    Examples
    --------
    >>> y, score = np.array([True, False, True]), np.array([0.9, 0.4, 0.4])
    >>> weighted_roc_auc(y, score, np.array([[1, 1, 1], [1, 1, 0]])).tolist()
    [0.75, 1.0]
    """
    y, score = read_scored(y_true, y_score)

    def area(w: np.ndarray) -> np.ndarray:
        true, false = weighted_counts(y, score, w)
        step = np.diff(false, axis=1, prepend=0)
        # Trapezoids: half of the pairs of equal scores count as ranked correctly.
        height = true - np.diff(true, axis=1, prepend=0) / 2
        return divide((step * height).sum(axis=1), true[:, -1] * false[:, -1])

    return in_blocks(area, weights)


def weighted_average_precision(y_true: Any, y_score: Any, weights: Any) -> np.ndarray:
    """Compute the average precision for many weightings.

    Parameters
    ----------
    y_true, y_score : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its score.
    weights : array-like of shape (n_resamples, n_records) or (n_records,)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples,)
        Average precision; NaN where no positive record has weight.

    See Also
    --------
    sklearn.metrics.average_precision_score : The same for one weighting.

    Examples
    --------
    >>> y, score = np.array([True, False, True]), np.array([0.9, 0.6, 0.4])
    >>> weighted_average_precision(y, score, np.ones((1, 3))).round(3).tolist()
    [0.833]
    """
    y, score = read_scored(y_true, y_score)

    def average(w: np.ndarray) -> np.ndarray:
        true, false = weighted_counts(y, score, w)
        # A step function as in scikit-learn: interpolated areas are too optimistic
        # (Davis & Goadrich 2006, doi:10.1145/1143844.1143874).
        called = true + false
        precision = np.divide(true, called, out=np.zeros_like(true), where=called > 0)
        gained = np.diff(true, axis=1, prepend=0)
        return divide((gained * precision).sum(axis=1), true[:, -1])

    return in_blocks(average, weights)


def weighted_sensitivity(
    y_true: Any, y_score: Any, false_positive_rate: Any, weights: Any
) -> np.ndarray:
    """Compute the sensitivity at given false positive rates for many weightings.

    Parameters
    ----------
    y_true, y_score : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its score.
    false_positive_rate : array-like of shape (n_rates,)
        1 - specificity, from 0 to 1.
    weights : array-like of shape (n_resamples, n_records) or (n_records,)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples, n_rates)
        Height of the ROC curve, its upper end where it is vertical; NaN where a class
        has no weight.

    See Also
    --------
    matched_sensitivity : The same without interpolation between thresholds.

    Examples
    --------
    >>> y, score = np.array([True, False, True, False]), np.array([4, 3, 2, 1])
    >>> weighted_sensitivity(y, score, [0.0, 0.5, 1.0], np.ones(4)).tolist()
    [0.5, 1.0, 1.0]
    """
    y, score = read_scored(y_true, y_score)

    def height(w: np.ndarray) -> np.ndarray:
        true, false = weighted_counts(y, score, w)
        tpr, fpr = divide(true, true[:, -1:]), divide(false, false[:, -1:])
        # Of equal abscissae numpy.interp takes the last: the upper end of a riser.
        curves = [
            np.interp(false_positive_rate, np.append(0, row), np.append(0, column))
            for row, column in zip(fpr, tpr, strict=True)
        ]
        defined = ~np.isnan(tpr[:, -1:] + fpr[:, -1:])
        return np.where(defined, curves, np.nan)

    return in_blocks(height, weights)


def weighted_precision(
    y_true: Any, y_score: Any, recall: Any, weights: Any
) -> np.ndarray:
    """Compute the precision at given recalls for many weightings.

    Parameters
    ----------
    y_true, y_score : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its score.
    recall : array-like of shape (n_recalls,)
        Sensitivities, above 0 and up to 1.
    weights : array-like of shape (n_resamples, n_records) or (n_records,)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples, n_recalls)
        Precision at the highest threshold that reaches each recall, not interpolated;
        NaN where no positive record has weight.

    Examples
    --------
    >>> y, score = np.array([True, False, True, False]), np.array([4, 3, 2, 1])
    >>> weighted_precision(y, score, [0.5, 1.0], np.ones(4)).round(3).tolist()
    [1.0, 0.667]
    """
    (y, score), wanted = read_scored(y_true, y_score), np.asarray(recall)

    def precision(w: np.ndarray) -> np.ndarray:
        true, false = weighted_counts(y, score, w)
        reached, precise = divide(true, true[:, -1:]), divide(true, true + false)
        found = np.full((len(w), len(wanted)), np.nan)
        for row, x, values in zip(found, reached, precise, strict=True):
            # The recall rises with the counts: a binary search finds the threshold.
            if not np.isnan(x[-1]):
                row[:] = values[np.searchsorted(x, wanted - _ROUNDING)]
        return found

    return in_blocks(precision, weights)


def weighted_net_benefit(
    y_true: Any, y_score: Any, thresholds: Any, weights: Any
) -> np.ndarray:
    """Compute the net benefit at threshold probabilities for many weightings.

    Parameters
    ----------
    y_true, y_score : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its probability.
    thresholds : array-like of shape (n_thresholds,)
        Probabilities from which on a patient is treated, below 1.
    weights : array-like of shape (n_resamples, n_records) or (n_records,)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples, n_thresholds)
        Share of true positives minus the share of false positives times the odds of
        the threshold [1]_.

    References
    ----------
    .. [1] Vickers AJ, Elkin EB. Decision curve analysis. Med Decis Making
       2006;26:565-574. doi:10.1177/0272989X06295361

    Examples
    --------
    >>> y, score = np.array([True, False, True, False]), np.array([0.9, 0.6, 0.4, 0.1])
    >>> weighted_net_benefit(y, score, [0.5], np.ones((1, 4))).tolist()
    [[0.0]]
    """
    (y, score), thresholds = read_scored(y_true, y_score), np.asarray(thresholds)
    # A threshold of t accepts t / (1 - t) false positives for one true positive.
    worth = np.where(y[:, np.newaxis], 1.0, -thresholds / (1 - thresholds))
    worth = np.where(score[:, np.newaxis] >= thresholds, worth, 0.0)
    return in_blocks(lambda w: w @ worth / w.sum(axis=1, keepdims=True), weights)


def weighted_mean(values: Any, weights: Any) -> np.ndarray:
    """Compute the mean of values for many weightings.

    Parameters
    ----------
    values : array-like of shape (n_records,) or (n_records, n_values)
        The values.
    weights : array-like of shape (n_resamples, n_records) or (n_records,)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples,) or (n_resamples, n_values)
        The means; NaN where all weights are 0.

    Examples
    --------
    >>> weighted_mean([1.0, 2.0, 6.0], [[1, 1, 1], [1, 1, 0]]).tolist()
    [3.0, 1.5]
    """
    values = np.asarray(values, dtype=np.float64)

    def mean(w: np.ndarray) -> np.ndarray:
        total = w.sum(axis=1)
        return divide(w @ values, total[:, np.newaxis] if values.ndim == 2 else total)

    return in_blocks(mean, weights)


def weighted_rates(y_true: Any, called: Any, weights: Any) -> np.ndarray:
    """Compute sensitivity and specificity of decisions for many weightings.

    Parameters
    ----------
    y_true, called : bool array-like of shape (n_records,)
        Whether a record is positive, and whether it is called positive.
    weights : array-like of shape (n_resamples, n_records) or (n_records,)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples, 2)
        Sensitivity and specificity; NaN where a class has no weight.

    Examples
    --------
    >>> weighted_rates([1, 1, 0, 0], [1, 0, 0, 0], np.ones(4)).tolist()
    [0.5, 1.0]
    """
    y, called = as_booleans(y_true), as_booleans(called)
    # Found and all positive records, rightly left and all negative ones.
    kinds = np.stack([y & called, y, ~y & ~called, ~y], axis=1)

    def rates(w: np.ndarray) -> np.ndarray:
        counts = w @ kinds
        return divide(counts[:, ::2], counts[:, 1::2])

    return in_blocks(rates, weights)
