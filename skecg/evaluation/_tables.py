"""The tables of a report, from labels, scores and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from skecg.metrics import (
    DECISION_THRESHOLDS,
    ScoredRecords,
    calibration_intercept,
    calibration_slope,
    observed_to_expected,
    weighted_average_precision,
    weighted_mean,
    weighted_net_benefit,
    weighted_rates,
    weighted_roc_auc,
)

Rows = list[dict[str, Any]]

_VALUES = ("positive_predictive_value", "negative_predictive_value")
_FIGURES = (
    "sensitivity",
    "specificity",
    "positive_likelihood_ratio",
    "negative_likelihood_ratio",
    *_VALUES,
)


@dataclass(frozen=True)
class Decisions:
    """The decisions of one operating point."""

    name: str
    thresholds: list[float]  # one, one of each fold, or none of `predict`
    called: np.ndarray  # whether each record is called positive


def summarize(records: ScoredRecords) -> Rows:
    """Return the figures that need no threshold."""
    y, p = records.y_true, records.y_score
    metrics: dict[str, Any] = {
        "auroc": partial(weighted_roc_auc, y, p),
        "average_precision": partial(weighted_average_precision, y, p),
    }
    if records.has_probabilities:
        metrics |= {
            "brier_score": partial(weighted_mean, (p.astype(np.float64) - y) ** 2),
            "calibration_intercept": partial(calibration_intercept, y, p),
            "calibration_slope": partial(calibration_slope, y, p),
            "observed_to_expected": partial(observed_to_expected, y, p),
        }
    metrics["prevalence"] = partial(weighted_mean, y)
    rows = []
    for name, metric in metrics.items():
        ends = map(float, records.over_patients(metric))
        keys = ("estimate", "low", "high")
        rows.append({"metric": name} | dict(zip(keys, ends, strict=True)))
    return rows


def judge_decisions(
    records: ScoredRecords, decisions: Sequence[Decisions], prevalences: Sequence[float]
) -> tuple[Rows, Rows]:
    """Return the rates of each operating point, and its predictive values."""
    points, values = [], []
    for decision in decisions:
        rates = partial(weighted_rates, records.y_true, decision.called)

        def figures(weights: np.ndarray, rates: Any = rates) -> np.ndarray:
            found, share = rates(weights), weighted_mean(records.y_true, weights)
            more = (_likelihood_ratios(found), _predictive_values(found, share))
            return np.column_stack([found, *more])

        # Folds have thresholds of their own, of which the table has the median. The
        # median of no threshold is NaN, and numpy would warn of it.
        threshold = np.median(decision.thresholds) if decision.thresholds else np.nan
        name: dict[str, Any] = {"operating_point": decision.name}
        row = name | {"threshold": float(threshold)}
        points.append(row | records.figures(_FIGURES, figures))
        for share in prevalences:

            def at(weights: np.ndarray, share: Any = share, rates: Any = rates) -> Any:
                return _predictive_values(rates(weights), share)

            row = name | {"prevalence": float(share)}
            values.append(row | records.figures(_VALUES, at))
    return points, values


def decision_curve(records: ScoredRecords) -> Rows:
    """Return the net benefit of the model and of treating all; none is 0."""
    if not records.has_probabilities:
        return []
    y, thresholds = records.y_true, DECISION_THRESHOLDS
    model = records.over_patients(
        partial(weighted_net_benefit, y, records.y_score, thresholds)
    )
    everyone = np.ones(len(y))
    treat_all = weighted_net_benefit(y, everyone, thresholds, everyone)
    # Treating all has a net benefit of the prevalence alone, at any scores.
    names = ("threshold", "net_benefit", "net_benefit_low", "net_benefit_high")
    columns = zip(thresholds.tolist(), *(end.tolist() for end in model), strict=True)
    return [
        dict(zip(names, row, strict=True)) | {"treat_all": every, "treat_none": 0.0}
        for row, every in zip(columns, treat_all.tolist(), strict=True)
    ]


def _likelihood_ratios(rates: np.ndarray) -> np.ndarray:
    """Return both likelihood ratios of (sensitivity, specificity); infinite over 0."""
    sensitivity, specificity = rates.T
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = sensitivity / (1 - specificity)
        negative = (1 - sensitivity) / specificity
    return np.column_stack([positive, negative])


def _predictive_values(rates: np.ndarray, prevalence: Any) -> np.ndarray:
    """Return both predictive values at a prevalence, by Bayes' theorem."""
    # Not counted on the records, whose prevalence is often chosen by a study's design.
    sensitivity, specificity = rates.T
    true, false = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    healthy, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    # NaN where no record is called so.
    with np.errstate(invalid="ignore"):
        return np.column_stack([true / (true + false), healthy / (healthy + missed)])
