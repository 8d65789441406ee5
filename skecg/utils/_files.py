"""Files that are there whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_whole(path: str | os.PathLike, content: str | bytes) -> None:
    """Write text as UTF-8, or bytes, to a file that is complete or does not appear."""
    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
