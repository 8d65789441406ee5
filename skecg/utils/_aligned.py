"""Arrays that other libraries read in place."""

from math import prod

import numpy as np
from numpy.typing import DTypeLike

ALIGNMENT = 64
"""Bytes; TensorFlow reads an array in place only if it starts at a multiple."""


def empty_aligned(shape: tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Return a new array that starts at a multiple of 64 bytes; numpy promises 16."""
    dtype = np.dtype(dtype)
    n_bytes = prod(shape) * dtype.itemsize
    spare = np.empty(n_bytes + ALIGNMENT, np.uint8)
    offset = -spare.ctypes.data % ALIGNMENT
    return spare[offset : offset + n_bytes].view(dtype).reshape(shape)
