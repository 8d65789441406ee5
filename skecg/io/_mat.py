"""MATLAB files of versions 4 to 7.2, by SciPy.

Read is the matrix ``signal`` (or ``val``, or the only one of numbers), with ``fs``,
``leads``, ``units``, ``sex`` and ``age``. Structures, cells and objects are not read.
"""

import struct
from io import BytesIO

import numpy as np

from skecg.io._arrays import bound_bytes
from skecg.io._errors import ECGFileError

_NUMBERS = {"double", "single", "char", "logical"}
_NUMBERS |= {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
_MOST_NAME = 64


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like a MATLAB file."""
    if head.startswith(b"MATLAB 5.0 MAT-file"):
        return True
    # Version 4 has no signature, but a type of four digits, sizes and a name.
    if len(head) < 21:
        return False
    kind, n_rows, n_columns, imaginary, n_name = struct.unpack_from("<5i", head)
    sizes = 0 <= kind <= 51 and n_rows > 0 and n_columns > 0 and imaginary in (0, 1)
    if not sizes or not 2 <= n_name <= _MOST_NAME or len(head) < 20 + n_name:
        return False
    name = head[20 : 20 + n_name]
    return name[-1:] == b"\0" and name[:-1].decode("latin-1").isidentifier()


def read(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays by name."""
    from scipy.io import loadmat, whosmat

    try:
        listed = whosmat(BytesIO(data))
        names = []
        for variable, shape, kind in listed:
            large = float(np.prod(shape, dtype=float)) * 8 > bound_bytes(len(data))
            if kind in _NUMBERS and large:
                raise ECGFileError(
                    f"{variable[:40]} has the shape {str(shape)[:60]}, which the file "
                    "can't hold; save it again."
                )
            if kind in _NUMBERS:
                names.append(variable)
        loaded = loadmat(BytesIO(data), variable_names=names)
    except ECGFileError:
        raise
    except Exception as error:  # SciPy raises nearly anything
        raise ECGFileError(
            f"the file is damaged ({type(error).__name__}: {str(error)[:80]}); save it "
            "again."
        ) from error
    return {key: np.asarray(loaded[key]) for key in names if key in loaded}
