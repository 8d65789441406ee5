"""What the displays of scores judge, and bands over its patients."""

from dataclasses import dataclass

import numpy as np

from skecg.utils import (
    ECGLabels,
    in_blocks,
    is_labelled,
    is_probability,
    patient_weights,
    percentile_interval,
    positive_scores,
    read_binary,
    read_scores,
    score_method,
)


@dataclass(frozen=True)
class Sample:
    """Labels and scores of records, and the bootstrap's weights of them.

    Attributes
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Its score.
    weights : ndarray of shape (n_resamples, n_records)
        How often each record is drawn in each bootstrap sample of patients.
    confidence_level : float
        Share of the bootstrap distribution inside an interval.
    """

    y_true: np.ndarray
    y_score: np.ndarray
    weights: np.ndarray
    confidence_level: float

    @classmethod
    def of_predictions(
        cls, y_true, y_score, *, groups, n_bootstrap, confidence_level, random_state
    ):
        """Read labels, scores and patients."""
        y_true = read_binary(y_true, "y_true")
        y_score = read_scores(y_score, y_true, "y_score")
        n = len(y_true)
        groups = np.arange(n) if groups is None else np.asarray(groups)
        if groups.shape != (n,):
            raise ValueError(
                f"groups must name the patient of each of the {n} records, but has the "
                f"shape {groups.shape}."
            )
        weights = patient_weights(groups, n_bootstrap, random_state)
        return cls(y_true, y_score, weights, confidence_level)

    def over_patients(self, metric):
        """Compute a metric of (y_true, y_score, weights) and its interval.

        Returns
        -------
        estimate, low, high : ndarray
            Of the shape of one row of the metric.
        """
        whole = np.ones((1, len(self.y_true)))
        (estimate,) = in_blocks(metric, self.y_true, self.y_score, whole)
        draws = in_blocks(metric, self.y_true, self.y_score, self.weights)
        return estimate, *percentile_interval(draws, self.confidence_level)

    def require_probabilities(self, display):
        """Raise unless the scores may be probabilities."""
        if not is_probability(self.y_score):
            raise ValueError(
                f"{display} needs probabilities from 0 to 1, but the scores run from "
                f"{self.y_score.min():g} to {self.y_score.max():g}; calibrate them, "
                "for example with CalibratedClassifierCV."
            )


class FromEstimator:
    """What a display that has `from_predictions` draws of an estimator."""

    @classmethod
    def from_estimator(cls, estimator, X, y, *, groups=None, **options):
        """Draw a fitted classifier on records that it was not fitted on.

        Parameters
        ----------
        estimator : estimator
            Fitted, with `predict_proba` or `decision_function`.

        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records, or whatever else the estimator takes.

        y : array-like of shape (n_records,)
            Labels of two classes; the larger means LVH.

        groups : array-like of shape (n_records,), default=None
            Patient of each record. None means the coordinate ``patient`` of a labelled
            X, else that each record is a patient of its own.

        **options : dict
            What else :meth:`from_predictions` takes, such as ``name`` and ``ax``.

        Returns
        -------
        display
            The drawn display.

        Raises
        ------
        TypeError
            If the estimator gives no scores.
        ValueError
            If lengths differ, a score is not finite, or there are not two classes.
        """
        scores = getattr(estimator, score_method(estimator))(X)
        if groups is None and is_labelled(X):
            groups = ECGLabels.of(X).record_coordinate("patient")
        return cls.from_predictions(
            y, positive_scores(scores), groups=groups, **options
        )


def predictions_of_report(report):
    """Return what `from_predictions` takes, of a report, with its own bootstrap."""
    details = report.details
    seed = details.get("random_state")
    return {
        "y_true": report.y_true,
        "y_score": report.y_score,
        "groups": report.groups,
        "n_bootstrap": details.get("n_bootstrap", 1000),
        "confidence_level": details.get("confidence_level", 0.95),
        "random_state": 0 if seed is None else seed,
    }
