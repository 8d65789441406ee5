"""Arrays with names on their axes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from skecg.utils._optional import import_optional

_MOST_SHARED = 100_000  # samples; the times of a Holter recording are not kept


def label_records(
    data: np.ndarray,
    *,
    fs: float | None,
    lead_names: Sequence[str] | None,
    purpose: str,
    **record_coords: np.ndarray,
) -> Any:
    """Wrap data in mV into a DataArray with labelled axes."""
    import_optional("xarray", "xarray", purpose)
    leads = None if lead_names is None else tuple(lead_names)
    if len(data) != 1 or data.shape[1] > _MOST_SHARED:
        return _wrap(data, fs, leads, record_coords)
    # One record, as files have it: a copy of another one takes a third of the time.
    labelled = _template(data.shape, fs, leads, tuple(record_coords))
    labelled = labelled.copy(deep=False, data=data)
    for name, values in record_coords.items():
        labelled.coords[name].values = np.array(values)
    return labelled


def _wrap(
    data: np.ndarray,
    fs: float | None,
    leads: tuple[str, ...] | None,
    record_coords: Mapping[str, np.ndarray],
) -> Any:
    """Make a DataArray of data and of what is known of its axes."""
    xarray = import_module("xarray")
    # Variables, as xarray takes twice the time to make them of arrays and lists.
    coords: dict[str, Any] = {
        name: xarray.Variable("record", values)
        for name, values in record_coords.items()
    }
    indexes = {}
    if fs is not None:
        n_times = data.shape[1]
        times = _times if n_times <= _MOST_SHARED else _times.__wrapped__
        coords["time"], indexes["time"] = times(n_times, fs)
    if leads is not None:
        coords["lead"], indexes["lead"] = lead_axis(leads)
    return xarray.DataArray(
        data,
        dims=("record", "time", "lead"),
        coords=xarray.Coordinates(coords, indexes),
        attrs={"units": "mV"},
    )


@lru_cache(maxsize=32)
def _template(
    shape: tuple[int, ...],
    fs: float | None,
    leads: tuple[str, ...] | None,
    names: tuple[str, ...],
) -> Any:
    """Return a record without samples, and with nothing in the coordinates `names`."""
    empty = np.broadcast_to(0.0, shape)
    return _wrap(empty, fs, leads, {name: np.full(1, np.nan) for name in names})


# Files of one recorder have the same axes, whose making takes half of the whole time.
@lru_cache(maxsize=32)
def _times(n_times: int, fs: float) -> tuple[Any, Any]:
    """Return the times of samples in s, as a variable and as an index."""
    times = np.arange(n_times) / fs
    times.flags.writeable = False  # records share it
    return make_axis("time", times)


@lru_cache(maxsize=32)
def lead_axis(names: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the names of leads, as a variable and as an index."""
    return make_axis("lead", list(names))


def make_axis(dim: str, values: Any) -> tuple[Any, Any]:
    """Return the coordinate of a dimension, as a variable and as an index."""
    xarray = import_module("xarray")
    variable = xarray.IndexVariable(dim, values)
    # Older versions of xarray do not import this module by themselves.
    return variable, import_module("xarray.indexes").PandasIndex(variable, dim)
