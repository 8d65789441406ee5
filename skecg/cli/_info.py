"""``skecg info``: what files hold."""

import math
from functools import partial
from pathlib import Path

from skecg.cli._read import Row, reading_of, row_of
from skecg.cli._table import run_rows

COLUMNS = (
    "file",
    "status",
    "format",
    "fs",
    "duration",
    "n_leads",
    "leads",
    "units",
    "sex",
    "age",
    "device",
    "filters",
    "notes",
    "reason",
)


def run(args) -> int:
    """Write the rows and return the exit status."""
    reading = reading_of(args)
    return run_rows(args, partial(describe_file, reading=reading), COLUMNS)


def describe_file(path: Path, *, reading: dict) -> Row:
    """Return the row of one file; no label, and so no xarray, is needed."""

    def answer():
        from skecg.io import read_parsed

        parsed = read_parsed(path, **reading)
        return {
            "format": parsed.format,
            "fs": parsed.fs,
            "duration": len(parsed.signal) / parsed.fs,
            "n_leads": len(parsed.leads),
            "leads": " ".join(parsed.leads),
            "units": parsed.units,
            "sex": {0.0: "male", 1.0: "female"}.get(parsed.sex),
            "age": None if math.isnan(parsed.age) else parsed.age,
            "device": parsed.device,
            "filters": parsed.filters,
            "notes": list(parsed.notes),
        }

    return row_of(path, answer)
