"""Data sets of DICOM, PS3.5: elements, sequences and items, within limits."""

import math
import re
import struct
import warnings
from functools import cached_property
from typing import NamedTuple

from skecg.io._errors import ECGFileError
from skecg.utils import import_optional

# Elements that are read; those behind the last sequence are not looked at.
_TAGS = {
    "TransferSyntaxUID": 0x00020010,
    "SpecificCharacterSet": 0x00080005,
    "SOPClassUID": 0x00080016,
    "StudyDate": 0x00080020,
    "AcquisitionDate": 0x00080022,
    "ContentDate": 0x00080023,
    "AcquisitionDateTime": 0x0008002A,
    "Manufacturer": 0x00080070,
    "CodeValue": 0x00080100,
    "CodingSchemeDesignator": 0x00080102,
    "CodeMeaning": 0x00080104,
    "ManufacturerModelName": 0x00081090,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "PatientBirthDate": 0x00100030,
    "PatientSex": 0x00100040,
    "PatientAge": 0x00101010,
    "MultiplexGroupTimeOffset": 0x00181068,
    "WaveformOriginality": 0x003A0004,
    "NumberOfWaveformChannels": 0x003A0005,
    "NumberOfWaveformSamples": 0x003A0010,
    "SamplingFrequency": 0x003A001A,
    "MultiplexGroupLabel": 0x003A0020,
    "ChannelDefinitionSequence": 0x003A0200,
    "ChannelSourceSequence": 0x003A0208,
    "ChannelSensitivity": 0x003A0210,
    "ChannelSensitivityUnitsSequence": 0x003A0211,
    "ChannelSensitivityCorrectionFactor": 0x003A0212,
    "ChannelBaseline": 0x003A0213,
    "ChannelTimeSkew": 0x003A0214,
    "ChannelSampleSkew": 0x003A0215,
    "FilterLowFrequency": 0x003A0220,
    "FilterHighFrequency": 0x003A0221,
    "NotchFilterFrequency": 0x003A0222,
    "WaveformSequence": 0x54000100,
    "WaveformBitsAllocated": 0x54001004,
    "WaveformSampleInterpretation": 0x54001006,
    "WaveformPaddingValue": 0x5400100A,
    "WaveformData": 0x54001010,
}
_SHORT = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
)
# Value representations with a length of two bytes, and of four behind two empty.
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
REPRESENTATIONS = _SHORT | _LONG
_UNDEFINED = 0xFFFFFFFF  # length of what ends with a delimiter
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_NO_GROUPS = (0, 0xFFFE, 0xFFFF)  # groups of no element of a file
_MOST_ELEMENTS = 200_000  # files with measurements of every beat have some ten thousand
_ELEMENTS_OF_ITEM = 5  # elements that take as much memory as an item
_MOST_LEVELS = 16


class Syntax(NamedTuple):
    """How elements are written: without value representations, little endian."""

    implicit: bool
    little: bool


class _Element(NamedTuple):
    """Where the value of an element lies, or the items that an open sequence has."""

    begin: int
    end: int
    unknown: bool
    items: "list[Item] | None" = None


class Item:
    """A data set, or an item of a sequence in one; elements are named by keyword.

    It lies in `data` from `begin` to `end` at the latest. A delimiter ends an item that
    `is_open`. Of a data set, nothing is read behind the tag `last`; an item has none.
    `parent` holds the sequence of an item. Items of known length are looked into when
    an element is asked for.
    """

    def __init__(
        self,
        data: bytes,
        begin: int,
        end: int,
        syntax: Syntax,
        *,
        is_open: bool = False,
        last: int | None = None,
        parent: "Item | None" = None,
    ):
        self._data, self._syntax = data, syntax
        self._is_open, self._last, self._parent = is_open, last, parent
        # How many elements a file may still have, shared by all its items.
        self._left: list[int] = parent._left if parent else [_MOST_ELEMENTS]
        self._level: int = parent._level + 1 if parent else 0
        self.begin, self.end = begin, end
        if self._level > _MOST_LEVELS:
            raise damaged(f"it nests sequences {_MOST_LEVELS} deep")
        if is_open or last is not None:
            _ = self._elements  # which finds the end

    @property
    def order(self) -> str:
        """Order of bytes in numbers."""
        return "little" if self._syntax.little else "big"

    @cached_property
    def _elements(self) -> dict[int, _Element]:
        """Return the elements by their tag; set the end of an open item."""
        data, at = self._data, self.begin
        found: dict[int, _Element] = {}
        order, implicit = "<" if self._syntax.little else ">", self._syntax.implicit
        # Without representation, the length takes its place.
        head = struct.Struct(order + ("HHI" if implicit else "HH2sH"))
        while at < self.end:
            if self.end - at < 8:
                if self._last is None or any(data[at : self.end]):
                    raise damaged("an element is cut off")
                break
            group, number, *name, length = head.unpack_from(data, at)
            tag = group << 16 | number
            if self._last is not None and self._is_over(tag, at):
                break
            if tag == _ITEM_END and self._is_open:
                self.end = at + 8
                return found
            if group in _NO_GROUPS:
                raise damaged(f"{_shown(tag)} is no element of a file")
            self._spend(1)
            stop = at + 8 + length
            if (implicit or name[0] in _SHORT) and stop <= self.end:
                element = _Element(at + 8, stop, False)  # as most are
            else:
                element = self._element_at(at, tag)
            if self._last is not None and tag > self._last:
                break  # its length was checked
            found[tag] = element
            at = element.end
        if self._is_open:
            raise damaged("an item does not end")
        self.end = min(at, self.end)
        return found

    def _spend(self, n: int) -> None:
        """Count elements of the file."""
        self._left[0] -= n
        if self._left[0] < 0:
            raise damaged(f"it has more than {_MOST_ELEMENTS} elements")

    def _is_over(self, tag: int, at: int) -> bool:
        """Tell whether a data set has no more elements."""
        # Group 2 is written in another way than what follows it; zeros fill up files.
        is_meta = self._last >> 16 == 2  # type: ignore[operator]
        return tag >> 16 != 2 if is_meta else not any(self._data[at : at + 8])

    def _element_at(self, at: int, tag: int) -> _Element:
        """Return the element of which the tag stands at a place."""
        data, order = self._data, "<" if self._syntax.little else ">"
        # PS3.5, 7.1.2: tag, representation, length; the long ones have two empty bytes
        # before a length of four. Implicit syntax has a length of four behind the tag.
        name = b"UN" if self._syntax.implicit else data[at + 4 : at + 6]
        begin = at + 8
        if self._syntax.implicit:
            (length,) = struct.unpack_from(order + "I", data, at + 4)
        elif name in _SHORT:
            (length,) = struct.unpack_from(order + "H", data, at + 6)
        elif name in _LONG:
            if self.end - at < 12:
                raise damaged("an element is cut off")
            (length,) = struct.unpack_from(order + "I", data, at + 8)
            begin = at + 12
        else:
            shown = name.decode("latin-1")
            raise damaged(f"{_shown(tag)} has the unknown representation {shown!r}")
        unknown = name == b"UN" and not self._syntax.implicit
        if length == _UNDEFINED:
            items, end = self._read_items(begin, self.end, unknown, is_open=True)
            return _Element(begin, end, unknown, items)
        if length > self.end - begin:
            raise damaged(f"{_shown(tag)} reaches beyond what holds it")
        return _Element(begin, begin + length, unknown)

    def _read_items(
        self, at: int, end: int, unknown: bool, *, is_open: bool
    ) -> "tuple[list[Item], int]":
        """Return the items of a sequence, and where it ends."""
        # A sequence of unknown representation is implicit little endian.
        syntax = Syntax(True, True) if unknown else self._syntax
        head = struct.Struct("<HHI" if syntax.little else ">HHI").unpack_from
        items: list[Item] = []
        while at < end:
            if end - at < 8:
                raise damaged("an item is cut off")
            group, number, length = head(self._data, at)
            tag = group << 16 | number
            if tag == _SEQUENCE_END:
                return items, at + 8
            if tag != _ITEM:
                raise damaged("another element stands where an item must begin")
            self._spend(_ELEMENTS_OF_ITEM)
            at += 8
            item_open = length == _UNDEFINED
            if not item_open and length > end - at:
                raise damaged("an item reaches beyond its sequence")
            stop = end if item_open else at + length
            item = Item(self._data, at, stop, syntax, is_open=item_open, parent=self)
            items.append(item)
            at = item.end
        if is_open:
            raise damaged("a sequence does not end")
        return items, at

    def raw(self, keyword: str) -> bytes:
        """Return the bytes of an element, none where it is absent."""
        element = self._elements.get(_TAGS[keyword])
        if element is None or element.items is not None:
            return b""
        return self._data[element.begin : element.end]

    def text(self, keyword: str) -> str:
        """Return a text of one line, empty where it is absent."""
        raw = self.raw(keyword)
        if raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii").strip("\0 \r\n")
        charset = import_optional("pydicom.charset", "io", "other text than ASCII")
        with warnings.catch_warnings():
            # pydicom warns of unknown or wrong character sets, but reads what it can.
            warnings.simplefilter("ignore")
            try:
                encodings = charset.convert_encodings(self._character_sets())
                text = charset.decode_bytes(raw, encodings, set(b"^="))
            except (LookupError, ValueError):
                text = raw.decode("latin-1")
        return text.strip("\0 \r\n")

    def _character_sets(self) -> list[str]:
        """Return the character sets of this item or of what holds it."""
        own = self.raw("SpecificCharacterSet").decode("latin-1").strip("\0 ")
        if own or self._parent is None:
            return [part.strip() for part in own.split("\\")]
        return self._parent._character_sets()

    def integer(self, keyword: str) -> int:
        """Return an unsigned number of 16 or 32 bits; raise where it is absent."""
        raw = self.raw(keyword)
        if len(raw) not in (2, 4):
            raise _wrong(keyword, f"a number of 2 or 4 bytes, but has {len(raw)}")
        return int.from_bytes(raw, self.order)  # type: ignore[arg-type]

    def number(self, keyword: str, default: float | None = None) -> float:
        """Return a finite number that is written as text; raise where it is absent."""
        text = self.text(keyword)
        if not text and default is not None:
            return default
        try:
            value = float(text) if "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise _wrong(keyword, f"a finite number, but is {text[:20]!r}")
        return value

    def items(self, keyword: str) -> "list[Item]":
        """Return the items of a sequence, none where it is absent."""
        element = self._elements.get(_TAGS[keyword])
        if element is None:
            return []
        if element.items is not None:
            return element.items
        begin, end, unknown, _ = element
        items, stop = self._read_items(begin, end, unknown, is_open=False)
        if stop != end:
            raise damaged("a sequence does not end where its items do")
        return items


def _shown(tag: int) -> str:
    """Return a tag as the standard writes it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _wrong(keyword: str, problem: str) -> ECGFileError:
    """Make the error of a value."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", keyword)
    return ECGFileError(f"must be {problem}; export the file again.", field=name)


def damaged(problem: str) -> ECGFileError:
    """Make the error of a file that is not built as DICOM demands."""
    return ECGFileError(f"the file is damaged: {problem}. Copy or export it again.")
