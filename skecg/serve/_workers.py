"""Processes that read and predict, so that no upload stops the service."""

import asyncio
import gc
import multiprocessing
import os
import signal
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from skecg.serve._limits import Limits
from skecg.utils import end_with_parent


class BusyError(Exception):
    """So many requests wait that another one must come again."""


class Workers:
    """A bounded pool of processes, each with the model loaded."""

    def __init__(
        self, model: str, n_workers: int, limits: Limits, *, pickles: bool = False
    ):
        self._model, self._n_workers, self._limits = model, n_workers, limits
        self._pickles = pickles
        self._pool = self._start()
        self._n_waiting = 0

    def _start(self) -> ProcessPoolExecutor:
        """Return a pool of new processes."""
        return ProcessPoolExecutor(
            self._n_workers,
            # A copy of this process would share its threads' locks.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_load,
            initargs=(self._model, self._pickles),
        )

    async def run(self, function: Any, *arguments: Any) -> Any:
        """Call a function in a worker and return what it gives.

        Raises BusyError if too many requests wait, TimeoutError if the answer takes too
        long, and BrokenProcessPool if two workers died over it.
        """
        # The pool's own queue has no bound.
        if self._n_waiting >= self._limits.waiting:
            raise BusyError
        self._n_waiting += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                try:
                    return await self._call(function, arguments)
                except BrokenProcessPool:
                    # Most likely another request killed the worker.
                    return await self._call(function, arguments)
        finally:
            self._n_waiting -= 1

    async def _call(self, function: Any, arguments: tuple) -> Any:
        """Call a function in a worker; after a death, start new ones."""
        pool = self._pool
        try:
            future = pool.submit(_bounded, self._limits.seconds, function, arguments)
            return await asyncio.wrap_future(future)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = self._start()
            raise

    def close(self) -> None:
        """End the processes when they have answered."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _load(model: str, pickles: bool) -> None:
    """Load the model in a worker, with one thread for numerical libraries."""
    # The service tells its workers when to end; a terminal's Ctrl-C is not for them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    served(model, pickles)
    # What is loaded stays: a tenth of the time went into looking at it for garbage.
    gc.collect()
    gc.freeze()


def _bounded(seconds: float, function: Any, arguments: tuple) -> Any:
    """Call a function in a worker, which dies if it takes longer than is waited."""
    # The signal's default ends the process, wherever in a library it is. It comes a
    # second after the service has given up and answered.
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


_MODELS: dict[str, Any] = {}


def served(model: str, pickles: bool = False) -> Any:
    """Return a model, loaded once in each process."""
    from skecg.serve._model import open_model

    if model not in _MODELS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _MODELS[model] = open_model(model, pickles=pickles)
    return _MODELS[model]
