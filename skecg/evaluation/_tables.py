"""The tables of a report, from labels and scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skecg.evaluation._calibration import calibration_intercept, calibration_slope
from skecg.evaluation._criteria import compare_with_criteria, criterion_decisions
from skecg.evaluation._judged import (
    Judged,
    auroc,
    average_precision,
    weighted_mean,
)
from skecg.evaluation._operating_points import (
    OperatingPoint,
    choose_threshold,
    judge_point,
)
from skecg.evaluation._subgroups import (
    describe_participants,
    judge_subgroups,
    subgroup_masks,
)
from skecg.utils import (
    DECISION_THRESHOLDS,
    divide,
    in_blocks,
    is_probability,
    patient_weights,
    weighted_net_benefit,
)

Rows = list[dict[str, Any]]


@dataclass
class Question:
    """What is judged, and how.

    Attributes
    ----------
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Scores; probabilities where all are from 0 to 1.
    groups : ndarray of shape (n_records,)
        Patients.
    points : list of OperatingPoint
        Thresholds to choose or to take.
    prevalences : sequence of float
        For predictive values.
    chosen_on : tuple of ndarray or None
        Labels and scores of the records on which thresholds are chosen.
    fold : ndarray or None
        Fold of each record; its threshold is then chosen on the other folds.
    called : bool ndarray or None
        The estimator's own decisions.
    """

    y_true: np.ndarray
    y_score: np.ndarray
    groups: np.ndarray
    points: list[OperatingPoint]
    prevalences: Sequence[float]
    chosen_on: tuple[np.ndarray, np.ndarray] | None = None
    fold: np.ndarray | None = None
    called: np.ndarray | None = None
    sex: np.ndarray | None = None
    age: np.ndarray | None = None
    conduction: np.ndarray | None = None
    subgroups: Mapping[str, Any] | None = None
    measurements: Any = None
    criteria: tuple[str, ...] = ()
    fs: float | None = None
    thresholds: dict[str, list[float]] = field(default_factory=dict)


def build_tables(
    question: Question,
    *,
    n_bootstrap: int,
    confidence_level: float,
    random_state: Any,
) -> dict[str, Rows]:
    """Return every table of a report by name."""
    judged = Judged(
        question.y_true,
        question.y_score,
        question.groups,
        patient_weights(question.groups, n_bootstrap, random_state),
        confidence_level,
    )
    decisions = _decisions(question)
    points, values = [], []
    for name, (threshold, called) in decisions.items():
        figures, at = judge_point(judged, called, question.prevalences)
        points.append({"operating_point": name, "threshold": threshold} | figures)
        values += [{"operating_point": name} | row for row in at]
    masks = subgroup_masks(
        question.sex,
        question.age,
        question.conduction,
        question.subgroups,
        len(judged.y_true),
    )
    first = next(iter(decisions.values()), (None, None))[1]
    who = (question.sex, question.age, question.conduction)
    return {
        "participants": describe_participants(judged, *who),
        "summary": _summary(judged),
        "operating_points": points,
        "predictive_values": values,
        "criteria": _criteria(judged, question),
        "subgroups": judge_subgroups(judged, masks, first),
        "decision_curve": _decision_curve(judged),
    }


def _summary(judged: Judged) -> Rows:
    """Return the figures that need no threshold."""
    y, p = judged.y_true, judged.y_score
    figures = auroc(judged) | average_precision(judged)
    if is_probability(p):
        squares = (p.astype(np.float64) - y) ** 2
        figures |= judged.intervals(
            ["brier_score"], lambda w: weighted_mean(squares, w)
        )
        figures |= judged.intervals(
            ["calibration_intercept"], lambda w: calibration_intercept(y, p, w)
        )
        figures |= judged.intervals(
            ["calibration_slope"], lambda w: calibration_slope(y, p, w)
        )
        figures |= judged.intervals(
            ["observed_to_expected"],
            lambda w: in_blocks(lambda block: divide(block @ y, block @ p), w),
        )
    figures |= judged.intervals(
        ["prevalence"], lambda w: weighted_mean(y.astype(np.float64), w)
    )
    names = [name for name in figures if f"{name}_low" in figures]
    return [
        {
            "metric": name,
            "estimate": figures[name],
            "low": figures[f"{name}_low"],
            "high": figures[f"{name}_high"],
        }
        for name in names
    ]


def _decisions(question: Question) -> dict[str, tuple[float, np.ndarray]]:
    """Return threshold and decisions of each operating point."""
    found: dict[str, tuple[float, np.ndarray]] = {}
    for point in question.points:
        thresholds, called = _decide(point, question)
        question.thresholds[point.name] = thresholds
        found[point.name] = (float(np.median(thresholds)), called)
    if question.called is not None:
        found["predict"] = (np.nan, question.called)
    return found


def _decide(
    point: OperatingPoint, question: Question
) -> tuple[list[float], np.ndarray]:
    """Return the thresholds of one operating point, and the decisions by them."""
    y, score, fold = question.y_true, question.y_score, question.fold
    if fold is None or not point.is_chosen:
        chosen_on = question.chosen_on or (y, score)
        threshold = choose_threshold(point, *chosen_on)
        return [threshold], score >= threshold
    thresholds, called = [], np.zeros(len(y), bool)
    for number in np.unique(fold):
        inside = fold == number
        thresholds.append(choose_threshold(point, y[~inside], score[~inside]))
        called[inside] = score[inside] >= thresholds[-1]
    return thresholds, called


def _criteria(judged: Judged, question: Question) -> Rows:
    """Return the model beside each criterion."""
    if question.measurements is None:
        return []
    decisions = {
        name: criterion_decisions(
            name,
            question.measurements,
            judged.y_true,
            question.sex,
            question.conduction,
            question.fs,
        )
        for name in question.criteria
    }
    return compare_with_criteria(judged, decisions)


def _decision_curve(judged: Judged) -> Rows:
    """Return the net benefit of the model and of treating all; none is 0."""
    if not is_probability(judged.y_score):
        return []
    names = [f"{t:.2f}" for t in DECISION_THRESHOLDS]
    found = judged.intervals(
        names,
        lambda w: weighted_net_benefit(
            judged.y_true, judged.y_score, DECISION_THRESHOLDS, w
        ),
    )
    share = judged.y_true.mean()
    rows = []
    for name, threshold in zip(names, DECISION_THRESHOLDS.tolist(), strict=True):
        ends = {end: found[f"{name}{end}"] for end in ("", "_low", "_high")}
        row = {"threshold": threshold}
        row |= {f"net_benefit{end}": value for end, value in ends.items()}
        odds = threshold / (1 - threshold)
        row |= {"treat_all": float(share - (1 - share) * odds), "treat_none": 0.0}
        rows.append(row)
    return rows
