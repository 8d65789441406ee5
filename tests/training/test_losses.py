import numpy as np
import pytest

from skecg.training._losses import training_loss, training_metrics

TARGETS = np.array([[0.0], [1], [1]], np.float32)
OUTPUTS = np.array([[0.2], [0.6], [0.9]], np.float32)
RIGHT = np.array([0.8, 0.6, 0.9])  # probability of the true class


def test_focal_loss_weighs_by_how_wrong_the_network_is():
    loss = training_loss(2, focal_gamma=2.0, label_smoothing=0, n_aux=0, aux_weight=0)
    expected = -((1 - RIGHT) ** 2) * np.log(RIGHT)
    np.testing.assert_allclose(loss(TARGETS, OUTPUTS), expected, rtol=1e-5)


def test_label_smoothing_spreads_a_share_over_the_classes():
    loss = training_loss(2, focal_gamma=0, label_smoothing=0.1, n_aux=0, aux_weight=0)
    expected = -0.95 * np.log(RIGHT) - 0.05 * np.log(1 - RIGHT)
    np.testing.assert_allclose(loss(TARGETS, OUTPUTS), expected, rtol=1e-5)


def test_auxiliary_targets_add_their_cross_entropy_where_they_are_known():
    aux = np.array([[1.0, 0.4], [np.nan, 1], [np.nan, np.nan]], np.float32)
    told = np.array([[0.5, 0.3], [0.5, 0.9], [0.5, 0.5]], np.float32)
    loss = training_loss(2, focal_gamma=0, label_smoothing=0, n_aux=2, aux_weight=0.2)
    of_aux = [
        -np.log(0.5) - 0.4 * np.log(0.3) - 0.6 * np.log(0.7),
        -np.log(0.9),
        0,
    ]
    np.testing.assert_allclose(
        loss(np.hstack([TARGETS, aux]), np.hstack([OUTPUTS, told])),
        -np.log(RIGHT) + 0.2 * np.array(of_aux),
        rtol=1e-5,
    )


@pytest.mark.parametrize("focal_gamma", [0.0, 2.0])
def test_three_classes(focal_gamma):
    loss = training_loss(3, focal_gamma, label_smoothing=0, n_aux=1, aux_weight=1.0)
    targets = np.array([[2, np.nan], [0, 1.0]], np.float32)
    outputs = np.array([[0.1, 0.2, 0.7, 0.5], [0.5, 0.25, 0.25, 0.9]], np.float32)
    right = np.array([0.7, 0.5])
    expected = -((1 - right) ** focal_gamma) * np.log(right) - np.log([1, 0.9])
    np.testing.assert_allclose(loss(targets, outputs), expected, rtol=1e-5)


def test_plain_cross_entropy_is_that_of_keras():
    assert training_loss(2, 0.0, 0.0, 0, 0.2) == "binary_crossentropy"
    assert training_loss(3, 0.0, 0.0, 0, 0.2) == "sparse_categorical_crossentropy"


def test_metrics_leave_auxiliary_targets_out():
    accuracy, auc = training_metrics(2, n_aux=1)
    joint = np.array([[1.0], [0], [1]], np.float32)
    for metric in (accuracy, auc):
        metric.update_state(
            np.hstack([TARGETS, joint]), np.hstack([OUTPUTS, 1 - joint])
        )
        assert float(metric.result()) == pytest.approx(1)
