"""The Open Inference Protocol (V2), which KServe's clients speak."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, HTTPException, Request

from skecg.serve import _jobs
from skecg.serve._schemas import INPUT, OUTPUT, Inference, Problem

Run = Callable[..., Awaitable[Any]]
"""Calls a function with arguments in a worker."""


def add_inference_protocol(app: FastAPI, run: Run, model: str) -> None:
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
    async def ready() -> dict[str, bool]:
        """Say that a worker answers."""
        await run(_jobs.ping)
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
            # -1 is any number of records.
            "outputs": [{"name": OUTPUT, "datatype": "FP64", "shape": [-1, 2]}],
        }

    @app.get("/v2/models/{name}/ready", responses=missing)
    async def model_ready(name: str) -> dict[str, Any]:
        """Say that the model answers."""
        checked(name)
        await run(_jobs.ping)
        return {"name": name, "ready": True}

    schema = Inference.model_json_schema()
    # A reference would point to another place in the document.
    schema["properties"]["inputs"]["items"] = schema.pop("$defs")["Tensor"]
    body = {"application/json": {"schema": schema}}

    @app.post(
        "/v2/models/{name}/infer",
        responses={**missing, 422: {"model": Problem}},
        openapi_extra={"requestBody": {"required": True, "content": body}},
    )
    async def infer(request: Request, name: str) -> dict[str, Any]:
        """Return the probabilities of records."""
        checked(name)
        job = _jobs.infer, model, await request.body()
        return await run(*job)


def shape_of(model: Any) -> tuple[int, int]:
    """Return the samples and leads of the records that a model takes."""
    first = getattr(model.estimator, "steps", [(None, model.estimator)])[0][1]
    return int(first.n_features_in_), int(first.n_leads_in_)
