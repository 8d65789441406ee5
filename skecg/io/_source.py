"""The bytes of a file, and of the files beside it that a header may name."""

import os
import re
import stat
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from skecg.io._errors import ECGFileError

_FORBIDDEN = re.compile(r"[/\\:\0]")
_LONGEST_PATH = 4096
_AT_ONCE = 2**24  # bytes of a file that are read before its format is known
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)  # Windows has neither of them
_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class AbsentFileError(ECGFileError, FileNotFoundError):
    """A file that a header names is absent."""


class Source(NamedTuple):
    """What a caller gave to read: content, and name and folder of a file.

    `start` is the whole content, but that of a large file, which has a `path`: a film
    in a folder of ECGs is not read to see that it is none.
    """

    start: bytes
    name: str | None = None
    folder: "Folder | None" = None
    path: Path | None = None

    def content(self) -> bytes:
        """Return the whole content."""
        return self.start if self.path is None else read_regular(self.path)


class Folder:
    """The folder of a header, which opens files by plain names and nothing else."""

    def __init__(self, path: str | os.PathLike) -> None:
        self.path = os.fspath(path)

    def read(self, name: str) -> bytes:
        """Return the content of a regular file of this folder by its plain name."""
        if not is_plain_name(name):
            raise ECGFileError(
                f"the header names {name[:60]!r}, but may only name files of its own "
                "folder; move the files together and write the plain name.",
                field="file name",
            )
        path = os.path.join(self.path, name)
        try:
            return read_regular(path, _NO_FOLLOW)
        except FileNotFoundError:
            raise AbsentFileError(
                f"{path} is absent; put the files of a record into one folder.",
            ) from None
        except OSError:
            return self._read_link(path)

    def has(self, name: str) -> bool:
        """Tell whether the folder has a file of this plain name."""
        return os.path.isfile(os.path.join(self.path, name))

    def _read_link(self, path: str) -> bytes:
        """Read what a link points to, if that lies in this folder too."""
        target = os.path.realpath(path)
        inside = os.path.dirname(target) == os.path.realpath(self.path)
        try:
            if inside:
                return read_regular(target, _NO_FOLLOW)
        except OSError:
            inside = False
        raise ECGFileError(
            f"{path} is no regular file, or a link to another folder; copy the file "
            "itself to its place.",
            field="file name",
        )


class Bundle(Folder):
    """Files in memory by their names, which a header of them may name."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__("")
        self._files = files

    def read(self, name: str) -> bytes:
        """Return the content of a file; there are no others to be read."""
        if name not in self._files:
            raise AbsentFileError(
                f"the header names {name[:60]!r}, which is absent; give all files of "
                "the record together."
            )
        return self._files[name]

    def has(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        return name in self._files


def is_plain_name(name: str) -> bool:
    """Tell whether a name is that of a file in the same folder.

    Examples
    --------
    >>> is_plain_name("a.dat"), is_plain_name("../a.dat"), is_plain_name("C:a.dat")
    (True, False, False)
    """
    return name not in ("", ".", "..") and not _FORBIDDEN.search(name)


def names_in_header(header: bytes) -> set[str]:
    """Return what may be names of files in a WFDB header: of signals and segments."""
    words = {*os.fsdecode(header).split()}
    return words | {f"{word}.hea" for word in words}


def open_source(source: Any) -> Source:
    """Read what a caller gave: a path, bytes, a binary file object or a dict of files.

    A path may also be that of a WFDB record, without ``.hea``.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        opened = Source(bytes(source))
    elif isinstance(source, Mapping):
        opened = _open_files(source)
    elif isinstance(source, str | os.PathLike):
        opened = _open_path(_user_path(source))
    elif hasattr(source, "read"):
        opened = Source(_read_object(source))
    else:
        raise TypeError(
            "source must be a path, bytes, a binary file object or a dict of files, "
            f"but got {type(source).__name__}."
        )
    if not opened.start:
        remedy = "export the recording again"
        if hasattr(source, "read"):
            remedy = "go back to its start with source.seek(0), or export it again"
        raise ECGFileError(f"the file is empty; {remedy}.")
    return opened


def _open_files(files: Mapping[str, bytes]) -> Source:
    """Return the first of several files, with the others beside it."""
    for name, content in files.items():
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise TypeError(
                "A dict of files must have names as keys and bytes as values, but has "
                f"{type(name).__name__} and {type(content).__name__}."
            )
    if not files:
        raise ECGFileError("there is no file; give the header first, then the others.")
    name = next(iter(files))
    return Source(files[name], name, Bundle(files))


def _user_path(source: str | os.PathLike) -> Path:
    """Return the path that a user wrote; raise for what no file can be called."""
    text = os.fsdecode(source)
    home = text.partition("/")[0]
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise FileNotFoundError(
            f"{home} is the home of no user; give the whole path."
        ) from None
    if not text or "\0" in text or len(text) > _LONGEST_PATH:
        raise ECGFileError(
            f"source must be the path of one file, but got {text[:40]!r}; give the "
            "content of a file as bytes."
        )
    return path


def _open_path(path: Path) -> Source:
    """Read a file, or the header of a record that is named without its suffix."""
    try:
        header = path.parent / f"{path.name}.hea"
        if not path.is_file() and header.is_file():
            path = header
        start = read_regular(path, most=_AT_ONCE)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{plain(path)} is absent; give the path of an ECG file, absolute or from "
            f"the working folder {os.getcwd()}."
        ) from None
    except (IsADirectoryError, _NotRegularError):
        what = "is no regular file"
        remedy = "copy its content to a file"
        if path.is_dir():
            what = "is a folder"
            remedy = f"give the path of one file, or call {reading_of_folder(path)}"
        raise ECGFileError(f"{plain(path)} {what}; {remedy}.") from None
    except OSError as error:  # a circle of links, a name that is too long
        if isinstance(error, PermissionError):
            raise
        raise FileNotFoundError(
            f"{plain(path)[:200]} can't be opened ({error.strerror}); give the path of "
            "an ECG file."
        ) from None
    is_large = len(start) == _AT_ONCE
    return Source(start, path.name, Folder(path.parent), path if is_large else None)


def reading_of_folder(path: Any) -> str:
    """Return the call that reads the files of a folder, as many as have one suffix."""
    try:
        names = islice(os.listdir(path), 1000)
        suffixes = Counter(os.path.splitext(name)[1] for name in names)
    except (OSError, TypeError, ValueError):
        suffixes = Counter()
    # The other files of a WFDB record are read by its header.
    common = max(suffixes, key=lambda s: (s == ".hea", suffixes[s], s), default=".xml")
    return f"read_ecgs(sorted(Path({plain(path)!r}).glob({'*' + common!r})))"


def plain(path: Any) -> str:
    """Return a path for a sentence, which stays one line."""
    text = str(path)
    return text if text.isprintable() else repr(text)


def _read_object(source: Any) -> bytes:
    """Return what a file object holds from its position on."""
    data = source.read()
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(
            f"source.read() returns {type(data).__name__} instead of bytes; open the "
            'file in binary mode, open(path, "rb").'
        )
    return bytes(data)


class _NotRegularError(OSError):
    """A path leads to a folder, pipe or device."""


def read_regular(
    path: str | os.PathLike, flags: int = 0, most: int | None = None
) -> bytes:
    """Read a regular file, or `most` bytes; a pipe or device does not block."""
    # Opened first and looked at then, so that nobody can put a pipe in between.
    handle = os.open(path, os.O_RDONLY | _FLAGS | flags)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _NotRegularError(f"{path} is no regular file")
        if most is not None and status.st_size >= most:
            return os.read(handle, most)
        data = os.read(handle, status.st_size + 1)
        if len(data) != status.st_size:  # a large file comes in parts
            with open(handle, "rb", buffering=0, closefd=False) as file:
                data += file.read()
    finally:
        os.close(handle)
    return data
