"""What a criterion makes of measurements, in one place for all who ask."""

from typing import Any, NamedTuple

import numpy as np

from skecg.criteria._columns import read_measurements
from skecg.criteria._composite import minnesota, perugia
from skecg.criteria._indices import index_bounds
from skecg.criteria._romhilt_estes import romhilt_estes
from skecg.criteria._thresholds import CRITERIA, Criterion, decide, threshold_bounds

_SCHILLACI = "Schillaci et al. 1994, Am J Cardiol 74:714-719"
_BLACKBURN = "Blackburn et al. 1960, Circulation 21:1160-1175"


_SEVERAL = (np.nan, np.nan, True)  # thresholds and strictness are those of the items

COMPOSITES: dict[str, Criterion] = {
    "perugia": Criterion(
        "perugia", "", *_SEVERAL, _SCHILLACI, "Perugia: Cornell, strain or points"
    ),
    "minnesota_3_1": Criterion(
        "minnesota_3_1", "", *_SEVERAL, _BLACKBURN, "Minnesota 3-1: high R"
    ),
    "minnesota_3_3": Criterion(
        "minnesota_3_3", "", *_SEVERAL, _BLACKBURN, "Minnesota 3-3: moderately high R"
    ),
}
"""The criteria of several items, whose thresholds are parameters of their functions."""

ALL_CRITERIA: dict[str, Criterion] = {**CRITERIA, **COMPOSITES}
"""Every criterion, in the order in which tables show them."""


class Decision(NamedTuple):
    """A criterion on records.

    `lowest` and `highest` limit the index; NaN where there is no limit, and for a
    criterion of several items. `margin` is the index minus the threshold, 0.5 or -0.5
    for several items, NaN where what is unknown could decide; `positive` is the
    decision.
    """

    lowest: np.ndarray
    highest: np.ndarray
    margin: np.ndarray
    positive: np.ndarray


def apply_criterion(
    criterion: str,
    measurements: Any,
    sex: Any = None,
    *,
    threshold: Any = None,
    cornell_offset: float = 0.6,
    digitalis: Any = False,
) -> Decision:
    """Decide on records by one criterion.

    Parameters
    ----------
    criterion : str
        A key of :data:`ALL_CRITERIA`.
    measurements : structured ndarray, DataFrame or mapping
        Columns as :func:`skecg.signal.measure_records` gives them.
    sex : array-like or None, default=None
        0 or "male", 1 or "female", NaN for unknown.
    threshold : float, (float, float) or None, default=None
        Another threshold than the published one; not for several items.
    cornell_offset : float, default=0.6
        As in :func:`voltage_indices`.
    digitalis : bool or array-like, default=False
        As in :func:`romhilt_estes`.

    Returns
    -------
    Decision
        Of each record.

    Examples
    --------
    >>> waves = {"R_aVL": [2.0, 1.2], "S_V3": [2.0, 1.1]}
    >>> apply_criterion("cornell_voltage", waves).margin.round(6).tolist()
    [1.2, nan]
    """
    measured = read_measurements(measurements)
    if criterion in COMPOSITES:
        if criterion == "perugia":
            found = perugia(measured, sex, digitalis=digitalis)
        else:
            found = minnesota(measured)[criterion]
        nothing = np.full(found.shape, np.nan)
        return Decision(nothing, nothing, found - 0.5, found == 1)
    published = CRITERIA[criterion]
    if published.index == "romhilt_estes":
        score = romhilt_estes(measured, digitalis=digitalis)
        bounds = score.lowest, score.highest
    else:
        bounds = index_bounds(measured, sex, cornell_offset=cornell_offset)[criterion]
    margin = decide(
        *bounds, *threshold_bounds(criterion, sex, threshold), strict=published.strict
    )
    positive = margin > 0 if published.strict else margin >= 0
    return Decision(*np.broadcast_arrays(*bounds, margin, positive))
