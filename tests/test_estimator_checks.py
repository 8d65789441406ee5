"""scikit-learn's own checks on every estimator."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from tests.estimators import ESTIMATORS, expected_failed_checks


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failed_checks)
def test_estimator_passes_the_checks_of_scikit_learn(estimator, check):
    check(estimator)
