"""Classifiers from files of weights are the fitted ones, without training."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skecg import LVHCNNClassifier, LVHLSTMClassifier, LVHResNetClassifier
from skecg.classification import restore_classifier
from skecg.training import TrainedNetwork

TRAINING = {"epochs": 2, "batch_size": 16, "dense_units": (8,), "random_state": 0}
CROPS = {"crop_length": 0.5, "n_crops": 3}
CLASSIFIERS = {
    "cnn": LVHCNNClassifier(filters=(4,), **TRAINING),
    "lstm": LVHLSTMClassifier(units=(4,), conv_filters=(4,), **CROPS, **TRAINING),
    "resnet": LVHResNetClassifier(filters=(4,), stem_filters=4, **TRAINING),
}


@pytest.fixture(scope="module")
def records():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(48, 64, 2)).astype(np.float32)
    y = np.array(["no", "yes"])[np.arange(48) % 2]
    X[y == "yes", :, 1] *= 3
    return X, y


@pytest.fixture(scope="module", params=CLASSIFIERS)
def fitted(request, records):
    return clone(CLASSIFIERS[request.param]).fit(*records)


@pytest.fixture
def restored(fitted, tmp_path):
    fitted.save_weights(tmp_path / "weights.npz")
    return _restore(clone(fitted), fitted, tmp_path)


def _restore(classifier, fitted, folder):
    return restore_classifier(
        classifier,
        TrainedNetwork.load(folder / "weights.npz"),
        n_times=fitted.n_features_in_,
        amplitude=fitted.amplitude_,
        classes=["no", "yes"],
        history=fitted.history_,
    )


def test_probabilities_and_attributes_are_those_of_the_fitted_one(
    fitted, restored, records
):
    X, _ = records
    np.testing.assert_array_equal(restored.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(restored.predict(X), fitted.predict(X))
    assert vars(restored).keys() == vars(fitted).keys()
    for name in (
        "amplitude_",
        "n_features_in_",
        "n_leads_in_",
        "history_",
        "n_epochs_",
    ):
        assert getattr(restored, name) == getattr(fitted, name)
    network = restored.estimator_.model_
    assert network.count_params() == fitted.estimator_.model_.count_params()


def test_it_is_pickled_and_started_from_like_a_fitted_one(
    fitted, restored, records, tmp_path
):
    X, y = records
    joblib.dump(restored, tmp_path / "restored.joblib")
    again = joblib.load(tmp_path / "restored.joblib")
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    tuned = clone(fitted).set_params(weights=restored, freeze="body").fit(X, y)
    np.testing.assert_array_equal(
        tuned.estimator_.weights[0], fitted.estimator_.weights[0]
    )


def test_a_clone_has_learned_nothing(restored, records):
    with pytest.raises(NotFittedError):
        clone(restored).predict_proba(records[0])


def test_records_of_another_length_or_unit_are_an_error(restored, records):
    X, _ = records
    with pytest.raises(ValueError, match="X has 32 features"):
        restored.predict_proba(X[:, :32])
    with pytest.raises(ValueError, match="as if microvolts"):
        restored.predict_proba(1000 * X)


def test_parameters_of_another_network_are_an_error(fitted, restored, tmp_path):
    other = clone(fitted).set_params(dense_units=(9,))
    with pytest.raises(ValueError, match="give the parameters of the fitted one"):
        _restore(other, fitted, tmp_path)


def test_half_precision_changes_probabilities_by_little(fitted, records, tmp_path):
    X, _ = records
    half = fitted.estimator_.in_half_precision()
    half.save(tmp_path / "weights.npz")
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as file:
        assert np.dtype("float16") in {file[name].dtype for name in file}
    rounded = _restore(clone(fitted), fitted, tmp_path)
    assert all(w.dtype != np.float16 for w in rounded.estimator_.weights)
    difference = np.abs(rounded.predict_proba(X) - fitted.predict_proba(X)).max()
    assert 0 < difference < 5e-3
