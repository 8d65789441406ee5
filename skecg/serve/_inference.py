"""The Open Inference Protocol (V2), which KServe's clients speak."""

from importlib.metadata import version
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, Field

from skecg.serve import _jobs
from skecg.serve._schemas import Problem

INPUT, OUTPUT = "ecg", "probabilities"
_MOST_NUMBERS = 5_000_000


class Tensor(BaseModel):
    """An input: records in mV, in the form that the model's metadata state."""

    name: str = Field(max_length=40)
    shape: list[Annotated[int, Field(ge=0, le=1_000_000)]] = Field(max_length=3)
    datatype: Literal["FP32", "FP64"]
    data: list[Any]
    parameters: dict[str, Any] | None = None


class Inference(BaseModel):
    """A request for probabilities."""

    id: str | None = Field(default=None, max_length=200)
    inputs: list[Tensor] = Field(min_length=1, max_length=1)
    outputs: list[dict[str, Any]] | None = None
    parameters: dict[str, Any] | None = None


def add_inference_protocol(app: FastAPI, model: str) -> None:
    """Add the routes of the protocol."""
    missing: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}

    def checked(name: str) -> Any:
        if name != app.state.model.name:
            raise HTTPException(404, f"The model in use is {app.state.model.name!r}.")
        return app.state.model

    @app.get("/v2")
    def server() -> dict[str, Any]:
        """Say which server this is."""
        return {"name": "skecg", "version": version("skecg"), "extensions": []}

    @app.get("/v2/health/live")
    def live() -> dict[str, bool]:
        """Say that the process runs."""
        return {"live": True}

    @app.get("/v2/health/ready")
    async def ready(request: Request) -> dict[str, bool]:
        """Say that a worker answers."""
        await request.app.state.workers.run(_jobs.ping)
        return {"ready": True}

    @app.get("/v2/models/{name}", responses=missing)
    def metadata(name: str) -> dict[str, Any]:
        """State what the model takes and gives."""
        n_times, n_leads = shape_of(checked(name))
        return {
            "name": name,
            "versions": [],
            "platform": "skecg",
            "inputs": [
                {"name": INPUT, "datatype": "FP32", "shape": [-1, n_times, n_leads]}
            ],
            "outputs": [{"name": OUTPUT, "datatype": "FP64", "shape": [-1, 2]}],
        }

    @app.get("/v2/models/{name}/ready", responses=missing)
    async def model_ready(request: Request, name: str) -> dict[str, Any]:
        """Say that the model answers."""
        checked(name)
        await request.app.state.workers.run(_jobs.ping)
        return {"name": name, "ready": True}

    @app.post("/v2/models/{name}/infer", responses={**missing, 422: {"model": Problem}})
    async def infer(request: Request, name: str, body: Inference) -> dict[str, Any]:
        """Return the probabilities of records."""
        checked(name)
        records = _records(body.inputs[0])
        workers = request.app.state.workers
        output = await workers.run(_jobs.probabilities, model, records)
        answer: dict[str, Any] = {
            "model_name": name,
            "outputs": [
                {
                    "name": OUTPUT,
                    "datatype": "FP64",
                    "shape": list(output.shape),
                    "data": output.ravel().tolist(),
                }
            ],
        }
        return answer if body.id is None else {**answer, "id": body.id}


def shape_of(model: Any) -> tuple[int, int]:
    """Return the samples and leads of the records that a model takes."""
    first = getattr(model.estimator, "steps", [(None, model.estimator)])[0][1]
    return int(first.n_features_in_), int(first.n_leads_in_)


def _records(tensor: Tensor) -> np.ndarray:
    """Return the records of an input; its data may be flat or nested."""
    if tensor.name != INPUT or len(tensor.shape) != 3:
        raise ValueError(
            f"The input must be named {INPUT!r} and have the shape (n_records, "
            f"n_times, n_leads), but is {tensor.name!r} of shape {tensor.shape}."
        )
    size = int(np.prod([float(n) for n in tensor.shape]))
    if not 0 < size <= _MOST_NUMBERS:
        raise ValueError(
            f"The input has {size} numbers, but must have 1 to {_MOST_NUMBERS}; send "
            "fewer records."
        )
    try:
        values = np.array(tensor.data, dtype=np.float32).ravel()
    except (TypeError, ValueError) as error:
        raise ValueError("The data of the input must be numbers.") from error
    if values.size != size:
        raise ValueError(
            f"The input has {values.size} numbers, but its shape {tensor.shape} needs "
            f"{size}."
        )
    return values.reshape(tensor.shape)
