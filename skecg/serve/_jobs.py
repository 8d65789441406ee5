"""What a worker does with one request; plain values in, plain values out."""

import math
import warnings
from functools import cache
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from skecg.io import read_ecg
from skecg.serve._analysis import analyse
from skecg.serve._beats import draw_beats
from skecg.serve._explanation import explain
from skecg.serve._model import digest_of
from skecg.serve._recordings import Files
from skecg.serve._report import render_report
from skecg.serve._schemas import INPUT, OUTPUT, Inference, Signal, Tensor, in_words
from skecg.serve._sheet import draw_sheet
from skecg.serve._workers import served
from skecg.utils import label_records

SEXES = {"male": 0.0, "female": 1.0}
EXAMPLES = ("with-lvh", "without-lvh")
"""Synthetic recordings to try the service with."""
_MOST_NUMBERS = 5_000_000
Body = TypeVar("Body", bound=BaseModel)


def predict_file(
    model: str, files: Files, sex: str | None, age: float | None
) -> dict[str, Any]:
    """Return all that is said of the recording in a file."""
    return _read_and_analyse(model, files, sex, age)[1]


def _read_and_analyse(
    model: str, files: Files, sex: str | None, age: float | None
) -> tuple[Any, dict[str, Any]]:
    """Return the recording in a file, and all that is said of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        record = _told(read_ecg(files), sex, age)
    known = [str(warning.message) for warning in caught]
    answer = analyse(record, served(model), known=known)
    return record, answer | {"input_sha256": digest_of(files.values())}


def predict_signal(model: str, content: bytes) -> dict[str, Any]:
    """Return all that is said of a recording that came as numbers, in JSON."""
    body = _of_json(Signal, content)
    record = record_of(body.signal, body.fs, body.leads, body.units)
    digest = digest_of([record.values.data])
    answer = analyse(_told(record, body.sex, body.age), served(model))
    return answer | {"input_sha256": digest}


def _of_json(kind: type[Body], content: bytes) -> Body:
    """Return a body that came as JSON; raise in words where it is something else."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise ValueError(in_words(error.errors())) from None


def render_file(files: Files, speed: float, gain: float) -> str:
    """Return the 12-lead sheet of the recording in a file, as SVG."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return draw_sheet(read_ecg(files), speed=speed, gain=gain)


def report_file(
    model: str, files: Files, title: str, options: dict[str, Any], kind: str
) -> str:
    """Return the page about the recording in a file, or the part of it."""
    record, answer = _read_and_analyse(model, files, options["sex"], options["age"])
    sheet = draw_sheet(record, speed=options["speed"], gain=options["gain"])
    return render_report(answer, sheet, title, beats=draw_beats(record), kind=kind)


def explain_file(
    model: str,
    files: Files,
    told: tuple[str | None, float | None],
    speed: float,
    gain: float,
) -> dict[str, Any]:
    """Return what the probability of the recording in a file rests on, with a sheet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        record = _told(read_ecg(files), *told)
        answer, bands = explain(record, served(model))
        sheet = draw_sheet(record, speed=speed, gain=gain, bands=bands)
    return answer | {"sheet": sheet}


def infer(model: str, content: bytes) -> dict[str, Any]:
    """Return the answer of the Open Inference Protocol to a request's body."""
    body = _of_json(Inference, content)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = served(model).estimator.predict_proba(_tensor(body.inputs[0]))
    # The protocol's data are flat, in C order.
    output = {"name": OUTPUT, "datatype": "FP64", "shape": list(found.shape)}
    output |= {"data": found.ravel().tolist()}
    answer = {"model_name": served(model).name, "outputs": [output]}
    if caught:  # parameters of the protocol are no lists
        texts = dict.fromkeys(str(warning.message) for warning in caught)
        answer["parameters"] = {"warnings": " ".join(texts)}
    return answer if body.id is None else answer | {"id": body.id}


def _tensor(tensor: Tensor) -> np.ndarray:
    """Return the records of an input; its data may be flat or nested."""
    if tensor.name != INPUT or len(tensor.shape) != 3:
        raise ValueError(
            f"The input must be named {INPUT!r} and have the shape (n_records, "
            f"n_times, n_leads), but is {tensor.name!r} of shape {tensor.shape}."
        )
    size = math.prod(tensor.shape)
    if not 0 < size <= _MOST_NUMBERS:
        raise ValueError(
            f"The input has {size} numbers, but must have 1 to {_MOST_NUMBERS}; send "
            "fewer records."
        )
    try:
        values = np.array(tensor.data, np.float32)
    except ValueError:
        raise ValueError(
            "The lists of the input's data differ in length; nest them as (n_records, "
            "n_times, n_leads)."
        ) from None
    if values.size != size:
        raise ValueError(
            f"The input has {values.size} numbers, but its shape {tensor.shape} needs "
            f"{size}."
        )
    if values.ndim > 1 and list(values.shape) != tensor.shape:
        raise ValueError(
            f"The data of the input are nested as {list(values.shape)}, but its shape "
            f"is {tensor.shape}; give both as (n_records, n_times, n_leads)."
        )
    return values.reshape(tensor.shape)


def record_of(
    signal: list[list[float]], fs: float, leads: list[str], units: str
) -> Any:
    """Return samples as a labelled record; raise where they are no table."""
    widths = {*map(len, signal)}
    if widths != {len(leads)}:
        raise ValueError(
            f"Each list of signal must hold one number for each of the {len(leads)} "
            f"leads, but they hold {', '.join(map(str, sorted(widths)[:5]))}."
        )
    # A quarter faster than np.array, which looks for the shape first.
    values = np.fromiter(chain.from_iterable(signal), np.float64)
    values = values.reshape(1, -1, len(leads))
    if units == "V":
        with np.errstate(over="ignore"):  # what becomes infinite is refused
            values, units = 1e3 * values, "mV"
    record = label_records(values, fs=fs, lead_names=leads, purpose="a signal as JSON")
    return record.assign_attrs(units=units)


def _told(record: Any, sex: str | None, age: float | None) -> Any:
    """Return a record with the sex and age that the user states instead."""
    if sex is not None:
        record = record.assign_coords(sex=("record", [SEXES[sex]]))
    if age is not None:
        record = record.assign_coords(age=("record", [float(age)]))
    return record


def ping() -> bool:
    """Say that a worker answers."""
    return True


@cache
def example(name: str) -> bytes:
    """Return a synthetic recording as CSV."""
    from skecg.datasets import make_lvh_ecg

    cohort = make_lvh_ecg(8, fs=500, random_state=4)
    wanted = name == EXAMPLES[0]
    signal = cohort.data[int(np.flatnonzero(cohort.target == wanted)[0])]
    header = ",".join(["time (s)", *(f"{lead} (mV)" for lead in cohort.lead_names)])
    rows = (
        ",".join([f"{k / 500:g}", *(f"{v:.3f}" for v in row)])
        for k, row in enumerate(signal)
    )
    return "\n".join([header, *rows, ""]).encode()
