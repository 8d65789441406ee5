"""read_ecgs: many files in, one labelled X out."""

import io
import pickle

import numpy as np
import pytest

from skecg import ECGFileError, read_ecg, read_ecgs
from tests.io import wfdb_files, xml_files


def _table(fs=100, seconds=2.0, extra="# sex: F\n", gap=False):
    times = np.arange(round(fs * seconds)) / fs
    leads = np.column_stack([np.cos(2 * np.pi * 5 * times), np.sin(times)])
    rows = [f"{a!r},{b!r}" for a, b in leads.tolist()]
    rows[1] = "NaN,0" if gap else rows[1]
    text = f"{extra}# fs: {fs}\nI (mV),II (mV)\n" + "\n".join(rows) + "\n"
    return text.encode()


def test_records_of_several_formats_and_rates_become_one_array(tmp_path):
    path, _ = wfdb_files.write(tmp_path, samples=wfdb_files.counts(1000))
    muse = xml_files.muse(xml_files.counts(1200))
    sources = [_table(100), path, io.BytesIO(_table(250)), muse]
    result = read_ecgs(sources, target_fs=100, duration=2, leads=["i", "aVF"])
    assert result.data.shape == (4, 200, 2)
    assert result.data.dtype == np.float32
    assert result.data.lead.values.tolist() == ["I", "aVF"]
    np.testing.assert_array_equal(result.data.time, np.arange(200) / 100)
    np.testing.assert_array_equal(result.data.sex, [1, np.nan, 1, 1])
    expected = read_ecg(sources[0], leads=["I", "aVF"])[0]
    np.testing.assert_allclose(result.data[0], expected, rtol=1e-6)
    np.testing.assert_allclose(result.data[2], expected, atol=0.01)
    assert result.table.format.tolist() == ["csv", "wfdb", "csv", "muse"]
    assert result.table.fs.tolist() == [100, 500, 250, 500]
    assert result.skipped == []
    assert "patient" not in result.data.coords
    assert "patient" in read_ecgs([muse], metadata=True).data.coords


def test_files_that_do_not_fit_are_skipped_with_a_reason(tmp_path):
    sources = [
        tmp_path / "absent.hea",
        _table(),
        b"nothing",
        _table(seconds=1.9),
        _table(gap=True),
        _table(fs=200),
        _table(seconds=3),
    ]
    with pytest.warns(UserWarning, match="5 of 7 files were skipped"):
        result = read_ecgs(sources, duration=2, on_error="skip")
    assert result.kept.tolist() == [1, 6]
    reasons = [reason for _, reason in result.skipped]
    for reason, part in zip(
        reasons,
        ["is absent", "none of the formats", "takes 1.9 s, but 2 s", "gaps", "200 Hz"],
        strict=True,
    ):
        assert part in reason
    assert result.table.reason.ne("").tolist() == [True, False, *[True] * 4, False]


def test_the_first_failure_is_raised_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.hea.*on_error='skip'"):
        read_ecgs([_table(), tmp_path / "absent.hea"])
    with pytest.raises(ECGFileError, match=r"7 bytes: .*none of the formats.*skip"):
        read_ecgs([b"nothing", _table()])
    with pytest.raises(ECGFileError, match="takes 3 s, but 2 s are needed; give dur"):
        read_ecgs([_table(), _table(seconds=3)])
    with pytest.raises(ValueError, match="No file could be read; the first one"):
        read_ecgs([b"nothing"], on_error="skip")


def test_processes_give_the_same_array():
    sources = [_table(extra=f"# age: {20 + k}\n") for k in range(40)]
    sources[17] = b"nothing"
    results = []
    for n_jobs in (None, 2):
        with pytest.warns(UserWarning, match="1 of 40"):
            results.append(read_ecgs(sources, on_error="skip", n_jobs=n_jobs))
    # Warnings are errors here: joblib has none of work that is no longer wanted.
    with pytest.raises(ECGFileError, match="7 bytes: .*none of the formats"):
        read_ecgs([*sources, *sources], n_jobs=2)
    assert results[0].data.identical(results[1].data)
    assert results[0].table.equals(results[1].table)
    assert results[0].data.age.values.tolist() == [
        20.0 + k for k in range(40) if k != 17
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sources": "a.hea"}, TypeError, "sources must be a list of files"),
        ({"sources": []}, ValueError, "sources is empty"),
        ({"on_error": "ignore"}, ValueError, "on_error must be 'raise' or 'skip'"),
        ({"duration": 0}, ValueError, "duration must be a positive number"),
        ({"target_fs": 1}, ValueError, "target_fs must lie between"),
        ({"format": "gif"}, ValueError, "format must be None or one of"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        read_ecgs(**{"sources": [_table()], **arguments})


def test_leads_of_one_file_name_no_columns_of_another():
    named = b"# fs: 100, units: mV\nV1,V2\n" + b"0.1,0.3\n" * 50
    nameless = b"0.2,0.4\n" * 50
    with pytest.raises(
        ECGFileError,
        match="leads= with the names of its 2 columns",
    ):
        read_ecgs([named, nameless], fs=100, units="mV")
    with pytest.warns(UserWarning, match="1 of 2"):
        result = read_ecgs([named, nameless], fs=100, units="mV", on_error="skip")
    assert result.kept.tolist() == [0]
    said = {"fs": 100, "units": "mV", "leads": ["V2", "V1"]}
    both = read_ecgs([named, nameless], **said).data
    np.testing.assert_allclose(both[:, 0], [[0.3, 0.1], [0.2, 0.4]], rtol=1e-6)


def test_rates_that_differ_by_rounding_are_the_same():
    rounded = _table().replace(b"fs: 100", b"fs: 99.998")
    data = read_ecgs([_table(), rounded]).data
    np.testing.assert_array_equal(data[0], data[1])
    assert read_ecg(rounded, fs=100).time[1].item() == pytest.approx(1 / 99.998)


def test_an_error_keeps_what_its_reader_said(tmp_path):
    absent = tmp_path / "absent.hea"
    with pytest.raises(FileNotFoundError) as caught:
        read_ecgs([absent])
    assert str(caught.value).count(str(absent)) == 1
    path, _ = wfdb_files.write(tmp_path)
    (tmp_path / "a.dat").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        read_ecgs([path])
    assert isinstance(caught.value, ECGFileError)
    assert caught.value.format == "wfdb"
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value)
    assert str(again) == str(caught.value)
    with pytest.raises(ECGFileError) as caught:
        read_ecgs([b"I,II\n1,2\n"])
    assert (caught.value.format, caught.value.field) == ("csv", "sampling rate, units")
