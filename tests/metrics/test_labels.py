"""Labels of two classes, scores and patients, and what is refused among them."""

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from skecg.metrics import positive_scores, read_binary, read_groups, read_scores
from skecg.metrics import score_method as method_of
from skecg.utils import class_index


@pytest.mark.parametrize(("labels", "n_classes"), [([1, 1], 1), ([0, 1, 2], 3)])
def test_labels_of_another_number_of_classes_are_refused(labels, n_classes):
    with pytest.raises(ValueError, match=f"y must have two classes, got {n_classes}"):
        read_binary(labels, "y")


@pytest.mark.parametrize(
    "labels",
    [
        ["LVH", "Normal"],
        ["LVH", "NORM"],
        ["LVH", "no LVH"],
        ["hypertrophy", "other"],
        ["abnormal", "normal"],
        ["case", "control"],
        ["LVH", "sinus rhythm"],
        ["Hypertrophic", "Unremarkable"],
    ],
)
def test_a_class_that_names_lvh_is_never_the_negative_one(labels):
    with pytest.raises(ValueError, match=r"give positive_label, such as"):
        read_binary(labels)
    positive = read_binary(labels, positive_label=labels[0])
    assert positive.tolist() == [True, False]


@pytest.mark.parametrize(
    "labels", [["NORM", "xLVH"], ["a normal ECG", "z LVH"], ["no", "yes"], [0, 1]]
)
def test_the_larger_label_is_positive_where_that_is_certain(labels):
    assert read_binary(labels).tolist() == [False, True]


def test_of_three_labels_one_is_positive_if_it_is_named():
    labels = ["AFIB", "LVH", "NORM", "LVH"]
    positive = read_binary(labels, positive_label="LVH")
    assert positive.tolist() == [False, True, False, True]
    with pytest.raises(ValueError, match=r"one of the labels of y, .*, got 'lvh'"):
        read_binary(labels, "y", positive_label="lvh")


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_missing_label_is_not_negative(missing):
    labels = np.array([0, 1, missing], dtype=object)
    with pytest.raises(ValueError, match="y_true has 1 missing labels"):
        read_binary(labels, positive_label=1)


def test_a_label_called_none_is_a_label():
    assert read_binary(["none", "LVH"], positive_label="LVH").tolist() == [False, True]


@pytest.mark.parametrize(
    "missing",
    [None, np.nan, "nan", "", "None", np.float64("nan"), np.datetime64("NaT")],
)
def test_a_missing_patient_is_refused(missing):
    groups = np.array(["a", missing, missing], dtype=object)
    with pytest.raises(ValueError, match=r"groups has missing patients \(2 of 3"):
        read_groups(groups)


def test_missing_values_of_pandas_are_refused():
    pandas = pytest.importorskip("pandas")
    for dtype in ("Int64", "string"):
        with pytest.raises(ValueError, match="missing patients"):
            read_groups(pandas.Series(["7", None]).astype(dtype))


@pytest.mark.parametrize("typed", [float, str, object, np.int32])
def test_patients_are_the_same_however_they_are_typed(typed):
    groups = np.array([15700, 3, 15700])
    assert read_groups(groups.astype(typed)).tolist() == [15700, 3, 15700]


def test_text_of_numbers_with_leading_zeros_stays_text():
    assert read_groups(["007", "7"]).tolist() == ["007", "7"]
    assert read_groups(np.array([7.0, "p8"], object)).tolist() == ["7", "p8"]


def test_scores_that_are_not_finite_are_counted():
    scores = [0.5, np.nan, np.inf]
    with pytest.raises(ValueError, match="y_score has 2 values that are NaN or inf"):
        read_scores(scores, np.array([False, True, True]), "y_score")
    with pytest.raises(ValueError, match="y_score_val is missing"):
        read_scores(None, np.array([False, True]), "y_score_val")


def test_single_precision_scores_stay_so():
    scores = np.array([0.25, 0.75], np.float32)
    assert read_scores(scores, np.array([False, True]), "y_score").dtype == np.float32


def test_scores_of_the_positive_class_rise_with_it():
    probability = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]]
    assert positive_scores(probability, ["a", "b", "c"], "b").tolist() == [0.2, 0.8]
    assert positive_scores([-1.0, 2.0], ["LVH", "NORM"], "LVH").tolist() == [1.0, -2.0]


def test_an_estimator_without_scores_is_refused():
    with pytest.raises(TypeError, match="DBSCAN has neither; give a classifier"):
        method_of(DBSCAN())


def test_of_two_classes_the_second_is_meant_and_of_more_one_is_named():
    assert class_index(np.array(["LVH", "NORM"]), None) == 0
    assert class_index(np.array([0, 3, 7]), 3) == 1
    with pytest.raises(ValueError, match=r"one of the classes \[0, 3, 7\].*got None"):
        class_index(np.array([0, 3, 7]), None)
