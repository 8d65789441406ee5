"""read_ecg: one file in, one labelled record out, or an error with a remedy."""

import io
import os
import re

import numpy as np
import pytest
from scipy.io import savemat

from skecg import ECGFileError, list_formats, read_ecg, read_ecgs, sniff_format
from skecg.io import _source
from skecg.io._leads import derive_leads
from skecg.signal import LEAD_NAMES, limb_leads
from tests.io import wfdb_files
from tests.io import xml_files as files

TABLE = b"time (ms),II (uV),I (uV),V9 (uV)\n0,300,100,7\n2,340,120,8\n4,320,110,9\n"


def test_a_record_has_its_labels():
    record = read_ecg(files.muse(files.counts()))
    assert record.dims == ("record", "time", "lead")
    assert record.dtype == np.float64
    assert tuple(record.lead.values) == LEAD_NAMES
    np.testing.assert_allclose(record.time, np.arange(40) / 500, atol=1e-15)
    assert (record.sex.item(), record.age.item()) == (1, 1.5)
    assert record.attrs["units"] == "mV"
    assert record.attrs["format"] == "muse"
    assert "derived III, aVR, aVL, aVF from I and II" in record.attrs["notes"]
    expected = limb_leads(record[0, :, 0].values, record[0, :, 1].values)
    np.testing.assert_allclose(record[0, :, :6], expected, atol=1e-14)


def test_the_twelve_leads_come_first_and_others_behind():
    record = read_ecg(TABLE)
    assert record.lead.values.tolist() == [*LEAD_NAMES[:6], "V9"]
    assert record.sel(lead="V9").values.tolist() == [[0.007, 0.008, 0.009]]


def test_leads_are_chosen_in_any_case_and_order():
    record = read_ecg(TABLE, leads=["v9", "avf", "II"])
    assert record.lead.values.tolist() == ["V9", "aVF", "II"]
    assert "notes" in record.attrs
    assert "notes" not in read_ecg(TABLE, leads=["V9", "I"]).attrs
    with pytest.raises(ECGFileError, match=r"no lead V1, but II, I, V9, III"):
        read_ecg(TABLE, leads=["V1"])


@pytest.mark.parametrize("first", range(6))
@pytest.mark.parametrize("second", range(6))
def test_any_two_limb_leads_give_the_others(first, second):
    rng = np.random.default_rng(0)
    truth = limb_leads(*rng.normal(size=(2, 20)))
    index = [first] if first == second else [first, second]
    names = [LEAD_NAMES[k] for k in index]
    signal, found, note = derive_leads(truth[:, index], names)
    if first == second:
        assert (found, note) == (tuple(names), None)
        return
    order = [found.index(name) for name in LEAD_NAMES[:6]]
    np.testing.assert_allclose(signal[:, order], truth, atol=1e-14)


def test_identity_comes_only_where_it_is_asked_for():
    data = files.muse(files.counts())
    assert "patient" not in read_ecg(data).coords
    assert read_ecg(data, metadata=True).patient.item()


def test_path_bytes_and_file_object_are_the_same_record(tmp_path):
    path = tmp_path / "record.dcm"  # the name says nothing
    path.write_bytes(TABLE)
    expected = read_ecg(TABLE)
    for source in (path, str(path), bytearray(TABLE), io.BytesIO(TABLE)):
        assert sniff_format(path) == "csv"
        assert read_ecg(source).identical(expected)


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        ((), "*.xml"),
        (("a.dcm", "b.dcm", "c.txt"), "*.dcm"),
        (("a.dat", "a.hea"), "*.hea"),
    ],
)
def test_the_error_for_a_folder_is_the_call_that_reads_it(tmp_path, names, pattern):
    for name in names:
        (tmp_path / name).write_bytes(TABLE)
    call = re.escape(f"read_ecgs(sorted(Path({str(tmp_path)!r}).glob({pattern!r})))")
    with pytest.raises(ECGFileError, match=f"is a folder; .* or call {call}"):
        read_ecg(tmp_path)
    for source in (tmp_path, str(tmp_path)):
        with pytest.raises(TypeError, match=f"call {call}"):
            read_ecgs(source)


def test_samples_without_their_header_are_told(tmp_path):
    path = tmp_path / "a.dat"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(ECGFileError, match=r"read its header, a \.hea beside it"):
        read_ecg(path)


def test_sources_that_are_no_file_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="give the path of an ECG file"):
        read_ecg(tmp_path / "absent.xml")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ECGFileError, match="is no regular file"):
        read_ecg(tmp_path / "pipe")
    with pytest.raises(ECGFileError, match="is empty"):
        read_ecg(b"")
    with pytest.raises(TypeError, match="source must be a path"):
        read_ecg(np.zeros((5000, 12)))
    with pytest.raises(TypeError, match="open the file in binary mode"):
        read_ecg(io.StringIO("I,II"))
    with pytest.raises(ECGFileError, match="none of the formats"):
        read_ecg(b"\x89GIF\r\n\x1a\n" + bytes(100))


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("", ECGFileError, "must be the path of one file, but got ''"),
        ("a\0b", ECGFileError, "give the content of a file as bytes"),
        ("<xml>" * 1000, ECGFileError, "give the content of a file as bytes"),
        ("<xml>\n" * 100, FileNotFoundError, "^[^\n]* can't be opened"),
        ("~nobody-of-this-name/a.xml", FileNotFoundError, "home of no user"),
    ],
)
def test_what_no_file_is_called_is_refused(path, error, message):
    with pytest.raises(error, match=message):
        read_ecg(path)


def test_a_circle_of_links_is_no_file(tmp_path):
    os.symlink(tmp_path / "a", tmp_path / "a")
    with pytest.raises(FileNotFoundError, match="can't be opened"):
        read_ecg(tmp_path / "a")


def test_a_name_of_two_lines_stays_in_one_line(tmp_path):
    path = tmp_path / "a\nb"
    path.write_bytes(b"\1garbage")
    for read in (read_ecg, lambda path: read_ecgs([path])):
        with pytest.raises(ECGFileError, match="^[^\n]*$"):
            read(path)


def test_a_file_object_at_its_end_says_so():
    file = io.BytesIO(TABLE)
    read_ecg(file)
    with pytest.raises(ECGFileError, match=r"source.seek\(0\)"):
        read_ecg(file)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7\n", "is a PDF, which has no samples; export"),
        (b"\x89PNG\r\n", "is a picture, which has no samples"),
        (b"\x1f\x8b\x08\x00", "is packed by gzip; unpack it"),
    ],
)
def test_drawings_and_packed_files_are_called_so(data, message):
    with pytest.raises(ECGFileError, match=message):
        read_ecg(data)


def test_samples_of_a_wfdb_record_name_their_header(tmp_path):
    path, _ = wfdb_files.write(tmp_path)
    with pytest.raises(ECGFileError, match=f"samples of a WFDB .* read {path.name}"):
        read_ecg(path.with_suffix(".dat"))
    savemat(path.with_suffix(".mat"), {"val": np.ones((3, 9))})
    with pytest.raises(ECGFileError, match=f"holds counts.* read {path.name}"):
        read_ecg(path.with_suffix(".mat"), fs=500, units="mV", leads=["I", "II", "V1"])


def test_arguments_that_contradict_the_file_are_refused():
    data = files.muse(files.counts())
    assert read_ecg(data, fs=500.0, units="uV").sizes["time"] == 40
    with pytest.raises(ECGFileError, match="fs=250 contradicts the file"):
        read_ecg(data, fs=250)
    with pytest.raises(ECGFileError, match="units='mV' contradicts the file"):
        read_ecg(data, units="mV")


@pytest.mark.parametrize("stated", ["mV", "uV", "nV", "V"])
@pytest.mark.parametrize("given", ["mV", "\xb5V", "nV", "V", "volts"])
def test_every_other_unit_than_the_stated_one_is_refused(stated, given):
    table = f"# fs: 500\nI ({stated}),II ({stated})\n.01,.02\n.03,.04\n".encode()
    same = {"\xb5V": "uV", "volts": "V"}.get(given, given) == stated
    if same:
        np.testing.assert_array_equal(read_ecg(table, units=given), read_ecg(table))
        return
    with pytest.raises(
        ECGFileError, match=f"contradicts the file, which states {stated};"
    ):
        read_ecg(table, units=given)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"format": "gif"}, ValueError, "format must be None or one of"),
        ({"fs": "500"}, TypeError, "fs must be a number of Hz"),
        ({"fs": np.nan}, ValueError, "fs must lie between"),
        ({"units": "adu"}, ValueError, "units must be None or one of"),
        ({"leads": "II"}, TypeError, "leads must be a list of names"),
        ({"leads": ["II", "ii"]}, ValueError, "leads names a lead twice"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        read_ecg(TABLE, **arguments)


def test_a_format_can_be_forced():
    with pytest.raises(ECGFileError, match="aecg: the file is not well-formed XML"):
        read_ecg(TABLE, format="aecg")
    assert "csv" in list_formats()


def test_gaps_are_nan_and_warned_of():
    table = TABLE.replace(b"120", b"NaN")
    with pytest.warns(UserWarning, match="gaps are NaN: I 33.3 %, III 33.3 %"):
        record = read_ecg(table)
    assert np.isnan(record.sel(lead="aVF").values).tolist() == [[False, True, False]]
    assert "gaps are NaN" in record.attrs["notes"]


def test_a_large_file_is_read_whole_only_if_its_format_is_known(tmp_path, monkeypatch):
    table = b"# fs: 500, units: mV\nI,II\n" + b"0.1,0.2\n" * 100
    path, film = tmp_path / "a.csv", tmp_path / "film.mov"
    path.write_bytes(table)
    film.write_bytes(b"\0\1film" * 100)
    expected = read_ecg(path)
    monkeypatch.setattr(_source, "_AT_ONCE", 64)
    assert read_ecg(path).identical(expected)
    assert read_ecg(path, format="csv").sizes["time"] == 100
    whole = []
    monkeypatch.setattr(
        _source.Source, "content", lambda self: whole.append(self) or self.start
    )
    with pytest.raises(ECGFileError, match="none of the formats"):
        read_ecg(film)
    assert not whole
