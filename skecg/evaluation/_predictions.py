"""Scores and decisions of a classifier, and the choice of its thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import cross_val_predict

from skecg.evaluation._patients import of_length
from skecg.evaluation._tables import Decisions
from skecg.metrics import (
    CHOSEN_POINTS,
    OperatingPoint,
    ScoredRecords,
    choose_threshold,
    parse_points,
    positive_scores,
    read_scores,
    score_method,
)
from skecg.utils import read_labels

Splits = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Predictions:
    """Labels of the judged records and a classifier's output for them."""

    y_true: Any
    y_score: Any
    positive_label: Any
    y_pred: Any = None  # the classifier's own decisions, as labels
    y_val: Any = None  # labels and scores of records to choose thresholds on
    y_score_val: Any = None
    fold: Any = None  # its thresholds are chosen on the other folds
    probabilities: bool | None = None  # None: where all scores are from 0 to 1

    def decisions(
        self, records: ScoredRecords, operating_points: Sequence[Any] | None
    ) -> list[Decisions]:
        """Return the decisions at each operating point, and the classifier's own."""
        points = self._points(operating_points)
        found = [self._decide(point, records) for point in points]
        if self.y_pred is not None:
            found.append(Decisions("predict", [], self._own_decisions()))
        return found

    def chosen_on(self, operating_points: Sequence[Any] | None) -> str:
        """Describe the records on which thresholds are chosen, "none" without any."""
        points = self._points(operating_points)
        if not any(point.is_chosen for point in points):
            return "none"
        if self.fold is not None:
            return "the other folds"
        y = self._validation()[0]
        return f"{len(y):,} other records, {int(y.sum()):,} with LVH"

    def _decide(self, point: OperatingPoint, records: ScoredRecords) -> Decisions:
        """Return the decisions at one operating point."""
        y, score = records.y_true, records.y_score
        given = point.rule == "threshold"
        if records.has_probabilities and given and not 0 <= point.target <= 1:
            raise ValueError(
                f"operating_points has the {point.name}, but the scores are "
                "probabilities from 0 to 1; give 95 % as 0.95."
            )
        if self.fold is None or not point.is_chosen:
            # A point with a threshold of its own does not look at the records.
            chosen_on = (y, score) if self.y_val is None else self._validation()
            threshold = choose_threshold(point, *chosen_on)
            return Decisions(point.name, [threshold], score >= threshold)
        fold = of_length(self.fold, "fold", len(y))
        thresholds, called = [], np.zeros(len(y), bool)
        for number in np.unique(fold):
            inside = fold == number
            thresholds.append(choose_threshold(point, y[~inside], score[~inside]))
            called[inside] = score[inside] >= thresholds[-1]
        return Decisions(point.name, thresholds, called)

    def _points(self, given: Sequence[Any] | None) -> list[OperatingPoint]:
        """Return the operating points, if there are records to choose them on."""
        can_choose = self.y_val is not None or self.fold is not None
        if given is None:
            return parse_points(CHOSEN_POINTS) if can_choose else []
        points = parse_points(given)
        chosen = [point.name for point in points if point.is_chosen]
        if chosen and not can_choose:
            raise ValueError(
                f"The thresholds of {chosen} must be chosen on other records than "
                "those judged; give X_val and y_val (or y_val and y_score_val), or cv "
                "(or fold)."
            )
        return points

    def _validation(self) -> tuple[np.ndarray, np.ndarray]:
        """Return labels and scores of the records on which thresholds are chosen."""
        y = read_labels(self.y_val, "y_val", self.positive_label)
        return y, read_scores(self.y_score_val, y, "y_score_val")

    def _own_decisions(self) -> np.ndarray:
        """Return the classifier's own decisions as booleans."""
        called = of_length(self.y_pred, "y_pred", len(self.y_true))
        classes = np.unique(np.asarray(self.y_true))
        if len(unknown := np.setdiff1d(called, classes)):
            raise ValueError(
                f"y_pred must have one of the labels {classes.tolist()} for each "
                f"record, got {unknown[:5].tolist()}."
            )
        return called == self.positive_label


def predict_held_out(
    estimator: Any, X: Any, y: Any, positive: Any, X_val: Any, y_val: Any
) -> Predictions:
    """Return scores and decisions of a fitted estimator."""
    classes = np.unique(np.asarray(y))
    learned = np.asarray(getattr(estimator, "classes_", classes))
    if learned.shape != classes.shape or (learned != classes).any():
        raise ValueError(
            f"The estimator was fitted on the classes {learned.tolist()}, but y has "
            f"{classes.tolist()}; judge it on labels of the same classes."
        )
    name = score_method(estimator)
    method = getattr(estimator, name)

    def score(X: Any) -> np.ndarray:
        return positive_scores(method(X), classes, positive)

    return Predictions(
        y,
        score(X),
        positive,
        y_pred=estimator.predict(X),
        y_val=y_val,
        y_score_val=None if X_val is None else score(X_val),
        probabilities=None if name == "predict_proba" else False,
    )


def predict_by_folds(
    estimator: Any,
    X: Any,
    y: Any,
    positive: Any,
    splits: Splits,
    params: Mapping[str, Any] | None,
) -> Predictions:
    """Return out-of-fold scores, and the fold of each record."""
    name = score_method(estimator)
    params = None if params is None else dict(params)
    scores = cross_val_predict(estimator, X, y, cv=splits, params=params, method=name)
    # Scores of different folds come from different models, so that each fold has a
    # threshold of its own.
    fold = np.empty(len(scores), dtype=int)
    for number, (_, test) in enumerate(splits):
        fold[test] = number
    classes = np.unique(np.asarray(y))
    return Predictions(
        y,
        positive_scores(scores, classes, positive),
        positive,
        fold=fold,
        probabilities=None if name == "predict_proba" else False,
    )
