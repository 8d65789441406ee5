"""Sections of an SCP-ECG file, their checksums, and reading within their bounds."""

import binascii
import struct
from dataclasses import dataclass

from skecg.io._errors import ECGFileError

# A section begins with 16 bytes (EN 1064): CRC of all behind it, number, length,
# versions, 6 reserved. Section 0 has a pointer of 10 bytes for each section: number,
# length, and place in the file, counted from 1.
HEADER, _POINTER = 16, 10
_START = 6  # where section 0 begins: after the checksum and the size of the record
_SAMPLE_SECTIONS = (2, 3, 4, 5, 6)  # sections that samples are made of
_VERSION_3 = 30  # the byte counts tenths


@dataclass(frozen=True)
class Section:
    """One section, by its number in the standard.

    `body` are its bytes after the header, `offset` where they begin in the file, and
    `intact` tells whether its checksum is right.
    """

    number: int
    body: bytes
    offset: int
    intact: bool

    def take(self, layout: str, at: int, field: str) -> tuple:
        """Return numbers of a `struct` layout; raise where the section ends before."""
        if at + struct.calcsize(layout) > len(self.body):
            raise self.wrong(f"{field} lies beyond its end; the file is cut off.", at)
        return struct.unpack_from(layout, self.body, at)

    def wrong(self, problem: str, at: int = 0) -> ECGFileError:
        """Return the error of what stands at a byte of the body."""
        field, offset = f"section {self.number}", self.offset + at
        return ECGFileError(problem, field=field, offset=offset)


def looks_like_scp(head: bytes) -> bool:
    """Tell whether the first pointer describes section 0 itself, as in SCP-ECG."""
    if len(head) < _START + HEADER + _POINTER:
        return False
    (length,) = struct.unpack_from("<I", head, 10)
    number, listed, index = struct.unpack_from("<HII", head, 22)
    # Healforce counts bytes from 0; the standard counts them from 1.
    return number == 0 and listed == length >= HEADER and index in (_START, _START + 1)


def read_sections(data: bytes) -> tuple[dict[int, Section], list[str]]:
    """Return the sections that hold something, and notes on their checksums."""
    _check_start(data)
    (length,) = struct.unpack_from("<I", data, 10)
    sections: dict[int, Section] = {}
    for at in range(_START + HEADER, _START + length - _POINTER + 1, _POINTER):
        number, n_bytes, index = struct.unpack_from("<HII", data, at)
        if number == 0 or n_bytes <= HEADER:
            continue
        begin = index - 1
        if begin < _START + length or begin + n_bytes > len(data):
            raise _wrong(
                f"section {number} lies at bytes {begin} to {begin + n_bytes}, but the "
                f"file has {len(data)}; the file is cut off or damaged.",
                at,
            )
        if number in sections:
            raise _wrong(f"section {number} appears twice; export one recording.", at)
        sections[number] = _section(number, data[begin : begin + n_bytes], begin)
    return sections, _judge_checksums(data, sections)


def _wrong(problem: str, at: int, field: str = "section 0") -> ECGFileError:
    """Return the error of what stands at a byte of the file."""
    return ECGFileError(problem, field=field, offset=at)


def _check_start(data: bytes) -> None:
    """Raise unless a file begins as SCP-ECG of a version that is read, and is whole."""
    if not looks_like_scp(data[:32]):
        raise ECGFileError(
            "the file does not begin as SCP-ECG does; leave `format` to be found, or "
            "export the recording again."
        )
    (size,), (length,) = (struct.unpack_from("<I", data, at) for at in (2, 10))
    if struct.unpack_from("<I", data, 28)[0] == _START:
        raise _wrong(
            "the file only looks like SCP-ECG: it counts bytes from 0, as recorders of "
            "Healforce do in a format of their own. Export it as standard SCP-ECG, "
            "DICOM or XML.",
            28,
        )
    needed = max(size, _START + length)
    if needed > len(data):
        raise _wrong(
            f"the file says it has {needed} bytes, but has {len(data)}; copy it again.",
            2,
            "record length",
        )
    if data[15] >= _VERSION_3:
        raise _wrong(
            f"the file is of version {data[15] / 10:g}, but versions 1 and 2 are read; "
            "export it as version 2.",
            15,
            "protocol version",
        )


def _section(number: int, whole: bytes, begin: int) -> Section:
    """Make a section of its bytes, after checking that they begin with its number."""
    # The CRC of CCITT, begun with 0xFFFF, of all bytes but its own two.
    checksum, listed, length = struct.unpack_from("<HHI", whole)
    if listed != number or length != len(whole):
        raise _wrong(
            f"section {number} is said to begin here with {len(whole)} bytes, but the "
            f"header is of section {listed} with {length}; the file is damaged.",
            begin,
            f"section {number}",
        )
    intact = checksum == binascii.crc_hqx(whole[2:], 0xFFFF)
    return Section(number, whole[HEADER:], begin + HEADER, intact)


def _judge_checksums(data: bytes, sections: dict[int, Section]) -> list[str]:
    """Return notes on wrong checksums; raise where they prove damage to samples."""
    if not sections:
        return []
    # Some recorders never write right checksums. One right checksum shows that this
    # recorder does, and then a wrong one means that bytes changed afterwards.
    if not any(section.intact for section in sections.values()):
        return ["no section has a right checksum, so that damage would not be noticed"]
    wrong = sorted(
        section.number for section in sections.values() if not section.intact
    )
    of_samples = [number for number in wrong if number in _SAMPLE_SECTIONS]
    if of_samples:
        raise sections[of_samples[0]].wrong(
            "the checksum is wrong, so that bytes have changed since; copy or export "
            "the file again.",
            -HEADER,
        )
    notes = [f"the checksum of section {number} is wrong" for number in wrong]
    size = struct.unpack_from("<I", data, 2)[0]
    if struct.unpack_from("<H", data)[0] != binascii.crc_hqx(data[2:size], 0xFFFF):
        notes.append("the checksum of the whole record is wrong")
    return notes
