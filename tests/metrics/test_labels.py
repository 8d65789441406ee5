"""Labels of two classes and scores, and what is said of those that are neither."""

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from skecg.metrics import read_binary, read_scores, score_method
from skecg.utils import class_index


@pytest.mark.parametrize(("labels", "n_classes"), [([1, 1], 1), ([0, 1, 2], 3)])
def test_labels_of_another_number_of_classes_are_refused(labels, n_classes):
    with pytest.raises(ValueError, match=f"y must have two classes, got {n_classes}"):
        read_binary(labels, "y")


def test_scores_that_are_not_finite_are_counted():
    scores = [0.5, np.nan, np.inf]
    with pytest.raises(ValueError, match="y_score has 2 values that are NaN or inf"):
        read_scores(scores, np.array([False, True, True]), "y_score")


def test_single_precision_scores_stay_so():
    scores = np.array([0.25, 0.75], np.float32)
    assert read_scores(scores, np.array([False, True]), "y_score").dtype == np.float32


def test_an_estimator_without_scores_is_refused():
    with pytest.raises(TypeError, match="DBSCAN has neither; give a classifier"):
        score_method(DBSCAN())


def test_of_two_classes_the_second_is_meant_and_of_more_one_is_named():
    assert class_index(np.array(["LVH", "NORM"]), None) == 1
    assert class_index(np.array([0, 3, 7]), 3) == 1
    with pytest.raises(ValueError, match=r"one of the classes \[0, 3, 7\].*got None"):
        class_index(np.array([0, 3, 7]), None)
