"""Arrays of NumPy with names, as ``np.savez`` and :func:`write_ecg` write them.

Read is the array ``signal`` (or the only one of numbers), with ``fs``, ``leads``,
``units``, ``sex`` and ``age``. Python objects are never unpickled.
"""

import zipfile
from collections.abc import Sequence
from io import BytesIO

from skecg.io._arrays import bound_bytes, read_arrays
from skecg.io._errors import ECGFileError
from skecg.io._npy import array_of
from skecg.io._parsed import ParsedECG

FORMAT = "npz"
_MOST_ARRAYS = 100


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like an archive of arrays."""
    return head.startswith(b"PK\x03\x04") and b".npy" in head[:300]


def read(
    data: bytes,
    *,
    fs: float | None = None,
    units: str | None = None,
    leads: Sequence[str] | None = None,
) -> ParsedECG:
    """Read arrays; `fs`, `units` and `leads` count where the file lacks them."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            large = sum(member.file_size for member in members) > bound_bytes(len(data))
            if large or len(members) > _MOST_ARRAYS:
                raise ECGFileError(
                    "the archive unpacks to far more than a recording takes; save the "
                    "recording alone.",
                    format=FORMAT,
                )
            arrays = {
                member.filename.removesuffix(".npy"): array_of(
                    archive.read(member), FORMAT
                )
                for member in members
                if member.filename.endswith(".npy")
            }
    except ECGFileError:
        raise
    except Exception as error:  # zipfile raises nearly anything
        raise ECGFileError(
            f"the archive is damaged ({str(error)[:80]}); save it again.",
            format=FORMAT,
        ) from error
    return read_arrays(arrays, FORMAT, fs=fs, units=units, leads=leads)
