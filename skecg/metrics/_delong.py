"""DeLong's comparison of two ROC curves, with patients as clusters."""

from typing import Any, NamedTuple

import numpy as np
from scipy.stats import norm, rankdata

from skecg.metrics._arguments import check_arguments
from skecg.metrics._labels import read_scores
from skecg.utils import read_groups, read_labels


class AUROCDifference(NamedTuple):
    """Two areas under the ROC curve and their difference.

    Attributes
    ----------
    auroc_a, auroc_b : float
        The areas.
    difference : float
        The first minus the second.
    low, high : float
        Ends of the difference's interval.
    p_value : float
        Two-sided, of no difference; NaN where both scores rank the records equally.
    """

    auroc_a: float
    auroc_b: float
    difference: float
    low: float
    high: float
    p_value: float


def delong_test(
    y_true: Any,
    score_a: Any,
    score_b: Any,
    groups: Any = None,
    *,
    positive_label: Any = None,
    confidence_level: float = 0.95,
) -> AUROCDifference:
    """Compare the areas under two ROC curves of the same records.

    Parameters
    ----------
    y_true : array-like of shape (n_records,)
        Labels of two classes.
    score_a, score_b : array-like of shape (n_records,)
        Scores to compare.
    groups : array-like of shape (n_records,), optional
        Patient of each record; each record is its own patient by default.
    positive_label : label, default=None
        The label that means LVH; None means the larger of two.
    confidence_level : float, default=0.95
        Confidence level of the difference's interval.

    Returns
    -------
    AUROCDifference
        The areas, their difference with its interval, and a p-value. Interval and
        p-value are NaN where a class has records of one patient alone.

    Raises
    ------
    ValueError
        If the labels are not of two classes, the lengths differ, or a score or a
        patient is missing.

    See Also
    --------
    patient_bootstrap : Intervals of any metric, without a normal approximation.

    Notes
    -----
    The variance is that of DeLong's structural components [1]_. With `groups`, the
    components of one patient are added up first, as by Obuchowski [2]_: records of one
    patient are alike, and the p-value is too small where each counts as independent.

    References
    ----------
    .. [1] DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845.
       doi:10.2307/2531595
    .. [2] Obuchowski NA. Nonparametric analysis of clustered ROC curve data.
       Biometrics 1997;53:567-578. doi:10.2307/2533958

    Examples
    --------
    >>> y = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    >>> sharp = np.array([1, 2, 3, 5, 4, 6, 7, 8])
    >>> blunt = np.array([1, 5, 3, 7, 2, 6, 4, 8])
    >>> result = delong_test(y, sharp, blunt)
    >>> result.auroc_a, result.auroc_b, round(result.p_value, 2)
    (0.9375, 0.625, 0.06)
    """
    check_arguments("delong_test", confidence_level=confidence_level)
    positive = read_labels(y_true, "y_true", positive_label)
    given = {"score_a": score_a, "score_b": score_b}
    scores = [read_scores(score, positive, name) for name, score in given.items()]
    patients = read_groups(groups, len(positive))
    areas, parts = _structural_components(positive, np.stack(scores))
    variance = _clustered_covariance(parts, areas, positive, patients)
    difference = float(areas[0] - areas[1])
    # Both scores are of the same records: their areas rise and fall together, and the
    # covariance makes the difference more certain than two separate areas are.
    squared = variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]
    error = np.sqrt(np.clip(squared, 0, None))
    half = norm.ppf((1 + confidence_level) / 2) * error
    p_value = 2 * norm.sf(abs(difference) / error) if error > 0 else np.nan
    ends = difference - half, difference + half
    return AUROCDifference(*map(float, (*areas, difference, *ends, p_value)))


def _structural_components(
    positive: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the areas, and each record's share of pairs that are ranked correctly.

    For a positive record that is the share of negative ones with a lower score; its
    rank among all, less its rank among the positive ones, counts them in O(n log n).
    Mid-ranks count half of the ties.
    """
    parts = np.empty(scores.shape)
    n_positive, n_negative = positive.sum(), (~positive).sum()
    for row, score in zip(parts, scores, strict=True):
        ranks = rankdata(score)
        row[positive] = (ranks[positive] - rankdata(score[positive])) / n_negative
        above = ranks[~positive] - rankdata(score[~positive])
        row[~positive] = 1 - above / n_positive
    return parts[:, positive].mean(axis=1), parts


def _clustered_covariance(
    parts: np.ndarray,
    areas: np.ndarray,
    positive: np.ndarray,
    groups: np.ndarray | None,
) -> np.ndarray:
    """Return the covariance of the areas, with patients as independent clusters.

    Positive and negative records of one patient are added up together, so that the
    covariance between a patient's own classes counts too.
    """
    code = np.arange(len(positive)) if groups is None else groups
    total = np.zeros((len(areas), code.max() + 1))
    for chosen in (positive, ~positive):
        n_records, n_patients = chosen.sum(), len(np.unique(code[chosen]))
        if n_patients < 2:  # one patient tells nothing of others
            return np.full((len(areas), len(areas)), np.nan)
        # With one record a patient, n / (n - 1) makes this DeLong's own variance.
        correction = np.sqrt(n_patients / (n_patients - 1))
        for row, part, area in zip(total, parts, areas, strict=True):
            row += np.bincount(
                code[chosen],
                (part[chosen] - area) * correction / n_records,
                minlength=len(row),
            )
    return total @ total.T
