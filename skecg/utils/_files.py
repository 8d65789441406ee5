"""Files that are there whole or not at all."""

import os
from pathlib import Path
from uuid import uuid4


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
