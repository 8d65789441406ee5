"""``skecg measure``: the waves and criteria of each file."""

from functools import partial
from pathlib import Path

from skecg.cli._read import Row, reading_of, row_of
from skecg.cli._table import run_rows

# Column of the measurements that would hide the reason of a refused file.
_UNMEASURED = "reason"


def run(args) -> int:
    """Write the rows and return the exit status."""
    from skecg.criteria import ALL_CRITERIA
    from skecg.signal import MEASUREMENT_DTYPE

    reading = reading_of(args)
    waves = [name for name in MEASUREMENT_DTYPE.names if name != _UNMEASURED]
    # Columns for people end at the criteria; programs get all waves.
    waves = waves if args.out or args.output == "csv" else waves[:1]
    columns = ["file", "status", "sex", *waves, *ALL_CRITERIA]
    make_row = partial(measure_file, reading=reading)
    return run_rows(args, make_row, [*columns, "quality", "warnings", "reason"])


def measure_file(path: Path, *, reading: dict) -> Row:
    """Return the row of one file."""

    def answer():
        from skecg.io import read_ecg
        from skecg.serve import analyse
        from skecg.signal import REASONS

        answer = analyse(read_ecg(path, **reading))
        waves = dict(answer["waves"])
        row: Row = {
            "sex": answer["recording"]["sex"],
            "age": answer["recording"]["age"],
        }
        if reason := int(waves.pop(_UNMEASURED)):
            row["reason"] = f"Not measured: {REASONS[reason]}."
        decisions = {c["criterion"]: c["result"] for c in answer["criteria"]}
        values = {f"{c['criterion']}_value": c["value"] for c in answer["criteria"]}
        said = {name: answer[name] for name in ("quality", "warnings")}
        return waves | row | decisions | values | said

    return row_of(path, answer)
