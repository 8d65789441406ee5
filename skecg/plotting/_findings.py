"""What the criteria make of one record's measurements, and the words for it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skecg.criteria import (
    CRITERIA,
    is_positive,
    minnesota,
    perugia,
    romhilt_estes,
    threshold_of,
    voltage_indices,
)

TITLES = {
    "sokolow_lyon_voltage": "Sokolow-Lyon: S V1 + R V5 or V6",
    "sokolow_lyon_12sl": "Sokolow-Lyon, 12SL: S V1-2 + R V5-6",
    "sokolow_lyon_limb": "Sokolow-Lyon limb: R aVL",
    "sokolow_lyon_product": "Sokolow-Lyon x QRS duration",
    "cornell_voltage": "Cornell: R aVL + S V3",
    "cornell_product": "Cornell x QRS duration",
    "peguero_lo_presti": "Peguero-Lo Presti: deepest S + S V4",
    "gubner_ungerleider": "Gubner-Ungerleider: R I + S III",
    "lewis": "Lewis: R I + S III - S I - R III",
    "total_qrs_voltage": "Total 12-lead QRS voltage",
    "total_qrs_product": "Total voltage x QRS duration",
    "romhilt_estes_probable": "Romhilt-Estes, probable",
    "romhilt_estes_definite": "Romhilt-Estes, definite",
    "perugia": "Perugia: Cornell, strain or points",
    "minnesota_3_1": "Minnesota 3-1: high R",
    "minnesota_3_3": "Minnesota 3-3: moderately high R",
}
"""The criteria that can be shown, in the order of the table."""

_DECIMALS = {"mV": 3, "mV.ms": 1, "points": 0}


class Finding(NamedTuple):
    """One criterion on one record.

    Attributes
    ----------
    criterion : str
        A key of :data:`TITLES`.
    lowest, highest : float
        The index, NaN where unknown; they differ for a range of possible points.
    unit : str
        "mV", "mV.ms" or "points"; "" for a criterion of several items.
    threshold : float
        That of the given sex; NaN where the sex is needed and unknown.
    result : str
        "positive", "negative", "unavailable", "sex needed" or "suppressed".
    """

    criterion: str
    lowest: float
    highest: float
    unit: str
    threshold: float
    result: str

    @property
    def value_text(self) -> str:
        """The value with its unit; microvolts are compared, so they are shown."""
        if np.isnan(self.lowest):
            return "–"
        decimals = _DECIMALS[self.unit]
        number = f"{self.lowest:.{decimals}f}"
        if self.highest != self.lowest:
            number += f" to {self.highest:.{decimals}f}"
        unit = "point" if number == "1" else self.unit.replace(".", "·")
        return f"{number} {unit}"

    @property
    def threshold_text(self) -> str:
        """The threshold, or both where the sex is needed and unknown."""
        if not self.unit:
            return "any item"
        published = CRITERIA[self.criterion]
        relation = ">" if published.strict else "≥"
        if np.isnan(self.threshold):
            return f"{relation} {published.male:g} M, {published.female:g} F"
        return f"{relation} {self.threshold:g}"


def check_criteria(criteria) -> list[str]:
    """Return the names of the criteria to be shown."""
    if isinstance(criteria, str) and criteria == "all":
        return list(TITLES)
    if isinstance(criteria, str) or not isinstance(criteria, Sequence):
        raise TypeError(
            f"criteria must be 'all' or a list of names, but got {criteria!r}; give "
            "for example ['cornell_voltage']."
        )
    if unknown := [name for name in criteria if name not in TITLES]:
        raise ValueError(
            f"criteria must be out of {list(TITLES)}, but got {unknown}; leave these "
            "out."
        )
    return list(criteria)


def judge(measurements, sex, criteria, *, conduction=False) -> list[Finding]:
    """Return what each criterion says of one record.

    Parameters
    ----------
    measurements : structured ndarray of shape (1,)
        The record's row of the table.
    sex : float
        0 male, 1 female, NaN unknown.
    criteria : list of str
        Keys of :data:`TITLES`.
    conduction : bool, default=False
        Whether a conduction disturbance or pacing makes the criteria inapplicable.
    """
    findings = []
    for criterion in criteria:
        finding = _judge_one(measurements, sex, criterion)
        if finding.result == "unavailable" and np.isnan(sex):
            by_sex = [_judge_one(measurements, s, criterion).result for s in (0.0, 1.0)]
            if by_sex != ["unavailable"] * 2:
                finding = finding._replace(result="sex needed")
        if conduction:
            finding = finding._replace(result="suppressed")
        findings.append(finding)
    return findings


def _judge_one(measurements, sex, criterion):
    """Return a finding; an unknown sex makes it unavailable where it is needed."""
    if criterion not in CRITERIA:
        by_item = {"perugia": perugia(measurements, [sex]), **minnesota(measurements)}
        decision = float(by_item[criterion][0])
        result = _word(decision, decision)
        return Finding(criterion, np.nan, np.nan, "", np.nan, result)
    published = CRITERIA[criterion]
    if published.index == "romhilt_estes":
        score = romhilt_estes(measurements)
        low, high = float(score.lowest[0]), float(score.highest[0])
    else:
        low = high = float(voltage_indices(measurements, [sex])[published.index][0])
    threshold = float(threshold_of(criterion, [sex])[0])
    result = _word(
        float(is_positive(low, threshold, strict=published.strict)),
        float(is_positive(high, threshold, strict=published.strict)),
    )
    return Finding(criterion, low, high, published.unit, threshold, result)


def _word(lowest, highest):
    """Name a decision on the lowest and on the highest possible value."""
    if lowest == 1:
        return "positive"
    return "negative" if highest == 0 else "unavailable"


def short_title(criterion):
    """Return the name of a criterion for a legend, such as "Sokolow-Lyon"."""
    return TITLES.get(criterion, criterion).split(":")[0]
