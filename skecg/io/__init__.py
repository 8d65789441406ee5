"""Reading and writing of ECG files: one format a module, bytes in, record out."""

from skecg.io._errors import ECGFileError

__all__ = ["ECGFileError"]
