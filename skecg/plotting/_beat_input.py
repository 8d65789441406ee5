"""One record's measurements and who it is of."""

import numpy as np

from skecg.plotting._record import check_options, check_signal, read_record
from skecg.signal import LEAD_NAMES, MEASUREMENT_DTYPE, measure_records
from skecg.utils import is_labelled, read_age, read_sex, resolve_lead_names

_MARKS = ("QRS onset", "QRS offset", "T end", "P onset", "P end")


def measure_record(X, fs, lead_names, sex, age):
    """Return one record's measurements, and its sex and age as labelled or given."""
    labelled = read_person(label_of(X, "sex"), label_of(X, "age"))
    given = read_person(sex, age)
    sex, age = map(_agreed, ("sex", "age"), given, labelled)
    signal, fs, lead_names = read_record(X, fs, lead_names)
    signal = check_signal(signal)
    names = resolve_lead_names(lead_names, None, signal.shape[1], required=True)
    check_options("MedianBeatDisplay", fs=fs)
    # One thread: starting more takes longer than measuring one record.
    measured = measure_records(signal[None], fs, names, n_jobs=1, return_beats=True)
    return measured, sex, age


def label_of(X, name):
    """Return one record's coordinate, None where X has none."""
    if not is_labelled(X) or name not in X.coords:
        return None
    values = np.ravel(X.coords[name].values)
    return values[0] if values.size == 1 else None


def _agreed(name, given, labelled):
    """Return the argument or the label; raise if they differ."""
    if np.isnan(given):
        return labelled
    if given != labelled and not np.isnan(labelled):
        raise ValueError(
            f"{name}={given:g} contradicts X, which is labelled with {labelled:g}; "
            f"leave {name}=None to use the label."
        )
    return given


def read_person(sex, age):
    """Return sex and age as numbers, NaN where they are unknown."""
    found = read_sex(sex, 1), read_age(age, 1)
    return tuple(np.nan if values is None else float(values[0]) for values in found)


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
