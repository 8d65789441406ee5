"""load_ptbxl and read_wfdb_records against known counts and against wfdb."""

import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from skecg.datasets import load_ptbxl, read_wfdb_records
from skecg.signal import LEAD_NAMES
from tests.datasets.ptbxl_files import ROWS, make_counts, write_record, write_tables

# wfdb 4.3 uses a keyword that pandas 3.1 deprecates.
uses_wfdb = pytest.mark.filterwarnings("ignore:The inplace keyword")


def record_path(folder, ecg_id):
    return folder / f"records100/00000/{ecg_id:05d}_lr"


def test_every_count_becomes_a_thousandth_of_a_millivolt(tiny_ptbxl):
    ptbxl = load_ptbxl(tiny_ptbxl)
    expected = np.stack([make_counts(row[0]) for row in ROWS]) / 1000
    assert ptbxl.data.dtype == np.float32
    np.testing.assert_array_equal(ptbxl.data, expected.astype(np.float32))
    assert ptbxl.lead_names == list(LEAD_NAMES)
    assert ptbxl.fs == 100


def test_what_the_table_says_of_records_comes_in_their_order(tiny_ptbxl):
    ptbxl = load_ptbxl(tiny_ptbxl, folds=[2, 9])
    assert ptbxl.metadata.index.tolist() == [4, 5, 7, 8]
    assert ptbxl.groups.tolist() == [12, 13, 14, 15]
    assert ptbxl.groups.dtype.kind == "i"
    assert ptbxl.fold.tolist() == [2, 2, 9, 9]
    assert ptbxl.sex.tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose(ptbxl.data[0] * 1000, make_counts(4), rtol=1e-6)
    for word in ("CC BY 4.0", "Wagner", "not echocardiography"):
        assert word in ptbxl.DESCR


def test_age_300_is_given_as_90_and_stays_raw_in_the_metadata(tiny_ptbxl):
    ptbxl = load_ptbxl(tiny_ptbxl)
    np.testing.assert_array_equal(ptbxl.age, [56, 57, 90, np.nan, 33, 71])
    assert ptbxl.metadata.loc[4, "age"] == 300


def test_unknown_sex_is_nan(tiny_ptbxl):
    rows = [*ROWS[:1], (2, 11.0, 57.0, "", {"LVH": 0.0}, 1)]
    write_tables(tiny_ptbxl, rows)
    np.testing.assert_array_equal(load_ptbxl(tiny_ptbxl).sex, [1, np.nan])


@pytest.mark.parametrize(
    ("label", "min_likelihood", "ids", "target"),
    [
        ("lvh", None, [1, 2, 4, 5, 7, 8], [0, 1, 1, 0, 0, 0]),
        ("lvh", 0, [1, 2, 4, 5, 7, 8], [0, 1, 1, 0, 0, 0]),
        ("lvh", 80, [1, 4, 5, 7, 8], [0, 1, 0, 0, 0]),
        ("lvh", 80.5, [1, 5, 7, 8], [0, 0, 0, 0]),
        ("lvh_or_vclvh", None, [1, 2, 4, 5, 7, 8], [0, 1, 1, 1, 0, 0]),
        ("lvh_or_vclvh", 50, [1, 4, 7, 8], [0, 1, 0, 0]),
        ("hyp", None, [1, 2, 4, 5, 7, 8], [0, 1, 1, 0, 1, 0]),
        ("hyp", 90, [1, 5, 7, 8], [0, 0, 1, 0]),
        ("lvh_vs_norm", None, [1, 2, 4, 5], [0, 1, 1, 0]),
        ("lvh_vs_norm", 50, [1, 4, 5], [0, 1, 0]),
    ],
)
def test_label_rules(tiny_ptbxl, label, min_likelihood, ids, target):
    ptbxl = load_ptbxl(tiny_ptbxl, label=label, min_likelihood=min_likelihood)
    assert ptbxl.metadata.index.tolist() == ids
    assert ptbxl.target.tolist() == target
    assert sorted([*ids, *ptbxl.left_out]) == [1, 2, 4, 5, 7, 8]
    assert len(ptbxl.data) == len(ids)
    assert len(ptbxl.target_names) == 2


def test_leads_are_picked_by_name_in_any_case_and_order(tiny_ptbxl):
    ptbxl = load_ptbxl(tiny_ptbxl, leads=["v5", "AVL", "i"])
    assert ptbxl.lead_names == ["V5", "aVL", "I"]
    expected = make_counts(2)[:, [10, 4, 0]] / 1000
    np.testing.assert_array_equal(ptbxl.data[1], expected.astype(np.float32))


def test_the_500_hz_version_is_read_on_request(tiny_ptbxl):
    with pytest.warns(UserWarning, match="5 of 6 records were skipped"):
        ptbxl = load_ptbxl(tiny_ptbxl, fs=500, on_error="skip")
    assert ptbxl.data.shape == (1, 5000, 12)
    np.testing.assert_allclose(ptbxl.data[0] * 1000, make_counts(1, 500), rtol=1e-6)


def test_return_x_y_gives_data_and_target(tiny_ptbxl):
    X, y = load_ptbxl(tiny_ptbxl, return_X_y=True)
    assert X.shape == (6, 1000, 12)
    assert y.tolist() == [0, 1, 1, 0, 0, 0]


def test_labelled_data_carry_leads_seconds_and_patients(tiny_ptbxl):
    X = load_ptbxl(tiny_ptbxl, leads=["V1", "aVF"], as_xarray=True).data
    assert X.dims == ("record", "time", "lead")
    assert X.lead.values.tolist() == ["V1", "aVF"]
    np.testing.assert_allclose(X.time, np.arange(1000) / 100)
    assert X.attrs["units"] == "mV"
    fourth = X.isel(record=3)
    assert int(fourth.ecg_id) == 5
    assert (int(fourth.patient), int(fourth.sex), int(fourth.fold)) == (13, 0, 2)
    np.testing.assert_array_equal(X.age, [56, 57, 90, np.nan, 33, 71])


def test_two_threads_and_a_progress_bar_change_nothing(tiny_ptbxl, capsys):
    expected = load_ptbxl(tiny_ptbxl).data
    loaded = load_ptbxl(tiny_ptbxl, n_jobs=2, verbose=1, verify_checksums=True)
    np.testing.assert_array_equal(loaded.data, expected)
    assert "6/6" in capsys.readouterr().err


def test_loading_is_silent_by_default(tiny_ptbxl, capsys):
    load_ptbxl(tiny_ptbxl)
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


def damage_truncated(stem):
    path = stem.with_suffix(".dat")
    path.write_bytes(path.read_bytes()[:-10])


def damage_absent_signal(stem):
    stem.with_suffix(".dat").unlink()


def damage_absent_header(stem):
    stem.with_suffix(".hea").unlink()


def edit_header(old, new):
    def damage(stem):
        path = stem.with_suffix(".hea")
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return damage


DAMAGES = [
    (damage_absent_signal, FileNotFoundError, "00004_lr.dat is absent"),
    (damage_absent_header, FileNotFoundError, "00004_lr.hea is absent"),
    (damage_truncated, ValueError, "has 23990 bytes.*announces 24000"),
    (edit_header("12 100 1000", "12 100 900"), ValueError, "900 samples at 100 Hz"),
    (edit_header("12 100 1000", "12 250 1000"), ValueError, "1000 samples at 250 Hz"),
    (edit_header("12 100 1000", "11 100 1000"), ValueError, "11 leads, but describes"),
    (edit_header("12 100 1000", "12 100"), ValueError, "announces 0 samples"),
    (edit_header("12 100 1000", "0 0 0"), ValueError, "hold no signal"),
    (edit_header("00004_lr 12", "00004_lr/2 12"), ValueError, "announces 2 segments"),
    (edit_header("AVL", "V9"), ValueError, "lead aVL is not among.*V9"),
    (edit_header("AVL", "V6"), ValueError, "a lead appears twice"),
    (edit_header(" I\n", "\n"), ValueError, "lead I is not among.*signal 1"),
    (
        edit_header(" 16 1000.0", " 212 1000.0"),
        ValueError,
        "of several formats",
    ),
    (edit_header("1000.0(0)/mV", "0(0)/mV"), ValueError, "lead I is not calibrated"),
    (edit_header("1000.0(0)/mV", "1.0(0)/mmHg"), ValueError, "has no lead I,"),
    (edit_header("1000.0(0)/mV", "x"), ValueError, "lead I has the gain 'x'"),
    (edit_header(" 0 AVR", " 0x 0 AVR"), ValueError, "AVR|lead aVR is not among"),
    (edit_header("00004_lr.dat", "b.dat"), FileNotFoundError, "b.dat is absent"),
]


@pytest.mark.parametrize(("damage", "kind", "message"), DAMAGES)
def test_a_damaged_record_is_named_with_a_remedy(tiny_ptbxl, damage, kind, message):
    damage(record_path(tiny_ptbxl, 4))
    match = rf"(?s)record 4 \(fold 2\): .*(?:{message}).*on_error='skip'"
    with pytest.raises(kind, match=match):
        load_ptbxl(tiny_ptbxl)
    with pytest.raises(kind, match=match):
        load_ptbxl(tiny_ptbxl, n_jobs=2)


@pytest.mark.parametrize(("damage", "kind", "message"), DAMAGES)
def test_a_damaged_record_can_be_skipped(tiny_ptbxl, damage, kind, message):
    damage(record_path(tiny_ptbxl, 4))
    with pytest.warns(UserWarning, match=r"1 of 6 records .* record 4 \(fold 2\)"):
        ptbxl = load_ptbxl(tiny_ptbxl, on_error="skip")
    assert ptbxl.metadata.index.tolist() == [1, 2, 5, 7, 8]
    assert ptbxl.target.tolist() == [0, 1, 0, 0, 0]
    ((record, reason),) = ptbxl.skipped
    assert record == "record 4 (fold 2)"
    assert "00004_lr" in reason or "lead" in reason or "b.dat" in reason
    expected = np.stack([make_counts(i) for i in (1, 2, 5, 7, 8)]) / 1000
    np.testing.assert_array_equal(ptbxl.data, expected.astype(np.float32))


def test_a_flipped_bit_is_found_by_the_checksum_alone(tiny_ptbxl):
    path = record_path(tiny_ptbxl, 5).with_suffix(".dat")
    content = bytearray(path.read_bytes())
    content[24 * 500 + 6] ^= 1
    path.write_bytes(content)
    load_ptbxl(tiny_ptbxl)
    with pytest.raises(ValueError, match=r"record 5 .*checksum of lead aVR differs"):
        load_ptbxl(tiny_ptbxl, verify_checksums=True)


def test_swapped_samples_are_found_by_the_first_value(tiny_ptbxl):
    counts = make_counts(5)
    path = record_path(tiny_ptbxl, 5).with_suffix(".dat")
    path.write_bytes(counts[::-1].astype("<i2").tobytes())
    with pytest.raises(ValueError, match="first value of lead I differs"):
        load_ptbxl(tiny_ptbxl, verify_checksums=True)


def test_no_readable_record_is_an_error_even_when_skipping(tiny_ptbxl):
    match = "No record could be read.*00004_hr.hea is absent; load only the folds"
    with pytest.raises(ValueError, match=match) as raised:
        load_ptbxl(tiny_ptbxl, fs=500, folds=[2], on_error="skip")
    assert "pass on_error" not in str(raised.value)


@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_without_any_record_at_500_hz_those_at_100_hz_are_advised(tiny_ptbxl, on_error):
    shutil.rmtree(tiny_ptbxl / "records500")
    match = r"_hr.hea is absent; load it with fs=100, .*no records500, or .*fetch_ptbxl"
    with pytest.raises((FileNotFoundError, ValueError), match=match):
        load_ptbxl(tiny_ptbxl, fs=500, on_error=on_error)
    load_ptbxl(tiny_ptbxl, fs=100)


def test_the_first_of_several_damaged_records_is_named_whatever_thread_finds_it(
    tmp_path,
):
    for k in range(400):
        write_record(tmp_path / f"{k:03}", np.ones((2, 1), int), leads=["I"])
    paths = sorted(tmp_path.glob("*.hea"))
    for k in (300, 7, 140):
        paths[k].write_text("")
    for n_jobs in (None, 2):
        with pytest.raises(ValueError, match="007.hea: the header is empty"):
            read_wfdb_records(paths, n_jobs=n_jobs)


def test_a_truncated_file_is_to_be_downloaded_again(tiny_ptbxl):
    damage_truncated(record_path(tiny_ptbxl, 4))
    match = r"\); download it again with fetch_ptbxl\(.*, fs=100\), which .*or pass"
    with pytest.raises(ValueError, match=match) as raised:
        load_ptbxl(tiny_ptbxl)
    assert "folds=" not in str(raised.value)


def test_all_missing_folds_are_listed(tiny_ptbxl):
    for folds in (range(1, 5), np.arange(1, 5)):
        match = r"\(\[1, 2, 9\]\), but got \[1, 2, 3, 4\]; the table lacks \[3, 4\]\."
        with pytest.raises(ValueError, match=match):
            load_ptbxl(tiny_ptbxl, folds=folds)


def test_a_table_without_rows_is_called_empty(tiny_ptbxl):
    write_tables(tiny_ptbxl, [])
    for folds in (None, [1]):
        with pytest.raises(ValueError, match="ptbxl_database.csv is empty; download"):
            load_ptbxl(tiny_ptbxl, folds=folds)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fs": 250}, "fs must be 100 or 500.*got 250.*ECGResampler"),
        ({"folds": [3]}, r"folds must be among.*\[1, 2, 9\].*got \[3\]"),
        ({"folds": []}, r"folds must be among.*got \[\]"),
        ({"label": "LVH"}, "label must be one of 'lvh'.*got 'LVH'"),
        ({"min_likelihood": 101}, "between 0 and 100 percent, but got 101"),
        ({"min_likelihood": 0.8}, r"got 0.8: .*in percent, 0 to 100 \(give 80 "),
        ({"leads": ["I", "V7"]}, "leads must be names out of I, .*got .*V7"),
        ({"leads": ["I", "i"]}, "leads names a lead twice"),
        ({"leads": []}, "leads must name at least one lead"),
        ({"on_error": "ignore"}, "on_error must be one of 'raise', 'skip'"),
        ({"folds": 9, "label": "lvh_vs_norm"}, "No record has a label"),
    ],
)
def test_parameters_out_of_range_are_named(tiny_ptbxl, arguments, message):
    with pytest.raises(ValueError, match=message):
        load_ptbxl(tiny_ptbxl, **arguments)


def test_leads_as_one_text_are_an_error_of_kind(tiny_ptbxl):
    with pytest.raises(TypeError, match="leads must be a list of names, but got 'II'"):
        load_ptbxl(tiny_ptbxl, leads="II")


def test_one_fold_may_be_given_as_a_number(tiny_ptbxl):
    assert load_ptbxl(tiny_ptbxl, folds=9).fold.tolist() == [9, 9]
    assert load_ptbxl(tiny_ptbxl, folds=np.int64(9)).fold.tolist() == [9, 9]


def test_a_folder_without_the_table_says_how_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="ptbxl_database.csv is absent.*fetch"):
        load_ptbxl(tmp_path)


def test_hyp_without_the_statements_table_is_an_error(tiny_ptbxl):
    (tiny_ptbxl / "scp_statements.csv").unlink()
    load_ptbxl(tiny_ptbxl)
    with pytest.raises(FileNotFoundError, match="scp_statements.csv is absent"):
        load_ptbxl(tiny_ptbxl, label="hyp")


def test_a_table_without_a_needed_column_is_named(tiny_ptbxl):
    table = tiny_ptbxl / "ptbxl_database.csv"
    table.write_text(table.read_text().replace("strat_fold", "fold"))
    with pytest.raises(ValueError, match="lacks the column strat_fold; download"):
        load_ptbxl(tiny_ptbxl)


def test_an_empty_table_is_named(tiny_ptbxl):
    (tiny_ptbxl / "ptbxl_database.csv").write_text("")
    with pytest.raises(ValueError, match="ptbxl_database.csv is no readable CSV"):
        load_ptbxl(tiny_ptbxl)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((1, 11, 5, 0, {"LVH": 0}, 1), "ecg_id must be unique.*for record 1;"),
        ((9, "", 5, 0, {"LVH": 0}, 1), "patient_id must be a whole.*record 9 has nan"),
        ((9, 3, 5, 2, {"LVH": 0}, 1), "sex must be 0.*got 2 for record 9"),
        ((9, 3, 5, 0, "LVH", 1), "record 9 has 'LVH'"),
        ((9, 3, 5, 0, "", 1), "scp_codes must be written like.*record 9 has nan"),
        ((9, 3, 5, 0, "{'LVH': 'high'}", 1), "scp_codes must be written like"),
    ],
)
def test_a_row_that_makes_no_sense_names_its_record(tiny_ptbxl, row, message):
    write_tables(tiny_ptbxl, [*ROWS, row])
    write_record(record_path(tiny_ptbxl, 9), make_counts(9))
    with pytest.raises(ValueError, match=message):
        load_ptbxl(tiny_ptbxl)


@pytest.mark.parametrize(
    "name",
    ["../a/00001_lr", "/etc/passwd", "records100/../../a", "..\\a", "C:a", "a\0"],
)
def test_a_table_names_files_of_its_own_folder_alone(tiny_ptbxl, name):
    table = tiny_ptbxl / "ptbxl_database.csv"
    table.write_text(table.read_text().replace("records100/00000/00001_lr", name))
    # Before version 3, pandas ends a text at its first NUL: a file of the folder.
    message = "of record 1 is .* leads out of|ptbxl/a.hea is absent"
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        load_ptbxl(tiny_ptbxl)


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        ("pandas", {}, r'load_ptbxl needs pandas; .*pip install "skecg\[ptbxl\]"'),
        ("xarray", {"as_xarray": True}, r'needs xarray; .*"skecg\[xarray\]"'),
        ("tqdm", {"verbose": 1}, r'needs tqdm; .*"skecg\[progress\]"'),
    ],
)
def test_a_missing_package_is_named(
    tiny_ptbxl, monkeypatch, module, arguments, message
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=message):
        load_ptbxl(tiny_ptbxl, **arguments)


@uses_wfdb
@pytest.mark.parametrize("gain", ["1000.0(0)/mV", "204.8(-17)/mV", "333.3/mV", "250"])
def test_values_equal_those_of_wfdb(tmp_path, gain):
    wfdb = pytest.importorskip("wfdb")
    counts = make_counts(3)
    counts[7, 2] = -32768  # WFDB's mark for a missing sample
    write_record(tmp_path / "a", counts, gain=gain)
    expected = wfdb.rdrecord(str(tmp_path / "a")).p_signal.astype(np.float32)
    records = read_wfdb_records([tmp_path / "a"], verify_checksums=True)
    np.testing.assert_array_equal(records.data[0], expected)
    assert np.isnan(records.data).sum() == 1
    assert records.lead_names == list(LEAD_NAMES)


@uses_wfdb
def test_a_record_written_by_wfdb_is_read(tmp_path):
    wfdb = pytest.importorskip("wfdb")
    signal = np.random.default_rng(0).normal(size=(50, 2))
    wfdb.wrsamp(
        "a", 250, ["mV"] * 2, ["II", "V1"], signal, fmt=["16"] * 2, write_dir=tmp_path
    )
    records = read_wfdb_records([tmp_path / "a.hea"], verify_checksums=True)
    expected = wfdb.rdrecord(str(tmp_path / "a")).p_signal
    np.testing.assert_array_equal(records.data[0], expected.astype(np.float32))
    np.testing.assert_allclose(records.data[0], signal, atol=2e-4)
    assert records.fs == 250


def test_records_may_store_their_leads_in_different_orders(tmp_path):
    counts = np.arange(20).reshape(10, 2)
    write_record(tmp_path / "a", counts, leads=["I", "II"])
    write_record(tmp_path / "b", counts[:, ::-1], leads=["II", "I"])
    records = read_wfdb_records([tmp_path / "a", tmp_path / "b"])
    np.testing.assert_array_equal(records.data[0], records.data[1])


def test_records_unlike_the_first_are_skipped_and_listed(tmp_path):
    for name, n_times in (("a", 10), ("b", 9), ("c", 10)):
        write_record(tmp_path / name, np.ones((n_times, 1), int), leads=["I"])
    paths = [tmp_path / name for name in "abc"]
    with pytest.warns(UserWarning, match="1 of 3 records were skipped") as warned:
        records = read_wfdb_records(paths, on_error="skip")
    assert warned[0].filename == __file__
    assert records.kept.tolist() == [0, 2]
    assert records.skipped[0][0] == str(tmp_path / "b")
    with pytest.raises(ValueError, match="b.hea announces 9 samples.*mend or drop"):
        read_wfdb_records(paths)


@pytest.mark.parametrize("damage", ["absent", "empty"])
def test_a_bad_first_record_is_skipped_or_named_with_the_remedy(tmp_path, damage):
    if damage == "empty":
        (tmp_path / "a.hea").write_text("")
    for name in "bc":
        write_record(tmp_path / name, np.ones((9, 1), int), fs=250, leads=["V5"])
    paths = [tmp_path / name for name in "abc"]
    with pytest.warns(UserWarning, match="1 of 3 records were skipped"):
        records = read_wfdb_records(paths, on_error="skip")
    assert records.data.shape == (2, 9, 1)
    assert (records.fs, records.lead_names) == (250, ["V5"])
    assert records.kept.tolist() == [1, 2]
    assert records.skipped[0][0] == str(tmp_path / "a")
    error = FileNotFoundError if damage == "absent" else ValueError
    with pytest.raises(error, match=f"a.hea.* is {damage}; mend or drop .*'skip'"):
        read_wfdb_records(paths)


def test_no_readable_header_is_an_error_even_when_skipping(tmp_path):
    with pytest.raises(
        ValueError, match="No record could be read; .*a.hea is absent; check"
    ):
        read_wfdb_records([tmp_path / "a", tmp_path / "b"], on_error="skip")


def test_no_records_at_all_is_an_error():
    with pytest.raises(ValueError, match="records is empty"):
        read_wfdb_records([])


@uses_wfdb
@pytest.mark.ptbxl
def test_real_records_equal_wfdb_and_hold_their_checksums(ptbxl_path):
    wfdb = pytest.importorskip("wfdb")
    ptbxl = load_ptbxl(ptbxl_path, verify_checksums=True)
    assert np.isfinite(ptbxl.data).all()
    for row in (0, len(ptbxl.data) // 2, -1):
        stem = ptbxl_path / ptbxl.metadata["filename_lr"].iloc[row]
        expected = wfdb.rdrecord(str(stem)).p_signal.astype(np.float32)
        np.testing.assert_array_equal(ptbxl.data[row], expected)


@pytest.mark.ptbxl
def test_limb_leads_of_real_records_obey_einthoven(ptbxl_path):
    data = load_ptbxl(ptbxl_path, leads=["III", "II", "I"]).data
    residual = np.abs(data[..., 0] - (data[..., 1] - data[..., 2])).max(axis=1)
    assert np.mean(residual > 0.0025) < 0.01


def test_a_table_that_was_written_again_says_the_same(tiny_ptbxl):
    official = load_ptbxl(tiny_ptbxl)
    superclass = load_ptbxl(tiny_ptbxl, label="hyp").target
    table = pd.read_csv(tiny_ptbxl / "ptbxl_database.csv")
    table["sex"] = table["sex"].map({0: "male", 1: "female"})
    table["age"] = ["056Y", "57", "> 89", "", "33.0", "71 years"]
    table.to_csv(tiny_ptbxl / "ptbxl_database.csv")  # with its index
    statements = pd.read_csv(tiny_ptbxl / "scp_statements.csv", index_col=0)
    statements = statements.rename_axis("code").reset_index()
    statements["diagnostic_class"] = statements["diagnostic_class"].str.lower()
    statements.to_csv(tiny_ptbxl / "scp_statements.csv")
    again = load_ptbxl(tiny_ptbxl, fs=100.0)
    np.testing.assert_array_equal(again.sex, official.sex)
    np.testing.assert_array_equal(again.age, official.age)
    assert again.fs == 100
    np.testing.assert_array_equal(
        load_ptbxl(tiny_ptbxl, label="hyp").target, superclass
    )
    statements.assign(diagnostic_class="").to_csv(tiny_ptbxl / "scp_statements.csv")
    with pytest.raises(ValueError, match="has no statements of the diagnostic_class"):
        load_ptbxl(tiny_ptbxl, label="hyp")


def test_a_row_that_names_no_file_is_an_error_or_skipped(tiny_ptbxl):
    table = pd.read_csv(tiny_ptbxl / "ptbxl_database.csv")
    table.loc[2, "filename_lr"] = np.nan
    table.to_csv(tiny_ptbxl / "ptbxl_database.csv", index=False)
    with pytest.raises(
        ValueError, match="record 4.*names no file; fill in filename_lr"
    ):
        load_ptbxl(tiny_ptbxl)
    with pytest.warns(UserWarning, match="1 of 6 records were skipped"):
        assert len(load_ptbxl(tiny_ptbxl, on_error="skip").data) == 5


@pytest.mark.parametrize(("age", "message"), [(1956, "birth"), (20000, "days")])
def test_an_age_that_is_none_names_its_record(tiny_ptbxl, age, message):
    write_tables(tiny_ptbxl, [*ROWS, (9, 3, age, 0, {"LVH": 0}, 1)])
    with pytest.raises(ValueError, match=f"age must be.*for record 9.*{message}"):
        load_ptbxl(tiny_ptbxl)


def test_a_header_cannot_lead_out_of_its_folder(tmp_path):
    folder = tmp_path / "record"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(2 * 12 * 3))
    for name in ("../secret", str(tmp_path / "secret")):
        (folder / "a.hea").write_text(f"a 1 100 36\n{name} 16 1000 16 0 0 0 0 V5\n")
        with pytest.raises(ValueError, match="may only name files of its own folder"):
            read_wfdb_records([folder / "a"])


def test_records_of_other_formats_are_read_too(tmp_path):
    counts = make_counts(1)[:30]
    for name, stored in (("a", "61"), ("b", "16x1+24")):
        lines = [f"{name}.dat {stored} 200/mV 16 0 0 0 0 {n}" for n in LEAD_NAMES]
        text = f"{name} 12 100 30\n" + "\n".join(lines) + "\n# Age: 57\n# Sex: F\n"
        (tmp_path / f"{name}.hea").write_text(text + "# Dx: 164873001\n")
    (tmp_path / "a.dat").write_bytes(counts.astype(">i2").tobytes())
    (tmp_path / "b.dat").write_bytes(bytes(24) + counts.astype("<i2").tobytes())
    records = read_wfdb_records([tmp_path / "a", tmp_path / "b"], as_xarray=True)
    expected = (counts / 200).astype(np.float32)
    np.testing.assert_array_equal(records.data, [expected, expected])
    assert records.data.sex.values.tolist() == [1, 1]
    assert records.age.tolist() == [57, 57]
    assert records.codes == [("164873001",)] * 2
