"""What a request may be and do, before any of it is read."""

import asyncio
import hmac
import ipaddress
import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LOG = logging.getLogger("skecg.serve")

OPEN = ("/health/live", "/health/ready")
"""Paths that need no token; they say nothing but that the service runs."""

HEADERS = {
    # All is refused but the service's own files; pictures may be data URIs.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
        "data:; connect-src 'self'; font-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


@dataclass(frozen=True)
class Limits:
    """Bounds of one request and of all together.

    Attributes
    ----------
    body : int
        Bytes of a request's body.
    files : int
        Files of one request.
    body_seconds : float
        Time in which a body must have arrived.
    seconds : float
        Time in which an answer must be ready.
    waiting : int
        Requests that wait for a worker; more are told to come again.
    memory : int
        Bytes of all bodies that are held at a time.
    """

    body: int = 20 * 2**20
    files: int = 16
    body_seconds: float = 20.0
    seconds: float = 30.0
    waiting: int = 64
    memory: int = 256 * 2**20


class Guard:
    """ASGI middleware: who may ask, size and time of the body, security headers.

    With a token, requests must carry it as ``Authorization: Bearer``. Without one, only
    requests to a loopback name pass, and none that another site sends from a browser:
    else any page that someone visits could ask the service.
    """

    def __init__(self, app: Any, limits: Limits, token: str | None):
        self._app, self._limits, self._token = app, limits, token
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.lower(): v for k, v in scope["headers"]}
        answer = _Answer(send)
        if refusal := self._refusal(scope["path"], headers):
            await answer.refuse(*refusal)
            return
        try:
            # All of the body is read here, so that a slow one holds no worker.
            async with asyncio.timeout(self._limits.body_seconds):
                body = await self._read(receive)
        except TimeoutError:
            await answer.refuse(408, "The body took too long; send it again.")
        except _RefusedError as refused:
            await answer.refuse(*refused.args)
        except ConnectionError:  # nobody is there to be answered
            return
        else:
            try:
                await self._hand_on(scope, _replay(body, receive), answer)
            finally:
                self._held -= len(body)

    async def _hand_on(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        """Let the application answer; what fails inside is logged without its words."""
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            # The message may hold what was sent, which may be of a patient.
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            where = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
            LOG.error("%s in %s", type(error).__name__, where)
            if not answer.started:
                await answer.refuse(500, "The service failed; its log says where.")

    def _refusal(
        self, path: str, headers: dict[bytes, bytes]
    ) -> tuple[int, str] | None:
        """Return status and reason if a request is refused unread."""
        if path in OPEN:
            return None
        if self._token is not None:
            given = headers.get(b"authorization", b"")
            # Compared in constant time, so that the time of an answer tells no part of
            # it.
            expected = f"Bearer {self._token}".encode()
            if not hmac.compare_digest(given, expected):
                said = "The token is absent or wrong"
                return 401, f"{said}; send Authorization: Bearer TOKEN."
        # A page of another site can name this machine by a domain of its own (DNS
        # rebinding), but its requests carry that domain in Host.
        elif not is_loopback(_name_of_host(headers.get(b"host", b""))):
            return 403, (
                "Without a token the service answers to localhost alone; ask it by "
                "that name, or start it with --token-file."
            )
        elif headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site"):
            return 403, "Another site may not ask; open the page of the service."
        if b"transfer-encoding" in headers and b"content-length" in headers:
            # A proxy that goes by the other one sees another request in the body.
            return 400, "The body has a length and a transfer encoding; send one."
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._limits.body:
            return 413, self._too_large()
        return None

    async def _read(self, receive: Receive) -> bytes:
        """Return the body, and count it among those that are held."""
        parts: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionError
                part = message.get("body", b"")
                size += len(part)
                self._held += len(part)
                if size > self._limits.body:
                    raise _RefusedError(413, self._too_large())
                if self._held > self._limits.memory:
                    raise _RefusedError(
                        429, "Too many bodies wait; send this one again."
                    )
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
        except BaseException:
            self._held -= size
            raise

    def _too_large(self) -> str:
        """Say how large a body may be."""
        return f"The body is larger than {self._limits.body} bytes; send fewer files."


class _RefusedError(Exception):
    """A body is refused, with status and reason."""


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_of_host(header: bytes) -> str:
    """Return the name or address in a Host header, without its port."""
    host = header.decode("latin-1").strip()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read, and then what comes."""
    sent = False

    async def replay() -> dict[str, Any]:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


class _Answer:
    """A `send` that adds the security headers, and knows whether it has begun."""

    def __init__(self, send: Send):
        self._send, self.started = send, False

    async def __call__(self, message: dict[str, Any]) -> None:
        """Send a message of ASGI."""
        if message["type"] == "http.response.start":
            self.started = True
            names = {name.lower() for name, _ in message.get("headers", [])}
            more = [
                (name.encode(), value.encode())
                for name, value in HEADERS.items()
                if name.encode() not in names
            ]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await self._send(message)

    async def refuse(self, status: int, detail: str) -> None:
        """Answer with an error."""
        body = json.dumps({"detail": detail}).encode()
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        headers.append((b"content-length", str(len(body)).encode()))
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if status == 429:
            headers.append((b"retry-after", b"1"))
        await self(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await self({"type": "http.response.body", "body": body})
