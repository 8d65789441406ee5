"""Starting the service, safe by default."""

import logging
import os
from pathlib import Path

from skecg.serve._limits import Limits, is_loopback
from skecg.utils import import_optional

_SHORTEST_TOKEN = 16
# Time for the head of a request, after the connection and after an answer.
_IDLE_SECONDS = 5
TOKEN_VARIABLE = "SKECG_TOKEN"


def run_service(
    model: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    token_file: str | os.PathLike | None = None,
    n_workers: int = 2,
    limits: Limits | None = None,
    pickles: bool = False,
) -> None:
    """Serve a trained pipeline until the process is told to end.

    Parameters
    ----------
    model : str
        What :func:`skecg.serve.open_model` takes.
    host : str, default="127.0.0.1"
        Address to listen on. Any other than a loopback address needs a token.
    port : int, default=8000
        Port to listen on.
    token_file : str or path-like, default=None
        File that holds the token; None means the environment variable
        ``SKECG_TOKEN``, where it is set.
    n_workers : int, default=2
        Processes that read files and predict.
    limits : Limits, default=None
        Bounds of requests; None means the defaults.
    pickles : bool, default=False
        Whether `model` may be a file of joblib.

    Raises
    ------
    ValueError
        If the address needs a token and there is none, or it is too short.
    ImportError
        If the extra ``serve`` is not installed.

    Examples
    --------
    >>> run_service("ptbxl_lstm")  # doctest: +SKIP
    """
    for needed in ("fastapi", "jinja2", "prometheus_client", "python_multipart"):
        import_optional(needed, "serve", "skecg serve")
    uvicorn = import_optional("uvicorn", "serve", "skecg serve")
    from skecg.serve._app import create_app
    from skecg.serve._protocol import impatient

    token = read_token(token_file)
    if token is None and not is_loopback(host):
        raise ValueError(
            f"host={host!r} can be reached by others, so that a token is needed: give "
            f"--token-file, or set {TOKEN_VARIABLE}."
        )
    limits = limits or Limits()
    app = create_app(
        model, token=token, limits=limits, n_workers=n_workers, pickles=pickles
    )
    # Paths and addresses stay out of the log; counts are in /metrics. The parser of
    # forms would log bytes of what was sent.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    uvicorn.run(
        app,
        http=impatient(_IDLE_SECONDS),
        ws="none",  # a request for a WebSocket would be logged with its path
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        date_header=False,
        # Idle connections count among those that are allowed.
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=int(limits.seconds),
        limit_concurrency=4 * limits.waiting,
        h11_max_incomplete_event_size=16 * 1024,
    )


def read_token(token_file: str | os.PathLike | None) -> str | None:
    """Return the token of a file or of the environment, None where there is none."""
    if token_file is not None:
        token = Path(token_file).read_text(encoding="utf-8").strip()
        where = os.fspath(token_file)
    else:
        token, where = os.environ.get(TOKEN_VARIABLE, "").strip(), TOKEN_VARIABLE
        if not token:
            return None
    if len(token) < _SHORTEST_TOKEN or not token.isascii():
        raise ValueError(
            f"{where} holds a token of {len(token)} characters, but it must have "
            f"{_SHORTEST_TOKEN} or more of ASCII; make one with: openssl rand -hex 32."
        )
    return token
