"""An array of NumPy, format versions 1.0 and 2.0 of NEP 1.

Read is an array of numbers of one recording, with a row or a column a lead. Python
objects are never unpickled.
"""

from io import BytesIO

import numpy as np

from skecg.io._errors import ECGFileError

_MAGIC = b"\x93NUMPY"
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like an array of NumPy."""
    return head.startswith(_MAGIC)


def read(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays by name."""
    return {"signal": array_of(data)}


def array_of(data: bytes) -> np.ndarray:
    """Return the array that a file holds, without taking more memory than it has."""
    file = BytesIO(data)
    try:
        read_header = _HEADERS[np.lib.format.read_magic(file)]
        shape, fortran, dtype = read_header(file)
    except Exception as error:  # NumPy's parser of headers raises nearly anything
        raise ECGFileError(
            f"the header of the array is damaged ({str(error)[:80]}); save it again."
        ) from error
    if dtype.kind not in "biufUS" or dtype.hasobject:
        raise ECGFileError(
            f"the array has the type {str(dtype)[:60]}, but must hold numbers or text; "
            "Python objects are not unpickled."
        )
    n_bytes = dtype.itemsize
    for length in shape:
        n_bytes *= length
    # NumPy would allocate what the header says before it reads.
    if n_bytes != len(data) - file.tell():
        raise ECGFileError(
            f"the array of shape {str(shape)[:60]} takes {n_bytes} bytes, but the file "
            f"holds {len(data) - file.tell()}; save it again."
        )
    if not n_bytes:
        return np.zeros(0, np.float64)
    flat = np.frombuffer(data, dtype, offset=file.tell())
    return flat.reshape(shape, order="F" if fortran else "C")
