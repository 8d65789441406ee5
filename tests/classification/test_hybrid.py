"""LVHHybridClassifier: a network and measured waves under one roof."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import FixedThresholdClassifier, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_info, threadpool_limits

from skecg import (
    ECGFilter,
    ECGScaler,
    LVHCNNClassifier,
    LVHHybridClassifier,
    VoltageCriteria,
    make_lvh_ecg,
)
from skecg.classification import BoostedTrees, _hybrid, restore_hybrid
from skecg.classification._hybrid import wave_columns, wave_table
from skecg.signal import LEAD_NAMES, MEASUREMENT_DTYPE

CNN = LVHCNNClassifier(
    filters=(8,), kernel_sizes=5, dense_units=(4,), epochs=1, random_state=0
)
FOREST = RandomForestClassifier(20, max_depth=3, random_state=0)
HYBRID = LVHHybridClassifier(CNN, FOREST, fs=100, random_state=0)
BOOSTING = HistGradientBoostingClassifier(max_iter=20, random_state=0)
METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(40, fs=100, random_state=0)


@pytest.fixture(scope="module")
def fitted(cohort):
    return clone(HYBRID).fit(cohort.data, cohort.target, sex=cohort.sex, age=cohort.age)


def test_log_probabilities_are_averaged_with_the_weight(cohort, fitted):
    X, patients = cohort.data, {"sex": cohort.sex, "age": cohort.age}
    measured = VoltageCriteria(passthrough=True, fs=100).fit(X)
    columns = measured.get_feature_names_out().tolist()
    learned = [columns.index(name) for name in wave_columns(measured)[:-2]]
    table = measured.transform(X, sex=cohort.sex)[:, learned]
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


def test_trees_find_their_columns_by_name(cohort):
    hybrid = clone(HYBRID).set_params(tabular=BOOSTING).fit(cohort.data, cohort.target)
    names = wave_columns(hybrid.criteria_)
    trees = BoostedTrees.of(hybrid.tabular_, columns=names)
    last = len(names) - 1
    turned = replace(trees, column=last - trees.column, columns=trees.columns[::-1])
    unknown = replace(trees, columns=np.array(["no_wave", *names[1:]]))
    empty = LVHHybridClassifier(fs=100, lead_names=LEAD_NAMES)
    known = {"n_times": 1000, "amplitude": hybrid.amplitude_}
    restored = restore_hybrid(empty, hybrid.network_, turned, **known)
    np.testing.assert_allclose(
        restored.predict_proba(cohort.data), hybrid.predict_proba(cohort.data)
    )
    with pytest.raises(ValueError, match="need the column 'no_wave'"):
        restore_hybrid(empty, hybrid.network_, unknown, **known)


@pytest.mark.filterwarnings("ignore:X has 1 unnamed leads:UserWarning")
def test_one_lead_of_as_many_samples_as_a_table_has_columns_is_records(cohort):
    X = cohort.data[:, : len(MEASUREMENT_DTYPE.names), 1]
    hybrid = clone(HYBRID).fit(X, cohort.target)
    assert hybrid.criteria_.measurer_ is not None
    named = pd.DataFrame(X).rename(columns="t{}".format)
    by_names = clone(HYBRID).fit(named, cohort.target)
    np.testing.assert_array_equal(by_names.predict(named), hybrid.predict(X))


@pytest.mark.filterwarnings("ignore:2 of 2 records:UserWarning")
def test_records_whose_waves_sex_and_age_are_unknown_get_a_probability(cohort, fitted):
    noise = np.random.default_rng(0).normal(size=(2, 1000, 12)) * 0.1
    unknown = np.full(2, np.nan)
    probability = fitted.predict_proba(noise, sex=unknown, age=unknown)
    np.testing.assert_allclose(probability.sum(axis=1), 1)


@pytest.mark.parametrize("method", METHODS)
def test_missing_sex_and_age_are_named_if_they_were_known_in_fit(
    cohort, fitted, method
):
    X, unknown = cohort.data[:3], np.full(3, np.nan)
    predict = getattr(fitted, method)
    with pytest.warns(UserWarning, match="fitted with sex and age.*sex= and age=, "):
        without = predict(X)
    with pytest.warns(UserWarning, match="fitted with age, but.* pass age=, "):
        predict(X, sex=cohort.sex[:3])
    with pytest.warns(UserWarning, match="fitted with sex, but.* pass sex=, "):
        predict(X, age=cohort.age[:3])
    np.testing.assert_array_equal(without, predict(X, unknown, unknown))


def test_a_labelled_fit_warns_of_records_without_labels(cohort):
    labelled = make_lvh_ecg(40, fs=100, random_state=0, as_xarray=True).data
    hybrid = clone(HYBRID).set_params(fs=None).fit(labelled, cohort.target)
    with pytest.warns(UserWarning, match="fitted with sex and age"):
        hybrid.predict(cohort.data)
    with pytest.warns(UserWarning, match="fitted with age"):
        hybrid.predict(labelled.drop_vars("age"))


def test_sex_and_age_that_were_unknown_in_fit_are_not_asked_for(cohort):
    X, unknown = cohort.data, np.full(40, np.nan)
    clone(HYBRID).fit(X, cohort.target).predict(X)
    clone(HYBRID).fit(X, cohort.target, sex=unknown, age=unknown).predict(X)
    of_men = clone(HYBRID).fit(X, cohort.target, sex=cohort.sex)
    of_men.predict(X, sex=cohort.sex)


def test_labels_reach_the_hybrid_through_scikit_learn_without_a_warning(cohort):
    X = make_lvh_ecg(40, fs=100, random_state=0, as_xarray=True).data
    pipeline = make_pipeline(ECGFilter(), clone(HYBRID).set_params(fs=None))
    model = FixedThresholdClassifier(pipeline, threshold=0.4)
    cross_val_score(model, X, cohort.target, cv=2, error_score="raise")
    model.fit(X, cohort.target).predict(X[:1])


@pytest.mark.parametrize("tabular", [BOOSTING, clone(FOREST).set_params(n_jobs=2)])
def test_one_record_gets_bit_by_bit_what_it_gets_among_many(cohort, tabular):
    X, sex, age = cohort.data, cohort.sex, cohort.age
    # A network's sums may depend on the size of its batch: here it has no share.
    hybrid = clone(HYBRID).set_params(weight=0, tabular=tabular)
    hybrid.fit(X, cohort.target, sex=sex, age=age)
    together = hybrid.predict_proba(X, sex=sex, age=age)
    alone = [
        hybrid.predict_proba(X[i : i + 1], sex=sex[i : i + 1], age=age[i : i + 1])
        for i in range(len(X))
    ]
    np.testing.assert_array_equal(np.concatenate(alone), together)


def test_one_thread_gives_bit_by_bit_what_several_give(cohort):
    X, sex, age = cohort.data, cohort.sex, cohort.age
    hybrid = clone(HYBRID).set_params(weight=0, tabular=BOOSTING)
    hybrid.fit(X, cohort.target, sex=sex, age=age)
    table = wave_table(hybrid.criteria_, X, sex, age)
    table[:, np.isnan(table).all(axis=0)] = 0
    with threadpool_limits(limits=3, user_api="openmp"):
        logarithm = np.log(hybrid.tabular_.predict_proba(table))
    logarithm -= np.logaddexp.reduce(logarithm, 1, keepdims=True)
    got = hybrid.predict_log_proba(X, sex=sex, age=age)
    np.testing.assert_array_equal(got, logarithm)


class _CountsThreads(DummyClassifier):
    """Note how many OpenMP threads its prediction may use."""

    def predict_proba(self, X):
        self.threads_ = _openmp_threads()
        return super().predict_proba(X)


def _openmp_threads():
    return {i["num_threads"] for i in threadpool_info() if i["user_api"] == "openmp"}


@pytest.mark.parametrize("method", METHODS)
def test_the_table_is_predicted_by_one_thread_and_others_keep_theirs(cohort, method):
    _hybrid._openmp.cache_clear()  # another test may have loaded another OpenMP since
    hybrid = clone(HYBRID).set_params(tabular=_CountsThreads(strategy="prior"))
    hybrid.fit(cohort.data, cohort.target)
    with threadpool_limits(limits=3, user_api="openmp"):
        getattr(hybrid, method)(cohort.data[:1])
        assert _openmp_threads() == {3}
    assert hybrid.tabular_.threads_ == {1}


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


@pytest.mark.parametrize(("factor", "unit"), [(1e-3, "volts"), (1e3, "microvolts")])
def test_another_unit_is_told_by_the_amplitude(cohort, fitted, factor, unit):
    patients = {"sex": cohort.sex, "age": cohort.age}
    with pytest.raises(
        ValueError, match=f"as if {unit} were given instead of millivolts"
    ):
        fitted.predict_proba(factor * cohort.data, **patients)


def test_what_does_not_fit_is_named(cohort):
    X, y = cohort.data, cohort.target
    with pytest.raises(ValueError, match="'network' parameter.*predict_proba"):
        clone(HYBRID).set_params(network=ECGScaler()).fit(X, y)
    with pytest.raises(ValueError, match="age has 1 values, but there are 40 records"):
        clone(HYBRID).fit(X, y, age=[50])
    with pytest.raises(ValueError, match="age must be years from 0 to 120"):
        clone(HYBRID).fit(X, y, age=np.linspace(0, 600, 40))
    with pytest.raises(ValueError, match="KNeighborsClassifier does not take sample_w"):
        clone(HYBRID).set_params(tabular=KNeighborsClassifier()).fit(
            X, y, sample_weight=np.ones(40)
        )


def test_class_weight_by_text_labels_goes_with_the_network(cohort):
    y = np.where(cohort.target == 1, "LVH", "none")
    weighted = clone(HYBRID).set_params(network__class_weight={"LVH": 3, "none": 1})
    weighted.set_params(tabular__class_weight={"LVH": 3, "none": 1})
    probability = weighted.fit(cohort.data, y).predict_proba(cohort.data)
    codes = np.where(y == "LVH", 0, 1)
    weighted.set_params(network__class_weight={0: 3, 1: 1})
    weighted.set_params(tabular__class_weight={0: 3, 1: 1})
    by_code = weighted.fit(cohort.data, codes).predict_proba(cohort.data)
    np.testing.assert_array_equal(probability, by_code)


def test_parameters_of_the_default_classifiers_can_be_set():
    hybrid = LVHHybridClassifier(random_state=3)
    hybrid.set_params(network__epochs=2, tabular__max_iter=7, weight=0.5)
    assert (hybrid.network.epochs, hybrid.tabular.max_iter, hybrid.weight) == (
        2,
        7,
        0.5,
    )
    assert hybrid.network.random_state == hybrid.tabular.random_state == 3
    assert clone(hybrid).network.epochs == 2
    with pytest.raises(ValueError, match="Invalid parameter 'net'"):
        LVHHybridClassifier().set_params(net__epochs=2)
