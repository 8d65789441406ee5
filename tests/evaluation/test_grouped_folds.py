"""Calibration and threshold tools around networks, with patients kept whole."""

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedGroupKFold, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline

from skecg import ECGScaler, LVHCNNClassifier, evaluate_lvh, make_lvh_ecg

pytest.importorskip("xarray")


class RecordingFolds(StratifiedGroupKFold):
    """Grouped folds that remember which they made."""

    made: list = []

    def split(self, X, y=None, groups=None):
        for train, test in super().split(X, y, groups):
            self.made.append((train, test))
            yield train, test


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(
        60, fs=100, duration=2, prevalence=0.4, random_state=0, as_xarray=True
    )


@pytest.fixture
def network():
    return make_pipeline(
        ECGScaler(),
        LVHCNNClassifier(
            filters=(4,),
            kernel_sizes=5,
            dense_units=(),
            epochs=2,
            early_stopping=True,
            random_state=0,
        ),
    )


@pytest.fixture(params=["plain", "labelled"])
def records(request, cohort):
    return cohort.data if request.param == "labelled" else cohort.data.values


def _tools(network, cv):
    return {
        "calibrated": CalibratedClassifierCV(network, cv=cv),
        "tuned": TunedThresholdClassifierCV(network, cv=cv, random_state=0),
    }


@pytest.mark.parametrize("tool", ["calibrated", "tuned"])
def test_splits_made_beforehand_keep_patients_whole_without_routing(
    tool, records, cohort, network
):
    y, groups = cohort.target, cohort.groups
    splits = list(StratifiedGroupKFold(2).split(records, y, groups))
    fitted = _tools(network, splits)[tool].fit(records, y)
    probability = fitted.predict_proba(records)
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-6)
    assert set(fitted.predict(records)) <= {0, 1}


@pytest.mark.parametrize("tool", ["calibrated", "tuned"])
def test_groups_are_routed_to_the_splitter_and_to_early_stopping(
    tool, cohort, network, monkeypatch
):
    seen = []
    original = LVHCNNClassifier.fit

    def fit(self, X, y, groups=None, **others):
        seen.append(groups)
        return original(self, X, y, groups=groups, **others)

    y, groups, X = cohort.target, cohort.groups, cohort.data.values
    with sklearn.config_context(enable_metadata_routing=True):
        network[-1].set_fit_request(groups=True)
        monkeypatch.setattr(LVHCNNClassifier, "fit", fit)
        cv = RecordingFolds(2)
        cv.made = []
        _tools(network, cv)[tool].fit(X, y, groups=groups)
    assert len(cv.made) == 2
    for train, test in cv.made:
        assert not set(groups[train]) & set(groups[test])
    trained_on = [groups[train].tolist() for train, _ in cv.made]
    if tool == "tuned":
        trained_on = [groups.tolist(), *trained_on]
    assert [given.tolist() for given in seen] == trained_on


def test_a_frozen_network_is_calibrated_on_other_records_and_stays_as_it_is(
    records, cohort, network
):
    y = cohort.target
    first, second = np.arange(30), np.arange(30, 60)
    network.fit(records[first], y[first])
    before = network.predict_proba(records)[:, 1]
    frozen = CalibratedClassifierCV(FrozenEstimator(network), cv=2)
    after = frozen.fit(records[second], y[second]).predict_proba(records)[:, 1]
    assert network.predict_proba(records)[:, 1].tolist() == before.tolist()
    change = np.corrcoef(np.argsort(np.argsort(before)), np.argsort(np.argsort(after)))
    assert abs(change[0, 1]) == pytest.approx(1, abs=0.01)
    tuned = TunedThresholdClassifierCV(
        FrozenEstimator(network), cv="prefit", refit=False
    ).fit(records[second], y[second])
    called = before >= tuned.best_threshold_
    assert (tuned.predict(records) == called).all()


def test_params_bring_patients_to_early_stopping_in_each_fold_of_a_report(
    cohort, network, monkeypatch
):
    seen = []
    original = LVHCNNClassifier.fit

    def fit(self, X, y, groups=None, **others):
        seen.append(groups.tolist())
        return original(self, X, y, groups=groups, **others)

    monkeypatch.setattr(LVHCNNClassifier, "fit", fit)
    X, y, groups = cohort.data.values, cohort.target, cohort.groups
    report = evaluate_lvh(
        network,
        X,
        y,
        groups=groups,
        params={"lvhcnnclassifier__groups": groups},
        cv=2,
        criteria=(),
        n_bootstrap=10,
    )
    folds = StratifiedGroupKFold(2).split(X, y, groups)
    assert seen == [groups[train].tolist() for train, _ in folds]
    assert len(report.y_score) == len(y)
