"""Importing optional packages, with one sentence when they are missing."""

from importlib import import_module
from types import ModuleType


def import_optional(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or say how to install it.

    Parameters
    ----------
    module : str
        The module's name, such as ``"pandas"``.
    extra : str
        The extra of skecg that brings it, such as ``"ptbxl"``.
    purpose : str
        What needs it, as the subject of the error's sentence.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    ImportError
        If the module is not installed.

    Examples
    --------
    >>> import_optional("math", "plot", "the example").sqrt(4)
    2.0
    >>> import_optional("no_such_package", "plot", "ECGDisplay")
    Traceback (most recent call last):
    ...
    ImportError: ECGDisplay needs no_such_package; install it with: pip install "skecg[plot]"
    """  # noqa: E501
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f'{purpose} needs {module}; install it with: pip install "skecg[{extra}]"'
        ) from error
