import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from skecg.metrics import (
    patient_weights,
    weighted_average_precision,
    weighted_net_benefit,
    weighted_roc_auc,
)


@pytest.fixture(params=["distinct", "tied"])
def sample(request):
    rng = np.random.default_rng(0)
    y = rng.random(300) < 0.2
    score = rng.normal(y, 1.0)
    if request.param == "tied":
        score = score.round(1)
    return y, score, patient_weights(rng.integers(0, 150, 300), 40)


@pytest.mark.parametrize(
    ("ours", "reference"),
    [
        (weighted_roc_auc, roc_auc_score),
        (weighted_average_precision, average_precision_score),
    ],
)
def test_each_weighting_gives_what_scikit_learn_gives(sample, ours, reference):
    y, score, weights = sample
    expected = [reference(y, score, sample_weight=w) for w in weights]
    np.testing.assert_allclose(ours(y, score, weights), expected, rtol=1e-12)


def test_blocks_of_weights_do_not_change_the_result(sample, monkeypatch):
    y, score, weights = sample
    whole = weighted_roc_auc(y, score, weights)
    monkeypatch.setattr("skecg.metrics._weighted._BLOCK", 700)
    assert weighted_roc_auc(y, score, weights).tolist() == whole.tolist()


def test_a_weighting_without_one_class_is_not_a_number():
    y, score = np.array([True, False, False]), np.array([0.3, 0.2, 0.1])
    weights = np.array([[0, 1, 1], [1, 0, 0], [1, 1, 0]])
    assert np.isnan(weighted_roc_auc(y, score, weights)).tolist() == [True, True, False]
    precision = weighted_average_precision(y, score, weights)
    assert np.isnan(precision).tolist() == [True, False, False]


def test_net_benefit_follows_its_formula(sample):
    y, score, weights = sample
    probability = 1 / (1 + np.exp(-score))
    thresholds = np.array([0.1, 0.4, 0.8])
    found = weighted_net_benefit(y, probability, thresholds, weights)
    for row, w in zip(found, weights, strict=True):
        for benefit, t in zip(row, thresholds, strict=True):
            called = probability >= t
            true, false = w[called & y].sum(), w[called & ~y].sum()
            expected = true / w.sum() - false / w.sum() * t / (1 - t)
            assert benefit == pytest.approx(expected, abs=1e-12)


def test_records_of_a_patient_are_drawn_together_and_each_as_often_on_average():
    groups = np.repeat([3, 1, 2], [5, 1, 2])
    weights = patient_weights(groups, 6000)
    for patient in (1, 2, 3):
        rows = weights[:, groups == patient]
        assert (rows == rows[:, :1]).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.05)
    first = np.array([np.flatnonzero(groups == patient)[0] for patient in (1, 2, 3)])
    assert (weights[:, first].sum(axis=1) == 3).all()
