"""The reliability diagram: observed shares by predicted probability."""

from dataclasses import dataclass

import numpy as np

from skecg.metrics import FEW_RECORDS, check_arguments, weighted_mean
from skecg.plotting._journal import (
    GREY,
    MODEL,
    ONE_COLUMN,
    draw_hollow,
    draw_legend,
    drawing_on,
)
from skecg.plotting._score_display import ScoreDisplay, require_probabilities

_N_BARS = 20


@dataclass(kw_only=True, eq=False, repr=False)
class ReliabilityDisplay(ScoreDisplay):  # numpydoc ignore=PR02
    """Observed share with LVH by predicted probability, above a histogram.

    It is recommended to use :meth:`from_estimator`, :meth:`from_predictions` or
    :meth:`from_report`. All parameters are stored as attributes.

    Parameters
    ----------
    predicted : ndarray of shape (n_bins,)
        Mean predicted probability of the records of each bin.
    found : ndarray of shape (n_bins,)
        Share of them with LVH.
    interval : tuple of ndarray of shape (n_bins,), default=None
        Low and high end of that share.
    counts : ndarray of shape (n_bins,), default=None
        Number of records of each bin.
    probabilities : tuple of ndarray, default=None
        Predicted probabilities of the records without and with LVH, for the histogram.
    calibration : tuple of float, default=None
        Calibration intercept and slope, to be written beside the curve.
    name : str, default="Model"
        Name of the curve.
    confidence_level : float, default=0.95
        Of the intervals.

    Attributes
    ----------
    ax_, figure_ : matplotlib.axes.Axes, matplotlib.figure.Figure
        Axes and figure, after `plot`; a new one is `figure_size` inches large.
    line_, bars_, reference_ : matplotlib artist
        The curve, its intervals and the diagonal, after `plot`; None if not drawn.
    histogram_ax_ : matplotlib.axes.Axes or None
        The axes of the histogram, below the others, after `plot`.

    See Also
    --------
    DecisionCurveDisplay : Net benefit of deciding by the probabilities.
    sklearn.calibration.CalibrationDisplay : The curve without intervals.
    sklearn.calibration.CalibratedClassifierCV : Calibrates probabilities.

    Notes
    -----
    A point above the diagonal means that probabilities are too low. Intervals are
    percentiles of a bootstrap of whole patients, with fixed bins; bins of fewer than 10
    records are hollow, as their intervals are too short. The histogram has a
    logarithmic scale. Two options of `from_predictions`, `from_estimator` and
    `from_report` choose the bins: ``n_bins=10``, and ``strategy="uniform"`` for bins of
    one width or ``"quantile"`` for about as many records each. Bins without records are
    omitted.

    Examples
    --------
    >>> from skecg import ReliabilityDisplay
    >>> y = np.repeat([0, 1, 0, 1], [80, 20, 10, 40])
    >>> probability = np.repeat([0.2, 0.6], [100, 50])
    >>> display = ReliabilityDisplay.from_predictions(y, probability, n_bootstrap=100)
    >>> display.predicted.round(2).tolist(), display.found.tolist()
    ([0.2, 0.6], [0.2, 0.8])
    """

    figure_size = (ONE_COLUMN, 1.3 * ONE_COLUMN)

    predicted: np.ndarray
    found: np.ndarray
    interval: tuple | None = None
    counts: np.ndarray | None = None
    probabilities: tuple | None = None
    calibration: tuple | None = None
    name: str = "Model"
    confidence_level: float = 0.95

    @classmethod
    def _compute(cls, records, *, n_bins=10, strategy="uniform", calibration=None):
        """Return the share with LVH of the records of each bin."""
        check_arguments("from_predictions", n_bins=n_bins, strategy=strategy)
        require_probabilities(records, "A reliability diagram")
        y, p = records.y_true, records.y_score
        member = bin_membership(p, n_bins, strategy)

        # The bins stay those of all records: with quantiles of each sample the interval
        # would mix the bin's place with its share.
        def shares(weights):
            with_lvh = weighted_mean(member * y[:, np.newaxis], weights)
            share = weighted_mean(member, weights)
            # A bin without records in a bootstrap sample has no share there.
            undefined = np.full(share.shape, np.nan)
            return np.divide(with_lvh, share, out=undefined, where=share > 0)

        found, low, high = records.over_patients(shares)
        counts = member.sum(axis=0)
        return {
            "predicted": p.astype(np.float64) @ member / counts,
            "found": found,
            "interval": (low, high),
            "counts": counts,
            "probabilities": (p[~y], p[y]),
            "calibration": calibration,
        }

    @classmethod
    def _of_report(cls, report):
        """Return calibration intercept and slope."""
        summary = {row["metric"]: row["estimate"] for row in report.tables["summary"]}
        names = ("calibration_intercept", "calibration_slope")
        return {"calibration": tuple(summary.get(name, np.nan) for name in names)}

    def plot(self, ax=None, *, color=MODEL, plot_reference=True, plot_histogram=True):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on; the histogram is below them. None makes a new figure of
            85 mm, one journal column.
        color : color, default="#0072B2"
            Colour of the curve.
        plot_reference : bool, default=True
            Whether to draw the diagonal.
        plot_histogram : bool, default=True
            Whether to draw the histogram, if the probabilities are known.

        Returns
        -------
        self : ReliabilityDisplay
            The drawn display.
        """
        with drawing_on(ax, self) as ax:
            self.reference_ = None
            if plot_reference:
                (self.reference_,) = ax.plot(
                    [0, 1], [0, 1], ":", color=GREY, label="Perfectly calibrated"
                )
            self._draw_curve(ax, color)
            ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
            ax.set(xlabel="Predicted probability", ylabel="Share with LVH")
            draw_legend(ax, "best")
            self.histogram_ax_ = None
            if plot_histogram and self.probabilities is not None:
                self.histogram_ax_ = self._draw_histogram(ax, color)
        return self

    def _draw_curve(self, ax, color):
        """Draw the points, hollow where they are of few records, and the intervals."""
        label = self.name
        if self.calibration is not None and np.isfinite(self.calibration).all():
            intercept, slope = self.calibration
            label += f"\nintercept {intercept:.2f}, slope {slope:.2f}"
        (self.line_,) = ax.plot(
            self.predicted, self.found, "-", color=color, label=label, marker="s", ms=4
        )
        self.bars_ = None
        if self.interval is not None:
            label = f"{100 * self.confidence_level:g} % over patients"
            self.bars_ = ax.vlines(
                self.predicted, *self.interval, color=color, linewidth=1, label=label
            )
        if self.counts is not None and (few := self.counts < FEW_RECORDS).any():
            line = draw_hollow(ax, self.predicted[few], self.found[few], color)
            line.set_label(f"Fewer than {FEW_RECORDS} records")

    def _draw_histogram(self, ax, color):
        """Count the records by probability, with and without LVH, below the curve."""
        below = ax.inset_axes([0, -0.3, 1, 0.24], sharex=ax)
        ax.set_xlabel("")
        ax.tick_params(labelbottom=False)
        edges = np.linspace(0, 1, _N_BARS + 1)
        without, with_lvh = self.probabilities
        below.hist(without, edges, color="0.8", label="no LVH")
        below.hist(
            with_lvh, edges, histtype="step", color=color, linewidth=1.2, label="LVH"
        )
        below.set(yscale="log", xlabel="Predicted probability", ylabel="Records")
        below.legend(loc="upper right", frameon=False, ncols=2)
        # A logarithmic scale has no 0, and a single record must show: from 0.7 on. The
        # legend needs the space above.
        low, high = below.get_ylim()
        below.set_ylim(0.7, high * (high / low) ** 0.4)
        return below


def bin_membership(probability, n_bins, strategy):
    """Return 1 where a record is in a bin, else 0, without empty bins."""
    edges = np.linspace(0, 1, n_bins + 1)
    if strategy == "quantile":
        edges = np.quantile(probability, edges)
    # As in scikit-learn's calibration_curve, a bin holds its upper edge.
    of = np.searchsorted(edges[1:-1], probability, side="left")
    member = of[:, np.newaxis] == np.arange(n_bins)
    return member[:, member.any(axis=0)].astype(np.float64)
