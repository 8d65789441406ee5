"""Scores of the positive class, and what is refused among them."""

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from skecg.metrics import (
    positive_class,
    positive_scores,
    read_scores,
    score_method,
)


@pytest.mark.parametrize(
    "labels", [["LVH", "Normal"], ["LVH", "no LVH"], ["abnormal", "normal"]]
)
def test_a_class_that_names_lvh_is_never_the_negative_one(labels):
    with pytest.raises(ValueError, match=r"positive_label="):
        positive_class(labels)
    assert positive_class(labels, positive_label=labels[0]) == labels[0]


@pytest.mark.parametrize("labels", [["NORM", "xLVH"], ["no", "yes"], [0, 1]])
def test_the_larger_label_is_positive_where_that_is_certain(labels):
    assert positive_class(labels) == labels[1]


@pytest.mark.parametrize("positive_label", [None, 1])
def test_labels_of_one_class_are_refused(positive_label):
    with pytest.raises(ValueError, match=r"y must have two classes, got 1 \[0\]"):
        positive_class([0, 0], "y", positive_label)


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
        score_method(DBSCAN())
