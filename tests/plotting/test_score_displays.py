"""ROC, precision-recall, reliability and decision curve, by known answers."""

import sys
from copy import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from skecg import (
    DecisionCurveDisplay,
    LVHReport,
    PrecisionRecallBandDisplay,
    ReliabilityDisplay,
    RocBandDisplay,
    make_lvh_ecg,
    patient_bootstrap,
)
from skecg.metrics import patient_weights
from skecg.plotting._precision_recall_band import RECALLS
from skecg.plotting._roc_band import FALSE_RATES

DISPLAYS = [
    RocBandDisplay,
    PrecisionRecallBandDisplay,
    ReliabilityDisplay,
    DecisionCurveDisplay,
]
each_display = pytest.mark.parametrize("display", DISPLAYS, ids=lambda d: d.__name__)


@pytest.fixture(scope="module")
def cohort():
    """Probabilities of 300 records of 120 patients, one in five with LVH."""
    rng = np.random.default_rng(0)
    groups = np.sort(rng.integers(0, 120, 300))
    y = (rng.random(120) < 0.2)[groups].astype(int)
    odds = -2 + 3 * y + rng.normal(0, 1, 120)[groups] + rng.normal(0, 0.3, 300)
    return {"y_true": y, "y_score": 1 / (1 + np.exp(-odds)), "groups": groups}


@pytest.fixture(scope="module")
def report(cohort):
    return LVHReport.from_predictions(**cohort, n_bootstrap=80)


def _ends(drawn):
    """Low and high ends of a display's intervals."""
    ends = drawn.interval if isinstance(drawn, ReliabilityDisplay) else drawn.band[1:]
    return np.array(ends)


def _with_criteria(report, rows):
    """The report with a table of criteria."""
    changed = copy(report)
    changed.tables = report.tables | {"criteria": rows}
    return changed


def _drawn(display, cohort, **options):
    return display.from_predictions(**cohort, **({"n_bootstrap": 80} | options))


def test_roc_line_and_area_are_scikit_learns_with_the_interval_of_patients(cohort):
    display = _drawn(RocBandDisplay, cohort)
    fpr, tpr, _ = roc_curve(cohort["y_true"], cohort["y_score"])
    assert_array_equal(display.line_.get_xdata(), fpr)
    assert_array_equal(display.line_.get_ydata(), tpr)
    expected = patient_bootstrap(roc_auc_score, *cohort.values(), n_resamples=80)
    assert display.roc_auc == pytest.approx(expected)
    low, high = (f"{value:.3f}" for value in expected[1:])
    assert display.line_.get_label().endswith(f"({low} to {high})")


def test_precision_recall_line_and_area_are_scikit_learns(cohort):
    display = _drawn(PrecisionRecallBandDisplay, cohort)
    precision, recall, _ = precision_recall_curve(cohort["y_true"], cohort["y_score"])
    assert_array_equal(display.line_.get_xdata(), recall)
    assert_array_equal(display.line_.get_ydata(), precision)
    assert display.average_precision == pytest.approx(
        patient_bootstrap(average_precision_score, *cohort.values(), n_resamples=80)
    )
    assert display.prevalence == cohort["y_true"].mean()
    assert set(display.chance_level_.get_ydata()) == {display.prevalence}


def _sensitivity_at(x, fpr, tpr):
    """Walk along the curve: its upper end at x, else a straight line to the next."""
    before = np.flatnonzero(fpr <= x + 1e-12)[-1]
    if fpr[before] >= x - 1e-12:
        return tpr[before]
    share = (x - fpr[before]) / (fpr[before + 1] - fpr[before])
    return tpr[before] + share * (tpr[before + 1] - tpr[before])


def test_roc_band_holds_percentiles_of_the_sensitivity_at_each_specificity(cohort):
    y, score, groups = cohort.values()
    draws = []
    for weight in patient_weights(groups, 80):
        fpr, tpr, _ = roc_curve(y, score, sample_weight=weight, drop_intermediate=False)
        draws.append([_sensitivity_at(x, fpr, tpr) for x in FALSE_RATES])
    x, low, high = _drawn(RocBandDisplay, cohort).band
    assert_array_equal(x, FALSE_RATES)
    assert_allclose([low, high], np.quantile(draws, [0.025, 0.975], axis=0), atol=1e-9)


def test_precision_band_holds_percentiles_at_the_first_threshold_with_the_recall(
    cohort,
):
    y, score, groups = cohort.values()
    draws = []
    for weight in patient_weights(groups, 80):
        precision, recall, _ = precision_recall_curve(y, score, sample_weight=weight)
        reached = [np.flatnonzero(recall >= r - 1e-12)[-1] for r in RECALLS]
        draws.append(precision[reached])
    x, low, high = _drawn(PrecisionRecallBandDisplay, cohort).band
    assert_array_equal(x, RECALLS)
    assert_allclose([low, high], np.quantile(draws, [0.025, 0.975], axis=0), atol=1e-9)


@pytest.mark.parametrize(
    ("score", "sensitivity"), [([0.1, 0.9], 1.0), ([0.5, 0.5], FALSE_RATES)]
)
def test_roc_band_of_a_perfect_score_is_1_and_that_of_a_blind_one_chance(
    score, sensitivity
):
    y = np.tile([0, 1], 20)
    _, low, high = RocBandDisplay.from_predictions(
        y, np.tile(score, 20), n_bootstrap=50
    ).band
    assert_allclose(low, np.broadcast_to(sensitivity, low.shape), atol=1e-12)
    assert_allclose(high, low, atol=1e-12)


def test_precision_band_of_a_blind_score_is_the_prevalence_with_its_interval():
    y = np.repeat([0, 1], [30, 10])
    _, low, high = PrecisionRecallBandDisplay.from_predictions(
        y, np.full(40, 0.5), n_bootstrap=60
    ).band
    prevalence = patient_weights(np.arange(40), 60) @ y / 40
    assert_allclose(low, np.quantile(prevalence, 0.025))
    assert_allclose(high, np.quantile(prevalence, 0.975))


@each_display
def test_records_given_twice_of_the_same_patients_leave_every_interval(display, cohort):
    twice = {name: np.tile(values, 2) for name, values in cohort.items()}
    once, again = _drawn(display, cohort), _drawn(display, twice)
    assert_allclose(_ends(again), _ends(once), atol=1e-9)
    blind = _drawn(display, twice | {"groups": None})
    width = [np.ptp(_ends(drawn), axis=0).sum() for drawn in (blind, once)]
    assert width[0] < 0.9 * width[1]


def test_reliability_finds_the_shares_of_known_bins_and_their_means():
    p = np.repeat([0.05, 0.15, 0.17, 0.95], [40, 10, 10, 8])
    y = np.zeros(68, int)
    y[[0, 1, 40, 41, 42, 50, 60, 61, 62, 63, 64, 65, 66, 67]] = 1
    display = ReliabilityDisplay.from_predictions(y, p, n_bootstrap=50)
    assert_allclose(display.predicted, [0.05, 0.16, 0.95])
    assert_allclose(display.found, [2 / 40, 4 / 20, 1.0])
    assert display.counts.tolist() == [40, 20, 8]
    low, high = display.interval
    assert (low <= display.found).all()
    assert (display.found <= high).all()
    hollow = [line for line in display.ax_.lines if line.get_mfc() == "white"]
    assert [line.get_xydata().tolist() for line in hollow] == [[[0.95, 1.0]]]


def test_reliability_bins_of_one_width_hold_their_upper_edge_and_quantiles_are_even():
    p = np.array([0.1, 0.2, 0.21, 0.3, 0.9, 1.0])
    y = np.array([0, 0, 1, 0, 1, 1])
    uniform = ReliabilityDisplay.from_predictions(y, p, n_bootstrap=20)
    assert uniform.counts.tolist() == [1, 1, 2, 1, 1]
    options = {"strategy": "quantile", "n_bins": 3, "n_bootstrap": 20}
    even = ReliabilityDisplay.from_predictions(y, p, **options)
    assert even.counts.tolist() == [2, 2, 2]
    assert_allclose(even.found, [0, 0.5, 1])


def test_histogram_counts_the_records_of_each_class(cohort):
    display = _drawn(ReliabilityDisplay, cohort)
    bars = [patch.get_height() for patch in display.histogram_ax_.patches[:20]]
    without = cohort["y_score"][cohort["y_true"] == 0]
    assert_array_equal(bars, np.histogram(without, 20, (0, 1))[0])
    assert display.histogram_ax_.get_yscale() == "log"


def test_net_benefit_follows_its_formula_and_treating_none_has_0(cohort):
    y, p = cohort["y_true"] == 1, cohort["y_score"]
    display = _drawn(DecisionCurveDisplay, cohort, thresholds=[0.05, 0.2, 0.75])
    odds = np.array([0.05 / 0.95, 0.25, 3.0])
    called = [p >= t for t in (0.05, 0.2, 0.75)]
    true = np.array([(c & y).mean() for c in called])
    false = np.array([(c & ~y).mean() for c in called])
    assert_allclose(display.line_.get_ydata(), true - odds * false)
    assert_allclose(
        display.treat_all_.get_ydata(), y.mean() - odds * (1 - y.mean()), atol=1e-12
    )
    assert set(display.treat_none_.get_ydata()) == {0}
    _, low, high = display.band
    assert (low <= display.net_benefit).all()
    assert (display.net_benefit <= high).all()


@each_display
def test_display_of_a_report_is_that_of_its_predictions(display, cohort, report):
    ours, theirs = display.from_report(report), _drawn(display, cohort)
    assert_allclose(_ends(ours), _ends(theirs), atol=1e-12)
    assert_allclose(ours.line_.get_xydata(), theirs.line_.get_xydata(), atol=1e-12)


def test_report_brings_its_calibration_and_its_criteria(cohort, report):
    slope = report.summary.loc["calibration_slope", "estimate"]
    label = ReliabilityDisplay.from_report(report).line_.get_label()
    assert f"slope {slope:.2f}" in label
    row = {"criterion_specificity": 0.9, "criterion_sensitivity": 0.4}
    table = [{"criterion": "cornell_voltage"} | row, {"criterion": "perugia"}]
    points = RocBandDisplay.from_report(_with_criteria(report, table)).points_
    assert list(points) == ["Cornell"]
    assert_allclose(points["Cornell"].get_xydata(), [[0.1, 0.4]])


def test_each_of_sixteen_criteria_has_a_point(report):
    rows = [
        {"criterion": f"c{k}", "criterion_specificity": 0.9, "criterion_sensitivity": 0}
        for k in range(16)
    ]
    display = RocBandDisplay.from_report(_with_criteria(report, rows))
    assert len(display.points_) == 16


class MeanVoltage(ClassifierMixin, BaseEstimator):
    """Classifier whose probability rises with the mean voltage of a record."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-20 * np.abs(np.asarray(X)).mean(axis=(1, 2)) + 4))
        return np.column_stack([1 - p, p])


@each_display
def test_patients_of_a_labelled_x_are_drawn_whole(display):
    pytest.importorskip("xarray")
    cohort = make_lvh_ecg(60, fs=100, duration=2, random_state=0, as_xarray=True)
    X, y = cohort.data, cohort.target
    model = MeanVoltage().fit(X, y)
    drawn = display.from_estimator(model, X, y, n_bootstrap=30, name="Mean voltage")
    expected = display.from_predictions(
        y, model.predict_proba(X)[:, 1], groups=cohort.groups, n_bootstrap=30
    )
    assert_array_equal(_ends(drawn), _ends(expected))
    assert drawn.line_.get_label().startswith("Mean voltage")


@each_display
def test_axes_of_the_caller_are_drawn_on_and_new_ones_are_a_column_wide(
    display, cohort, pyplot
):
    figure, ax = pyplot.subplots()
    drawn = _drawn(display, cohort, ax=ax)
    assert drawn.ax_ is ax
    assert drawn.figure_ is figure
    new = _drawn(display, cohort)
    assert new.figure_.get_figwidth() * 25.4 == pytest.approx(85)
    assert tuple(new.figure_.get_size_inches()) == pytest.approx(new.figure_size)
    assert new.ax_.xaxis.label.get_size() == 8
    assert pyplot.rcParams["font.size"] == 10


@each_display
def test_documented_attributes_are_there_after_plot(display, cohort):
    drawn = _drawn(display, cohort)
    pytest.importorskip("numpydoc", reason="numpydoc is of the extra 'lint'")
    from numpydoc.docscrape import NumpyDocString

    documented = NumpyDocString(display.__doc__)["Attributes"]
    names = {name for entry in documented for name in entry.name.split(", ")}
    assert {"ax_", "figure_", "line_"} <= names
    for entry in documented:
        for name in entry.name.split(", "):
            assert getattr(drawn, name) is not None, name


@each_display
def test_nothing_is_drawn_outside_the_figure(display, cohort):
    figure = _drawn(display, cohort).figure_
    figure.canvas.draw()
    inked = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert inked.x0 >= -0.01
    assert inked.y0 >= -0.01
    assert inked.x1 <= width + 0.01
    assert inked.y1 <= height + 0.01


def test_two_models_on_one_axes_have_two_curves_and_one_line_of_chance(cohort):
    first = _drawn(RocBandDisplay, cohort, name="LSTM")
    other = cohort | {"y_score": 1 - cohort["y_score"]}
    second = _drawn(RocBandDisplay, other, name="CNN")
    n_lines = len(first.ax_.lines)
    second.plot(first.ax_, color="#D55E00", plot_chance_level=False)
    assert len(first.ax_.lines) == n_lines + 1
    labels = [text.get_text() for text in first.ax_.get_legend().get_texts()]
    assert [label.split("\n")[0] for label in labels] == [
        "LSTM",
        "95 % over patients",
        "CNN",
    ]
    assert second.line_.get_color() == "#D55E00"


@pytest.mark.parametrize("display", [ReliabilityDisplay, DecisionCurveDisplay])
def test_scores_that_are_no_probabilities_are_refused(display, cohort):
    with pytest.raises(ValueError, match=r"needs probabilities, but was given"):
        _drawn(display, cohort | {"y_score": 3 * cohort["y_score"]})


def test_a_report_without_probabilities_has_no_decision_curve(cohort):
    scores = cohort | {"y_score": 3 * cohort["y_score"]}
    report = LVHReport.from_predictions(**scores, n_bootstrap=10)
    with pytest.raises(ValueError, match="A decision curve needs probabilities"):
        DecisionCurveDisplay.from_report(report)


@pytest.mark.parametrize(
    ("display", "change", "message"),
    [
        (RocBandDisplay, {"y_true": np.zeros(300)}, "must have two classes, got 1"),
        (RocBandDisplay, {"groups": [1, 2]}, "has 2 values, but there are 300"),
        (ReliabilityDisplay, {"strategy": "width"}, "'strategy' .* Got 'width'"),
        (DecisionCurveDisplay, {"thresholds": [0.2, 1]}, r"got \[0.2, 1.0\]"),
    ],
)
def test_what_does_not_fit_is_named(display, change, message, cohort):
    with pytest.raises(ValueError, match=message):
        _drawn(display, cohort | change)


def test_an_estimator_without_scores_is_named(cohort):
    with pytest.raises(TypeError, match="ClassifierMixin has neither"):
        RocBandDisplay.from_estimator(ClassifierMixin(), [[0.0]], [0])


def test_without_matplotlib_one_sentence_says_what_to_install(cohort, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"RocBandDisplay.plot needs matplotlib; ins"):
        _drawn(RocBandDisplay, cohort)
