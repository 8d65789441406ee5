import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from skecg.evaluation import delong_test, patient_bootstrap
from skecg.metrics import weighted_roc_auc


def _by_definition(y, a, b):
    """DeLong's variance of the difference, pair by pair."""
    parts = []
    for score in (a, b):
        gap = score[y == 1][:, None] - score[y == 0][None, :]
        kernel = (gap > 0) + 0.5 * (gap == 0)
        parts.append((kernel.mean(axis=1), kernel.mean(axis=0)))
    sick, well = (parts[0][i] - parts[1][i] for i in (0, 1))
    return sick.var(ddof=1) / len(sick) + well.var(ddof=1) / len(well)


@pytest.fixture(params=["distinct", "tied"])
def scores(request):
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 120)
    a = y + rng.normal(0, 1.0, 120)
    b = 0.5 * a + y + rng.normal(0, 1.5, 120)
    return (y, a, b) if request.param == "distinct" else (y, a.round(), b.round())


def test_interval_follows_the_definition_pair_by_pair(scores):
    y, a, b = scores
    found = delong_test(y, a, b)
    difference = roc_auc_score(y, a) - roc_auc_score(y, b)
    half = 1.959964 * np.sqrt(_by_definition(y, a, b))
    assert found.difference == pytest.approx(difference)
    assert (found.low, found.high) == pytest.approx(
        (difference - half, difference + half), rel=1e-5
    )


def test_interval_agrees_with_the_bootstrap_of_patients():
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(300), rng.integers(1, 5, 300))
    y = (np.arange(300) % 3 == 0)[groups]
    ability = rng.normal(0, 1, 300)[groups]
    a = y + ability + rng.normal(0, 0.3, len(groups))
    b = y + rng.normal(0, 1.2, 300)[groups]

    def gap(y, row, sample_weight=None):
        weights = np.ones(len(y)) if sample_weight is None else sample_weight
        return np.subtract(*(weighted_roc_auc(y, s[row], weights) for s in (a, b)))

    drawn = patient_bootstrap(gap, y, np.arange(len(y)), groups, n_resamples=1500)
    found = delong_test(y, a, b, groups)
    width = drawn.high - drawn.low
    assert found.high - found.low == pytest.approx(width, rel=0.1)
    blind = delong_test(y, a, b)
    assert blind.high - blind.low < 0.8 * width


def test_repeated_records_of_a_patient_add_nothing(scores):
    y, a, b = scores
    once = delong_test(y, a, b)
    thrice = delong_test(
        np.tile(y, 3), np.tile(a, 3), np.tile(b, 3), np.tile(np.arange(len(y)), 3)
    )
    np.testing.assert_allclose(thrice, once, rtol=1e-9)


def test_one_ranking_twice_has_no_p_value(scores):
    y, a, _ = scores
    found = delong_test(y, a, 2 * a + 1)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert np.isnan(found.p_value)


def test_chance_finds_a_difference_in_one_of_twenty():
    rng = np.random.default_rng(3)
    y = np.tile([0, 1], 60)
    p = [
        delong_test(y, y + rng.normal(0, 1, 120), y + rng.normal(0, 1, 120)).p_value
        for _ in range(400)
    ]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09


def test_labels_of_one_class_are_refused():
    with pytest.raises(ValueError, match=r"must have two classes, got 1 \[1\]"):
        delong_test([1, 1], [0.1, 0.2], [0.3, 0.4])
