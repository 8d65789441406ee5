"""Small SCP-ECG files with known samples, written as EN 1064 describes."""

import binascii
import struct

import numpy as np

LEADS = ("I", "II", "V1")
CODES = (1, 2, 3)
SWITCHING = (
    # Codes of (bits of prefix, all bits, mode, value, prefix as it is written).
    [(1, 1, 1, 0, "0"), (2, 2, 0, 2, "10"), (2, 18, 1, 0, "11")],
    [(1, 9, 1, 3, "0"), (1, 1, 0, 1, "1")],
)
"""Two tables: zeros and any number, and numbers of 8 bits that are 3 too small."""
LONG = ([(1, 1, 1, 0, "0"), (20, 36, 1, 0, "1" * 20)],)
"""A table with a prefix longer than 16 bits."""


def counts(n_times=400, n_leads=3, seed=0):
    """Return smooth samples with a few steep ones, which need the long codes."""
    generator = np.random.default_rng(seed)
    steps = generator.normal(scale=3, size=(n_times, n_leads))
    values = np.cumsum(steps, axis=0)
    values[n_times // 2 :: 97] += 300
    return np.rint(values).astype(int)


def differences(values, order):
    """Return the first `order` samples, then differences of that order."""
    return np.concatenate([values[:order], np.diff(values, n=order)])


def _bits_of(value, width):
    return format(int(value) & ((1 << width) - 1), f"0{width}b")


def standard_code(value):
    """Return the bits of a number in the standard's table."""
    if value == 0:
        return "0"
    if abs(value) <= 8:
        return "1" * abs(value) + "0" + ("1" if value < 0 else "0")
    if -128 <= value < 128:
        return "1" * 9 + "0" + _bits_of(value, 8)
    return "1" * 10 + _bits_of(value, 16)


def switching_code(values):
    """Return bits in both tables of `SWITCHING`, by turns where that is possible."""
    bits, second = "", False
    for value in values:
        wanted = value != 0 and -125 <= value - 3 < 125
        if wanted != second:
            bits += "1" if second else "10"
            second = wanted
        if second:
            bits += "0" + _bits_of(value - 3, 8)
        else:
            bits += "0" if value == 0 else "11" + _bits_of(value, 16)
    return bits


def long_code(values):
    """Return bits in the table `LONG`."""
    return "".join("0" if v == 0 else "1" * 20 + _bits_of(v, 16) for v in values)


def pack(bits):
    """Return bits as an even number of bytes."""
    bits = bits.ljust(-(-len(bits) // 16) * 16, "0")
    return bytes(int(bits[k : k + 8], 2) for k in range(0, len(bits), 8))


ENCODERS = {
    "standard": lambda values: pack("".join(map(standard_code, values))),
    "switching": lambda values: pack(switching_code(values)),
    "long": lambda values: pack(long_code(values)),
    "plain": lambda values: np.asarray(values, dtype="<i2").tobytes(),
}


def table_section(tables):
    """Return the body of section 2; 'standard' stands for the standard's own."""
    if tables == "standard":
        return struct.pack("<H", 19999)
    body = struct.pack("<H", len(tables))
    for rows in tables:
        body += struct.pack("<H", len(rows))
        for prefix, total, mode, value, bits in rows:
            body += struct.pack(
                "<BBBhI", prefix, total, mode, value, int(bits[::-1], 2)
            )
    return body


TABLES = {
    "standard": "standard",
    "switching": SWITCHING,
    "long": LONG,
    "plain": None,
}


def stream_section(
    leads, *, code="standard", order=2, scale=2500, interval=2000, bimodal=0
):
    """Return the body of section 5 or 6."""
    parts = [
        ENCODERS[code](differences(np.asarray(lead, dtype=int), order))
        for lead in leads
    ]
    body = struct.pack("<HHBB", scale, interval, order, bimodal)
    body += struct.pack(f"<{len(parts)}H", *(len(part) for part in parts))
    return body + b"".join(parts)


def lead_section(n_times, codes=CODES, *, first=1, flags=4, spans=None):
    """Return the body of section 3."""
    spans = spans or [(first, first + n_times - 1)] * len(codes)
    body = struct.pack("<BB", len(codes), flags | len(codes) << 3 & 0xFF)
    for (begin, end), code in zip(spans, codes, strict=True):
        body += struct.pack("<IIB", begin, end, code)
    return body


def tag(number, value):
    """Return one field of section 1."""
    return struct.pack("<BH", number, len(value)) + value


def patient_section(*, age=None, sex=2, born=None, recorded=(2024, 5, 17)):
    """Return the body of section 1 of a woman with filters of 0.05 and 150 Hz."""
    device = bytes(8) + b"CART1\0" + bytes(22) + b"r\0s\0p\0q\0Maker\0"
    body = tag(0, b"Doe\0") + tag(2, b"ID-7\0")
    body += tag(4, struct.pack("<HB", *age)) if age else b""
    body += tag(5, struct.pack("<HBB", *born)) if born else b""
    body += tag(8, bytes([sex])) + tag(14, device)
    body += tag(25, struct.pack("<HBB", *recorded))
    body += tag(27, struct.pack("<H", 5)) + tag(28, struct.pack("<H", 150))
    return body + tag(29, b"\2") + tag(255, b"")


def scp(bodies, *, version=20):
    """Return a file of sections, with right lengths, pointers and checksums.

    `bodies` maps the numbers of sections to their bytes without headers.
    """
    numbers = sorted({*range(12), *bodies})
    length = 16 + 10 * len(numbers)
    pointers, rest = b"", b""
    for number in numbers:
        body = bodies.get(number)
        if number == 0:
            pointers += struct.pack("<HII", 0, length, 7)
        elif body is None:
            pointers += struct.pack("<HII", number, 0, 0)
        else:
            whole = _with_header(number, body + b"\0" * (len(body) % 2), version)
            index = 7 + length + len(rest)
            pointers += struct.pack("<HII", number, len(whole), index)
            rest += whole
    start = _with_header(0, pointers, version, b"SCPECG")
    record = struct.pack("<I", 6 + length + len(rest)) + start + rest
    return struct.pack("<H", binascii.crc_hqx(record, 0xFFFF)) + record


def _with_header(number, body, version, reserved=bytes(6)):
    """Return a section with its header."""
    whole = struct.pack("<HIBB", number, 16 + len(body), version, version)
    whole += reserved + body
    return struct.pack("<H", binascii.crc_hqx(whole, 0xFFFF)) + whole


def recording(values, *, code="standard", order=2, patient=None, **stream):
    """Return a file of a recording of shape (n_times, n_leads), in counts."""
    bodies = {
        1: patient or patient_section(age=(49, 1)),
        3: lead_section(len(values), CODES[: values.shape[1]]),
        6: stream_section(values.T, code=code, order=order, **stream),
    }
    if TABLES[code] is not None:
        bodies[2] = table_section(TABLES[code])
    return scp(bodies)


ZONES = ((9, 20), (61, 80), (125, 144))
FIDUCIALS = (14, 70, 134)


def compressed(values, reference, *, factor=4, subtracted=(0, 2), **changes):
    """Return a file with bimodal compression, and the samples that it stands for.

    Beats 1 and 3 are stored as what differs from the reference beat, which reaches
    from 5 samples before the fiducial point to 10 after it; its own is sample 6.
    """
    values = values.astype(float)
    for beat in subtracted:
        begin = FIDUCIALS[beat] - 1 - 5
        values[begin : begin + 16] -= reference
    protected = np.zeros(len(values), dtype=bool)
    for first, last in ZONES:
        protected[first - 1 : last] = True
    rows, expected, at = [], np.empty_like(values), 0
    for first, last in (*ZONES, (len(values) + 1, 0)):
        blocks = np.rint(values[at : first - 1].reshape(-1, factor, 3).mean(axis=1))
        means = at + np.arange(len(blocks)) * factor + (factor - 1) / 2
        for lead in range(3):
            # np.interp holds the first and the last value beyond them.
            expected[at : first - 1, lead] = np.interp(
                np.arange(at, first - 1), means, blocks[:, lead]
            )
        rows.append(blocks)
        if last:
            rows.append(values[first - 1 : last])
            expected[first - 1 : last] = values[first - 1 : last]
            at = last
    for beat in subtracted:
        begin = FIDUCIALS[beat] - 1 - 5
        expected[begin : begin + 16] += reference
    bodies = {
        2: table_section("standard"),
        3: lead_section(len(values), flags=5),
        4: beat_section(subtracted),
        5: stream_section(reference.T),
        6: stream_section(np.concatenate(rows).T, interval=2000 * factor, bimodal=1),
    }
    bodies.update({int(name[1:]): body for name, body in changes.items()})
    return scp(bodies), expected


def beat_section(subtracted=(0, 2), *, duration=32, fiducial=6, zones=ZONES):
    """Return the body of section 4."""
    body = struct.pack("<HHH", duration, fiducial, len(zones))
    for beat, middle in enumerate(FIDUCIALS):
        used = beat in subtracted
        span = (middle - 5, middle, middle + 10) if used else (0, middle, 0)
        body += struct.pack("<HIII", not used, *span)
    return body + b"".join(struct.pack("<II", *zone) for zone in zones)
