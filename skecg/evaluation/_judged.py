"""Records with labels and scores, and intervals of whatever is computed of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from skecg.evaluation._bootstrap import Interval
from skecg.utils import (
    divide,
    in_blocks,
    percentile_interval,
    weighted_average_precision,
    weighted_roc_auc,
)


@dataclass(frozen=True)
class Judged:
    """Labels and scores of records, and the bootstrap's weights of them.

    Attributes
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Scores.
    groups : ndarray of shape (n_records,)
        Patients.
    weights : ndarray of shape (n_resamples, n_records)
        How often each record is drawn in each bootstrap sample.
    confidence_level : float
        Share of the bootstrap distribution inside an interval.
    """

    y_true: np.ndarray
    y_score: np.ndarray
    groups: np.ndarray
    weights: np.ndarray
    confidence_level: float

    def take(self, chosen: np.ndarray) -> "Judged":
        """Return the chosen records with their weights."""
        return Judged(
            self.y_true[chosen],
            self.y_score[chosen],
            self.groups[chosen],
            self.weights[:, chosen],
            self.confidence_level,
        )

    def has_two_classes(self) -> bool:
        """Tell whether there are positive and negative records."""
        return bool(self.y_true.any() and not self.y_true.all())

    def intervals(
        self, names: Sequence[str], metric: Callable[[np.ndarray], np.ndarray]
    ) -> dict[str, float]:
        """Return each figure of `metric` with ``_low`` and ``_high``.

        The metric takes weights (k, n_records) and gives (k, n_figures).
        """
        whole = np.ones((1, len(self.y_true)))
        estimate = metric(whole).reshape(len(names))
        draws = metric(self.weights).reshape(-1, len(names))
        found: dict[str, float] = {}
        for name, value, column in zip(names, estimate, draws.T, strict=True):
            found |= named(name, interval(value, column, self.confidence_level))
        return found


def named(name: str, figure: Interval) -> dict[str, float]:
    """Return a figure and its ends under three names."""
    return {
        name: figure.estimate,
        f"{name}_low": figure.low,
        f"{name}_high": figure.high,
    }


def interval(estimate: float, draws: np.ndarray, confidence_level: float) -> Interval:
    """Return the percentile interval of the draws; none of what is not defined."""
    if np.isnan(estimate):
        return Interval(float(estimate), np.nan, np.nan)
    low, high = percentile_interval(draws, confidence_level)
    return Interval(float(estimate), float(low), float(high))


def auroc(judged: Judged) -> dict[str, float]:
    """Return the area under the ROC curve with its interval; NaN of one class."""
    if not judged.has_two_classes():
        return named("auroc", Interval(np.nan, np.nan, np.nan))
    return judged.intervals(
        ["auroc"], lambda w: weighted_roc_auc(judged.y_true, judged.y_score, w)
    )


def average_precision(judged: Judged) -> dict[str, float]:
    """Return the average precision with its interval."""
    return judged.intervals(
        ["average_precision"],
        lambda w: weighted_average_precision(judged.y_true, judged.y_score, w),
    )


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean of values (n_records,) for each row of weights."""
    return in_blocks(lambda w: divide(w @ values, w.sum(axis=1)), weights)


def weighted_rates(
    y_true: np.ndarray, called: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return sensitivity and specificity for each row of weights, (k, 2)."""
    kinds = np.stack([y_true & called, y_true, ~y_true & ~called, ~y_true], axis=1)
    counts = in_blocks(lambda w: w @ kinds, weights)
    return divide(counts[:, ::2], counts[:, 1::2])
