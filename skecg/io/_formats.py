"""The table of formats: which module reads which kind of file."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from skecg.io._arrays import find_recording
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._source import Source, plain
from skecg.io._xml import parse_xml, root_of

_UNPACK = "; unpack it and read the files in it"
_DRAWN = ", which has no samples; export the recording as DICOM, SCP-ECG or XML"
_NO_RECORDINGS = {
    b"PK\x03\x04": f"a ZIP archive{_UNPACK}",
    b"\x1f\x8b": f"packed by gzip{_UNPACK}",
    b"BZh": f"packed by bzip2{_UNPACK}",
    b"\xfd7zXZ": f"packed by xz{_UNPACK}",
    b"7z\xbc\xaf": f"a 7z archive{_UNPACK}",
    b"Rar!": f"a RAR archive{_UNPACK}",
    b"%PDF": f"a PDF{_DRAWN}",
    b"\x89PNG": f"a picture{_DRAWN}",
    b"\xff\xd8\xff": f"a picture{_DRAWN}",
    b"II*\0": f"a picture{_DRAWN}",
    b"MM\0*": f"a picture{_DRAWN}",
}

HEAD = 8192  # bytes from the start of a file that tell its format


class Format(NamedTuple):
    """One line of the table.

    Its `title`; what else `read` takes: the ``"folder"`` of the file, and ``"fs"``,
    ``"units"`` and ``"leads"`` of a caller, which count where the file does not state
    them; the name of the `root` of XML; and whether a file holds arrays with names,
    among which the recording is found.
    """

    title: str
    takes: tuple[str, ...] = ()
    root: str = ""
    has_arrays: bool = False


# In the order in which they are tried: what has a signature comes first, text last.
# Each is read by the module of its name, in which ``sniff(head)`` tells files by their
# start, and ``read(data, ...)`` returns a `ParsedECG` in mV, or raises `ECGFileError`.
# Modules of XML have no ``sniff`` and get the root; those of arrays return the arrays.
FORMATS = {
    "dicom": Format("DICOM waveforms"),
    "scp": Format("SCP-ECG, EN 1064 and ISO 11073-91064"),
    "edf": Format("EDF, EDF+ and BDF"),
    "hdf5": Format("HDF5, and MATLAB 7.3", has_arrays=True),
    "npy": Format("an array of NumPy", has_arrays=True),
    "npz": Format("arrays of NumPy with names", has_arrays=True),
    "aecg": Format("HL7 annotated ECG", root="AnnotatedECG"),
    "muse": Format("GE MUSE XML", root="RestingECG"),
    "cardiosoft": Format("GE CardioSoft XML", root="CardiologyXML"),
    "philips": Format("Philips Sierra XML", root="restingecgdata"),
    "mortara": Format("Mortara ELI XML", root="ECG"),
    "schiller": Format(
        "Schiller SEMA XML", root="com.xiriuz.sema.xml.schillerEDI.SchillerEDI"
    ),
    "mat": Format("MATLAB 4 to 7.2", has_arrays=True),
    "wfdb": Format("WFDB records of PhysioNet", ("folder", "fs")),
    "csv": Format("text with a row a sample: CSV, TSV, TXT", ("fs", "units", "leads")),
}


def list_formats() -> dict[str, str]:
    """Return the names of the formats that :func:`read_ecg` reads.

    Returns
    -------
    dict of str to str
        For each name, as ``read_ecg(format=...)`` takes it, what the format is.

    See Also
    --------
    sniff_format : Tells the format of one file.

    Examples
    --------
    >>> from skecg.io import list_formats
    >>> list_formats()["wfdb"]
    'WFDB records of PhysioNet'
    """
    return {name: format.title for name, format in FORMATS.items()}


@cache
def module_of(name: str) -> ModuleType:
    """Return the module that reads a format."""
    return import_module(f"{__package__}._{name}")


def check_format(name: str) -> None:
    """Raise if there is no format of a name."""
    if name not in FORMATS:
        raise ValueError(
            f"format must be None or one of {', '.join(FORMATS)}, but got {name!r}."
        )


def formats_of(head: bytes) -> Iterator[str]:
    """Yield the formats of which a file has the start, the most certain first."""
    root = None
    for name, format in FORMATS.items():
        if not format.root:
            told = module_of(name).sniff(head)
        else:
            root = root_of(head) if root is None else root
            told = root == format.root
        if told:
            yield name


def find_format(source: Source) -> str:
    """Return the name of the format of a file by its content; raise if it has none."""
    head = source.start[:HEAD]
    told = next(formats_of(head), None)
    if told:
        return told
    for signature, what in _NO_RECORDINGS.items():
        if head.startswith(signature):
            raise ECGFileError(f"the file{_named(source.name)} is {what}.")
    header = _header_beside(source)
    if header or os.path.splitext(source.name or "")[1].lower() == ".dat":
        remedy = f"read {header}" if header else "read its header, a .hea beside it"
        holds = "holds" if header else "seems to hold"
        raise ECGFileError(
            f"the file{_named(source.name)} {holds} the samples of a WFDB record "
            f"alone; {remedy}."
        )
    raise ECGFileError(
        f"the file{_named(source.name)} begins with {head[:16]!r}, which is none of "
        f"the formats {', '.join(FORMATS)}; export it in one of them, or name its "
        "format with format=.",
    )


def parse(source: Source, name: str, **unsaid: Any) -> ParsedECG:
    """Read a file in a format; `unsaid` are `fs`, `units` and `leads` of the caller."""
    if name == "mat" and (header := _header_beside(source)):
        raise ECGFileError(
            f"the file{_named(source.name)} holds counts, whose scale {header} states; "
            f"read {header}."
        )
    try:
        return replace(_parse(source, name, unsaid), format=name)
    except (ECGFileError, ImportError, MemoryError):
        raise
    except Exception as error:
        # The libraries for single formats raise nearly anything at a damaged file.
        raise ECGFileError(
            f"the file{_named(source.name)} is damaged or no file of this format "
            f"({type(error).__name__}: {str(error)[:120]}); export it again."
        ) from error


def _parse(source: Source, name: str, unsaid: dict[str, Any]) -> ParsedECG:
    """Read a file by what kind of format it is in."""
    format, read = FORMATS[name], module_of(name).read
    if format.has_arrays:
        return find_recording(read(source.content()), **unsaid)
    if format.root:
        return read(parse_xml(source.content(), format.root))
    known = {"folder": source.folder, **unsaid}
    return read(source.content(), **{key: known[key] for key in format.takes})


def _header_beside(source: Source) -> str | None:
    """Return the name of the WFDB header of the same record, None without one."""
    if source.folder is None or source.name is None:
        return None
    header = f"{os.path.splitext(source.name)[0]}.hea"
    return header if header != source.name and source.folder.has(header) else None


def _named(name: str | None) -> str:
    """Return the name of a file for a sentence."""
    return f" {plain(name)[:80]}" if name else ""
