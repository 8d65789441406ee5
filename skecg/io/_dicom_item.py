"""Data sets of DICOM: pydicom takes them apart, within limits for hostile files."""

import math
from collections.abc import Callable
from functools import cache
from io import BytesIO
from types import ModuleType
from typing import Any, Literal

from skecg.io._errors import ECGFileError
from skecg.io._library import library
from skecg.utils import import_optional

UNDEFINED = 0xFFFFFFFF
"""Length of what ends with a delimiter."""
_ITEM: dict[bytes, Literal["little", "big"]] = {
    b"\xfe\xff\0\xe0": "little",
    b"\xff\xfe\xe0\0": "big",
}
_SEQUENCE_END = (b"\xfe\xff\xdd\xe0", b"\xff\xfe\xe0\xdd")
_NO_GROUPS = (0, 0xFFFE, 0xFFFF)
"""Groups of no element of a file; pydicom takes what is misplaced for one."""
_MOST_ELEMENTS = 200_000
"""Files with measurements of every beat have some ten thousand."""
_ELEMENTS_OF_ITEM = 5
"""Elements that take as much memory as what pydicom makes of an item."""


class Stream(BytesIO):
    """The bytes of a data set, which end when too many elements were read.

    Parameters
    ----------
    data : bytes
        The bytes.
    file : Stream, default=None
        The stream of the file, where the data set is a sequence in it.
    """

    def __init__(self, data: bytes, file: "Stream | None" = None):
        super().__init__(data)
        self._read = super().read
        self.data, self.file, self.n_left = data, file or self, _MOST_ELEMENTS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read bytes; pydicom begins every element and item with a read of eight."""
        found = self._read(size)
        if size == 8:
            file = self.file
            file.n_left -= _ELEMENTS_OF_ITEM if found[:4] in _ITEM else 1
            if file.n_left < 0:
                raise damaged(f"it has more than {_MOST_ELEMENTS} elements")
            if len(found) < 8 and any(found):
                raise damaged("an element is cut off")
        return found


class Item:
    """A data set, or an item of a sequence in one; elements are named by keyword.

    Parameters
    ----------
    dataset : pydicom.Dataset
        The elements, whose values are still bytes.
    stream : Stream
        What they were read from.

    Raises
    ------
    ECGFileError
        If an element is cut off, misplaced or has an unknown value representation.
    """

    def __init__(self, dataset: Any, stream: Stream):
        self._dataset, self._stream = dataset, stream
        # Dataset.values() leaves the bytes of values as they are.
        self._elements = {element.tag: element for element in dataset.values()}
        for tag, element in self._elements.items():
            if tag >> 16 in _NO_GROUPS:
                raise damaged(f"{tag} is no element of a file")
            if not element.is_raw:
                continue
            check_representation(tag, element.VR, element.is_implicit_VR)
            # pydicom returns what there is of a value that is cut off.
            if element.length not in (len(element.value or b""), UNDEFINED):
                raise damaged(f"{tag} reaches beyond what holds it")

    @property
    def order(self) -> str:
        """Order of bytes in numbers."""
        return "little" if self._dataset.original_encoding[1] else "big"

    def _element(self, keyword: str) -> Any:
        return self._elements.get(pydicom("datadict").tag_for_keyword(keyword))

    def raw(self, keyword: str) -> bytes:
        """Return the bytes of an element, none where it is absent."""
        value = getattr(self._element(keyword), "value", b"")
        return value if isinstance(value, bytes) else b""

    def text(self, keyword: str) -> str:
        """Return a text of one line, empty where it is absent."""
        raw = self.raw(keyword)
        if raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii").strip("\0 \r\n")
        encodings = self._dataset.original_character_set
        if isinstance(encodings, str):
            encodings = [encodings]
        charset = pydicom("charset")
        with library("pydicom", "dicom"):
            return charset.decode_bytes(raw, encodings, set(b"^=")).strip("\0 \r\n")

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

    def items(self, keyword: str) -> list["Item"]:
        """Return the items of a sequence, none where it is absent."""
        element = self._element(keyword)
        if element is None or not element.value:
            return []
        stream, parts = self._stream, element.value
        if isinstance(parts, bytes):
            # pydicom has not looked into sequences that state their length.
            stream = Stream(parts, self._stream.file)
            read_sequence = pydicom("filereader").read_sequence
            with library("pydicom", "dicom"):
                parts = read_sequence(
                    stream,
                    element.is_implicit_VR or element.VR == "UN",
                    element.is_little_endian,
                    len(parts),
                    self._dataset.original_character_set,
                )
        _check_spans(stream.data, [part.seq_item_tell for part in parts])
        return [Item(part, stream) for part in parts]


def read_data_set(
    stream: Stream, stop: Callable, implicit: bool = False, little: bool = True
) -> Item:
    """Return a data set without what follows the tag at which `stop` is true."""
    read_dataset = pydicom("filereader").read_dataset
    with library("pydicom", "dicom"):
        dataset = read_dataset(stream, implicit, little, stop_when=stop)
    return Item(dataset, stream)


def check_representation(tag: Any, name: str | None, implicit: bool) -> None:
    """Raise if an element has no value representation that the standard knows."""
    if not implicit and name not in pydicom("valuerep").STANDARD_VR:
        raise damaged(f"{tag} has the unknown representation {name!r}")


def _check_spans(data: bytes, begins: list[int]) -> None:
    """Raise unless each item ends where the next begins, which pydicom leaves open."""
    for begin, after in zip(begins, [*begins[1:], None], strict=False):
        order = _ITEM.get(data[begin : begin + 4])
        if order is None:
            raise damaged("another element stands where an item must begin")
        length = int.from_bytes(data[begin + 4 : begin + 8], order)
        if length == UNDEFINED:
            continue
        end = begin + 8 + length
        is_last = end == len(data) or data[end : end + 4] in _SEQUENCE_END
        if end != after if after is not None else not is_last:
            raise damaged("an item does not end where its elements do")


@cache
def pydicom(module: str) -> ModuleType:
    """Return a module of pydicom."""
    return import_optional(f"pydicom.{module}", "io", "read_ecg of a DICOM file")


def _wrong(keyword: str, problem: str) -> ECGFileError:
    """Make the error of a value."""
    name = pydicom("datadict").dictionary_description(keyword)
    return ECGFileError(
        f"must be {problem}; export the file again.", format="dicom", field=name
    )


def damaged(problem: str) -> ECGFileError:
    """Make the error of a file that is not built as DICOM demands."""
    return ECGFileError(
        f"the file is damaged: {problem}. Copy or export it again.",
        format="dicom",
    )
