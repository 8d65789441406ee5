"""The Romhilt-Estes point score as a range of possible scores."""

from typing import Any, NamedTuple

import numpy as np

from skecg.criteria._columns import read_measurements
from skecg.criteria._thresholds import is_positive
from skecg.utils import LEAD_NAMES, read_truth

_LATERAL = ("V5", "V6")
# Those of "strain" depend on digitalis, which changes ST and T by itself.
_POINTS = {
    "voltage": 3,
    "left_atrial": 3,
    "axis": 2,
    "qrs_duration": 1,
    "intrinsicoid": 1,
}


class RomhiltEstes(NamedTuple):
    """A score by Romhilt and Estes, as a range where something is unknown.

    Attributes
    ----------
    lowest, highest : ndarray of shape (n_records,)
        The points if every unknown item is absent, and if every one is present. They
        are equal where all is known. NaN where nothing is.
    items : dict of str to ndarray of shape (n_records,)
        ``voltage``, ``strain``, ``left_atrial``, ``axis``, ``qrs_duration`` and
        ``intrinsicoid``: 1 present, 0 absent, NaN unknown.
    """

    lowest: np.ndarray
    highest: np.ndarray
    items: dict[str, np.ndarray]


def romhilt_estes(
    measurements: Any,
    *,
    digitalis: Any = False,
    limb_voltage: float = 2.0,
    s_voltage: float = 3.0,
    r_voltage: float = 3.0,
    p_depth: float = 0.1,
    p_duration: float = 40.0,
    axis: float = -30.0,
    leftmost: float = -90.0,
    qrs_duration: float = 90.0,
    intrinsicoid: float = 50.0,
) -> RomhiltEstes:
    """Score an ECG by Romhilt and Estes' points for left ventricular hypertrophy.

    Parameters
    ----------
    measurements : structured ndarray, DataFrame or mapping
        As :func:`skecg.signal.measure_records` gives them; mV, ms and degrees. An
        optional column ``strain`` (1, 0, NaN) overrules what :func:`strain_pattern`
        makes of ST and T.
    digitalis : bool or array-like, default=False
        Whether the patient takes digitalis: the ST-T item then counts 1 point instead
        of 3. NaN where it is unknown.
    limb_voltage : float, default=2.0
        R or S (mV) in any limb lead, at least [1]_.
    s_voltage : float, default=3.0
        S (mV) in V1 or V2, at least [1]_.
    r_voltage : float, default=3.0
        R (mV) in V5 or V6, at least [1]_.
    p_depth, p_duration : float, default=0.1, 40.0
        Depth (mV) and duration (ms) of the terminal part of P in V1, both at least.
    axis : float, default=-30.0
        Frontal QRS axis (degrees), at most [1]_.
    leftmost : float, default=-90.0
        Frontal QRS axis (degrees), at least: where left axis deviation ends [2]_.
        -180 counts every axis below `axis`.
    qrs_duration : float, default=90.0
        QRS duration (ms), at least.
    intrinsicoid : float, default=50.0
        Time from QRS onset to the peak of R in V5 or V6 (ms), at least.

    Returns
    -------
    RomhiltEstes
        The lowest and the highest possible score, and the items.

    See Also
    --------
    voltage_indices : Continuous indices.

    Notes
    -----
    Voltage 3 (once, however many leads reach it), ST-T 3 or 1, left atrial 3, axis 2,
    QRS duration 1, intrinsicoid deflection 1: 0 to 13 points. 4 is probable, 5 definite
    left ventricular hypertrophy.

    The axis item is left axis deviation, from -30 to -90 degrees. An axis beyond -90
    degrees is extreme, or north-west, and not leftward.

    References
    ----------
    .. [1] Romhilt DW, Estes EH. A point-score system for the ECG diagnosis of left
       ventricular hypertrophy. Am Heart J 1968;75:752-758.
       PMID 4231231
    .. [2] Surawicz B, et al. AHA/ACCF/HRS recommendations, part III. Circulation
       2009;119:e235-e240. doi:10.1161/CIRCULATIONAHA.108.191095

    Examples
    --------
    >>> waves = {f"{w}_{l}": [0.5] for w in "RS" for l in ("I", "II", "III", "aVR")}
    >>> waves |= {f"{w}_{l}": [0.5] for w in "RS" for l in ("aVL", "aVF", "V1", "V2")}
    >>> waves |= {"R_V5": [3.0], "R_V6": [1.0], "qrs_axis": [-30.0]}
    >>> waves |= {"qrs_duration": [90.0], "strain": [1.0]}
    >>> score = romhilt_estes(waves)
    >>> score.lowest.tolist(), score.highest.tolist()  # P and R peak time unknown
    ([9.0], [13.0])
    """
    measured = read_measurements(measurements)

    def reaches(name: str, least: float) -> np.ndarray:
        return is_positive(measured.column(name), least)

    def any_reaches(names: list[str], least: float) -> np.ndarray:
        waves = np.stack([measured.column(name) for name in names])
        return any_of(*is_positive(waves, least))

    items = {
        "voltage": any_of(
            any_reaches(
                [f"{w}_{k}" for w in "RS" for k in LEAD_NAMES[:6]], limb_voltage
            ),
            any_reaches(["S_V1", "S_V2"], s_voltage),
            any_reaches([f"R_{k}" for k in _LATERAL], r_voltage),
        ),
        "strain": strain_pattern(measured),
        "left_atrial": all_of(
            reaches("p_terminal_amplitude_V1", p_depth),
            reaches("p_terminal_duration_V1", p_duration),
        ),
        # -180 and 180 degrees are one direction, so that "-30 or less" needs an end.
        "axis": all_of(
            is_positive(-measured.column("qrs_axis"), -axis),
            reaches("qrs_axis", leftmost),
        ),
        "qrs_duration": reaches("qrs_duration", qrs_duration),
        "intrinsicoid": any_reaches(
            [f"intrinsicoid_{lead}" for lead in _LATERAL], intrinsicoid
        ),
    }
    on_digitalis = read_truth(digitalis, name="digitalis")
    arrays = np.broadcast_arrays(*items.values(), on_digitalis)
    items = dict(zip(items, (a.copy() for a in arrays), strict=False))
    on_digitalis = arrays[-1]
    # Where digitalis is unknown, the ST-T item may count 1 point or 3.
    lowest = _score(items, np.where(on_digitalis == 0, 3.0, 1.0), unknown=0.0)
    highest = _score(items, np.where(on_digitalis == 1, 1.0, 3.0), unknown=1.0)
    unknown = np.all([np.isnan(item) for item in items.values()], axis=0)
    return RomhiltEstes(
        np.where(unknown, np.nan, lowest), np.where(unknown, np.nan, highest), items
    )


def _score(
    items: dict[str, np.ndarray], strain: np.ndarray, unknown: float
) -> np.ndarray:
    """Add the points up, with `unknown` in place of unknown items."""
    points: dict[str, Any] = {**_POINTS, "strain": strain}
    return sum(
        points[name] * np.where(np.isnan(item), unknown, item)
        for name, item in items.items()
    )


def strain_pattern(
    measurements: Any, *, st_depression: float = 0.05, t_inversion: float = 0.1
) -> np.ndarray:
    """Tell whether ST and T run opposite to the QRS complex in V5 or V6.

    Parameters
    ----------
    measurements : structured ndarray, DataFrame or mapping
        Columns ``R``, ``Q``, ``S``, ``ST`` and ``T`` of V5 and V6, in mV. A column
        ``strain`` (1, 0, NaN) is returned as it is.
    st_depression : float, default=0.05
        Depression of ST, 60 ms after the QRS complex, at least (mV).
    t_inversion : float, default=0.1
        Depth of the T wave, at least (mV).

    Returns
    -------
    ndarray of float
        1 present, 0 absent, NaN unknown.

    Notes
    -----
    A lead counts where its QRS complex points up (R above both Q and S). The AHA calls
    the finding secondary ST-T abnormality [1]_. The sources describe the shape without
    numbers: the two thresholds are a choice of this package.

    References
    ----------
    .. [1] Hancock EW, et al. AHA/ACCF/HRS recommendations, part V. Circulation
       2009;119:e251-e261. doi:10.1161/CIRCULATIONAHA.108.191097

    Examples
    --------
    >>> waves = {"R_V6": [2.5], "Q_V6": [0.1], "S_V6": [0.2], "ST_V6": [-0.15]}
    >>> strain_pattern(waves | {"T_V6": [-0.4]}).tolist()
    [1.0]
    """
    measured = read_measurements(measurements)
    if "strain" in measured:
        return measured["strain"]
    r, q, s, st, t = (
        np.stack([measured.column(f"{wave}_{lead}") for lead in _LATERAL])
        for wave in ("R", "Q", "S", "ST", "T")
    )
    leads = all_of(
        is_positive(r - q, 0, strict=True),
        is_positive(r - s, 0, strict=True),
        is_positive(-st, st_depression),
        is_positive(-t, t_inversion),
    )
    return any_of(*leads)


def any_of(*items: np.ndarray) -> np.ndarray:
    """Combine 1, 0 and NaN by "or": NaN only where an unknown item could decide."""
    return _combine(np.stack(np.broadcast_arrays(*items)), deciding=1.0)


def all_of(*items: np.ndarray) -> np.ndarray:
    """Combine 1, 0 and NaN by "and": NaN only where an unknown item could decide."""
    return _combine(np.stack(np.broadcast_arrays(*items)), deciding=0.0)


def _combine(items: np.ndarray, deciding: float) -> np.ndarray:
    """Reduce over axis 0 in Kleene's three-valued logic."""
    unknown = np.where(np.isnan(items).any(axis=0), np.nan, 1 - deciding)
    return np.where((items == deciding).any(axis=0), deciding, unknown)
