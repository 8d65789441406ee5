"""Reading and writing of ECG files: one format a module, bytes in, record out."""

from skecg.io._errors import ECGFileError
from skecg.io._formats import check_format, list_formats
from skecg.io._read import files_of, read_ecg, read_parsed, sniff_format
from skecg.io._read_many import read_ecgs
from skecg.io._record import check_fs
from skecg.io._source import names_in_header
from skecg.io._write import write_ecg

__all__ = [
    "ECGFileError",
    "check_format",
    "check_fs",
    "files_of",
    "list_formats",
    "names_in_header",
    "read_ecg",
    "read_ecgs",
    "read_parsed",
    "sniff_format",
    "write_ecg",
]
