"""Decisions of the criteria on one record, with their text."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from skecg.criteria._columns import read_measurements
from skecg.criteria._decide import Decision, Records
from skecg.criteria._thresholds import ALL_CRITERIA
from skecg.utils import read_conduction, read_sex

_DECIMALS = {"mV": 3, "mV.ms": 1, "points": 0}


class Finding(NamedTuple):
    """One criterion on one record.

    Attributes
    ----------
    criterion : str
        A key of :data:`skecg.criteria.ALL_CRITERIA`.
    lowest, highest : float
        The index, NaN where there is no limit; they differ where it is known as a
        range, such as points.
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
    def title(self) -> str:
        """Name and formula of the criterion."""
        return ALL_CRITERIA[self.criterion].title

    @property
    def value_text(self) -> str:
        """The value with its unit; microvolts are compared, so they are shown."""
        if np.isnan(self.lowest):
            return "–"
        decimals = _DECIMALS[self.unit]
        number = f"{self.lowest:.{decimals}f}"
        if np.isnan(self.highest):
            number = f"≥ {number}"
        elif self.highest != self.lowest:
            number += f" to {self.highest:.{decimals}f}"
        unit = "point" if number == "1" else self.unit.replace(".", "·")
        return f"{number} {unit}"

    @property
    def threshold_text(self) -> str:
        """The threshold, or both where the sex is needed and unknown."""
        if not self.unit:
            return "any item"
        published = ALL_CRITERIA[self.criterion]
        relation = ">" if published.strict else "≥"
        if np.isnan(self.threshold):
            return f"{relation} {published.male:g} M, {published.female:g} F"
        return f"{relation} {self.threshold:g}"


def list_findings(
    measurements: Any,
    sex: Any = None,
    criteria: Sequence[str] | str = "all",
    *,
    conduction: Any = False,
) -> list[Finding]:
    """Return what each criterion says of one record.

    Parameters
    ----------
    measurements : structured ndarray of shape (1,), DataFrame or mapping
        The record's row of the table.
    sex : {0, 1, "male", "female"}, array-like of length 1 or None, default=None
        0 or "male", 1 or "female", None or NaN unknown; also the coordinate ``sex`` of
        a labelled record.
    criteria : "all" or sequence of str, default="all"
        Keys of :data:`ALL_CRITERIA`.
    conduction : bool or array-like of length 1, default=False
        Whether a conduction disturbance or pacing makes the criteria inapplicable.

    Returns
    -------
    list of Finding
        One for each criterion.

    Raises
    ------
    ValueError
        If `measurements` have several rows, `sex` or `conduction` several values or
        an invalid one, or `conduction` is missing.

    Examples
    --------
    >>> waves = {"R_aVL": [1.2], "S_V3": [1.1]}
    >>> (finding,) = list_findings(waves, criteria=["cornell_voltage"])
    >>> finding.value_text, finding.result
    ('2.300 mV', 'sex needed')
    """
    measured, names = read_measurements(measurements), check_criteria(criteria)
    n_rows = max((values.size for values in measured.values()), default=1)
    if n_rows != 1:
        raise ValueError(
            f"measurements must be one record's row, but have {n_rows} rows; pass one "
            "row at a time, such as measurements[:1]."
        )
    codes = read_sex(sex, 1)
    code = np.nan if codes is None else float(codes[0])
    findings = _find(names, measured, code)
    unavailable = [f.criterion for f in findings if f.result == "unavailable"]
    if unavailable and np.isnan(code):
        # Either sex may decide, though not what is known of both.
        by_sex = [f for either in (0, 1) for f in _find(unavailable, measured, either)]
        needed = {f.criterion for f in by_sex if f.result != "unavailable"}
        findings = [
            f._replace(result="sex needed") if f.criterion in needed else f
            for f in findings
        ]
    disturbed = read_conduction(conduction, 1)
    if disturbed is not None and disturbed[0]:
        findings = [finding._replace(result="suppressed") for finding in findings]
    return findings


def short_title(criterion: str) -> str:
    """Return the name of a criterion for a legend, an unknown one as it is.

    Parameters
    ----------
    criterion : str
        A key of :data:`ALL_CRITERIA`.

    Returns
    -------
    str
        Its title without the formula.

    Examples
    --------
    >>> short_title("cornell_voltage")
    'Cornell'
    """
    known = ALL_CRITERIA.get(criterion)
    return criterion if known is None else known.title.split(":")[0]


def check_criteria(criteria: Any) -> list[str]:
    """Return the names of the criteria that are wanted.

    Parameters
    ----------
    criteria : "all" or sequence of str
        Keys of :data:`ALL_CRITERIA`.

    Returns
    -------
    list of str
        The names.

    Raises
    ------
    TypeError
        If `criteria` is no sequence of names.
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> check_criteria(["lewis"]), len(check_criteria("all"))
    (['lewis'], 16)
    """
    if isinstance(criteria, str) and criteria == "all":
        return list(ALL_CRITERIA)
    if isinstance(criteria, str) or not isinstance(criteria, Sequence):
        raise TypeError(
            f"criteria must be 'all' or a list of names, but got {criteria!r}; give "
            "for example ['cornell_voltage']."
        )
    if unknown := [name for name in criteria if name not in ALL_CRITERIA]:
        raise ValueError(
            f"criteria must be names of {list(ALL_CRITERIA)}, but got {unknown}; "
            "leave these out."
        )
    return list(criteria)


def _find(criteria: list[str], measured: Any, sex: float) -> list[Finding]:
    """Return the findings of one record; what is unknown makes them unavailable."""
    records = Records(measured, [sex])
    return [_finding(name, records.decide(name), sex) for name in criteria]


def _finding(criterion: str, decision: Decision, sex: float) -> Finding:
    """Return what a decision on one record says."""
    low, high, margin = (float(values[0]) for values in decision[:3])
    result = "positive" if decision.positive[0] else "negative"
    if np.isnan(margin):
        result = "unavailable"
    published = ALL_CRITERIA[criterion]
    threshold = published.male if sex == 0 else published.female
    if np.isnan(sex) and published.male != published.female:
        threshold = np.nan
    # One NaN for all that is unknown, so that equal findings compare equal.
    numbers = (np.nan if np.isnan(x) else x for x in (low, high, float(threshold)))
    low, high, threshold = numbers
    return Finding(criterion, low, high, published.unit, threshold, result)
