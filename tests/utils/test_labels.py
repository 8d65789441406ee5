"""Labels of records: read, carried along, and put back."""

import numpy as np
import pytest

from skecg import ECGConverter, ECGFilter
from skecg.utils import ECGLabels, is_labelled, label_records

xr = pytest.importorskip("xarray")

FS = 250.0


def _labelled(shape=(3, 100, 2), *, fs=FS, start=0.0, units="mV", dtype=float):
    values = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    return xr.DataArray(
        values,
        dims=("record", "time", "lead")[: len(shape)],
        coords={
            "time": start + np.arange(shape[1]) / fs,
            "patient": ("record", [7, 7, 8]),
            "device": "cart A",
        }
        | ({"lead": ["I", "II"]} if len(shape) == 3 else {}),
        attrs={"units": units, "site": "ward 3"},
        name="ecg",
    )


def test_only_data_arrays_are_labelled():
    pd = pytest.importorskip("pandas")
    assert is_labelled(_labelled())
    assert not is_labelled(np.zeros((2, 10, 12)))
    assert not is_labelled([[0.0, 1.0]])
    assert not is_labelled(pd.DataFrame(np.zeros((2, 10))))


def test_a_dataset_is_refused_and_its_arrays_are_named():
    with pytest.raises(TypeError, match=r"Dataset; give the DataArray .* \['ecg'\]"):
        ECGLabels.of(xr.Dataset({"ecg": _labelled()}))


@pytest.mark.parametrize(
    "dims", [("time", "record", "lead"), ("lead", "time", "record")]
)
def test_permuted_dimensions_are_put_in_order(dims):
    X = _labelled()
    labels = ECGLabels.of(X.transpose(*dims))
    assert labels.source.dims == ("record", "time", "lead")
    np.testing.assert_array_equal(labels.values(), X.values)


@pytest.mark.parametrize(
    "dims",
    [
        ("record",),
        ("record", "lead"),
        ("record", "time", "channel"),
        ("record", "time", "lead", "beat"),
    ],
)
def test_other_dimensions_are_named(dims):
    X = xr.DataArray(np.zeros((2,) * len(dims)), dims=dims)
    with pytest.raises(ValueError, match=r"dimensions \('record', 'time', 'lead'\)"):
        ECGLabels.of(X)


def test_one_lead_needs_two_dimensions_only():
    labels = ECGLabels.of(_labelled((3, 100)))
    assert labels.values().shape == (3, 100)
    assert labels.lead_names is None
    assert labels.select_leads([0]) is labels


@pytest.mark.parametrize("fs", [100.0, 128.0, 250.0, 360.0, 499.87, 1000.0])
@pytest.mark.parametrize("kind", ["float64", "float32", "timedelta64", "datetime64"])
def test_sampling_rate_comes_from_the_time_coordinate(fs, kind):
    time = np.arange(1000) / fs
    if kind in ("timedelta64", "datetime64"):
        time = (1e9 * time).round().astype("timedelta64[ns]")
    if kind == "datetime64":
        time = np.datetime64("2020-01-01T12:00", "ns") + time
    if kind == "float32":
        time = time.astype(np.float32)
    X = xr.DataArray(
        np.zeros((1, 1000)), dims=("record", "time"), coords={"time": time}
    )
    assert ECGLabels.of(X).fs == pytest.approx(fs, rel=1e-6)


def test_no_time_coordinate_or_one_sample_means_no_sampling_rate():
    assert ECGLabels.of(_labelled().drop_vars("time")).fs is None
    assert ECGLabels.of(_labelled((3, 1, 2))).fs is None


@pytest.mark.parametrize(("step", "rate"), [(1, "1"), (2, "0.5"), (0.101, "9.901")])
@pytest.mark.parametrize("dtype", [np.int64, np.float64, "timedelta64"])
def test_a_rate_that_no_ecg_has_is_an_error_with_its_remedy(step, rate, dtype):
    time = step * np.arange(100)
    if dtype == "timedelta64":
        time = (1e9 * time).astype("timedelta64[ns]")
    elif isinstance(step, int):
        time = time.astype(dtype)
    X = _labelled().assign_coords(time=time)
    message = rf"a rate of {rate} Hz.*must be in seconds \(or timedelta64\)"
    with pytest.raises(ValueError, match=message) as error:
        _ = ECGLabels.of(X).fs
    remedy = str(error.value).partition("Hz: X = ")[2].removesuffix(".")
    mended = eval(remedy, {"X": X, "np": np, "fs": 250.0})
    assert ECGLabels.of(mended).fs == 250.0


def test_ten_hertz_is_a_rate():
    X = _labelled().assign_coords(time=np.arange(100) / 10)
    assert ECGLabels.of(X).fs == 10.0


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda time: time[::-1], id="falling"),
        pytest.param(lambda time: np.zeros_like(time), id="constant"),
        pytest.param(lambda time: np.where(time == time[50], np.nan, time), id="NaN"),
        pytest.param(
            lambda time: time + (np.arange(len(time)) > 50) / FS, id="one step missing"
        ),
    ],
)
def test_unequal_time_steps_are_an_error(spoil):
    X = _labelled()
    X = X.assign_coords(time=spoil(X.coords["time"].values))
    with pytest.raises(ValueError, match="must rise in equal steps of seconds"):
        _ = ECGLabels.of(X).fs


def test_lead_names_are_stripped():
    X = _labelled().assign_coords(lead=[" I", "II "])
    assert ECGLabels.of(X).lead_names == ("I", "II")
    assert ECGLabels.of(X.drop_vars("lead")).lead_names is None


@pytest.mark.parametrize("units", ["uV", "µV", "μV"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_microvolts_become_millivolts_of_the_same_dtype(units, dtype):
    X = _labelled(units=units, dtype=dtype)
    before = X.values.copy()
    values = ECGLabels.of(X).values()
    assert values.dtype == dtype
    np.testing.assert_allclose(values, before / 1000, rtol=1e-6)
    np.testing.assert_array_equal(X.values, before)


@pytest.mark.parametrize("dtype", ["int16", "uint16", "object"])
def test_counts_of_microvolts_become_float64_millivolts(dtype):
    X = _labelled(units="uV").astype(dtype)
    values = ECGLabels.of(X).values()
    assert values.dtype == np.float64
    np.testing.assert_allclose(values, X.values.astype(float) / 1000)


def test_millivolts_are_not_copied():
    X = _labelled()
    assert np.shares_memory(ECGLabels.of(X).values(), X.values)


def test_no_unit_means_millivolts():
    X = _labelled()
    del X.attrs["units"]
    assert ECGLabels.of(X).millivolts_per_unit == 1.0


def test_unit_is_read_where_units_is_absent():
    X = _labelled()
    X.attrs = {"unit": "uV", "site": "ward 3"}
    labels = ECGLabels.of(X)
    np.testing.assert_allclose(labels.values(), X.values / 1000)
    assert labels.wrap(labels.values()).attrs == {"units": "mV", "site": "ward 3"}
    X.attrs = {"unit": "1"}
    assert ECGLabels.of(X).standardized


@pytest.mark.parametrize("name", ["unit", "units"])
def test_units_that_contradict_each_other_are_an_error(name):
    X = _labelled().assign_attrs(unit="uV", units="mV")
    with pytest.raises(ValueError, match="labelled with the units 'mV' and 'uV'"):
        ECGLabels.of(X).values()
    X = _labelled()
    units = ["mV"] * (X.sizes["record"] - 1) + ["uV"]
    with pytest.raises(ValueError, match="labelled with the units 'mV' and 'uV'"):
        ECGLabels.of(X.assign_coords({name: ("record", units)})).values()
    same = X.assign_coords({name: ("record", ["mV"] * X.sizes["record"])})
    np.testing.assert_array_equal(ECGLabels.of(same).values(), X.values)


def test_a_stated_rate_must_not_contradict():
    X = _labelled().assign_attrs(fs=7.0)
    with pytest.raises(ValueError, match=r"attrs\['fs'\] of X is 7, but.* rises at"):
        _ = ECGLabels.of(X).fs
    untimed = X.drop_vars("time")
    for fs, rate in ((100, 100), (None, 500)):
        said = (
            rf"attrs\['fs'\] of X is 7, but .*'time' ECGFilter .* at {rate} Hz\. With"
        )
        with pytest.raises(ValueError, match=said):
            ECGFilter(fs=fs).fit(untimed)
    n_times = untimed.sizes["time"]
    with pytest.raises(
        ValueError, match=r"attrs\['fs'\] of X is 7, but .*ECGConverter"
    ):
        ECGConverter(100, duration=n_times / 100).fit_transform(untimed)
    fs = ECGLabels.of(_labelled()).fs
    labels = ECGLabels.of(X.assign_attrs(fs=fs))
    assert "fs" not in labels.wrap(X.values[:, ::2], fs / 2).attrs
    assert ECGLabels.of(X.drop_vars("time")).fs is None


def test_an_unknown_unit_is_an_error():
    X = _labelled()
    X.attrs = {"unit": "V"}
    with pytest.raises(ValueError, match=r"attrs\['unit'\] of X must be .* got 'V'"):
        ECGLabels.of(X).values()
    with pytest.raises(ValueError, match=r"'mV' or 'uV', but got 'V'; convert X to mV"):
        ECGLabels.of(_labelled(units="V")).values()


def test_record_coordinates_are_returned_where_present():
    labels = ECGLabels.of(_labelled())
    assert labels.record_coordinate("patient").tolist() == [7, 7, 8]
    assert labels.record_coordinate("sex") is None


def test_a_record_coordinate_along_another_axis_is_an_error():
    X = _labelled().assign_coords(sex=("lead", [0, 1]))
    with pytest.raises(ValueError, match=r"'sex' of X must run along 'record'"):
        ECGLabels.of(X).record_coordinate("sex")


def test_leads_and_records_are_selected_with_their_coordinates():
    labels = ECGLabels.of(_labelled())
    assert labels.select_leads([1]).lead_names == ("II",)
    chosen = labels.select(np.array([2, 0, 2]))
    assert chosen.record_coordinate("patient").tolist() == [8, 7, 8]


def test_labels_of_new_records_keep_only_what_is_not_of_single_records():
    labels = ECGLabels.of(_labelled()).of_new_records()
    assert set(labels.source.coords) == {"time", "lead", "device"}


def test_wrapped_values_of_the_same_length_keep_every_label():
    X = _labelled(start=5.0)
    wrapped = ECGLabels.of(X).wrap(2 * X.values)
    xr.testing.assert_identical(wrapped, (2 * X).assign_attrs(X.attrs))


def test_wrapped_values_are_in_millivolts_or_standardized():
    millivolts = np.zeros((3, 100, 2))
    assert ECGLabels.of(_labelled(units="uV")).wrap(millivolts).attrs == {
        "units": "mV",
        "site": "ward 3",
    }
    standardized = ECGLabels.of(_labelled(units="1"))
    assert standardized.wrap(millivolts).attrs["units"] == "1"
    assert standardized.wrap(millivolts, units="mV").attrs["units"] == "mV"


@pytest.mark.parametrize(("shift", "first"), [(0, 5.0), (25, 5.1), (-50, 4.8)])
def test_time_follows_a_crop(shift, first):
    wrapped = ECGLabels.of(_labelled(start=5.0)).wrap(np.zeros((3, 40, 2)), shift=shift)
    expected = first + np.arange(40) / FS
    np.testing.assert_allclose(wrapped.coords["time"], expected, rtol=0, atol=1e-12)


def test_a_shift_alone_moves_the_time():
    wrapped = ECGLabels.of(_labelled()).wrap(np.zeros((3, 100, 2)), shift=5)
    assert wrapped.coords["time"].values[0] == pytest.approx(5 / FS)


def test_time_follows_another_sampling_rate_even_at_the_same_length():
    labels = ECGLabels.of(_labelled(start=1.0))
    wrapped = labels.wrap(np.zeros((3, 100, 2)), 125.0)
    np.testing.assert_allclose(wrapped.coords["time"], 1.0 + np.arange(100) / 125)
    assert ECGLabels.of(wrapped).fs == 125.0


@pytest.mark.parametrize(
    "start", [np.timedelta64(2, "s"), np.datetime64("2020-01-01T12:00:00")]
)
def test_time_of_numpy_kind_keeps_its_kind(start):
    X = _labelled()
    steps = (1e9 * X.coords["time"].values).round().astype("timedelta64[ns]")
    X = X.assign_coords(time=start + steps)
    wrapped = ECGLabels.of(X).wrap(np.zeros((3, 40, 2)), 125.0, shift=10)
    time = wrapped.coords["time"].values
    assert time.dtype.kind == X.coords["time"].dtype.kind
    assert time[0] == start + np.timedelta64(80, "ms")
    assert ECGLabels.of(wrapped).fs == 125.0


def test_without_a_time_coordinate_none_is_made_up():
    X = _labelled().drop_vars("time").assign_coords(phase=("time", np.zeros(100)))
    wrapped = ECGLabels.of(X).wrap(np.zeros((3, 40, 2)))
    assert "time" not in wrapped.coords
    assert "phase" not in wrapped.coords


def test_names_of_leads_may_be_bytes():
    X = _labelled().assign_coords(lead=[b"V1", b" V2"])
    assert ECGLabels.of(X).lead_names == ("V1", "V2")


def test_a_labelled_record_alone_is_told_how_to_become_one_of_many():
    for dims in (("time", "lead"), ("lead", "time")):
        X = xr.DataArray(np.zeros((20, 20)), dims=dims)
        with pytest.raises(
            ValueError, match=r'one record alone.*expand_dims\("record"'
        ):
            ECGLabels.of(X)
        assert ECGLabels.of(X.expand_dims("record")).source.sizes["record"] == 1


@pytest.mark.parametrize("n_records", [1, 2])
def test_label_records_makes_what_xarray_makes(n_records):
    data, sex = np.zeros((n_records, 5, 2)), np.arange(n_records, dtype=float)
    patient = np.array(["a", "bc"])[:n_records]
    known = {"fs": 250.0, "lead_names": ("I", "V1"), "purpose": "a test"}
    expected = xr.DataArray(
        data,
        dims=("record", "time", "lead"),
        coords={
            "sex": ("record", sex),
            "patient": ("record", patient),
            "time": np.arange(5) / 250,
            "lead": ["I", "V1"],
        },
        attrs={"units": "mV"},
    )
    record = label_records(data, sex=sex, patient=patient, **known)
    other = label_records(data + 1, sex=1 - sex, patient=patient, **known)
    assert record.identical(expected.copy(deep=True))
    assert (other.sex == 1 - sex).all()
    assert record.values is data
    assert record.sel(lead="V1", time=0.004).identical(
        expected.sel(lead="V1", time=0.004)
    )
    # Records share the values of their axes, but nothing that can be changed.
    record.time.attrs["units"] = record.attrs["site"] = "s"
    record.sex[0] = sex[0] = np.nan
    again = label_records(data, sex=1 - sex, patient=patient, **known)
    assert (again.time.attrs, again.attrs) == ({}, {"units": "mV"})
    assert (other.sex[0], record.sel(lead="I").sex.isnull()[0]) == (1, True)
    for wrong in (sex[:0], np.zeros(3)):
        with pytest.raises(ValueError, match="sex|shape"):
            label_records(data, sex=wrong, **known)
