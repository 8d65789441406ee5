"""Metrics of many weightings of the same records at once.

scikit-learn computes a metric for one ``sample_weight``; a bootstrap needs it for a
thousand. These functions sort the scores once and agree with scikit-learn's.
"""

from collections.abc import Callable

import numpy as np

DECISION_THRESHOLDS = np.round(np.arange(0.01, 0.505, 0.01), 2)
"""Threshold probabilities of a decision curve unless others are given."""

_BLOCK = 2_000_000  # numbers in one block of weights


def in_blocks(metric: Callable[..., np.ndarray], *arrays: np.ndarray) -> np.ndarray:
    """Compute a metric of many weightings without much memory.

    Parameters
    ----------
    metric : callable
        Takes `arrays`, the last of which are the weights, a block of rows at a time.
    *arrays : ndarray
        What the metric takes; the last are weights (n_resamples, n_records).

    Returns
    -------
    ndarray of shape (n_resamples, ...)
        The metric of each row of weights.

    Examples
    --------
    >>> in_blocks(lambda w: w.sum(axis=1), np.ones((3, 4))).tolist()
    [4.0, 4.0, 4.0]
    """
    *fixed, weights = arrays
    rows = max(1, _BLOCK // max(1, weights.shape[1]))
    return np.concatenate(
        [
            metric(*fixed, weights[start : start + rows].astype(np.float64))
            for start in range(0, len(weights), rows)
        ]
    )


def weighted_counts(
    y_true: np.ndarray, y_score: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count true and false positives at each distinct score, highest first.

    Parameters
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Scores; a record is called positive from its own score downwards.
    weights : ndarray of shape (n_resamples, n_records)
        Weights of the records.

    Returns
    -------
    true_positives, false_positives : ndarray of shape (n_resamples, n_thresholds)
        Sums of weights.
    thresholds : ndarray of shape (n_thresholds,)
        The distinct scores, falling.

    Examples
    --------
    >>> y, score = np.array([True, False, True]), np.array([0.9, 0.4, 0.4])
    >>> tp, fp, thresholds = weighted_counts(y, score, np.ones((1, 3)))
    >>> tp.tolist(), fp.tolist(), thresholds.tolist()
    ([[1.0, 2.0]], [[0.0, 1.0]], [0.9, 0.4])
    """
    order = np.argsort(-y_score, kind="stable")
    ranked = y_score[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    taken = weights[:, order]
    positive = np.cumsum(taken * y_true[order], axis=1)[:, last]
    total = np.cumsum(taken, axis=1)[:, last]
    return positive, total - positive, ranked[last]


def weighted_roc_auc(
    y_true: np.ndarray, y_score: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Compute the area under the ROC curve for many weightings.

    Parameters
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Scores.
    weights : ndarray of shape (n_resamples, n_records)
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
    return in_blocks(_roc_auc, y_true, y_score, weights)


def _roc_auc(
    y_true: np.ndarray, y_score: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    tp, fp, _ = weighted_counts(y_true, y_score, weights)
    step = np.diff(fp, axis=1, prepend=0)
    height = tp - np.diff(tp, axis=1, prepend=0) / 2
    return divide((step * height).sum(axis=1), tp[:, -1] * fp[:, -1])


def weighted_average_precision(
    y_true: np.ndarray, y_score: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Compute the average precision for many weightings.

    Parameters
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Scores.
    weights : ndarray of shape (n_resamples, n_records)
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
    return in_blocks(_average_precision, y_true, y_score, weights)


def _average_precision(
    y_true: np.ndarray, y_score: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    tp, fp, _ = weighted_counts(y_true, y_score, weights)
    gained = np.diff(tp, axis=1, prepend=0)
    called = tp + fp
    precision = np.divide(tp, called, out=np.zeros_like(tp), where=called > 0)
    return divide((gained * precision).sum(axis=1), tp[:, -1])


def weighted_net_benefit(
    y_true: np.ndarray,
    y_score: np.ndarray,
    thresholds: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Compute the net benefit at threshold probabilities for many weightings.

    Parameters
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Probabilities.
    thresholds : ndarray of shape (n_thresholds,)
        Probabilities from which on a patient is treated, below 1.
    weights : ndarray of shape (n_resamples, n_records)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples, n_thresholds)
        Share of true positives minus that of false positives times the odds of the
        threshold [1]_.

    References
    ----------
    .. [1] Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating
       prediction models. Med Decis Making 2006;26:565-574.
       doi:10.1177/0272989X06295361

    Examples
    --------
    >>> y, score = np.array([True, False, True, False]), np.array([0.9, 0.6, 0.4, 0.1])
    >>> weighted_net_benefit(y, score, np.array([0.5]), np.ones((1, 4))).tolist()
    [[0.0]]
    """
    called = y_score[:, np.newaxis] >= thresholds
    worth = np.where(y_true[:, np.newaxis], 1.0, -thresholds / (1 - thresholds))
    worth = np.where(called, worth, 0.0)
    return in_blocks(lambda w: w @ worth / w.sum(axis=1, keepdims=True), weights)


def divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide, giving NaN where the denominator is 0.

    Parameters
    ----------
    numerator, denominator : ndarray
        Of shapes that broadcast.

    Returns
    -------
    ndarray of float
        The quotients.

    Examples
    --------
    >>> divide(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    numerator, denominator = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), denominator
    )
    quotient = np.full(numerator.shape, np.nan)
    return np.divide(numerator, denominator, out=quotient, where=denominator != 0)
