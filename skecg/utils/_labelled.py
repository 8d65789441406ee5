"""Arrays with names on their axes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skecg.utils._optional import import_optional


def label_records(
    data: np.ndarray,
    *,
    fs: float | None,
    lead_names: Sequence[str] | None,
    purpose: str,
    **record_coords: np.ndarray,
) -> Any:
    """Wrap data in mV into a DataArray with labelled axes."""
    xarray = import_optional("xarray", "xarray", purpose)
    # Variables, as xarray takes twice the time to make them of arrays and lists.
    coords: dict[str, Any] = {
        name: xarray.Variable("record", values)
        for name, values in record_coords.items()
    }
    if fs is not None:
        times = np.arange(data.shape[1]) / fs
        coords["time"] = xarray.IndexVariable("time", times)
    if lead_names is not None:
        coords["lead"] = xarray.IndexVariable("lead", list(lead_names))
    return xarray.DataArray(
        data, dims=("record", "time", "lead"), coords=coords, attrs={"units": "mV"}
    )
