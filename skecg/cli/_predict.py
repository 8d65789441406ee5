"""``skecg predict``: the probability of LVH of each file."""

import sys
from functools import cache, partial
from pathlib import Path

from skecg.cli._read import Row, reading_of, row_of
from skecg.cli._table import run_rows


def run(args) -> int:
    """Write the rows and return the exit status."""
    from skecg.serve import CAVEAT

    # Opened here too, so that a wrong name is told before the first file.
    model = _model(args.model)
    # Names and thresholds are the same for any probability.
    points = model.decisions(0.0)
    at = ", ".join(f"{p['name']} (from {p['threshold']:.4g})" for p in points)
    print(f"skecg: {model.name} decides at {at}. {CAVEAT}", file=sys.stderr)
    reading = reading_of(args)
    make_row = partial(predict_file, model=args.model, reading=reading)
    columns = ["file", "status", "probability", *(point["name"] for point in points)]
    columns += ["quality", "warnings", "reason", "model"]
    return run_rows(args, make_row, columns, f"{model.name}@{model.sha256[:12]}")


def predict_file(path: Path, *, model: str, reading: dict) -> Row:
    """Return the row of one file."""

    def answer():
        from skecg.io import read_ecg
        from skecg.serve import analyse

        opened = _model(model)
        answer = analyse(read_ecg(path, **reading), opened, criteria=False)
        decisions = {
            point["name"]: "positive" if point["positive"] else "negative"
            for point in answer["decisions"]
        }
        return {
            "probability": answer["probability"],
            **decisions,
            "quality": answer["quality"],
            "warnings": answer["warnings"],
            "model": opened.name,
            "model_sha256": opened.sha256,
        }

    return row_of(path, answer)


@cache
def _model(name: str):
    """Return a model, loaded once in each process."""
    from skecg.serve import open_model

    return open_model(name, pickles=True)
