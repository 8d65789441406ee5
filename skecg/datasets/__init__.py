"""Recordings as arrays: a synthetic cohort, PTB-XL and tables."""

from skecg.datasets._challenge import load_challenge
from skecg.datasets._csv import load_ecg_csv
from skecg.datasets._fetch import fetch_ptbxl
from skecg.datasets._ptbxl import load_ptbxl
from skecg.datasets._synthetic import make_lvh_ecg
from skecg.datasets._wfdb_records import read_wfdb_records

__all__ = [
    "fetch_ptbxl",
    "load_challenge",
    "load_ecg_csv",
    "load_ptbxl",
    "make_lvh_ecg",
    "read_wfdb_records",
]
