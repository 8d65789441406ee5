"""Criteria that combine several findings: Perugia and the Minnesota code."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skecg.criteria._columns import read_measurements
from skecg.criteria._indices import index_bounds
from skecg.criteria._romhilt_estes import RomhiltEstes, all_of, any_of, romhilt_estes
from skecg.criteria._thresholds import decide, is_positive, threshold_bounds


def perugia(
    measurements: Any,
    sex: Any = None,
    *,
    cornell_threshold: Sequence[float] = (2.4, 2.0),
    points: float = 5,
    digitalis: Any = False,
) -> np.ndarray:
    """Decide by the Perugia criterion: modified Cornell, strain or Romhilt-Estes.

    Parameters
    ----------
    measurements : structured ndarray, DataFrame or mapping
        As :func:`skecg.signal.measure_records` gives them.
    sex : array-like or None, default=None
        0 or "male", 1 or "female", NaN for unknown.
    cornell_threshold : (float, float), default=(2.4, 2.0)
        R aVL + S V3 (mV) to be exceeded in men and in women [1]_.
    points : float, default=5
        Romhilt-Estes score, at least [1]_.
    digitalis : bool or array-like, default=False
        As in :func:`romhilt_estes`.

    Returns
    -------
    ndarray of float
        1 positive, 0 negative, NaN where what is unknown could decide.

    References
    ----------
    .. [1] Schillaci G, et al. Improved electrocardiographic diagnosis of left
       ventricular hypertrophy. Am J Cardiol 1994;74:714-719.

    Examples
    --------
    >>> waves = {"R_aVL": [1.2, 1.2, 2.0], "S_V3": [1.1, 1.1, 2.0]}
    >>> perugia(waves, sex=["female", "male", None]).tolist()
    [1.0, nan, 1.0]
    """
    measured = read_measurements(measurements)
    cornell = index_bounds(measured)["cornell_voltage"]
    score = romhilt_estes(measured, digitalis=digitalis)
    return decide_perugia(
        cornell, score, sex, cornell_threshold=cornell_threshold, points=points
    )


def decide_perugia(
    cornell: tuple[np.ndarray, np.ndarray],
    score: RomhiltEstes,
    sex: Any,
    *,
    cornell_threshold: Sequence[float] = (2.4, 2.0),
    points: float = 5,
) -> np.ndarray:
    """Decide by :func:`perugia` on the bounds of an index and of a score."""
    limits = threshold_bounds("cornell_voltage", sex, cornell_threshold)
    margin = decide(*cornell, *limits, strict=True)
    enough = decide(score.lowest, score.highest, points, points, strict=False)
    return any_of(
        is_positive(margin, 0, strict=True),
        score.items["strain"],
        is_positive(enough, 0),
    )


def minnesota(
    measurements: Any,
    *,
    lateral: float = 2.6,
    limb: float = 2.0,
    avl: float = 1.2,
    lead_i: float = 1.5,
    sokolow_lyon: float = 3.5,
) -> dict[str, np.ndarray]:
    """Decide by items 3-1 and 3-3 of the Minnesota code (high left R waves).

    Parameters
    ----------
    measurements : structured ndarray, DataFrame or mapping
        As :func:`skecg.signal.measure_records` gives them; R and S in mV.
    lateral : float, default=2.6
        3-1: R in V5 or V6 above this [1]_.
    limb : float, default=2.0
        3-1: R in I, II, III or aVF above this; 3-3: R in I up to this.
    avl : float, default=1.2
        3-1: R in aVL above this.
    lead_i : float, default=1.5
        3-3: R in I above this.
    sokolow_lyon : float, default=3.5
        3-3: S in V1 plus R in V5 or V6 above this.

    Returns
    -------
    dict of str to ndarray
        ``"minnesota_3_1"`` and ``"minnesota_3_3"`` (which is only positive where 3-1 is
        absent): 1 positive, 0 negative, NaN where what is unknown could decide.

    References
    ----------
    .. [1] Blackburn H, et al. The electrocardiogram in population studies. Circulation
       1960;21:1160-1175.

    Examples
    --------
    >>> limb = {f"R_{lead}": [1.0] for lead in ("I", "II", "III", "aVF", "aVL")}
    >>> found = minnesota({**limb, "R_V5": [2.2], "R_V6": [1.9], "S_V1": [1.4]})
    >>> found["minnesota_3_1"].tolist(), found["minnesota_3_3"].tolist()
    ([0.0], [1.0])
    """
    measured = read_measurements(measurements)

    def above(name: str, limit: float) -> np.ndarray:
        return is_positive(measured.column(name), limit, strict=True)

    high = any_of(
        *(above(f"R_{lead}", lateral) for lead in ("V5", "V6")),
        *(above(f"R_{lead}", limb) for lead in ("I", "II", "III", "aVF")),
        above("R_aVL", avl),
    )
    between = all_of(above("R_I", lead_i), 1 - above("R_I", limb))
    s_v1 = measured.column("S_V1")
    sums = [s_v1 + measured.column(f"R_{lead}") for lead in ("V5", "V6")]
    tall = (is_positive(each, sokolow_lyon, strict=True) for each in sums)
    moderate = all_of(1 - high, any_of(between, *tall))
    return {"minnesota_3_1": high, "minnesota_3_3": moderate}
