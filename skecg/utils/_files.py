"""Files that are there whole or not at all, and archives of a bounded size."""

import os
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

_MOST_UNPACKED = 200 * 2**20
"""Bytes of a model's unpacked arrays; no model of this package is near it."""


def check_unpacked(archive: ZipFile) -> None:
    """Raise ValueError for what is no archive of a model's size; read no member."""
    members = archive.infolist()
    size = sum(info.file_size for info in members)
    if size > _MOST_UNPACKED:
        raise ValueError(f"it unpacks to {size / 2**20:.0f} MB")
    # The other ways of packing have exceptions of their own for damaged data.
    if {info.compress_type for info in members} - {ZIP_STORED, ZIP_DEFLATED}:
        raise ValueError("it is packed otherwise than NumPy does")


def write_whole(path: str | os.PathLike, content: str | bytes) -> None:
    """Write text as UTF-8, or bytes, to a file that is complete or does not appear."""
    target = Path(path)
    # Unlike a file of tempfile, this one has the rights of any new file.
    part = target.parent / f"{uuid4().hex}.part"
    try:
        with part.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
