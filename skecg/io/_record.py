"""From what a file holds to a record with leads in order and labels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._leads import derive_leads, order_leads, usual_names
from skecg.io._parsed import MOST_LEADS, ParsedECG
from skecg.utils import (
    MILLIVOLTS_PER_UNIT,
    impossible_span,
    label_records,
    same_rate,
    voltage_unit,
)

_RATES = 10, 1_000_000  # Hz


def arrange(parsed: ParsedECG, leads: Sequence[str] | None) -> ParsedECG:
    """Derive the missing limb leads, and put the twelve leads first, or choose `leads`.

    Other leads follow as they stand in the file. A recording is refused if a lead is
    absent or appears twice, or it holds no usable signal.
    """
    _check(parsed)
    names = usual_names(parsed.leads)
    signal, names, derived = derive_leads(parsed.signal, names)
    index = order_leads(names, leads)
    chosen = tuple(names[k] for k in index)
    notes = parsed.notes
    # Those who chose measured leads alone need not hear of derived ones.
    if derived and max(index) >= len(parsed.leads):
        notes = (*notes, derived)
    if index != list(range(signal.shape[1])):
        signal = signal.T[index].T  # most readers have a row a lead in memory
    # Not a view of what a file holds, which can't be written.
    signal = np.require(signal, requirements=["C", "W"])
    return replace(parsed, signal=signal, leads=chosen, notes=notes)


def _check(parsed: ParsedECG) -> None:
    """Raise unless there are a signal and a sampling rate that an ECG may have."""
    n_times, n_leads = parsed.signal.shape
    if not 1 <= n_leads <= MOST_LEADS or n_leads != len(parsed.leads):
        raise ECGFileError(
            f"the file has {n_leads} leads, but a recording has 1 to {MOST_LEADS}; "
            "export one recording only."
        )
    if not n_times:
        raise ECGFileError(
            "the file has leads without samples; export the recording again with its "
            "waveforms."
        )
    if not _RATES[0] <= parsed.fs <= _RATES[1]:
        raise ECGFileError(
            f"the sampling rate is {parsed.fs:g} Hz, but must lie between "
            f"{_RATES[0]} and {_RATES[1]} Hz; export the file again.",
            field="sampling rate",
        )
    # A sum is finite where all samples are, and takes a tenth of the time.
    if not np.isfinite(parsed.signal.sum()) and np.isinf(parsed.signal).any():
        raise ECGFileError("the file holds infinite samples; export it again.")
    if span := impossible_span(parsed.signal):
        raise ECGFileError(
            f"the leads span {span:.3g} mV, more than any heart gives; give units= "
            "where the file states no unit, else export it again with the right gain.",
            field="units",
        )


def check_agreement(parsed: ParsedECG, fs: float | None, units: str | None) -> None:
    """Raise where a caller says another rate or unit than the file."""
    if not same_rate(parsed.fs, fs):
        raise ECGFileError(
            f"fs={fs:g} contradicts the file, which was sampled at {parsed.fs:g} Hz; "
            "leave fs=None.",
            field="sampling rate",
        )
    if units is None:
        return
    # Some formats have counts of any size, of which no unit is said.
    stated = "several units" if parsed.units == "mixed" else parsed.units
    if parsed.units in ("mixed", *MILLIVOLTS_PER_UNIT) and parsed.units != units:
        raise ECGFileError(
            f"units={units!r} contradicts the file, which states "
            f"{stated}; leave units=None, as all is converted to mV.",
            field="units",
        )


def check_fs(fs: Any, name: str = "fs") -> float | None:
    """Return a sampling rate that a caller gave; raise if no ECG has it."""
    if fs is None:
        return None
    if isinstance(fs, bool) or not isinstance(fs, int | float | np.number):
        raise TypeError(f"{name} must be a number of Hz or None, but got {fs!r}.")
    if not _RATES[0] <= fs <= _RATES[1]:
        raise ValueError(
            f"{name} must lie between {_RATES[0]} and {_RATES[1]} Hz, but got {fs!r}."
        )
    return float(fs)


def check_units(units: Any) -> str | None:
    """Return a unit that a caller gave, in its usual spelling."""
    if units is None:
        return None
    unit = voltage_unit(units)
    if unit is None:
        raise ValueError(
            f"units must be None or one of {', '.join(MILLIVOLTS_PER_UNIT)}, but got "
            f"{units!r}."
        )
    return unit


def gaps_in_words(parsed: ParsedECG) -> str | None:
    """Say how much of which leads is NaN; None where nothing is."""
    if not np.isnan(parsed.signal.sum()):
        return None
    missing = np.isnan(parsed.signal).mean(axis=0)
    parts = [
        f"{name} {100 * part:.3g} %"
        for name, part in zip(parsed.leads, missing, strict=True)
        if part
    ]
    more = f" and {len(parts) - 12} leads more" if len(parts) > 12 else ""
    return f"gaps are NaN: {', '.join(parts[:12])}{more}"


def label(parsed: ParsedECG, *, metadata: bool) -> Any:
    """Return a recording as a labelled array of one record."""
    known = {"sex": parsed.sex, "age": parsed.age}
    of_record = {
        name: np.array([value]) for name, value in known.items() if value == value
    }
    if metadata and parsed.patient is not None:
        of_record["patient"] = np.array([parsed.patient])
    record = label_records(
        parsed.signal[None],
        fs=parsed.fs,
        lead_names=parsed.leads,
        purpose="read_ecg",
        **of_record,
    )
    record.attrs["format"] = parsed.format
    for name in ("device", "filters"):
        if getattr(parsed, name):
            record.attrs[name] = getattr(parsed, name)
    if parsed.codes:
        record.attrs["codes"] = list(parsed.codes)
    if parsed.notes:
        record.attrs["notes"] = "; ".join(parsed.notes)
    return record
