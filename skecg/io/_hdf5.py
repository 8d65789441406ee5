"""HDF5, and MATLAB 7.3, which is HDF5, by h5py.

Read is the data set ``signal`` (or the only one of numbers) of any group, with ``fs``,
``leads``, ``units``, ``sex`` and ``age`` as data sets or attributes. Links, external
storage and virtual data sets, which could lead to other files, are not followed.
The library in C below h5py can hang or crash at a file that was damaged on purpose:
read HDF5 of unknown origin in a process of its own, with a limit of time.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np

from skecg.io._arrays import bound_bytes, read_arrays
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.utils import import_optional

FORMAT = "hdf5"
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MOST_OBJECTS = 200
_MOST_LEVELS = 5


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like HDF5, with a block of MATLAB before it or not."""
    return head.startswith(_SIGNATURE) or head[512:520] == _SIGNATURE


def read(
    data: bytes,
    *,
    name: str | None = None,
    fs: float | None = None,
    units: str | None = None,
    leads: Sequence[str] | None = None,
) -> ParsedECG:
    """Read data sets; `fs`, `units` and `leads` count where the file lacks them."""
    h5py = import_optional("h5py", "io", "reading HDF5 files")
    arrays: dict[str, np.ndarray] = {}
    try:
        with h5py.File(BytesIO(data), "r") as file:
            _collect(file, arrays, bound_bytes(len(data)), 0, h5py)
    except ECGFileError:
        raise
    except Exception as error:  # h5py raises nearly anything
        raise ECGFileError(
            f"the file is damaged ({type(error).__name__}: {str(error)[:80]}); save it "
            "again.",
            format=FORMAT,
        ) from error
    return read_arrays(arrays, FORMAT, fs=fs, units=units, leads=leads)


def _collect(
    group: Any, arrays: dict[str, np.ndarray], most: int, level: int, h5py: Any
) -> None:
    """Add the arrays of a group, and of those below it."""
    _add_attributes(group, arrays, h5py)
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            continue
        found = group[key]
        if isinstance(found, h5py.Group) and level < _MOST_LEVELS:
            _collect(found, arrays, most, level + 1, h5py)
        elif isinstance(found, h5py.Dataset):
            _add_data_set(key, found, arrays, most, h5py)
            _add_attributes(found, arrays, h5py)
        if len(arrays) > _MOST_OBJECTS:
            raise ECGFileError(
                f"the file holds more than {_MOST_OBJECTS} objects; save the recording "
                "alone.",
                format=FORMAT,
            )


def _add_data_set(
    key: str, found: Any, arrays: dict[str, np.ndarray], most: int, h5py: Any
) -> None:
    """Add a data set whose samples lie in the file itself."""
    if found.external or found.is_virtual:
        raise ECGFileError(
            f"the data set {key[:40]} lies in another file, which is not followed; "
            "save a copy of the recording itself.",
            format=FORMAT,
        )
    taken = sum(values.nbytes for values in arrays.values())
    if found.shape is None or found.nbytes > most - taken:
        raise ECGFileError(
            f"the data set {key[:40]} has the shape {str(found.shape)[:60]}, which the "
            "file can't hold; save the recording alone.",
            format=FORMAT,
        )
    values = _plain(found[()], h5py.check_string_dtype(found.dtype))
    if values is not None:
        arrays[found.name] = values


def _add_attributes(found: Any, arrays: dict[str, np.ndarray], h5py: Any) -> None:
    """Add attributes by the path of their holder, which of a group ends in a slash."""
    holder = found.name if hasattr(found, "shape") else f"{found.name.rstrip('/')}/"
    for key, value in found.attrs.items():
        values = _plain(value, isinstance(value, str | bytes) or _has_text(value))
        if values is not None and values.size <= _MOST_OBJECTS:
            arrays[f"{holder}\n{key}"] = values


def _has_text(value: Any) -> bool:
    """Tell whether an attribute is an array of text."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "O"


def _plain(value: Any, is_text: Any) -> np.ndarray | None:
    """Return numbers or text as an array, None for anything else."""
    values = np.asarray(value)
    if is_text:
        words = [
            word.decode("latin-1") if isinstance(word, bytes) else str(word)
            for word in values.reshape(-1).tolist()
        ]
        return np.array(words)
    return values if values.dtype.kind in "biufUS" else None
