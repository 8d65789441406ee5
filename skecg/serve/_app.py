"""The HTTP service as an ASGI application."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import FastAPI, File, Form, HTTPException, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from skecg.pretrained import pretrained_card, pretrained_names
from skecg.serve import _jobs
from skecg.serve._fhir import FHIR, as_fhir
from skecg.serve._inference import Run, add_inference_protocol
from skecg.serve._limits import Guard, Limits
from skecg.serve._model import CAVEAT, DEFAULT_MODEL
from skecg.serve._recordings import Files, gather
from skecg.serve._report import PAGE, render_refusal, templates
from skecg.serve._schemas import (
    Age,
    Answer,
    Answers,
    Explanation,
    Problem,
    Sex,
    Signal,
    in_words,
)
from skecg.serve._workers import BusyError, Workers, served
from skecg.utils import OLDEST

ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (401, 408, 413, 422, 429, 503)
}
_AS_JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
ERRORS_BESIDE: dict[int | str, dict[str, Any]] = {
    status: {"content": _AS_JSON} for status in ERRORS
}
"""Those of answers that are no JSON, which FastAPI would take the errors for too."""


OneRecording = Annotated[
    list[UploadFile],
    File(description="One ECG file, or the files of one WFDB record."),
]

# How often a service waits as long as for an answer until a worker has started.
_STARTS = 4


def create_app(
    model: str = DEFAULT_MODEL,
    *,
    token: str | None = None,
    limits: Limits | None = None,
    n_workers: int = 2,
    pickles: bool = False,
) -> FastAPI:
    """Return the service as an ASGI application.

    The parameters are those of :func:`skecg.serve.run_service`; `token` is what
    requests must carry, None asks for none.
    """
    limits = limits or Limits()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.workers = Workers(model, n_workers, limits, pickles=pickles)
        await _wait_for(app.state.workers)
        yield
        app.state.workers.close()

    app = FastAPI(
        title="skecg",
        version=version("skecg"),
        description=CAVEAT,
        # FastAPI's own pages load scripts from another site.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.router.route_class = _InMemoryRoute
    app.state.model = served(model, pickles)

    async def run(*job: Any) -> Any:
        return await app.state.workers.run(*job)

    _add_errors(app)
    _add_predictions(app, run, model, limits, n_workers)
    _add_pictures(app, run, model, limits)
    _add_models(app)
    _add_health(app, run)
    _add_page(app, run, limits)
    add_inference_protocol(app, run, model)
    _add_metrics(app)
    app.add_middleware(Guard, limits=limits, token=token)
    return app


# The page sends its form as a whole to each route.
_FIELDS = ("file", "files", "sex", "age", "speed", "gain")


class _InMemoryParser(MultiPartParser):
    """A parser of uploads that never writes them to disk."""

    spool_max_size = 0
    """No limit: the guard has bounded the body, and it is in memory already."""
    max_file_size = 0
    """The same, as Starlette before 0.46 calls it."""


class _InMemoryRoute(APIRoute):
    """A route whose uploads stay in memory; Starlette's go to disk beyond 1 MB."""

    def get_route_handler(self) -> Any:
        """Return a handler that gets the form parsed."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.headers.get("content-type", "").startswith("multipart/"):
                parser = _InMemoryParser(request.headers, request.stream())
                try:
                    request._form = await parser.parse()
                except (MultiPartException, ValueError) as error:
                    reason = str(error).rstrip(".")
                    raise HTTPException(422, f"The form is broken: {reason}.") from None
                await _refuse_unclear(request._form)
            return await handler(request)

        return handle


async def _refuse_unclear(form: Any) -> None:
    """Raise for a field that no route has, has two values, or is text and no file.

    Of two values FastAPI would take the last.
    """
    items = form.multi_items()
    names = [name for name, _ in items]
    text = next((k for k, v in items if k in _FIELDS[:2] and isinstance(v, str)), None)
    unknown = next((name for name in names if name not in _FIELDS), None)
    twice = next((name for name in _FIELDS[2:] if names.count(name) > 1), None)
    if unknown is not None:
        said = f"The form has the field {unknown[:40]!r}; give {', '.join(_FIELDS)}."
    elif twice is not None:
        said = f"The form has several values of the field {twice!r}; give one."
    elif text is not None:
        said = f"The field {text!r} has text, but must be a file; send its name too."
    else:
        return
    await form.close()
    raise HTTPException(422, said)


def _add_errors(app: FastAPI) -> None:
    """Answer each kind of failure with its status and one sentence."""

    @app.exception_handler(ValueError)
    @app.exception_handler(ImportError)
    async def refused(request: Request, error: Exception) -> Response:
        return _problem(request, 422, _in_one_line(error))

    @app.exception_handler(StarletteHTTPException)
    async def told(request: Request, error: StarletteHTTPException) -> Response:
        return _problem(request, error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # Without what was sent, which may be of a patient.
        return _problem(request, 422, in_words(error.errors(), 1))

    @app.exception_handler(BusyError)
    async def busy(request: Request, error: Exception) -> Response:
        detail = "Too many requests wait; send this one again."
        return _problem(request, 429, detail, {"Retry-After": "1"})

    @app.exception_handler(TimeoutError)
    async def late(request: Request, error: Exception) -> Response:
        detail = "The answer took too long; send fewer or shorter recordings."
        return _problem(request, 503, detail, {"Retry-After": "5"})

    @app.exception_handler(BrokenProcessPool)
    async def died(request: Request, error: Exception) -> Response:
        detail = "The workers that read this died; send it again, or as another format."
        return _problem(request, 503, detail, {"Retry-After": "5"})


def _problem(
    request: Request, status: int, detail: str, headers: Any = None
) -> Response:
    """Return an error, in the Open Inference Protocol under its own name too."""
    content = {"detail": detail}
    if request.url.path.startswith("/v2"):
        content["error"] = detail
    return JSONResponse(content, status, headers)


def _add_predictions(
    app: FastAPI, run: Run, model: str, limits: Limits, n_workers: int
) -> None:
    """Add prediction of files and of numbers."""
    # The body goes to a worker unread, as its numbers take longer than all the rest.
    as_json = {"application/json": {"schema": Signal.model_json_schema()}}

    async def by_numbers(request: Request) -> Response:
        job = _jobs.predict_signal, model, await request.body()
        return JSONResponse(await run(*job))

    @app.post(
        "/v1/predict",
        response_model=Answers | Answer,
        responses=ERRORS,
        openapi_extra={"requestBody": {"content": as_json}},
    )
    async def predict(
        request: Request,
        files: Annotated[
            list[UploadFile] | None,
            File(description="ECG files; those of a WFDB record are one recording."),
        ] = None,
        sex: Annotated[Sex | None, Form()] = None,
        age: Annotated[Age | None, Form()] = None,
    ) -> Response:
        """Say all that is known of the recordings in files, or of one as numbers."""
        kind = request.headers.get("content-type", "application/json")
        if kind.startswith("application/json"):
            return await by_numbers(request)
        if not files:
            raise HTTPException(422, "Send ECG files in the field 'files', or JSON.")
        # More at a time than there are workers would make other requests wait.
        turn = asyncio.Semaphore(n_workers)

        async def row_of(recording: Files) -> dict[str, Any]:
            row = {"file": next(iter(recording)), "reason": None, "answer": None}
            try:
                async with turn:
                    job = _jobs.predict_file, model, recording, sex, age
                    return row | {"status": "ok", "answer": await run(*job)}
            except (ImportError, ValueError) as error:
                return row | {"status": "refused", "reason": _in_one_line(error)}

        recordings = await _recordings(files, limits)
        try:
            # A group, unlike `gather`, gives the other files up when one fails.
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(row_of(files)) for files in recordings]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        results = [task.result() for task in tasks]
        # A response, as FastAPI would check plain values against the schema again.
        if FHIR in request.headers.get("accept", ""):
            return JSONResponse(as_fhir(results), media_type=FHIR)
        return JSONResponse({"results": results})

    @app.post(
        "/v1/predict-signal",
        response_model=Answer,
        responses=ERRORS,
        openapi_extra={"requestBody": {"required": True, "content": as_json}},
    )
    async def predict_signal(request: Request) -> Response:
        """Say all that is known of a recording that comes as numbers."""
        return await by_numbers(request)


async def _recordings(uploads: list[UploadFile], limits: Limits) -> list[Files]:
    """Return the recordings in the files of a request."""
    if len(uploads) > limits.files:
        raise HTTPException(
            413, f"A request may have {limits.files} files; send fewer at once."
        )
    return gather([((u.filename or "")[:200], await u.read()) for u in uploads])


def _add_pictures(app: FastAPI, run: Run, model: str, limits: Limits) -> None:
    """Add the sheet of a recording, and the page about it."""

    async def only(uploads: list[UploadFile]) -> Files:
        recordings = await _recordings(uploads, limits)
        if len(recordings) != 1:
            raise HTTPException(
                422,
                f"The request has {len(recordings)} recordings; send one file, or the "
                "header and the signal files of one WFDB record.",
            )
        return recordings[0]

    @app.post(
        "/v1/render",
        response_class=Response,
        responses={**ERRORS_BESIDE, 200: {"content": {"image/svg+xml": {}}}},
    )
    async def render(
        file: OneRecording,
        speed: Annotated[Literal["25", "50"], Form()] = "25",
        gain: Annotated[Literal["5", "10", "20"], Form()] = "10",
    ) -> Response:
        """Draw the 12-lead sheet of the recording in a file."""
        drawing = _jobs.render_file, await only(file), float(speed), float(gain)
        return Response(await run(*drawing), media_type="image/svg+xml")

    @app.post("/v1/explain", response_model=Explanation, responses=ERRORS)
    async def explain(
        file: OneRecording,
        sex: Annotated[Sex | None, Form()] = None,
        age: Annotated[Age | None, Form()] = None,
        speed: Annotated[Literal["25", "50"], Form()] = "25",
        gain: Annotated[Literal["5", "10", "20"], Form()] = "10",
    ) -> Response:
        """Say which waves of which leads the probability rests on, by occlusion."""
        files, told = await only(file), (sex, age)
        job = _jobs.explain_file, model, files, told, float(speed), float(gain)
        return JSONResponse(await run(*job))

    @app.post(
        "/v1/report",
        response_class=HTMLResponse,
        responses={**ERRORS_BESIDE, 422: {"content": {**_AS_JSON, "text/html": {}}}},
    )
    async def report(
        request: Request,
        file: OneRecording,
        sex: Annotated[Sex | Literal[""], Form()] = "",
        age: Annotated[Age | Literal[""], Form()] = "",
        speed: Annotated[Literal["25", "50"], Form()] = "25",
        gain: Annotated[Literal["5", "10", "20"], Form()] = "10",
        part: bool = False,
        download: bool = False,
    ) -> Response:
        """Return a page about the recording in a file."""
        files = await only(file)
        options = {
            "sex": sex or None,
            "age": None if age == "" else age,
            "speed": float(speed),
            "gain": float(gain),
        }
        kind = "part" if part else "file" if download else "page"
        title = next(iter(files)) or "Recording"
        job = _jobs.report_file, model, files, title, options, kind
        try:
            return HTMLResponse(await run(*job))
        except (ImportError, ValueError) as error:
            if "text/html" not in request.headers.get("accept", ""):
                raise
            return HTMLResponse(render_refusal(_in_one_line(error), title), 422)


def _in_one_line(error: Exception) -> str:
    """Return what an error says."""
    return " ".join(str(error).split())


def _add_models(app: FastAPI) -> None:
    """Add the cards of the models."""

    @app.get("/v1/models")
    def models() -> list[dict[str, str | bool]]:
        """List the trained models of the package, and the one that answers."""
        used = app.state.model
        named = [(n, pretrained_card(n)["summary"]) for n in pretrained_names()]
        others = [] if used.name in dict(named) else [(used.name, "The model in use.")]
        return [
            {"name": name, "summary": text, "used": name == used.name}
            for name, text in [*named, *others]
        ]

    @app.get("/v1/models/{name}", responses={404: {"model": Problem}})
    def card(name: str) -> dict[str, Any]:
        """Return the card of a model: data, figures, operating points, caveats."""
        if name == app.state.model.name:
            return app.state.model.card
        if name not in pretrained_names():
            raise HTTPException(
                404, f"There is no such model; see {pretrained_names()}."
            )
        return pretrained_card(name)


async def _wait_for(workers: Workers) -> None:
    """Wait for a worker; to load a model may take longer than an answer may."""
    for left in reversed(range(_STARTS)):
        try:
            return await workers.run(_jobs.ping)
        except TimeoutError:
            if not left:
                raise


def _add_health(app: FastAPI, run: Run) -> None:
    """Add what a supervisor asks."""

    @app.get("/health/live")
    def live() -> dict[str, str]:
        """Say that the process runs."""
        return {"status": "live"}

    @app.get("/health/ready", responses={503: {"model": Problem}})
    async def ready() -> dict[str, str]:
        """Say that a worker answers."""
        await run(_jobs.ping)
        return {"status": "ready"}


def _add_metrics(app: FastAPI) -> None:
    """Add counters for Prometheus; paths are those of the routes."""
    registry = CollectorRegistry()
    count = Counter(
        "skecg_requests", "Answered requests.", ["path", "status"], registry=registry
    )
    seconds = Histogram(
        "skecg_request_seconds", "Time of an answer.", ["path"], registry=registry
    )

    @app.middleware("http")
    async def measure(request: Request, call_next: Any) -> Response:
        start = time.perf_counter()
        response = await call_next(request)
        route = request.scope.get("route")
        # The route and not the path, which anyone can make up without end.
        path = getattr(route, "path", "other")
        seconds.labels(path).observe(time.perf_counter() - start)
        count.labels(path, response.status_code).inc()
        return response

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(
            generate_latest(registry), media_type="text/plain; version=0.0.4"
        )


def _add_page(app: FastAPI, run: Run, limits: Limits) -> None:
    """Add the page, its files and the description of the interface."""
    app.mount("/static", StaticFiles(directory=str(PAGE / "static")), name="static")

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def page() -> Response:
        page = (
            templates()
            .get_template("index.html")
            .render(
                model=app.state.model,
                caveat=CAVEAT,
                largest=limits.body,
                oldest=OLDEST,
            )
        )
        return HTMLResponse(page)

    @app.get("/docs", response_class=HTMLResponse, include_in_schema=False)
    def description() -> Response:
        page = templates().get_template("docs.html")
        return HTMLResponse(page.render(openapi=app.openapi(), caveat=CAVEAT))

    @app.get("/v1/examples/{name}", responses={404: {"model": Problem}})
    async def example(name: str) -> Response:
        """Return a synthetic recording as a file, to try the service with."""
        if name not in _jobs.EXAMPLES:
            raise HTTPException(404, f"There is no such example; see {_jobs.EXAMPLES}.")
        content = await run(_jobs.example, name)
        return Response(content, media_type="text/csv")
