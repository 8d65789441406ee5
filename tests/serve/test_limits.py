"""The guard before the service: bodies that are slow, large, many or cut off."""

import asyncio
import json

import pytest

from skecg.serve._limits import Guard, Limits, is_loopback
from skecg.serve._run import read_token, run_service

SCOPE = {
    "type": "http",
    "path": "/",
    "headers": [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")],
}


async def _echo(scope, receive, send):
    """Answer with the length of the body."""
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def _ask(guard, *parts, wait=0.0, ends=True):
    """Return status, headers and body of an answer to a body in parts."""

    async def ask():
        left, sent = list(parts), []

        async def receive():
            if not left:
                if not ends:
                    return {"type": "http.disconnect"}
                await asyncio.sleep(60)
            await asyncio.sleep(wait)
            part = left.pop(0)
            more = bool(left) or not ends
            return {"type": "http.request", "body": part, "more_body": more}

        async def send(message):
            sent.append(message)

        await guard(SCOPE, receive, send)
        return sent

    sent = asyncio.run(ask())
    if not sent:
        return None
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_a_body_in_parts_is_handed_on_whole():
    status, headers, body = _ask(Guard(_echo, Limits(), None), b"abc", b"de")
    assert (status, body) == (200, b"5")
    assert headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize(
    ("limits", "parts", "wait", "status"),
    [
        (Limits(body=4), [b"abc", b"de"], 0, 413),
        (Limits(memory=4), [b"abc", b"de"], 0, 429),
        (Limits(body_seconds=0.05), [b"a"] * 9, 0.02, 408),
    ],
)
def test_a_body_beyond_a_limit_is_refused(limits, parts, wait, status):
    guard = Guard(_echo, limits, None)
    found, headers, body = _ask(guard, *parts, wait=wait)
    assert found == status
    assert json.loads(body)["detail"]
    assert (b"retry-after" in headers) == (status == 429)
    # What was held is let go, so that the next one passes.
    assert _ask(guard, b"abc")[0] == 200


def test_a_thousand_wrong_tokens_open_nothing():
    asked = []

    async def count(scope, receive, send):
        asked.append(scope)
        await _echo(scope, receive, send)

    async def receive():
        return {"type": "http.request", "body": b"abc", "more_body": False}

    async def statuses(guard, tokens):
        found = []

        async def send(message):
            found.append(message.get("status"))

        for token in tokens:
            header = (b"authorization", b"Bearer " + token)
            await guard(SCOPE | {"headers": [*SCOPE["headers"], header]}, receive, send)
        return found[::2]

    right = "0123456789abcdef"
    guard = Guard(count, Limits(), right)
    wrong = [right[: k % 17].encode() + bytes([k % 256]) for k in range(1000)]
    assert set(asyncio.run(statuses(guard, wrong))) == {401}
    assert not asked
    assert asyncio.run(statuses(guard, [right.encode()])) == [200]


def test_a_client_that_goes_away_gets_no_answer():
    guard = Guard(_echo, Limits(memory=4), None)
    assert _ask(guard, b"abc", ends=False) is None
    assert _ask(guard, b"abc")[0] == 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("ecg.example", False),
        ("localhost.example", False),
    ],
)
def test_only_this_machine_is_loopback(host, expected):
    assert is_loopback(host) == expected


def test_other_addresses_need_a_token(tmp_path, monkeypatch):
    monkeypatch.delenv("SKECG_TOKEN", raising=False)
    with pytest.raises(ValueError, match="a token is needed: give --token-file"):
        run_service("ptbxl_lstm", host="0.0.0.0")
    assert read_token(None) is None
    file = tmp_path / "token"
    file.write_text("short\n")
    with pytest.raises(ValueError, match="holds a token of 5 characters"):
        read_token(file)
    file.write_text("0123456789abcdef\n")
    assert read_token(file) == "0123456789abcdef"
    monkeypatch.setenv("SKECG_TOKEN", "fedcba9876543210")
    assert read_token(None) == "fedcba9876543210"


def test_connections_without_a_whole_request_are_closed():
    pytest.importorskip("uvicorn")
    from uvicorn import Config
    from uvicorn.server import ServerState

    from skecg.serve._protocol import impatient

    async def app(scope, receive, send):
        await asyncio.sleep(0.3)  # a slow answer is waited for
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    async def ask(port, sent):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        found = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return found

    async def run():
        config = Config(app, lifespan="off", timeout_keep_alive=600)
        config.load()
        options = {"config": config, "server_state": ServerState(), "app_state": {}}
        server = await asyncio.get_running_loop().create_server(
            lambda: impatient(0.1)(**options), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        whole = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
        asked = (ask(port, sent) for sent in (b"", whole[:9], whole, whole + whole[:9]))
        answers = await asyncio.gather(*asked)
        server.close()
        return answers

    silent, half, whole, more = asyncio.run(run())
    assert silent == half == b""
    assert whole.endswith(b"ok")
    assert more.endswith(b"ok")
