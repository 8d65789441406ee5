"""A network's loss and scores by epoch."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skecg.plotting._journal import GREY, JOURNAL_STYLE, MODEL, OTHER, legend_entries
from skecg.utils import import_optional

_LABELS = {"loss": "Loss", "auc": "AUROC", "accuracy": "Accuracy"}
_HIGHER_IS_BETTER = ("auc", "accuracy")
# The dashes are distinct in grey too.
_STYLES = {
    "": {"color": MODEL, "linestyle": "--", "label": "Training"},
    "val_": {"color": OTHER, "linestyle": "-", "label": "Validation"},
}


class TrainingHistoryDisplay:
    """Training history of a network, one panel for each metric.

    It is recommended to use :meth:`from_estimator`. All parameters are stored as
    attributes.

    Parameters
    ----------
    history : dict of str to list of float
        Value of each metric at the end of each epoch, such as ``"loss"``, ``"auc"``
        and ``"accuracy"``; with the prefix ``val_`` on the validation records.
    metrics : sequence of str, default=None
        Metrics to draw, without prefix. None means all of `history`, the loss first.
    monitor : str, default="val_loss"
        Metric by which the best epoch is chosen. Where `history` lacks it, none is
        marked.
    kept : bool, default=False
        Whether the network has the weights of the best epoch, as after early stopping.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.
    axes_ : ndarray of matplotlib.axes.Axes of shape (n_metrics,)
        One panel for each metric, after `plot`.
    lines_ : dict of str to matplotlib.lines.Line2D
        The line of each key of `history` that is drawn, after `plot`.

    Raises
    ------
    ValueError
        If `history` is empty or its lists differ in length, or lacks a metric.

    Notes
    -----
    Keras averages a training value over the batches of the epoch, while the weights
    change and dropout is on; it measures the validation value after the epoch. So
    validation may look the better of the two early on. The training loss is weighted
    by ``class_weight`` and ``sample_weight``, the validation loss is not.

    Examples
    --------
    >>> from skecg import TrainingHistoryDisplay
    >>> history = {"loss": [0.7, 0.5, 0.3], "val_loss": [0.6, 0.4, 0.5]}
    >>> TrainingHistoryDisplay(history).best_epoch
    2
    >>> TrainingHistoryDisplay(history, metrics=["auc"])
    Traceback (most recent call last):
    ...
    ValueError: history has the metrics ['loss'], but not ['auc']; choose metrics out of these.
    """  # noqa: E501

    def __init__(self, history, *, metrics=None, monitor="val_loss", kept=False):
        self.history = _check_history(history)
        self.metrics = _choose_metrics(history, metrics)
        self.monitor = monitor
        self.kept = kept

    @classmethod
    def from_estimator(cls, estimator, *, metrics=None, axes=None):
        """Draw the history of a fitted classifier.

        Parameters
        ----------
        estimator : estimator
            A fitted network classifier, a pipeline that ends in one, or a search or a
            threshold tuner around it.
        metrics : sequence of str, default=None
            Metrics to draw, such as ``["loss", "auc"]``; None means all.
        axes : matplotlib.axes.Axes or array-like of them, default=None
            One for each metric. None makes a new figure.

        Returns
        -------
        TrainingHistoryDisplay
            The drawn display.

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If it has no training history.
        ValueError
            If a metric is not in the history, or `axes` are too few or too many.
        """
        network = _find_network(estimator)
        display = cls(
            network.history_,
            metrics=metrics,
            monitor=getattr(network, "monitor", "val_loss"),
            kept=bool(getattr(network, "early_stopping", False)),
        )
        return display.plot(axes)

    @property
    def best_epoch(self):
        """First epoch, counted from 1, with the best value of `monitor`, or None."""
        # The first best one: early stopping keeps it until another is better.
        values = np.asarray(self.history.get(self.monitor, []), dtype=float)
        if not np.isfinite(values).any():
            return None
        if self.monitor.endswith(_HIGHER_IS_BETTER):
            return int(np.nanargmax(values)) + 1
        return int(np.nanargmin(values)) + 1

    def plot(self, axes=None):
        """Draw the panels.

        Parameters
        ----------
        axes : matplotlib.axes.Axes or array-like of them, default=None
            One for each metric. None makes a new figure: 3.5 inches wide for one
            metric and 7 inches for more, as journals print them.

        Returns
        -------
        self : TrainingHistoryDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If `axes` are not as many as the metrics.
        """
        self.lines_ = {}
        if axes is not None:
            self.axes_ = self._check_axes(axes)
            self._draw_panels()
            self.axes_[0].legend(*legend_entries(*self.axes_))
            return self
        pyplot = import_optional(
            "matplotlib.pyplot", "plot", "TrainingHistoryDisplay.plot"
        )
        n_panels = len(self.metrics)
        n_columns = min(n_panels, 3)
        n_rows = -(-n_panels // n_columns)
        with pyplot.rc_context(JOURNAL_STYLE):
            figure = pyplot.figure(
                figsize=(3.5 if n_panels == 1 else 7, 2.4 * n_rows + 0.3),
                layout="constrained",
            )
            self.axes_ = np.array(
                [figure.add_subplot(n_rows, n_columns, k + 1) for k in range(n_panels)]
            )
            self._draw_panels()
            figure.legend(
                *legend_entries(*self.axes_),
                loc="outside upper center",
                ncols=3 if n_panels > 1 else 1,
                frameon=False,
                fontsize=JOURNAL_STYLE["font.size"],
            )
        return self

    def _check_axes(self, axes):
        """Return the caller's axes as an array, one for each metric."""
        axes = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
        if len(axes) != len(self.metrics):
            raise ValueError(
                f"axes must have one panel for each of the {len(self.metrics)} metrics "
                f"{self.metrics}, but got {len(axes)}; choose fewer with metrics=[...] "
                "or leave axes=None for a new figure."
            )
        return axes

    def _draw_panels(self):
        """Draw the panel of each metric."""
        self.figure_ = self.axes_[0].figure
        for metric, panel in zip(self.metrics, self.axes_, strict=True):
            self._draw_panel(metric, panel)

    def _draw_panel(self, metric, axes):
        """Draw the training and validation lines of one metric."""
        from matplotlib.ticker import MaxNLocator

        n_epochs = len(next(iter(self.history.values())))
        epochs = np.arange(1, n_epochs + 1)
        for prefix, style in _STYLES.items():
            if (key := prefix + metric) in self.history:
                (self.lines_[key],) = axes.plot(
                    epochs,
                    self.history[key],
                    linewidth=1.3,
                    marker="." if n_epochs <= 30 else None,
                    **style,
                )
        self._mark_best_epoch(metric, axes)
        axes.set_xlim(0.5, n_epochs + 0.5)
        locator = MaxNLocator(nbins=6, integer=True, min_n_ticks=1)
        axes.xaxis.set_major_locator(locator)
        axes.set(xlabel="Epoch", ylabel=_label(metric))
        axes.spines[["top", "right"]].set_visible(False)

    def _mark_best_epoch(self, metric, axes):
        """Mark the best epoch across the panel and on its validation line."""
        if (best := self.best_epoch) is None:
            return
        what = "weights kept" if self.kept else f"best {_label(self.monitor)}"
        style = {"color": GREY, "linewidth": 0.9, "linestyle": ":", "zorder": 1}
        axes.axvline(best, label=f"Epoch {best}: {what}", **style)
        if (values := self.history.get(f"val_{metric}")) is not None:
            axes.plot(best, values[best - 1], "ok", markersize=6, fillstyle="none")


def _find_network(estimator):
    """Return the fitted network classifier inside an estimator."""
    check_is_fitted(estimator)
    inner = estimator
    while inner is not None and not hasattr(inner, "history_"):
        estimator = inner
        if isinstance(estimator, Pipeline):
            inner = estimator.steps[-1][1]
        else:
            tuned = getattr(estimator, "estimator_", None)
            inner = getattr(estimator, "best_estimator_", tuned)
    if inner is None:
        raise TypeError(
            f"estimator={type(estimator).__name__} has no training history; give a "
            "fitted network, such as LVHCNNClassifier, or a search around one."
        )
    return inner


def _check_history(history):
    """Return the history if its lists are of one length above 0."""
    lengths = {key: len(values) for key, values in history.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise ValueError(
            "history must have metrics of the same number of epochs, at least one, "
            f"but got the numbers {lengths}; give the history_ of a fitted classifier."
        )
    return history


def _choose_metrics(history, metrics):
    """Return the metrics to draw, all of the history's unless named."""
    found = list(dict.fromkeys(key.removeprefix("val_") for key in history))
    if metrics is None:
        known = [metric for metric in _LABELS if metric in found]
        return known + [metric for metric in found if metric not in known]
    missing = [metric for metric in metrics if metric not in found]
    if missing or isinstance(metrics, str) or not len(metrics):
        raise ValueError(
            f"history has the metrics {found}, but not {missing or metrics!r}; choose "
            "metrics out of these."
        )
    return list(metrics)


def _label(metric):
    """Return a metric's name for a reader."""
    name = metric.removeprefix("val_")
    label = _LABELS.get(name, name.replace("_", " ").capitalize())
    if name == metric:
        return label
    return f"validation {label if label.isupper() else label.lower()}"
