"""Data sets of DICOM: their elements, found without reading what is not needed."""

import math
import struct
from dataclasses import dataclass, field

from skecg.io._errors import ECGFileError

_CHARSET = 0x00080005
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_MOST_LEVELS = 16
_MOST_ELEMENTS = 200_000
"""Files with measurements of every beat have some ten thousand."""
_SHORT = frozenset(
    b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split()
)
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
"""Value representations whose length takes two bytes, and four."""


@dataclass
class Coding:
    """The bytes of a file, and how its elements are written.

    Attributes
    ----------
    data : bytes
        The file, inflated.
    explicit : bool
        Whether elements name their value representation.
    order : {"little", "big"}
        Order of bytes in numbers.
    n_left : int
        Elements that may still be found.
    """

    data: bytes
    explicit: bool
    order: str
    n_left: int = _MOST_ELEMENTS
    _two: struct.Struct = field(init=False)
    _four: struct.Struct = field(init=False)

    def __post_init__(self):
        sign = "<" if self.order == "little" else ">"
        self._two, self._four = struct.Struct(f"{sign}H"), struct.Struct(f"{sign}I")

    def header(self, at: int, end: int, explicit: bool) -> tuple[int, bytes, int, int]:
        """Return tag, representation, place of the value, and its length."""
        if at + 8 > end:
            raise _damaged("an element is cut off", at)
        self.n_left -= 1
        if self.n_left < 0:
            raise _damaged(f"it has more than {_MOST_ELEMENTS} elements", at)
        data = self.data
        tag = self._two.unpack_from(data, at)[0] << 16
        tag |= self._two.unpack_from(data, at + 2)[0]
        if not explicit or tag >> 16 == 0xFFFE:
            return tag, b"", at + 8, self._four.unpack_from(data, at + 4)[0]
        kind = data[at + 4 : at + 6]
        if kind in _SHORT:
            return tag, kind, at + 8, self._two.unpack_from(data, at + 6)[0]
        if kind not in _LONG or at + 12 > end:
            raise _damaged(f"{_named(tag)} has the unknown representation {kind!r}", at)
        return tag, kind, at + 12, self._four.unpack_from(data, at + 8)[0]


class Item:
    """A data set, or an item of a sequence in one.

    Parameters
    ----------
    coding : Coding
        The file.
    begin, end : int
        Where the item lies.
    explicit : bool
        Whether its elements name their value representation.
    level : int, default=0
        How deep it lies in sequences.
    last_tag : int, default=2**32
        Elements after this one are not looked for.
    encoding : str, default=None
        Encoding of texts; None for what the data set says.

    Attributes
    ----------
    end : int
        Where the item ends, after its delimiter.
    """

    def __init__(
        self,
        coding: Coding,
        begin: int,
        end: int,
        explicit: bool,
        *,
        level: int = 0,
        last_tag: int = 1 << 32,
        encoding: str | None = None,
    ):
        if level > _MOST_LEVELS:
            raise _damaged(
                f"it has sequences in more than {_MOST_LEVELS} levels", begin
            )
        self._coding, self._explicit, self._level = coding, explicit, level
        self._elements: dict[int, tuple[bytes, int, int]] = {}
        self.end = self._scan(begin, end, last_tag)
        self._encoding = encoding or (
            "utf-8" if b"192" in self.raw(_CHARSET) else "latin-1"
        )

    @property
    def order(self) -> str:
        """Order of bytes in numbers."""
        return self._coding.order

    def _scan(self, at: int, end: int, last_tag: int) -> int:
        """Find the elements from a place on; return where they end."""
        coding = self._coding
        while at < end:
            if not any(coding.data[at : at + 8]):
                break  # files may be filled up with zeros
            tag, kind, value, length = coding.header(at, end, self._explicit)
            if tag in (_ITEM_END, _SEQUENCE_END):
                return value
            if tag > last_tag:
                break
            if length == _UNDEFINED:
                stop = self._skip_items(value, end, kind)
            else:
                stop = value + length
            if stop > end:
                raise _damaged(f"{_named(tag)} reaches beyond what holds it", at)
            self._elements[tag] = (kind, value, stop)
            at = stop
        return end

    def _skip_items(self, at: int, end: int, kind: bytes) -> int:
        """Return where a sequence of undefined length ends."""
        for item in self._spans(at, end, kind):
            at = item[1]
        return at

    def _spans(self, at: int, end: int, kind: bytes) -> list[tuple[int, int]]:
        """Return where the items of a sequence begin and end, its delimiter as one."""
        explicit = self._explicit and kind != b"UN"
        spans = []
        while at < end:
            tag, _, value, length = self._coding.header(at, end, explicit)
            if tag == _SEQUENCE_END:
                spans.append((value, value))
                break
            if tag != _ITEM:
                raise _damaged(f"{_named(tag)} stands where an item must begin", at)
            stop = value + length
            if length == _UNDEFINED:
                stop = self._item(value, end, explicit).end
            if stop > end:
                raise _damaged("an item reaches beyond its sequence", at)
            spans.append((value, stop))
            at = stop
        return spans

    def _item(self, begin: int, end: int, explicit: bool) -> "Item":
        return Item(
            self._coding,
            begin,
            end,
            explicit,
            level=self._level + 1,
            encoding=getattr(self, "_encoding", "latin-1"),
        )

    def raw(self, tag: int) -> bytes:
        """Return the bytes of an element, none where it is absent."""
        _, begin, stop = self._elements.get(tag, (b"", 0, 0))
        return self._coding.data[begin:stop]

    def text(self, tag: int) -> str:
        """Return a text of one line, empty where it is absent."""
        text = self.raw(tag).decode(self._encoding, errors="replace")
        return text.strip("\0 \r\n")

    def integer(self, tag: int, name: str) -> int:
        """Return an unsigned number of 16 or 32 bits; raise where it is absent."""
        raw = self.raw(tag)
        if len(raw) not in (2, 4):
            raise ECGFileError(
                f"must be a number of 2 or 4 bytes, but has {len(raw)}; export the "
                "file again.",
                format="dicom",
                field=name,
            )
        return int.from_bytes(raw, self.order)  # type: ignore[arg-type]

    def number(self, tag: int, name: str, default: float | None = None) -> float:
        """Return a finite number that is written as text; raise where it is absent."""
        text = self.text(tag)
        if not text and default is not None:
            return default
        try:
            value = float(text) if "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ECGFileError(
                f"must be a finite number, but is {text[:20]!r}; export the file "
                "again.",
                format="dicom",
                field=name,
            )
        return value

    def items(self, tag: int) -> list["Item"]:
        """Return the items of a sequence, none where it is absent."""
        kind, begin, stop = self._elements.get(tag, (b"", 0, 0))
        explicit = self._explicit and kind != b"UN"
        return [
            self._item(first, last, explicit)
            for first, last in self._spans(begin, stop, kind)
            if first < last
        ]


def _named(tag: int) -> str:
    """Return a tag as the standard writes it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _damaged(problem: str, offset: int) -> ECGFileError:
    """Make the error of a file that is not built as DICOM demands."""
    return ECGFileError(
        f"the file is damaged: {problem}. Copy or export it again.",
        format="dicom",
        offset=offset,
    )
