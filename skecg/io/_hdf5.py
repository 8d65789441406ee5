"""HDF5, and MATLAB 7.3, which is HDF5, by h5py.

Read is the data set ``signal`` (or the only one of numbers) of any group, with ``fs``,
``leads``, ``units``, ``sex`` and ``age`` as data sets or attributes. Links, external
storage and virtual data sets, which could lead to other files, are not followed.

The library in C below h5py can hang or crash at a damaged file, which no Python code of
the same process can end. So each file is read in a process of its own, with limits of
time and, on Linux, memory; its start takes about 0.2 s.
"""

import io
import os
import subprocess
import sys
from multiprocessing.spawn import get_executable

import numpy as np

from skecg.io import _hdf5_process
from skecg.io._arrays import bound_bytes
from skecg.io._errors import ECGFileError
from skecg.utils import import_optional

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SECONDS = 2  # of processor time; HDF5 of one recording takes some milliseconds
_BYTES_PER_SECOND = 20_000_000
_CLOCK = 15  # seconds on the clock for each of processor time, as machines are loaded


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like HDF5, with a block of MATLAB before it or not."""
    return head.startswith(_SIGNATURE) or head[512:520] == _SIGNATURE


def read(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays by name."""
    import_optional("h5py", "io", "reading HDF5 files")
    with np.load(io.BytesIO(_read_apart(data)), allow_pickle=False) as packed:
        names, *arrays = (packed[key] for key in packed.files)
    return dict(zip(names.tolist(), arrays, strict=True))


def _read_apart(data: bytes) -> bytes:
    """Return the arrays of a file, packed as NPZ by another process."""
    seconds = _SECONDS + len(data) // _BYTES_PER_SECOND
    limits = [str(bound_bytes(len(data))), str(seconds)]
    # -P: modules of this folder have names of packages.
    command = [os.fsdecode(get_executable()), "-P", _hdf5_process.__file__, *limits]
    path = os.pathsep.join(filter(None, sys.path))
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            check=False,
            timeout=_CLOCK * seconds,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise _failed(f"h5py takes more than {_CLOCK * seconds} s") from None
    except OSError as error:
        raise _failed(str(error)) from error
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == _hdf5_process.REFUSED:
        raise ECGFileError(said)
    if done.returncode:
        ended = "h5py crashed or took too long"
        raise _failed(ended if done.returncode < 0 else said[-200:])
    return done.stdout


def _failed(reason: str) -> ECGFileError:
    """Return the error of a process that did not end as it should."""
    return ECGFileError(
        f"the process that reads HDF5 failed ({reason}), as damaged files make it do; "
        "save the file again, or convert it to NPZ."
    )
