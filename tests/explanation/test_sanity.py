"""Explanations of a network whose reason is known, and what must destroy them."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from skecg import LVHCNNClassifier
from skecg.explanation import (
    deletion_curve,
    integrated_gradients,
    lead_importance,
    occlusion,
)
from skecg.signal import LEAD_NAMES
from tests.explanation.models import (
    V1,
    V5,
    OtherLeadsOfOthers,
    records_with_a_known_reason,
)

pytestmark = [
    pytest.mark.slow,
    # The records that are explained have two leads of three times the gain.
    pytest.mark.filterwarnings("ignore:The records of X .* times as large"),
]


@pytest.fixture(scope="module")
def test_set():
    return records_with_a_known_reason(200, random_state=1, gain=3.0)


def trained(random_state):
    """Return a network that was shown that the other ten leads mean nothing.

    In training they come in any height and at any time. Without that it gives them
    weights that cancel out over leads and samples, and attributions as well.
    """
    X, y, _ = records_with_a_known_reason(1500, random_state=0)
    network = LVHCNNClassifier(
        filters=(8, 8),
        kernel_sizes=5,
        dense_units=(16,),
        dropout=0.0,
        optimizer="adamw",
        weight_decay=0.3,
        learning_rate=0.01,
        epochs=60,
        augmenter=OtherLeadsOfOthers(5.0),
        random_state=random_state,
    )
    return network.fit(X, y)


@pytest.fixture(scope="module")
def network():
    return trained(0)


@pytest.fixture(scope="module")
def positives(test_set):
    X, y, qrs = test_set
    chosen = np.flatnonzero(y)[:40]
    return X[chosen], qrs[chosen]


@pytest.fixture(scope="module")
def attributions(network, positives):
    return integrated_gradients(network, positives[0], n_steps=128).attributions


@pytest.fixture(scope="module", params=range(3))
def destroyed(request, network):
    """The same network with the weights of each layer in random order."""
    other = copy.copy(network)
    rng = np.random.default_rng(request.param)
    shuffled = [
        rng.permutation(weight.ravel()).reshape(weight.shape)
        for weight in network.estimator_.weights
    ]
    other.estimator_ = replace(network.estimator_, weights=shuffled)
    return other


def share_in_qrs_of_v1_and_v5(attributions, qrs):
    size = np.abs(attributions)
    return size[:, :, [V1, V5]][qrs].sum() / size.sum()


def rank_correlation(first, second):
    pairs = zip(first, second, strict=True)
    return np.mean([spearmanr(a.ravel(), b.ravel()).statistic for a, b in pairs])


def correlation(first, second):
    pairs = zip(first, second, strict=True)
    return np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs])


def test_the_network_is_good_and_uses_v1_and_v5_alone(network, test_set):
    X, y, _ = test_set
    assert roc_auc_score(y, network.predict_proba(X)[:, 1]) > 0.98
    found = lead_importance(
        network, X, y, leads="each", n_repeats=2, n_bootstrap=2, random_state=0
    )
    assert (found.importances_mean[[V1, V5]] > 0.2).all()
    assert np.delete(found.importances_mean, [V1, V5]).max() < 0.01


def test_nine_tenths_of_the_attribution_lie_in_the_qrs_of_v1_and_v5(
    attributions, positives
):
    assert share_in_qrs_of_v1_and_v5(attributions, positives[1]) >= 0.9


def test_so_much_is_more_than_their_part_in_the_records(positives):
    assert share_in_qrs_of_v1_and_v5(*positives) < 0.2


def test_both_of_them_have_their_part(attributions, positives):
    size = np.abs(attributions) * positives[1][:, :, np.newaxis]
    parts = size.sum(axis=(0, 1)) / np.abs(attributions).sum()
    assert parts[[V1, V5]].min() > 0.3


def test_random_weights_destroy_the_map(destroyed, attributions, positives):
    X, qrs = positives
    found = integrated_gradients(destroyed, X, n_steps=128).attributions
    assert abs(rank_correlation(attributions, found)) < 0.15
    assert correlation(attributions, found) < 0.3
    # By trained weights it is 0.9 or more; by random ones up to 0.55, as the number of
    # threads changes the rounding, and with it what was trained.
    assert share_in_qrs_of_v1_and_v5(found, qrs) < 0.65


def test_sizes_resemble_the_record_even_so(destroyed, attributions, positives):
    found = integrated_gradients(destroyed, positives[0], n_steps=128).attributions
    assert rank_correlation(np.abs(attributions), np.abs(found)) > 0.5


def test_another_good_network_has_the_same_map(attributions, positives):
    # Ranks are no measure of that: most samples are worth nothing, in any order.
    X, qrs = positives
    found = integrated_gradients(trained(1), X, n_steps=128).attributions
    assert correlation(attributions, found) > 0.7
    assert share_in_qrs_of_v1_and_v5(found, qrs) >= 0.9


def test_what_is_attributed_most_is_missed_most(network, attributions, positives):
    X = positives[0]
    curve = deletion_curve(network, X, attributions, n_random=2, random_state=0)
    np.testing.assert_allclose(curve.log_odds[:, 0], network.decision_function(X))
    np.testing.assert_allclose(curve.log_odds[:, -1], curve.random[:, -1])
    assert curve.log_odds[:, 0].mean() > 2
    assert curve.log_odds[:, 2].mean() < 0 < curve.random[:, 2].mean()
    assert (curve.area < 0).mean() > 0.9


def test_deleting_what_is_attributed_least_takes_longest(
    network, attributions, positives
):
    curve = deletion_curve(
        network, positives[0], -attributions, n_random=1, random_state=0
    )
    assert curve.area.mean() > 0


def test_occlusion_agrees_with_the_gradients(network, positives):
    found = occlusion(network, positives[0], by="lead", leads="each")
    largest = np.argsort(found.importances.mean(axis=0))[-2:]
    assert {LEAD_NAMES[k] for k in largest} == {"V1", "V5"}


def test_attributions_of_other_records_are_an_error(network, attributions, positives):
    with pytest.raises(ValueError, match=r"attributions have .*\(39, 200, 12\), but"):
        deletion_curve(network, positives[0], attributions[1:])
    with pytest.raises(ValueError, match=r"'n_points' .* \[2, inf\)"):
        deletion_curve(network, positives[0], attributions, n_points=1)
