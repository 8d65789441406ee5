"""Decisions of every criterion on measurements."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from skecg.criteria._columns import read_measurements
from skecg.criteria._composite import decide_perugia, minnesota
from skecg.criteria._indices import index_bounds
from skecg.criteria._romhilt_estes import RomhiltEstes, romhilt_estes
from skecg.criteria._thresholds import COMPOSITES, CRITERIA, decide, threshold_bounds
from skecg.utils import encode_sex


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
    records = Records(measurements, sex, cornell_offset, digitalis)
    return records.decide(criterion, threshold)


class Records:
    """Measurements of records, and what several criteria have in common on them."""

    def __init__(
        self,
        measurements: Any,
        sex: Any,
        cornell_offset: float = 0.6,
        digitalis: Any = False,
    ):
        self.columns = read_measurements(measurements)
        self.sex = encode_sex(sex)
        self._cornell_offset, self._digitalis = cornell_offset, digitalis

    @cached_property
    def indices(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The lowest and highest value that each index may have."""
        offset = self._cornell_offset
        return index_bounds(self.columns, self.sex, cornell_offset=offset)

    @cached_property
    def score(self) -> RomhiltEstes:
        """The points by Romhilt and Estes."""
        return romhilt_estes(self.columns, digitalis=self._digitalis)

    @cached_property
    def minnesota(self) -> dict[str, np.ndarray]:
        """The items of the Minnesota code."""
        return minnesota(self.columns)

    def decide(self, criterion: str, threshold: Any = None) -> Decision:
        """Decide on the records by one criterion."""
        if criterion in COMPOSITES:
            if criterion == "perugia":
                cornell = self.indices["cornell_voltage"]
                found = decide_perugia(cornell, self.score, self.sex)
            else:
                found = self.minnesota[criterion]
            nothing = np.full(found.shape, np.nan)
            return Decision(nothing, nothing, found - 0.5, found == 1)
        published = CRITERIA[criterion]
        if published.index == "romhilt_estes":
            bounds = self.score.lowest, self.score.highest
        else:
            bounds = self.indices[criterion]
        limits = threshold_bounds(criterion, self.sex, threshold)
        margin = decide(*bounds, *limits, strict=published.strict)
        positive = margin > 0 if published.strict else margin >= 0
        return Decision(*np.broadcast_arrays(*bounds, margin, positive))
