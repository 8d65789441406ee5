"""The progress bar of long loads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from skecg.utils._optional import import_optional


@contextmanager
def progress(total: int, unit: str, verbose: int) -> Iterator[Callable[[int], Any]]:
    """Show a progress bar in a terminal or notebook if `verbose`; yield its update."""
    if not verbose:
        yield lambda n_done: None
        return
    import_optional("tqdm", "progress", "verbose=1")
    with import_module("tqdm.auto").tqdm(total=total, unit=unit) as bar:
        yield bar.update
