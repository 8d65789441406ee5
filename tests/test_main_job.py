"""The finished pipeline under everything that scikit-learn and imblearn offer."""

import functools
import subprocess
import sys

import joblib
import numpy as np
import pytest
import sklearn
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline as make_imblearn_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, log_loss, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedGroupKFold,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGFilter,
    ECGFlattener,
    ECGResampler,
    ECGScaler,
    ECGUnflattener,
    LVHCNNClassifier,
    LVHLSTMClassifier,
    RecordSampler,
    make_lvh_ecg,
)

FS = 100
FEW = {"batch_size": 16, "dense_units": (8,), "random_state": 0}
CNN = LVHCNNClassifier(filters=(4, 8), kernel_sizes=5, pool_size=4, epochs=3, **FEW)
LSTM = LVHLSTMClassifier(
    units=(4,), conv_filters=(8,), conv_kernel_sizes=5, pool_size=8, epochs=2, **FEW
)


@pytest.fixture(scope="module")
def cohorts():
    """The same records as a plain array and labelled."""
    options = {"fs": FS, "duration": 4, "leads": ["I", "aVL", "V1", "V5"]}
    kwargs = {"prevalence": 0.4, "random_state": 0, **options}
    plain = make_lvh_ecg(64, **kwargs)
    labelled = make_lvh_ecg(64, as_xarray=True, **kwargs)
    return {"plain": plain, "labelled": labelled}


@pytest.fixture(params=["plain", "labelled"])
def cohort(request, cohorts):
    return cohorts[request.param]


def pipeline_for(X, classifier=CNN):
    """Return the main job's pipeline; a labelled X says its sampling rate itself."""
    fs = None if hasattr(X, "dims") else FS
    return make_pipeline(
        ECGFilter(fs), ECGResampler(fs, target_fs=50), ECGScaler(), clone(classifier)
    )


def by_patient():
    return StratifiedGroupKFold(2, shuffle=True, random_state=0)


def assert_predicts(fitted, cohort):
    probability = fitted.predict_proba(cohort.data)
    assert probability.shape == (len(cohort.target), 2)
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-6)
    assert np.ptp(probability[:, 1]) > 1e-3  # it looks at the records
    assert set(fitted.predict(cohort.data)) <= {0, 1}


def test_plain_and_labelled_records_give_the_same_probabilities(cohorts):
    results = []
    for cohort in cohorts.values():
        pipeline = pipeline_for(cohort.data).fit(cohort.data, cohort.target)
        results.append(pipeline.predict_proba(cohort.data))
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("classifier", [CNN, LSTM], ids=["cnn", "lstm"])
def test_network_learns_to_rank_held_out_records(classifier):
    cohort = make_lvh_ecg(240, fs=FS, duration=4, prevalence=0.5, random_state=1)
    train, test = next(by_patient().split(cohort.data, cohort.target, cohort.groups))
    classifier = clone(classifier).set_params(epochs=20, learning_rate=0.01)
    pipeline = pipeline_for(cohort.data, classifier)
    pipeline.fit(cohort.data[train], cohort.target[train])
    scores = pipeline.decision_function(cohort.data[test])
    assert roc_auc_score(cohort.target[test], scores) > 0.8


def test_cross_val_score_by_patient(cohort):
    scores = cross_val_score(
        pipeline_for(cohort.data),
        cohort.data,
        cohort.target,
        groups=cohort.groups,
        cv=by_patient(),
        scoring="roc_auc",
        error_score="raise",
    )
    assert scores.shape == (2,)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_two_jobs_give_the_scores_of_one(cohorts):
    cohort = cohorts["plain"]
    one, two = (
        cross_val_score(
            pipeline_for(cohort.data),
            cohort.data,
            cohort.target,
            groups=cohort.groups,
            cv=by_patient(),
            scoring="neg_log_loss",
            n_jobs=n_jobs,
        )
        for n_jobs in (1, 2)
    )
    np.testing.assert_allclose(one, two, rtol=1e-4)


def test_cross_validation_is_stratified_by_default(cohorts):
    assert sklearn.base.is_classifier(pipeline_for(cohorts["plain"].data))


def test_grid_search_by_patient_in_two_jobs(cohort):
    grid = {
        "lvhcnnclassifier__filters": [(4,), (8, 8)],
        "ecgfilter__lowcut": [0.5, None],
    }
    search = GridSearchCV(
        pipeline_for(cohort.data),
        grid,
        cv=by_patient(),
        scoring="roc_auc",
        n_jobs=2,
        error_score="raise",
    )
    search.fit(cohort.data, cohort.target, groups=cohort.groups)
    assert len(search.cv_results_["params"]) == 4
    assert_predicts(search, cohort)


def test_randomized_search(cohort):
    search = RandomizedSearchCV(
        pipeline_for(cohort.data),
        {"lvhcnnclassifier__learning_rate": [1e-3, 1e-2, 1e-1]},
        n_iter=2,
        cv=by_patient(),
        random_state=0,
        error_score="raise",
    )
    search.fit(cohort.data, cohort.target, groups=cohort.groups)
    assert_predicts(search, cohort)


@pytest.mark.parametrize(
    "sampler",
    [
        RandomOverSampler(random_state=0),
        RandomUnderSampler(random_state=0),
        SMOTE(random_state=0),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_sampler_in_the_pipeline_of_imbalanced_learn(cohort, sampler):
    steps = [step for _, step in pipeline_for(cohort.data).steps]
    pipeline = make_imblearn_pipeline(*steps[:-1], RecordSampler(sampler), steps[-1])
    scores = cross_val_score(
        pipeline,
        cohort.data,
        cohort.target,
        groups=cohort.groups,
        cv=by_patient(),
        scoring="roc_auc",
        error_score="raise",
    )
    assert np.isfinite(scores).all()
    assert_predicts(pipeline.fit(cohort.data, cohort.target), cohort)


def test_calibration(cohort):
    calibrated = CalibratedClassifierCV(pipeline_for(cohort.data), cv=2)
    assert_predicts(calibrated.fit(cohort.data, cohort.target), cohort)


def test_tuned_threshold(cohort):
    tuned = TunedThresholdClassifierCV(
        pipeline_for(cohort.data), scoring="balanced_accuracy", cv=2
    )
    tuned.fit(cohort.data, cohort.target)
    probability = tuned.estimator_.predict_proba(cohort.data)[:, 1]
    np.testing.assert_array_equal(
        tuned.predict(cohort.data), probability >= tuned.best_threshold_
    )


def test_voting_and_stacking_of_both_networks(cohort):
    networks = [
        ("cnn", pipeline_for(cohort.data, CNN)),
        ("lstm", pipeline_for(cohort.data, LSTM)),
    ]
    voting = VotingClassifier(networks, voting="soft")
    stacking = StackingClassifier(networks, LogisticRegression(), cv=2)
    voting.fit(cohort.data, cohort.target)
    members = [member.predict_proba(cohort.data) for member in voting.estimators_]
    np.testing.assert_allclose(
        voting.predict_proba(cohort.data), np.mean(members, axis=0), atol=1e-7
    )
    assert np.abs(members[0] - members[1]).max() > 1e-3
    assert_predicts(stacking.fit(cohort.data, cohort.target), cohort)


def test_bagging_through_flattener_and_unflattener(cohorts):
    cohort = cohorts["plain"]
    inner = make_pipeline(ECGUnflattener(n_leads=4), pipeline_for(cohort.data))
    bagging = BaggingClassifier(inner, n_estimators=2, random_state=0)
    outer = make_pipeline(ECGFlattener(), bagging)
    assert_predicts(outer.fit(cohort.data, cohort.target), cohort)


def test_table_of_the_flattener_has_names(cohort):
    pytest.importorskip("pandas")
    steps = [step for _, step in pipeline_for(cohort.data).steps[:-1]]
    pipeline = make_pipeline(
        *steps, ECGFlattener(), HistGradientBoostingClassifier(max_iter=2)
    )
    pipeline.set_output(transform="pandas")
    pipeline.fit(cohort.data, cohort.target)
    table = pipeline[:-1].transform(cohort.data)
    assert table.shape == (64, 200 * 4)
    first = "I_0" if hasattr(cohort.data, "dims") else "lead0_0"
    assert table.columns[0] == first


def test_train_test_split_keeps_labels(cohort):
    X_train, X_test, y_train, _ = train_test_split(
        cohort.data, cohort.target, random_state=0, stratify=cohort.target
    )
    pipeline = pipeline_for(cohort.data).fit(X_train, y_train)
    assert type(X_test) is type(cohort.data)
    assert pipeline.predict(X_test).shape == (16,)


def test_clone_is_unfitted_and_equal(cohorts):
    cohort = cohorts["plain"]
    pipeline = pipeline_for(cohort.data).fit(cohort.data, cohort.target)
    fresh = clone(pipeline)
    assert not hasattr(fresh[-1], "estimator_")
    again = fresh.fit(cohort.data, cohort.target)
    np.testing.assert_array_equal(
        again.predict_proba(cohort.data), pipeline.predict_proba(cohort.data)
    )


@pytest.fixture
def received(monkeypatch):
    """What each fit of a network was given, in order."""
    calls = []
    fit = LVHCNNClassifier.fit

    def spy(self, X, y, **kwargs):
        calls.append({"X": np.asarray(X), "y": np.asarray(y), **kwargs})
        return fit(self, X, y, **kwargs)

    monkeypatch.setattr(LVHCNNClassifier, "fit", functools.wraps(fit)(spy))
    return calls


def test_groups_and_weights_are_routed_to_splitter_and_network(cohort, received):
    """The weight of a record is its patient, so that each side can be recognised."""
    groups = np.asarray(cohort.groups)
    network = clone(CNN).set_params(early_stopping=True, validation_fraction=0.25)
    with sklearn.config_context(enable_metadata_routing=True):
        network.set_fit_request(groups=True, sample_weight=True)
        scorer = get_scorer("roc_auc").set_score_request(sample_weight=True)
        search = GridSearchCV(
            pipeline_for(cohort.data, network),
            {"lvhcnnclassifier__epochs": [1, 2]},
            cv=by_patient(),
            scoring=scorer,
            error_score="raise",
        )
        result = cross_validate(
            search,
            cohort.data,
            cohort.target,
            params={"groups": groups, "sample_weight": 1.0 + groups},
            cv=by_patient(),
            scoring=scorer,
            error_score="raise",
            return_indices=True,
        )
    assert np.isfinite(result["test_score"]).all()
    assert len(received) == 2 * (2 * 2 + 1)
    for call in received:
        np.testing.assert_array_equal(call["sample_weight"], 1.0 + call["groups"])
    for refit, outer in zip(received[4::5], result["indices"]["train"], strict=True):
        np.testing.assert_array_equal(refit["groups"], groups[outer])
        np.testing.assert_array_equal(refit["y"], cohort.target[outer])


def test_own_validation_records_pass_through_the_pipeline(cohort, received):
    X, y = cohort.data, cohort.target
    train, held_out = next(by_patient().split(X, y, cohort.groups))
    network = clone(CNN).set_params(early_stopping=True, epochs=4)
    with sklearn.config_context(enable_metadata_routing=True):
        network.set_fit_request(X_val=True, y_val=True)
        pipeline = pipeline_for(X, network).set_params(transform_input=["X_val"])
        pipeline.fit(X[train], y[train], X_val=X[held_out], y_val=y[held_out])
    np.testing.assert_array_equal(received[0]["y_val"], y[held_out])
    np.testing.assert_array_equal(
        np.asarray(received[0]["X_val"]),
        np.asarray(pipeline[:-1].transform(X[held_out])),
    )
    best = min(pipeline[-1].history_["val_loss"])
    p = pipeline.predict_proba(X[held_out])[:, 1].clip(1e-7, 1 - 1e-7)
    assert log_loss(y[held_out], p) == pytest.approx(best, rel=1e-3)


def test_saved_pipelines_give_the_same_bits_in_another_process(cohorts, tmp_path):
    saved, expected = [], []
    for cohort in cohorts.values():
        networks = [
            ("cnn", pipeline_for(cohort.data, CNN)),
            ("lstm", pipeline_for(cohort.data, LSTM)),
        ]
        voting = VotingClassifier(networks, voting="soft")
        voting.fit(cohort.data, cohort.target)
        saved.append((voting, cohort.data))
        expected.append(voting.predict_proba(cohort.data))
    joblib.dump(saved, tmp_path / "saved.joblib")
    code = (
        "import sys, joblib, numpy as np\n"
        "saved = joblib.load(sys.argv[1])\n"
        "np.save(sys.argv[2], [voting.predict_proba(X) for voting, X in saved])\n"
    )
    files = [tmp_path / name for name in ("saved.joblib", "p.npy")]
    command = [sys.executable, "-c", code, *map(str, files)]
    subprocess.run(command, check=True, timeout=300)
    np.testing.assert_array_equal(np.load(tmp_path / "p.npy"), expected)
