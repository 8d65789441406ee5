"""Worker processes that do not outlive the process that started them."""

import multiprocessing
import os
from multiprocessing.connection import wait
from threading import Thread


def end_with_parent() -> None:
    """End this worker when its parent ends, even by a signal that can't be caught.

    A worker of a pool waits for work on a pipe that it holds open itself, so that it
    would wait for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    """Wait for the end of the parent, then leave without any tidying up."""
    # Signals of the parent can't be caught here; its sentinel closes in any case.
    wait([sentinel])
    os._exit(1)
