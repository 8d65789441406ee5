"""One file to one row, whatever is in it."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def row_of(path: Path, answer: Callable[[], Row]) -> Row:
    """Return the row of a file, with the columns that `answer` reads.

    Its ``status`` is ``"ok"``, or ``"refused"`` with a ``reason``.
    """
    row: Row = {"file": name_of(path), "status": "ok"}
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            row |= answer()
    # One file of ten thousand must not stop the others, whatever is wrong with it.
    except Exception as error:
        said = " ".join(str(error).split())
        reason = said or f"Reading it failed ({type(error).__name__})."
        return row | {"status": "refused", "reason": reason}
    found = [" ".join(str(warning.message).split()) for warning in caught]
    return row | {"warnings": [*row.get("warnings", []), *dict.fromkeys(found)]}


def reading_of(args) -> dict[str, Any]:
    """Return what the user says of all files, after checking it once for all."""
    from skecg.io import check_format, check_fs

    if args.format is not None:
        check_format(args.format)
    return {"format": args.format, "fs": check_fs(args.fs), "units": args.units}


def name_of(path: str | Path) -> str:
    """Return a file's name as it stands in a row: printable, and no other file's."""
    name = os.fsencode(path).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
