"""Published thresholds of the criteria, and comparison in integer microvolts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skecg.utils import encode_sex


@dataclass(frozen=True)
class Criterion:
    """A published criterion: an index, its thresholds and where they come from.

    Attributes
    ----------
    index : str
        Name of the index, as :func:`voltage_indices` or :func:`romhilt_estes` gives.
    unit : str
        Unit of the index and the thresholds: "mV", "mV.ms" or "points".
    male, female : float
        Thresholds.
    strict : bool
        Whether the index must exceed the threshold (>) or may equal it (>=).
    source : str
        The publication, with its DOI where that was looked up.
    title : str
        Title in tables and legends: its name, a colon and the formula.
    """

    index: str
    unit: str
    male: float
    female: float
    strict: bool
    source: str
    title: str = ""


_SOKOLOW = "Sokolow & Lyon 1949, doi:10.1016/0002-8703(49)90562-1"
_CASALE = "Casale et al. 1987, doi:10.1161/01.CIR.75.3.565"
_MOLLOY = "Molloy et al. 1992, J Am Coll Cardiol 20:1180-1186"
_PEGUERO = "Peguero et al. 2017, doi:10.1016/j.jacc.2017.01.037"
_GUBNER = "Gubner & Ungerleider 1943, Arch Intern Med 72:196-209"
_LEWIS = "Lewis 1914, Heart 5:367-402"
_SIEGEL = "Siegel & Roberts 1982, doi:10.1016/0002-8703(82)90494-X"
_ROMHILT = "Romhilt & Estes 1968, Am Heart J 75:752-758, PMID 4231231"
_SCHILLACI = "Schillaci et al. 1994, Am J Cardiol 74:714-719"
_BLACKBURN = "Blackburn et al. 1960, Circulation 21:1160-1175"
_12SL = "GE Marquette 12SL ECG Analysis Program, Physician's Guide"

_PUBLISHED = (  # index, unit, threshold for men and women, strict, source
    ("sokolow_lyon_voltage", "mV", 3.5, 3.5, False, _SOKOLOW),
    ("sokolow_lyon_12sl", "mV", 3.5, 3.5, True, _12SL),
    ("sokolow_lyon_limb", "mV", 1.1, 1.1, False, _SOKOLOW),
    ("sokolow_lyon_product", "mV.ms", 371.0, 371.0, False, _MOLLOY),
    ("cornell_voltage", "mV", 2.8, 2.0, True, _CASALE),
    ("cornell_product", "mV.ms", 244.0, 244.0, True, _MOLLOY),
    ("peguero_lo_presti", "mV", 2.8, 2.3, False, _PEGUERO),
    ("gubner_ungerleider", "mV", 2.5, 2.5, False, _GUBNER),
    ("lewis", "mV", 1.7, 1.7, False, _LEWIS),
    ("total_qrs_voltage", "mV", 17.5, 17.5, True, _SIEGEL),
    ("total_qrs_product", "mV.ms", 1742.0, 1742.0, True, _MOLLOY),
)
_ROMHILT_ESTES = {"romhilt_estes_probable": 4, "romhilt_estes_definite": 5}
_TITLES = {
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

CRITERIA = {row[0]: Criterion(*row, _TITLES[row[0]]) for row in _PUBLISHED} | {
    name: Criterion("romhilt_estes", "points", n, n, False, _ROMHILT, _TITLES[name])
    for name, n in _ROMHILT_ESTES.items()
}
"""The criteria on one index, by name. Romhilt-Estes has two thresholds."""

# The criteria of several items, whose thresholds are parameters of their functions.
COMPOSITES = {
    # Thresholds and strictness are those of the items.
    name: Criterion(name, "", np.nan, np.nan, True, source, _TITLES[name])
    for name, source in (
        ("perugia", _SCHILLACI),
        ("minnesota_3_1", _BLACKBURN),
        ("minnesota_3_3", _BLACKBURN),
    )
}

ALL_CRITERIA = CRITERIA | COMPOSITES
"""Every criterion, in the order in which tables show them."""


def threshold_of(criterion: str, sex: Any = None, threshold: Any = None) -> np.ndarray:
    """Return each record's threshold.

    Parameters
    ----------
    criterion : str
        A key of :data:`CRITERIA`.
    sex : array-like or None, default=None
        0 or "male", 1 or "female", NaN for unknown.
    threshold : float, (float, float) or None, default=None
        Another threshold than the published one: one number for both sexes, or one for
        men and one for women.

    Returns
    -------
    ndarray of float
        The thresholds; NaN where they depend on a sex that is unknown.

    Raises
    ------
    ValueError
        If the criterion is unknown.

    Examples
    --------
    >>> threshold_of("cornell_voltage", ["male", "female", None]).tolist()
    [2.8, 2.0, nan]
    >>> threshold_of("lewis").tolist()
    1.7
    """
    male, female = both_thresholds(criterion, threshold)
    code = encode_sex(sex)
    if male == female:
        return np.full(code.shape, float(male))
    return np.where(code == 0, male, np.where(code == 1, female, np.nan))


def threshold_bounds(
    criterion: str, sex: Any = None, threshold: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and highest threshold; they differ if the sex is unknown."""
    known = threshold_of(criterion, sex, threshold)
    both = both_thresholds(criterion, threshold)
    unknown = np.isnan(known)
    return np.where(unknown, min(both), known), np.where(unknown, max(both), known)


def both_thresholds(criterion: str, threshold: Any) -> tuple[float, float]:
    """Return the thresholds of men and of women."""
    if criterion not in CRITERIA:
        raise ValueError(
            f"criterion must be one of {list(CRITERIA)}, got {criterion!r}."
        )
    published = CRITERIA[criterion]
    if threshold is None:
        return published.male, published.female
    male, female = np.broadcast_to(np.asarray(threshold, dtype=np.float64), (2,))
    return float(male), float(female)


def decide(
    lowest: Any, highest: Any, least: Any, greatest: Any, *, strict: bool
) -> np.ndarray:
    """Subtract a threshold from an index, of which both may be known as a range.

    Return the difference nearest to 0; NaN where it may be positive or negative.

    >>> decide([4.0, 2.2], [4.0, 2.2], 2.0, 2.8, strict=True).round(6).tolist()
    [1.2, nan]
    """
    low, high = excess(lowest, greatest), excess(highest, least)
    positive = low > 0 if strict else low >= 0
    negative = high <= 0 if strict else high < 0
    return np.where(positive, low, np.where(negative, high, np.nan))


def excess(index: Any, threshold: Any) -> np.ndarray:
    """Subtract a threshold from an index in whole microvolts.

    Parameters
    ----------
    index, threshold : array-like of float
        In mV (or mV.ms, or points).

    Returns
    -------
    ndarray of float
        The difference in the same unit, exactly 0 where the two agree to the microvolt.

    Examples
    --------
    >>> 0.06 + 2.74 > 2.8  # the trap that this avoids
    True
    >>> excess(0.06 + 2.74, 2.8).tolist()
    0.0
    """
    # Of the 279 pairs of amplitudes in steps of 0.01 mV whose sum is 2.80 mV, 50 add
    # up to more than 2.8 in float64.
    micro = np.rint(np.asarray(index, dtype=np.float64) * 1000)
    return (micro - np.rint(np.asarray(threshold, dtype=np.float64) * 1000)) / 1000


def is_positive(index: Any, threshold: Any, *, strict: bool = False) -> np.ndarray:
    """Tell whether an index reaches a threshold, in whole microvolts.

    Parameters
    ----------
    index, threshold : array-like of float
        In mV (or mV.ms, or points).
    strict : bool, default=False
        Whether it must exceed the threshold.

    Returns
    -------
    ndarray of float
        1 positive, 0 negative, NaN where either is unknown.

    Examples
    --------
    >>> is_positive([3.499, 3.5, np.nan], 3.5).tolist()
    [0.0, 1.0, nan]
    >>> is_positive(0.06 + 2.74, 2.8, strict=True).tolist()
    0.0
    """
    beyond = excess(index, threshold)
    positive = beyond > 0 if strict else beyond >= 0
    return np.where(np.isnan(beyond), np.nan, positive.astype(np.float64))
