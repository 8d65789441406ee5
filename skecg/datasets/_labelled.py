"""Arrays with names on their axes, and progress bars: what the loaders share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from skecg.utils import import_optional


def label_records(
    data: np.ndarray,
    *,
    fs: float | None,
    lead_names: Sequence[str] | None,
    purpose: str,
    **record_coords: np.ndarray,
) -> Any:
    """Wrap data in mV into a DataArray with what is known of its axes."""
    xarray = import_optional("xarray", "xarray", purpose)
    coords: dict[str, Any] = {
        name: ("record", values) for name, values in record_coords.items()
    }
    if fs is not None:
        coords["time"] = np.arange(data.shape[1]) / fs
    if lead_names is not None:
        coords["lead"] = list(lead_names)
    return xarray.DataArray(
        data, dims=("record", "time", "lead"), coords=coords, attrs={"units": "mV"}
    )


@contextmanager
def progress(total: int, unit: str, verbose: int) -> Iterator[Callable[[int], Any]]:
    """Show a progress bar in a terminal or notebook if `verbose`; yield its update."""
    if not verbose:
        yield lambda n_done: None
        return
    import_optional("tqdm", "ptbxl", "verbose=1")
    with import_module("tqdm.auto").tqdm(total=total, unit=unit) as bar:
        yield bar.update


def check_option(name: str, value: Any, allowed: Sequence) -> None:
    """Raise a ValueError unless the parameter has one of the allowed values."""
    if value not in allowed:
        listed = ", ".join(repr(option) for option in allowed)
        raise ValueError(f"{name} must be one of {listed}, but got {value!r}.")
