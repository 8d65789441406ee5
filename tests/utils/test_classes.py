"""A class that is named LVH is the positive one, or an error."""

import numpy as np
import pandas as pd
import pytest

from skecg.utils import check_labels, find_positive, read_labels, read_target


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        ("LVH", "NORM"),
        ("LVH", "Normal"),
        ("lvh", "no lvh"),
        ("LVH", "noLVH"),
        ("LVH", "non-LVH"),
        ("with LVH", "without LVH"),
        ("with LVH", "w/o LVH"),
        ("LVH+", "LVH-"),
        ("LVH_yes", "LVH_no"),
        ("LVH present", "LVH absent"),
        ("LVH positive", "LVH negative"),
        ("LVH=1", "LVH=0"),
        ("hypertrophy", "none"),
        ("left ventricular hypertrophy", "no left ventricular hypertrophy"),
        ("HYP", "NORM"),
        ("LVH", "AFIB"),
        ("LVH", "RVH"),
        ("abnormal", "normal"),
        ("not normal", "normal"),
        ("case", "control"),
        ("diseased", "healthy"),
        ("yes", "no"),
        ("positive", "negative"),
        ("b", "a"),
        ("1", "0"),
        (1, 0),
        (2, 1),
        (True, False),
        (b"LVH", b"NORM"),
    ],
)
def test_the_class_that_is_named_so_is_positive(positive, negative):
    classes = np.unique([positive, negative])
    assert classes[find_positive(classes)] == positive
    assert classes[find_positive(classes, negative)] == negative


def test_classes_that_say_nothing_or_both_need_a_positive_label():
    with pytest.raises(ValueError, match=r"don't say which.*positive_label='LVH'"):
        find_positive(["LVH", "VCLVH"])
    assert find_positive(["LVH", "VCLVH"], "LVH") == 0
    with pytest.raises(ValueError, match="y must have two classes, got 3"):
        find_positive(["LVH", "NORM", "RVH"])
    assert find_positive(["LVH", "NORM", "RVH"], "LVH") == 0
    with pytest.raises(ValueError, match="positive_label must be one of the classes"):
        find_positive(["LVH", "NORM"], "lvh")


def test_labels_beside_scores_are_never_upside_down():
    y = pd.Series(["LVH", "NORM", "LVH"])
    assert read_labels(y, "y_true", "LVH").tolist() == [True, False, True]
    assert read_labels(y, "y_true", "NORM").tolist() == [False, True, False]
    with pytest.raises(ValueError, match=r"classes of y_true.*positive_label='LVH'"):
        read_labels(y, "y_true")
    assert read_labels(["no LVH", "with LVH"], "y_true").tolist() == [False, True]
    assert read_labels([0, 1, 2], "y_true", 2).tolist() == [False, False, True]
    for one in ([1, 1], ["LVH", "LVH"]):
        with pytest.raises(ValueError, match="must have two classes, got 1"):
            read_labels(one, "y_true", one[0])


@pytest.mark.parametrize(
    "y",
    [
        ["a", None],
        pd.Series(["a", pd.NA], dtype="string"),
        pd.array([1, pd.NA], dtype="Int64"),
        [1.0, np.nan],
        pd.Categorical(["a", None]),
        ["a", ""],
    ],
)
def test_missing_labels_are_an_error(y):
    with pytest.raises(ValueError, match="y has missing labels: 1 of 2.*record 1"):
        check_labels(y, "y")


def test_records_in_the_place_of_labels_are_an_error():
    with pytest.raises(
        ValueError, match=r"y must hold one label.*\(2, 9, 3\); records"
    ):
        check_labels(np.zeros((2, 9, 3)), "y")


def test_labels_keep_their_kind():
    assert check_labels(pd.Series(["none", "some"]), "y").tolist() == ["none", "some"]
    assert check_labels(pd.array([1, 0], dtype="Int64"), "y").dtype.kind == "i"
    assert check_labels(pd.Categorical(["b", "a"]), "y").dtype.kind == "U"
    with pytest.raises(ValueError, match="y mixes text and numbers"):
        check_labels(["a", 1], "y")


def test_a_target_holds_labels_that_are_known_and_single():
    masked = np.ma.array([0, 1, 0, 1], mask=[False, True, False, False])
    with pytest.raises(ValueError, match="y has missing labels: 1 of 4.*record 1"):
        read_target(masked)
    with pytest.raises(ValueError, match="y_val has sequences among its labels"):
        read_target([0, (1,), 0, (1,)], "y_val")
    assert read_target(np.array([True, False], dtype=object)).dtype == bool
