"""The table of formats: which module reads which kind of file."""

import os
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._source import Source, plain

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

HEAD = 8192
"""Bytes from the start of a file that tell its format."""


class Format(NamedTuple):
    """One line of the table.

    Attributes
    ----------
    title : str
        What the format is.
    module : str
        Module of this subpackage with ``sniff(head)`` and ``read(data)``.
    takes : tuple of str
        What else `read` takes: ``"folder"``, ``"fs"``, ``"units"``, ``"leads"``.
    """

    title: str
    module: str
    takes: tuple[str, ...] = ()


_UNSAID = ("fs", "units", "leads")

# In the order in which they are tried: what has a signature comes first, text last.
FORMATS = {
    "dicom": Format("DICOM waveforms", "_dicom"),
    "scp": Format("SCP-ECG, EN 1064 and ISO 11073-91064", "_scp"),
    "edf": Format("EDF, EDF+ and BDF", "_edf"),
    "hdf5": Format("HDF5, and MATLAB 7.3", "_hdf5", _UNSAID),
    "npy": Format("an array of NumPy", "_npy", _UNSAID),
    "npz": Format("arrays of NumPy with names", "_npz", _UNSAID),
    "aecg": Format("HL7 annotated ECG", "_aecg"),
    "muse": Format("GE MUSE XML", "_muse"),
    "cardiosoft": Format("GE CardioSoft XML", "_cardiosoft"),
    "philips": Format("Philips Sierra XML", "_philips"),
    "mortara": Format("Mortara ELI XML", "_mortara"),
    "schiller": Format("Schiller SEMA XML", "_schiller"),
    "mat": Format("MATLAB 4 to 7.2", "_mat", _UNSAID),
    "wfdb": Format("WFDB records of PhysioNet", "_wfdb", ("folder",)),
    "csv": Format("text with a row a sample: CSV, TSV, TXT", "_text", _UNSAID),
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
    return import_module(f"{__package__}.{FORMATS[name].module}")


def check_format(name: str) -> str:
    """Return the name of a format; raise if there is none of that name."""
    if name not in FORMATS:
        raise ValueError(
            f"format must be None or one of {', '.join(FORMATS)}, but got {name!r}."
        )
    return name


def find_format(source: Source) -> str:
    """Return the name of the format of a file, by its content.

    Raises
    ------
    ECGFileError
        If it is none of those in the table.
    """
    head = source.data[:HEAD]
    for name in FORMATS:
        if module_of(name).sniff(head):
            return name
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
    """Read a file in a format.

    Parameters
    ----------
    source : Source
        The file.
    name : str
        Name of the format.
    **unsaid
        What a caller says of a file that does not say it itself: `fs`, `units` and
        `leads`.

    Returns
    -------
    ParsedECG
        The recording.

    Raises
    ------
    ECGFileError
        Whatever is wrong with the file.
    """
    known = {"folder": source.folder, **unsaid}
    if name == "mat" and (header := _header_beside(source)):
        raise ECGFileError(
            f"the file{_named(source.name)} holds counts, whose scale {header} states; "
            f"read {header}.",
            format=name,
        )
    keywords = {key: known[key] for key in FORMATS[name].takes}
    try:
        return module_of(name).read(source.data, **keywords)
    except (ECGFileError, ImportError, MemoryError):
        raise
    except Exception as error:
        # The libraries for single formats raise nearly anything at a damaged file.
        raise ECGFileError(
            f"the file{_named(source.name)} is damaged or no file of this format "
            f"({type(error).__name__}: {str(error)[:120]}); export it again.",
            format=name,
        ) from error


def _header_beside(source: Source) -> str | None:
    """Return the name of the WFDB header of the same record, None without one."""
    if source.folder is None or source.name is None:
        return None
    header = f"{os.path.splitext(source.name)[0]}.hea"
    beside = os.path.join(source.folder.path, header)
    return header if header != source.name and os.path.isfile(beside) else None


def _named(name: str | None) -> str:
    """Return the name of a file for a sentence."""
    return f" {plain(name)[:80]}" if name else ""
