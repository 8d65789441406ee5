"""load_ecg_csv: files that are no such table, and labels of which one is positive."""

import io

import numpy as np
import pytest

from skecg.datasets import load_ecg_csv

pd = pytest.importorskip("pandas")


def table_of(labels):
    cells = [[0.1 * k, 0.2] for k in range(len(labels))]
    return pd.DataFrame({"ECG_signal": cells, "label": labels})


@pytest.mark.parametrize(
    ("labels", "positive", "target", "names"),
    [
        (["LVH", "NORM", "LVH"], "LVH", [1, 0, 1], ["NORM", "LVH"]),
        (["LVH", "NORM", "LVH"], "NORM", [0, 1, 0], ["LVH", "NORM"]),
        (["LVH", "MI", "NORM"], "LVH", [1, 0, 0], ["not LVH", "LVH"]),
        (["LVH", "LVH", "LVH"], "LVH", [1, 1, 1], ["not LVH", "LVH"]),
        ([2, 1, 2], 1, [0, 1, 0], ["2", "1"]),
        ([True, False, False], False, [0, 1, 1], ["True", "False"]),
    ],
)
def test_the_positive_label_counts_as_one(labels, positive, target, names):
    ecg = load_ecg_csv(table_of(labels), positive_label=positive)
    assert ecg.target.dtype == np.int64
    assert ecg.target.tolist() == target
    assert ecg.target_names == names
    assert ecg.metadata["label"].tolist() == labels
    _, y = load_ecg_csv(table_of(labels), positive_label=positive, return_X_y=True)
    assert y.tolist() == target


def test_without_a_positive_label_the_labels_stay_as_they_are():
    ecg = load_ecg_csv(table_of(["LVH", "NORM"]))
    assert ecg.target.tolist() == ["LVH", "NORM"]
    assert ecg.target_names is None


@pytest.mark.parametrize(
    ("labels", "arguments", "message"),
    [
        (["LVH", "no"], {"positive_label": "lvh"}, "labels 'LVH', 'no', but got 'lvh'"),
        ([0, 1], {"positive_label": "1"}, "one of the labels 0, 1, but got '1'"),
        (list(range(30)), {"positive_label": 99}, "0, 1, .*9 and 20 more, but got 99"),
        (
            [0, 1],
            {"positive_label": 1, "label_column": None},
            "positive_label=1 needs label_column, but got None",
        ),
    ],
)
def test_a_positive_label_that_is_no_label_is_named(labels, arguments, message):
    with pytest.raises(ValueError, match=message):
        load_ecg_csv(table_of(labels), **arguments)


def test_an_unreadable_cell_is_quoted_in_part():
    cell = ";".join(["0.125"] * 2000)
    table = pd.DataFrame({"ECG_signal": [cell], "label": [1]})
    with pytest.raises(ValueError, match=r"row 0 .*'0.125;0.125.*\.\.\.\).*") as raised:
        load_ecg_csv(table)
    assert len(str(raised.value)) < 250


def test_an_absent_file_or_a_folder_is_named_with_a_remedy(tmp_path):
    with pytest.raises(
        FileNotFoundError, match="nope.csv is absent; give the path .*working folder"
    ):
        load_ecg_csv("nope.csv")
    with pytest.raises(IsADirectoryError, match="is a folder; give the path of a CSV"):
        load_ecg_csv(tmp_path)


@pytest.mark.parametrize(
    ("separator", "shown"), [(";", ";"), ("\t", r"\\t"), ("|",) * 2]
)
@pytest.mark.parametrize(
    "cells", [["0.1 0.2", "0.3 0.4"], ["[0.1, 0.2]", "[0.3, 0.4]"]]
)
def test_another_separator_is_recognized(tmp_path, separator, shown, cells):
    path = tmp_path / "ecg.csv"
    table = pd.DataFrame({"ECG_signal": cells, "label": [0, 1]})
    path.write_text(
        separator.join(table)
        + "".join(f"\n{row[0]}{separator}{row[1]}" for row in table.to_numpy())
    )
    shown = "[|]" if shown == "|" else shown
    match = rf"one column, 'ECG_signal.*pd.read_csv\(path, sep=\"{shown}\"\) and pass"
    with pytest.raises(ValueError, match=match):
        load_ecg_csv(path)
    ecg = load_ecg_csv(pd.read_csv(path, sep=separator))  # the remedy
    assert ecg.data.ravel().tolist() == np.float32([0.1, 0.2, 0.3, 0.4]).tolist()


@pytest.mark.parametrize("content", ["", "ECG_signal;label\n1,2;0\n1,2,3;0\n"])
def test_what_pandas_cannot_parse_is_named_with_a_remedy(content):
    with pytest.raises(ValueError, match="source is no readable CSV.*sep=.*the frame"):
        load_ecg_csv(io.StringIO(content))


def test_a_table_without_header_is_not_quoted_in_full():
    text = "\n".join(",".join([f"{row}.5"] * 5000) for row in range(2))
    with pytest.raises(
        ValueError, match="no column 'ECG_signal'.* more; set"
    ) as raised:
        load_ecg_csv(io.StringIO(text))
    assert len(str(raised.value)) < 400


def test_one_long_column_name_is_cut():
    table = pd.DataFrame({"0.1 " * 3000: [1]})
    with pytest.raises(ValueError, match="has no column 'ECG_signal'") as raised:
        load_ecg_csv(table)
    assert len(str(raised.value)) < 250
