"""WFDB records: samples as wfdb has them, and nothing read from other folders."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from skecg import ECGFileError, read_ecg
from skecg.io import _wfdb
from skecg.io._source import open_source
from tests.io import wfdb_files as files

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
# Every record of the samples, with the number of its signals that are ECGs.
RECORDS = {
    "wfdb/s0010_re": 15,
    "wfdb/041s": 3,
    "wfdb/041s01": 3,
    "wfdb/binformats": 10,
    "wfdb/flacformats": 3,
    "challenge/E07500": 12,
    "challenge/E07501": 12,
}


def _parse(path):
    source = open_source(path)
    return _wfdb.read(source.content(), folder=source.folder)


def _assert_as_wfdb(path, parsed):
    wfdb = pytest.importorskip("wfdb")
    record = wfdb.rdrecord(str(path), smooth_frames=False)
    for k, name in enumerate(parsed.leads):
        column = record.sig_name.index(name)
        expected = record.e_p_signal[column]
        np.testing.assert_array_equal(parsed.signal[:, k], expected)


@pytest.mark.parametrize("name", RECORDS)
def test_samples_are_those_of_wfdb(name):
    if not SAMPLES.exists():
        pytest.skip("the sample recordings are not beside this checkout")
    parsed = _parse(SAMPLES / name)
    assert len(parsed.leads) == RECORDS[name]
    _assert_as_wfdb(SAMPLES / name, parsed)


# wfdb uses what the newest pandas warns of.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("n_times", [29, 30, 31])
@pytest.mark.parametrize("stored", ["16", "24", "32", "80", "212"])
def test_records_that_wfdb_writes_come_back(tmp_path, stored, n_times):
    wfdb = pytest.importorskip("wfdb")
    samples = files.counts(n_times)
    wfdb.wrsamp(
        "a",
        fs=250,
        units=["mV", "uV", "mV"],
        sig_name=list(files.LEADS),
        d_signal=samples,
        fmt=[stored] * 3,
        adc_gain=[200.0, 0.5, 300.0],
        baseline=[0, 5, -7],
        write_dir=str(tmp_path),
    )
    parsed = _parse(tmp_path / "a")
    expected = (samples - [0, 5, -7]) / [200, 500, 300]
    np.testing.assert_allclose(parsed.signal, expected, rtol=1e-15)
    assert (parsed.fs, parsed.units) == (250, "mixed")


def test_frames_skews_and_gaps(tmp_path):
    rng = np.random.default_rng(0)
    frames = rng.integers(-500, 500, (40, 5)).astype("<i2")
    frames[3, 1] = -32768
    (tmp_path / "a.dat").write_bytes(frames.tobytes())
    (tmp_path / "a.hea").write_text(
        "a 3 125 40\n"
        "a.dat 16x2:1 200/mV 16 0 0 0 0 I\n"
        "a.dat 16x2 200/mV 16 0 0 0 0 II\n"
        "a.dat 16 80/mmHg 16 0 0 0 0 ABP\n"
    )
    parsed = _parse(tmp_path / "a")
    assert (parsed.fs, parsed.leads) == (250, ("I", "II"))
    first = frames[:, :2].ravel() / 200
    first[7] = np.nan
    np.testing.assert_array_equal(parsed.signal[:, 0], [*first[2:], np.nan, np.nan])
    np.testing.assert_array_equal(parsed.signal[:, 1], frames[:, 2:4].ravel() / 200)
    assert "left out ABP, which are not in volts" in parsed.notes


def test_segments_of_variable_layout_are_put_in_their_places(tmp_path):
    _, one = files.write(tmp_path, "a1")
    _, two = files.write(
        tmp_path, "a2", files.counts(20, seed=1), leads=("V1", "I", "X")
    )
    layout = files.header("a_layout", files.counts(1), file="~", gain="0/mV")
    (tmp_path / "a_layout.hea").write_text(layout)
    (tmp_path / "a.hea").write_text(
        "a/4 4 500 55\na_layout 0\na1 30\n~ 5\na2 20\n# Age: 57\n# Sex: F\n"
    )
    parsed = _parse(tmp_path / "a")
    assert parsed.leads == ("I", "II", "V1", "X")
    assert (parsed.age, parsed.sex) == (57, 1)
    expected = np.full((55, 4), np.nan)
    expected[:30, :3] = one / 200
    expected[35:, [2, 0, 3]] = two / 200
    np.testing.assert_array_equal(parsed.signal, expected)


def test_a_record_of_a_challenge_has_age_sex_and_codes(tmp_path):
    comments = "#Age: 57\n#Sex: Female\n#Dx: 164873001,426783006\n#Rx: Unknown\n"
    path, samples = files.write(tmp_path, comments=comments)
    record = read_ecg(path)
    assert (record.age.item(), record.sex.item()) == (57, 1)
    assert record.attrs["codes"] == ["164873001", "426783006"]
    np.testing.assert_array_equal(record.sel(lead="V1")[0], samples[:, 2] / 200)


@pytest.mark.parametrize(
    ("comment", "sex", "age"),
    [
        ("# 69 M 1085 1629 x1", 0, 69),
        ("# <age>: 64  <sex>: F", 1, 64),
        ("# age: 81\n# sex: female", 1, 81),
        ("#Age: NaN\n#Sex: Unknown", None, None),
        ("#Age: -1\n#Sex: Male", 0, None),
        ("#Age: 300", None, 90),
        ("#Age: > 89", None, 90),
        ("#Age: 125", None, None),
        ("#Age: 56M", None, None),
        ("# 125 M", 0, None),
        ("#Age: 6 months Sex: woman", 1, 0.5),
        ("#Age (months): 6, Sex: 1", 1, 0.5),
        ("#Age: 018M", None, 1.5),
    ],
)
def test_comments_of_several_databases(tmp_path, comment, sex, age):
    record = read_ecg(files.write(tmp_path, comments=comment)[0])
    for name, value in (("sex", sex), ("age", age)):
        found = record[name].item() if name in record.coords else None
        assert found == value


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "..", "sub/a.dat", "sub\\a.dat", "C:a.dat"]
)
def test_a_header_names_files_of_its_own_folder_alone(tmp_path, name):
    folder = tmp_path / "record"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(180))
    path, _ = files.write(folder, file=name)
    with pytest.raises(ECGFileError, match="only name files of its own folder"):
        read_ecg(path)
    (folder / "b.hea").write_text(f"b/1 3 500 30\n{name} 30\n")
    with pytest.raises(ECGFileError, match=r"files of its own folder|hea is absent"):
        read_ecg(folder / "b.hea")


def test_links_lead_nowhere_but_into_the_folder(tmp_path):
    folder = tmp_path / "record"
    folder.mkdir()
    path, _ = files.write(folder)
    expected = read_ecg(path)
    os.rename(folder / "a.dat", folder / "b.dat")
    (folder / "a.dat").symlink_to("b.dat")
    assert read_ecg(path).identical(expected)
    os.rename(folder / "b.dat", tmp_path / "b.dat")
    (folder / "a.dat").unlink()
    (folder / "a.dat").symlink_to("../b.dat")
    with pytest.raises(ECGFileError, match="a link to another folder"):
        read_ecg(path)
    (folder / "a.dat").unlink()
    os.mkfifo(folder / "a.dat")
    with pytest.raises(ECGFileError, match="no regular file"):
        read_ecg(path)
    (folder / "a.dat").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.dat is absent"):
        read_ecg(path)


GOOD = files.header("a", files.counts())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a 3 500 30", "a 4 500 30", "announces 4 leads, but describes 3"),
        ("a 3 500 30", "a 3 0 30", "hold no signal"),
        ("a 3 500 30", "a 3 nan 30", "hold no signal"),
        ("a 3 500 30", "a -3 500 30", "hold no signal"),
        ("a 3 500 30", "a 3 500 -1", "hold no signal"),
        ("a 3 500 30", "a 3 500 31", r"has 180 bytes.*announces 186"),
        ("a 3 500 30", "a 3 500 9999999999999", "no recording"),
        ("a 3 500 30", "a 99999999 500 30", "are no recording"),
        ("a 3 500 30", "a 3", "states no sampling rate"),
        ("a 3 500 30", "a", "must give name, number of leads"),
        ("a 3 500 30", "a/2 3 500 30", "announces 2 segments"),
        ("200(0)/mV", "0(0)/mV", "not calibrated"),
        ("200(0)/mV", "nan/mV", "which is not gain"),
        ("200(0)/mV", "-200/mV", "not calibrated"),
        ("200(0)/mV", "1e999/mV", "not calibrated"),
        ("200(0)/mV", "200(99999999999)/mV", "not calibrated"),
        ("200(0)/mV", "200(0)/mmHg", "no signal is in volts, but in mmHg"),
        (" 16 200", " 17 200", "format 17, but only 8, 16"),
        (" 16 200", " 16x0 200", "has the format '16x0'"),
        (" 16 200", " 16x99999999999999 200", "has the format"),
        (" 16 200", " 516 200", "no FLAC file"),
        (" II", " I", "lead I appears twice"),
        (f" {files.checksum(files.counts().T[0])} 0 I\n", " 7 0 I\n", "their checksum"),
    ],
)
def test_headers_that_contradict_themselves_are_refused(tmp_path, old, new, message):
    assert old in GOOD
    path, _ = files.write(tmp_path)
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(ECGFileError, match=message):
        read_ecg(path, format="wfdb")


def test_a_header_alone_is_refused():
    with pytest.raises(ECGFileError, match="a header alone holds no samples"):
        read_ecg(GOOD.encode())


def test_gaps_without_end_are_refused(tmp_path):
    files.write(tmp_path, "a1")
    (tmp_path / "a.hea").write_text("a/2 3 500 30\na1 30\n~ 99999999999\n")
    with pytest.raises(ECGFileError, match="mostly gaps"):
        read_ecg(tmp_path / "a.hea")


def test_the_files_of_a_record_in_memory_are_read_like_those_of_a_folder(tmp_path):
    header, _ = files.write(tmp_path)
    content = {name: (tmp_path / name).read_bytes() for name in ("a.hea", "a.dat")}
    np.testing.assert_array_equal(read_ecg(content), read_ecg(header))
    with pytest.raises(ECGFileError, match=r"'a.dat', which is absent; give all"):
        read_ecg({"a.hea": content["a.hea"]})
    with pytest.raises(ECGFileError, match=r"read a\.hea"):
        read_ecg(dict(reversed(content.items())))
    with pytest.raises(TypeError, match="names as keys and bytes as values"):
        read_ecg({"a.hea": header})


def test_a_header_without_a_rate_is_read_with_the_rate_of_the_caller(tmp_path):
    path, _ = files.write(tmp_path)
    expected = read_ecg(path)
    path.write_text(re.sub(r"^a (\d+) \S+ \d+", r"a \1", path.read_text(), count=1))
    assert read_ecg(path, fs=500).identical(expected)
    with pytest.raises(ECGFileError, match="or give fs= to read_ecg"):
        read_ecg(path)
