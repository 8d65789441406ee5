"""Read many 16-bit WFDB records (.hea and .dat) of one length into one array."""

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import Bunch

from skecg.datasets._arguments import check_option, lead_list
from skecg.datasets._wfdb_header import Leads, RecordHeader, parse_header
from skecg.utils import progress

_CHUNK = 128
_MISSING = -32768  # WFDB's mark for a sample that was not recorded
_REMEDY = "mend or drop the record"
_OR_SKIP = "or pass on_error='skip' to leave such records out"
Failure = tuple[int, Exception]


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
    on_error : {"raise", "skip"}, default="raise"
        What to do with a record that is absent, damaged or unlike the first one.
        With ``"skip"`` it is left out, listed in ``skipped`` and warned of.
    verify_checksums : bool, default=False
        Compare each lead's first value and 16-bit checksum with the header.
    verbose : int, default=0
        With 1, show a progress bar.
    n_jobs : int or None, default=None
        Number of threads: -1 for all cores, -2 for all but one, None for one. More
        than one pays where the disk or network is slow.

    Returns
    -------
    Bunch
        With ``data`` (float32 ndarray of shape (n_records, n_times, n_leads), in mV),
        ``fs`` (Hz), ``lead_names``, ``kept`` (ndarray of the positions in `records`
        of the rows of ``data``) and ``skipped`` (list of (path, reason)).

    Raises
    ------
    FileNotFoundError
        If a file is absent.
    ValueError
        If a record is damaged, unlike the first one, or not in format 16 and mV.

    See Also
    --------
    load_ptbxl : Reads PTB-XL with its labels.

    Notes
    -----
    Only format 16 with all signals in one file is read, as PTB-XL and
    ``wfdb.wrsamp(fmt=["16", ...])`` write it. The values are those of
    ``wfdb.rdrecord(...).p_signal``, rounded to float32; a sample marked as not
    recorded is NaN, as there.

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
    paths = [os.fspath(record).removesuffix(".hea") for record in records]
    if not paths:
        raise ValueError("records is empty; name at least one record.")
    check_option("on_error", on_error, ("raise", "skip"))
    first = _first_header(paths, on_error)
    names = first.leads.names if leads is None else lead_list("leads", leads)
    data, kept, skipped = read_records(
        paths,
        paths,
        Layout(first.fs, first.n_times, names),
        on_error=on_error,
        remedy=lambda error: _REMEDY,
        verify_checksums=verify_checksums,
        verbose=verbose,
        n_jobs=n_jobs,
    )
    return Bunch(
        data=data, fs=first.fs, lead_names=list(names), kept=kept, skipped=skipped
    )


def _first_header(paths: Sequence[str], on_error: str) -> RecordHeader:
    """Return the first record's header; to skip, the first that can be read."""
    reasons = []
    for path in paths:
        try:
            return _read_header(path)
        except (OSError, ValueError) as error:
            if on_error == "raise":
                raise type(error)(f"{error}; {_REMEDY}, {_OR_SKIP}.") from error
            reasons.append(str(error))
    raise ValueError(
        f"No record could be read; the first one failed: {reasons[0]}; check the paths "
        "in records."
    )


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
) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]]]:
    """Read the records at `paths` into one array; raise for failures, or skip them.

    Returns the data, the positions of the records in it, and the names of the others
    with the reasons.
    """
    check_option("on_error", on_error, ("raise", "skip"))
    data = np.empty(
        (len(paths), layout.n_times, len(layout.lead_names)), dtype=np.float32
    )
    read_chunk = partial(
        _read_chunk,
        paths=paths,
        data=data,
        layout=layout,
        verify=verify_checksums,
        stop=on_error == "raise",
    )
    chunks = [
        range(start, min(start + _CHUNK, len(paths)))
        for start in range(0, len(paths), _CHUNK)
    ]
    failures: list[Failure] = []
    with (
        progress(len(paths), " records", verbose) as update,
        ThreadPoolExecutor(effective_n_jobs(n_jobs)) as pool,
    ):
        for chunk, failed in zip(chunks, pool.map(read_chunk, chunks), strict=True):
            if failed and on_error == "raise":
                pool.shutdown(wait=False, cancel_futures=True)
                index, error = failed[0]
                raise type(error)(
                    f"{names[index]}: {error}; {remedy(error)}, {_OR_SKIP}."
                ) from error
            failures += failed
            update(len(chunk))
    skipped = [(names[index], str(error)) for index, error in failures]
    if len(failures) == len(data):
        name, reason = skipped[0]
        raise ValueError(
            f"No record could be read; the first one failed: {name}: {reason}; "
            f"{remedy(failures[0][1])}."
        )
    return *_drop(data, failures, skipped), skipped


def _read_chunk(
    indices: range,
    *,
    paths: Sequence[str],
    data: np.ndarray,
    layout: Layout,
    verify: bool,
    stop: bool,
) -> list[Failure]:
    """Read some records into their rows of `data`; return those that failed."""
    failures: list[Failure] = []
    for index in indices:
        try:
            if not paths[index]:
                raise UnnamedFileError("the table names no file")
            _read_record(paths[index], layout, data[index], verify)
        except (OSError, ValueError) as error:
            failures.append((index, error))
            if stop:
                break
    return failures


def _drop(
    data: np.ndarray, failures: list[Failure], skipped: list[tuple[str, str]]
) -> tuple[np.ndarray, np.ndarray]:
    """Move the good rows up in place, and warn of the others in one sentence."""
    kept = np.delete(np.arange(len(data)), [index for index, _ in failures])
    if not skipped:
        return data, kept
    example = "{}: {}".format(*skipped[0])
    for row, index in enumerate(kept):
        if row != index:
            data[row] = data[index]
    warnings.warn(
        f"{len(skipped)} of {len(data)} records were skipped and are listed in "
        f"'skipped', the first one because: {example}.",
        UserWarning,
        stacklevel=4,
    )
    return data[: len(kept)], kept


def _read_record(path: str, layout: Layout, out: np.ndarray, verify: bool) -> None:
    """Read one record into `out`, in mV."""
    header = _read_header(path)
    columns, gain, baseline = _calibration(header.leads, layout.lead_names)
    if header.fs != layout.fs or header.n_times != layout.n_times:
        raise ValueError(
            f"{path}.hea announces {header.n_times} samples at {header.fs:g} Hz, but "
            f"{layout.n_times} samples at {layout.fs:g} Hz were expected"
        )
    counts = _read_counts(os.path.join(os.path.dirname(path), header.file_name), header)
    if verify:
        _verify(counts, header, path)
    counts = counts[:, columns]
    # In float64 as wfdb does it, rounded once when it is stored.
    centred = counts if baseline is None else counts - baseline
    np.divide(centred, gain, out=out, dtype=np.float64, casting="same_kind")
    if counts.min() == _MISSING:
        out[counts == _MISSING] = np.nan


def _read_header(path: str) -> RecordHeader:
    """Read and parse the header of the record at `path` (no suffix)."""
    content = _read_bytes(f"{path}.hea").decode("latin-1")
    try:
        return parse_header(content)
    except ValueError as error:
        raise ValueError(f"{path}.hea: {error}") from None


def _read_counts(path: str, header: RecordHeader) -> np.ndarray:
    """Read the raw 16-bit counts, of shape (n_times, n_leads)."""
    content = _read_bytes(path)
    n_leads = len(header.leads.names)
    expected = 2 * header.n_times * n_leads
    if len(content) != expected:
        raise ValueError(
            f"{path} has {len(content)} bytes, but its header announces {expected} "
            f"({header.n_times} samples of {n_leads} leads)"
        )
    return np.frombuffer(content, "<i2").reshape(header.n_times, n_leads)


def _read_bytes(path: str) -> bytes:
    """Read a whole file."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is absent") from None


def _verify(counts: np.ndarray, header: RecordHeader, path: str) -> None:
    """Compare first values and checksums, which headers keep in 16 bits."""
    # uint16 wraps round as the checksum does.
    sums = counts.view("<u2").sum(axis=0, dtype=np.uint16).tolist()
    for k, name in enumerate(header.leads.names):
        if (header.checksums[k] - sums[k]) % 65536:
            raise ValueError(f"the checksum of lead {name} differs from {path}.hea")
        if header.first_values[k] != counts[0, k]:
            raise ValueError(f"the first value of lead {name} differs from {path}.hea")


@lru_cache(maxsize=256)
def _calibration(
    leads: Leads, wanted: tuple[str, ...]
) -> tuple[slice | list[int], float | np.ndarray, np.ndarray | None]:
    """Return the columns of the wanted leads, their gains and their baselines."""
    absent = [name for name in wanted if name not in leads.names]
    if absent:
        raise ValueError(
            f"lead {', '.join(absent)} is not among the record's leads "
            f"({', '.join(leads.names)})"
        )
    columns = [leads.names.index(name) for name in wanted]
    gains = np.array(leads.gains)[columns]
    baselines = np.array(leads.baselines)[columns]
    return (
        slice(None) if wanted == leads.names else columns,
        gains[0] if (gains == gains[0]).all() else gains,
        baselines if baselines.any() else None,
    )
