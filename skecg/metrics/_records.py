"""Labels and scores of records, and intervals over their patients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skecg.metrics._arguments import check_arguments
from skecg.metrics._bootstrap import patient_weights, percentile_interval
from skecg.metrics._labels import read_scores
from skecg.utils import read_groups, read_labels

FEW_RECORDS = 10
"""Figures of fewer records of a class are marked."""


@dataclass(frozen=True)
class ScoredRecords:
    """Labels, scores and patients of records, with their bootstrap weights.

    Attributes
    ----------
    y_true, y_score : ndarray of shape (n_records,)
        Whether a record is positive, as a boolean, and its score.
    groups : int ndarray of shape (n_records,)
        Patients, as numbers from 0.
    weights : ndarray of shape (n_resamples, n_records)
        How often each record is drawn in each bootstrap sample of patients.
    confidence_level : float
        Share of the bootstrap distribution inside an interval.
    has_probabilities : bool
        Whether scores are probabilities.
    """

    y_true: np.ndarray
    y_score: np.ndarray
    groups: np.ndarray
    weights: np.ndarray
    confidence_level: float
    has_probabilities: bool

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_score: Any,
        *,
        groups: Any = None,
        positive_label: Any = None,
        probabilities: bool | None = None,
        n_bootstrap: int = 1000,
        confidence_level: float = 0.95,
        random_state: int | np.random.RandomState | None = 0,
    ) -> "ScoredRecords":
        """Read labels, scores and patients, and draw the bootstrap samples.

        Parameters
        ----------
        y_true, y_score : array-like of shape (n_records,)
            Labels of two classes, and scores.
        groups : array-like of shape (n_records,), default=None
            Patient of each record; each record is its own patient by default.
        positive_label : label, default=None
            The label that means LVH; None means the larger of two.
        probabilities : bool, default=None
            Whether scores are probabilities. None means that they are where all are
            from 0 to 1, which a decision function's may be too.
        n_bootstrap : int, default=1000
            Number of bootstrap samples of patients.
        confidence_level : float, default=0.95
            Share of the bootstrap distribution inside an interval.
        random_state : int, RandomState instance or None, default=0
            Seeds the bootstrap.

        Returns
        -------
        ScoredRecords
            The records.

        Raises
        ------
        ValueError
            If lengths differ, a label, score or patient is missing, or an argument is
            out of its range.

        Examples
        --------
        >>> records = ScoredRecords.from_predictions([0, 1, 1], [0.1, 0.8, 0.4])
        >>> records.groups.tolist(), records.weights.shape
        ([0, 1, 2], (1000, 3))
        """
        check_arguments(
            "from_predictions",
            n_bootstrap=n_bootstrap,
            confidence_level=confidence_level,
            random_state=random_state,
        )
        positive = read_labels(y_true, "y_true", positive_label)
        scores = read_scores(y_score, positive, "y_score")
        patients = read_groups(groups, len(positive))
        if patients is None:
            patients = np.arange(len(positive))
        weights = patient_weights(patients, n_bootstrap, random_state)
        inside = bool((scores >= 0).all() and (scores <= 1).all())
        if probabilities and not inside:
            raise ValueError(
                f"y_score must be from 0 to 1, but runs from {scores.min():g} to "
                f"{scores.max():g}; give probabilities=False for other scores."
            )
        known = inside if probabilities is None else bool(probabilities)
        return cls(positive, scores, patients, weights, confidence_level, known)

    def take(self, chosen: np.ndarray) -> "ScoredRecords":
        """Return some of the records, with their weights.

        Parameters
        ----------
        chosen : bool ndarray of shape (n_records,)
            Which records.

        Returns
        -------
        ScoredRecords
            The chosen records.
        """
        return replace(
            self,
            y_true=self.y_true[chosen],
            y_score=self.y_score[chosen],
            groups=self.groups[chosen],
            # All subgroups share the draws, so that their figures can be compared.
            weights=self.weights[:, chosen],
        )

    @property
    def has_two_classes(self) -> bool:
        """Whether there are positive and negative records."""
        return bool(self.y_true.any() and not self.y_true.all())

    def over_patients(
        self, metric: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Compute figures with their intervals over patients.

        Parameters
        ----------
        metric : callable
            Takes weights (n_resamples, n_records) and gives (n_resamples, ...).

        Returns
        -------
        estimate, low, high : ndarray
            Of the shape of one row of the metric. A figure that is not defined on all
            records has no interval either.

        Examples
        --------
        >>> from skecg.metrics import weighted_mean
        >>> y = np.repeat([0, 1], 50)
        >>> records = ScoredRecords.from_predictions(y, y)
        >>> estimate, low, high = records.over_patients(lambda w: weighted_mean(y, w))
        >>> float(estimate), round(float(low), 2), round(float(high), 2)
        (0.5, 0.4, 0.6)
        """
        (estimate,) = metric(np.ones((1, len(self.y_true))))
        low, high = percentile_interval(metric(self.weights), self.confidence_level)
        defined = ~np.isnan(estimate)
        return estimate, np.where(defined, low, np.nan), np.where(defined, high, np.nan)

    def figures(
        self, names: Sequence[str], metric: Callable[[np.ndarray], np.ndarray]
    ) -> dict[str, float]:
        """Compute named figures, each with its ends as ``_low`` and ``_high``.

        Parameters
        ----------
        names : sequence of str
            Name of each figure.
        metric : callable
            Takes weights (n_resamples, n_records) and gives (n_resamples, n_figures).

        Returns
        -------
        dict of str to float
            Three numbers for each name; NaN where there are no records.
        """
        found: dict[str, float] = {}
        if not len(self.y_true):
            ends = np.full((3, len(names)), np.nan)
        else:
            ends = np.stack([np.ravel(end) for end in self.over_patients(metric)])
        for name, (estimate, low, high) in zip(names, ends.T.tolist(), strict=True):
            found |= {name: estimate, f"{name}_low": low, f"{name}_high": high}
        return found
