"""Labels of two classes, scores and patients, and how an estimator gives scores."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

_LVH = re.compile("lvh|hypertroph|lvm")
_MISSING = {"nan", "<NA>", "NaT"}
_ABSENT = {
    *("no", "non", "not", "without", "none", "nolvh", "nonlvh", "negative", "neg"),
    *("norm", "normal", "healthy", "control", "controls"),
}


def read_binary(y: Any, name: str = "y_true", positive_label: Any = None) -> np.ndarray:
    """Return labels of two classes as booleans.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Labels.
    name : str, default="y_true"
        Name of the argument, for errors.
    positive_label : label, default=None
        The label that means LVH; all others do not. None means the larger of two.

    Returns
    -------
    bool ndarray of shape (n_records,)
        Whether a record is positive.

    Raises
    ------
    ValueError
        If a label is missing, there are not two classes, or `positive_label` is not
        among the labels; if it is None and the larger of two text labels means that
        there is no LVH.

    Examples
    --------
    >>> read_binary(["no LVH", "with LVH"]).tolist()
    [False, True]
    >>> read_binary(["LVH", "Normal"], positive_label="LVH").tolist()
    [True, False]
    >>> read_binary(["LVH", "Normal"])
    Traceback (most recent call last):
    ...
    ValueError: y_true has the labels ['LVH', 'Normal'], of which the larger would mean LVH; give positive_label, such as positive_label='LVH'.
    """  # noqa: E501
    values = column_or_1d(y)
    return values == positive_class(values, name, positive_label)


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
        As in :func:`read_binary`.

    Examples
    --------
    >>> positive_class([0, 1, 1])
    1
    """
    values = column_or_1d(y)
    if missing := int(_is_missing(values).sum()):
        raise ValueError(
            f"{name} has {missing} missing labels; leave these records out."
        )
    classes = np.unique(values).tolist()
    if len(classes) < 2 or (len(classes) > 2 and positive_label is None):
        raise ValueError(
            f"{name} must have two classes, got {len(classes)} {classes[:5]}; give "
            "records with LVH and without, or positive_label where there are more."
        )
    if positive_label is not None and positive_label not in classes:
        raise ValueError(
            f"positive_label must be one of the labels of {name}, {classes[:5]}, got "
            f"{positive_label!r}."
        )
    if positive_label is not None:
        return positive_label
    smaller, larger = classes
    if _names_lvh(smaller) or _names_absence(larger):
        raise ValueError(
            f"{name} has the labels {classes}, of which the larger would mean LVH; "
            f"give positive_label, such as positive_label={smaller!r}."
        )
    return larger


def _names_lvh(label: Any) -> bool:
    """Tell whether a text label means LVH, and not its absence."""
    text = isinstance(label, str)
    return text and bool(_LVH.search(label.casefold())) and not _names_absence(label)


def _names_absence(label: Any) -> bool:
    """Tell whether a text label means that there is no LVH."""
    if not isinstance(label, str):
        return False
    return not _ABSENT.isdisjoint(re.split("[^a-z]+", label.casefold()))


def read_groups(groups: Any, name: str = "groups") -> np.ndarray:
    """Return patients, the same for 7, 7.0 and "7".

    Parameters
    ----------
    groups : array-like of shape (n_records,)
        Patient of each record.
    name : str, default="groups"
        Name of the argument, for errors.

    Returns
    -------
    ndarray of int or str, shape (n_records,)
        The patients; integers where all of them are.

    Raises
    ------
    ValueError
        If a patient is missing.

    Examples
    --------
    >>> read_groups([7.0, 8.0]).tolist(), read_groups(["7", "b"]).tolist()
    ([7, 8], ['7', 'b'])
    """
    values = column_or_1d(groups)
    missing = _is_missing(values, ["", "none", "None", "NaN", "NA"])
    if missing.any():
        raise ValueError(
            f"{name} has missing patients ({int(missing.sum())} of {len(values)} "
            "records); give each record the patient that it is of."
        )
    if values.dtype.kind in "iu":
        return values
    text = [re.sub(r"^(\d+)\.0+$", r"\1", str(value).strip()) for value in values]
    # Not "007": that and "7" may be two patients.
    whole = all(re.fullmatch("0|[1-9][0-9]{,17}", patient) for patient in text)
    return np.array(text, dtype=np.int64 if whole else None)


def _is_missing(values: np.ndarray, words: Iterable[str] = ()) -> np.ndarray:
    """Return where a value is None, NaN, NaT or NA, or text that is one of `words`."""
    if values.dtype.kind in "biu":
        return np.zeros(len(values), bool)
    return np.array([_text(value) in {*_MISSING, *words} for value in values], bool)


def _text(value: Any) -> str:
    """Return a value as text, that of None other than the text "None"."""
    return str(value).strip() if value is not None else "<NA>"


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
