import json
import pickle

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    KFold,
    StratifiedGroupKFold,
    cross_val_predict,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skecg import (
    CriterionClassifier,
    ECGFlattener,
    ECGMeasurer,
    VoltageCriteria,
    evaluate_lvh,
    make_lvh_ecg,
)
from skecg.evaluation import delong_test

pytest.importorskip("xarray")
pytest.importorskip("pandas")

CRITERIA = ("sokolow_lyon_voltage", "cornell_voltage", "perugia")


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(240, fs=100, random_state=0, as_xarray=True)


@pytest.fixture(scope="module")
def measured(cohort):
    """The cohort's measurements with sex and age, once for all tests."""
    return ECGMeasurer().set_output(transform="pandas").fit_transform(cohort.data)


@pytest.fixture(scope="module")
def model():
    """A model of records or of measurements."""
    return make_pipeline(VoltageCriteria(), StandardScaler(), LogisticRegression())


@pytest.fixture(scope="module")
def parts(cohort):
    """Indices of training, validation and test records, by patient."""
    patients = np.unique(cohort.groups)
    of = np.searchsorted(patients, cohort.groups) % 3
    return [np.flatnonzero(of == part) for part in range(3)]


@pytest.fixture(scope="module")
def held_out(cohort, model, parts):
    """A report on labelled records kept apart."""
    X, y = cohort.data, cohort.target
    train, val, test = parts
    fitted = model.fit(X[train], y[train])
    return evaluate_lvh(
        fitted,
        X[test],
        y[test],
        X_val=X[val],
        y_val=y[val],
        X_train=X[train],
        criteria=CRITERIA,
        n_bootstrap=100,
    )


def test_patients_sex_and_age_come_from_labelled_records(cohort, parts, held_out):
    test = parts[2]
    row = held_out.participants.loc["all"]
    assert row["n_patients"] == len(np.unique(cohort.groups[test]))
    assert row["women"] == (cohort.sex[test] == 1).sum()
    assert row["under_35"] == (cohort.age[test] < 35).sum()
    assert held_out.details["fs"] == 100
    assert held_out.details["lead_names"][:2] == ["I", "II"]
    assert "training records: patients and recordings compared." in str(
        held_out.details["checks"]
    )


def test_held_out_scores_are_the_estimators_own(cohort, model, parts, held_out):
    test = parts[2]
    X, y = cohort.data[test], cohort.target[test]
    score = model.predict_proba(X)[:, 1]
    assert held_out.summary.loc["auroc", "estimate"] == roc_auc_score(y, score)
    decisions = held_out.operating_points.loc["predict"]
    assert decisions["sensitivity"] == pytest.approx(model.predict(X)[y == 1].mean())
    points = held_out.operating_points.index.tolist()
    assert points[:2] == ["specificity 0.90", "specificity 0.95"]


def test_criteria_are_those_of_the_criterion_classifier(cohort, parts, held_out):
    test = parts[2]
    X, y = cohort.data[test], cohort.target[test]
    for name in CRITERIA:
        classifier = CriterionClassifier(name).fit(X, y)
        decision, margin = classifier.predict(X), classifier.decision_function(X)
        known = np.isfinite(margin)
        row = held_out.criteria.loc[name]
        assert row["n_records"] == known.sum()
        assert row["n_unavailable"] == (~known).sum()
        sensitivity = decision[known & (y == 1)].mean()
        assert row["criterion_sensitivity"] == pytest.approx(sensitivity)
        assert row["criterion_specificity"] == pytest.approx(
            1 - decision[known & (y == 0)].mean()
        )
        test_of = delong_test(
            y[known],
            held_out.y_score[known],
            margin[known],
            cohort.groups[test][known],
        )
        assert row["auroc_difference"] == pytest.approx(test_of.difference)
        assert row["auroc_p_value"] == pytest.approx(test_of.p_value)


@pytest.mark.parametrize("name", CRITERIA)
def test_sensitivity_is_read_at_a_specificity_no_lower_than_the_criterions(
    name, cohort, parts, held_out
):
    X, y = cohort.data[parts[2]], cohort.target[parts[2]]
    known = np.isfinite(CriterionClassifier(name).fit(X, y).decision_function(X))
    y, score = held_out.y_true[known], held_out.y_score[known]
    row = held_out.criteria.loc[name]
    possible = [
        (score[y] >= t).mean()
        for t in [*score, np.inf]
        if (score[~y] < t).mean() >= row["criterion_specificity"] - 1e-9
    ]
    assert row["model_sensitivity"] == pytest.approx(max(possible))
    assert row["sensitivity_difference"] == pytest.approx(
        max(possible) - row["criterion_sensitivity"]
    )


def test_folds_keep_patients_together_and_scores_are_out_of_fold(
    cohort, measured, model
):
    y, groups = cohort.target, cohort.groups
    report = evaluate_lvh(
        model, measured, y, groups=groups, cv=4, criteria=CRITERIA[:1], n_bootstrap=20
    )
    expected = cross_val_predict(
        model,
        measured,
        y,
        groups=groups,
        cv=StratifiedGroupKFold(4),
        method="predict_proba",
    )
    np.testing.assert_allclose(report.y_score, expected[:, 1])
    assert len(report.details["thresholds"]["youden"]) == 4
    assert "predict" not in report.operating_points.index
    assert report.details["thresholds_chosen_on"] == "the other folds"


def test_folds_that_divide_a_patient_are_refused(cohort, model):
    X, y = cohort.data, cohort.target
    with pytest.raises(ValueError, match=r"patients are in the training \(split 0\)"):
        evaluate_lvh(model, X, y, cv=KFold(3))
    splits = [(np.arange(240), np.array([0, 1, 2]))]
    with pytest.raises(ValueError, match=r"3 recordings are in the training"):
        evaluate_lvh(model, X, y, cv=splits)


def test_a_patient_of_the_training_records_is_refused_or_warned_of(
    cohort, measured, model, parts
):
    y, groups = cohort.target, cohort.groups
    train, test = train_test_split(np.arange(240), random_state=0)
    fitted = model.fit(measured.iloc[train], y[train])
    options = {
        "X_train": measured.iloc[train],
        "groups_train": groups[train],
        "groups": groups[test],
        "criteria": (),
        "n_bootstrap": 20,
    }
    X_test, y_test = measured.iloc[test], y[test]
    with pytest.raises(ValueError, match="patients are in the judged and in the train"):
        evaluate_lvh(fitted, X_test, y_test, **options)
    with pytest.warns(UserWarning, match="in the judged and in the training"):
        report = evaluate_lvh(fitted, X_test, y_test, on_leakage="warn", **options)
    assert "in the judged and in the training" in repr(report)
    assert "in the judged and in the training" in report.to_html()
    quiet = evaluate_lvh(fitted, X_test, y_test, on_leakage="ignore", **options)
    assert quiet.details["findings"] == report.details["findings"]


def test_labels_may_be_text(cohort, measured, model):
    words = np.where(cohort.target == 1, "z LVH", "a normal ECG")
    numbers, text = (
        evaluate_lvh(
            model, measured, y, groups=cohort.groups, cv=3, criteria=(), n_bootstrap=20
        )
        for y in (cohort.target, words)
    )
    assert numbers.summary.equals(text.summary)
    assert text.details["classes"] == ["a normal ECG", "z LVH"]


def test_labels_that_sort_the_wrong_way_round_need_a_positive_label(
    cohort, measured, model
):
    words = np.where(cohort.target == 1, "LVH", "NORM")
    options = {"groups": cohort.groups, "cv": np.int64(3), "criteria": ()}
    with pytest.raises(ValueError, match="positive_label='LVH'"):
        evaluate_lvh(model, measured, words, **options)
    text = evaluate_lvh(
        model, measured, words, positive_label="LVH", n_bootstrap=20, **options
    )
    assert text.participants.loc["LVH", "n_records"] == cohort.target.sum()
    numbers = evaluate_lvh(model, measured, cohort.target, n_bootstrap=20, **options)
    np.testing.assert_allclose(
        text.summary.loc["auroc"], numbers.summary.loc["auroc"], atol=1e-3
    )
    assert text.details["classes"] == ["NORM", "LVH"]


def test_one_of_three_classes_is_judged_against_the_others(measured, cohort, model):
    words = np.where(cohort.target == 1, "LVH", "NORM")
    words[np.flatnonzero(cohort.target == 0)[::2]] = "AFIB"
    fitted = model.fit(measured, words)
    report = evaluate_lvh(
        fitted, measured, words, positive_label="LVH", criteria=(), n_bootstrap=20
    )
    score = fitted.predict_proba(measured)[:, 1]
    expected = roc_auc_score(words == "LVH", score)
    assert report.summary.loc["auroc", "estimate"] == pytest.approx(expected)
    assert report.details["classes"] == ["AFIB or NORM", "LVH"]


def test_conduction_disturbance_takes_records_out_of_the_criteria(
    cohort, measured, model
):
    conduction = np.arange(240) % 8 == 0
    report = evaluate_lvh(
        model,
        measured,
        cohort.target,
        groups=cohort.groups,
        conduction=conduction,
        cv=3,
        criteria=CRITERIA[:1],
        n_bootstrap=20,
    )
    assert report.criteria["n_unavailable"].tolist() == [30]
    assert report.subgroups.loc[("conduction", "disturbed"), "n_records"] == 30


def test_plain_records_are_measured_with_their_sampling_rate(cohort):
    X, y = cohort.data.values[:60], cohort.target[:60]
    model = CriterionClassifier("sokolow_lyon_voltage", fs=100).fit(X, y)
    report = evaluate_lvh(
        model,
        X,
        y,
        sex=cohort.sex[:60],
        groups=cohort.groups[:60],
        fs=100,
        criteria=["sokolow_lyon_voltage", "cornell_voltage"],
        n_bootstrap=20,
    )
    row = report.criteria.loc["sokolow_lyon_voltage"]
    assert row["auroc_difference"] == 0
    assert np.isnan(row["auroc_p_value"])
    assert row["criterion_sensitivity"] == row["model_sensitivity"]
    assert "brier_score" not in report.summary.index


def test_measurements_may_be_given_beside_any_other_features(cohort, measured):
    y = cohort.target
    features = np.random.default_rng(0).normal(y[:, np.newaxis], 1, (240, 3))
    report = evaluate_lvh(
        LogisticRegression(),
        features,
        y,
        groups=cohort.groups,
        measurements=measured,
        cv=3,
        criteria=["cornell_voltage"],
        n_bootstrap=20,
    )
    assert report.criteria.loc["cornell_voltage", "n_records"] > 230


def test_records_that_have_no_twelve_leads_are_refused_with_the_remedy(cohort):
    X, y = cohort.data.values[:, :, :3], cohort.target
    model = make_pipeline(ECGFlattener(), DummyClassifier())
    with pytest.raises(ValueError, match=r"unnamed leads.* leave them out with crit"):
        evaluate_lvh(model, X, y, groups=cohort.groups, cv=3, fs=100)


def test_an_unfitted_estimator_and_contradictions_are_refused(cohort, measured, model):
    y = cohort.target
    with pytest.raises(NotFittedError):
        evaluate_lvh(LogisticRegression(), measured, y, criteria=())
    with pytest.raises(
        ValueError, match="With cv, thresholds are chosen on the other folds"
    ):
        evaluate_lvh(model, measured, y, cv=3, X_val=measured, y_val=y)
    fitted = model.fit(measured, y)
    with pytest.raises(ValueError, match="X_val and y_val belong together"):
        evaluate_lvh(fitted, measured, y, X_val=measured, criteria=())
    for alone, message in (
        ({"groups_val": y}, "groups_val belongs to X_val"),
        ({"groups_train": y}, "groups_train belongs to X_train"),
        ({"params": {}}, "params is for fit in the splits of cv"),
        ({"X_train": measured, "cv": 3}, "leave out X_val, y_val and X_train"),
    ):
        with pytest.raises(ValueError, match=message):
            evaluate_lvh(fitted, measured, y, criteria=(), **alone)
    with pytest.raises(ValueError, match=r"fitted on the classes \[0, 1\], but y has"):
        evaluate_lvh(fitted, measured, y - 1, criteria=())
    with pytest.raises(TypeError, match="StandardScaler has neither"):
        evaluate_lvh(StandardScaler().fit(measured), measured, y, criteria=())


def test_fit_parameters_reach_every_split(cohort, measured, model):
    weight = np.where(cohort.target == 1, 30.0, 1.0)
    plain, weighted = (
        evaluate_lvh(
            model,
            measured,
            cohort.target,
            groups=cohort.groups,
            cv=3,
            params=params,
            criteria=(),
            n_bootstrap=20,
        )
        for params in (None, {"logisticregression__sample_weight": weight})
    )
    found = [
        r.summary.loc["observed_to_expected", "estimate"] for r in (plain, weighted)
    ]
    assert found[0] == pytest.approx(1, abs=0.15)
    assert found[1] < 0.75


def test_the_report_survives_pickling_and_holds_no_recording(held_out):
    text = pickle.dumps(held_out)
    assert len(text) < 100_000
    again = pickle.loads(text)
    assert json.loads(again.to_json()) == json.loads(held_out.to_json())
