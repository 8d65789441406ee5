"""Scores of the positive class, and how an estimator gives them."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skecg.utils import check_labels, read_labels


def positive_class(y: Any, name: str = "y_true", positive_label: Any = None) -> Any:
    """Return the label that means LVH.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Labels.
    name : str, default="y_true"
        Name of the argument, for errors.
    positive_label : label, default=None
        The label that means LVH. None means the larger of two.

    Returns
    -------
    label
        `positive_label`, or the larger of two labels.

    Raises
    ------
    ValueError
        If a label is missing, there are not two classes, `positive_label` is not among
        the labels, or it is None and the smaller of two text labels names LVH.

    Examples
    --------
    >>> positive_class(["no LVH", "with LVH"])
    'with LVH'
    >>> positive_class(["LVH", "Normal"], positive_label="LVH")
    'LVH'
    """
    return check_labels(y, name)[read_labels(y, name, positive_label)].tolist()[0]


def read_scores(y_score: Any, y_true: np.ndarray, name: str = "y_score") -> np.ndarray:
    """Return scores, one finite number for each record.

    Parameters
    ----------
    y_score : array-like of shape (n_records,)
        Scores.
    y_true : ndarray of shape (n_records,)
        Labels of the same records.
    name : str, default="y_score"
        Name of the argument, for errors.

    Returns
    -------
    float ndarray of shape (n_records,)
        The scores; floats keep their type.

    Raises
    ------
    ValueError
        If the lengths differ or a score is not finite.

    Examples
    --------
    >>> read_scores([1, 2], np.array([False, True])).tolist()
    [1.0, 2.0]
    """
    if y_score is None:
        raise ValueError(f"{name} is missing; give one score for each record.")
    scores = column_or_1d(y_score)
    check_consistent_length(y_true, scores)
    if scores.dtype.kind != "f":
        scores = scores.astype(np.float64)
    if not np.isfinite(scores).all():
        raise ValueError(
            f"{name} has {int((~np.isfinite(scores)).sum())} values that are NaN or "
            "infinite; leave these records out, or give the estimator a score for them."
        )
    return scores


def score_method(estimator: Any) -> str:
    """Return the name of the method by which an estimator gives scores.

    Parameters
    ----------
    estimator : estimator
        A classifier.

    Returns
    -------
    str
        ``"predict_proba"``, else ``"decision_function"``.

    Raises
    ------
    TypeError
        If it has neither.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> score_method(LinearSVC())
    'decision_function'
    """
    for name in ("predict_proba", "decision_function"):
        if hasattr(estimator, name):
            return name
    raise TypeError(
        f"estimator must have predict_proba or decision_function, but "
        f"{type(estimator).__name__} has neither; give a classifier."
    )


def positive_scores(scores: Any, classes: Any, positive_label: Any) -> np.ndarray:
    """Return the scores of the positive class.

    Parameters
    ----------
    scores : array-like of shape (n_records,) or (n_records, n_classes)
        Result of `predict_proba` or `decision_function`.
    classes : array-like of shape (n_classes,)
        The estimator's classes, in the order of the columns.
    positive_label : label
        The class that means LVH.

    Returns
    -------
    ndarray of shape (n_records,)
        Scores that rise with the probability of `positive_label`.

    Examples
    --------
    >>> positive_scores([[0.9, 0.1], [0.2, 0.8]], ["LVH", "Normal"], "LVH").tolist()
    [0.9, 0.2]
    """
    scores = np.asarray(scores)
    index = np.asarray(classes).tolist().index(positive_label)
    if scores.ndim == 2:
        return scores[:, index]
    # A decision function of two classes rises towards the second.
    return scores if index == 1 else -scores
