"""Columns of measurements as floats, checked where others have measured them."""

import warnings
from typing import Any

import numpy as np

from skecg.signal import LEAD_NAMES, MEASUREMENT_DTYPE
from skecg.utils import (
    as_objects,
    encode_sex,
    is_missing,
    read_age,
    read_conduction,
    read_sex,
)

# Columns of a labelled X's patients, which follow the measurements.
PATIENT_COLUMNS = ("sex", "age")

_UNSIGNED = (0.0, 20.0, "mV", "Q, R and S are positive magnitudes in mV")
_SIGNED = (-20.0, 20.0, "mV", "amplitudes are in mV")
_R_PEAK = (0.0, 500.0, "ms", "a time from the QRS onset")
# Lowest and highest value, unit, and the remedy for others. No wave of a heart reaches
# 20 mV, but waves in uV and in mm do.
_RANGES = {
    **{f"{wave}_{lead}": _UNSIGNED for wave in "QRS" for lead in LEAD_NAMES},
    **{f"{w}_{k}": _SIGNED for w in ("J", "ST", "T", "P") for k in LEAD_NAMES},
    "qrs_duration": (10.0, 500.0, "ms", "seconds times 1000 are ms"),
    "intrinsicoid_V5": _R_PEAK,
    "intrinsicoid_V6": _R_PEAK,
    "qrs_axis": (-180.0, 180.0, "degrees", "above 180 subtract 360"),
    "p_terminal_duration_V1": (0.0, 500.0, "ms", "seconds times 1000 are ms"),
    "strain": (0.0, 1.0, "", "1 present, 0 absent, NaN unknown"),
}

# The median over the leads of R and the deeper of Q and S together, in mV, is 0.24 to
# 2.8 in PTB-XL's records at 100 Hz (folds 8 and 9), and at most 9.3 in a single lead.
_USUAL_QRS = (0.2, 4.0)
_USUAL_LEAD = 10.0
_FEWEST_LEADS = 6

# What reads a fact about the records, which is no measurement.
READERS = {"sex": read_sex, "age": read_age, "conduction": read_conduction}


class Measurements(dict[str, np.ndarray]):
    """Columns of measurements by name, as floats that were checked."""

    def column(self, name: str) -> np.ndarray:
        """Return one column; NaN where it is absent."""
        if name in self:
            return self[name]
        return np.full(np.shape(next(iter(self.values()), 0)), np.nan)


def read_measurements(measurements: Any) -> Measurements:
    """Return columns by name as floats, ``sex``, ``age`` and ``conduction`` coded.

    `measurements` are a structured array, DataFrame or mapping. Values of the columns
    that :func:`skecg.signal.measure_records` gives, and of ``strain``, must be
    plausible; text in other columns becomes NaN.
    """
    if isinstance(measurements, Measurements):
        return measurements
    names, read = measurements, read_column
    if isinstance(measurements, np.ndarray):
        names = measurements.dtype.names
        if names is None:
            raise TypeError(
                "measurements must have named columns, as measure_records gives, but "
                f"got a plain array of shape {measurements.shape}; make it a DataFrame "
                "with the names of ECGMeasurer.get_feature_names_out."
            )
        if measurements.dtype == MEASUREMENT_DTYPE:
            # They come from measure_records, and need no check of their ranges.
            read = _as_floats
    found = Measurements(
        {str(name): read(str(name), measurements[name]) for name in names}
    )
    warn_of_voltages(found)
    return found


def warn_of_voltages(measured: Measurements) -> None:
    """Warn where the QRS complexes of most rows have no voltage of an ECG in mV."""
    leads = []
    for lead in LEAD_NAMES:
        known = [measured[f"{w}_{lead}"] for w in "QS" if f"{w}_{lead}" in measured]
        if f"R_{lead}" in measured and known:
            leads.append(measured[f"R_{lead}"] + np.max(known, axis=0))
    if not leads:
        return
    few = len(leads) < _FEWEST_LEADS
    lowest, highest = (0.0, _USUAL_LEAD) if few else _USUAL_QRS
    middle = np.median(np.median(np.atleast_2d(leads), axis=0))
    if np.isnan(middle):  # leads that are unknown, which take ten times as long
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            middle = np.nanmedian(np.nanmedian(np.atleast_2d(leads), axis=0))
    if middle != 0 and not np.isnan(middle) and not lowest <= middle <= highest:
        warnings.warn(
            f"Most QRS complexes of the measurements are about {middle:.2g} mV high, "
            f"but those of ECGs {lowest:g} to {highest:g} mV, so that every criterion "
            "is doubtful. Give amplitudes in mV, divided by the gain of the recorder.",
            stacklevel=4,
        )


def read_column(name: str, values: Any) -> np.ndarray:
    """Return one column as floats, NaN where a value is missing."""
    if name in READERS:
        facts = READERS[name](values, np.size(values), name=f"The column {name!r}")
        return np.reshape(facts, np.shape(values)).astype(np.float64)
    numbers = _as_floats(name, values)
    _check_range(name, numbers)
    return numbers


def sex_of_rows(measured: Measurements, sex: Any) -> np.ndarray:
    """Return the sex of each row, or one for all of them."""
    code = encode_sex(sex)
    for name, values in measured.items():
        if values.ndim and code.ndim and code.shape != values.shape:
            raise ValueError(
                f"sex has {len(code)} values, but the column {name!r} of measurements "
                f"has {len(values)}; give one sex for each row."
            )
    return code


def _as_floats(name: str, values: Any) -> np.ndarray:
    """Return values as floats; NaN where they are missing or masked."""
    objects = as_objects(values)
    if objects.dtype.kind in "iuf":
        return objects.astype(np.float64)
    known = name in MEASUREMENT_DTYPE.names or name in _RANGES
    numbers = np.full(objects.shape, np.nan)
    for row, value in enumerate(objects.ravel()):
        if is_missing(value):
            continue
        try:
            numbers.flat[row] = _number(value)
        except (TypeError, ValueError):
            if known:
                raise ValueError(
                    f"{name} must be numbers, but is {value!r} in row {row}; write it "
                    "with a decimal point and without a unit."
                ) from None
    return numbers


def _number(value: Any) -> float:
    """Return one number; Python would read "1_0" as 10, and True as 1."""
    of_text = isinstance(value, str | bytes) and "_" in str(value)
    if of_text or isinstance(value, bool | np.bool_):
        raise ValueError(value)
    return float(value)


def _check_range(name: str, values: np.ndarray) -> None:
    """Raise if a value can't be what the column's name says."""
    if name not in _RANGES:
        return
    lowest, highest, unit, remedy = _RANGES[name]
    with np.errstate(invalid="ignore"):
        wrong = (values < lowest) | (values > highest)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{name} must be from {lowest:g} to {highest:g} {unit}".rstrip()
            + f", but is {values.flat[row]:g} in row {row}; {remedy}."
        )
