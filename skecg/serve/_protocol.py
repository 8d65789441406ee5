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
            self._look = self.loop.call_later(seconds, self._close_if_idle, self.cycle)

        def _close_if_idle(self, seen: Any) -> None:
            # The last request was answered when it was looked at before, or is none.
            if self.cycle is seen and (seen is None or seen.response_complete):
                self.transport.close()
            else:
                self._look_again()

        def connection_lost(self, error: Exception | None) -> None:
            self._look.cancel()
            super().connection_lost(error)

    return Impatient
