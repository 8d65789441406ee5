"""Whether predicted probabilities are right, for many weightings at once."""

from typing import Any

import numpy as np
from scipy.special import expit, logit

from skecg.metrics._weighted import as_booleans, divide, in_blocks

_MAX_STEPS = 50
_CONVERGED = 1e-9  # log-odds; what has not converged, as of separated classes, is NaN
_LONGEST_STEP = 3.0  # log-odds; longer Newton steps may overshoot and diverge


def calibration_intercept(y_true: Any, probability: Any, weights: Any = None) -> Any:
    """Compute the calibration intercept, below 0 where probabilities are too high.

    Parameters
    ----------
    y_true, probability : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its predicted probability.
    weights : array-like of shape (n_resamples, n_records) or (n_records,), default=None
        Weights of the records, such as of :func:`patient_weights`; None means 1.

    Returns
    -------
    ndarray of shape (n_resamples,), or float for one weighting
        The number to add to all log-odds so that as many positive records are expected
        as were found; 0 is right, below 0 the probabilities are too high.
        NaN where a class has no weight.

    See Also
    --------
    calibration_slope : Whether the probabilities are too extreme.

    Notes
    -----
    The intercept of a logistic regression with a slope of 1
    ("calibration in the large") [1]_.

    References
    ----------
    .. [1] Van Calster B, et al. Calibration: the Achilles heel of predictive
       analytics. BMC Med 2019;17:230. doi:10.1186/s12916-019-1466-7

    Examples
    --------
    >>> y = np.array([True, False, False, False])
    >>> round(calibration_intercept(y, np.full(4, 0.5)), 3)
    -1.099
    """
    y, given, weights = _read(y_true, probability, weights)

    # Newton's method for all weightings at once: scikit-learn's LogisticRegression
    # fits one, takes no offset, and would take seconds for a thousand.
    def fit(w: np.ndarray) -> np.ndarray:
        intercept = np.zeros((len(w), 1))
        step = np.full(len(w), np.inf)
        for _ in range(_MAX_STEPS):
            p = expit(given + intercept)
            step = (w * (y - p)).sum(axis=1) / (w * p * (1 - p)).sum(axis=1)
            intercept += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)[:, np.newaxis]
            if np.nanmax(np.abs(step), initial=0) < _CONVERGED:
                break
        return np.where(np.abs(step) < _CONVERGED, intercept[:, 0], np.nan)

    with np.errstate(invalid="ignore", divide="ignore"):
        return _number(in_blocks(fit, weights))


def calibration_slope(y_true: Any, probability: Any, weights: Any = None) -> Any:
    """Compute the calibration slope, below 1 where probabilities are too extreme.

    Parameters
    ----------
    y_true, probability : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its predicted probability.
    weights : array-like of shape (n_resamples, n_records) or (n_records,), default=None
        Weights of the records, such as of :func:`patient_weights`; None means 1.

    Returns
    -------
    ndarray of shape (n_resamples,), or float for one weighting
        Slope of a logistic regression on the log-odds [1]_: 1 is right, below 1 the
        probabilities are too extreme, above 1 too moderate. NaN where the classes are
        separated or one has no weight.

    See Also
    --------
    calibration_intercept : Whether the probabilities are too high overall.

    References
    ----------
    .. [1] Van Calster B, et al. Calibration: the Achilles heel of predictive
       analytics. BMC Med 2019;17:230. doi:10.1186/s12916-019-1466-7

    Examples
    --------
    Log-odds of ±log(9) where ±log(3) are right:

    >>> y = np.array([True, True, True, False, True, False, False, False])
    >>> probability = np.repeat([0.9, 0.1], 4)
    >>> round(calibration_slope(y, probability), 3)
    0.5
    """
    y, odds, weights = _read(y_true, probability, weights)
    spread = odds.std()
    if spread == 0:
        return _number(np.full(weights.shape[:-1], np.nan))
    # Newton's steps converge on standardized log-odds, from the fit of all records.
    scaled = (odds - odds.mean()) / spread
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = _logistic_fit(y, scaled, np.zeros(2), np.ones((1, len(odds))))
        start = np.where(np.isfinite(whole[0]), whole[0], 0.0)
        found = in_blocks(lambda w: _logistic_fit(y, scaled, start, w), weights)
    return _number(found[..., 1] / spread)


def observed_to_expected(y_true: Any, probability: Any, weights: Any = None) -> Any:
    """Compute the ratio of positive records found to those expected.

    Parameters
    ----------
    y_true, probability : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its predicted probability.
    weights : array-like of shape (n_resamples, n_records) or (n_records,), default=None
        Weights of the records, such as of :func:`patient_weights`; None means 1.

    Returns
    -------
    ndarray of shape (n_resamples,), or float for one weighting
        Number of positive records divided by the sum of probabilities: 1 is right,
        below 1 the probabilities are too high.

    Examples
    --------
    >>> observed_to_expected([1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5])
    0.5
    """
    y, _, weights = _read(y_true, probability, weights)
    p = np.asarray(probability)
    return _number(in_blocks(lambda w: divide(w @ y, w @ p), weights))


def _read(
    y_true: Any, probability: Any, weights: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, log-odds that are finite, and weights."""
    y, p = as_booleans(y_true), np.asarray(probability)
    p = p if p.dtype.kind == "f" else p.astype(np.float64)
    if y.shape != p.shape or p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(
            "probability must be one number from 0 to 1 for each record of y_true, got "
            f"the shape {p.shape} for {y.shape} and values from {p.min(initial=0):g} "
            f"to {p.max(initial=0):g}."
        )
    # A probability of 0 or 1 is clipped to [eps, 1 - eps] of its own precision: its
    # log-odds are infinite, and a network in float32 gives 1 where it means 1 - 1e-9.
    eps = float(np.finfo(p.dtype).eps)
    odds = logit(np.clip(p.astype(np.float64), eps, 1 - eps))
    return y, odds, np.ones(len(y)) if weights is None else np.asarray(weights)


def _number(found: np.ndarray) -> Any:
    """Return the figure of one weighting as a float, figures of many as an array."""
    return float(found) if np.ndim(found) == 0 else found


def _logistic_fit(
    y_true: np.ndarray, x: np.ndarray, start: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return intercept and slope for each row of weights, by Newton's method."""
    found = np.tile(start, (len(weights), 1))
    step = np.full((len(weights), 2), np.inf)
    for _ in range(_MAX_STEPS):
        p = expit(found[:, :1] + found[:, 1:] * x)
        error, curve = weights * (y_true - p), weights * p * (1 - p)
        gradient = np.stack([error.sum(axis=1), error @ x])
        h00, h01, h11 = curve.sum(axis=1), curve @ x, curve @ x**2
        # Cramer's rule, which gives NaN where numpy.linalg.solve would raise: classes
        # that are separated have a singular matrix.
        determinant = h00 * h11 - h01**2
        a = h11 * gradient[0] - h01 * gradient[1]
        b = h00 * gradient[1] - h01 * gradient[0]
        step = np.stack([a, b], axis=1) / determinant[:, np.newaxis]
        found += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        if np.nanmax(np.abs(step), initial=0) < _CONVERGED:
            break
    converged = (np.abs(step) < _CONVERGED).all(axis=1)
    return np.where(converged[:, np.newaxis], found, np.nan)
