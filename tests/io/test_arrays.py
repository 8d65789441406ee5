"""NPY, NPZ, MAT and HDF5 files of one recording."""

import io
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
from scipy.io import savemat

from skecg import ECGFileError, read_ecg, sniff_format
from skecg.io import _hdf5 as reader

h5py = pytest.importorskip("h5py")

SIGNAL = np.random.default_rng(0).normal(size=(50, 3))
SAID = {"fs": 250.0, "units": "mV", "leads": ["I", "II", "V1"]}


def _npz(pack=np.savez, **arrays):
    buffer = io.BytesIO()
    pack(buffer, **arrays)
    return buffer.getvalue()


def _npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def _mat(format="5", **arrays):
    buffer = io.BytesIO()
    savemat(buffer, arrays, format=format, do_compression=format == "5")
    return buffer.getvalue()


def _hdf5(fill):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def _fill(file):
    file["group/ecg"] = SIGNAL.T * 1000
    file["group/ecg"].attrs.update(fs=250, units="uV", leads=["I", "II", "V1"])
    file["age"] = 57
    file.attrs["sex"] = "F"


FILES = {
    "npy": (_npy(SIGNAL), SAID),
    "npy in columns": (_npy(np.asfortranarray(SIGNAL)), SAID),
    "npy, lead by lead": (_npy(SIGNAL.T), SAID),
    "npz": (_npz(signal=SIGNAL, **SAID), {}),
    "npz, packed": (_npz(np.savez_compressed, x=SIGNAL, fs=250), SAID),
    "mat 4": (_mat("4", val=SIGNAL.T), SAID),
    "mat 5": (_mat(ecg=SIGNAL, fs=250, leads=SAID["leads"], other="x"), SAID),
    "mat, cells": (
        _mat(ecg=SIGNAL, fs=250, units="mV", leads=np.array(SAID["leads"], object)),
        {},
    ),
    "hdf5": (_hdf5(_fill), {}),
}


@pytest.mark.parametrize("kind", FILES)
def test_one_record_in_every_file(kind):
    data, said = FILES[kind]
    assert sniff_format(data) == kind.replace(",", " ").split()[0]
    record = read_ecg(data, **said).sel(lead=["I", "II", "V1"])
    np.testing.assert_allclose(record[0], SIGNAL, rtol=1e-15)
    assert record.time.values[1] == 0.004
    if kind == "hdf5":
        assert (record.sex.item(), record.age.item()) == (1, 57)


@pytest.mark.parametrize(
    ("data", "said", "message"),
    [
        (
            _npy(SIGNAL),
            {"fs": 250, "units": "mV"},
            "leads= with the names of its 50 x 3 samples",
        ),
        (_npy(SIGNAL), {**SAID, "leads": ["I", "II"]}, "2 leads are named, but"),
        (_npy(SIGNAL), {**SAID, "fs": None}, "give fs= in Hz"),
        (_npy(SIGNAL), {**SAID, "units": None}, "give units='mV'"),
        (_npy(SIGNAL[:3]), SAID, "one axis, and one only"),
        (_npy(np.zeros((2, 5, 3))), SAID, "one recording has"),
        (_npy(np.array([{}, None]), allow_pickle=True), SAID, "not unpickled"),
        (_npy(SIGNAL)[:-8], SAID, "takes 1200 bytes, but the file holds 1192"),
        (_npy(SIGNAL).replace(b"(50, 3)", b"(9**9,)"), SAID, "array is damaged"),
        (_npy(SIGNAL).replace(b"(50, 3)", b"(50, (("), SAID, "array is damaged"),
        (_npz(a=SIGNAL, b=SIGNAL), SAID, "holds 2 arrays of numbers"),
        (_npz(signal=np.array([{}])), SAID, "not unpickled"),
        (_npz(signal=SIGNAL, **SAID)[:-40], {}, "the archive is damaged"),
        (_mat(a={"b": SIGNAL}), SAID, "holds 0 arrays"),
        (_mat(a=SIGNAL)[:-40], SAID, "the file is damaged"),
        (_hdf5(lambda f: f.create_group("a")), SAID, "holds 0 arrays"),
        (_hdf5(_fill)[:3000], {}, "the file is damaged"),
    ],
)
def test_files_that_are_unclear_or_damaged_are_refused(data, said, message):
    with pytest.raises(ECGFileError, match=message):
        read_ecg(data, **said)


def test_bombs_are_refused():
    packed = _npz(np.savez_compressed, signal=np.zeros((10_000_000, 3)))
    assert len(packed) < 400_000
    with pytest.raises(ECGFileError, match="unpacks to far more"):
        read_ecg(packed, **SAID)

    def fill(file):
        file.create_dataset("x", (10_000_000, 3), chunks=True, compression=9)

    with pytest.raises(ECGFileError, match="the file can't hold"):
        read_ecg(_hdf5(fill), **SAID)
    with pytest.raises(ECGFileError, match="the file can't hold"):
        read_ecg(_mat(a=np.zeros((5_000_000, 3))), **SAID)


def test_cells_are_read_if_they_are_text_and_small():
    for cells in (
        np.array(["I", 1.0, "V1"], object),
        np.array([["I", "II"], "V1"], object),
    ):
        data = _mat(ecg=SIGNAL, fs=250, units="mV", leads=cells)
        with pytest.raises(ECGFileError, match="leads= with the names"):
            read_ecg(data)
    large = np.array(["I", "II", np.zeros(10_000_000)], object)
    data = _mat(ecg=SIGNAL, fs=250, units="mV", leads=large)
    tracemalloc.start()
    with pytest.raises(ECGFileError, match="unpacks to far more than a recording"):
        read_ecg(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data) + 50e6


def test_hdf5_follows_nothing_out_of_its_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(SIGNAL.tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = SIGNAL

    def external_link(file):
        file["x"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "x")
        file["y"] = h5py.SoftLink("/x")

    with pytest.raises(ECGFileError, match="holds 0 arrays"):
        read_ecg(_hdf5(external_link), **SAID)

    def external_storage(file):
        stored = [(str(secret), 0, SIGNAL.nbytes)]
        file.create_dataset("x", SIGNAL.shape, "f8", external=stored)

    def virtual(file):
        layout = h5py.VirtualLayout(SIGNAL.shape, "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", SIGNAL.shape)
        file.create_virtual_dataset("x", layout)

    for fill in (external_storage, virtual):
        with pytest.raises(ECGFileError, match="lies in another file"):
            read_ecg(_hdf5(fill), **SAID)


def test_a_group_within_itself_ends():
    def fill(file):
        _fill(file)
        file["group/again"] = file["group"]

    assert read_ecg(_hdf5(fill)).sizes["time"] == 50


def test_other_archives_are_no_arrays():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(ECGFileError, match="is a ZIP archive; unpack it"):
        read_ecg(buffer.getvalue())


@pytest.mark.parametrize("units", ["adu", ["mV", "uV"], ["mV", "adu", "mV"]])
def test_units_that_are_unknown_or_too_few_are_refused(units):
    data = _npz(signal=SIGNAL, fs=250, leads=SAID["leads"], units=units)
    with pytest.raises(ECGFileError, match=r"no known voltage|2 units for 3 leads"):
        read_ecg(data, units="mV")


@pytest.mark.parametrize(
    ("sex", "age", "expected"),
    [
        ("woman", "018M", (1, 1.5)),
        ("1", 300, (1, 90)),
        (2, 125, (None, None)),
        ([0, 1], "old", (None, None)),
    ],
)
def test_sex_and_age_follow_the_one_rule(sex, age, expected):
    data = _npz(signal=SIGNAL, **SAID, sex=sex, age=age)
    record = read_ecg(data)
    found = [
        record[name].item() if name in record.coords else None
        for name in ("sex", "age")
    ]
    assert tuple(found) == expected
    if expected == (None, None):
        assert "the sex" in record.attrs["notes"]
        assert f"the age '{age}' can't be read" in record.attrs["notes"]


def test_hdf5_that_hangs_or_crashes_its_library_is_refused(monkeypatch, tmp_path):
    script = tmp_path / "script.py"
    monkeypatch.setattr(reader._hdf5_process, "__file__", str(script))
    for code, message in (
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed or took"),
        ("import time; time.sleep(60)", "h5py takes more than 2 s"),
        ("raise OSError('no numpy')", "(?s)failed .*no numpy.*NPZ"),
    ):
        script.write_text(code)
        monkeypatch.setattr(reader, "_CLOCK", 1)
        with pytest.raises(ECGFileError, match=message):
            read_ecg(_hdf5(_fill))


def test_hdf5_is_bounded_in_processor_time_and_memory():
    code = "from skecg.io._hdf5_process import _limit; _limit({}, 0)\n{}"
    for most, line in ((0, "x = bytearray(10**9)"), (10**9, "while True: pass")):
        command = [sys.executable, "-c", code.format(most, line)]
        done = subprocess.run(command, capture_output=True, timeout=300)
        assert done.returncode < 0 or b"MemoryError" in done.stderr


def _two_patients(file, *, second="signal"):
    file["patient1/signal"] = SIGNAL
    file["patient1"].attrs.update(fs=500, units="mV", leads=SAID["leads"])
    file[f"patient2/{second}"] = SIGNAL * 2
    file["patient2/age"] = 70
    file["patient2"].attrs["sex"] = "F"


def _other_scale(file):
    _fill(file)
    file["time"] = np.arange(50) / 250
    file["time"].attrs["units"] = "s"


def _two_rates(file):
    _fill(file)
    file["group"].attrs["sampling_rate"] = 500


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (_two_patients, "recordings in the groups /patient1/, /patient2/"),
        (lambda f: _two_patients(f, second="ecg"), "recordings in the groups"),
        (_two_rates, "states sampling rate twice, and not the same"),
    ],
)
def test_several_groups_are_no_recording(fill, message):
    with pytest.raises(ECGFileError, match=message):
        read_ecg(_hdf5(fill))


def test_facts_of_another_table_are_not_those_of_the_recording():
    record = read_ecg(_hdf5(lambda f: _two_patients(f, second="raw")))
    assert not {"sex", "age"} & set(record.coords)
    assert record.time[1].item() == 0.002
    record = read_ecg(_hdf5(_other_scale))
    np.testing.assert_allclose(record.sel(lead=SAID["leads"])[0], SIGNAL, rtol=1e-15)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"sampling_rate": 500}, "states sampling rate twice"),
        ({"FS": 250}, "differ in upper and lower case"),
    ],
)
def test_names_that_contradict_each_other_are_refused(arrays, message):
    with pytest.raises(ECGFileError, match=message):
        read_ecg(_npz(signal=SIGNAL, **SAID, **arrays))


@pytest.mark.parametrize("name", ["fs", "sfreq", "Sampling_Rate"])
def test_the_rate_is_known_by_its_usual_names(name):
    said = {key: value for key, value in SAID.items() if key != "fs"}
    record = read_ecg(_npz(signal=SIGNAL, **said, **{name: 250}))
    assert record.time[1].item() == 0.004
