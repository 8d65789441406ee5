"""Parts of the reader of WFDB records, for loaders that read many into one array."""

from skecg.io._comments import stated as stated
from skecg.io._leads import order_leads as order_leads
from skecg.io._leads import usual_names as usual_names
from skecg.io._parsed import ParsedECG as ParsedECG
from skecg.io._source import Folder as Folder
from skecg.io._source import read_regular as read_regular
from skecg.io._wfdb import read as read
from skecg.io._wfdb_header import RecordHeader as RecordHeader
from skecg.io._wfdb_header import Signals as Signals
from skecg.io._wfdb_header import check_calibrated as check_calibrated
from skecg.io._wfdb_header import header_text as header_text
from skecg.io._wfdb_header import parse_header as parse_header
