"""Scores of any numeric type are ranked alike; labels of text are never upside down."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from skecg.metrics import (
    delong_test,
    patient_bootstrap,
    read_scores,
    weighted_average_precision,
    weighted_roc_auc,
)

Y = np.array([0, 1, 1, 0])
SCORES = np.array([0, 2, 1, 0])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.float32, bool])
@pytest.mark.parametrize("metric", [weighted_roc_auc, weighted_average_precision])
def test_perfect_scores_of_any_type_are_perfect(metric, dtype):
    assert metric(Y, SCORES.astype(dtype), np.ones(4)) == 1.0


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="y_score has 1 values that are NaN"):
        weighted_roc_auc(Y, [0.1, np.nan, 0.3, 0.2], np.ones(4))


def test_text_labels_of_a_bootstrap_need_the_positive_one():
    y = np.where(np.arange(20) % 2, "LVH", "NORM")
    score = (y == "LVH").astype(float)
    with pytest.raises(ValueError, match="positive_label='LVH'"):
        patient_bootstrap(roc_auc_score, y, score, n_resamples=20)
    result = patient_bootstrap(
        roc_auc_score, y, score, positive_label="LVH", n_resamples=20
    )
    assert result.estimate == 1.0
    predicted = patient_bootstrap(accuracy_score, y, y, n_resamples=20)
    assert predicted.estimate == 1.0


def test_masked_patients_are_missing():
    groups = np.ma.masked_array([1, 1, 2, 3], mask=[0, 1, 0, 0])
    with pytest.raises(ValueError, match="groups has missing patients"):
        patient_bootstrap(roc_auc_score, Y, SCORES, groups, n_resamples=20)


def test_one_patient_in_a_class_gives_no_interval_of_a_difference():
    y = np.zeros(31, int)
    y[0] = 1
    rng = np.random.default_rng(0)
    result = delong_test(y, rng.random(31), rng.random(31))
    assert np.isnan([result.low, result.high, result.p_value]).all()
    assert np.isfinite(result.difference)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.ma.array([0.1, 0.9, 0.2], mask=[0, 1, 0]), "y_score has .*(NaN|masked)"),
        (np.array([0.1, 0.9, 0.2j]), "y_score holds complex numbers|Complex data"),
        ([0.1, "90%", 0.2], "y_score must hold one number for each record.*'90%'"),
        (np.array([0.1, None, 0.2], object), "y_score has 1 values that are NaN"),
    ],
)
def test_scores_that_are_missing_or_no_numbers_are_refused(scores, message):
    with pytest.raises(ValueError, match=message):
        read_scores(scores, np.array([0, 1, 0]))


def test_masked_scores_are_not_resampled():
    scores = np.ma.array([0.1, 0.9, 0.2], mask=[0, 1, 0])
    with pytest.raises(ValueError, match="y_score has masked values"):
        patient_bootstrap(roc_auc_score, [0, 1, 0], scores)
