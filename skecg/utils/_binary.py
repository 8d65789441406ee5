"""Labels of two classes, scores, and how an estimator gives them."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d


def read_binary(y: Any, name: str) -> np.ndarray:
    """Return labels of two classes as booleans; the larger is positive.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Labels.
    name : str
        What an error calls them.

    Returns
    -------
    bool ndarray of shape (n_records,)
        Whether a record is positive.

    Raises
    ------
    ValueError
        If there are not two classes.

    Examples
    --------
    >>> read_binary(["no LVH", "with LVH"], "y").tolist()
    [False, True]
    """
    values = column_or_1d(y)
    classes = np.unique(values)
    if len(classes) != 2:
        raise ValueError(
            f"{name} must have two classes, got {len(classes)} "
            f"{classes[:5].tolist()}; a report needs records with LVH and without."
        )
    return values == classes[1]


def read_scores(y_score: Any, y_true: np.ndarray, name: str) -> np.ndarray:
    """Return scores, one finite number for each record.

    Parameters
    ----------
    y_score : array-like of shape (n_records,)
        Scores.
    y_true : ndarray of shape (n_records,)
        Labels of the same records.
    name : str
        What an error calls the scores.

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
    >>> read_scores([1, 2], np.array([False, True]), "y_score").tolist()
    [1.0, 2.0]
    """
    scores = column_or_1d(y_score)
    check_consistent_length(y_true, scores)
    if not np.isfinite(scores).all():
        raise ValueError(
            f"{name} holds {int((~np.isfinite(scores)).sum())} values that are NaN or "
            "infinite; leave these records out, or give the estimator a score for them."
        )
    return scores if scores.dtype.kind == "f" else scores.astype(np.float64)


def is_probability(y_score: np.ndarray) -> bool:
    """Tell whether scores may be probabilities.

    Parameters
    ----------
    y_score : ndarray
        Scores.

    Returns
    -------
    bool
        Whether all are from 0 to 1.

    Examples
    --------
    >>> is_probability(np.array([0.0, 0.3])), is_probability(np.array([-1.0, 2.0]))
    (True, False)
    """
    return bool((y_score >= 0).all() and (y_score <= 1).all())


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


def positive_scores(scores: np.ndarray) -> np.ndarray:
    """Return the scores of the positive class.

    Parameters
    ----------
    scores : ndarray of shape (n_records,) or (n_records, 2)
        What `predict_proba` or `decision_function` gave.

    Returns
    -------
    ndarray of shape (n_records,)
        Those of ``classes_[1]``.

    Examples
    --------
    >>> positive_scores(np.array([[0.9, 0.1], [0.2, 0.8]])).tolist()
    [0.1, 0.8]
    """
    return scores[:, 1] if scores.ndim == 2 else scores


def class_index(classes: np.ndarray, target: Any) -> int:
    """Return where a class stands among all; of two, None means the second."""
    if target is None and len(classes) == 2:
        return 1
    if target is None or target not in classes.tolist():
        raise ValueError(
            f"target must be one of the classes {classes.tolist()}, but got {target!r}."
        )
    return classes.tolist().index(target)
