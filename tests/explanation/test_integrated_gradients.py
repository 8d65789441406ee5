import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGFilter,
    ECGFlattener,
    ECGResampler,
    ECGScaler,
    LVHCNNClassifier,
    LVHLSTMClassifier,
    make_lvh_ecg,
)
from skecg.explanation import attribution_by_wave, integrated_gradients
from tests.explanation.models import Formula

SMALL = {"dense_units": (8,), "epochs": 3, "random_state": 0}
CNN = LVHCNNClassifier(filters=(8,), kernel_sizes=5, **SMALL)
LSTM = LVHLSTMClassifier(
    units=(4,),
    conv_filters=(8,),
    conv_kernel_sizes=5,
    crop_length=0.5,
    n_crops=3,
    **SMALL,
)


@pytest.fixture(scope="module")
def cohort():
    pytest.importorskip("xarray")
    return make_lvh_ecg(
        40, fs=100, duration=2, prevalence=0.5, random_state=0, as_xarray=True
    )


@pytest.fixture(scope="module", name="X")
def records(cohort):
    return cohort.data.values


@pytest.fixture(scope="module", params=[CNN, LSTM], ids=["cnn", "lstm of crops"])
def fitted(request, X, cohort):
    pipeline = make_pipeline(ECGFilter(fs=100), ECGScaler(), clone(request.param))
    return pipeline.fit(X, cohort.target)


def total(attributions):
    return np.asarray(attributions).reshape(len(attributions), -1).sum(axis=1)


def test_a_linear_score_is_attributed_by_its_weights():
    weight = np.array([[1.0, -2.0], [0.5, 0.0], [3.0, 1.0]])
    linear = Formula(
        lambda x: (x * weight).sum((1, 2)), lambda x: np.broadcast_to(weight, x.shape)
    ).fit(None)
    X = np.random.default_rng(0).normal(size=(4, 3, 2))
    found = integrated_gradients(linear, X, n_steps=1)
    assert_allclose(found.attributions, weight * X)
    base = np.ones((3, 2))
    moved = integrated_gradients(linear, X, baseline=base, n_steps=3)
    assert_allclose(moved.attributions, weight * (X - 1))
    assert_allclose(moved.baseline_log_odds, weight.sum())


def test_a_product_of_two_samples_is_shared_by_them():
    # From 0 to (a, b) the integral gives half of a * b to each.
    product = Formula(
        lambda x: x[:, 0, 0] * x[:, 1, 0], lambda x: np.ascontiguousarray(x[:, ::-1])
    ).fit(None)
    found = integrated_gradients(product, np.array([[[3.0], [5.0]]]))
    assert_allclose(found.attributions[0, :, 0], [7.5, 7.5])


def test_attributions_add_up_to_the_difference_of_log_odds(fitted, X):
    found = integrated_gradients(fitted, X[:6], n_steps=128)
    explained = found.log_odds - found.baseline_log_odds
    assert np.abs(explained).min() > 1e-3
    assert_allclose(total(found.attributions), explained, atol=0.02)
    assert_allclose(found.error, total(found.attributions) - explained, atol=1e-9)
    assert_allclose(found.log_odds, fitted.decision_function(X[:6]), atol=1e-4)
    flat = fitted.decision_function(np.zeros_like(X[:1]))
    assert_allclose(found.baseline_log_odds, flat[0], atol=1e-4)


def test_scaling_changes_no_attribution(fitted, X):
    network, scaler = fitted[-1], fitted[1]
    filtered = fitted[0].transform(X[:2]).astype(float)
    shares = (np.arange(64) + 0.5) / 64
    for record, found in zip(
        filtered, integrated_gradients(fitted, X[:2]).attributions, strict=True
    ):
        way = (shares[:, None, None] * record).astype(np.float32)
        _, slope = network.log_odds_gradient(scaler.transform(way))
        in_millivolts = record * (slope / scaler.scale_).mean(axis=0)
        assert_allclose(found, in_millivolts, atol=1e-4)


def test_the_other_class_has_the_opposite_attributions(fitted, X):
    usual = integrated_gradients(fitted, X[:2])
    other = integrated_gradients(fitted, X[:2], target=0)
    assert_allclose(other.attributions, -usual.attributions, atol=1e-6)
    assert_allclose(other.log_odds, -usual.log_odds, atol=1e-5)


def test_of_three_classes_one_must_be_named(X):
    y = np.arange(40) % 3
    network = clone(CNN).fit(X, y)
    found = integrated_gradients(network, X[:2], target=2)
    p = network.predict_proba(X[:2])[:, 2]
    assert_allclose(found.log_odds, np.log(p / (1 - p)), atol=1e-4)
    with pytest.raises(ValueError, match=r"target must be one of .*\[0, 1, 2\].*None"):
        integrated_gradients(network, X[:2])


def test_a_record_explained_by_itself_has_no_attributions(fitted, X):
    found = integrated_gradients(fitted, X[:2], baseline=X[:2])
    assert not found.attributions.any()
    assert_array_equal(found.log_odds, found.baseline_log_odds)


def test_records_do_not_depend_on_each_other(fitted, X):
    together = integrated_gradients(fitted, X[:3]).attributions
    alone = integrated_gradients(fitted, X[2:3]).attributions
    assert_allclose(together[2:], alone, atol=1e-6)


def test_wrappers_of_a_network_are_looked_through(fitted, X):
    usual = integrated_gradients(fitted, X[:2]).attributions
    frozen = FrozenEstimator(fitted)
    threshold = FixedThresholdClassifier(frozen, threshold=0.3).fit(
        X, np.arange(40) % 2
    )
    for wrapped in (frozen, threshold):
        assert_array_equal(integrated_gradients(wrapped, X[:2]).attributions, usual)


def test_labels_say_what_the_attributions_belong_to(cohort):
    pipeline = make_pipeline(ECGResampler(target_fs=50), ECGScaler(), clone(CNN))
    pipeline.fit(cohort.data, cohort.target)
    found = integrated_gradients(pipeline, cohort.data[:3], n_steps=256)
    assert found.attributions.shape == (3, 100, 12)
    assert_allclose(found.attributions["time"], np.arange(100) / 50)
    assert list(found.attributions["lead"].values) == cohort.lead_names
    assert_array_equal(found.attributions["patient"], cohort.data["patient"][:3])
    assert found.attributions.attrs["units"] == "1"
    assert_allclose(found.attributions["time"], found.records["time"])


def test_other_order_and_unit_give_the_same_attributions(cohort):
    network = clone(CNN).fit(cohort.data, cohort.target)
    usual = integrated_gradients(network, cohort.data[:2])
    other = cohort.data[:2].isel(lead=slice(None, None, -1)) * 1000
    other.attrs["units"] = "uV"
    flat = np.full((200, 12), 100.0)  # 0.1 mV
    for X, base in ((cohort.data[:2], flat / 1000), (other, flat)):
        found = integrated_gradients(network, X)
        found = found.attributions.sel(lead=cohort.lead_names)
        assert_allclose(found, usual.attributions, atol=1e-5)
        moved = integrated_gradients(network, X, baseline=base)
        flat_odds = network.decision_function(np.full((1, 200, 12), 0.1, np.float32))
        assert_allclose(moved.baseline_log_odds, flat_odds[0], atol=1e-5)


def test_one_lead_in_two_dimensions_is_as_in_three(X, cohort):
    network = clone(CNN).fit(X[:, :, 6], cohort.target)
    flat = integrated_gradients(network, X[:2, :, 6]).attributions
    deep = clone(CNN).fit(X[:, :, 6:7], cohort.target)
    assert flat.shape == (2, 200)
    assert_allclose(
        flat, integrated_gradients(deep, X[:2, :, 6:7]).attributions[..., 0], atol=1e-6
    )


def test_too_few_steps_are_warned_of():
    saturated = Formula(
        lambda x: np.tanh(20 * x[:, 0, 0]),
        lambda x: 20 / np.cosh(20 * x) ** 2,
    ).fit(None)
    record = np.ones((1, 1, 1))
    with pytest.warns(UserWarning, match=r"1 of 1 records do not add up.*n_steps=4"):
        integrated_gradients(saturated, record, n_steps=4)
    exact = integrated_gradients(saturated, record, n_steps=400)
    assert abs(exact.error[0]) < 0.01


def test_what_has_no_gradient_is_an_error_that_names_the_way_out(X, cohort):
    forest = make_pipeline(ECGFlattener(), LogisticRegression(max_iter=5000))
    forest.fit(X, cohort.target)
    with pytest.raises(
        TypeError, match="LogisticRegression has no gradient.*occlusion"
    ):
        integrated_gradients(forest, X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_steps": 0}, r"'n_steps' .* range \[1, inf\).*Got 0"),
        ({"target": "LVH"}, r"target must be one of the classes \[0, 1\].*'LVH'"),
        ({"baseline": np.zeros(12)}, r"shape of X .* one record \(200, 12\).*\(12,\)"),
    ],
)
def test_wrong_option_is_an_error(options, message, fitted, X):
    with pytest.raises(ValueError, match=message):
        integrated_gradients(fitted, X[:2], **options)


def test_sums_by_wave_add_up_and_shares_are_of_one():
    rng = np.random.default_rng(0)
    attributions = rng.normal(size=(3, 50, 2))
    waves = rng.integers(0, 4, size=(3, 50))
    waves[2] = -1
    found = attribution_by_wave(attributions, waves)
    assert found.waves == ["P", "QRS", "ST-T", "elsewhere"]
    assert_allclose(found.sums[:2].sum((1, 2)), attributions[:2].sum((1, 2)))
    assert_allclose(found.shares[:2].sum((1, 2)), 1)
    qrs_of_lead_1 = np.abs(attributions[0, waves[0] == 2, 1]).sum()
    assert_allclose(
        found.shares[0, 1, 1], qrs_of_lead_1 / np.abs(attributions[0]).sum()
    )
    assert np.isnan(found.sums[2]).all()
    assert np.isnan(found.shares[2]).all()


def test_waves_of_another_rate_are_an_error():
    with pytest.raises(ValueError, match=r"shape \(1, 50\).*\(1, 100\); segment"):
        attribution_by_wave(np.zeros((1, 50, 2)), np.zeros((1, 100), int))
