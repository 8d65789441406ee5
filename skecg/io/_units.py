"""Units of time, and the sampling rate of a column of times."""

from typing import Any

import numpy as np

from skecg.io._errors import ECGFileError

_PER_SECOND = {
    **dict.fromkeys(("s", "sec", "seconds", "hh:mm:ss", "hh:mm:ss.mmm"), 1.0),
    **dict.fromkeys(("ms", "milliseconds"), 1e3),
    # Greek mu, to which casefold turns the micro sign too.
    **dict.fromkeys(("us", "\u03bcs"), 1e6),
    **dict.fromkeys(("min", "minutes"), 1 / 60),
    **dict.fromkeys(("h", "hours"), 1 / 3600),
}
_UNNAMED = 0.05  # s; a step as small as this can't be in ms
_MOST_UNNAMED = 5000.0  # Hz; of recorders, and seconds that are minutes give more
_ON_GRID = 0.3  # of a step


def time_unit(text: Any) -> str | None:
    """Return a unit of time, None for any other text."""
    word = str(text).strip().casefold()
    return word if word in _PER_SECOND else None


def _wrong(problem: str) -> ECGFileError:
    """Return the error of a column of times."""
    return ECGFileError(problem, field="time")


def rate_of_times(times: np.ndarray, unit: str | None) -> float:
    """Return the sampling rate in Hz of equally spaced times, which may be rounded.

    It is a whole number where the times allow it. Times without a unit are seconds
    where these give a rate of 20 to 5000 Hz.

    Examples
    --------
    >>> rate_of_times(np.array([0.0, 2.0, 4.0]), "ms")
    500.0
    >>> rate_of_times(np.array([0.0, 0.003, 0.006, 0.008]), "s")  # rounded
    375.0
    """
    n_steps = len(times) - 1
    step = (times[-1] - times[0]) / n_steps if n_steps > 0 else np.nan
    if not 0 < step < np.inf:
        raise _wrong(
            "the times do not rise from the first to the last; sort the samples, or "
            "drop the column of times and give fs=."
        )
    if unit is None and step > _UNNAMED:
        raise _wrong(
            f"the times rise by {step:g} without a unit; write the unit into the "
            "name of their column, such as 'time (ms)'."
        )
    seconds = (times - times[0]) / _PER_SECOND[unit or "s"]
    fs = n_steps / float(seconds[-1])
    if unit is None and fs > _MOST_UNNAMED:
        raise _wrong(
            f"the times have no unit, and in seconds they give {fs:g} Hz; write the "
            "unit into the name of their column, such as 'time (min)'."
        )
    # Rounded times stay within a part of a step of the true grid.
    for rate in (float(round(fs)), fs):
        if rate and np.abs(seconds * rate - np.arange(n_steps + 1)).max() <= _ON_GRID:
            return rate
    off = int(np.abs(seconds * fs - np.arange(n_steps + 1)).argmax())
    raise _wrong(
        f"the times do not rise in equal steps (row {off + 1} of the samples is off); "
        "resample the recording, or write NaN where samples are missing."
    )
