"""The service in this process, with workers that are called and not sent to."""

import time
import warnings

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("python_multipart")

with warnings.catch_warnings():
    # Of httpx, in favour of another client; both do.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from skecg.serve import _app, _workers
from tests.cli.conftest import tables  # noqa: F401
from tests.serve.process import MODEL, Service, lives


class Inline:
    """Workers of this process."""

    def __init__(self, model, n_workers, limits, *, pickles=False):
        self.full = False

    async def run(self, function, *arguments):
        if self.full:
            raise _workers.BusyError
        return function(*arguments)

    def close(self):
        """Have nothing to end."""


@pytest.fixture
def start(monkeypatch):
    """Return a function that starts a service, and gives its client."""
    monkeypatch.setattr(_app, "Workers", Inline)
    clients = []

    def start_one(**options):
        app = _app.create_app(MODEL, **options)
        client = TestClient(app, base_url="http://localhost")
        client.__enter__()
        clients.append(client)
        return client

    yield start_one
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(start):
    """The client of a service with the usual limits."""
    return start()


@pytest.fixture
def upload(tables):  # noqa: F811
    """Two recordings as they are sent."""
    return [
        ("files", ("with.csv", tables[0], "text/csv")),
        ("files", ("without.csv", tables[1], "text/csv")),
    ]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service that ends with these tests."""
    running = Service(tmp_path_factory.mktemp("service") / "log")
    yield running
    workers = running.workers()
    running.process.kill()
    running.process.wait(30)
    # Workers end with the service, even when it is killed.
    end = time.monotonic() + 30
    while any(map(lives, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(lives, workers))
