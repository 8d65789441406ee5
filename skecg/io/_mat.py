"""MATLAB files of versions 4 to 7.2, by SciPy.

Read is the matrix ``signal`` (or ``val``, or the only one of numbers), with ``fs``,
``leads`` (rows of text, or cells), ``units``, ``sex`` and ``age``. Structures, other
cells and objects are not read.
"""

import struct
import zlib
from io import BytesIO

import numpy as np

from skecg.io._arrays import bound_bytes
from skecg.io._errors import ECGFileError

_NUMBERS = {"double", "single", "char", "logical"}
_NUMBERS |= {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
_MOST_NAME = 64
# MAT-File Format of MathWorks: the place behind the header, a type, and classes.
_FIRST_VARIABLE, _COMPRESSED, _CLASSES_OF_NUMBERS = 128, 15, range(4, 16)


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like a MATLAB file."""
    if head.startswith(b"MATLAB 5.0 MAT-file"):
        return True
    # Version 4 has no signature, but a type of four digits, sizes and a name.
    if len(head) < 21:
        return False
    # The five numbers of a header of version 4, in the order of x86.
    kind, n_rows, n_columns, imaginary, n_name = struct.unpack_from("<5i", head)
    sizes = 0 <= kind <= 51 and n_rows > 0 and n_columns > 0 and imaginary in (0, 1)
    if not sizes or not 2 <= n_name <= _MOST_NAME or len(head) < 20 + n_name:
        return False
    name = head[20 : 20 + n_name]
    return name[-1:] == b"\0" and name[:-1].decode("latin-1").isidentifier()


def read(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays by name, and cell arrays of text."""
    from scipy.io import loadmat, whosmat

    try:
        _check_cells(data)
        listed = whosmat(BytesIO(data))
        for variable, shape, kind in listed:
            large = float(np.prod(shape, dtype=float)) * 8 > bound_bytes(len(data))
            if large and kind in _NUMBERS:
                raise ECGFileError(
                    f"{variable[:40]} has the shape {str(shape)[:60]}, which the file "
                    "can't hold; save it again."
                )
        cells = [name for name, _, kind in listed if kind == "cell"]
        names = [name for name, _, kind in listed if kind in _NUMBERS]
        loaded = loadmat(BytesIO(data), variable_names=names + cells)
    except ECGFileError:
        raise
    except Exception as error:  # SciPy raises nearly anything
        raise ECGFileError(
            f"the file is damaged ({type(error).__name__}: {str(error)[:80]}); save it "
            "again."
        ) from error
    arrays = {key: np.asarray(loaded[key]) for key in names if key in loaded}
    return arrays | {key: _words(loaded[key]) for key in cells if key in loaded}


def _check_cells(data: bytes) -> None:
    """Raise if cells and structures, which SciPy reads to list them, are too large.

    In version 5 a variable may be compressed. It begins with the tag of a matrix, and
    flags of which the lowest byte is the class; those of numbers have a known shape.
    """
    if 0 in data[:4]:  # version 4, which compresses nothing
        return
    left = bound_bytes(len(data))
    order, at = "<" if data[126:128] == b"IM" else ">", _FIRST_VARIABLE
    while at + 8 <= len(data):
        kind, size = struct.unpack_from(f"{order}2I", data, at)
        if kind == _COMPRESSED:
            inflater = zlib.decompressobj()
            head = inflater.decompress(data[at + 8 : at + 8 + size], 24).ljust(24)
            (flags,) = struct.unpack_from(f"{order}I", head, 16)
            if flags & 0xFF not in _CLASSES_OF_NUMBERS:
                left -= len(inflater.decompress(inflater.unconsumed_tail, left + 1))
        if left < 0:
            raise ECGFileError(
                "a cell array or structure unpacks to far more than a recording takes; "
                "save the recording alone."
            )
        at += 8 + size


def _words(cells: np.ndarray) -> np.ndarray:
    """Return the text of cells, none where a cell holds anything else."""
    values = [np.asarray(cell) for cell in np.ravel(cells)]
    if all(value.dtype.kind == "U" and value.size == 1 for value in values):
        return np.array([value.item() for value in values], dtype="U")
    return np.zeros(0, "U")
