"""Write one labelled record as a file."""

import io
import os
import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skecg.io import _dicom_encode, _edf_encode
from skecg.io._counts import to_counts
from skecg.utils import ECGLabels, is_labelled, read_age, read_sex, write_whole

_SUFFIXES = {
    ".hea": "wfdb",
    ".edf": "edf",
    ".dcm": "dicom",
    ".csv": "csv",
    ".npz": "npz",
}
_LARGEST = 32_767
_MOST_MILLIVOLTS = 100_000  # no recorder's range; fields of EDF are short
_MISSING = -32_768
_NAME = re.compile(r"[\w.-]+", re.ASCII)


class Record(NamedTuple):
    """One record to be written: mV of shape (n_times, n_leads), Hz, names, patient."""

    signal: np.ndarray
    fs: float
    leads: tuple[str, ...]
    sex: float
    age: float


def write_ecg(
    record: Any,
    path: str | os.PathLike,
    *,
    format: str | None = None,
) -> None:
    """Write one labelled record as a file that other programs read.

    Parameters
    ----------
    record : xarray.DataArray of shape (1, n_times, n_leads) or (n_times, n_leads)
        The record, with the coordinates ``time`` and ``lead``, in mV or uV. ``sex``
        and ``age`` are written where the format has them; an identifier never is.
    path : str or path-like
        The file. WFDB writes a header and, beside it, a signal file ``.dat``.
    format : {"wfdb", "edf", "dicom", "csv", "npz"}, default=None
        The format. None goes by the suffix of `path`: .hea, .edf, .dcm, .csv, .npz.

    Raises
    ------
    FileNotFoundError
        If the folder of `path` is absent, or `path` is a folder.
    TypeError
        If the record is not labelled, or `path` is none.
    ValueError
        If it holds several records, lacks a label, has a sex or an age that is none,
        or the format can't hold it.

    See Also
    --------
    read_ecg : Reads the file again.

    Notes
    -----
    csv and npz keep every bit of the samples. The others round to the smallest round
    step that 16 bits allow, such as 0.05 uV for a record of up to 1.6 mV, so that
    samples which a recorder stored in steps of 1, 2.5 or 5 uV come out as they went in.
    EDF marks each lead by ECG before its name, as readers know ECGs by it: other names
    than those of standard and Frank leads come back with it.
    A file is there whole or not at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from skecg import make_lvh_ecg, read_ecg, write_ecg
    >>> cohort = make_lvh_ecg(2, fs=250, random_state=0, as_xarray=True)
    >>> with TemporaryDirectory() as folder:
    ...     write_ecg(cohort.data[:1], f"{folder}/a.hea")
    ...     again = read_ecg(f"{folder}/a.hea")
    >>> bool(abs(again.values - cohort.data[:1].values).max() <= 0.0001)
    True
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be the path of a file, but got {path!r}.")
    target = Path(path).expanduser()
    if target.is_dir() or not target.parent.is_dir():
        raise FileNotFoundError(
            f"path must name a file in a folder that is there, but is {str(target)!r}; "
            "make the folder, and add the name of the file."
        )
    if format is None and target.suffix.lower() not in _SUFFIXES:
        raise ValueError(
            f"path must end in {', '.join(_SUFFIXES)}, but is {target.name!r}; or name "
            "the format with format=."
        )
    name = _SUFFIXES[target.suffix.lower()] if format is None else format
    if name not in _WRITERS:
        raise ValueError(
            f"format must be None or one of {', '.join(_WRITERS)}, but got {format!r}."
        )
    _WRITERS[name](_record_of(record), target)


def _record_of(record: Any) -> Record:
    """Return what is to be written of a labelled record."""
    if not is_labelled(record):
        raise TypeError(
            f"record must be a labelled xarray.DataArray, but got "
            f"{type(record).__name__}; read_ecg and loaders with as_xarray=True make "
            "one."
        )
    if "record" not in record.dims:
        facts = [name for name in ("sex", "age") if name in record.coords]
        record = record.expand_dims("record")
        record = record.assign_coords(
            {name: ("record", [record.coords[name].item()]) for name in facts}
        )
    labels = ECGLabels.of(record)
    if labels.source.sizes["record"] != 1:
        raise ValueError(
            f"record must be one record, but holds {labels.source.sizes['record']}; "
            "write X[:1], and the others likewise."
        )
    if labels.fs is None or labels.lead_names is None or labels.standardized:
        raise ValueError(
            "record must have the coordinates 'time' in s and 'lead', and be in mV or "
            "uV; write records before they are scaled."
        )
    sex, age = read_sex(None, 1, labels=labels), read_age(None, 1, labels=labels)
    signal = labels.source.values[0].astype(np.float64) * labels.millivolts_per_unit
    if np.isinf(signal).any():
        raise ValueError("record must be finite; write NaN for gaps.")
    if np.nanmax(np.abs(signal), initial=0) > _MOST_MILLIVOLTS:
        raise ValueError(
            f"record must be in mV and below {_MOST_MILLIVOLTS:g} mV, but has "
            f"{np.nanmax(np.abs(signal)):.3g} mV; look at its unit."
        )
    return Record(
        signal,
        labels.fs,
        labels.lead_names,
        sex=np.nan if sex is None else float(sex[0]),
        age=np.nan if age is None else float(age[0]),
    )


def _write_wfdb(record: Record, path: Path) -> None:
    """Write header and signal file of format 16."""
    name = path.with_suffix("").name if path.suffix == ".hea" else path.name
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"a WFDB record is named by letters, digits, '_' and '-', but path ends in "
            f"{path.name!r}; rename it."
        )
    counts, step = to_counts(record.signal, _LARGEST)
    # Format 16 keeps its lowest count for a missing sample.
    values = np.where(np.isnan(record.signal), _MISSING, counts).astype("<i2")
    # uint16 wraps round as the checksum does.
    sums = values.view("<u2").sum(axis=0, dtype=np.uint16).view(np.int16)
    rows = zip(_one_line_each(record.leads), values[0], sums, strict=True)
    stored = f"{name}.dat 16 {_short(1000 / step)}(0)/mV 16 0"
    lines = [f"{name} {values.shape[1]} {_short(record.fs)} {len(values)}"]
    lines += [f"{stored} {first} {checksum} 0 {lead}" for lead, first, checksum in rows]
    lines += _of_patient(record)
    write_whole(path.with_name(f"{name}.dat"), values.tobytes())
    write_whole(path.with_name(f"{name}.hea"), "\n".join(lines) + "\n")


def _write_csv(record: Record, path: Path) -> None:
    """Write a row a sample and a column a lead, with every digit."""
    lines = [f"# fs: {_short(record.fs)} Hz", *_of_patient(record)]
    lines.append(",".join(f"{lead} (mV)" for lead in _one_line_each(record.leads)))
    lines += [",".join(map(repr, row)) for row in record.signal.tolist()]
    write_whole(path, "\n".join(lines) + "\n")


def _write_npz(record: Record, path: Path) -> None:
    """Write arrays with names."""
    known: dict[str, Any] = {"sex": record.sex, "age": record.age}
    known = {name: value for name, value in known.items() if value == value}
    known |= {"fs": record.fs, "leads": np.array(record.leads), "units": "mV"}
    buffer = io.BytesIO()
    np.savez(buffer, signal=record.signal, **known)
    write_whole(path, buffer.getvalue())


def _of_patient(record: Record) -> list[str]:
    """Return lines of comments with what is known of the patient."""
    lines = [f"# Age: {_short(record.age)}"] if record.age == record.age else []
    if record.sex == record.sex:
        lines.append(f"# Sex: {'Female' if record.sex else 'Male'}")
    return lines


def _short(number: float) -> str:
    """Return a number in the fewest characters that keep it."""
    return repr(int(number)) if number == int(number) else repr(float(number))


def _one_line_each(leads: tuple[str, ...]) -> list[str]:
    """Return names of leads for lines of text; raise if two become one."""
    names = [re.sub(r"[\s,;\"'#]+", " ", lead).strip() or "unnamed" for lead in leads]
    if len(set(names)) < len(names):
        raise ValueError(
            f"leads must differ in more than spaces and punctuation, but got "
            f"{list(leads)!r}; rename them."
        )
    changed = [lead for lead, name in zip(leads, names, strict=True) if lead != name]
    if changed:
        warnings.warn(
            f"leads {changed} are written without commas, quotes and other marks that "
            "end a name in text; rename them, or write NPZ, which keeps all names.",
            UserWarning,
            stacklevel=4,
        )
    return names


_WRITERS = {
    "wfdb": _write_wfdb,
    "edf": lambda record, path: write_whole(path, _edf_encode.encode(*record)),
    "dicom": lambda record, path: write_whole(path, _dicom_encode.encode(*record)),
    "csv": _write_csv,
    "npz": _write_npz,
}
