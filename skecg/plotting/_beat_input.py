"""One record's measurements and who it is of."""

import numpy as np

from skecg.criteria import encode_sex
from skecg.plotting._record import (
    check_names,
    check_options,
    check_signal,
    read_record,
)
from skecg.signal import LEAD_NAMES, MEASUREMENT_DTYPE, measure_records
from skecg.utils import is_labelled

_OLDEST = 130  # years
_MARKS = ("QRS onset", "QRS offset", "T end", "P onset", "P end")


def measure_record(X, fs, lead_names, sex, age):
    """Return what was measured of one record, and sex and age as labelled or given."""
    sex = _agreed("sex", float(encode_sex(sex)), _label(X, "sex", encode_sex))
    age = _agreed("age", check_age(age), _label(X, "age", check_age))
    signal, fs, lead_names = read_record(X, fs, lead_names)
    signal = check_signal(signal)
    names = check_names(lead_names, signal.shape[1])
    check_options("MedianBeatDisplay", fs=fs)
    measured = measure_records(signal[None], fs, names, n_jobs=1, return_beats=True)
    return measured, sex, age


def _label(X, name, check):
    """Return one record's coordinate, NaN where X has none."""
    if not is_labelled(X) or name not in X.coords:
        return np.nan
    values = np.ravel(X.coords[name].values)
    return float(check(values[0])) if values.size == 1 else np.nan


def _agreed(name, given, labelled):
    """Return what is known, if the argument does not contradict the label."""
    if np.isnan(given):
        return labelled
    if given != labelled and not np.isnan(labelled):
        raise ValueError(
            f"{name}={given:g} contradicts X, which is labelled with {labelled:g}; "
            f"leave {name}=None to use the label."
        )
    return given


def check_age(age):
    """Return an age in years, NaN where it is unknown."""
    age = np.nan if age is None else float(age)
    if not (np.isnan(age) or 0 <= age <= _OLDEST):
        raise ValueError(
            f"age must be from 0 to {_OLDEST} years or None, but got {age:g}; PTB-XL's "
            "300 stands for over 89: give 90."
        )
    return age


def check_beats(beats):
    """Return the median beats as float64 of shape (n_times, 12)."""
    beats = np.asarray(beats, dtype=np.float64)
    if beats.ndim != 2 or beats.shape[1] != len(LEAD_NAMES) or len(beats) < 2:
        raise ValueError(
            f"beats must have the shape (n_times, {len(LEAD_NAMES)}), but got "
            f"{beats.shape}; give those of one record, such as beats[0]."
        )
    return beats


def check_marks(marks, n_times):
    """Return the five marks as integers."""
    marks = [int(mark) for mark in marks]
    if len(marks) != len(_MARKS) or not all(-1 <= mark < n_times for mark in marks):
        raise ValueError(
            f"marks must be {', '.join(_MARKS)} as samples of the beats, from -1 to "
            f"{n_times - 1}, but got {marks}; give those of one record, such as "
            "[mark[0] for mark in marks]."
        )
    return marks


def check_row(measurements):
    """Return one record's measurements as a structured array of shape (1,)."""
    row = np.atleast_1d(measurements)
    if row.dtype != MEASUREMENT_DTYPE or row.shape != (1,):
        raise ValueError(
            "measurements must be one row of the table of ECGMeasurer.measure, but got "
            f"the shape {row.shape} and the dtype {row.dtype.kind!r}; give table[0]."
        )
    return row
