"""Small labelled records for the transformers' tests."""

import numpy as np
import pytest

from skecg.signal import LEAD_NAMES


def labelled(values, fs=500.0, *, leads=None, units="mV", start=0.0):
    """Label values with time, leads and, per record, patient, sex and age."""
    xr = pytest.importorskip("xarray")
    n_records, n_times, n_leads = values.shape
    return xr.DataArray(
        values,
        dims=("record", "time", "lead"),
        coords={
            "time": start + np.arange(n_times) / fs,
            "lead": list(leads or LEAD_NAMES[:n_leads]),
            "patient": ("record", 100 + np.arange(n_records) // 2),
            "sex": ("record", np.arange(n_records) % 2),
            "age": ("record", 50.0 + np.arange(n_records)),
        },
        attrs={"units": units, "device": "cart A"},
    )


def assert_labels_kept(before, after, *, units="mV"):
    """Every coordinate but time and lead is as before; attributes too but the unit."""
    for name in ("patient", "sex", "age"):
        assert after.coords[name].equals(before.coords[name])
    assert after.dims == before.dims
    assert after.attrs == {**before.attrs, "units": units}
