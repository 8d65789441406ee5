"""Read many ECG files of any formats into one array."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._formats import check_format
from skecg.io._leads import wanted_leads
from skecg.io._parsed import ParsedECG
from skecg.io._read import Readable, read_parsed
from skecg.io._record import check_fs, check_units
from skecg.io._source import plain, reading_of_folder
from skecg.utils import (
    import_optional,
    label_records,
    progress,
    same_rate,
    warn_of_skipped,
)

if TYPE_CHECKING:
    from sklearn.utils import Bunch

_CHUNK = 16  # files; as many records at once are on their way from a worker
_REMEDY = "Or pass on_error='skip' to leave such files out."


class Layout(NamedTuple):
    """What every record of one array is, and how it may become so."""

    fs: float
    n_times: int
    leads: tuple[str, ...]
    resample: bool
    crop: bool


# What is told of one file; of one that can't be read, this.
_UNKNOWN = {
    "format": "",
    **dict.fromkeys(("fs", "duration", "sex", "age"), np.nan),
    **{"patient": None, "codes": "", "notes": ""},
}
Facts = dict[str, Any]


def read_ecgs(
    sources: Sequence[Readable],
    *,
    target_fs: float | None = None,
    duration: float | None = None,
    leads: Sequence[str] | None = None,
    format: str | None = None,
    fs: float | None = None,
    units: str | None = None,
    metadata: bool = False,
    on_error: str = "raise",
    n_jobs: int | None = None,
    progress_bar: bool = False,
) -> Bunch:
    r"""Read many ECG files of any formats into one labelled array.

    Parameters
    ----------
    sources : sequence of str, path-like, bytes or binary file object
        The files. The first one, or with ``on_error="skip"`` the first that can be
        read, sets what the arguments leave open.
    target_fs : float, default=None
        Sampling rate in Hz of the result, to which files at other rates are resampled.
        None refuses files at other rates than the first.
    duration : float, default=None
        Duration of the records in s: longer ones are cut at their end, shorter ones
        refused. None refuses files of other durations than the first.
    leads : sequence of str, default=None
        Leads of the result, in any case. None takes the leads of the first file.
    format, fs, units : default=None
        As in :func:`read_ecg`, for all files.
    metadata : bool, default=False
        Return the patients' identifiers too, as the coordinate ``patient``.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a file that is absent, damaged, or unlike what is asked for.
        With ``"skip"`` it is left out, listed in ``skipped`` and warned of.
    n_jobs : int or None, default=None
        Number of processes: -1 for all cores, None for one.
    progress_bar : bool, default=False
        Show a progress bar.

    Returns
    -------
    Bunch
        With

        - ``data``: float32 ``xarray.DataArray`` of shape (n_records, n_times,
          n_leads) in mV, with the coordinates ``time`` (s), ``lead`` and, where some
          file states them, ``sex`` (0 male, 1 female) and ``age`` (years), NaN where
          unknown;
        - ``kept``: ndarray, the positions in `sources` of the records of ``data``;
        - ``skipped``: list of (source, reason);
        - ``table``: DataFrame with a row a source: ``format``, ``fs``, ``duration``
          as in the file, ``sex``, ``age``, ``codes``, ``notes``, and ``reason`` for
          those that were skipped.

    Raises
    ------
    FileNotFoundError
        If a file is absent.
    ECGFileError
        If a file can't be read, is unlike what is asked for, or has gaps.
    ValueError
        If an argument is not allowed, or no file can be read.

    See Also
    --------
    read_ecg : Reads one file.

    Notes
    -----
    The records are written into one array that is made beforehand, so that memory
    beyond it does not grow with the number of files. Samples are rounded to float32
    once, which is finer than any recorder's resolution.

    Examples
    --------
    >>> from skecg import read_ecgs
    >>> fast = b"# fs: 500, units: uV\nI,II\n" + b"100,300\n" * 5000
    >>> slow = b"# fs: 250, units: mV\nI,II\n" + b"0.1,0.3\n" * 3000
    >>> records = read_ecgs([fast, slow], target_fs=500, duration=10, leads=["II"])
    >>> records.data.sizes["record"], records.data.sizes["time"]
    (2, 5000)
    >>> records.table[["format", "fs", "duration"]]
      format     fs  duration
    0    csv  500.0      10.0
    1    csv  250.0      12.0
    """
    sources = _checked(sources, on_error, format, duration)
    target_fs = check_fs(target_fs, "target_fs")
    leads = wanted_leads(leads)
    # The leads of the first file name no columns of another one.
    options: dict[str, Any] = {"format": format, "columns": leads}
    options |= {"fs": check_fs(fs), "units": check_units(units)}
    layout = _layout(sources, options, target_fs, duration, leads, on_error)
    data = np.empty((len(sources), layout.n_times, len(layout.leads)), np.float32)
    told: list[Facts | None] = []
    reasons: list[str] = []
    n_kept = 0
    with progress(len(sources), " files", progress_bar) as update:
        stop = on_error == "raise"
        for records, chunk in _read_chunks(sources, layout, options, n_jobs, stop):
            for facts, error in chunk:
                if error is not None and stop:
                    raise _named(error, sources[len(told)])
                told.append(facts)
                reasons.append(str(error or ""))
            data[n_kept : n_kept + len(records)] = records
            n_kept += len(records)
            update(len(chunk))
    return _bunch(data[:n_kept], sources, told, reasons, layout, metadata)


def _checked(
    sources: Any, on_error: str, format: str | None, duration: float | None
) -> list:
    """Return the sources as a list; raise for arguments that are not allowed."""
    if isinstance(sources, str | bytes) or not hasattr(sources, "__iter__"):
        remedy = "give a single file to read_ecg"
        if isinstance(sources, str | os.PathLike) and os.path.isdir(sources):
            remedy = f"call {reading_of_folder(sources)}"
        raise TypeError(
            f"sources must be a list of files, but got {type(sources).__name__}; "
            f"{remedy}."
        )
    sources = list(sources)
    if not sources:
        raise ValueError("sources is empty; name at least one file.")
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error must be 'raise' or 'skip', but got {on_error!r}.")
    if format is not None:
        check_format(format)
    if duration is not None and not 0 < duration < np.inf:
        raise ValueError(f"duration must be a positive number, but got {duration!r}.")
    # File objects can't be sent to other processes.
    return [s.read() if hasattr(s, "read") else s for s in sources]


def _layout(
    sources: list,
    options: dict[str, Any],
    target_fs: float | None,
    duration: float | None,
    leads: tuple[str, ...] | None,
    on_error: str,
) -> Layout:
    """Return the layout of the first file that can be read."""
    resample, crop = target_fs is not None, duration is not None
    reasons = []
    for source in sources:
        if None not in (target_fs, duration, leads):
            break
        try:
            first = read_parsed(source, leads=leads, **options)
        except (ECGFileError, OSError) as error:
            if on_error == "raise":
                raise _named(error, source) from error
            reasons.append(f"{_name_of(source)}: {error}")
            continue
        target_fs = target_fs or first.fs
        duration = duration or len(first.signal) / first.fs
        leads = leads or first.leads
    if target_fs is None or duration is None or leads is None:
        raise ValueError(f"No file could be read; the first one failed: {reasons[0]}")
    n_times = max(round(duration * target_fs), 1)
    return Layout(target_fs, n_times, leads, resample, crop)


def _read_chunks(
    sources: list,
    layout: Layout,
    options: dict[str, Any],
    n_jobs: int | None,
    stop: bool,
) -> Iterator[tuple[np.ndarray, list]]:
    """Yield the records of some files at a time, in their order.

    With `stop`, the chunk in which a file fails is the last one.
    """
    from joblib import Parallel, delayed, effective_n_jobs

    read = partial(_read_chunk, layout=layout, options=options)
    chunks = [sources[k : k + _CHUNK] for k in range(0, len(sources), _CHUNK)]
    if effective_n_jobs(n_jobs) == 1 or len(chunks) == 1:
        yield from map(read, chunks)
        return
    failed = False
    results = Parallel(n_jobs, return_as="generator", batch_size=1)(
        delayed(read)(chunk) for chunk in chunks if not failed
    )
    for records, told in results:
        if stop and any(error is not None for _, error in told):
            # What workers still read is waited for: joblib warns of results that are
            # left to it.
            failed = True
            list(results)
        yield records, told


def _read_chunk(
    sources: list, layout: Layout, options: dict[str, Any]
) -> tuple[np.ndarray, list[tuple[Facts | None, Exception | None]]]:
    """Return the records of some files, and of each file its facts and error."""
    records: list[np.ndarray] = []
    told: list[tuple[Facts | None, Exception | None]] = []
    for source in sources:
        facts = None
        try:
            parsed = read_parsed(source, leads=layout.leads, **options)
            facts = _facts(parsed)
            records.append(_fit(parsed, layout))
            told.append((facts, None))
        except (ECGFileError, OSError) as error:
            told.append((facts, error))
    shape = (len(records), layout.n_times, len(layout.leads))
    return np.array(records, np.float32).reshape(shape), told


def _facts(parsed: ParsedECG) -> Facts:
    """Return what is told of a recording."""
    return {
        **{name: getattr(parsed, name) for name in _UNKNOWN if name != "duration"},
        "duration": len(parsed.signal) / parsed.fs,
        "codes": " ".join(parsed.codes),
        "notes": "; ".join(parsed.notes),
    }


def _fit(parsed: ParsedECG, layout: Layout) -> np.ndarray:
    """Return the samples of a recording in the layout, as float32."""
    same = same_rate(parsed.fs, layout.fs)
    ratio = 1.0 if same else layout.fs / parsed.fs
    n_times = len(parsed.signal)
    if not layout.resample and not same:
        raise ECGFileError(
            f"the recording is sampled at {parsed.fs:g} Hz, but {layout.fs:g} Hz were "
            "expected; give target_fs= to resample all files to one rate.",
            format=parsed.format,
        )
    n_out = round(n_times * ratio)
    if n_out < layout.n_times or (n_out > layout.n_times and not layout.crop):
        raise ECGFileError(
            f"the recording takes {n_times / parsed.fs:g} s, but "
            f"{layout.n_times / layout.fs:g} s are needed; give duration= in s that "
            "all files have.",
            format=parsed.format,
        )
    signal = parsed.signal[: int(np.ceil(layout.n_times / ratio))]
    gaps = np.flatnonzero(np.isnan(signal).any(axis=0))
    if len(gaps):
        raise ECGFileError(
            f"lead {', '.join(parsed.leads[k] for k in gaps[:12])} has gaps, which "
            "estimators refuse; choose other leads, or fill them after read_ecg.",
            format=parsed.format,
        )
    if not same:
        # It loads SciPy, which reading a file needs not wait for.
        from skecg.signal import resample_signal

        signal = resample_signal(signal[None], parsed.fs, layout.fs, n_jobs=1)[0]
    return signal[: layout.n_times].astype(np.float32)


def _bunch(
    data: np.ndarray,
    sources: list,
    told: list[Any],
    reasons: list[str],
    layout: Layout,
    metadata: bool,
) -> Bunch:
    """Return the result, and warn of the files that were skipped."""
    from sklearn.utils import Bunch

    names = [_name_of(source) for source in sources]
    skipped = [
        (name, reason) for name, reason in zip(names, reasons, strict=True) if reason
    ]
    kept = np.array([k for k, reason in enumerate(reasons) if not reason], np.int64)
    if skipped:
        first = "{}: {}".format(*skipped[0])
        warn_of_skipped(len(skipped), len(sources), "file", first)
    of_record = {}
    for name in ("sex", "age"):
        values = np.array([told[k][name] for k in kept], np.float64)
        if not np.isnan(values).all():
            of_record[name] = values
    if metadata:
        of_record["patient"] = np.array([told[k]["patient"] or "" for k in kept])
    labelled = label_records(
        data, fs=layout.fs, lead_names=layout.leads, purpose="read_ecgs", **of_record
    )
    table = _table(names, told, reasons, metadata)
    return Bunch(data=labelled, kept=kept, skipped=skipped, table=table)


def _table(
    names: list[str], told: list[Any], reasons: list[str], metadata: bool
) -> Any:
    """Return what is told of each file as a DataFrame."""
    pandas = import_optional("pandas", "io", "read_ecgs")
    table = pandas.DataFrame([facts or _UNKNOWN for facts in told], columns=_UNKNOWN)
    table.insert(0, "source", names)
    table["reason"] = reasons
    return table if metadata else table.drop(columns="patient")


def _name_of(source: Readable) -> str:
    """Return how messages call a source."""
    if isinstance(source, bytes | bytearray | memoryview):
        return f"{len(source)} bytes"
    return plain(source)


def _named(error: Exception, source: Readable) -> Exception:
    """Return an error that says which file it is about, and what to do."""
    name, text = _name_of(source), str(error)
    if isinstance(error, ECGFileError):
        return type(error)(
            f"{name}: {error.problem} {_REMEDY}",
            format=error.format,
            field=error.field,
            offset=error.offset,
        )
    # An error of the system names the file itself.
    return type(error)(f"{text if name in text else f'{name}: {text}'} {_REMEDY}")
