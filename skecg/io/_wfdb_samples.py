"""Signal files of WFDB records, signal(5) of the WFDB Applications Guide 10.7.

Formats 8, 16, 24, 32, 61, 80, 160, 212, 310 and 311, and with soundfile the FLAC
formats 508, 516 and 524.
"""

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._wfdb_header import RecordHeader
from skecg.utils import import_optional

# What a recording may take besides what its files justify by their size.
MOST_BYTES = 40_000_000

# Type, and what is subtracted.
_ALIGNED = {
    "8": ("<i1", 0),
    "16": ("<i2", 0),
    "32": ("<i4", 0),
    "61": (">i2", 0),
    "80": ("<u1", 128),
    "160": ("<u2", 32768),
}
# Samples and bytes of a block.
_BLOCKS = {"212": (2, 3), "310": (3, 4), "311": (3, 4), "24": (1, 3)}
_FLAC = {"508": 8, "516": 16, "524": 24}
_BITS = {"80": 8, "508": 8, "310": 10, "311": 10, "212": 12, "24": 24, "524": 24}
_BITS |= {"16": 16, "61": 16, "160": 16, "516": 16, "32": 32}


class Lead(NamedTuple):
    """Counts of one signal, those of a frame behind each other."""

    counts: np.ndarray
    missing: int | None


def read_signals(
    header: RecordHeader, read_file: Callable[[str], bytes]
) -> tuple[list[Lead], int]:
    """Read the counts of all signals of a record without segments.

    Returns for each signal its counts and the count that marks a missing sample; and
    the size of the files, which `read_file` returns by their names.
    """
    leads: list[Lead] = []
    n_bytes = 0
    while len(leads) < len(header.files):
        start = len(leads)
        file = header.files[start]
        stop = start
        while stop < len(header.files) and header.files[stop] == file:
            stop += 1
        data = read_file(file)
        n_bytes += len(data)
        leads += _read_file(data, file, header, slice(start, stop))
    _verify(leads, header)
    return [
        lead if not skew else _shift(lead, skew * n)
        for lead, skew, n in zip(
            leads, header.signals.skews, header.signals.samples_per_frame, strict=True
        )
    ], n_bytes


def _read_file(data: bytes, file: str, header: RecordHeader, part: slice) -> list[Lead]:
    """Return the signals that one file holds."""
    formats = set(header.signals.formats[part])
    offsets = set(header.signals.offsets[part])
    format = formats.pop()
    if formats or len(offsets) > 1:
        raise ECGFileError(
            f"{file} has signals of several formats or offsets, but a file has one; "
            "correct the header.",
            field="format",
        )
    known = [*_ALIGNED, *_BLOCKS, *_FLAC]
    if format not in known:
        raise ECGFileError(
            f"{file} is in format {format}, but only {', '.join(known)} are known; "
            "convert the record with xform.",
            field="format",
        )
    per_frame = header.signals.samples_per_frame[part]
    width = sum(per_frame)
    offset = offsets.pop()
    if format in _FLAC:
        flat = _read_flac(data, file, format, offset, header.n_times, per_frame)
    else:
        n_samples = _samples_in(len(data) - offset, format, width, header.n_times, file)
        flat = _decode(data[offset:] if offset else data, format, n_samples)
    frames = flat.reshape(-1, width)
    missing = None if format == "8" else -(2 ** (_BITS[format] - 1))
    stops = np.cumsum(per_frame)
    leads = [
        Lead(frames[:, stop - n : stop].reshape(-1), missing)
        for n, stop in zip(per_frame, stops, strict=True)
    ]
    if format != "8":
        return leads
    # Differences, which add up from the first value, as 32 bits hold it.
    firsts = [((n or 0) + 2**31) % 2**32 - 2**31 for n in header.first_values[part]]
    return [
        Lead(lead.counts.cumsum(dtype=np.int32) + np.int32(first), None)
        for lead, first in zip(leads, firsts, strict=True)
    ]


def _samples_in(size: int, format: str, width: int, n_times: int, file: str) -> int:
    """Return how many samples a file of a size holds; raise if the header disagrees."""
    if format in _BLOCKS:
        n, n_bytes = _BLOCKS[format]
    else:
        n, n_bytes = 1, np.dtype(_ALIGNED[format][0]).itemsize
    if not n_times:
        n_times = max(size, 0) // n_bytes * n // width
    n_samples = n_times * width
    # A last block may be cut short, or filled up.
    whole = -(-n_samples // n) * n_bytes
    shortest = whole if n_samples % n == 0 else n_samples * n_bytes // n
    if not n_times or not shortest <= size <= whole:
        raise ECGFileError(
            f"{file} has {size} bytes of samples, but its header announces {whole} "
            f"({n_times} frames of {width} samples); restore both files.",
            field="number of samples",
        )
    return n_samples


def _decode(data: bytes, format: str, n_samples: int) -> np.ndarray:
    """Return samples as they lie one behind the other."""
    if format in _ALIGNED:
        kind, zero = _ALIGNED[format]
        counts = np.frombuffer(data, kind, n_samples)
        return counts.astype(np.int32) - zero if zero else counts
    n, n_bytes = _BLOCKS[format]
    n_blocks = -(-n_samples // n)
    raw = np.zeros(n_blocks * n_bytes, np.uint8)
    taken = np.frombuffer(data, np.uint8)[: len(raw)]
    raw[: len(taken)] = taken
    # A last block that is cut short is filled up with zeros.
    blocks = raw.reshape(n_blocks, n_bytes)
    if format == "24":
        wide = np.zeros((n_blocks, 4), np.uint8)
        wide[:, 1:] = blocks
        return wide.view("<i4")[:, 0] >> 8
    parts = [blocks[:, k].astype(np.int16) for k in range(n_bytes)]
    samples = np.stack(_UNPACKERS[format](*parts), axis=1)
    bits = _BITS[format]
    samples -= (samples >= 1 << (bits - 1)) * np.int16(1 << bits)
    return samples.reshape(-1)[:n_samples]


# Samples of one block, of its bytes from the first on.
_UNPACKERS: dict[str, Callable[..., list[np.ndarray]]] = {
    # Two of 12 bits in three bytes; the one in the middle has the high bits of both.
    "212": lambda a, b, c: [a | (b & 0x0F) << 8, c | (b & 0xF0) << 4],
    # Three of 10 bits in two words of 16: the upper 5 bits of both are the third.
    "310": lambda a, b, c, d: [
        a >> 1 | (b & 7) << 7,
        c >> 1 | (d & 7) << 7,
        b >> 3 | (d >> 3) << 5,
    ],
    # Three of 10 bits in one word of 32, the first in the lowest bits.
    "311": lambda a, b, c, d: [
        a | (b & 3) << 8,
        b >> 2 | (c & 15) << 6,
        c >> 4 | (d & 63) << 4,
    ],
}


def _read_flac(
    data: bytes,
    file: str,
    format: str,
    offset: int,
    n_times: int,
    per_frame: tuple[int, ...],
) -> np.ndarray:
    """Return the samples of a FLAC file as other formats have them."""
    soundfile = import_optional("soundfile", "io", f"format {format} of WFDB")
    try:
        with soundfile.SoundFile(BytesIO(data)) as sound:
            stored = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}.get(sound.subtype, 99)
            n_samples = n_times * per_frame[0] or max(sound.frames - offset, 0)
            large = n_samples * len(per_frame) * 16 > MOST_BYTES + 16 * len(data)
            agrees = stored <= _FLAC[format] and sound.channels == len(per_frame)
            if not agrees or large or set(per_frame) != {per_frame[0]}:
                raise ECGFileError(
                    f"{file} holds {sound.channels} channels of {stored} bits, which "
                    "its header or size contradicts; restore both files.",
                    field="format",
                )
            sound.seek(offset)
            counts = sound.read(n_samples, dtype="int32", always_2d=True)
    except (RuntimeError, TypeError) as error:
        raise ECGFileError(f"{file} is no FLAC file ({error}); restore it.") from error
    if len(counts) != n_samples or not n_samples:
        raise ECGFileError(
            f"{file} has {len(counts)} samples a signal, but its header announces "
            f"{n_samples}; restore both files.",
            field="number of samples",
        )
    counts >>= 32 - stored  # soundfile fills 32 bits
    return counts.reshape(-1, per_frame[0], len(per_frame)).swapaxes(1, 2).reshape(-1)


def _shift(lead: Lead, n_samples: int) -> Lead:
    """Undo the skew of a signal; what lies behind the end of the file is missing."""
    missing = lead.missing if lead.missing is not None else -(2**31)
    n_kept = max(len(lead.counts) - n_samples, 0)
    shifted = np.full(len(lead.counts), missing, np.int32)
    shifted[:n_kept] = lead.counts[len(lead.counts) - n_kept :]
    return Lead(shifted, missing)


def _verify(leads: list[Lead], header: RecordHeader) -> None:
    """Compare the samples with the checksums, which headers keep in 16 bits."""
    for lead, checksum, name in zip(
        leads, header.checksums, header.signals.names, strict=True
    ):
        # Programs that know no checksum write 0.
        if checksum and (checksum - int(lead.counts.sum(dtype=np.int64))) % 65536:
            raise ECGFileError(
                f"the samples of lead {name[:40]} contradict their checksum in the "
                "header; restore the files, or remove the checksum if the header was "
                "edited by hand.",
                field="checksum",
            )
