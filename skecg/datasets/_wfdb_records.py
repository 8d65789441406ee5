"""Read many WFDB records of one length into one array."""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.utils import Bunch

from skecg.datasets._arguments import check_option
from skecg.io.wfdb import (
    Folder,
    ParsedECG,
    RecordHeader,
    Signals,
    check_calibrated,
    header_text,
    order_leads,
    parse_header,
    read_regular,
    stated,
    usual_names,
)
from skecg.io.wfdb import read as read_record
from skecg.signal import canonical_lead_name
from skecg.utils import label_records, progress, read_lead_names, warn_of_skipped

_BATCH = 128  # records for a thread at a time
_MISSING = -32768  # WFDB's mark for a sample that was not recorded
_REMEDY = "mend or drop the record"
_OR_SKIP = "or pass on_error='skip' to leave such records out"


class UnnamedFileError(ValueError):
    """A table names no file for a record."""


class Layout(NamedTuple):
    """What every record of one array must be."""

    fs: float
    n_times: int
    lead_names: tuple[str, ...]


def read_wfdb_records(
    records: Sequence[str | os.PathLike],
    *,
    leads: Sequence[str] | None = None,
    as_xarray: bool = False,
    on_error: str = "raise",
    verify_checksums: bool = False,
    verbose: int = 0,
    n_jobs: int | None = None,
) -> Bunch:
    r"""Read WFDB records of one length and sampling rate into one array in mV.

    For the folder of a study that has no table like PTB-XL's.

    Parameters
    ----------
    records : sequence of str or path-like
        Paths of the records, each without its suffix or with ``.hea``. The header of
        the first one, or with ``on_error="skip"`` the first that can be read, sets
        the sampling rate, the length and, if `leads` is None, the leads.
    leads : sequence of str, optional
        Names of the leads to read, in any case and order. All leads of that header
        by default.
    as_xarray : bool, default=False
        Return ``data`` as a labelled ``xarray.DataArray``.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a record that is absent, damaged or unlike the first one.
        With ``"skip"`` it is left out, listed in ``skipped`` and warned of.
    verify_checksums : bool, default=False
        Compare each lead's first value and 16-bit checksum with the header. Checksums
        of records in other formats than 16 are compared anyway.
    verbose : int, default=0
        With 1, show a progress bar.
    n_jobs : int or None, default=None
        Number of threads: -1 for all cores, -2 for all but one, None for one. More
        than one pays where the disk or network is slow.

    Returns
    -------
    Bunch
        With ``data`` (float32 ndarray, or DataArray, of shape (n_records, n_times,
        n_leads), in mV), ``fs`` (Hz), ``lead_names``, ``sex`` (0 male, 1 female) and
        ``age`` (years) of comments in the headers, NaN where unknown, ``codes``
        (diagnostic codes of each record), ``kept`` (ndarray of the positions in
        `records` of the rows of ``data``) and ``skipped`` (list of (path, reason)).

    Raises
    ------
    FileNotFoundError
        If a file is absent.
    ValueError
        If a record is damaged, unlike the first one, or names a file of another
        folder.

    See Also
    --------
    load_ptbxl : Reads PTB-XL with its labels.
    load_challenge : Reads PhysioNet Challenges with their labels.
    skecg.io.read_ecgs : Reads files of any format, rate and duration.

    Notes
    -----
    The values are those of ``wfdb.rdrecord(..., smooth_frames=False)``, rounded to
    float32; a sample marked as not recorded is NaN, as there. Format 16 with all
    signals in one file, as PTB-XL has it, is read the fastest.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> header = "a 1 100 3\na.dat 16 1000(0)/mV 16 0 1500 1500 0 V5\n"
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.hea").write_text(header)
    ...     _ = Path(folder, "a.dat").write_bytes(np.array([1500, -500, 500], "<i2"))
    ...     records = read_wfdb_records([Path(folder, "a")], verify_checksums=True)
    >>> records.data.ravel().tolist(), records.fs, records.lead_names
    ([1.5, -0.5, 0.5], 100.0, ['V5'])
    """
    if isinstance(records, str | os.PathLike):
        raise TypeError(
            f"records must be a list of paths, but got one, {os.fspath(records)!r}; "
            f"give [{os.fspath(records)!r}]."
        )
    paths = [os.fspath(record).removesuffix(".hea") for record in records]
    if not paths:
        raise ValueError("records is empty; name at least one record.")
    check_option("on_error", on_error, ("raise", "skip"))
    wanted = None if leads is None else read_lead_names(leads, name="leads")
    layout = _first_layout(paths, wanted, on_error)
    data, kept, skipped, comments = read_records(
        paths,
        paths,
        layout,
        on_error=on_error,
        remedy=lambda error: _REMEDY,
        verify_checksums=verify_checksums,
        verbose=verbose,
        n_jobs=n_jobs,
    )
    said = [stated(lines) for lines in comments]
    of_records = {
        "sex": np.array([one.sex for one in said]),
        "age": np.array([one.age for one in said]),
    }
    if as_xarray:
        data = label_records(
            data,
            fs=layout.fs,
            lead_names=layout.lead_names,
            purpose="read_wfdb_records(as_xarray=True)",
            **of_records,
        )
    return Bunch(
        data=data,
        fs=layout.fs,
        lead_names=list(layout.lead_names),
        **of_records,
        codes=[one.codes for one in said],
        kept=kept,
        skipped=skipped,
    )


def _first_layout(
    paths: Sequence[str], leads: tuple[str, ...] | None, on_error: str
) -> Layout:
    """Return the first record's layout; to skip, the first that can be read."""
    reasons = []
    for path in paths:
        try:
            parsed = _parse(path, _read_header(path)[0])
            names = leads or tuple(map(canonical_lead_name, parsed.leads))
            return Layout(parsed.fs, len(parsed.signal), names)
        except (OSError, ValueError) as error:
            if on_error == "raise":
                text = f"{_reason(error)}; {_REMEDY}, {_OR_SKIP}."
                raise _as_kind(error, text) from error
            reasons.append(_reason(error))
    raise ValueError(
        f"No record could be read; the first one failed: {reasons[0]}; check the paths "
        "in records."
    )


def _reason(error: Exception) -> str:
    """Return an error's text without the point at its end."""
    return str(error).removesuffix(".")


def _as_kind(error: Exception, text: str) -> Exception:
    """Return an error of another text, and of the kind that callers catch."""
    absent = isinstance(error, FileNotFoundError)
    return FileNotFoundError(text) if absent else ValueError(text)


def read_records(
    paths: Sequence[str],
    names: Sequence[str],
    layout: Layout,
    *,
    on_error: str,
    remedy: Callable[[Exception], str],
    verify_checksums: bool,
    verbose: int,
    n_jobs: int | None,
) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]], list[tuple[str, ...]]]:
    """Read the records at `paths` into one array; raise for failures, or skip them.

    Returns the data, the positions of the records in it, the names of the others with
    the reasons, and the comments in the headers of those that were read.
    """
    check_option("on_error", on_error, ("raise", "skip"))
    shape = (len(paths), layout.n_times, len(layout.lead_names))
    data = np.empty(shape, dtype=np.float32)

    last = len(paths)

    def read(index: int) -> tuple[str, ...] | Exception:
        nonlocal last
        # Behind a failure nothing is read, but all is handed out: joblib warns of a
        # generator that is left.
        if index > last:
            return ()
        try:
            return _read_record(paths[index], layout, data[index], verify_checksums)
        except (OSError, ValueError) as error:
            if on_error == "raise":
                last = min(last, index)
            return error

    # Threads, as all of them write into one array.
    results = Parallel(
        n_jobs, require="sharedmem", return_as="generator", batch_size=_BATCH
    )(delayed(read)(index) for index in range(len(paths)))
    outcomes = []
    with progress(len(paths), " records", verbose) as update:
        for outcome in results:
            outcomes.append(outcome)
            update(1)
    failed = {k: o for k, o in enumerate(outcomes) if isinstance(o, Exception)}
    if failed:
        index, error = next(iter(failed.items()))
        first = f"{names[index]}: {_reason(error)}; {remedy(error)}"
        if on_error == "raise":
            raise _as_kind(error, f"{first}, {_OR_SKIP}.") from error
        warn_of_skipped(len(failed), len(paths), "record", first)
    kept = np.delete(np.arange(len(paths)), list(failed))
    # Moved up in place, as a copy may not fit into the memory.
    for row, k in enumerate(kept):
        if row != k:
            data[row] = data[k]
    skipped = [(names[k], _reason(error)) for k, error in failed.items()]
    return data[: len(kept)], kept, skipped, [outcomes[k] for k in kept]


def _read_record(
    path: str, layout: Layout, out: np.ndarray, verify: bool
) -> tuple[str, ...]:
    """Read one record into `out`, in mV; return the comments of its header."""
    if not path:
        raise UnnamedFileError("the table names no file")
    content, header = _read_header(path)
    if not _is_plain(header.signals) or len(set(header.files)) > 1:
        parsed = _parse(path, content)
        _check_layout(path, len(parsed.signal), parsed.fs, layout)
        order = order_leads(usual_names(parsed.leads), layout.lead_names)
        out[:] = parsed.signal[:, order]
        return header.comments
    columns, gain, baseline = _calibration(header.signals, layout.lead_names)
    _check_layout(path, header.n_times, header.fs, layout)
    counts = _read_counts(path, header)
    if verify:
        _verify(counts, header, path)
    counts = counts[:, columns]
    # In float64 as wfdb does it, rounded once when it is stored.
    # Divided, as the product with 1 / gain would differ in the last digit.
    centred = counts if baseline is None else counts - baseline
    np.divide(centred, gain, out=out, dtype=np.float64, casting="same_kind")
    if counts.min() == _MISSING:
        out[counts == _MISSING] = np.nan
    return header.comments


def _parse(path: str, content: bytes) -> ParsedECG:
    """Read a record of any format by its header."""
    return read_record(content, folder=Folder(os.path.dirname(path) or "."))


def _check_layout(path: str, n_times: int, fs: float, layout: Layout) -> None:
    """Raise unless a record has the length and the rate of the others."""
    if fs != layout.fs or n_times != layout.n_times:
        raise ValueError(
            f"{path}.hea announces {n_times} samples at {fs:g} Hz, but "
            f"{layout.n_times} samples at {layout.fs:g} Hz were expected"
        )


def _read_header(path: str) -> tuple[bytes, RecordHeader]:
    """Read and parse the header of the record at `path` (no suffix)."""
    try:
        content = read_regular(f"{path}.hea")
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}.hea is absent") from None
    try:
        return content, parse_header(header_text(content))
    except ValueError as error:
        raise ValueError(f"{path}.hea: {error}") from None


# Records of a database share their signals, so that these are looked at once.
@lru_cache(maxsize=256)
def _is_plain(signals: Signals) -> bool:
    """Tell whether signals are stored as most databases store them."""
    return (
        set(signals.formats) == {"16"}
        and set(signals.samples_per_frame) == {1}
        and set(signals.skews) == {0}
        and len(set(signals.offsets)) == 1
        and set(signals.units) == {"mV"}
    )


def _read_counts(path: str, header: RecordHeader) -> np.ndarray:
    """Read the raw 16-bit counts, of shape (n_times, n_leads)."""
    folder = os.path.dirname(path)
    content = Folder(folder or ".").read(header.files[0])
    n_leads = len(header.signals.names)
    offset = header.signals.offsets[0]
    expected = 2 * header.n_times * n_leads + offset
    if len(content) != expected:
        raise ValueError(
            f"{os.path.join(folder, header.files[0])} has {len(content)} bytes, but "
            f"its header announces {expected} ({header.n_times} samples of {n_leads} "
            "leads)"
        )
    # A view of the file's bytes: nothing is copied before the division.
    counts = np.frombuffer(content, "<i2", offset=offset)
    return counts.reshape(header.n_times, n_leads)


def _verify(counts: np.ndarray, header: RecordHeader, path: str) -> None:
    """Compare first values and checksums, which headers keep in 16 bits."""
    # uint16 wraps round as the checksum does.
    sums = counts.view("<u2").sum(axis=0, dtype=np.uint16).tolist()
    for k, name in enumerate(map(canonical_lead_name, header.signals.names)):
        first, checksum = header.first_values[k], header.checksums[k]
        if checksum is not None and (checksum - sums[k]) % 65536:
            raise ValueError(f"the checksum of lead {name} differs from {path}.hea")
        if first is not None and first != counts[0, k]:
            raise ValueError(f"the first value of lead {name} differs from {path}.hea")


@lru_cache(maxsize=256)
def _calibration(
    signals: Signals, wanted: tuple[str, ...]
) -> tuple[slice | list[int], float | np.ndarray, np.ndarray | None]:
    """Return the columns of the wanted leads, their gains and their baselines."""
    names = tuple(map(canonical_lead_name, signals.names))
    if len(set(names)) < len(names):
        raise ValueError(f"a lead appears twice among {', '.join(names)}")
    absent = [name for name in wanted if name not in names]
    if absent:
        raise ValueError(
            f"lead {', '.join(absent)} is not among the record's leads "
            f"({', '.join(names)})"
        )
    columns = [names.index(name) for name in wanted]
    for k in columns:
        check_calibrated(signals, k)
    gains = np.array(signals.gains)[columns]
    baselines = np.array(signals.baselines)[columns]
    return (
        slice(None) if wanted == names else columns,
        gains[0] if (gains == gains[0]).all() else gains,
        baselines if baselines.any() else None,
    )
