"""CriterionClassifier: a published rule under scikit-learn's rules."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate

from skecg import CriterionClassifier, ECGMeasurer, make_lvh_ecg
from skecg.criteria import CRITERIA
from skecg.signal import LEAD_NAMES, measure_records


def frame(**columns):
    return pd.DataFrame(columns)


CORNELL = frame(R_aVL=[0.06, 0.07, 0.9, 0.9], S_V3=[2.74, 2.74, 1.2, 1.2])
SEX = [0, 0, 1, 0]
Y = np.array([0, 1, 1, 0])


def test_cornell_voltage_decides_by_sex_and_to_the_microvolt():
    classifier = CriterionClassifier().fit(CORNELL, Y)
    np.testing.assert_array_equal(classifier.predict(CORNELL, sex=SEX), [0, 1, 1, 0])
    np.testing.assert_array_equal(
        classifier.decision_function(CORNELL, sex=SEX), [0.0, 0.01, 0.1, -0.7]
    )
    assert classifier.score(CORNELL, Y, sex=SEX) == 1
    table = CORNELL.assign(sex=SEX)
    np.testing.assert_array_equal(classifier.fit(table, Y).predict(table), [0, 1, 1, 0])


def test_at_least_and_more_than_are_as_in_the_sources():
    X = frame(S_V1=[1.5, 1.5], R_V5=[2.0, 1.999], R_V6=[1.0, 1.0])
    words = CriterionClassifier("sokolow_lyon_voltage").fit(X, [0, 1]).report(X)
    assert words.tolist() == ["positive", "negative"]


def test_labels_of_any_kind_come_back():
    y = np.array(["healthy", "lvh", "lvh", "healthy"])
    classifier = CriterionClassifier().fit(CORNELL, y)
    np.testing.assert_array_equal(classifier.predict(CORNELL, sex=SEX), y)


def test_an_unknown_sex_is_an_error_or_nan_and_never_a_default():
    some = ["male", None, "female", np.nan]
    classifier = CriterionClassifier().fit(CORNELL, Y)
    with pytest.raises(ValueError, match="sex, which is unknown for 2 of 4 records"):
        classifier.predict(CORNELL, sex=some)
    with pytest.raises(ValueError, match="unknown for 4 of 4"):
        classifier.decision_function(CORNELL)
    tolerant = CriterionClassifier(unknown_sex="nan").fit(CORNELL, Y)
    np.testing.assert_array_equal(
        tolerant.predict(CORNELL, sex=some), [0, 1, 1, np.nan]
    )
    words = classifier.report(CORNELL, sex=some).tolist()
    # 2.81 mV is positive in both sexes, 2.1 mV in women alone.
    assert words == ["negative", "positive", "positive", "unavailable"]


def test_an_unknown_sex_is_no_error_where_no_sex_gives_a_decision():
    unmeasured = CORNELL.assign(R_aVL=np.nan)
    classifier = CriterionClassifier().fit(CORNELL, Y)
    assert np.isnan(classifier.predict(unmeasured)).all()
    with pytest.raises(ValueError, match="unknown for 4 of 8"):
        classifier.predict(pd.concat([unmeasured, CORNELL]))


def test_one_threshold_for_both_needs_no_sex():
    classifier = CriterionClassifier(threshold=2.0).fit(CORNELL, Y)
    np.testing.assert_array_equal(classifier.predict(CORNELL), [1, 1, 1, 1])
    pair = CriterionClassifier(threshold=(3.0, 2.5)).fit(CORNELL, Y)
    np.testing.assert_array_equal(pair.predict(CORNELL, sex=SEX), [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("unavailable", "expected"), [("nan", [1, np.nan]), ("negative", [1, 0])]
)
def test_an_unavailable_decision_is_what_the_parameter_says(unavailable, expected):
    X = frame(R_I=[2.0, 2.0], S_III=[1.0, np.nan], S_I=[0, 0], R_III=[0, 0])
    classifier = CriterionClassifier("lewis", unavailable=unavailable).fit(X, [0, 1])
    np.testing.assert_array_equal(classifier.predict(X), expected)
    assert classifier.score(X, [1, 0]) == (0.5 if unavailable == "nan" else 1.0)
    classifier = clone(classifier).set_params(positive_label="b")
    strings = classifier.fit(X, ["a", "b"]).predict(X)
    assert strings.tolist() == ["b", None if unavailable == "nan" else "a"]


def test_an_unavailable_decision_can_be_an_error():
    X = frame(R_aVL=[1.0, np.nan])
    classifier = CriterionClassifier("sokolow_lyon_limb", unavailable="raise")
    with pytest.raises(ValueError, match="unavailable for 1 of 2 records, the first"):
        classifier.fit(X, [0, 1]).predict(X)


def test_a_conduction_disturbance_suppresses_the_criterion():
    classifier = CriterionClassifier().fit(CORNELL, Y)
    block = [False, True, False, False]
    words = classifier.report(CORNELL, sex=SEX, conduction=block)
    assert words.tolist() == ["negative", "suppressed", "positive", "negative"]
    assert np.isnan(classifier.predict(CORNELL, sex=SEX, conduction=block)[1])


def test_romhilt_estes_decides_only_where_the_range_allows():
    waves = {f"{w}_{lead}": [0.5] * 3 for w in "RSQ" for lead in LEAD_NAMES}
    X = frame(**waves).assign(
        R_V5=[3.0, 3.0, 1.0],
        qrs_axis=[-40.0, 30.0, 30.0],
        qrs_duration=[95.0, 80.0, 80.0],
        intrinsicoid_V5=40.0,
        intrinsicoid_V6=40.0,
        p_terminal_amplitude_V1=[np.nan, np.nan, 0.0],
        p_terminal_duration_V1=[np.nan, np.nan, 0.0],
        strain=0.0,
    )
    classifier = CriterionClassifier("romhilt_estes_definite").fit(X, [0, 1, 0])
    words = classifier.report(X).tolist()  # 6 to 9, 3 to 6, and 0 points
    assert words == ["positive", "unavailable", "negative"]


@pytest.mark.parametrize("criterion", [*CRITERIA, "perugia", "minnesota_3_1"])
def test_every_criterion_runs_on_labelled_records(criterion, labelled, cohort):
    classifier = CriterionClassifier(criterion, unavailable="negative", n_jobs=1)
    classifier.fit(labelled, cohort.target)
    decision = classifier.decision_function(labelled)
    predicted = classifier.predict(labelled)
    assert np.isfinite(decision).all()
    assert decision[predicted == 1].min(initial=0) >= 0
    assert decision[predicted == 0].max(initial=0) <= 0


def test_sex_of_labelled_records_reaches_every_scorer(labelled, cohort):
    classifier = CriterionClassifier(n_jobs=1)
    scores = cross_validate(
        classifier,
        labelled,
        cohort.target,
        cv=2,
        scoring=["roc_auc", "accuracy"],
        error_score="raise",
    )
    assert scores["test_roc_auc"].mean() > 0.7


def test_search_over_criteria_and_thresholds(labelled, cohort):
    search = GridSearchCV(
        CriterionClassifier(n_jobs=1),
        {"criterion": ["cornell_voltage", "lewis"], "threshold": [None, 1.5]},
        cv=2,
        scoring="balanced_accuracy",
        error_score="raise",
    ).fit(labelled, cohort.target)
    assert search.best_score_ > 0.5


def test_sex_is_routed_with_plain_arrays(cohort):
    with config_context(enable_metadata_routing=True):
        classifier = CriterionClassifier(fs=250, n_jobs=1).set_score_request(sex=True)
        scores = cross_val_score(
            classifier,
            cohort.data,
            cohort.target,
            cv=2,
            params={"sex": cohort.sex},
            error_score="raise",
        )
    assert (scores > 0.4).all()


def test_records_and_their_table_get_the_same_decision(cohort):
    table = pd.DataFrame(measure_records(cohort.data, 250.0))
    on_table = CriterionClassifier("cornell_product").fit(table, cohort.target)
    on_records = CriterionClassifier("cornell_product", fs=250)
    on_records.fit(cohort.data, cohort.target)
    np.testing.assert_allclose(
        on_table.decision_function(table, sex=cohort.sex),
        on_records.decision_function(cohort.data, sex=cohort.sex),
    )


def test_clone_and_pickle_decide_alike():
    classifier = CriterionClassifier(threshold=(2.5, 2.0)).fit(CORNELL, Y)
    again = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(
        again.predict(CORNELL, sex=SEX), classifier.predict(CORNELL, sex=SEX)
    )
    assert clone(classifier).threshold == (2.5, 2.0)


def test_what_can_not_be_is_named():
    with pytest.raises(ValueError, match="perugia has several thresholds"):
        CriterionClassifier("perugia", threshold=1.0).fit(CORNELL, Y)
    with pytest.raises(ValueError, match="y must have two classes"):
        CriterionClassifier().fit(CORNELL, [0, 0, 0, 0])
    with pytest.raises(ValueError, match="'criterion' parameter"):
        CriterionClassifier("framingham").fit(CORNELL, Y)
    with pytest.raises(ValueError, match="requires y to be passed"):
        CriterionClassifier().fit(CORNELL, None)


def test_the_sex_of_labelled_records_counts_after_a_fit_on_plain_ones(cohort, labelled):
    plain = CriterionClassifier(fs=250).fit(cohort.data, cohort.target)
    np.testing.assert_allclose(
        plain.decision_function(labelled),
        plain.decision_function(cohort.data, sex=cohort.sex),
        atol=1e-3,
    )


@pytest.mark.parametrize(
    ("conduction", "message"),
    [
        ([True, False], "conduction has 2 values, but there are 4 records"),
        ([0, 1, np.nan, 0], "conduction must be True or False .* got nan for record 2"),
        (["no"] * 4, "conduction must be True or False .* got 'no' for record 0"),
        ([0, 1, None, 0], "conduction must be True or False .* got None for record 2"),
    ],
)
def test_conduction_is_true_or_false_for_each_record(conduction, message):
    classifier = CriterionClassifier().fit(CORNELL, Y)
    with pytest.raises(ValueError, match=message):
        classifier.predict(CORNELL, sex=SEX, conduction=conduction)


@pytest.mark.parametrize(
    "threshold", [(1.0, 2.0, 3.0), (2.8, np.nan), ["a", "b"], -1, 0.0, (2.8, -2.0)]
)
def test_a_threshold_is_one_number_or_two(threshold):
    with pytest.raises(ValueError, match="threshold must be one number greater than"):
        CriterionClassifier(threshold=threshold).fit(CORNELL, Y)


def test_score_takes_a_column_and_refuses_another_length():
    classifier = CriterionClassifier().fit(CORNELL, Y)
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        assert classifier.score(CORNELL, Y[:, None], sex=SEX) == 1
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        classifier.score(CORNELL, Y[:2], sex=SEX)


def test_the_sex_of_a_table_is_a_number_or_a_word():
    words = ["male", "male", "female", "male"]
    table = CORNELL.assign(sex=words)
    classifier = CriterionClassifier().fit(table, Y)
    np.testing.assert_array_equal(classifier.predict(table), [0, 1, 1, 0])
    missing = CORNELL.assign(sex=pd.array([0, 0, 1, pd.NA], dtype="Int64"))
    assert classifier.report(missing)[3] == "unavailable"
    with pytest.raises(
        ValueError, match="The column 'sex' must be 0 or .*got 2 for record 2"
    ):
        classifier.predict(CORNELL.assign(sex=[0, 0, 2, 0]))


def test_booleans_and_masked_cells_of_a_table_are_no_voltages():
    with pytest.raises(ValueError, match="R_aVL must be numbers, but is True in row 0"):
        CriterionClassifier().fit(CORNELL.assign(R_aVL=True), Y)
    table = ECGMeasurer(fs=500).fit_transform(make_lvh_ecg(4, random_state=0).data)
    classifier = CriterionClassifier("sokolow_lyon_voltage").fit(table, Y)
    gone = np.zeros(table.shape, bool)
    gone[2] = True
    assert classifier.report(np.ma.array(table, mask=gone))[2] == "unavailable"
    assert classifier.report(table)[2] != "unavailable"
    fields = np.ma.array(CORNELL.to_records(index=False))
    fields["R_aVL"][2] = np.ma.masked
    report = CriterionClassifier("sokolow_lyon_limb").fit(fields, Y).report(fields)
    assert (report == "unavailable").tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("positive", "negative"), [("LVH", "NORM"), ("lvh", "no lvh"), ("yes", "no")]
)
def test_a_positive_criterion_gives_the_label_that_is_named_so(positive, negative):
    y = np.where(Y == 1, positive, negative)
    classifier = CriterionClassifier().fit(CORNELL, y)
    assert classifier.positive_label_ == positive
    np.testing.assert_array_equal(classifier.predict(CORNELL, sex=SEX), y)
    # scikit-learn's decision functions rise with the second class.
    decision = classifier.decision_function(CORNELL, sex=SEX)
    second = classifier.classes_[1]
    assert ((decision > 0) == (y == second))[1:].all()
    words = classifier.report(CORNELL, sex=SEX).tolist()
    assert words == ["negative", "positive", "positive", "negative"]


def test_the_positive_label_can_be_named_and_must_be_where_names_say_both():
    y = np.where(Y == 1, "LVH", "VCLVH")
    with pytest.raises(ValueError, match=r"don't say which.*positive_label='LVH'"):
        CriterionClassifier().fit(CORNELL, y)
    classifier = CriterionClassifier(positive_label="LVH").fit(CORNELL, y)
    np.testing.assert_array_equal(classifier.predict(CORNELL, sex=SEX), y)
    with pytest.raises(ValueError, match="positive_label must be one of the classes"):
        CriterionClassifier(positive_label="lvh").fit(CORNELL, y)
    with pytest.raises(ValueError, match="y has missing labels"):
        CriterionClassifier().fit(
            CORNELL, pd.Series(["a", pd.NA, "b", "a"], dtype="string")
        )


def test_without_an_offset_the_cornell_product_needs_no_sex():
    X = frame(R_aVL=[1.5, 0.5], S_V3=[1.5, 0.5], qrs_duration=[100.0, 100.0])
    classifier = CriterionClassifier("cornell_product", cornell_offset=0)
    np.testing.assert_array_equal(classifier.fit(X, [0, 1]).predict(X), [1, 0])


def test_what_is_unknown_counts_only_where_it_could_decide():
    X = frame(S_V1=[2.0, 2.0, 0.5], R_V5=[2.0, 1.0, 0.5], R_V6=[np.nan] * 3)
    classifier = CriterionClassifier("sokolow_lyon_voltage").fit(X, [0, 1, 1])
    expected = ["positive", "unavailable", "unavailable"]
    assert classifier.report(X).tolist() == expected
    X = frame(S_V3=[2.0, 1.0], S_V4=[1.0, 1.0])  # the other leads' S are unknown
    classifier = CriterionClassifier("peguero_lo_presti").fit(X, [0, 1])
    assert classifier.report(X, sex=[0, 0]).tolist() == ["positive", "unavailable"]
    X = frame(R_aVL=[2.0, 1.2, 0.1], S_V3=[2.0, 1.2, 0.1], qrs_duration=100.0)
    for criterion in ("cornell_voltage", "cornell_product"):
        words = CriterionClassifier(criterion).fit(X, [0, 1, 1]).report(X).tolist()
        assert words == ["positive", "unavailable", "negative"]


def test_conduction_of_labels_and_tables_suppresses(labelled, cohort):
    X = labelled[:4].assign_coords(conduction=("record", [False, True, False, False]))
    classifier = CriterionClassifier("lewis", n_jobs=1).fit(labelled, cohort.target)
    words = classifier.report(X)
    assert (words == "suppressed").tolist() == [False, True, False, False]
    assert (classifier.report(X, conduction=False) != "suppressed").all()
    gaps = X.assign_coords(conduction=("record", [0, np.nan, 0, 0]))
    with pytest.raises(ValueError, match="coordinate 'conduction' of X must be True"):
        classifier.predict(gaps)
    table = CORNELL.assign(sex=SEX, conduction=[True, False, False, False])
    words = CriterionClassifier().fit(table, Y).report(table).tolist()
    assert words == ["suppressed", "positive", "positive", "negative"]


def test_sex_and_age_of_labels_are_words_too(labelled, cohort):
    words = labelled.assign_coords(
        sex=("record", np.where(cohort.sex == 1, "F", "M")),
        age=("record", ["056Y"] * 40),
    )
    classifier = CriterionClassifier(n_jobs=1).fit(labelled, cohort.target)
    np.testing.assert_array_equal(
        classifier.predict(words), classifier.predict(labelled)
    )
    twos = labelled.assign_coords(sex=("record", cohort.sex + 1))
    with pytest.raises(ValueError, match="coordinate 'sex' of X must be 0 or"):
        classifier.predict(twos)


@pytest.mark.parametrize("transform_output", ["pandas", "default"])
def test_output_settings_change_nothing(cohort, transform_output):
    with config_context(transform_output=transform_output):
        classifier = CriterionClassifier("lewis", fs=250, n_jobs=1)
        classifier.fit(cohort.data, cohort.target)
        assert set(classifier.predict(cohort.data)) == {0, 1}


@pytest.mark.parametrize(
    ("criterion", "needs"),
    [("cornell_voltage", True), ("cornell_product", True), ("lewis", False)],
)
def test_an_unknown_sex_is_an_error_where_the_criterion_needs_it(criterion, needs):
    table = {"qrs_duration": [100.0] * 2, "R_I": [1.0] * 2, "S_III": [0.5] * 2}
    table |= {"R_aVL": [1.0] * 2, "S_V3": [1.0] * 2, "S_I": [0.0] * 2}
    table = pd.DataFrame(table | {"R_III": [0.0] * 2})
    classifier = CriterionClassifier(criterion).fit(table, [0, 1])
    if needs:
        with pytest.raises(ValueError, match="needs the sex"):
            classifier.predict(table)
    else:
        assert classifier.predict(table).tolist() == [0, 0]
