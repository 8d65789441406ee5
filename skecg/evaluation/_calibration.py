"""Calibration intercept and slope of many weightings of the same records."""

import numpy as np
from scipy.special import expit, logit

from skecg.utils import in_blocks

_MAX_STEPS = 50
_CONVERGED = 1e-9
_LONGEST_STEP = 3.0


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Return log-odds of probabilities, finite where these are 0 or 1.

    Parameters
    ----------
    probability : float ndarray
        Probabilities; those nearer to 0 or 1 than the precision of their type are
        moved there.

    Returns
    -------
    float64 ndarray
        The log-odds.

    Examples
    --------
    >>> log_odds(np.array([0.5, 1.0], dtype=np.float32)).round(2).tolist()
    [0.0, 15.94]
    """
    smallest = float(np.finfo(probability.dtype).eps)
    return logit(np.clip(probability.astype(np.float64), smallest, 1 - smallest))


def calibration_intercept(
    y_true: np.ndarray, probability: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Compute how far probabilities are too low as a whole, in log-odds.

    Parameters
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    probability : float ndarray of shape (n_records,)
        Predicted probability of that.
    weights : ndarray of shape (n_resamples, n_records)
        Weights of the records, such as
        ``skecg.utils.patient_weights`` or a row of ones.

    Returns
    -------
    ndarray of shape (n_resamples,)
        What must be added to all log-odds so that as many positive records are
        expected as were found; 0 is right, below 0 the probabilities are too high.
        NaN where a class has no weight.

    See Also
    --------
    calibration_slope : Whether the probabilities are too extreme.

    Notes
    -----
    The intercept of a logistic regression whose slope is held at 1
    ("calibration in the large") [1]_.

    References
    ----------
    .. [1] Van Calster B, et al. Calibration: the Achilles heel of predictive
       analytics. BMC Med 2019;17:230. doi:10.1186/s12916-019-1466-7

    Examples
    --------
    >>> y = np.array([True, False, False, False])
    >>> calibration_intercept(y, np.full(4, 0.5), np.ones((1, 4))).round(3).tolist()
    [-1.099]
    """

    def fit(y: np.ndarray, given: np.ndarray, w: np.ndarray) -> np.ndarray:
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
        return in_blocks(fit, y_true, log_odds(probability), weights)


def calibration_slope(
    y_true: np.ndarray, probability: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Compute whether probabilities are too extreme.

    Parameters
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    probability : float ndarray of shape (n_records,)
        Predicted probability of that.
    weights : ndarray of shape (n_resamples, n_records)
        Weights of the records, such as
        ``skecg.utils.patient_weights`` or a row of ones.

    Returns
    -------
    ndarray of shape (n_resamples,)
        Slope of a logistic regression on the log-odds [1]_: 1 is right, below 1 the
        probabilities are too extreme, above 1 too moderate. NaN where the classes are
        separated or one has no weight.

    See Also
    --------
    calibration_intercept : Whether the probabilities are too high as a whole.

    References
    ----------
    .. [1] Van Calster B, et al. Calibration: the Achilles heel of predictive
       analytics. BMC Med 2019;17:230. doi:10.1186/s12916-019-1466-7

    Examples
    --------
    Log-odds of ±log(9) where ±log(3) are right:

    >>> y = np.array([True, True, True, False, True, False, False, False])
    >>> probability = np.repeat([0.9, 0.1], 4)
    >>> calibration_slope(y, probability, np.ones((1, 8))).round(3).tolist()
    [0.5]
    """
    odds = log_odds(probability)
    spread = odds.std()
    if spread == 0:
        return np.full(len(weights), np.nan)
    scaled = (odds - odds.mean()) / spread
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = _logistic_slope(y_true, scaled, np.zeros(2), np.ones((1, len(odds))))
        start = np.where(np.isfinite(whole[0]), whole[0], 0.0)
        found = in_blocks(lambda w: _logistic_slope(y_true, scaled, start, w), weights)
    return found[:, 1] / spread


def _logistic_slope(
    y_true: np.ndarray, x: np.ndarray, start: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return intercept and slope for each row of weights, by Newton's steps."""
    found = np.tile(start, (len(weights), 1))
    step = np.full((len(weights), 2), np.inf)
    for _ in range(_MAX_STEPS):
        p = expit(found[:, :1] + found[:, 1:] * x)
        error, curve = weights * (y_true - p), weights * p * (1 - p)
        gradient = np.stack([error.sum(axis=1), error @ x])
        h00, h01, h11 = curve.sum(axis=1), curve @ x, curve @ x**2
        determinant = h00 * h11 - h01**2
        step = (
            np.stack(
                [
                    h11 * gradient[0] - h01 * gradient[1],
                    h00 * gradient[1] - h01 * gradient[0],
                ],
                axis=1,
            )
            / determinant[:, np.newaxis]
        )
        found += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        if np.nanmax(np.abs(step), initial=0) < _CONVERGED:
            break
    converged = (np.abs(step) < _CONVERGED).all(axis=1)
    return np.where(converged[:, np.newaxis], found, np.nan)
