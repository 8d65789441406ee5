"""What requests and answers hold; the OpenAPI document is made of it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from skecg.utils import OLDEST

MOST_SAMPLES = 200_000
"""Samples in time of a record by JSON; 200 s at 1,000 Hz."""

Sex = Literal["male", "female"]
Age = Annotated[float, Field(ge=0, le=OLDEST, allow_inf_nan=False)]

# Strict, as Python would read true as 1 and "500" as 500. An error for each of the
# millions of wrong numbers that a body can hold would take gigabytes.
Numbers = Annotated[
    list[Annotated[float, Field(strict=True, allow_inf_nan=False)]],
    Field(fail_fast=True),
]
Table = Annotated[list[Numbers], Field(fail_fast=True)]


class Signal(BaseModel):
    """One recording as numbers."""

    model_config = ConfigDict(extra="forbid", strict=True)

    signal: Table = Field(
        min_length=2,
        max_length=MOST_SAMPLES,
        description="One list for each sample in time, with a number for each lead.",
    )
    fs: float = Field(gt=0, le=100_000, description="Sampling rate in Hz.")
    leads: list[Annotated[str, Field(max_length=40)]] = Field(
        min_length=1, max_length=64, description='Lead names, such as "I" and "aVL".'
    )
    units: Literal["mV", "uV", "V"] = Field(description="Unit of the samples.")
    sex: Sex | None = None
    age: Age | None = Field(default=None, description="Age in years.")


INPUT, OUTPUT = "ecg", "probabilities"
"""Names of the tensors of the Open Inference Protocol."""


class Tensor(BaseModel):
    """An input: records in mV, in the form that the model's metadata state."""

    name: str = Field(max_length=40)
    shape: list[Annotated[int, Field(ge=0, le=1_000_000)]] = Field(max_length=3)
    datatype: Literal["FP32", "FP64"]
    data: Numbers | Table | Annotated[list[Table], Field(fail_fast=True)]
    parameters: dict[str, Any] | None = None


class Inference(BaseModel):
    """A request for probabilities."""

    id: str | None = Field(default=None, max_length=200)
    inputs: list[Tensor] = Field(min_length=1, max_length=1)
    outputs: list[dict[str, Any]] | None = None
    parameters: dict[str, Any] | None = None


class Decision(BaseModel):
    """The probability against one operating point of the model's card."""

    name: str
    threshold: float
    positive: bool


class Criterion(BaseModel):
    """What one published criterion says."""

    criterion: str
    title: str
    value: str
    threshold: str
    result: str


class Recording(BaseModel):
    """What was read of the recording; nothing that identifies a person."""

    format: str | None = None
    fs: float
    duration: float
    leads: list[str]
    units: str | None = None
    sex: Sex | None = None
    age: float | None = None
    device: str | None = None
    filters: str | None = None
    notes: str | None = None


class ModelName(BaseModel):
    """Which model answered."""

    name: str
    version: str
    sha256: str


class Answer(BaseModel):
    """All that is said of one recording."""

    probability: float = Field(ge=0, le=1)
    decisions: list[Decision]
    criteria: list[Criterion]
    waves: dict[str, float | None]
    quality: list[str] = []
    recording: Recording
    model: ModelName
    warnings: list[str]
    input_sha256: str
    caveat: str


class Explanation(BaseModel):
    """What the probability of one recording rests on."""

    leads: list[str] = Field(description="The limb leads count together.")
    waves: list[str]
    importances: list[list[float | None]] = Field(
        description="Log-odds lost without a wave (second axis) of a lead (first)."
    )
    log_odds: float
    model: ModelName
    caveat: str
    sheet: str = Field(description="SVG with the importances behind the traces.")


class FileAnswer(BaseModel):
    """One file of a request: an answer, or why there is none."""

    file: str
    status: Literal["ok", "refused"]
    reason: str | None = None
    answer: Answer | None = None


class Answers(BaseModel):
    """The files of a request, in their order."""

    results: list[FileAnswer]


class Problem(BaseModel):
    """Why there is no answer."""

    detail: str | list[Any]


def in_words(problems: Any, n_outer: int = 0) -> str:
    """Return what pydantic found wrong, without what was sent, which may be private.

    `n_outer` names of each place are left out: that of the part of the request.
    """
    places = [map(str, each["loc"][n_outer : n_outer + 3]) for each in problems[:5]]
    said = (
        f"{'.'.join(place) or 'The body'}: {each['msg']}"
        for place, each in zip(places, problems, strict=False)
    )
    return "; ".join(dict.fromkeys(said))
