"""Thresholds chosen on some records, and what they do on others."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import roc_curve

from skecg.evaluation._judged import Judged, weighted_rates
from skecg.utils import divide, in_blocks

CHOSEN_POINTS = (
    ("specificity", 0.90),
    ("specificity", 0.95),
    ("sensitivity", 0.90),
    "youden",
)
"""The operating points of a report unless others are named."""

_ALLOWED = (
    '"youden", ("sensitivity", share), ("specificity", share) or a threshold as a '
    "number"
)
_FIGURES = (
    "sensitivity",
    "specificity",
    "positive_likelihood_ratio",
    "negative_likelihood_ratio",
    "positive_predictive_value",
    "negative_predictive_value",
)


class OperatingPoint(NamedTuple):
    """How a threshold is found.

    Attributes
    ----------
    name : str
        For tables, such as ``"specificity 0.90"``.
    rule : str
        ``"youden"``, ``"sensitivity"``, ``"specificity"`` or ``"threshold"``.
    target : float
        The wanted share, or the threshold itself.
    """

    name: str
    rule: str
    target: float

    @property
    def is_chosen(self) -> bool:
        """Whether records are needed to choose the threshold."""
        return self.rule != "threshold"


def parse_points(points: Sequence[Any]) -> list[OperatingPoint]:
    """Return what the user's operating points mean."""
    if isinstance(points, str):
        raise ValueError(
            f"operating_points must be a list of {_ALLOWED}, got {points!r}; write "
            f"[{points!r}]."
        )
    return [_parse_point(point) for point in points]


def _parse_point(point: Any) -> OperatingPoint:
    """Return one operating point."""
    if isinstance(point, str) and point == "youden":
        return OperatingPoint("youden", "youden", np.nan)
    if isinstance(point, Real) and not isinstance(point, bool):
        return OperatingPoint(f"threshold {point:g}", "threshold", float(point))
    if not isinstance(point, str) and np.shape(point) == (2,):
        rule, share = point
        if rule in ("sensitivity", "specificity") and 0 < float(share) <= 1:
            digits = f"{share:.2f}" if round(share, 2) == share else f"{share:g}"
            return OperatingPoint(f"{rule} {digits}", rule, float(share))
    raise ValueError(
        f"An operating point must be {_ALLOWED}, with a share above 0 and up to 1, got "
        f"{point!r}."
    )


def choose_threshold(
    point: OperatingPoint, y_true: np.ndarray, y_score: np.ndarray
) -> float:
    """Choose the threshold of an operating point.

    Parameters
    ----------
    point : OperatingPoint
        The rule.
    y_true : bool ndarray of shape (n_records,)
        Labels of the records to choose on.
    y_score : ndarray of shape (n_records,)
        Their scores.

    Returns
    -------
    float
        A record is called positive from this score on: the highest that keeps a wanted
        sensitivity, the lowest that keeps a wanted specificity, or the one with the
        largest sum of both. Infinity where no score does.

    Raises
    ------
    ValueError
        If the records to choose on are of one class.
    """
    if not point.is_chosen:
        return point.target
    if not (y_true.any() and not y_true.all()):
        raise ValueError(
            "The records to choose thresholds on must be of both classes, but "
            f"{int(y_true.sum())} of {len(y_true)} are positive; choose on more."
        )
    false, true, thresholds = roc_curve(y_true, y_score, drop_intermediate=False)
    if point.rule == "youden":
        return float(thresholds[np.argmax(true - false)])
    if point.rule == "sensitivity":
        return float(thresholds[np.argmax(true >= point.target - 1e-12)])
    kept = 1 - false >= point.target - 1e-12
    return float(thresholds[np.flatnonzero(kept)[-1]])


def judge_point(
    judged: Judged, called: np.ndarray, prevalences: Sequence[float]
) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Judge decisions.

    Parameters
    ----------
    judged : Judged
        The records.
    called : bool ndarray of shape (n_records,)
        Which of them are called positive.
    prevalences : sequence of float
        Shares of LVH for which predictive values are wanted.

    Returns
    -------
    figures : dict
        Sensitivity, specificity, likelihood ratios and the predictive values at the
        records' own prevalence, each with its interval.
    predictive_values : list of dict
        Predictive values at each prevalence.
    """

    def figures(weights: np.ndarray) -> np.ndarray:
        rates = weighted_rates(judged.y_true, called, weights)
        share = in_blocks(lambda w: w @ judged.y_true / w.sum(axis=1), weights)
        return np.column_stack(
            [rates, _likelihood_ratios(rates), _predictive_values(rates, share)]
        )

    at = []
    for prevalence in prevalences:

        def values(weights: np.ndarray, share: float = prevalence) -> np.ndarray:
            rates = weighted_rates(judged.y_true, called, weights)
            return _predictive_values(rates, share)

        row = {"prevalence": float(prevalence)}
        at.append(row | judged.intervals(_FIGURES[4:], values))
    return judged.intervals(_FIGURES, figures), at


def _likelihood_ratios(rates: np.ndarray) -> np.ndarray:
    """Return both likelihood ratios of (sensitivity, specificity); infinite over 0."""
    sensitivity, specificity = rates.T
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = sensitivity / (1 - specificity)
        negative = (1 - sensitivity) / specificity
    return np.column_stack([positive, negative])


def _predictive_values(rates: np.ndarray, share: Any) -> np.ndarray:
    """Return both predictive values of (sensitivity, specificity) at a prevalence."""
    sensitivity, specificity = rates.T
    true, false = sensitivity * share, (1 - specificity) * (1 - share)
    healthy, missed = specificity * (1 - share), (1 - sensitivity) * share
    return np.column_stack(
        [divide(true, true + false), divide(healthy, healthy + missed)]
    )
