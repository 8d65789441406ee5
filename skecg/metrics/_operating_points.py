"""Thresholds chosen on some records, and rates of the decisions by them."""

from collections.abc import Mapping, Sequence
from math import isfinite
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import roc_curve

from skecg.metrics._weighted import (
    as_booleans,
    divide,
    in_blocks,
    read_scored,
    weighted_counts,
)

CHOSEN_POINTS = (
    ("specificity", 0.90),
    ("specificity", 0.95),
    ("sensitivity", 0.90),
    "youden",
)
"""The operating points of a report unless others are named."""

_ROUNDING = 1e-12  # rates that differ by less are equal
_ALLOWED = (
    '"youden", ("sensitivity", share), ("specificity", share) or a threshold as a '
    "number"
)


class OperatingPoint(NamedTuple):
    """A rule for a threshold.

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
    """Read operating points as users write them.

    Parameters
    ----------
    points : sequence
        Each ``"youden"``, ``("sensitivity", share)``, ``("specificity", share)`` or a
        threshold as a number.

    Returns
    -------
    list of OperatingPoint
        The same points.

    Raises
    ------
    ValueError
        If one is none of these.

    Examples
    --------
    >>> [point.name for point in parse_points([("specificity", 0.9), 0.5])]
    ['specificity 0.90', 'threshold 0.5']
    """
    if isinstance(points, str | Mapping):
        remedy = [points] if isinstance(points, str) else [*points.values()]
        raise ValueError(
            f"operating_points must be a list of {_ALLOWED}, got {points!r}; write "
            f"{remedy!r}."
        )
    return [_parse_point(point) for point in points]


def _parse_point(point: Any) -> OperatingPoint:
    """Return one operating point."""
    if isinstance(point, str) and point == "youden":
        return OperatingPoint("youden", "youden", np.nan)
    # NaN is refused, and infinity, for which no record or every record is positive.
    if isinstance(point, Real) and not isinstance(point, bool) and isfinite(point):
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


def choose_threshold(point: OperatingPoint, y_true: Any, y_score: Any) -> float:
    """Choose the threshold of an operating point.

    Parameters
    ----------
    point : OperatingPoint
        The rule.
    y_true, y_score : array-like of shape (n_records,)
        Labels, as booleans, and scores of the records to choose on.

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

    Examples
    --------
    >>> (point,) = parse_points([("sensitivity", 0.5)])
    >>> choose_threshold(point, np.array([0, 1, 1]), np.array([0.1, 0.4, 0.8]))
    0.8
    """
    if not point.is_chosen:
        return point.target
    y_true = as_booleans(y_true)
    if y_true.all() or not y_true.any():
        raise ValueError(
            "The records to choose thresholds on must be of both classes, but "
            f"{int(y_true.sum())} of {len(y_true)} are positive; choose on more."
        )
    # All thresholds: those that roc_curve drops, as collinear, may be the wanted one.
    false, true, thresholds = roc_curve(y_true, y_score, drop_intermediate=False)
    if point.rule == "youden":
        return float(thresholds[np.argmax(true - false)])
    if point.rule == "sensitivity":
        return float(thresholds[np.argmax(true >= point.target - _ROUNDING)])
    kept = 1 - false >= point.target - _ROUNDING
    return float(thresholds[np.flatnonzero(kept)[-1]])


def matched_sensitivity(
    y_true: Any, y_score: Any, specificity: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Compute the sensitivity at no less than a given specificity.

    Parameters
    ----------
    y_true, y_score : array-like of shape (n_records,)
        Whether a record is positive, as a boolean, and its score.
    specificity : ndarray of shape (n_resamples,)
        The least specificity for each row of weights.
    weights : ndarray of shape (n_resamples, n_records)
        Weights of the records.

    Returns
    -------
    ndarray of shape (n_resamples,)
        The largest sensitivity of a threshold whose specificity is no lower.

    Notes
    -----
    A model is compared with a criterion at the criterion's own specificity, anew in
    each bootstrap sample. Between two thresholds nothing is interpolated, as no
    decision has the interpolated rates: the model's specificity is met or exceeded.

    Examples
    --------
    >>> y, score = np.array([1, 1, 0, 0]), np.array([0.9, 0.4, 0.6, 0.1])
    >>> matched_sensitivity(y, score, np.array([1.0]), np.ones((1, 4))).tolist()
    [0.5]
    """
    y, score = read_scored(y_true, y_score)

    def best(w: np.ndarray) -> np.ndarray:
        # The first column has the allowed rate of each sample, so that blocks of rows
        # keep it.
        allowed, w = w[:, :1], w[:, 1:]
        true, false = weighted_counts(y, score, w)
        # Rounding must not exclude the threshold at exactly the specificity.
        limit = allowed * false[:, -1:] * (1 + 1e-9)
        last = (false <= limit).sum(axis=1)
        true = np.column_stack([np.zeros(len(w)), true])
        return divide(np.take_along_axis(true, last[:, None], 1)[:, 0], true[:, -1])

    return in_blocks(best, np.column_stack([1 - specificity, weights]))
