"""Continuous indices of left ventricular hypertrophy from measured waves."""

from typing import Any

import numpy as np

from skecg.criteria._columns import Measurements, read_measurements, sex_of_rows
from skecg.criteria._thresholds import CRITERIA
from skecg.utils import LEAD_NAMES

INDEX_UNITS = {name: c.unit for name, c in CRITERIA.items() if name == c.index}
"""The indices of :func:`voltage_indices` with their units."""


def voltage_indices(
    measurements: Any, sex: Any = None, *, cornell_offset: float = 0.6
) -> dict[str, np.ndarray]:
    """Compute every continuous voltage index of left ventricular hypertrophy.

    Parameters
    ----------
    measurements : structured ndarray, DataFrame or mapping
        Columns ``R_V5``, ``S_V1``, ``Q_III`` and so on as positive magnitudes in mV and
        ``qrs_duration`` in ms, as :func:`skecg.signal.measure_records` gives them.
        An absent column is like one of NaN.
    sex : array-like or None, default=None
        0 or "male", 1 or "female", NaN for unknown. Only the Cornell product needs it.
    cornell_offset : float, default=0.6
        Offset in mV that is added to women's voltage in the Cornell product: 0.6 as in
        [6]_ and in the 12SL program, or 0.8 as in [3]_.

    Returns
    -------
    dict of str to ndarray
        The indices in the order of :data:`INDEX_UNITS`, in mV or mV.ms. NaN where a
        wave, the QRS duration or a needed sex is unknown.

    See Also
    --------
    CRITERIA : The published thresholds.
    romhilt_estes : The point score.

    Notes
    -----
    ========================  =====================================================
    sokolow_lyon_voltage      S V1 + the larger of R V5 and R V6 [1]_
    sokolow_lyon_12sl         the larger of S V1 and S V2 + that of R V5 and R V6
    sokolow_lyon_limb         R aVL [1]_
    sokolow_lyon_product      sokolow_lyon_voltage times QRS duration [3]_
    cornell_voltage           R aVL + S V3 [2]_
    cornell_product           (R aVL + S V3 + a) times QRS duration, a = 0 in men [3]_
    peguero_lo_presti         the deepest S of the twelve leads + S V4 [4]_
    gubner_ungerleider        R I + S III [5]_
    lewis                     (R I + S III) - (S I + R III) [7]_
    total_qrs_voltage         sum over twelve leads of R + the deeper of Q and S [8]_
    total_qrs_product         total_qrs_voltage times QRS duration [3]_
    ========================  =====================================================

    References
    ----------
    .. [1] Sokolow M, Lyon TP. Am Heart J 1949;37:161-186.
       doi:10.1016/0002-8703(49)90562-1
    .. [2] Casale PN, et al. Circulation 1987;75:565-572. doi:10.1161/01.CIR.75.3.565
    .. [3] Molloy TJ, et al. J Am Coll Cardiol 1992;20:1180-1186.
    .. [4] Peguero JG, et al. J Am Coll Cardiol 2017;69:1694-1703.
       doi:10.1016/j.jacc.2017.01.037
    .. [5] Gubner R, Ungerleider HE. Arch Intern Med 1943;72:196-209.
    .. [6] Okin PM, et al. Hypertension 2000;36:766-773. PMID 11082141
    .. [7] Lewis T. Heart 1914;5:367-402.
    .. [8] Siegel RJ, Roberts WC. Am Heart J 1982;103:210-221.
       doi:10.1016/0002-8703(82)90494-X

    Examples
    --------
    >>> waves = {"S_V1": [1.5], "R_V5": [2.0], "R_V6": [1.4], "R_aVL": [0.9]}
    >>> waves |= {"S_V3": [1.0], "qrs_duration": [98.0]}
    >>> indices = voltage_indices(waves, sex=["female"])
    >>> indices["sokolow_lyon_voltage"].tolist()
    [3.5]
    >>> indices["cornell_product"].round(6).tolist()
    [245.0]
    >>> indices["lewis"].tolist()  # leads I and III are absent
    [nan]
    """
    measured = read_measurements(measurements)
    return _compute(measured, sex_of_rows(measured, sex), cornell_offset, np.maximum)


def index_bounds(
    measurements: Any, sex: Any = None, *, cornell_offset: float = 0.6
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the lowest and highest value of each index, NaN where there is no limit.

    >>> bounds = index_bounds({"S_V1": [1.5], "R_V5": [2.0]})
    >>> low, high = bounds["sokolow_lyon_voltage"]  # R in V6 may be larger
    >>> low.tolist(), high.tolist()
    ([3.5], [nan])
    """
    measured = read_measurements(measurements)
    code = sex_of_rows(measured, sex)
    unknown = np.isnan(code)
    # The known waves limit the larger of several from below; an unknown sex has the
    # offset of a man or of a woman.
    lowest = _compute(measured, np.where(unknown, 0, code), cornell_offset, np.fmax)
    highest = _compute(measured, np.where(unknown, 1, code), cornell_offset, np.maximum)
    return {name: (lowest[name], highest[name]) for name in lowest}


def _compute(
    measured: Measurements, sex: np.ndarray, cornell_offset: float, larger: np.ufunc
) -> dict[str, np.ndarray]:
    """Compute the indices; `larger` says what the larger of two waves is."""
    wave = measured.column

    def over_leads(kind: str) -> np.ndarray:
        return np.stack([wave(f"{kind}_{lead}") for lead in LEAD_NAMES])

    duration = wave("qrs_duration")
    # Without an offset the sex does not count, known or not.
    offset = cornell_offset * sex if cornell_offset else 0.0
    lateral = larger(wave("R_V5"), wave("R_V6"))
    sokolow = wave("S_V1") + lateral
    cornell = wave("R_aVL") + wave("S_V3")
    # Where V4 is the deepest lead, its S counts twice, as Peguero published it.
    deepest = larger.reduce(over_leads("S"), axis=0)
    # A QS complex has its depth in both Q and S, and counts once.
    total = (over_leads("R") + larger(over_leads("Q"), over_leads("S"))).sum(axis=0)
    values = {
        "sokolow_lyon_voltage": sokolow,
        "sokolow_lyon_12sl": larger(wave("S_V1"), wave("S_V2")) + lateral,
        "sokolow_lyon_limb": wave("R_aVL"),
        "sokolow_lyon_product": sokolow * duration,
        "cornell_voltage": cornell,
        "cornell_product": (cornell + offset) * duration,
        "peguero_lo_presti": deepest + wave("S_V4"),
        "gubner_ungerleider": wave("R_I") + wave("S_III"),
        "lewis": wave("R_I") + wave("S_III") - wave("S_I") - wave("R_III"),
        "total_qrs_voltage": total,
        "total_qrs_product": total * duration,
    }
    arrays = np.broadcast_arrays(*values.values())
    return {name: a.copy() for name, a in zip(values, arrays, strict=True)}
