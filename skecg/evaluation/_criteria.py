"""The model beside each published criterion, on the same records."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skecg.criteria import CriterionClassifier, ECGMeasurer
from skecg.evaluation._delong import delong_test
from skecg.evaluation._judged import Judged, weighted_rates
from skecg.utils import (
    divide,
    in_blocks,
    is_labelled,
    weighted_counts,
    weighted_roc_auc,
)

DEFAULT_CRITERIA = (
    "sokolow_lyon_voltage",
    "cornell_voltage",
    "cornell_product",
    "peguero_lo_presti",
)
"""The criteria of a report unless others are named."""

_RATES = (
    "criterion_sensitivity",
    "criterion_specificity",
    "model_sensitivity",
    "sensitivity_difference",
)
_AREAS = ("criterion_auroc", "model_auroc", "auroc_difference")


def measure(X: Any, fs: float | None) -> Any:
    """Measure records for all criteria at once; a table of measurements is kept."""
    if not (is_labelled(X) or np.ndim(X) == 3):
        return X
    try:
        return ECGMeasurer(fs=fs).fit_transform(X)
    except ValueError as error:
        raise ValueError(
            f"The criteria can't be measured on X: {error} Or give measurements=..., "
            "a table as ECGMeasurer makes it, or leave them out with criteria=()."
        ) from error


def criterion_decisions(
    name: str,
    measurements: Any,
    y_true: np.ndarray,
    sex: np.ndarray | None,
    conduction: np.ndarray | None,
    fs: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return index minus threshold, and the decision; NaN where unavailable."""
    classifier = CriterionClassifier(name, unknown_sex="nan", fs=fs)
    classifier.fit(measurements, y_true.astype(int))
    known = {"sex": sex, "conduction": conduction}
    margin = classifier.decision_function(measurements, **known)
    return margin, classifier.predict(measurements, **known).astype(np.float64)


def compare_with_criteria(
    judged: Judged, decisions: dict[str, tuple[np.ndarray, np.ndarray]]
) -> list[dict[str, Any]]:
    """Return a row for each criterion, all figures on the records where it applies."""
    rows = []
    for name, (margin, decision) in decisions.items():
        known = ~np.isnan(margin)
        row = {
            "criterion": name,
            "n_records": int(known.sum()),
            "n_unavailable": int((~known).sum()),
        }
        chosen = judged.take(known)
        if chosen.has_two_classes():
            row |= _compare(chosen, margin[known], decision[known] == 1)
        rows.append(row)
    return rows


def _compare(
    judged: Judged, margin: np.ndarray, positive: np.ndarray
) -> dict[str, float]:
    """Return areas, their difference, and sensitivities at one specificity."""

    def areas(weights: np.ndarray) -> np.ndarray:
        ours = weighted_roc_auc(judged.y_true, judged.y_score, weights)
        theirs = weighted_roc_auc(judged.y_true, margin, weights)
        return np.column_stack([theirs, ours, ours - theirs])

    def rates(weights: np.ndarray) -> np.ndarray:
        theirs = weighted_rates(judged.y_true, positive, weights)
        ours = matched_sensitivity(
            judged.y_true, judged.y_score, 1 - theirs[:, 1], weights
        )
        return np.column_stack([theirs, ours, ours - theirs[:, 0]])

    test = delong_test(judged.y_true, judged.y_score, margin, judged.groups)
    return (
        judged.intervals(_AREAS, areas)
        | {"auroc_p_value": test.p_value}
        | judged.intervals(_RATES, rates)
    )


def matched_sensitivity(
    y_true: np.ndarray, y_score: np.ndarray, false_rate: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Compute the sensitivity at no more than a given share of false positives.

    Parameters
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Scores.
    false_rate : ndarray of shape (n_resamples,)
        The share of false positives, 1 - specificity, for each row of weights.
    weights : ndarray of shape (n_resamples, n_records)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples,)
        The largest sensitivity of any threshold that calls no larger share of the
        negative records positive.
    """

    def best(y: np.ndarray, score: np.ndarray, w: np.ndarray) -> np.ndarray:
        allowed, w = w[:, :1], w[:, 1:]
        true, false, _ = weighted_counts(y, score, w)
        limit = allowed * false[:, -1:] * (1 + 1e-9)
        last = (false <= limit).sum(axis=1)
        true = np.column_stack([np.zeros(len(w)), true])
        return divide(np.take_along_axis(true, last[:, None], 1)[:, 0], true[:, -1])

    with_rate = np.column_stack([false_rate, weights])
    return in_blocks(best, y_true, y_score, with_rate)


def check_criteria(criteria: Sequence[str] | str) -> tuple[str, ...]:
    """Return the names of the criteria."""
    if isinstance(criteria, str):
        raise ValueError(
            f"criteria must be a list of names, got {criteria!r}; write [{criteria!r}]."
        )
    return tuple(criteria)
