"""Importing optional packages, with one sentence when they are missing."""

from importlib import import_module
from types import ModuleType


def import_optional(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional package; the error names the `extra` that installs it.

    `purpose`, the subject of the error's sentence, is what needs the package.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f'{purpose} needs {module}; install it with: pip install "skecg[{extra}]"'
        ) from error
