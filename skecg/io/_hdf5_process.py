"""What reads HDF5 in a process of its own: a file on stdin, its arrays to stdout.

It is run as a script and imports nothing of the package, so that it starts quickly.
A refusal is the exit code `REFUSED` and a sentence on stderr.
"""

import io
import os
import sys
from typing import Any

import numpy as np

REFUSED = 3
_MOST_OBJECTS = 200
_MOST_LEVELS = 5
_LEAST_MEMORY = 200_000_000  # what h5py itself may still take


class _RefusedError(Exception):
    """The file is refused, with a sentence for the user."""


def main(most: int, seconds: int) -> int:
    """Read the file on stdin into at most `most` bytes, in `seconds` of processor."""
    import h5py

    data = sys.stdin.buffer.read()
    _limit(most, seconds)
    arrays: dict[str, np.ndarray] = {}
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            _collect(file, arrays, most, 0, h5py)
    except Exception as error:  # h5py raises nearly anything
        problem = str(error)
        if not isinstance(error, _RefusedError):
            name = type(error).__name__
            problem = f"the file is damaged ({name}: {problem[:80]}); save it again."
        sys.stderr.buffer.write(problem.encode("utf-8", "replace"))
        return REFUSED
    packed = io.BytesIO()
    # Names of the file may be any text, those in an archive may not.
    names = np.array(list(arrays), dtype="U")
    np.savez(packed, names, *arrays.values())
    sys.stdout.buffer.write(packed.getvalue())
    sys.stdout.flush()
    return 0


def _limit(most: int, seconds: int) -> None:
    """Bound the processor time and memory of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows; the time on the clock is bounded by the parent
        return
    # The limit counts from the start of the process, which has loaded h5py by now.
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    seconds = int(used + seconds + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm") as file:
            size = int(file.read().split()[0]) * resource.getpagesize()
        size += 2 * most + _LEAST_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _collect(
    group: Any, arrays: dict[str, np.ndarray], most: int, level: int, h5py: Any
) -> None:
    """Add the arrays of a group, and of those below it."""
    _add_attributes(group, arrays)
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            continue
        found = group[key]
        if isinstance(found, h5py.Group) and level < _MOST_LEVELS:
            _collect(found, arrays, most, level + 1, h5py)
        elif isinstance(found, h5py.Dataset):
            _add_data_set(key, found, arrays, most, h5py)
            _add_attributes(found, arrays)
        if len(arrays) > _MOST_OBJECTS:
            raise _RefusedError(
                f"the file holds more than {_MOST_OBJECTS} objects; save the recording "
                "alone."
            )


def _add_data_set(
    key: str, found: Any, arrays: dict[str, np.ndarray], most: int, h5py: Any
) -> None:
    """Add a data set whose samples lie in the file itself."""
    if found.external or found.is_virtual:
        raise _RefusedError(
            f"the data set {key[:40]} lies in another file, which is not followed; "
            "save a copy of the recording itself."
        )
    taken = sum(values.nbytes for values in arrays.values())
    if found.shape is None or found.nbytes > most - taken:
        raise _RefusedError(
            f"the data set {key[:40]} has the shape {str(found.shape)[:60]}, which the "
            "file can't hold; save the recording alone."
        )
    values = _plain(found[()], h5py.check_string_dtype(found.dtype))
    if values is not None:
        arrays[found.name] = values


def _add_attributes(found: Any, arrays: dict[str, np.ndarray]) -> None:
    """Add attributes by the path of their holder, which of a group ends in a slash."""
    holder = found.name if hasattr(found, "shape") else f"{found.name.rstrip('/')}/"
    for key, value in found.attrs.items():
        is_text = isinstance(value, str | bytes | np.ndarray)
        values = _plain(value, is_text and np.asarray(value).dtype.kind in "OUS")
        if values is not None and values.size <= _MOST_OBJECTS:
            arrays[f"{holder}\n{key}"] = values


def _plain(value: Any, is_text: Any) -> np.ndarray | None:
    """Return numbers or text as an array, None for anything else."""
    values = np.asarray(value)
    if is_text:
        words = [
            word.decode("latin-1") if isinstance(word, bytes) else str(word)
            for word in values.reshape(-1).tolist()
        ]
        return np.array(words, dtype="U")
    return values if values.dtype.kind in "biufUS" else None


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
