import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGFilter,
    LVHCNNClassifier,
    LVHLSTMClassifier,
    TrainingHistoryDisplay,
    make_lvh_ecg,
)
from skecg.preprocessing import ECGScaler

HISTORY = {
    "accuracy": [0.60, 0.70, 0.80, 0.90],
    "auc": [0.65, 0.75, 0.85, 0.95],
    "loss": [0.70, 0.50, 0.30, 0.20],
    "val_accuracy": [0.62, 0.72, 0.75, 0.74],
    "val_auc": [0.66, 0.76, 0.80, 0.82],
    "val_loss": [0.68, 0.48, 0.52, 0.60],
}


class WithHistory(ClassifierMixin, BaseEstimator):
    """Classifier that learns the classes and a history, as the networks do."""

    def __init__(self, monitor="val_loss", early_stopping=True):
        self.monitor = monitor
        self.early_stopping = early_stopping

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.history_ = HISTORY
        return self

    def predict_proba(self, X):
        positive = 1 / (1 + np.exp(-np.std(X, axis=(1, 2))))
        return np.column_stack([1 - positive, positive])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.fixture(scope="module")
def records():
    return make_lvh_ecg(40, fs=100, duration=2, random_state=0, return_X_y=True)


def test_each_line_is_its_history_over_epochs_from_one():
    display = TrainingHistoryDisplay(HISTORY).plot()
    assert set(display.lines_) == set(HISTORY)
    for key, line in display.lines_.items():
        assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
        assert_array_equal(line.get_ydata(), HISTORY[key])


def test_one_labelled_panel_for_each_metric_with_the_loss_first():
    display = TrainingHistoryDisplay(HISTORY).plot()
    assert [a.get_ylabel() for a in display.axes_] == ["Loss", "AUROC", "Accuracy"]
    assert {a.get_xlabel() for a in display.axes_} == {"Epoch"}
    for metric, panel in zip(display.metrics, display.axes_, strict=True):
        assert display.lines_[metric].axes is panel
        assert display.lines_[f"val_{metric}"].axes is panel


def test_metrics_chooses_the_panels_and_their_order():
    display = TrainingHistoryDisplay(HISTORY, metrics=["auc", "loss"]).plot()
    assert [a.get_ylabel() for a in display.axes_] == ["AUROC", "Loss"]
    assert set(display.lines_) == {"auc", "val_auc", "loss", "val_loss"}


def test_unknown_metric_gets_a_readable_label():
    display = TrainingHistoryDisplay({"learning_rate": [1e-3, 1e-4]}).plot()
    assert display.axes_[0].get_ylabel() == "Learning rate"


@pytest.mark.parametrize("n_epochs", [1, 2, 7, 100])
def test_epochs_are_ticked_at_whole_numbers_within_the_training(n_epochs):
    display = TrainingHistoryDisplay({"loss": np.linspace(1, 0, n_epochs)}).plot()
    display.figure_.canvas.draw()
    low, high = display.axes_[0].get_xlim()
    ticks = display.axes_[0].get_xticks()
    ticks = ticks[(ticks >= low) & (ticks <= high)]
    assert len(ticks) >= 1
    assert_array_equal(ticks, np.round(ticks))
    assert ticks.min() >= 1
    assert ticks.max() <= n_epochs


@pytest.mark.parametrize(
    ("monitor", "best"), [("val_loss", 2), ("val_accuracy", 3), ("val_auc", 4)]
)
def test_best_epoch_is_the_lowest_loss_or_the_highest_score(monitor, best):
    display = TrainingHistoryDisplay(HISTORY, monitor=monitor).plot()
    assert display.best_epoch == best
    for metric, panel in zip(display.metrics, display.axes_, strict=True):
        (mark,) = (m for m in panel.lines if m.get_marker() == "o")
        assert mark.get_xdata() == [best]
        assert mark.get_ydata() == [HISTORY[f"val_{metric}"][best - 1]]


def test_of_equal_epochs_the_first_is_best_as_early_stopping_keeps_it():
    history = {"val_loss": [0.9, 0.4, 0.4]}
    assert TrainingHistoryDisplay(history).best_epoch == 2


def test_epochs_without_a_finite_loss_are_never_best():
    history = {"val_loss": [math.nan, 0.5, math.nan]}
    assert TrainingHistoryDisplay(history).best_epoch == 2
    assert TrainingHistoryDisplay({"val_loss": [math.nan]}).plot().best_epoch is None


def test_nothing_is_marked_without_validation():
    display = TrainingHistoryDisplay({"loss": [0.7, 0.5], "auc": [0.5, 0.6]}).plot()
    assert display.best_epoch is None
    assert [len(panel.lines) for panel in display.axes_] == [1, 1]


@pytest.mark.parametrize(
    ("early_stopping", "entry"),
    [(True, "Epoch 2: weights kept"), (False, "Epoch 2: best validation loss")],
)
def test_legend_says_whether_the_best_epoch_was_kept(early_stopping, entry):
    classifier = WithHistory(early_stopping=early_stopping).fit(None, [0, 1])
    display = TrainingHistoryDisplay.from_estimator(classifier)
    (legend,) = display.figure_.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["Training", "Validation", entry]


def test_training_and_validation_differ_without_colour():
    display = TrainingHistoryDisplay(HISTORY).plot()
    styles = {display.lines_[k].get_linestyle() for k in ("loss", "val_loss")}
    assert len(styles) == 2


@pytest.mark.parametrize(("metrics", "width"), [(["loss"], 3.5), (None, 7.0)])
def test_new_figure_has_the_width_of_one_or_two_journal_columns(metrics, width):
    display = TrainingHistoryDisplay(HISTORY, metrics=metrics).plot()
    assert display.figure_.get_figwidth() == width


def test_axes_of_the_caller_are_drawn_on(pyplot):
    figure, axes = pyplot.subplots(1, 2)
    display = TrainingHistoryDisplay(HISTORY, metrics=["loss", "auc"]).plot(axes)
    assert display.figure_ is figure
    assert list(display.axes_) == list(axes)
    single = pyplot.figure().add_subplot()
    assert TrainingHistoryDisplay({"loss": [1.0]}).plot(single).axes_[0] is single


def test_too_few_axes_are_an_error(pyplot):
    axes = pyplot.figure().add_subplot()
    with pytest.raises(ValueError, match=r"each of the 3 metrics.* but got 1; choose"):
        TrainingHistoryDisplay(HISTORY).plot(axes)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda e: e,
        lambda e: make_pipeline(ECGScaler(), e),
        lambda e: make_pipeline(ECGScaler(), make_pipeline(ECGScaler(), e)),
        lambda e: GridSearchCV(make_pipeline(e), {"withhistory__monitor": ["val_auc"]}),
        lambda e: make_pipeline(TunedThresholdClassifierCV(e)),
    ],
)
def test_history_is_found_inside_pipelines_searches_and_tuners(wrap, records):
    display = TrainingHistoryDisplay.from_estimator(wrap(WithHistory()).fit(*records))
    assert display.history is HISTORY


def test_monitor_of_the_classifier_chooses_the_best_epoch():
    classifier = WithHistory(monitor="val_auc").fit(None, [0, 1])
    assert TrainingHistoryDisplay.from_estimator(classifier).best_epoch == 4


def test_fitted_network_is_drawn_with_what_early_stopping_watched(records):
    classifier = LVHCNNClassifier(
        filters=(4,),
        kernel_sizes=3,
        epochs=3,
        early_stopping=True,
        validation_fraction=0.25,
        monitor="val_auc",
        random_state=0,
    )
    pipeline = make_pipeline(ECGScaler(), classifier).fit(*records)
    display = TrainingHistoryDisplay.from_estimator(pipeline)
    assert display.kept
    scores = classifier.history_["val_auc"]
    assert display.best_epoch == 1 + scores.index(max(scores))
    assert_array_equal(display.lines_["val_auc"].get_ydata(), scores)


@pytest.mark.parametrize(
    "estimator",
    [
        LVHCNNClassifier(),
        make_pipeline(ECGFilter(), LVHLSTMClassifier()),
        GridSearchCV(LVHCNNClassifier(), {"epochs": [1]}),
    ],
)
def test_unfitted_estimator_is_an_error(estimator):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        TrainingHistoryDisplay.from_estimator(estimator)


def test_estimator_without_a_history_is_an_error():
    pipeline = make_pipeline(LogisticRegression()).fit([[0], [1]], [0, 1])
    with pytest.raises(TypeError, match="LogisticRegression has no training history"):
        TrainingHistoryDisplay.from_estimator(pipeline)


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ({}, r"the same number of epochs, at least one, but got the numbers \{\}"),
        ({"loss": []}, r"but got the numbers \{'loss': 0\}"),
        ({"loss": [1.0], "auc": [0.5, 0.6]}, r"\{'loss': 1, 'auc': 2\}"),
    ],
)
def test_history_of_no_or_unequal_length_is_an_error(history, message):
    with pytest.raises(ValueError, match=message):
        TrainingHistoryDisplay(history)


@pytest.mark.parametrize("metrics", [["loss", "f1"], "f1", []])
def test_metric_that_is_not_in_the_history_is_an_error(metrics):
    with pytest.raises(ValueError, match=r"\['accuracy', 'auc', 'loss'\], but not"):
        TrainingHistoryDisplay(HISTORY, metrics=metrics)
