"""Continuous indices of left ventricular hypertrophy from measured waves."""

from typing import Any

import numpy as np

from skecg.utils import LEAD_NAMES, encode_sex

INDEX_UNITS = {
    "sokolow_lyon_voltage": "mV",
    "sokolow_lyon_12sl": "mV",
    "sokolow_lyon_limb": "mV",
    "sokolow_lyon_product": "mV.ms",
    "cornell_voltage": "mV",
    "cornell_product": "mV.ms",
    "peguero_lo_presti": "mV",
    "gubner_ungerleider": "mV",
    "lewis": "mV",
    "total_qrs_voltage": "mV",
    "total_qrs_product": "mV.ms",
}
"""The indices of :func:`voltage_indices` with their units."""


def column(measurements: Any, name: str) -> np.ndarray:
    """Return one column of a table or mapping as floats; NaN where it is absent.

    Parameters
    ----------
    measurements : structured ndarray, DataFrame or mapping
        Columns by name, such as :func:`skecg.signal.measure_records` gives.
    name : str
        The column.

    Returns
    -------
    ndarray of float
        Its values; NaN for an absent column.

    Examples
    --------
    >>> column({"R_V5": [2.0, 1.5]}, "R_V5").tolist()
    [2.0, 1.5]
    >>> column({"R_V5": [2.0, 1.5]}, "S_V1").tolist()
    [nan, nan]
    """
    if isinstance(measurements, np.ndarray) and measurements.dtype.names is None:
        raise TypeError(
            "measurements must have named columns, as measure_records gives, but got "
            f"a plain array of shape {measurements.shape}."
        )
    if not has_column(measurements, name):
        return np.full(_shape(measurements), np.nan)
    return np.asarray(measurements[name], dtype=np.float64)


def has_column(measurements: Any, name: str) -> bool:
    """Tell whether a table or mapping has a column."""
    if isinstance(measurements, np.ndarray):
        return name in (measurements.dtype.names or ())
    return name in measurements


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
        What women's Cornell voltage is raised by (mV) in the Cornell product: 0.6 as in
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

    def wave(name: str) -> np.ndarray:
        return column(measurements, name)

    duration = wave("qrs_duration")
    offset = cornell_offset * encode_sex(sex)
    lateral = np.maximum(wave("R_V5"), wave("R_V6"))
    sokolow = wave("S_V1") + lateral
    cornell = wave("R_aVL") + wave("S_V3")
    deepest = _over_leads("S", wave).max(axis=0)
    total = _over_leads("R", wave) + np.maximum(
        _over_leads("Q", wave), _over_leads("S", wave)
    )
    values = {
        "sokolow_lyon_voltage": sokolow,
        "sokolow_lyon_12sl": np.maximum(wave("S_V1"), wave("S_V2")) + lateral,
        "sokolow_lyon_limb": wave("R_aVL"),
        "sokolow_lyon_product": sokolow * duration,
        "cornell_voltage": cornell,
        "cornell_product": (cornell + offset) * duration,
        "peguero_lo_presti": deepest + wave("S_V4"),
        "gubner_ungerleider": wave("R_I") + wave("S_III"),
        "lewis": wave("R_I") + wave("S_III") - wave("S_I") - wave("R_III"),
        "total_qrs_voltage": total.sum(axis=0),
        "total_qrs_product": total.sum(axis=0) * duration,
    }
    arrays = np.broadcast_arrays(*values.values())
    return {name: a.copy() for name, a in zip(values, arrays, strict=True)}


def _shape(measurements: Any) -> tuple[int, ...]:
    """Return the shape of the columns; () for an empty table of columns."""
    if isinstance(measurements, np.ndarray):
        return measurements.shape
    for name in measurements:
        return np.shape(measurements[name])
    return ()


def _over_leads(kind: str, wave: Any) -> np.ndarray:
    """Stack one wave of the twelve leads."""
    return np.stack([wave(f"{kind}_{lead}") for lead in LEAD_NAMES])
