"""Arrays of NumPy with names, as ``np.savez`` and :func:`write_ecg` write them.

Read is the array ``signal`` (or the only one of numbers), with ``fs``, ``leads``,
``units``, ``sex`` and ``age``. Python objects are never unpickled.
"""

import zipfile
from io import BytesIO

import numpy as np

from skecg.io._arrays import bound_bytes
from skecg.io._errors import ECGFileError
from skecg.io._npy import array_of

_MOST_ARRAYS = 100


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like an archive of arrays."""
    return head.startswith(b"PK\x03\x04") and b".npy" in head[:300]


def read(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays by name."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            # The directory may lie about sizes, but `zipfile` reads no more than it
            # says.
            large = sum(member.file_size for member in members) > bound_bytes(len(data))
            if large or len(members) > _MOST_ARRAYS:
                raise ECGFileError(
                    "the archive unpacks to far more than a recording takes; save the "
                    "recording alone."
                )
            return {
                member.filename.removesuffix(".npy"): array_of(archive.read(member))
                for member in members
                if member.filename.endswith(".npy")
            }
    except ECGFileError:
        raise
    except Exception as error:  # zipfile raises nearly anything
        raise ECGFileError(
            f"the archive is damaged ({str(error)[:80]}); save it again."
        ) from error
