"""XLI, the compression of waveforms in Philips Sierra XML.

Each lead is a chunk: 4 bytes of size, 2 unused, 2 with a start value, then LZW codes of
10 bits, which unpack to the high bytes of all differences and then their low bytes.
"""

import numpy as np

from skecg.io._errors import ECGFileError

_BITS = 10
_HEADER = 8
_OFFSET = 64  # is subtracted from every stored difference


def decode_xli(data: bytes, n_leads: int, n_times: int) -> np.ndarray:
    """Return the samples in counts, of shape (n_times, n_leads) as the file says."""
    counts = np.empty((n_times, n_leads), np.int64)
    offset = 0
    for lead in range(n_leads):
        # Size of the codes (4 bytes), 2 bytes of no use here, first difference (2).
        size = int.from_bytes(data[offset : offset + 4], "little")
        start = int.from_bytes(data[offset + 6 : offset + 8], "little", signed=True)
        body = data[offset + _HEADER : offset + _HEADER + size]
        if len(body) < max(size, 1):
            raise ECGFileError(
                f"the waveforms end in lead {lead + 1} of {n_leads}; the file is cut "
                "off, export it again.",
                field="parsedwaveforms",
                offset=offset,
            )
        packed = _unpack_lzw(body, 2 * n_times + 1)
        if packed is None or not 2 * n_times - 1 <= len(packed) <= 2 * n_times:
            raise ECGFileError(
                f"lead {lead + 1} of {n_leads} does not unpack to the {n_times} "
                "samples that the file says; it is damaged, export it again.",
                field="parsedwaveforms",
                offset=offset,
            )
        counts[:, lead] = _integrate(packed.ljust(2 * n_times, b"\0"), start)
        offset += _HEADER + size
    return counts


def _unpack_lzw(body: bytes, most: int) -> bytes | None:
    """Return what codes of 10 bits stand for; None if a code has no meaning."""
    n_codes = len(body) * 8 // _BITS
    bits = np.unpackbits(np.frombuffer(body, np.uint8))[: n_codes * _BITS]
    powers = 1 << np.arange(_BITS - 1, -1, -1)
    codes = (bits.reshape(n_codes, _BITS) @ powers).tolist()
    # LZW: a table of the pieces so far grows by one with each code, here to 1,023.
    table = [bytes([value]) for value in range(256)]
    most_codes = (1 << _BITS) - 1
    pieces, length, previous = [], 0, b""
    for code in codes:
        if code == most_codes:  # the end
            break
        if code < len(table):
            piece = table[code]
        elif code == len(table) and previous:
            piece = previous + previous[:1]
        else:
            return None
        if previous and len(table) < most_codes:
            table.append(previous + piece[:1])
        pieces.append(piece)
        length += len(piece)
        if length > most:
            return None
        previous = piece
    return b"".join(pieces)


def _integrate(packed: bytes, start: int) -> np.ndarray:
    """Return the samples of second differences.

    The first two samples are stored as they are, the others by
    ``x[k] = 2 x[k - 1] - x[k - 2] - d[k - 1]``, where ``d[1]`` is `start`.
    """
    stored = np.frombuffer(packed, np.uint8).reshape(2, -1)
    words = (stored[0].astype(np.uint16) << 8 | stored[1]).view(np.int16)
    words = words.astype(np.int64)
    if len(words) < 3:
        return words
    second = np.empty(len(words) - 2, np.int64)
    second[0] = -start
    second[1:] = _OFFSET - words[2:-1]
    first = np.cumsum(np.concatenate([[words[1] - words[0]], second]))
    return np.concatenate([words[:1], words[0] + np.cumsum(first)])
