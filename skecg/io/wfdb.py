"""Parts of the reader of WFDB records, for loaders that read many into one array."""

from skecg.io._comments import stated
from skecg.io._leads import order_leads, usual_names
from skecg.io._source import Folder, read_regular
from skecg.io._wfdb import read
from skecg.io._wfdb_header import (
    RecordHeader,
    Signals,
    check_calibrated,
    header_text,
    parse_header,
)

__all__ = [
    "Folder",
    "RecordHeader",
    "Signals",
    "check_calibrated",
    "header_text",
    "order_leads",
    "parse_header",
    "read",
    "read_regular",
    "stated",
    "usual_names",
]
