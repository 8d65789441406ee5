"""ResampledClassifier: validation first, then resampling; weights follow records."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GroupKFold,
    cross_validate,
)
from sklearn.pipeline import make_pipeline

from skecg import (
    BeatAlignedSMOTE,
    ECGAugmenter,
    ECGFlattener,
    LVHCNNClassifier,
    RecordSampler,
    ResampledClassifier,
    make_lvh_ecg,
)
from tests.preprocessing.records import labelled

N_RECORDS = 120
GROUPS = np.arange(N_RECORDS) // 2
Y = (GROUPS % 5 == 0).astype(int)
OVER = RecordSampler(RandomOverSampler(random_state=0))


class Watcher(ClassifierMixin, BaseEstimator):
    """A classifier that keeps what its fit is given."""

    def __init__(self, early_stopping=True, validation_fraction=0.2, random_state=0):
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
        self.given_ = {"X": X, "y": y, "weight": sample_weight}
        self.given_ |= {"X_val": X_val, "y_val": y_val}
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


class Doubler(TransformerMixin, BaseEstimator):
    """A step that keeps what it learned from."""

    def fit(self, X, y=None):
        self.learned_from_ = np.asarray(X)
        return self

    def transform(self, X):
        return 2 * np.asarray(X)


@pytest.fixture(scope="module", name="X")
def records():
    """Records that say themselves which they are: each is its number throughout."""
    return np.arange(N_RECORDS)[:, None, None] + np.zeros((1, 50, 2))


def _numbers(X):
    return np.asarray(X)[:, 0, 0].astype(int)


def _given(X, sampler=OVER, y=Y, **parameters):
    classifier = ResampledClassifier(Watcher(), sampler)
    fitted = classifier.fit(X, y, **parameters)
    return fitted, fitted.estimator_.given_


def test_validation_records_are_originals_and_nothing_is_made_from_them(X):
    fitted, given = _given(X, groups=GROUPS)
    held_out = _numbers(given["X_val"])
    np.testing.assert_array_equal(held_out, fitted.validation_indices_)
    assert len(held_out) == len(set(held_out)) == pytest.approx(22, abs=3)
    np.testing.assert_array_equal(given["y_val"], Y[held_out])
    assert not np.isin(_numbers(given["X"]), held_out).any()
    everything = np.union1d(_numbers(given["X"]), held_out)
    np.testing.assert_array_equal(everything, np.arange(N_RECORDS))


def test_the_training_records_are_balanced_and_the_validation_records_are_not(X):
    _, given = _given(X, groups=GROUPS)
    assert np.ptp(np.bincount(given["y"])) == 0
    assert given["y_val"].mean() == pytest.approx(0.2, abs=0.05)


def test_a_patient_is_on_one_side(X):
    for where in ("groups", "labels"):
        if where == "groups":
            _, given = _given(X, groups=GROUPS)
        else:
            _, given = _given(labelled(X))
        inside, outside = (GROUPS[_numbers(given[k])] for k in ("X", "X_val"))
        assert not np.intersect1d(inside, outside).size, where


def test_copies_of_a_record_in_the_data_are_on_one_side(X):
    doubled = X[np.arange(N_RECORDS) // 2]
    _, given = _given(doubled)
    assert not np.intersect1d(_numbers(given["X"]), _numbers(given["X_val"])).size


@pytest.mark.parametrize(
    "sampler",
    [OVER, RecordSampler(RandomUnderSampler(random_state=0))],
    ids=["over", "under"],
)
def test_weights_follow_the_records_that_are_copied_or_chosen(X, sampler):
    weight = 1.0 + np.arange(N_RECORDS)
    _, given = _given(X, sampler, groups=GROUPS, sample_weight=weight)
    np.testing.assert_array_equal(given["weight"], 1.0 + _numbers(given["X"]))


def test_a_disturbed_copy_has_the_weight_of_its_original(X):
    sampler = ECGAugmenter(fs=500, wander=0, muscle=0, mains=0, shift=0, random_state=0)
    weight = 1.0 + np.arange(N_RECORDS)
    _, given = _given(X, sampler, groups=GROUPS, sample_weight=weight)
    assert len(given["X"]) > N_RECORDS
    np.testing.assert_array_equal(given["weight"], 1.0 + _numbers(given["X"]))


def test_weights_that_cannot_follow_are_an_error(X):
    sampler = RecordSampler(SMOTE(random_state=0))
    with pytest.raises(ValueError, match="does not say which record each new one"):
        _given(X, sampler, sample_weight=np.ones(N_RECORDS))
    assert _given(X, sampler)[1]["weight"] is None


def test_new_records_of_a_labelled_x_are_never_validation_records(X):
    _, given = _given(labelled(X), ECGAugmenter(random_state=0))
    assert given["X"].coords["synthetic"].values.any()
    assert "synthetic" not in given["X_val"].coords
    patients = given["X"].coords["patient"].values
    held_out = given["X_val"].coords["patient"].values.astype(str)
    assert not np.intersect1d(patients, held_out).size


def test_steps_of_a_pipeline_learn_from_training_records_and_transform_both(X):
    model = ResampledClassifier(make_pipeline(Doubler(), Watcher()), OVER)
    model.fit(X, Y, groups=GROUPS)
    step, watcher = model.estimator_
    given = watcher.given_
    np.testing.assert_array_equal(given["X"], 2 * step.learned_from_)
    held_out = model.validation_indices_
    np.testing.assert_array_equal(given["X_val"], 2 * X[held_out])
    assert not np.isin(_numbers(step.learned_from_), held_out).any()
    assert list(model.estimator_.named_steps) == ["doubler", "watcher"]


def test_own_validation_records_are_used_and_none_are_cut(X):
    own = {"X_val": X[:4] + 1000, "y_val": Y[:4]}
    fitted, given = _given(X, groups=GROUPS, **own)
    np.testing.assert_array_equal(given["X_val"], own["X_val"])
    assert len(fitted.validation_indices_) == 0
    assert set(_numbers(given["X"])) == set(range(N_RECORDS))


def test_without_early_stopping_all_records_are_trained_on(X):
    model = ResampledClassifier(Watcher(early_stopping=False), OVER).fit(X, Y)
    assert model.estimator_.given_["X_val"] is None
    assert set(_numbers(model.estimator_.given_["X"])) == set(range(N_RECORDS))


def test_a_classifier_that_would_cut_resampled_records_is_an_error(X):
    class Hasty(LogisticRegression):
        early_stopping = True

    with pytest.raises(ValueError, match="Hasty has early_stopping=True and would cut"):
        ResampledClassifier(Hasty(), OVER).fit(X, Y)


def test_a_classifier_inside_another_that_stops_early_is_an_error(X):
    inside = make_pipeline(Doubler(), FixedThresholdClassifier(Watcher()))
    with pytest.raises(ValueError, match="estimator__early_stopping=True inside Fixed"):
        ResampledClassifier(inside, OVER).fit(X, Y)


@pytest.mark.parametrize(
    ("parameters", "n_held_out"),
    [
        ({}, 0),  # "auto" stops early over 10,000 records
        ({"early_stopping": True}, 10),  # a twelfth of the patients, and two of them
        ({"early_stopping": True, "validation_fraction": 24}, 20),
        ({"early_stopping": True, "validation_fraction": None}, 0),
    ],
)
def test_gradient_boosting_is_held_out_what_it_would_hold_out_itself(
    parameters, n_held_out, X
):
    boosting = HistGradientBoostingClassifier(max_iter=3, random_state=0, **parameters)
    pipeline = make_pipeline(ECGFlattener(), boosting)
    model = ResampledClassifier(pipeline, OVER).fit(X, Y, groups=GROUPS)
    assert len(model.validation_indices_) == n_held_out
    stops_early = model.estimator_[-1].do_early_stopping_
    assert stops_early == bool(parameters)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"groups": GROUPS[:10]}, "patients of 10 records, but X has 120"),
        ({"groups": np.where(GROUPS < 3, None, "a")}, "groups has missing patients"),
        ({"y_val": Y}, "y_val is given without X_val; give both"),
        ({"X_val": np.zeros((2, 50, 2))}, "X_val is given without y_val; give both"),
    ],
    ids=["groups too short", "unknown patients", "labels alone", "records alone"],
)
def test_what_does_not_belong_together_is_named(given, message, X):
    with pytest.raises(ValueError, match=message):
        ResampledClassifier(Watcher(), OVER).fit(X, Y, **given)


def test_validation_records_that_nobody_takes_are_an_error(X):
    flat = make_pipeline(ECGFlattener(), LogisticRegression())
    with pytest.raises(ValueError, match="LogisticRegression does not take X_val"):
        ResampledClassifier(flat, OVER).fit(X, Y, X_val=X[:4], y_val=Y[:4])


def test_methods_are_those_of_the_classifier(X):
    assert not hasattr(ResampledClassifier(Watcher(), OVER), "predict_proba")
    flat = make_pipeline(ECGFlattener(), LogisticRegression())
    model = ResampledClassifier(flat, OVER).fit(X, Y)
    expected = model.estimator_
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
    np.testing.assert_array_equal(
        model.decision_function(X), expected.decision_function(X)
    )
    np.testing.assert_array_equal(model.predict(X), expected.predict(X))


def test_what_it_wraps_stays_unfitted(X):
    network, sampler = Watcher(), clone(OVER)
    ResampledClassifier(network, sampler).fit(X, Y)
    assert not hasattr(network, "given_")
    assert not hasattr(sampler, "sampler_")


def test_groups_and_weights_reach_it_by_metadata_routing(X):
    with config_context(enable_metadata_routing=True):
        model = make_pipeline(
            Doubler(),
            ResampledClassifier(Watcher(), OVER).set_fit_request(
                groups=True, sample_weight=True
            ),
        )
        scores = cross_validate(
            model,
            X,
            Y,
            cv=GroupKFold(3),
            scoring=get_scorer("accuracy").set_score_request(sample_weight=True),
            params={"groups": GROUPS, "sample_weight": 1.0 + np.arange(N_RECORDS)},
            return_estimator=True,
        )
    for fitted in scores["estimator"]:
        given = fitted[-1].estimator_.given_
        np.testing.assert_array_equal(given["weight"], 1 + _numbers(given["X"]) / 2)
        sides = (GROUPS[_numbers(given[k]) // 2] for k in ("X", "X_val"))
        assert not np.intersect1d(*sides).size


def test_a_network_stops_early_on_originals():
    cohort = make_lvh_ecg(60, fs=100, duration=3, prevalence=0.3, random_state=0)
    network = LVHCNNClassifier(
        filters=(4,), kernel_sizes=5, epochs=2, early_stopping=True, random_state=0
    )
    sampler = BeatAlignedSMOTE(k_neighbors=3, fs=100, random_state=0)
    model = ResampledClassifier(network, sampler)
    model.fit(cohort.data, cohort.target, groups=cohort.groups)
    assert "val_loss" in model.estimator_.history_
    held_out = cohort.groups[model.validation_indices_]
    kept = np.setdiff1d(np.arange(60), model.validation_indices_)
    assert not np.intersect1d(cohort.groups[kept], held_out).size
    assert model.predict_proba(cohort.data).shape == (60, 2)


def test_a_sampler_of_tables_is_answered_by_record_sampler(X):
    with pytest.raises(ValueError, match=r"give RecordSampler\(RandomOverSampler\("):
        _given(X, RandomOverSampler(random_state=0))
    _given(X[:, :, 0], RandomOverSampler(random_state=0))  # one lead is a table


def test_missing_patients_are_named(X):
    groups = np.where(np.arange(N_RECORDS) < 9, np.nan, GROUPS)
    with pytest.raises(ValueError, match="groups has missing patients: 9 of 120"):
        _given(X, groups=groups)
