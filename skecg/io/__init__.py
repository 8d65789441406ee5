"""Reading and writing of ECG files: one format a module, bytes in, record out."""

from skecg.io._errors import ECGFileError
from skecg.io._formats import check_format as check_format
from skecg.io._formats import list_formats
from skecg.io._read import files_of as files_of
from skecg.io._read import read_ecg, read_parsed, sniff_format
from skecg.io._read_many import read_ecgs
from skecg.io._record import check_fs as check_fs
from skecg.io._source import names_in_header as names_in_header
from skecg.io._write import write_ecg

__all__ = [
    "ECGFileError",
    "list_formats",
    "read_ecg",
    "read_ecgs",
    "read_parsed",
    "sniff_format",
    "write_ecg",
]
