"""Whether leads without a signal may be estimated from the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_KEPT = ContextVar("lost leads are kept", default=False)


@contextmanager
def keep_lost_leads() -> Iterator[None]:
    """Let estimators leave lost leads as they are: they were flattened on purpose."""
    token = _KEPT.set(True)
    try:
        yield
    finally:
        _KEPT.reset(token)


def lost_leads_are_kept() -> bool:
    """Tell whether the call is within :func:`keep_lost_leads`."""
    return _KEPT.get()
