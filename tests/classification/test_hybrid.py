"""LVHHybridClassifier: a network and measured waves under one roof."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGScaler,
    LVHCNNClassifier,
    LVHHybridClassifier,
    VoltageCriteria,
    make_lvh_ecg,
)

CNN = LVHCNNClassifier(
    filters=(8,), kernel_sizes=5, dense_units=(4,), epochs=1, random_state=0
)
FOREST = RandomForestClassifier(20, max_depth=3, random_state=0)
HYBRID = LVHHybridClassifier(CNN, FOREST, fs=100, random_state=0)


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(40, fs=100, random_state=0)


@pytest.fixture(scope="module")
def fitted(cohort):
    return clone(HYBRID).fit(cohort.data, cohort.target, sex=cohort.sex, age=cohort.age)


def test_log_probabilities_are_averaged_with_the_weight(cohort, fitted):
    X, patients = cohort.data, {"sex": cohort.sex, "age": cohort.age}
    measured = VoltageCriteria(passthrough=True, fs=100).fit(X)
    table = measured.transform(X, sex=cohort.sex)
    table = np.column_stack([table, cohort.sex, cohort.age])
    parts = (
        (0.3, CNN.fit(X, cohort.target).predict_proba(X)),
        (0.7, clone(FOREST).fit(table, cohort.target).predict_proba(table)),
    )
    mean = sum(w * np.log(np.clip(p, 1e-7, None)) for w, p in parts)
    expected = np.exp(mean) / np.exp(mean).sum(axis=1, keepdims=True)
    got = fitted.predict_proba(X, **patients)
    np.testing.assert_allclose(got, expected, atol=1e-5)
    np.testing.assert_array_equal(
        fitted.predict(X, **patients), expected[:, 1] > expected[:, 0]
    )
    np.testing.assert_allclose(
        fitted.decision_function(X, **patients),
        np.log(expected[:, 1] / expected[:, 0]),
        atol=1e-4,
    )


def test_sex_and_age_come_from_the_labels_too(cohort, fitted):
    labelled = make_lvh_ecg(40, fs=100, random_state=0, as_xarray=True).data
    hybrid = clone(HYBRID).set_params(fs=None).fit(labelled, cohort.target)
    for either in (fitted, hybrid):
        np.testing.assert_allclose(
            either.predict_proba(labelled),
            either.predict_proba(cohort.data, sex=cohort.sex, age=cohort.age),
            atol=1e-5,
        )
    scores = cross_val_score(hybrid, labelled, cohort.target, cv=2, scoring="roc_auc")
    assert scores.min() > 0.5


def test_records_whose_waves_sex_and_age_are_unknown_get_a_probability(cohort, fitted):
    noise = np.random.default_rng(0).normal(size=(2, 1000, 12)) * 0.1
    probability = fitted.predict_proba(noise)
    np.testing.assert_allclose(probability.sum(axis=1), 1)


def test_a_pipelines_last_step_gets_groups_and_weights(cohort):
    network = make_pipeline(ECGScaler(), clone(CNN).set_params(early_stopping=True))
    hybrid = clone(HYBRID).set_params(network=network)
    patient = np.zeros(40)  # one patient alone can't stand on both sides
    with pytest.raises(ValueError, match="Too few patients"):
        hybrid.fit(cohort.data, cohort.target, groups=patient)
    with pytest.raises(ValueError, match="Only one class has records of positive"):
        hybrid.fit(cohort.data, cohort.target, sample_weight=cohort.target)
    with config_context(enable_metadata_routing=True):
        network[-1].set_fit_request(groups=True)
        with pytest.raises(ValueError, match="Too few patients"):
            hybrid.fit(cohort.data, cohort.target, groups=patient)


def test_what_does_not_fit_is_named(cohort):
    X, y = cohort.data, cohort.target
    with pytest.raises(ValueError, match="'network' parameter.*predict_proba"):
        clone(HYBRID).set_params(network=ECGScaler()).fit(X, y)
    with pytest.raises(ValueError, match=r"age has the shape \(1,\), but X has 40"):
        clone(HYBRID).fit(X, y, age=[50])
    with pytest.raises(ValueError, match="KNeighborsClassifier does not take sample_w"):
        clone(HYBRID).set_params(tabular=KNeighborsClassifier()).fit(
            X, y, sample_weight=np.ones(40)
        )
