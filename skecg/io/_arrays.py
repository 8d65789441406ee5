"""One recording among arrays with names, as NPZ, MAT and HDF5 files hold them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years, sex_as_here
from skecg.io._unsaid import check_known, require_names, to_millivolts

_SIGNALS = ("signal", "signals", "ecg", "data", "val", "x", "p_signal", "samples")
_RATES = (
    *("fs", "sampling_rate", "sampling_frequency", "sample_rate", "freq", "fsamp"),
    "sfreq",  # of MNE-Python
)
_UNITS = ("units", "unit")
_LEADS = ("leads", "lead", "lead_names", "sig_name", "channels", "channel_names")
_FACTS = {
    **dict.fromkeys(_SIGNALS, "signal"),
    **dict.fromkeys(_RATES, "sampling rate"),
    **dict.fromkeys(_UNITS, "units"),
    **dict.fromkeys(_LEADS, "leads"),
    **{name: name for name in ("sex", "age")},
}


def bound_bytes(size: int) -> int:
    """Return how many bytes a file of a size may inflate to."""
    # ECGs compress two- to threefold. Small files may hold flat lines, which do more.
    return 8 * size + 20_000_000


def find_recording(
    arrays: Mapping[str, np.ndarray],
    *,
    fs: float | None,
    units: str | None,
    leads: Sequence[str] | None,
) -> ParsedECG:
    r"""Find the one recording, and what is said of it, among arrays with names.

    Arrays are named as in the file, or by the path ``group/name``; attributes by
    ``holder\nname``, where a holder that is a group ends in ``/``.
    """
    arrays = _of_one_group(arrays)
    known = {name.casefold(): values for name, values in arrays.items()}
    if len(known) < len(arrays):
        raise ECGFileError(
            "names of the file differ in upper and lower case alone; rename them."
        )
    signal = _signal_of(known)
    rate = _number(known, _RATES)
    rate = fs if rate is None else rate
    found_names, found_units = _words(known, _LEADS), _words(known, _UNITS) or [""]
    check_known(
        leads=f"{signal.shape[0]} x {signal.shape[1]} samples",
        fs=float(rate or 0),
        units=units or all(found_units),
        names=found_names or leads,
    )
    # No file says which axis is time; a square one is refused.
    signal = _sample_major(signal, found_names, leads)
    n_leads = signal.shape[1]
    if len(found_units) not in (1, n_leads):
        raise ECGFileError(
            f"the file has {len(found_units)} units for {n_leads} leads, but one "
            "alone, or one for each, is needed; mend the units.",
            field="units",
        )
    if len(found_units) == 1:
        found_units *= n_leads
    names = require_names(found_names, leads, n_leads)
    values, unit = to_millivolts(
        signal.astype(np.float64, copy=False), found_units, units
    )
    notes: list[str] = []
    sex, age = (_single(known.get(name), name, notes) for name in ("sex", "age"))
    return ParsedECG(
        signal=values,
        fs=float(rate or 0),
        leads=names,
        units=unit,
        sex=sex_as_here(sex, notes),
        age=age_in_years(age, None, notes),
        notes=tuple(notes),
    )


def _of_one_group(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return arrays by name, of one recording alone; others keep their path."""
    large = [path for path, values in arrays.items() if _is_large(path, values)]
    named = [path for path in large if _fact_of(path) == "signal"]
    recordings = named or large
    # Two paths may lead to one data set.
    recordings = [
        path
        for path in recordings
        if path == recordings[0]
        or not np.array_equal(arrays[path], arrays[recordings[0]])
    ]
    groups = sorted({_group_of(path) for path in recordings})
    if len(groups) > 1:
        raise ECGFileError(
            f"the file has recordings in the groups {', '.join(groups)[:120]}; save "
            "one recording a file."
        )
    # What stands beside another table of numbers may be of another recording.
    others = {_group_of(path) for path in large if arrays[path].ndim > 1}
    others = {group for group in others if not (groups and groups[0].startswith(group))}
    found: dict[str, np.ndarray] = {}
    of_fact: dict[str, np.ndarray] = {}
    for path, values in arrays.items():
        holder, is_attribute, _ = path.partition("\n")
        fact = _fact_of(path)
        if path in recordings:
            found[_name_of(path)] = values
        elif fact is None and not is_attribute:
            found[path] = values
        elif fact in (None, "signal") or _group_of(path) in others:
            continue
        elif not is_attribute or holder.endswith("/") or holder in recordings:
            if not np.array_equal(of_fact.setdefault(fact, values), values):
                raise ECGFileError(
                    f"the file states {fact} twice, and not the same; save one "
                    "recording a file.",
                    field=fact,
                )
            found[_name_of(path)] = values
    return found


def _group_of(path: str) -> str:
    """Return the path of the group in which a data set or attribute stands."""
    return path.partition("\n")[0].rpartition("/")[0] + "/"


def _name_of(path: str) -> str:
    """Return the last part of a path."""
    holder, is_attribute, name = path.partition("\n")
    return name if is_attribute else holder.rpartition("/")[2]


def _fact_of(path: str) -> str | None:
    """Return what an array of this name states, None for nothing known."""
    return _FACTS.get(_name_of(path).casefold())


def _is_large(path: str, values: np.ndarray) -> bool:
    """Tell whether an array is a data set of several numbers."""
    return "\n" not in path and values.dtype.kind in "iuf" and values.size > 1


def _signal_of(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the array of the recording, of two dimensions."""
    large = {name: values for name, values in arrays.items() if _is_large(name, values)}
    named = [name for name in _SIGNALS if name in large]
    if len(large) > 1 and named:
        large = {named[0]: large[named[0]]}
    if len(large) != 1:
        raise ECGFileError(
            f"the file holds {len(large)} arrays of numbers "
            f"({', '.join(list(large)[:8])}), but the recording must be the only one, "
            "or be named 'signal'; rename it."
        )
    signal = next(iter(large.values()))
    while signal.ndim > 2 and 1 in signal.shape:
        signal = signal.squeeze(signal.shape.index(1))
    if signal.ndim == 1:
        signal = signal[:, None]
    if signal.ndim != 2:
        raise ECGFileError(
            f"the recording has the shape {signal.shape}, but one recording has "
            "(n_times, n_leads); save records one by one, or use them as arrays."
        )
    return signal


def _sample_major(
    signal: np.ndarray,
    found: Sequence[str] | None,
    given: Sequence[str] | None,
) -> np.ndarray:
    """Return the recording with a row a sample; the names tell the axis of leads."""
    names = (given if found is None else found) or ()
    rows, columns = (n == len(names) for n in signal.shape)
    if rows == columns:
        raise ECGFileError(
            f"{len(names)} leads are named, but the recording has the shape "
            f"{signal.shape}; one axis, and one only, must have a line a lead.",
            field="leads",
        )
    return signal.T if rows else signal


def _number(arrays: Mapping[str, np.ndarray], names: Sequence[str]) -> float | None:
    """Return a single number of one of the names, None where there is none."""
    found = [arrays[name] for name in names if name in arrays]
    numbers = (v.item() for v in found if v.size == 1 and v.dtype.kind in "iuf")
    return next(map(float, numbers), None)


def _words(arrays: Mapping[str, np.ndarray], names: Sequence[str]) -> list[str] | None:
    """Return text of one of the names, None where there is none."""
    for name in names:
        values = arrays.get(name)
        if values is not None and values.dtype.kind in "US" and values.size:
            return [_text(word) for word in values.reshape(-1).tolist()]
    return None


def _text(word: Any) -> str:
    """Return text that may be bytes."""
    return (word.decode("latin-1") if isinstance(word, bytes) else str(word)).strip()


def _single(values: np.ndarray | None, name: str, notes: list[str]) -> Any:
    """Return the one value of an array, None where there is none."""
    if values is None or values.size != 1:
        if values is not None:
            notes.append(f"the {name} has {values.size} values instead of one")
        return None
    value = values.reshape(-1)[0]
    return _text(value) if values.dtype.kind in "US" else value
