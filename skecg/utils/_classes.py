"""Which of an estimator's classes is meant."""

from typing import Any

import numpy as np


def class_index(classes: np.ndarray, target: Any) -> int:
    """Return where a class stands among all; of two, None means the second.

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
    >>> class_index(np.array(["LVH", "NORM"]), "LVH")
    0
    """
    if target is None and len(classes) == 2:
        return 1
    if target is None or target not in classes.tolist():
        raise ValueError(
            f"target must be one of the classes {classes.tolist()}, but got {target!r}."
        )
    return classes.tolist().index(target)
