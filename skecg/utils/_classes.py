"""Labels of two classes: which of them is the positive one."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from skecg.utils._metadata import as_objects, is_missing

_POSITIVE = re.compile(
    r"\w*(lvh|hypertroph)\w*|hyp|positive|pos|present|yes|true|abnormal|case|diseased?"
)
_NEGATION = re.compile(
    r"no|non|not|without|wo|w/o|none|negative|neg|absent|absence|free|false|0"
    r"|(no|non|not|without)(lvh|hypertroph)\w*"
)
_NORMAL = re.compile(r"norm|normal|normals|healthy|controls?")


def find_positive(
    classes: Sequence[Any] | np.ndarray,
    positive_label: Any = None,
    *,
    name: str = "y",
) -> int:
    """Return which of the classes is the positive one.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        The sorted classes, such as ``classes_`` of a classifier.
    positive_label : str, int, float or bool, optional
        The positive class. By default, of two, the one whose name says so, such as
        ``"LVH"`` beside ``"NORM"`` or ``"no LVH"``, else the second.
    name : str, default="y"
        What an error calls the labels.

    Returns
    -------
    int
        Its index.

    Raises
    ------
    ValueError
        If `positive_label` is none of the classes, or if it is None and there are not
        two, or both are named like the positive one.

    Examples
    --------
    >>> find_positive(["LVH", "NORM"]), find_positive(["a", "b"])
    (0, 1)
    >>> find_positive(["LVH", "no LVH"], "no LVH")
    1
    >>> find_positive(["LVH", "VCLVH"])
    Traceback (most recent call last):
    ...
    ValueError: The classes of y, ['LVH', 'VCLVH'], don't say which is the positive ...
    """
    names = np.asarray(classes).tolist()
    if positive_label is not None:
        found = [k for k, label in enumerate(names) if label == positive_label]
        if not found:
            raise ValueError(
                f"positive_label must be one of the classes of {name}, {names[:10]}, "
                f"but got {positive_label!r}."
            )
        return found[0]
    if len(names) != 2:
        raise ValueError(
            f"{name} must have two classes, got {len(names)} {names[:5]}; give records "
            "with LVH and without, or the positive class of several as positive_label."
        )
    first, second = (_meaning(label) for label in names)
    if first == second == 1:
        raise ValueError(
            f"The classes of {name}, {names}, don't say which is the positive one; "
            f"give positive_label={names[0]!r} or {names[1]!r}."
        )
    return int(second >= first)


def class_index(classes: np.ndarray, target: Any) -> int:
    """Return where a class stands among all; of two, None means the positive one.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        The classes of an estimator, sorted.
    target : label or None
        The class that is meant.

    Returns
    -------
    int
        Its index.

    Raises
    ------
    ValueError
        If it is none of the classes, or None where there are more than two.

    Examples
    --------
    >>> class_index(np.array(["LVH", "NORM"]), "NORM")
    1
    >>> class_index(np.array(["LVH", "NORM"]), None)
    0
    """
    if target is None and len(classes) == 2:
        return find_positive(classes)
    if target is None or target not in classes.tolist():
        raise ValueError(
            f"target must be one of the classes {classes.tolist()}, but got {target!r}."
        )
    return classes.tolist().index(target)


def read_labels(y: Any, name: str, positive_label: Any = None) -> np.ndarray:
    """Return labels as booleans, where scores belong to the positive class.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Labels: numbers, booleans or text.
    name : str
        What an error calls them.
    positive_label : str, int, float or bool, optional
        The positive class, all others being negative. By default there must be two,
        of which the second in sorted order is positive.

    Returns
    -------
    bool ndarray of shape (n_records,)
        Whether a record is positive.

    Raises
    ------
    ValueError
        If a label is missing, if there are not two classes, if `positive_label` is none
        of them, or if it is None and the first class is named like the positive one,
        as in ``"LVH"`` and ``"NORM"``: scikit-learn's scores are those of the second.

    Examples
    --------
    >>> read_labels([0, 1, 1], "y").tolist()
    [False, True, True]
    >>> read_labels(["LVH", "NORM"], "y", positive_label="LVH").tolist()
    [True, False]
    >>> read_labels(["LVH", "NORM"], "y")
    Traceback (most recent call last):
    ...
    ValueError: The classes of y, ['LVH', 'NORM'], are text, of which scikit-learn ...
    """
    values = check_labels(y, name)
    classes = np.unique(values)
    if positive_label is not None and len(classes) < 2:
        find_positive(classes, None, name=name)
    positive = find_positive(classes, positive_label, name=name)
    if positive_label is None and positive == 0:
        first, second = classes.tolist()
        raise ValueError(
            f"The classes of {name}, {[first, second]}, are text, of which scikit-learn"
            f" takes the second as the positive one. Give positive_label={first!r} if "
            f"the scores are those of {first!r}, else positive_label={second!r}."
        )
    return values == classes[positive]


def check_labels(y: Any, name: str) -> np.ndarray:
    """Return labels as an array of one kind, none of which is missing.

    Parameters
    ----------
    y : array-like of shape (n_records,)
        Labels: numbers, booleans or text.
    name : str
        What an error calls them.

    Returns
    -------
    ndarray of shape (n_records,)
        The labels.

    Raises
    ------
    ValueError
        If a label is missing, or text and numbers are mixed.

    Examples
    --------
    >>> check_labels(["a", "b"], "y").tolist()
    ['a', 'b']
    >>> check_labels([1, None], "y")
    Traceback (most recent call last):
    ...
    ValueError: y has missing labels: 1 of 2, the first of them of record 1 (None); ...
    """
    values = column_or_1d(as_objects(y))
    if values.dtype.kind not in "iub":
        missing = np.array([_is_no_label(value) for value in values], dtype=bool)
        if missing.any():
            raise ValueError(
                f"{name} has missing labels: {missing.sum()} of {len(values)}, the "
                f"first of them of record {missing.argmax()} "
                f"({values[missing.argmax()]!r}); leave these records out."
            )
    if values.dtype.kind != "O":
        return values
    plain = np.array(values.tolist())
    texts = {isinstance(value, str) for value in values}
    if len(texts) > 1:
        raise ValueError(
            f"{name} mixes text and numbers, such as {values[0]!r}; write all of its "
            "labels in one way."
        )
    return plain


def _is_no_label(value: Any) -> bool:
    """Tell whether a label is missing; text is a label, but for none at all."""
    return not value.strip() if isinstance(value, str) else is_missing(value)


def _meaning(label: Any) -> int:
    """Return 1 if a class is named like the positive one, -1 like the negative."""
    if isinstance(label, bytes):
        label = label.decode(errors="replace")
    if not isinstance(label, str):
        return 0
    text = label.strip().lower()
    words = re.findall(r"w/o|[^\W_]+", text)
    positive = any(_POSITIVE.fullmatch(word) for word in words)
    normal = any(_NORMAL.fullmatch(word) for word in words)
    if any(_NEGATION.fullmatch(word) for word in words) or text.endswith("-"):
        return 1 if normal and not positive else -1
    return 1 if positive else -1 if normal else 0
