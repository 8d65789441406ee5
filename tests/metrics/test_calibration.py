import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from skecg.evaluation import calibration_intercept, calibration_slope
from skecg.metrics import patient_weights

ONE = np.ones((1, 4000))


@pytest.fixture(scope="module")
def cohort():
    """True log-odds of 4000 records, and labels drawn by them."""
    rng = np.random.default_rng(0)
    odds = rng.normal(-1, 1.5, 4000)
    return odds, rng.random(4000) < expit(odds)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_slope_of_stretched_log_odds_is_the_inverse_of_the_stretch(cohort, factor):
    odds, y = cohort
    right = calibration_slope(y, expit(odds), ONE)[0]
    assert right == pytest.approx(1, abs=0.1)
    stretched = calibration_slope(y, expit(factor * odds), ONE)[0]
    assert stretched == pytest.approx(right / factor, rel=1e-6)


def test_slope_is_that_of_an_unpenalized_logistic_regression(cohort):
    odds, y = cohort
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    weights = patient_weights(np.arange(4000) // 2, 3)
    found = calibration_slope(y, expit(odds), weights)
    for slope, weight in zip(found, weights, strict=True):
        model.fit(odds[:, np.newaxis], y, sample_weight=weight)
        assert slope == pytest.approx(model.coef_[0, 0], rel=1e-4)


@pytest.mark.parametrize("shift", [-2.0, 0.7])
def test_intercept_of_shifted_log_odds_takes_the_shift_back(cohort, shift):
    odds, y = cohort
    right = calibration_intercept(y, expit(odds), ONE)[0]
    assert right == pytest.approx(0, abs=0.15)
    shifted = calibration_intercept(y, expit(odds + shift), ONE)[0]
    assert shifted == pytest.approx(right - shift, abs=1e-6)


def test_intercept_of_a_constant_probability_has_a_closed_form():
    y = np.arange(10) < 3
    found = calibration_intercept(y, np.full(10, 0.9), np.ones((1, 10)))
    assert found[0] == pytest.approx(logit(0.3) - logit(0.9))


@pytest.mark.parametrize("metric", [calibration_slope, calibration_intercept])
def test_one_weighting_is_a_number_and_none_means_ones(cohort, metric):
    odds, y = cohort
    (of_many,) = metric(y, expit(odds), ONE)
    assert metric(y, expit(odds)) == metric(y, expit(odds), ONE[0]) == of_many
    assert isinstance(of_many, float)
    assert np.isnan(metric(y[:4] | True, expit(odds[:4])))


def test_certain_probabilities_stay_finite():
    y = np.array([True, True, False, False, True, False])
    probability = np.array([1, 0, 0, 1, 0.6, 0.4], dtype=np.float32)
    assert np.isfinite(calibration_slope(y, probability, np.ones((1, 6)))).all()
    assert np.isfinite(calibration_intercept(y, probability, np.ones((1, 6)))).all()


def test_what_has_no_slope_is_not_a_number():
    y = np.array([True, True, False, False])
    separated = np.array([0.8, 0.7, 0.2, 0.1])
    assert np.isnan(calibration_slope(y, separated, np.ones((1, 4)))[0])
    assert np.isnan(calibration_slope(y, np.full(4, 0.5), np.ones((1, 4)))[0])
    without_positive = np.array([[0.0, 0.0, 1.0, 1.0]])
    assert np.isnan(calibration_intercept(y, separated, without_positive)[0])
