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


def percentile_interval(
    draws: np.ndarray, confidence_level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the percentile intervals of figures from their bootstrap draws.

    Parameters
    ----------
    draws : ndarray of shape (n_resamples, ...)
        The figures of each bootstrap sample; NaN where a figure is not defined.
    confidence_level : float
        Share of the draws inside the interval.

    Returns
    -------
    low, high : ndarray of shape (...)
        Ends of the intervals, of the draws that are defined; NaN where none is.

    Examples
    --------
    >>> low, high = percentile_interval(np.arange(101.0), 0.9)
    >>> round(float(low), 6), round(float(high), 6)
    (5.0, 95.0)
    """
    figures = draws.reshape(len(draws), -1)
    ends = np.stack([_ends(column, confidence_level) for column in figures.T], axis=1)
    return ends[0].reshape(draws.shape[1:]), ends[1].reshape(draws.shape[1:])


def _ends(draws: np.ndarray, confidence_level: float) -> np.ndarray:
    """Return both ends of the interval of one figure."""
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return np.full(2, np.nan)
    tail = (1 - confidence_level) / 2
    if np.isfinite(defined).all():
        return np.quantile(defined, [tail, 1 - tail])
    # An infinite likelihood ratio can't be interpolated.
    low = np.quantile(defined, tail, method="lower")
    return np.array([low, np.quantile(defined, 1 - tail, method="higher")])
