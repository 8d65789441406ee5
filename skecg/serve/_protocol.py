"""HTTP over connections that are closed when no request comes."""

import asyncio
from typing import Any


def impatient(seconds: float) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol with a bound on the time until a request's head is in.

    uvicorn bounds the time between two requests alone. Silent connections would stay,
    and a few hundred of them are as many as the service takes.
    """
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Impatient(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._look_again()

        def _look_again(self) -> None:
            idle = self.cycle is None or self.cycle.response_complete
            self._look = self.loop.call_later(
                seconds, self._close_if_idle, self.cycle, idle
            )

        def _close_if_idle(self, seen: Any, was_idle: bool) -> None:
            # No request came since the last look, when none was in progress.
            if was_idle and self.cycle is seen:
                self.transport.close()
            else:
                self._look_again()

        def connection_lost(self, error: Exception | None) -> None:
            self._look.cancel()
            super().connection_lost(error)

    return Impatient
