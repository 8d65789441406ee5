"""ECGScaler: which records share a mean and a spread."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from skecg import ECGFilter, ECGScaler, LeadSelector
from tests.preprocessing.records import assert_labels_kept, labelled

OFFSET = np.array([0.0, 1.0, -2.0])
SPREAD = np.array([0.1, 1.0, 3.0])


def _records(n_records=20, dtype=float):
    rng = np.random.default_rng(0)
    X = OFFSET + SPREAD * rng.normal(size=(n_records, 80, 3))
    return X.astype(dtype)


def test_scope_lead_is_the_standard_scaler_over_records_and_times():
    X = _records()
    expected = StandardScaler().fit(X.reshape(-1, 3))
    scaler = ECGScaler().fit(X)
    np.testing.assert_allclose(scaler.mean_, expected.mean_)
    np.testing.assert_allclose(scaler.scale_, expected.scale_)
    np.testing.assert_allclose(
        scaler.transform(X).reshape(-1, 3), expected.transform(X.reshape(-1, 3))
    )


def test_scope_global_has_one_mean_and_spread():
    X = _records()
    scaler = ECGScaler("global").fit(X)
    assert scaler.mean_ == pytest.approx(X.mean())
    assert scaler.scale_ == pytest.approx(X.std())
    np.testing.assert_allclose(scaler.transform(X), (X - X.mean()) / X.std())


def test_scope_record_standardizes_each_record_by_itself():
    X = _records()
    scaler = ECGScaler("record").fit(X)
    assert scaler.mean_ is None
    assert scaler.scale_ is None
    scaled = scaler.transform(X)
    np.testing.assert_allclose(scaled.mean(axis=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=(1, 2)), 1)


@pytest.mark.parametrize(
    ("scope", "ratio"), [("lead", 2), ("global", 2), ("record", 1)]
)
def test_twice_the_voltage_stays_twice_unless_scaled_by_record(scope, ratio):
    X = _records() - OFFSET
    scaler = ECGScaler(scope, with_mean=False).fit(X)
    np.testing.assert_allclose(scaler.transform(2 * X), ratio * scaler.transform(X))


def test_statistics_are_those_of_the_training_records():
    scaler = ECGScaler().fit(_records())
    mean = scaler.mean_.copy()
    scaled = scaler.transform(_records(5) + 1)
    np.testing.assert_array_equal(scaler.mean_, mean)
    np.testing.assert_allclose(scaled.mean(axis=(0, 1)), 1 / SPREAD, rtol=0.3)


@pytest.mark.parametrize("scope", ["lead", "global"])
@pytest.mark.parametrize("with_mean", [True, False])
@pytest.mark.parametrize("with_std", [True, False])
def test_inverse_transform_undoes_the_scaling(scope, with_mean, with_std):
    X = _records()
    scaler = ECGScaler(scope, with_mean=with_mean, with_std=with_std).fit(X)
    assert (scaler.mean_ is None) == (not with_mean)
    assert (scaler.scale_ is None) == (not with_std)
    scaled = scaler.transform(X)
    assert np.allclose(scaled, X) == (not with_mean and not with_std)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, atol=1e-12)


@pytest.mark.parametrize("with_mean", [True, False])
@pytest.mark.parametrize("with_std", [True, False])
def test_scope_record_heeds_with_mean_and_with_std(with_mean, with_std):
    X = _records()
    scaled = ECGScaler("record", with_mean=with_mean, with_std=with_std).fit_transform(
        X
    )
    mean = X.mean(axis=(1, 2), keepdims=True) if with_mean else 0
    spread = X.std(axis=(1, 2), keepdims=True) if with_std else 1
    np.testing.assert_allclose(scaled, (X - mean) / spread, atol=1e-12)


def test_scope_record_cannot_be_undone():
    scaler = ECGScaler("record").fit(_records())
    with pytest.raises(ValueError, match="use scope='lead' or 'global'"):
        scaler.inverse_transform(_records())


@pytest.mark.parametrize("scope", ["lead", "global", "record"])
@pytest.mark.parametrize("level", [0.0, 0.1, 300.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_constant_leads_become_zero(scope, level, dtype):
    X = np.full((4, 50, 3), level, dtype=dtype)
    scaled = ECGScaler(scope).fit_transform(X)
    np.testing.assert_allclose(scaled, 0, atol=1e-4)


def test_float32_is_standardized_as_exactly_as_float64():
    X = _records(dtype="float32")
    scaled = ECGScaler().fit_transform(X)
    assert scaled.dtype == np.float32
    expected = ECGScaler().fit_transform(X.astype(float))
    np.testing.assert_allclose(scaled, expected, atol=1e-5)


def test_one_lead_in_two_dimensions_is_scaled_as_in_three():
    X = _records()[:, :, :1]
    np.testing.assert_array_equal(
        ECGScaler().fit_transform(X[:, :, 0]), ECGScaler().fit_transform(X)[:, :, 0]
    )


def test_scaled_records_carry_the_unit_1_through_later_steps_and_back():
    X = labelled(_records(), leads=("I", "II", "V1"))
    scaler = ECGScaler()
    scaled = scaler.fit_transform(X)
    assert_labels_kept(X, scaled, units="1")
    assert scaled.coords["time"].equals(X.coords["time"])
    assert LeadSelector(["II"]).fit_transform(scaled).attrs["units"] == "1"
    assert ECGFilter().fit_transform(scaled).attrs["units"] == "1"
    original = scaler.inverse_transform(scaled)
    assert_labels_kept(X, original)
    np.testing.assert_allclose(original, X, atol=1e-12)


def test_labelled_microvolts_are_scaled_as_the_millivolts_learned():
    X = labelled(_records())
    scaler = ECGScaler().fit(X)
    microvolts = (1000 * X).assign_attrs(units="uV")
    np.testing.assert_allclose(
        scaler.transform(microvolts), scaler.transform(X), atol=1e-9
    )


def test_labelled_leads_in_another_order_get_their_own_mean():
    X = labelled(_records(), leads=("I", "II", "V1"))
    scaler = ECGScaler().fit(X)
    shuffled = scaler.transform(X.isel(lead=[2, 0, 1]))
    np.testing.assert_array_equal(shuffled, scaler.transform(X))
    assert shuffled.coords["lead"].values.tolist() == ["I", "II", "V1"]


@pytest.mark.parametrize("scope", ["lead", "global"])
def test_plain_microvolts_where_millivolts_were_learned_are_an_error(scope):
    scaler = ECGScaler(scope).fit(_records())
    with pytest.raises(
        ValueError, match="e\\+0[23] times as large as the records that"
    ):
        scaler.transform(1000 * _records())


def test_standardized_records_are_not_scaled_again():
    X = labelled(_records())
    scaler = ECGScaler().fit(X)
    scaled = scaler.transform(X)
    with pytest.raises(ValueError, match="X is standardized, but ECGScaler was fitted"):
        scaler.transform(scaled)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), X, atol=1e-6)


def test_a_scope_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="'scope' parameter of ECGScaler"):
        ECGScaler("patient").fit(_records())
