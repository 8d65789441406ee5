"""What the subcommands share that write one row for each file."""

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from skecg.cli._find import find_files
from skecg.cli._read import Row, name_of, reading_of
from skecg.cli._rows import Writer, resume, rows_of, with_progress


def run_rows(
    args,
    make_row: Callable[[Path], Row],
    columns: Sequence[str],
    model: str = "",
) -> int:
    """Write the rows of all files; return 0, 1 if one was refused, 2 if there is none.

    `make_row` makes the row of a file, which has ``file``, ``status`` and ``reason``.
    Programs also get the ``settings`` that it was made with, `model` among them; rows
    of others are not resumed.
    """
    kind, settings = _kind(args), _settings(args, model)
    if kind != "table":
        columns = [*columns, "settings"]

    def rows(done: set[str], own: Path | None) -> Iterator[Row]:
        files = (
            path
            for path in find_files(args.paths)
            if name_of(path) not in done and path.absolute() != own
        )
        for row in rows_of(files, make_row, n_jobs=args.jobs, scheduler=args.dask):
            yield row | {"settings": settings}

    if args.out is None:
        writer, made = Writer(sys.stdout, kind, columns), rows(set(), None)
        # A table that grows on the terminal is its own progress.
        shown = made if sys.stdout.isatty() else with_progress(made)
        return _write(shown, writer, args.on_error)
    out = Path(args.out)
    with open(out, "a", encoding="utf-8", newline="") as stream:
        _lock(stream)
        done = resume(out, kind, columns, settings) if args.resume else set()
        writer = Writer(stream, kind, columns, header=not out.stat().st_size)
        made = with_progress(rows(done, out.absolute()))
        return _write(made, writer, args.on_error, found=bool(done))


def _lock(stream: TextIO) -> None:
    """Keep other runs from the file of rows until it is closed."""
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(
            f"Another run writes to {stream.name}; wait for its end, or name another "
            "file."
        ) from None
    except (ImportError, OSError):
        return  # Windows and some network file systems have no such locks


def _settings(args, model: str) -> str:
    """Return all that changes a row besides its file, as one line."""
    known = {"skecg": version("skecg"), "model": model, **reading_of(args)}
    return " ".join(f"{name}={value}" for name, value in known.items() if value)


def _kind(args) -> str:
    """Return the form of the rows; raise for arguments that contradict each other."""
    if args.out is None:
        if args.resume:
            raise ValueError(
                "--resume goes on with the file of an earlier run; name it with --out."
            )
        return args.output or "table"
    out = Path(args.out)
    if args.output == "table":
        raise ValueError(
            "--output table is for a terminal, but --out names a file; give csv or "
            "jsonl."
        )
    if not args.resume and out.exists() and out.stat().st_size:
        raise ValueError(f"{out} exists; give --resume to go on, or another file.")
    of_suffix = {".csv": "csv", ".jsonl": "jsonl"}.get(out.suffix.lower())
    if out.suffix and of_suffix is None and args.output is None:
        raise ValueError(
            f"--out {out.name} must end in .csv or .jsonl; to name it otherwise, state "
            "its form with --output."
        )
    if args.output and of_suffix not in (None, args.output):
        raise ValueError(
            f"--out {out.name} is a name of {of_suffix}, but --output is "
            f"{args.output}; leave --output, or name the file otherwise."
        )
    return args.output or of_suffix or "csv"


def _write(
    rows: Iterator[Row], writer: Writer, on_error: str, *, found: bool = False
) -> int:
    """Write rows as they come and return the exit status."""
    refused = False
    for row in rows:
        found = True
        writer.write(row)
        if row["status"] != "ok":
            refused = True
            if on_error == "stop":
                said = f"stopped at {row['file']}: {row['reason']}"
                print(f"skecg: {said}", file=sys.stderr)
                break
    if not found:
        said = "no file was found; name ECG files, folders that hold some, or patterns."
        print(f"skecg: {said}", file=sys.stderr)
        return 2
    return int(refused)
