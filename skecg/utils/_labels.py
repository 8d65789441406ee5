"""Labels of a labelled X: sampling rate, unit, leads and facts about records."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import count, islice
from typing import Any

import numpy as np

from skecg.utils._labelled import lead_axis, make_axis
from skecg.utils._units import MILLIVOLTS_PER_UNIT

DIMENSIONS = ("record", "time", "lead")
# Units that X may be in, with the micro sign and the Greek mu. "1" is how ECGScaler
# labels what it standardized.
_UNITS = {"mV": "mV", **dict.fromkeys(("uV", "\xb5V", "\u03bcV"), "uV")}
_FACTORS = {spelt: MILLIVOLTS_PER_UNIT[unit] for spelt, unit in _UNITS.items()}
_FACTORS["1"] = 1.0
_UNIT_NAMES = ("units", "unit")
_LOWEST_RATE = 10.0
"""No ECG has a lower sampling rate in Hz; times in samples or milliseconds look so."""


def is_labelled(X: Any) -> bool:
    """Tell whether X is an ``xarray.DataArray``, without importing xarray."""
    return all(hasattr(X, name) for name in ("dims", "coords", "attrs", "isel"))


@dataclass(frozen=True)
class ECGLabels:
    """The labels of one labelled X."""

    source: Any
    """The labelled X, its dimensions in the order record, time, lead."""

    @classmethod
    def of(cls, X: Any) -> "ECGLabels":
        """Read the labels of X and put its dimensions in order."""
        if hasattr(X, "data_vars"):
            raise TypeError(
                "X is an xarray.Dataset; give the DataArray that holds the records, "
                f"one of {list(X.data_vars)}."
            )
        dims = DIMENSIONS[: max(len(X.dims), 2)]
        if "time" in X.dims and set(X.dims) <= {"time", "lead"}:
            raise ValueError(
                f"X has the dimensions {tuple(X.dims)}, those of one record alone; "
                'give it as X.expand_dims("record").'
            )
        if set(X.dims) != set(dims):
            raise ValueError(
                f"A labelled X has the dimensions {DIMENSIONS} (or, for one lead, "
                f"{DIMENSIONS[:2]}), but got {tuple(X.dims)}; rename them with "
                "X.rename({old: new})."
            )
        return cls(X if X.dims == dims else X.transpose(*dims))

    @cached_property
    def _coords(self) -> Any:
        """The coordinates as variables: a DataArray of each takes 30 times as long."""
        return self.source.coords.variables

    @cached_property
    def fs(self) -> float | None:
        """Sampling rate in Hz from the time coordinate, None if there is none.

        A rate below 10 Hz is an error: the times are no seconds then.
        """
        if "time" not in self._coords or self.source.sizes["time"] < 2:
            return None
        time = np.asarray(self._coords["time"].values)
        if time.dtype.kind in "OUS":
            raise ValueError(
                "The coordinate 'time' of X must be seconds as numbers or timedelta64, "
                f"but holds {time[0]!r}. {self.time_remedy}"
            )
        if time.dtype.kind in "mM":
            time = (time - time[0]) / np.timedelta64(1, "s")
        steps = np.diff(time.astype(np.float64))
        step = steps.mean()
        # Files write times rounded to ms or us, so that steps differ a little.
        if not (step > 0 and np.abs(steps - step).max() <= 0.01 * step):
            raise ValueError(
                "The coordinate 'time' of X must rise in equal steps of seconds, but "
                f"its steps run from {steps.min():g} to {steps.max():g}. "
                + self.time_remedy
            )
        # Rounded, as the mean step of 500 Hz may give 499.99999 Hz.
        fs = float(round(1 / step, 4))
        stated = self.stated_fs
        if stated is not None and abs(stated - fs) > 0.001 * fs:
            raise ValueError(
                f"attrs['fs'] of X is {stated:g}, but its coordinate 'time' rises at "
                f"{fs:g} Hz; correct the wrong one, or remove attrs['fs']."
            )
        if fs < _LOWEST_RATE:
            raise ValueError(
                f"The coordinate 'time' of X rises by {step:g} from sample to sample, "
                f"which read as seconds is a rate of {fs:g} Hz, too low for an ECG: "
                "'time' must be in seconds (or timedelta64), not in samples or "
                "milliseconds. " + self.time_remedy
            )
        return fs

    @property
    def stated_fs(self) -> float | None:
        """Rate in Hz of attrs["fs"], which is compared only, as slices of X keep it."""
        try:
            return float(self.source.attrs["fs"])
        except (KeyError, TypeError, ValueError):
            return None

    @property
    def time_remedy(self) -> str:
        """Say how X gets a right coordinate 'time', for errors."""
        n_times = self.source.sizes["time"]
        return (
            "With the sampling rate fs in Hz: "
            f"X = X.assign_coords(time=np.arange({n_times}) / fs)."
        )

    @cached_property
    def lead_names(self) -> tuple[str, ...] | None:
        """Lead names as given, None if there is no coordinate."""
        if "lead" not in self.source.dims or "lead" not in self._coords:
            return None
        names = self._coords["lead"].values.tolist()
        return tuple(
            (
                name.decode(errors="replace") if isinstance(name, bytes) else str(name)
            ).strip()
            for name in names
        )

    @property
    def millivolts_per_unit(self) -> float:
        """Factor that turns X into mV."""
        units = self._units
        if units not in _FACTORS:
            name = "units" if "units" in self.source.attrs else "unit"
            raise ValueError(
                f"attrs[{name!r}] of X must be 'mV' or 'uV', but got {units!r}; "
                "convert X to mV and set X.attrs['units'] = 'mV'."
            )
        return _FACTORS[units]

    @property
    def standardized(self) -> bool:
        """Whether X went through ECGScaler and is no longer in mV."""
        return self._units == "1"

    @property
    def _units(self) -> str:
        """Unit of X: attrs["units"], else attrs["unit"], else mV."""
        attrs = self.source.attrs
        units = str(attrs.get("units", attrs.get("unit", "mV")))
        for name in _UNIT_NAMES:
            stated = [attrs[name]] if name in attrs else []
            if name in self._coords:
                stated += np.unique(self._coords[name].values.astype(str)).tolist()
            for other in map(str, stated):
                if _FACTORS.get(other, other) != _FACTORS.get(units, units):
                    raise ValueError(
                        f"X is labelled with the units {units!r} and {other!r}; "
                        "convert all of it to mV, set X.attrs['units'] = 'mV', and "
                        "remove other units."
                    )
        return units

    def record_coordinate(self, name: str) -> np.ndarray | None:
        """Return a coordinate along the records, such as sex; None if absent."""
        if name not in self._coords:
            return None
        coordinate = self._coords[name]
        if coordinate.dims != ("record",):
            raise ValueError(
                f"The coordinate {name!r} of X must run along 'record', but has the "
                f"dimensions {tuple(coordinate.dims)}."
            )
        return np.asarray(coordinate.values)

    def select_leads(self, index: list[int]) -> "ECGLabels":
        """Return the labels with the leads at `index`, in that order."""
        if "lead" not in self.source.dims:
            return self
        return ECGLabels(self.source.isel(lead=index))

    def select(self, index: np.ndarray) -> "ECGLabels":
        """Return the labels of the records at `index`, in that order."""
        return ECGLabels(self.source.isel(record=index))

    def with_synthetic(self, n_new: int) -> "ECGLabels":
        """Return the labels with those of new records appended.

        A new record has the coordinate ``synthetic``, a patient of its own, and
        neither sex nor age nor anything else that belongs to a single record.
        """
        n_records = self.source.sizes["record"]
        synthetic = np.arange(n_records + n_new) >= n_records
        # New records borrow the first one's coordinates, which are then emptied.
        index = np.where(synthetic, 0, np.arange(n_records + n_new))
        coords = {}
        for name, coord in self._coords.items():
            if coord.dims == ("record",):
                values = np.asarray(coord.values)[index]
                coords[str(name)] = ("record", _without(values, synthetic, str(name)))
        earlier = self.record_coordinate("synthetic")
        if earlier is not None:  # an earlier sampler's new records stay what they are
            synthetic = synthetic | earlier[index]
        coords["synthetic"] = ("record", synthetic)
        source = self.of_new_records().source.isel(record=index)
        return ECGLabels(source.assign_coords(coords))

    def of_new_records(self) -> "ECGLabels":
        """Return the labels without what belongs to single records."""
        of_records = [k for k, c in self._coords.items() if "record" in c.dims]
        return ECGLabels(self.source.drop_vars(of_records))

    def values(self) -> np.ndarray:
        """Return the values in mV; a view where the unit is mV already."""
        values = np.asarray(self.source.values)
        factor = self.millivolts_per_unit
        if factor == 1.0:
            return values
        if values.dtype.kind != "f":
            values = values.astype(np.float64)
        return values * values.dtype.type(factor)

    def wrap(
        self,
        values: np.ndarray,
        fs: float | None = None,
        *,
        shift: int = 0,
        units: str | None = None,
        leads: Sequence[str] | None = None,
    ) -> Any:
        """Put the labels back on values of the same records.

        Their number of samples, rate (`fs` in Hz), `leads` and unit may be others than
        the source's. `shift` is the source's sample at which they begin, negative for
        padding; `units` is "1" where they are standardized.
        """
        if units is None:
            units = "1" if self.standardized else "mV"
        fs = fs or self.fs
        changed = set() if leads is None else {"lead"}
        if fs != self.fs or shift or values.shape[1] != self.source.sizes["time"]:
            changed.add("time")
        attrs = {k: v for k, v in self.source.attrs.items() if k != "unit"}
        if fs != self.fs:
            attrs.pop("fs", None)
        attrs["units"] = units
        if not changed and values.shape == self.source.shape:
            same = self.source.copy(deep=False, data=values)
            same.attrs = attrs
            return same
        xarray = import_module("xarray")
        kept = {k: v for k, v in self._coords.items() if not changed & set(v.dims)}
        indexes = {k: v for k, v in self.source.xindexes.items() if k in kept}
        time = self._coords.get("time")
        if "time" in changed and time is not None and fs is not None:
            times = _times(time.values[0], shift, fs, values)
            kept["time"], indexes["time"] = make_axis("time", times)
        if leads is not None:
            kept["lead"], indexes["lead"] = lead_axis(tuple(leads))
        return xarray.DataArray(
            values,
            dims=self.source.dims,
            # Without indexes, xarray would make all of them again.
            coords=xarray.Coordinates(kept, indexes),
            attrs=attrs,
            name=self.source.name,
        )


def _without(values: np.ndarray, synthetic: np.ndarray, name: str) -> np.ndarray:
    """Return a coordinate with nothing, or a patient of its own, where synthetic."""
    if name == "patient":
        taken = set(values[~synthetic].astype(str).tolist())
        names = (f"synthetic {k}" for k in count())
        free = (name for name in names if name not in taken)
        values = values.astype(object)
        values[synthetic] = list(islice(free, int(synthetic.sum())))
        return values.astype(str)
    values = values.astype(np.float64 if values.dtype.kind in "fiub" else object)
    values[synthetic] = np.nan if values.dtype.kind == "f" else None
    return values


def _times(start: Any, shift: int, fs: float, values: np.ndarray) -> np.ndarray:
    """Return the times of the values' samples, of the kind of `start`."""
    seconds = (np.arange(values.shape[1]) + shift) / fs
    if isinstance(start, np.timedelta64 | np.datetime64):
        return start + (1e9 * seconds).round().astype("timedelta64[ns]")
    return start + seconds
