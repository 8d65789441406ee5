"""Every entry refuses an argument out of its range, and names it."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import roc_auc_score

from skecg import (
    DecisionCurveDisplay,
    LVHReport,
    PrecisionRecallBandDisplay,
    ReliabilityDisplay,
    RocBandDisplay,
    check_leakage,
    evaluate_lvh,
    patient_bootstrap,
)
from skecg.metrics import calibration_slope, delong_test, patient_weights

pytest.importorskip("matplotlib")

Y, P = np.tile([0, 1], 20), np.tile([0.3, 0.6], 20)
X = np.zeros((40, 2))
MODEL = DummyClassifier().fit(X, Y)


def _evaluate(**options):
    return evaluate_lvh(MODEL, X, Y, criteria=(), **options)


def _bootstrap(n_bootstrap=20, **options):
    return patient_bootstrap(roc_auc_score, Y, P, n_resamples=n_bootstrap, **options)


def _of_predictions(entry):
    return lambda **options: entry.from_predictions(Y, P, **options)


DISPLAYS = [
    RocBandDisplay,
    PrecisionRecallBandDisplay,
    ReliabilityDisplay,
    DecisionCurveDisplay,
]
ENTRIES = {
    "evaluate_lvh": _evaluate,
    "patient_bootstrap": _bootstrap,
    **{c.__name__: _of_predictions(c) for c in (LVHReport, *DISPLAYS)},
}


@pytest.mark.parametrize(
    "options",
    [
        {"confidence_level": 95},
        {"confidence_level": 0},
        {"confidence_level": np.nan},
        {"n_bootstrap": 0},
        {"n_bootstrap": 10.5},
        {"n_bootstrap": None},
        {"random_state": "zero"},
    ],
    ids=str,
)
@pytest.mark.parametrize("entry", ENTRIES)
def test_options_of_the_bootstrap_have_one_rule_everywhere(entry, options):
    (name,) = options
    with pytest.raises(ValueError, match=rf"'(n_resamples|{name})' parameter .* Got"):
        ENTRIES[entry](**options)


@pytest.mark.parametrize("entry", ENTRIES)
def test_missing_patients_are_refused_everywhere(entry):
    groups = np.where(np.arange(40) < 30, np.nan, np.arange(40))
    with pytest.raises(ValueError, match="missing patients"):
        ENTRIES[entry](groups=groups)


def test_missing_patients_are_refused_by_leakage_delong_and_weights():
    groups = np.full(40, np.nan)
    for call in (
        lambda: check_leakage(X, X, groups_train=groups, groups_test=np.arange(40)),
        lambda: delong_test(Y, P, P, groups),
        lambda: patient_weights(groups, 10),
    ):
        with pytest.raises(ValueError, match="missing patients"):
            call()


@pytest.mark.parametrize("entry", [name for name in ENTRIES if "_" not in name])
def test_text_labels_need_a_positive_label_everywhere(entry):
    labels = np.where(Y == 1, "LVH", "Normal")
    draw = {c.__name__: c for c in (LVHReport, *DISPLAYS)}[entry].from_predictions
    with pytest.raises(ValueError, match="Give positive_label='LVH'"):
        draw(labels, P, n_bootstrap=5)
    drawn = draw(labels, P, n_bootstrap=5, positive_label="LVH")
    if entry == "RocBandDisplay":
        assert drawn.roc_auc[0] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y_val": Y}, "y_val and y_score_val belong together"),
        ({"y_score_val": P}, "y_val and y_score_val belong together"),
        ({"age": [1956] * 40}, "age must be years from 0 to 120"),
        ({"fold": [0, 1]}, "fold has 2 values, but there are 40 records"),
        ({"prevalences": [5]}, r"prevalences must be above 0 and below 1, got \[5\]"),
        ({"operating_points": [np.nan]}, "An operating point must be"),
        ({"subgroups": ["a"]}, "subgroups must be a dict of variable"),
        ({"conduction": ["no"] * 40}, r"conduction must be .*'no'"),
        ({"conduction": np.full(40, np.nan)}, r"conduction must be .*nan"),
        ({"positive_label": 2}, r"one of the classes of y_true, \[0, 1\], but got 2"),
        ({"fs": -1}, "'fs' parameter of from_predictions"),
    ],
    ids=str,
)
def test_arguments_of_the_report_are_named(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        LVHReport.from_predictions(Y, P, n_bootstrap=5, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cv": 1}, "'cv' parameter of evaluate_lvh"),
        ({"on_leakage": "stop"}, "'on_leakage' parameter of evaluate_lvh"),
        ({"X_val": X}, "X_val and y_val belong together"),
        ({"positive_label": "LVH"}, r"one of the classes of y, \[0, 1\], but got"),
    ],
    ids=str,
)
def test_arguments_of_evaluate_lvh_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        _evaluate(**options)


@pytest.mark.parametrize("options", [{"n_bins": 0}, {"strategy": "width"}], ids=str)
def test_arguments_of_the_bins_are_named(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"'{name}' parameter of from_predictions"):
        ReliabilityDisplay.from_predictions(Y, P, n_bootstrap=5, **options)


def test_an_unknown_option_of_a_display_is_a_type_error():
    with pytest.raises(TypeError, match="n_bins"):
        RocBandDisplay.from_predictions(Y, P, n_bins=5)


def test_labels_other_than_booleans_do_not_reach_the_mathematics():
    with pytest.raises(ValueError, match=r"y_true must be True or 1 .*'LVH', 'Normal'"):
        calibration_slope(["LVH", "Normal"], [0.2, 0.8])
    with pytest.raises(ValueError, match="one number from 0 to 1 for each record"):
        calibration_slope([0, 1], [0.2, 1.8])
