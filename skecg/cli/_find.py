"""From what a user names to the files that are read."""

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_LONGEST_HEADER = 2**20  # bytes


def find_files(names: Sequence[str]) -> Iterator[Path]:
    """Yield the files that paths, folders and patterns name, each once.

    They come in the order of `names`, those of a folder by name. Signal files that a
    WFDB header beside them names are left out, and so are hidden files. A name that is
    neither there nor a pattern is yielded, so that reading it says so.
    """
    # What was named, and not what is below it: memory does not grow with a folder.
    seen: set[str] = set()
    for name in names:
        if not name:  # of a variable that is not set; it would be this folder
            raise ValueError("A name of a file is empty; give . for this folder.")
        for top in _matches(name):
            below = _below(top) if top.is_dir() else iter([top])
            yield from (path for path in below if not _is_seen(path, seen))
            seen.add(os.path.abspath(top))


def _is_seen(path: Path, seen: set[str]) -> bool:
    """Tell whether a file, or a folder above it, was yielded before."""
    if not seen:
        return False
    here = Path(os.path.abspath(path))
    return any(str(place) in seen for place in (here, *here.parents))


def _matches(name: str) -> Iterator[Path]:
    """Yield the files and folders of one name."""
    path = Path(name)
    if path.exists() or not glob.has_magic(name):
        yield path
        return
    for found in sorted(glob.glob(name, recursive=True)):
        if Path(found).is_dir() or not _is_part(Path(found)):
            yield Path(found)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder; links to folders are not followed."""
    for place, folders, files in os.walk(folder):
        # Changed in place, which tells `os.walk` where to go and in which order.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            path = Path(place, file)
            if not file.startswith(".") and not _is_part(path):
                yield path


def _is_part(path: Path) -> bool:
    """Tell whether a WFDB header beside a file names it as its signal."""
    header = path.with_suffix(".hea")
    if path.suffix == ".hea" or not header.is_file():
        return False
    from skecg.io import names_in_header

    with open(header, "rb") as file:
        return path.name in names_in_header(file.read(_LONGEST_HEADER))
