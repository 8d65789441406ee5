"""Damaged files of every format are read right or refused, in bounded resources."""

import random

import pytest

from skecg import ECGFileError, list_formats, read_ecg
from tests.io import fuzz, wfdb_files

# HDF5 takes a process for each file.
N_FILES = {**dict.fromkeys(list_formats(), 40), "hdf5": 8}


@pytest.mark.parametrize("name", list_formats())
def test_mutated_files_are_read_or_refused(name):
    counted = fuzz.fuzz(name, N_FILES[name], seed=0)
    assert sum(counted.values()) == N_FILES[name]
    assert counted["refused"]
    # A damage that is not noticed leaves most facts as they were.
    assert counted["changed"] <= 10


@pytest.mark.parametrize("name", sorted(set(list_formats()) - {"wfdb"}))
def test_arguments_of_any_value_are_followed_or_refused(name):
    rng = random.Random(name)
    data, said = fuzz.small_files()[name][0]
    for _ in range(10):
        fuzz.outcome_of(data, len(data), fuzz.arguments(said, ["I", "II"], rng))


@pytest.mark.parametrize("name", sorted(set(list_formats()) - {"wfdb"}))
def test_files_cut_off_anywhere_are_read_or_refused(name):
    data, said = fuzz.small_files()[name][0]
    for size in range(1, len(data), max(len(data) // N_FILES[name], 1)):
        fuzz.outcome_of(data[:size], size, {"format": name, **said})


@pytest.mark.parametrize("name", list_formats())
def test_a_file_of_another_format_is_refused(name):
    files = fuzz.small_files()
    for other, pairs in files.items():
        if other != name:
            data, said = pairs[0]
            with pytest.raises(ECGFileError) as caught:
                read_ecg(data, format=name, **said)
            assert caught.value.format == name


def test_ten_thousand_leads_are_refused(tmp_path):
    samples = wfdb_files.counts(2, 10_000)
    path, _ = wfdb_files.write(tmp_path, samples=samples, leads=range(10_000))
    with pytest.raises(ECGFileError, match="10000 leads"):
        read_ecg(path)
    row = b",".join([b"1"] * 10_000)
    with pytest.raises(ECGFileError, match="10000 columns"):
        read_ecg(row + b"\n" + row, fs=500, units="mV")
