"""write_ecg: what is written comes back, in every format."""

import numpy as np
import pytest

from skecg import ECGFileError, make_lvh_ecg, read_ecg, write_ecg
from skecg.io._write import _SUFFIXES
from skecg.utils import label_records

each_suffix = pytest.mark.parametrize("suffix", _SUFFIXES)


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(2, fs=250, random_state=0, as_xarray=True).data


@each_suffix
def test_a_record_comes_back(tmp_path, cohort, suffix):
    record = cohort[1:2]
    write_ecg(record, tmp_path / f"a{suffix}")
    again = read_ecg(tmp_path / f"a{suffix}")
    exact = suffix in (".csv", ".npz")
    # Half of the smallest round step of which 32,767 hold the record.
    step = 0 if exact else np.abs(record.values).max() / 32767 * 2.5
    np.testing.assert_allclose(again, record, rtol=0, atol=step / 2)
    assert again.attrs["format"] == _SUFFIXES[suffix]
    np.testing.assert_allclose(again.time, record.time, atol=1e-12)
    assert again.lead.values.tolist() == record.lead.values.tolist()
    assert again.sex.item() == record.sex.item()
    if suffix != ".edf":  # which has dates of birth alone
        assert again.age.item() == pytest.approx(record.age.item(), abs=0.51)


@each_suffix
@pytest.mark.parametrize("resolution", [1.0, 2.5, 4.88, 5.0])
def test_counts_of_a_recorder_come_back(tmp_path, suffix, resolution):
    counts = np.random.default_rng(0).integers(-900, 900, (1, 500, 3))
    record = label_records(
        counts * resolution / 1000, fs=500, lead_names=["I", "V1", "V6"], purpose=""
    )
    write_ecg(record, tmp_path / f"a{suffix}")
    again = read_ecg(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(np.rint(again / resolution * 1000), counts)
    if resolution != 4.88:
        np.testing.assert_allclose(again, record, rtol=1e-13)


@pytest.mark.parametrize("suffix", [".hea", ".dcm", ".csv", ".npz"])
def test_gaps_come_back(tmp_path, cohort, suffix):
    record = cohort[:1].copy()
    record[0, 40:60, 3] = np.nan
    write_ecg(record, tmp_path / f"a{suffix}")
    with pytest.warns(UserWarning, match="gaps are NaN: aVR"):
        again = read_ecg(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(np.isnan(again), np.isnan(record))


@pytest.mark.parametrize(
    ("suffix", "again"),
    [
        (".hea", ["X", "MCL1", "Brust ä"]),
        (".csv", ["X", "MCL1", "Brust ä"]),
        (".npz", ["X", "MCL1", "Brust ä"]),
        (".edf", ["X", "ECG MCL1", "ECG chest"]),  # how a reader knows an ECG
    ],
)
def test_leads_of_any_name_come_back(tmp_path, cohort, suffix, again):
    names = ["X", "MCL1", "chest" if suffix == ".edf" else "Brust ä"]
    record = cohort[:1, :, :3].assign_coords(lead=names)
    write_ecg(record, tmp_path / f"a{suffix}")
    read = read_ecg(tmp_path / f"a{suffix}")
    assert read.lead.values.tolist() == again
    np.testing.assert_allclose(read, record, rtol=0, atol=0.001)


@pytest.mark.parametrize("suffix", [".hea", ".csv"])
def test_names_that_become_one_in_a_line_are_refused(tmp_path, cohort, suffix):
    record = cohort[:1, :, :2].assign_coords(lead=["a b", "a, b"])
    with pytest.raises(ValueError, match="more than spaces and punctuation"):
        write_ecg(record, tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())


def test_microvolts_and_a_single_record_without_its_dimension(tmp_path, cohort):
    record = cohort[0] * 1000
    record.attrs["units"] = "uV"
    write_ecg(record, tmp_path / "a.npz")
    np.testing.assert_allclose(read_ecg(tmp_path / "a.npz")[0], cohort[0], rtol=1e-6)


def test_what_a_format_cannot_hold_is_named(tmp_path, cohort):
    gap = cohort[:1].copy()
    gap[0, 0, 0] = np.nan
    for record, path, error, message in (
        (cohort.values, "a.csv", TypeError, "must be a labelled xarray.DataArray"),
        (cohort, "a.csv", ValueError, "must be one record, but holds 2"),
        (cohort[:1], "a.txt", ValueError, r"path must end in \.hea"),
        (cohort[:1].drop_vars("time"), "a.csv", ValueError, "coordinates 'time'"),
        (cohort[:1] / 0, "a.csv", ValueError, "must be finite"),
        (gap, "a.edf", ValueError, "without NaN"),
        (cohort[:1], "a b.hea", ValueError, "a WFDB record is named by letters"),
    ):
        with pytest.raises(error, match=message), np.errstate(all="ignore"):
            write_ecg(record, tmp_path / path)
    with pytest.raises(ValueError, match="format must be None or one of wfdb"):
        write_ecg(cohort[:1], tmp_path / "a", format="gif")
    assert not list(tmp_path.iterdir())
    write_ecg(cohort[:1], tmp_path / "rec", format="wfdb")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rec.dat", "rec.hea"]
    with pytest.raises(ECGFileError):
        read_ecg((tmp_path / "rec.hea").read_bytes())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sex", 2, "coordinate 'sex' of X must be 0 or \"male\""),
        ("age", 1956, "which looks like a year of birth"),
        ("age", -1, "coordinate 'age' of X must be years from 0 to 120"),
    ],
)
def test_a_sex_or_age_that_is_none_is_refused(tmp_path, cohort, name, value, message):
    for record in (cohort[:1], cohort[0]):
        wrong = record.copy()
        wrong.coords[name] = record.coords[name] * 0 + value
        with pytest.raises(ValueError, match=message):
            write_ecg(wrong, tmp_path / "a.csv")


def test_words_for_sex_and_age_are_written(tmp_path, cohort):
    record = cohort[:1].assign_coords(
        sex=("record", ["female"]), age=("record", ["056Y"])
    )
    for given in (record, record[0]):
        write_ecg(given, tmp_path / "a.csv")
        again = read_ecg(tmp_path / "a.csv")
        assert (again.sex.item(), again.age.item()) == (1, 56)


def test_paths_and_voltages_that_are_none_are_refused(tmp_path, cohort):
    record = cohort[:1]
    with pytest.raises(TypeError, match="path must be the path of a file"):
        write_ecg(record, None, format="csv")
    for path in (tmp_path, tmp_path / "absent" / "a.csv"):
        with pytest.raises(FileNotFoundError, match="in a folder that is there"):
            write_ecg(record, path, format="wfdb")
    with pytest.raises(ValueError, match="but has .* mV; look at its unit"):
        write_ecg(record * 1e6, tmp_path / "a.edf")


@pytest.mark.parametrize("suffix", ["csv", "hea"])
def test_names_that_text_can_not_hold_are_replaced_with_a_warning(
    tmp_path, cohort, suffix
):
    names = cohort.lead.values.astype(object)
    record = cohort[:1].assign_coords(lead=["X, left", *names[1:]])
    with pytest.warns(UserWarning, match=r"\['X, left'\] are written without commas"):
        write_ecg(record, tmp_path / f"a.{suffix}")
    assert "X left" in read_ecg(tmp_path / f"a.{suffix}").lead
