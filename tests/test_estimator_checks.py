"""The checks of scikit-learn and imbalanced-learn on every estimator."""

import pytest
from imblearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.estimator_checks import parametrize_with_checks

from tests.estimators import (
    ESTIMATORS,
    SAMPLERS,
    expected_failed_checks,
    expected_failed_sampler_checks,
)


# The numbers of the checks are no ECGs, and their leads have no names, of which some
# estimators warn.
@pytest.mark.filterwarnings(
    r"ignore:\d+ of \d+ records of X", r"ignore:X has \d+ unnamed leads"
)
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failed_checks)
def test_estimator_passes_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


# imbalanced-learn's parametrize_with_checks passes a generator, which pytest refuses.
# The checks' tables hold no heart beats, which BeatAlignedSMOTE is made of.
SAMPLER_CHECKS = [
    check
    for sampler in SAMPLERS
    if not hasattr(sampler, "k_neighbors")
    for check in estimator_checks_generator(
        sampler,
        legacy=False,
        expected_failed_checks=expected_failed_sampler_checks(sampler),
        mark="xfail",
    )
]


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@pytest.mark.parametrize(("sampler", "check"), SAMPLER_CHECKS)
def test_sampler_passes_the_checks_of_imbalanced_learn(sampler, check):
    check(sampler)
