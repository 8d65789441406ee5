"""One row for each file, in order, by one process or many, written as it comes."""

import csv
import io
import json
import math
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from skecg.cli._read import Row, name_of

# Files that a worker process takes at once.
_CHUNK = 8


def rows_of(
    files: Iterable[Path],
    make_row: Callable[[Path], Row],
    *,
    n_jobs: int = 1,
    scheduler: str | None = None,
) -> Iterator[Row]:
    """Yield the row of each file, in order, without making a list of the files.

    `make_row` must be picklable where other processes call it: `n_jobs` of this
    machine, -1 for all cores, or the workers of a Dask `scheduler` instead.
    """
    if scheduler is not None:
        yield from _by_dask(files, make_row, scheduler)
    elif n_jobs == 1:
        yield from map(make_row, files)
    else:
        yield from _by_processes(files, make_row, n_jobs)


def _by_processes(
    files: Iterable[Path], make_row: Callable[[Path], Row], n_jobs: int
) -> Iterator[Row]:
    """Yield rows that processes of this machine make."""
    n_processes = n_jobs if n_jobs > 0 else max(1, (os.cpu_count() or 1) + 1 + n_jobs)
    pool = ProcessPoolExecutor(
        n_processes,
        # A copy of this process would share the locks of its threads.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
    )
    try:
        for _, future in _submitted(
            files, partial(pool.submit, _rows, make_row), n_processes
        ):
            yield from future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _by_dask(
    files: Iterable[Path], make_row: Callable[[Path], Row], scheduler: str
) -> Iterator[Row]:
    """Yield rows that the workers of a Dask scheduler make."""
    # It loads scikit-learn, which `skecg --help` needs not wait for.
    from skecg.utils import import_optional

    distributed = import_optional("distributed", "dask", "--dask")
    with distributed.Client(scheduler) as client:
        submit = partial(client.submit, _rows, make_row, pure=False)
        n_workers = max(1, len(client.nthreads()))
        for chunk, future in _submitted(files, submit, n_workers):
            try:
                yield from future.result()
            except distributed.KilledWorker:
                yield from map(_lost, chunk)


def _submitted(
    files: Iterable[Path], submit: Callable[[list[Path]], Any], n_workers: int
) -> Iterator[tuple[list[Path], Any]]:
    """Yield chunks of files with what will have their rows, in order."""
    # So many at a time that no worker waits, and few enough for any folder.
    n_waiting = 4 * n_workers
    waiting: deque[tuple[list[Path], Any]] = deque()
    left = iter(files)
    while chunk := list(islice(left, _CHUNK)):
        waiting.append((chunk, submit(chunk)))
        if len(waiting) >= n_waiting:
            yield waiting.popleft()
    yield from waiting


def _start() -> None:
    """Let a worker leave Ctrl-C to the process that started it, and end with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It loads NumPy, which `skecg --help` does not wait for.
    from skecg.utils import end_with_parent

    end_with_parent()


def _lost(file: Path) -> Row:
    """Return the row of a file whose worker died."""
    reason = "The worker that read it, or a file beside it, died; try it with --jobs 1."
    return {"file": name_of(file), "status": "refused", "reason": reason}


def _rows(make_row: Callable[[Path], Row], files: list[Path]) -> list[Row]:
    """Return the rows of files."""
    return [make_row(file) for file in files]


class Writer:
    """Writes rows as a table for people, as CSV or as JSON lines, each at once.

    JSON lines hold all of a row, the others its `columns`.
    """

    def __init__(
        self, stream: TextIO, kind: str, columns: Sequence[str], *, header: bool = True
    ):
        self._stream, self._kind, self._columns = stream, kind, list(columns)
        self._header = header

    def write(self, row: Row) -> None:
        """Write one row, and hand it to the system."""
        if self._header and self._kind != "jsonl":
            self._line(dict(zip(self._columns, self._columns, strict=True)))
        self._header = False
        self._line(row)
        # What was written stays written if the machine goes down.
        self._stream.flush()

    def _line(self, row: Row) -> None:
        """Write one line."""
        if self._kind == "jsonl":
            text = json.dumps(_finite(row), ensure_ascii=False, allow_nan=False)
        elif self._kind == "csv":
            cells = [_cell(row.get(column)) for column in self._columns]
            csv.writer(self._stream, lineterminator="\n").writerow(cells)
            return
        else:
            columns = self._columns
            if row["status"] == "refused":  # nothing else is known of it
                columns = ["file", "status", "reason"]
            cells = [_cell(row.get(column)) for column in columns]
            text = "  ".join(map(_padded, columns, cells)).rstrip()
        self._stream.write(f"{text}\n")


def _finite(value: Any) -> Any:
    """Return a value with null where it is NaN or infinite, as JSON has neither."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any) -> str:
    """Return a value as printable text in one line; what is unknown is empty."""
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return "; ".join(map(_cell, value))
    # Files may hold control characters, which a terminal would obey.
    return "".join(c if c.isprintable() else " " for c in str(value))


def _padded(column: str, cell: str) -> str:
    """Return a cell of a table for people; the file's name gets most room."""
    return cell.ljust(40 if column == "file" else max(12, len(column)))


def resume(path: Path, kind: str, columns: Sequence[str], settings: str) -> set[str]:
    """Return the files that have a row already, and cut an unfinished last line off.

    Raises ValueError if the file holds something else than such rows, or those of
    other `settings`.
    """
    if not path.exists():
        return set()
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    try:
        rows = _rows_in(whole.decode(), kind, list(columns))
        done, found = ({row[k] for row in rows} for k in ("file", "settings"))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} holds no {kind} rows of an earlier run with the same command; "
            "name another file, or leave --resume."
        ) from error
    if others := sorted(found - {settings}):
        raise ValueError(
            f"{path} has rows made with {others[0]}, but this run has {settings}; "
            "repeat the options of the earlier run, or name another file."
        )
    # A run that was killed may have written half a line.
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return done


def _rows_in(text: str, kind: str, columns: list[str]) -> list[Row]:
    """Return the rows in a text."""
    if kind == "jsonl":
        return [json.loads(line) for line in text.split("\n")[:-1]]
    cells = csv.reader(io.StringIO(text))
    if next(cells, columns) != columns:
        raise ValueError("other columns")
    return [dict(zip(columns, row, strict=True)) for row in cells]


def with_progress(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows with a progress bar on a terminal; none in a pipe, or without tqdm."""
    if not sys.stderr.isatty():
        return rows
    try:
        from tqdm import tqdm
    except ImportError:
        return rows
    # How many files there are is not known before the last one was found.
    return iter(tqdm(rows, unit=" files", leave=False))
