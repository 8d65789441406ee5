import html
import re

import numpy as np
import pytest
from sklearn.metrics import class_likelihood_ratios

from skecg.evaluation import LVHReport


def _table(sick, called_sick, well, called_well):
    """Labels and scores of a 2 x 2 table; the score 1 is called positive."""
    y = np.repeat([1, 0], [sick, well])
    score = np.zeros(sick + well)
    score[:called_sick] = 1
    score[sick : sick + called_well] = 1
    return y, score


def _rows(report, table, key):
    return {row[key]: row for row in report.tables[table]}


def test_rates_and_likelihood_ratios_of_a_two_by_two_table():
    y, score = _table(100, 22, 200, 14)
    report = LVHReport.from_predictions(y, score, operating_points=[0.5])
    row = report.tables["operating_points"][0]
    assert row["sensitivity"] == pytest.approx(0.22)
    assert row["specificity"] == pytest.approx(0.93)
    assert row["positive_likelihood_ratio"] == pytest.approx(0.22 / 0.07)
    assert row["negative_likelihood_ratio"] == pytest.approx(0.78 / 0.93)
    assert row["positive_predictive_value"] == pytest.approx(22 / 36)
    assert row["negative_predictive_value"] == pytest.approx(186 / 264)
    theirs = class_likelihood_ratios(y, score >= 0.5)
    ours = (row["positive_likelihood_ratio"], row["negative_likelihood_ratio"])
    assert ours == pytest.approx(theirs)


def test_predictive_values_follow_bayes_at_each_prevalence():
    y, score = _table(100, 80, 100, 10)
    report = LVHReport.from_predictions(
        y, score, operating_points=[0.5], prevalences=(0.01, 0.5)
    )
    rare, even = report.tables["predictive_values"]
    assert (rare["prevalence"], even["prevalence"]) == (0.01, 0.5)
    assert rare["positive_predictive_value"] == pytest.approx(
        0.8 * 0.01 / (0.8 * 0.01 + 0.1 * 0.99)
    )
    assert even["negative_predictive_value"] == pytest.approx(0.9 / (0.9 + 0.2))
    assert rare["positive_predictive_value_low"] < rare["positive_predictive_value"]


def test_interval_of_the_sensitivity_is_that_of_a_proportion():
    y, score = _table(400, 320, 400, 40)
    report = LVHReport.from_predictions(
        y, score, operating_points=[0.5], n_bootstrap=1500
    )
    row = report.tables["operating_points"][0]
    half = 1.96 * np.sqrt(0.8 * 0.2 / 400)
    assert row["sensitivity_low"] == pytest.approx(0.8 - half, abs=0.006)
    assert row["sensitivity_high"] == pytest.approx(0.8 + half, abs=0.006)


def test_a_perfect_specificity_makes_an_infinite_ratio_and_stays_valid_json():
    y, score = _table(50, 40, 50, 0)
    report = LVHReport.from_predictions(y, score, operating_points=[0.5])
    row = report.tables["operating_points"][0]
    assert row["positive_likelihood_ratio"] == np.inf
    assert row["positive_likelihood_ratio_high"] == np.inf
    assert '"positive_likelihood_ratio": "Infinity"' in report.to_json()


@pytest.fixture
def two_sets():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 2000)
    score = rng.normal(y, 1.0)
    return y[:1000], score[:1000], y[1000:], score[1000:]


def test_thresholds_reach_their_target_where_they_are_chosen_and_nearly_elsewhere(
    two_sets,
):
    y_val, score_val, y, score = two_sets
    points = [("specificity", 0.95), ("sensitivity", 0.9)]
    report = LVHReport.from_predictions(
        y, score, y_val=y_val, y_score_val=score_val, operating_points=points
    )
    specific, sensitive = report.tables["operating_points"]
    at, below = specific["threshold"], score_val[y_val == 0]
    assert (below < at).mean() >= 0.95 > (below < at - 0.02).mean()
    at, above = sensitive["threshold"], score_val[y_val == 1]
    assert (above >= at).mean() >= 0.9 > (above > at).mean()
    assert specific["specificity"] == pytest.approx(0.95, abs=0.03)
    assert sensitive["sensitivity"] == pytest.approx(0.9, abs=0.03)
    assert specific["specificity"] == pytest.approx(
        (score[y == 0] < specific["threshold"]).mean()
    )


def test_youden_has_the_largest_sum_of_both_rates(two_sets):
    y_val, score_val, y, score = two_sets
    report = LVHReport.from_predictions(
        y, score, y_val=y_val, y_score_val=score_val, operating_points=["youden"]
    )
    threshold = report.tables["operating_points"][0]["threshold"]

    def gain(t):
        return (score_val[y_val == 1] >= t).mean() - (score_val[y_val == 0] >= t).mean()

    assert gain(threshold) == pytest.approx(max(gain(t) for t in score_val))


def test_thresholds_of_a_fold_come_from_the_other_folds(two_sets):
    _, _, y, score = two_sets
    fold = np.arange(1000) % 4
    score = score + 10 * (fold == 0)
    report = LVHReport.from_predictions(
        y, score, fold=fold, operating_points=[("specificity", 0.9)]
    )
    thresholds = report.details["thresholds"]["specificity 0.90"]
    for number, threshold in enumerate(thresholds):
        others = score[(fold != number) & (y == 0)]
        assert (others < threshold).mean() == pytest.approx(0.9, abs=0.002)
    assert thresholds[0] < 5 < min(thresholds[1:])
    specificity = report.tables["operating_points"][0]["specificity"]
    assert specificity == pytest.approx(
        (score < np.array(thresholds)[fold])[y == 0].mean()
    )


def test_thresholds_are_not_chosen_on_the_judged_records():
    y, score = _table(20, 15, 20, 5)
    with pytest.raises(ValueError, match=r"of \['youden'\] must be chosen on other"):
        LVHReport.from_predictions(y, score, operating_points=["youden", 0.5])
    assert LVHReport.from_predictions(y, score).tables["operating_points"] == []


@pytest.mark.parametrize(
    "point", ["best", ("specificity", 1.2), ("accuracy", 0.9), ("specificity",), True]
)
def test_an_unknown_operating_point_is_named(point):
    y, score = _table(20, 15, 20, 5)
    with pytest.raises(ValueError, match="An operating point must be"):
        LVHReport.from_predictions(y, score, operating_points=[point])


def test_a_threshold_in_percent_of_probabilities_is_refused():
    y, score = _table(20, 15, 20, 5)
    with pytest.raises(ValueError, match=r"threshold 95, .* 95 % as 0\.95"):
        LVHReport.from_predictions(y, score, operating_points=[95], probabilities=True)


def test_the_points_of_a_card_are_refused_with_the_list_of_them():
    y, score = _table(20, 15, 20, 5)
    points = {"specificity 0.90": 0.11, "specificity 0.95": 0.25}
    with pytest.raises(ValueError, match=r"write \[0\.11, 0\.25\]"):
        LVHReport.from_predictions(y, score, operating_points=points)


def test_one_word_for_a_list_of_points_is_refused():
    y, score = _table(20, 15, 20, 5)
    with pytest.raises(ValueError, match=r"write \['youden'\]"):
        LVHReport.from_predictions(y, score, operating_points="youden")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"y_val": [0, 1], "y_score_val": [0, 1]},
            ["chosen on 2 other records, 1 with"],
        ),
        ({"fold": np.arange(40) % 2}, ["chosen on the other folds; tables have their"]),
        ({"operating_points": [0.5]}, ["given as numbers: unknown. Rates at a"]),
        (
            {"operating_points": [0.5], "y_pred": np.arange(40) % 2}
            | {"thresholds_from": "fold 9"},
            ["given as numbers: fold 9.", "estimator's own decisions: unknown."],
        ),
        (
            {"y_pred": np.arange(40) % 2, "thresholds_from": "fold 9"},
            ["Origin of the threshold of the estimator's own decisions: fold 9."],
        ),
        (
            {"y_val": [0, 1], "y_score_val": [0, 1], "y_pred": np.arange(40) % 2},
            ["chosen on 2 other records", "the estimator's own decisions: unknown."],
        ),
        (
            {"y_val": [0, 1], "y_score_val": [0, 1], "operating_points": [0.5]},
            ["given as numbers: unknown"],
        ),
    ],
    ids=str,
)
def test_page_states_where_thresholds_come_from_as_far_as_is_known(
    options, expected, monkeypatch
):
    pytest.importorskip("jinja2")
    # Drawing takes most of the time.
    monkeypatch.setattr("skecg.evaluation._page._pictures", lambda report: {})
    y, score = _table(20, 15, 20, 5)
    report = LVHReport.from_predictions(y, score, n_bootstrap=5, **options)
    page = html.unescape(report.to_html())
    assert all(text in page for text in expected)
    said = re.findall(r"Thresholds were chosen|Origin of", page)
    assert len(said) == len(expected)


def test_records_of_one_class_choose_no_threshold():
    y, score = _table(20, 15, 20, 5)
    with pytest.raises(ValueError, match=r"of both classes, but \d+ of 20"):
        LVHReport.from_predictions(y, score, fold=y, operating_points=["youden"])
