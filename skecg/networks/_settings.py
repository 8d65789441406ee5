"""Standard settings of Keras around everything that networks do."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_STANDARD = {
    "image_data_format": "channels_last",
    "floatx": "float32",
    "epsilon": 1e-7,
    # Limits for debugging, which older versions of Keras lack.
    "max_epochs": None,
    "max_steps_per_epoch": None,
}
_lock = threading.Lock()
_n_inside = 0
_put_aside: list[tuple[Callable, Any]] = []


@contextmanager
def standard_settings() -> Iterator[None]:
    """Give Keras its standard settings inside a ``with`` block or a function.

    These are channels last, float32 and an epsilon of 1e-7. The user's own settings
    come back at the end.

    Notes
    -----
    Layers, losses and metrics read the settings when they are made and again when they
    are traced. skecg keeps traced networks, so that a setting would act on later fits
    too.

    Examples
    --------
    >>> import keras
    >>> from skecg.networks import standard_settings
    >>> with standard_settings():
    ...     keras.config.image_data_format()
    'channels_last'
    """
    import keras

    # The policy belongs to a thread. Keras derives it from floatx at its first use,
    # so it is read before floatx is set.
    policy = keras.config.dtype_policy()
    with _process_settings():
        if policy.name == "float32":
            yield
            return
        keras.config.set_dtype_policy("float32")
        try:
            yield
        finally:
            keras.config.set_dtype_policy(policy)


@contextmanager
def _process_settings() -> Iterator[None]:
    """Set the settings of the process until the last of several threads leaves."""
    global _n_inside
    # Threads may fit at once: the first saves the user's settings, and the last
    # restores them.
    with _lock:
        if not _n_inside:
            _put_aside[:] = _set_standard()
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if not _n_inside:
                for restore, value in _put_aside:
                    restore(value)


def _set_standard() -> list[tuple[Callable, Any]]:
    """Set the standard settings; return the functions and values that undo it."""
    from keras import config

    changed = []
    for name, value in _STANDARD.items():
        current = getattr(config, name, lambda value=value: value)()
        if current != value:
            restore = getattr(config, f"set_{name}")
            restore(value)
            changed.append((restore, current))
    return changed
