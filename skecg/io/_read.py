"""Read one ECG file of any format."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from skecg.io._errors import ECGFileError
from skecg.io._formats import HEAD, check_format, find_format, module_of, parse
from skecg.io._leads import wanted_leads
from skecg.io._parsed import ParsedECG
from skecg.io._record import (
    arrange,
    check_agreement,
    check_fs,
    check_units,
    gaps_in_words,
    label,
)
from skecg.io._source import Folder, is_plain_name, names_in_header, open_source

Readable = str | os.PathLike | bytes | Any


def read_ecg(
    source: Readable,
    *,
    format: str | None = None,
    fs: float | None = None,
    units: str | None = None,
    leads: Sequence[str] | None = None,
    metadata: bool = False,
) -> Any:
    r"""Read one ECG file as a labelled record in mV.

    Parameters
    ----------
    source : str, path-like, bytes, binary file object or dict
        The file. A WFDB record may be named without ``.hea``. A dict has the content
        of a WFDB record's files by their names, the header first.
    format : str, default=None
        Name of the format, as :func:`list_formats` lists it. None tells it by the
        content, never by the file's name.
    fs : float, default=None
        Sampling rate in Hz, for files that do not state it, such as tables. A rate
        other than the file's own is an error.
    units : {"mV", "uV", "nV", "V"}, default=None
        Unit of the samples, for files that do not state it. A unit other than the
        file's own is an error.
    leads : sequence of str, default=None
        Leads to return, in this order, in any case. None returns all: the twelve
        standard leads first, in the order of :data:`skecg.signal.LEAD_NAMES`. In a
        table without names, as many names as columns name the columns.
    metadata : bool, default=False
        Return the patient's identifier too, as the coordinate ``patient``. By default
        nothing that identifies a person leaves the file.

    Returns
    -------
    xarray.DataArray of shape (1, n_times, n_leads), float64
        The record in mV, with the dimensions ``record``, ``time`` and ``lead``, NaN
        where the file marks a gap; the coordinates ``time`` (s), ``lead`` and, where
        the file states them, ``sex`` (0 male, 1 female) and ``age`` (years). ``attrs``
        has ``units`` and ``format``, and where they are known ``device``, ``filters``,
        ``codes`` (diagnostic codes) and ``notes`` (what was derived, cut or left out).

    Raises
    ------
    FileNotFoundError
        If the file is absent.
    ECGFileError
        If the file is in no known format, damaged, or contradicts itself or the
        arguments.
    TypeError, ValueError
        If an argument has a wrong type or value.
    ImportError
        If a package that the format needs is not installed.

    See Also
    --------
    read_ecgs : Reads many files into one array.
    write_ecg : Writes a record.

    Notes
    -----
    Limb leads that the file leaves out are derived from any two others by Einthoven
    and Goldberger. Samples are float64, so that a sample is exactly the file's count
    times its resolution; estimators take them as they are.

    Examples
    --------
    >>> from skecg import read_ecg
    >>> table = b"time (ms),I (uV),II (uV)\n0,100,300\n2,120,340\n4,110,320\n"
    >>> record = read_ecg(table)
    >>> record.shape, record.lead.values.tolist()
    ((1, 3, 6), ['I', 'II', 'III', 'aVR', 'aVL', 'aVF'])
    >>> record.sel(lead="II").values.tolist()
    [[0.3, 0.34, 0.32]]
    >>> record.attrs["notes"]
    'derived III, aVR, aVL, aVF from I and II'

    What a file does not say has to be said, not guessed.

    >>> read_ecg(b"I,II\n100,300\n120,340\n")
    Traceback (most recent call last):
    ...
    skecg.io._errors.ECGFileError: csv, sampling rate, units: ...give fs= in Hz and ...
    """
    parsed = read_parsed(
        source, format=format, fs=fs, units=units, leads=leads, columns=leads
    )
    gaps = gaps_in_words(parsed)
    if gaps:
        warnings.warn(
            f"{gaps}; cut or fill them before an estimator gets the record.",
            UserWarning,
            stacklevel=2,
        )
        parsed = replace(parsed, notes=(*parsed.notes, gaps))
    return label(parsed, metadata=metadata)


def read_parsed(
    source: Readable,
    *,
    format: str | None = None,
    fs: float | None = None,
    units: str | None = None,
    leads: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> ParsedECG:
    """Read one ECG file, without labels; the parameters are those of `read_ecg`.

    `leads` chooses leads only; `columns` names the columns of a file without names.
    """
    if format is not None:
        check_format(format)
    fs, units = check_fs(fs), check_units(units)
    leads, columns = wanted_leads(leads), wanted_leads(columns)
    opened = open_source(source)
    name = find_format(opened) if format is None else format
    try:
        parsed = parse(opened, name, fs=fs, units=units, leads=columns)
        check_agreement(parsed, fs, units)
        parsed = arrange(parsed, leads)
    except ECGFileError as error:
        error.format = name  # readers leave it to this place
        raise
    return parsed


def files_of(path: str | os.PathLike) -> dict[str, bytes]:
    """Return the files of one recording by name, as `read_ecg` takes them.

    They are the file, or the header of a WFDB record and, by name, the files beside it
    that it or a segment's header names.
    """
    opened = open_source(path)
    first, folder = str(opened.name), opened.folder or Folder("")
    content = opened.content()
    files = {first: content}
    headers = [content] if module_of("wfdb").sniff(content[:HEAD]) else []
    for header in headers:  # which grows by those of segments
        for name in sorted(names_in_header(header)):
            if name not in files and is_plain_name(name) and folder.has(name):
                files[name] = folder.read(name)
                if name.endswith(".hea"):
                    headers.append(files[name])
    return {name: files[name] for name in (first, *sorted({*files} - {first}))}


def sniff_format(source: Readable) -> str:
    r"""Tell the format of an ECG file by its content.

    Parameters
    ----------
    source : str, path-like, bytes or binary file object
        The file.

    Returns
    -------
    str
        Name of the format, as in :func:`list_formats`.

    Raises
    ------
    FileNotFoundError
        If the file is absent.
    ECGFileError
        If the file is empty or in no known format.

    See Also
    --------
    list_formats : Lists the formats.

    Examples
    --------
    >>> from skecg.io import sniff_format
    >>> sniff_format(b"time (s),I (mV)\n0,0.1\n0.002,0.3\n")
    'csv'
    """
    return find_format(open_source(source))
