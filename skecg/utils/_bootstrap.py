"""Bootstrap samples of whole patients, as weights of their records."""

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import column_or_1d


def patient_weights(
    groups: np.ndarray,
    n_resamples: int,
    random_state: int | np.random.RandomState | None = 0,
) -> np.ndarray:
    """Draw patients with replacement, and count how often each record is drawn.

    Parameters
    ----------
    groups : array-like of shape (n_records,)
        Patient of each record.
    n_resamples : int
        Number of bootstrap samples.
    random_state : int, RandomState instance or None, default=0
        Seeds the draws.

    Returns
    -------
    uint16 ndarray of shape (n_resamples, n_records)
        How often a record's patient is drawn in each sample.

    Raises
    ------
    ValueError
        If fewer than two patients are given.

    Examples
    --------
    >>> weights = patient_weights([7, 7, 8, 9], n_resamples=2)
    >>> bool((weights[:, 0] == weights[:, 1]).all())
    True
    >>> patient_weights([7, 7], n_resamples=2)
    Traceback (most recent call last):
    ...
    ValueError: The bootstrap needs records of at least two patients, but groups names 1.
    """  # noqa: E501
    patients, code = np.unique(column_or_1d(groups), return_inverse=True)
    if len(patients) < 2:
        raise ValueError(
            "The bootstrap needs records of at least two patients, but groups names "
            f"{len(patients)}."
        )
    rng = check_random_state(random_state)
    weights = np.empty((n_resamples, len(code)), dtype=np.uint16)
    for row in weights:
        drawn = rng.randint(len(patients), size=len(patients))
        row[:] = np.bincount(drawn, minlength=len(patients))[code]
    return weights
