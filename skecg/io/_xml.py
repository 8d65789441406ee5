"""Reading of XML without entities, external files or unbounded trees."""

import base64
import binascii
import codecs
import re
from contextlib import suppress
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.parsers import expat

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._leads import refuse_repeated
from skecg.utils import voltage_unit

MOST_ELEMENTS = 200_000
_PROLOG_BYTES = 4096
_DECLARATION = re.compile(r"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([\w.-]+)[^>]*\?>")
_DECLARATION_BYTES = 400
# Encodings that the parser of the standard library refuses, and how to decode them.
_UNREAD = {
    # Files that declare GB2312 have characters of its successors.
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **{name: name for name in ("big5", "big5hkscs", "euc_jp", "euc_kr", "cp949")},
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **{name: name for name in ("utf-16-le", "utf-16-be")},
}

_NUMBERS = re.compile(r"[-+.0-9eE,\s]*", re.ASCII)
_OF_NUMBERS = b"-+.0123456789eE, \t\n\r\f\v"


def parse_xml(data: bytes, root: str) -> Element:
    """Parse a file of a format and return its root; names have no namespace.

    A file that is not well-formed, has another root, defines an entity, refers to
    another file, or has more elements than any recording is refused. A document type
    that defines nothing, which MUSE writes, is accepted and not looked up.
    """
    data = _in_utf8(data)
    # An element has a begin and an end. The count bounds the tree before it is built.
    if data.count(b"<") > 2 * MOST_ELEMENTS:
        raise ECGFileError(
            f"the file has more than {MOST_ELEMENTS} XML elements, which no recording "
            "needs; read the original export of the recorder."
        )
    try:
        _check_prolog(data)
        found = fromstring(data)
    except ECGFileError:
        raise
    except (ParseError, expat.ExpatError, ValueError, LookupError) as error:
        raise ECGFileError(
            f"the file is not well-formed XML ({error}); export it again."
        ) from error
    # Files of the same format come with and without a namespace.
    for element in found.iter():
        if "}" in element.tag:
            element.tag = element.tag.rpartition("}")[2]
    if found.tag != root:
        raise ECGFileError(
            f"the root is <{found.tag[:40]}> instead of <{root}>; give an original "
            "export of this format."
        )
    return found


def _in_utf8(data: bytes) -> bytes:
    """Return a file in UTF-8 where the parser does not know its encoding."""
    declared = _DECLARATION.match(_decoded(data[:_DECLARATION_BYTES]).lstrip("\ufeff"))
    try:
        name = codecs.lookup(declared[1]).name if declared else ""
        wide = _wide_encoding(data)
        encoding = wide if "32" in wide else _UNREAD.get(name)
        if encoding is None:
            return data
        text = data.decode(encoding).lstrip("\ufeff")
    except (LookupError, ValueError) as error:
        raise ECGFileError(
            f"the file is not in the encoding that it declares ({error}); export it "
            "again in UTF-8."
        ) from error
    return _DECLARATION.sub("", text, count=1).encode()


def _check_prolog(data: bytes) -> None:
    """Raise if a document type defines anything.

    It stands in front of the root. Without it, the parser of the standard library has
    nothing to expand, to fetch or to copy into each element.
    """

    def refuse(*_: Any) -> Any:
        raise ECGFileError(
            "the file defines an XML entity or attribute, or refers to another file, "
            "which no recorder writes; remove the definition if you trust the file."
        )

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = refuse
    parser.AttlistDeclHandler = parser.ExternalEntityRefHandler = refuse
    began: list[str] = []
    parser.StartElementHandler = lambda tag, _: began.append(tag)
    for at in range(0, len(data), _PROLOG_BYTES):
        parser.Parse(data[at : at + _PROLOG_BYTES], False)
        if began:
            return


def wrong(problem: str, field: str) -> ECGFileError:
    """Return the error of a field that an export can't have."""
    return ECGFileError(f"{problem}; export the file again.", field=field)


def text_of(element: Element | None, path: str, default: str = "") -> str:
    """Return the stripped text of a descendant, the default where it is absent."""
    found = None if element is None else element.find(path)
    text = "" if found is None else (found.text or "").strip()
    return text or default


def require_value(stored: str, readable: str, field: str) -> None:
    """Raise unless a field says the one thing that is read."""
    if stored != readable:
        raise wrong(f"is {stored[:20]!r}, but only {readable} can be read", field)


def attribute(element: Element | None, path: str, name: str, default: str = "") -> str:
    """Return an attribute of a descendant, the default where it is absent."""
    found = None if element is None else element.find(path)
    return default if found is None else found.get(name, default)


def require(element: Element, path: str) -> Element:
    """Return a descendant; raise where it is absent."""
    found = element.find(path)
    if found is None:
        raise ECGFileError(
            f"the element <{path.rpartition('/')[2]}> is absent; export the recording "
            "again with its waveforms.",
            field=path,
        )
    return found


def number(
    text: str, field: str, *, low: float = -np.inf, high: float = np.inf
) -> float:
    """Return a finite number, greater than `low` and no greater than `high`."""
    try:
        value = float(text) if _NUMBERS.fullmatch(text) else np.nan
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or not low < value <= high:
        bounds = "" if low == -np.inf else f" greater than {low:g}"
        bounds += "" if high == np.inf else f" and at most {high:g}"
        raise wrong(f"must be a number{bounds}, but is {text[:40]!r}", field)
    return value


def rate(text: str, field: str) -> float:
    """Return a sampling rate in Hz."""
    return number(text, field, low=0, high=1e5)


def unit_in(text: str, field: str, suffix: str = "") -> str:
    """Return the unit of voltage that stands before a suffix."""
    unit = voltage_unit(text.removesuffix(suffix)) if text.endswith(suffix) else None
    if unit is None:
        raise wrong(f"must be a unit such as uV{suffix}, but is {text[:20]!r}", field)
    return unit


def numbers(text: str, field: str) -> np.ndarray:
    """Return numbers that are separated by white space or commas."""
    if text.encode("ascii", "replace").translate(None, _OF_NUMBERS):
        at = _NUMBERS.match(text).end()  # type: ignore[union-attr]
        raise wrong(f"holds {text[at : at + 20]!r} among the samples", field)
    try:
        values = np.array(text.replace(",", " ").split(), dtype=np.float64)
    except ValueError as error:
        raise wrong(f"holds a sample that is no number ({error})", field) from error
    if not np.isfinite(values).all():
        raise wrong("holds a sample too large for a number", field)
    return values


def decode_base64(text: str, field: str) -> bytes:
    """Return bytes that are written as Base64, with white space between lines."""
    try:
        # Without `validate`, other letters would be skipped, and all behind them shift.
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong(f"is not Base64 ({error})", field) from error


def stack_leads(
    leads: list[tuple[str, np.ndarray]],
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return leads of one length as an array (n_times, n_leads), and their names."""
    if not leads:
        raise ECGFileError(
            "the file holds no lead; export the recording again with its waveforms."
        )
    names, values = zip(*leads, strict=True)
    refuse_repeated(names)
    lengths = set(map(len, values))
    if len(lengths) > 1 or not lengths - {0}:
        raise ECGFileError(
            f"the leads have {sorted(lengths)[:3]} samples, but one recording has "
            "leads of one length, greater than 0; export the file again."
        )
    return np.array(values).T, names


@lru_cache(maxsize=64)  # the channels of a recording have the same
def filters_in_words(highpass: str, lowpass: str, mains: str) -> str | None:
    """Describe a recorder's filters, with cut-offs in Hz; None where none is named."""
    named = (("high-pass", highpass), ("low-pass", lowpass), ("mains", mains))
    words = []
    for name, value in named:
        with suppress(ValueError):
            if float(value) > 0:
                words.append(f"{name} {float(value):g} Hz")
    return ", ".join(words) or None


def root_of(head: bytes) -> str:
    """Return the name of the root of XML in any encoding, "" for other files."""
    text = _decoded(head).lstrip("\ufeff")
    while (text := text.lstrip()).startswith(("<?", "<!")):
        # What precedes the root, and how each kind of it ends. A document type may
        # have definitions in brackets, in which ">" ends nothing.
        has_subset = "[" in text.partition(">")[0]
        ends = (("<!--", "-->"), ("<?", "?>"), ("<!", "]>" if has_subset else ">"))
        end = next(end for begin, end in ends if text.startswith(begin))
        text = text.partition(end)[2]
    match = re.match(r"<(?:[\w.-]+:)?([\w.-]+)[\s>/]", text)
    return match[1] if match else ""


def _wide_encoding(head: bytes) -> str:
    """Return the encoding of text with several bytes a character, "" for others.

    XML begins with "<", or with a byte order mark before it.
    """
    if head[:4] in (b"\xff\xfe\0\0", b"<\0\0\0"):
        return "utf-32-le"
    if head[:4] in (b"\0\0\xfe\xff", b"\0\0\0<"):
        return "utf-32-be"
    if b"\0" not in head[:4]:
        return ""
    return "utf-16-be" if head[:1] in (b"\0", b"\xfe") else "utf-16-le"


def _decoded(head: bytes) -> str:
    """Return the beginning of a file as text; only its ASCII matters."""
    if encoding := _wide_encoding(head):
        return head[: len(head) // 4 * 4].decode(encoding, errors="replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
