"""
From the file of a recorder to its sheet and its criteria
=========================================================

You learn to read an ECG file of any recorder, to draw its sheet, and to compute the
criteria of left ventricular hypertrophy. You also learn to read a folder of files into
one array for a model.
"""

# %%
# A file
# ------
# This example writes the file first, from the synthetic cohort.
# :func:`~skecg.read_ecg` recognises the format by the content.

import tempfile
import warnings
from pathlib import Path

from skecg import (
    ECGDisplay,
    VoltageCriteria,
    make_lvh_ecg,
    read_ecg,
    read_ecgs,
    write_ecg,
)

folder = Path(tempfile.mkdtemp())
cohort = make_lvh_ecg(20, fs=500, random_state=1, as_xarray=True)
positive = int(cohort.target.argmax())
write_ecg(cohort.data[positive : positive + 1], folder / "patient.dcm")

record = read_ecg(folder / "patient.dcm")
print(record.sizes, record.attrs)

# %%
# Its sheet
# ---------
# The record carries sampling rate, unit and leads, so the display needs no arguments.

ECGDisplay.from_record(record[0], title="patient.dcm, read and drawn")

# %%
# Its criteria
# ------------
# Sex and age come with the record, where the file states them.

criteria = VoltageCriteria()
values = criteria.fit_transform(record)
for name, value in zip(criteria.get_feature_names_out(), values[0], strict=True):
    print(f"{name}: {value:.2f}")

# %%
# Many files
# ----------
# Files of several formats and rates become one array. ``table`` lists every file, and
# the reason where one can't be read.

suffixes = (".dcm", ".hea", ".edf", ".csv", ".npz")
sources = []
for k in range(10):
    path = folder / f"{k}{suffixes[k % 5]}"
    write_ecg(cohort.data[k : k + 1], path)
    sources.append(path)
sources.append(folder / "broken.dcm")
sources[-1].write_bytes((folder / "0.dcm").read_bytes()[:5000])

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the skipped file, which the table names too
    read = read_ecgs(sources, target_fs=100, duration=10, on_error="skip")
read.data.sizes, read.table[["format", "fs", "duration", "reason"]]
