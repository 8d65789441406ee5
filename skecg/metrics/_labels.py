"""Scores of the positive class, and how an estimator gives them."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skecg.utils import check_labels, read_labels


def positive_class(y: Any, name: str = "y_true", positive_label: Any = None) -> Any:
    """Return the label that means LVH: `positive_label`, or the larger of two.

    That is an error where the smaller of two text labels names LVH.
    """
    return check_labels(y, name)[read_labels(y, name, positive_label)].tolist()[0]


def read_scores(y_score: Any, y_true: np.ndarray, name: str = "y_score") -> np.ndarray:
    """Return scores, one finite number for each record; floats keep their type."""
    if y_score is None:
        raise ValueError(f"{name} is missing; give one score for each record.")
    if np.ma.is_masked(y_score):  # what is masked is missing, whatever it hides
        y_score = y_score.astype(np.float64).filled(np.nan)
    if np.iscomplexobj(y_score):
        raise ValueError(f"{name} holds complex numbers; give real scores.")
    scores = column_or_1d(y_score)
    check_consistent_length(y_true, scores)
    if scores.dtype.kind != "f":
        try:
            scores = scores.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name} must hold one number for each record, but {error}; give "
                "numbers."
            ) from error
    if not np.isfinite(scores).all():
        raise ValueError(
            f"{name} has {int((~np.isfinite(scores)).sum())} values that are NaN or "
            "infinite; leave these records out, or give the estimator a score for them."
        )
    return scores


def score_method(estimator: Any) -> str:
    """Return the name of the method by which an estimator gives scores."""
    for name in ("predict_proba", "decision_function"):
        if hasattr(estimator, name):
            return name
    raise TypeError(
        f"estimator must have predict_proba or decision_function, but "
        f"{type(estimator).__name__} has neither; give a classifier."
    )


def positive_scores(scores: Any, classes: Any, positive_label: Any) -> np.ndarray:
    """Return the scores of the positive class.

    `scores` come from `predict_proba` or `decision_function`, whose columns are in the
    order of `classes`.
    """
    scores = np.asarray(scores)
    index = np.asarray(classes).tolist().index(positive_label)
    if scores.ndim == 2:
        return scores[:, index]
    # A decision function of two classes rises towards the second.
    return scores if index == 1 else -scores
