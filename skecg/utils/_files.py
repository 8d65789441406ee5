"""Files that are there whole or not at all, and archives of a bounded size."""

import os
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

_MOST_UNPACKED = 200 * 2**20
"""Bytes of a model's unpacked arrays; no model of this package is near it."""


def check_unpacked(archive: ZipFile) -> None:
    """Raise ValueError if an archive of a model unpacks to too much; read no member."""
    size = sum(info.file_size for info in archive.infolist())
    if size > _MOST_UNPACKED:
        raise ValueError(f"it unpacks to {size / 2**20:.0f} MB")


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
