"""load_ecg_csv on the user's table and on tables that do not fit."""

import io
import sys

import numpy as np
import pytest

from skecg import make_lvh_ecg
from skecg.datasets import load_ecg_csv

pd = pytest.importorskip("pandas")


@pytest.fixture
def signals():
    return np.random.default_rng(0).normal(size=(4, 6)).round(3)


def table_of(cells, labels=None):
    labels = range(len(cells)) if labels is None else labels
    return pd.DataFrame({"ECG_signal": list(cells), "label": list(labels)})


@pytest.mark.parametrize(
    "write",
    [
        list,
        tuple,
        np.array,
        pd.Series,
        lambda signal: np.array(signal)[:, None],
        lambda signal: str(signal.tolist()),
        lambda signal: " ".join(map(str, signal)),
        lambda signal: ",".join(map(str, signal)),
        lambda signal: "[" + " ".join(map(str, signal)) + "]",
        lambda signal: f" {np.array(signal)[:, None].tolist()}\n",
    ],
)
def test_a_recording_may_be_written_in_many_ways(signals, write):
    ecg = load_ecg_csv(table_of([write(signal) for signal in signals]))
    assert ecg.data.dtype == np.float32
    np.testing.assert_array_equal(ecg.data, signals[..., None].astype(np.float32))
    assert ecg.target.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("as_file", [False, True])
def test_a_csv_file_or_file_object_is_read(signals, tmp_path, as_file):
    path = tmp_path / "ecg.csv"
    table = table_of(signals.tolist(), ["LVH", "normal"] * 2)
    table.to_csv(path, index=False)
    ecg = load_ecg_csv(io.StringIO(path.read_text()) if as_file else path)
    np.testing.assert_array_equal(ecg.data[..., 0], signals.astype(np.float32))
    assert ecg.target.tolist() == ["LVH", "normal"] * 2


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("as_text", [False, True])
def test_several_leads_run_along_the_last_axis(flat, as_text):
    X = np.arange(24.0).reshape(2, 4, 3)
    cells = [record.ravel() if flat else record for record in X]
    cells = [str(cell.tolist()) for cell in cells] if as_text else cells
    ecg = load_ecg_csv(table_of(cells), n_leads=3)
    np.testing.assert_array_equal(ecg.data, X)


def test_columns_can_be_named_and_the_others_stay_in_the_metadata(signals):
    table = pd.DataFrame(
        {"wave": list(signals), "lvh": [0, 1, 1, 0], "who": list("aabb"), "age": 50}
    )
    before = table.copy()
    ecg = load_ecg_csv(
        table, signal_column="wave", label_column="lvh", group_column="who", fs=250
    )
    assert ecg.target.tolist() == [0, 1, 1, 0]
    assert ecg.groups.tolist() == ["a", "a", "b", "b"]
    assert ecg.fs == 250
    assert list(ecg.metadata) == ["lvh", "who", "age"]
    pd.testing.assert_frame_equal(table, before)


def test_microvolts_become_millivolts():
    ecg = load_ecg_csv(table_of([[1500, -250]]), units="uV")
    assert ecg.data.ravel().tolist() == [1.5, -0.25]


@pytest.mark.parametrize("unit", ["mV", "mv", "MV"])
def test_millivolts_in_any_case_stay_as_they_are(unit):
    ecg = load_ecg_csv(table_of([[1.5, -0.25]]), units=unit)
    assert ecg.data.ravel().tolist() == [1.5, -0.25]


def test_return_x_y_gives_data_and_target(signals):
    X, y = load_ecg_csv(table_of(signals), return_X_y=True)
    assert X.shape == (4, 6, 1)
    assert y.tolist() == [0, 1, 2, 3]


def test_recordings_without_labels_can_be_loaded(signals):
    table = table_of(signals)[["ECG_signal"]]
    ecg = load_ecg_csv(table, label_column=None)
    assert ecg.data.shape == (4, 6, 1)
    assert ecg.target is None
    with pytest.raises(ValueError, match="return_X_y=True needs label_column"):
        load_ecg_csv(table, label_column=None, return_X_y=True)


def test_labelled_data_carry_seconds_leads_and_patients(signals):
    X = load_ecg_csv(
        table_of(signals),
        group_column="label",
        fs=2,
        n_leads=3,
        lead_names=["v1", "AVL", "x"],
        as_xarray=True,
    ).data
    assert X.dims == ("record", "time", "lead")
    assert X.time.values.tolist() == [0, 0.5]
    assert X.lead.values.tolist() == ["V1", "aVL", "x"]
    assert X.patient.values.tolist() == [0, 1, 2, 3]
    assert X.attrs["units"] == "mV"
    unnamed = load_ecg_csv(table_of(signals), fs=2, as_xarray=True).data
    assert "lead" not in unnamed.coords


BAD_CELLS = [
    ([0.1, 0.2], "has 2 samples, but most rows have 6; cut or pad"),
    ("0.1 0.2", "has 2 samples, but most rows have 6; cut or pad"),
    ("[0.1 0.2 ... 0.9]", r"was cut short .*signal.tolist\(\)"),
    ("[np.float64(0.1)]", r"no number .*'np.float64\(0.1\)'.*write it like"),
    ("0.1;0.2", "no number .*'0.1;0.2'"),
    ("[[1, 2], [3]]", "brackets of different lengths"),
    ("[]", "holds no recording"),
    ("", "holds no recording"),
    ([], "holds no recording"),
    (0.3, "holds no recording"),
    (np.nan, "holds no recording"),
    (None, "holds no recording"),
    ({"a": 1}, "holds no sequence of numbers, but {'a': 1}"),
    ([[1, 2], [3]], r"holds no sequence of numbers, but \[\[1, 2\], \[3\]\]"),
    ([0, 1, 2, 3, 4, np.nan], "has NaN or infinite values"),
    ("0 1 2 3 4 inf", "has NaN or infinite values"),
    (np.zeros((1, 6)), r"has the shape \(1, 6\).*transpose it with signal.T"),
    (np.zeros((6, 2)), r"shape \(6, 2\), but must have \(n_times, 1\).*n_leads"),
]


@pytest.mark.parametrize(("cell", "message"), BAD_CELLS)
def test_a_row_that_cannot_be_read_is_named_by_its_index(signals, cell, message):
    table = table_of([*signals, cell])
    table.index = list("abcde")
    with pytest.raises(ValueError, match=f"^row e .*{message}.*on_error='skip'"):
        load_ecg_csv(table)


@pytest.mark.parametrize(("cell", "message"), BAD_CELLS)
def test_a_row_that_cannot_be_read_can_be_skipped(signals, cell, message):
    table = table_of([signals[0], cell, *signals[1:]])
    with pytest.warns(UserWarning, match="1 of 5 rows.*row 1 ") as warned:
        ecg = load_ecg_csv(table, on_error="skip")
    assert len(warned) == 1
    assert warned[0].filename == __file__
    np.testing.assert_array_equal(ecg.data[..., 0], signals.astype(np.float32))
    assert ecg.target.tolist() == [0, 2, 3, 4]
    assert ecg.metadata.index.tolist() == [0, 2, 3, 4]
    assert [row for row, _ in ecg.skipped] == [1]


def test_a_row_without_label_or_group_is_named(signals):
    table = table_of(signals, [0, 1, np.nan, 1]).assign(patient=[7, 7, 8, np.nan])
    with pytest.raises(ValueError, match="row 2 has no 'label'; fill it in"):
        load_ecg_csv(table)
    with pytest.warns(UserWarning, match="2 of 4 rows"):
        ecg = load_ecg_csv(table, group_column="patient", on_error="skip")
    assert ecg.skipped[1] == (3, "has no 'patient'; fill it in or drop the row")
    assert ecg.target.tolist() == [0, 1]
    assert ecg.target.dtype.kind == ecg.groups.dtype.kind == "i"


def test_values_that_leads_cannot_share_are_named(signals):
    with pytest.raises(
        ValueError,
        match="row 0 has 6 values, which 4 leads cannot .*; correct n_leads, or",
    ):
        load_ecg_csv(table_of(signals), n_leads=4)


def test_no_readable_row_is_an_error_even_when_skipping():
    with pytest.raises(ValueError, match="No row could be read; .* row 0 holds no"):
        load_ecg_csv(table_of(["", ""]), on_error="skip")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"signal_column": "ecg"}, "no column 'ecg', but 'ECG_signal', 'label'; set"),
        ({"group_column": "id"}, "no column 'id'"),
        ({"units": "V"}, "units must be one of 'mV', 'uV', .*but got 'V'"),
        ({"on_error": "warn"}, "on_error must be one of 'raise', 'skip'"),
        ({"n_leads": 0}, "n_leads must be an integer of at least 1, but got 0"),
        ({"lead_names": ["I", "II"]}, "lead_names has 2 names, but X has 1 leads"),
        ({"as_xarray": True}, "as_xarray=True needs fs"),
        ({"fs": -5}, "fs must be a number from 1 to 1e[+]06, but got -5"),
        ({"fs": float("nan")}, "fs must be a number from 1 .* got nan"),
    ],
)
def test_parameters_that_do_not_fit_are_named(signals, arguments, message):
    with pytest.raises(ValueError, match=message):
        load_ecg_csv(table_of(signals), **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fs": "500"}, "fs must be a number, but got '500'"),
        ({"fs": True}, "fs must be a number, but got True"),
        ({"n_leads": 2.0}, "n_leads must be an integer, but got 2.0"),
        ({"lead_names": "I"}, "lead_names must be a list"),
    ],
)
def test_parameters_of_another_kind_are_named(signals, arguments, message):
    with pytest.raises(TypeError, match=message):
        load_ecg_csv(table_of(signals), **arguments)


@pytest.mark.parametrize("unit", ["uV", "µV", "μV", "uv", "UV", "μv", "µV".upper()])
def test_every_spelling_of_microvolts_is_read(signals, unit):
    ecg = load_ecg_csv(table_of(signals), units=unit, fs=500)
    np.testing.assert_allclose(ecg.data[..., 0], signals / 1000, rtol=1e-6)
    assert type(ecg.fs) is float


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, "x", 1, 2], "'label' .* a number in row 0 and text in row 1; write all"),
        ([True, 0, 1, False], "a boolean in row 0 and a number in row 1"),
        ([(0, 1), (1, 0), (0, 0), (1, 1)], "alone, but has a tuple in row 0"),
    ],
)
def test_labels_of_several_kinds_are_an_error(signals, labels, message):
    table = table_of(signals).assign(label=pd.Series(labels, dtype=object))
    with pytest.raises(ValueError, match=message):
        load_ecg_csv(table)


@pytest.mark.parametrize("labels", [[0, 1, 1, 0], [1.5, 2, 2, 1], list("abba")])
def test_labels_of_one_kind_keep_it_in_a_column_of_objects(signals, labels):
    table = table_of(signals).assign(label=pd.Series(labels, dtype=object))
    target = load_ecg_csv(table).target
    assert target.tolist() == labels
    assert target.dtype == np.array(labels).dtype


def test_an_empty_table_is_an_error():
    with pytest.raises(ValueError, match="The table is empty: .*no rows; give one"):
        load_ecg_csv(table_of([]))


def test_an_array_is_no_table(signals):
    with pytest.raises(TypeError, match="source must be a path.*got ndarray"):
        load_ecg_csv(signals)


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        ("pandas", {}, r'needs pandas; .*"skecg\[csv\]"'),
        ("xarray", {"as_xarray": True, "fs": 1}, r'needs xarray; .*"skecg\[xarray\]"'),
    ],
)
def test_a_missing_package_is_named(
    tmp_path, monkeypatch, signals, module, arguments, message
):
    table_of(signals.tolist()).to_csv(tmp_path / "a.csv")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=message):
        load_ecg_csv(tmp_path / "a.csv", **arguments)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("0,1 0,25 -0,3 0,4", "row 1 seems to have commas inside numbers .'0,1'"),
        ("0,1, 0,25, -0,3, 0,4", "commas inside numbers"),
        ("0,1,-0,25", "commas inside numbers"),
        ("[0,1 0,25 0,3 0,4]", "commas inside numbers"),
        ("1,234 1,250 1,300 1", "commas inside numbers"),
        ("1.234,5 1,0 2,0 3", "commas inside numbers"),
        ("1_000 2 3 4", "has '_' in numbers"),
        ("0.1,,0.3,0.4", "row 1 has NaN or infinite values"),
        ("0.1,0.2,0.3,", "has NaN or infinite values"),
        ("[0.1, , 0.3, 0.4]", "has NaN or infinite values"),
        ("0.1 mV 0.2 mV", "has text that is no number .'mV'"),
        ("0.1uV 0.2uV 0.3uV 0.4uV", "has text that is no number"),
        ("0.1;0.2;0.3;0.4", "has text that is no number"),
        ("4474 0 0 4474", "spans 4474 mV.*units='uV'"),
    ],
)
def test_a_cell_that_is_not_certain_is_an_error_and_never_another_number(cell, message):
    table = pd.DataFrame({"ECG_signal": ["0.1 0.2 0.3 0.4", cell], "label": [0, 1]})
    with pytest.raises(ValueError, match=message):
        load_ecg_csv(table)
    with pytest.warns(UserWarning, match="1 of 2 rows were skipped"):
        assert len(load_ecg_csv(table, on_error="skip").data) == 1


@pytest.mark.parametrize(
    ("cell", "n_leads"),
    [
        ("0.1,0.2 0.3,0.4", 2),
        ("[[0.1,0.2],[0.3,0.4]]", 2),
        ("[[0.1, 0.2],\n [0.3, 0.4]]", 2),
        ("[0.1 0.2\n 0.3 0.4]", 1),
        ("0.1,0.2,0.3,0.4", 1),
        ("0.1, 0.2, 0.3, 0.4", 1),
    ],
)
def test_cells_with_separators_in_every_usual_way_are_read(cell, n_leads):
    table = pd.DataFrame({"ECG_signal": [cell] * 2, "label": [0, 1]})
    data = load_ecg_csv(table, n_leads=n_leads).data
    np.testing.assert_allclose(data[0].ravel(), [0.1, 0.2, 0.3, 0.4], rtol=1e-6)


def test_leads_in_another_order_or_without_a_number_are_told():
    records = make_lvh_ecg(6, fs=100, duration=4, random_state=0).data
    one_after_the_other = [record.T.ravel() for record in records]
    together = [record.ravel() for record in records]

    def load(cells, n_leads):
        table = pd.DataFrame({"ECG_signal": cells, "label": [0, 1] * 3})
        return load_ecg_csv(table, n_leads=n_leads).data

    np.testing.assert_array_equal(load(together, 12), records)
    np.testing.assert_array_equal(load(list(records[:, :, 1]), 1), records[:, :, 1:2])
    with pytest.raises(ValueError, match="one lead after the other.*reshape"):
        load(one_after_the_other, 12)
    with pytest.raises(ValueError, match="12 leads, one after.*give n_leads=12"):
        load(one_after_the_other, 1)
    with pytest.raises(ValueError, match="seems to hold 12 leads; give n_leads=12"):
        load(together, 1)


def test_a_group_that_is_missing_in_words_is_missing():
    table = pd.DataFrame(
        {"ECG_signal": ["1 2"] * 2, "label": [0, 1], "patient": ["a", "nan"]}
    )
    with pytest.raises(ValueError, match="row 1 has no 'patient'"):
        load_ecg_csv(table, group_column="patient")


def test_a_column_for_each_lead_is_answered_by_how_to_join_them():
    table = pd.DataFrame({"I": [[0.1, 0.2]], "II": [[0.2, 0.3]], "label": [0]})
    with pytest.raises(TypeError, match=r"one column each.*\['I', 'II'\].*np.stack"):
        load_ecg_csv(table, signal_column=["I", "II"])
    table["ECG_signal"] = [
        np.stack(row, axis=-1) for row in table[["I", "II"]].to_numpy()
    ]
    data = load_ecg_csv(table, n_leads=2).data[0]
    np.testing.assert_allclose(data, [[0.1, 0.2], [0.2, 0.3]], rtol=1e-6)


@pytest.mark.parametrize("leads", [[0, 1, 6, 7, 8, 9, 10, 11], [10, 11]])
@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2, 1)])
def test_cells_that_hold_eight_or_two_leads_are_no_single_lead(leads, axes):
    X = make_lvh_ecg(8, fs=100, random_state=0).data[:, :, leads]
    cells = X.transpose(axes).reshape(8, -1).round(3).tolist()
    table = pd.DataFrame({"ECG_signal": cells, "label": 0})
    with pytest.raises(ValueError, match=f"seems? to hold {len(leads)} leads"):
        load_ecg_csv(table)
