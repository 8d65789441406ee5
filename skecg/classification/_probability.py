"""Logarithms, log-odds and labels from the probabilities of a classifier."""

import numpy as np
from scipy.special import expit

LEAST_PROBABILITY = 1e-7
"""Probabilities are clipped to it before their logarithm is taken."""


def finite_log(probability):
    """Return the logarithm of probabilities, of which some may be 0."""
    return np.log(np.clip(probability, LEAST_PROBABILITY, None))


def calibrated_odds(logarithm, calibration):
    """Map the log-odds of two classes by slope and intercept.

    `logarithm` has the logarithm of each class's probability, up to a constant.
    """
    slope, intercept = calibration
    return slope * (logarithm[:, 1] - logarithm[:, 0]) + intercept


def calibrated(probability, calibration):
    """Return probabilities of two classes after a calibration; None for none."""
    if calibration is None:
        return probability
    odds = calibrated_odds(finite_log(probability), calibration)
    return np.column_stack([expit(-odds), expit(odds)])


class ProbabilityMixin:
    """Methods of a classifier that has `predict_proba` and ``classes_``."""

    def predict_log_proba(self, X):
        """Estimate the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.

        Returns
        -------
        ndarray of shape (n_records, n_classes)
            Logarithms, in the order of ``classes_``.
        """
        return np.log(self.predict_proba(X))

    def decision_function(self, X):
        """Return the log-odds of ``classes_[1]``, or log-probabilities.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.

        Returns
        -------
        ndarray of shape (n_records,) or (n_records, n_classes)
            For two classes the log-odds of the second, positive where `predict` gives
            it; for more, the logarithm of each class's probability.
        """
        logarithm = self.predict_log_proba(X)
        if len(self.classes_) == 2:
            return logarithm[:, 1] - logarithm[:, 0]
        return logarithm

    def predict(self, X):
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records like those in `fit`.

        Returns
        -------
        ndarray of shape (n_records,)
            Labels, of the type of y.
        """
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]
