"""Labels of two classes: which of them is the positive one."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

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
    classes: Sequence[Any] | np.ndarray, positive_label: Any = None, *, name: str = "y"
) -> int:
    """Return the position of the positive class among the sorted classes.

    `positive_label` names it. By default it is, of two, the one whose name says so,
    such as ``"LVH"`` beside ``"NORM"`` or ``"no LVH"``, else the second. More than two
    classes need a `positive_label`, and so do two that are both named like the positive
    one. `name` is the name of the labels in errors.

    >>> find_positive(["LVH", "NORM"]), find_positive(["a", "b"])
    (0, 1)
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


def describe_unclear(classes: np.ndarray, name: str) -> str:
    """Say that two classes, such as 1 and 2 or "A" and "B", don't tell which means yes.

    Of two numbers of which one is 0 or less, the larger is positive, and of two texts
    the one that is named so; then nothing is said.

    >>> describe_unclear(np.array([0, 1]), "y"), describe_unclear(["LVH", "B"], "y")
    ('', '')
    """
    first, second = np.asarray(classes).tolist()
    try:
        if isinstance(first, bool) or min(float(first), float(second)) <= 0:
            return ""
    except (TypeError, ValueError):  # text that is no number
        if _meaning(first) != _meaning(second):
            return ""
    return (
        f"The classes of {name}, {[first, second]}, don't say which is the positive "
        f"one; give positive_label={first!r} or {second!r}."
    )


def class_index(classes: np.ndarray, target: Any) -> int:
    """Return the position of a class; of two, None means the positive one."""
    unclear = len(classes) == 2 and describe_unclear(classes, "y")
    if target is None and len(classes) == 2 and not unclear:
        return find_positive(classes)
    if target is None or target not in classes.tolist():
        raise ValueError(
            f"target must be one of the classes {classes.tolist()}, but got {target!r}."
        )
    return classes.tolist().index(target)


def read_labels(y: Any, name: str, positive_label: Any = None) -> np.ndarray:
    """Return labels as booleans, where scores belong to the positive class.

    There must be two classes, or a `positive_label`. scikit-learn's scores are those of
    the second class in sorted order, so that ``"LVH"`` and ``"NORM"`` are an error
    without a `positive_label`. `name` is the name of the labels in errors.
    """
    values = check_labels(y, name)
    classes = np.unique(values)
    if positive_label is not None and len(classes) < 2:
        find_positive(classes, None, name=name)
    positive = find_positive(classes, positive_label, name=name)
    if positive_label is None and (unclear := describe_unclear(classes, name)):
        raise ValueError(unclear)
    if positive_label is None and positive == 0:
        first, second = classes.tolist()
        raise ValueError(
            f"The classes of {name}, {[first, second]}, are text, of which scikit-learn"
            f" takes the second as the positive one. Give positive_label={first!r} if "
            f"the scores are those of {first!r}, else positive_label={second!r}."
        )
    return values == classes[positive]


def read_target(y: Any, name: str = "y") -> np.ndarray:
    """Return labels as scikit-learn does, but refuse those that are none."""
    from sklearn.utils.validation import column_or_1d

    try:
        column = column_or_1d(y, warn=True)
    except ValueError as error:
        if "sequence" not in str(error):  # NumPy's words for lists of other lengths
            raise
        raise ValueError(
            f"{name} has sequences among its labels; give one label for each record."
        ) from error
    # NumPy writes a missing label as the text "nan", and forgets what is masked.
    if column.dtype.kind in "OUS" or np.ma.is_masked(y):
        checked = check_labels(y, name)
        return checked if checked.dtype == bool else column
    return column


def check_labels(y: Any, name: str) -> np.ndarray:
    """Return labels as an array; missing ones and mixed kinds are errors."""
    from sklearn.utils.validation import column_or_1d

    values = as_objects(y)
    if values.ndim > 2:
        raise ValueError(
            f"{name} must hold one label for each record, but has the shape "
            f"{values.shape}; records go before labels, as in fit(X, y)."
        )
    values = column_or_1d(values)
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
    if any(isinstance(value, tuple | list) for value in values):
        raise ValueError(
            f"{name} has sequences among its labels, such as {values[0]!r}; give one "
            "label for each record."
        )
    texts = {isinstance(value, str) for value in values}
    if len(texts) > 1:
        raise ValueError(
            f"{name} mixes text and numbers, such as {values[0]!r}; write all of its "
            "labels in one way."
        )
    return np.array(values.tolist())


def check_target_kind(y: np.ndarray) -> None:
    """Raise unless labels are of classes."""
    from sklearn.utils.multiclass import check_classification_targets

    # scikit-learn casts labels to integers, of which numpy warns for huge floats.
    with np.errstate(invalid="ignore"):
        check_classification_targets(y)


def _is_no_label(value: Any) -> bool:
    """Tell whether a label is missing; "None" may be the name of a class."""
    if isinstance(value, str) and value.strip().lower() == "none":
        return False
    return is_missing(value)


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
    # "not normal" is positive, "no LVH" negative.
    if any(_NEGATION.fullmatch(word) for word in words) or text.endswith("-"):
        return 1 if normal and not positive else -1
    return 1 if positive else -1 if normal else 0
