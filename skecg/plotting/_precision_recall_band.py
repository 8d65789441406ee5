"""The precision-recall curve with a band over patients."""

import numpy as np
from sklearn.metrics import PrecisionRecallDisplay, precision_recall_curve

from skecg.plotting._journal import (
    GREY,
    MODEL,
    ONE_COLUMN,
    draw_band,
    draw_legend,
    drawing_on,
    with_interval,
)
from skecg.plotting._sample import FromEstimator, Sample, predictions_of_report
from skecg.utils import divide, weighted_average_precision, weighted_counts

RECALLS = np.linspace(0.005, 1, 200)
"""Where the band is computed."""


class PrecisionRecallBandDisplay(FromEstimator):
    """Precision-recall curve with a band over patients.

    It is recommended to use :meth:`from_estimator`, :meth:`from_predictions` or
    :meth:`from_report`. All parameters are stored as attributes.

    Parameters
    ----------
    precision : ndarray of shape (n_thresholds + 1,)
        Precision, the positive predictive value at the records' own prevalence.

    recall : ndarray of shape (n_thresholds + 1,)
        Recall, the sensitivity, falling.

    average_precision : tuple of float, default=None
        Average precision, low and high end of its interval.

    prevalence : float, default=None
        Share of positive records: the precision of chance.

    band : tuple of ndarray, default=None
        Recalls, and low and high end of the precision there.

    name : str, default="Model"
        Name of the curve.

    confidence_level : float, default=0.95
        Of the intervals.

    Attributes
    ----------
    figure_size : tuple of float
        Width and height in inches of a new figure.

    ax_ : matplotlib.axes.Axes
        The axes, after `plot`.

    figure_ : matplotlib.figure.Figure
        The figure, after `plot`.

    line_ : matplotlib.lines.Line2D
        The curve, after `plot`.

    band_ : matplotlib.collections.FillBetweenPolyCollection or None
        The band, after `plot`.

    chance_level_ : matplotlib.lines.Line2D or None
        The line of chance, after `plot`.

    See Also
    --------
    RocBandDisplay : The same records by specificity, which prevalence leaves alone.
    sklearn.metrics.PrecisionRecallDisplay : The curve alone, and that of each fold.

    Notes
    -----
    At each recall the band holds the percentiles of the precision over bootstrap
    samples that draw whole patients, at the first threshold that reaches the recall:
    the curve is a stair, as in the average precision, and never interpolated.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from skecg import PrecisionRecallBandDisplay
    >>> y = np.repeat([0, 1], [60, 20])
    >>> score = y + 2 * np.sin(np.arange(80))
    >>> display = PrecisionRecallBandDisplay.from_predictions(y, score, n_bootstrap=100)
    >>> print(display.line_.get_label())
    Model
    AP 0.5... (0.3... to 0.7...)
    >>> matplotlib.pyplot.close(display.figure_)
    """

    figure_size = (ONE_COLUMN, ONE_COLUMN)

    def __init__(
        self,
        *,
        precision,
        recall,
        average_precision=None,
        prevalence=None,
        band=None,
        name="Model",
        confidence_level=0.95,
    ):
        self.precision = precision
        self.recall = recall
        self.average_precision = average_precision
        self.prevalence = prevalence
        self.band = band
        self.name = name
        self.confidence_level = confidence_level

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_score,
        *,
        groups=None,
        name="Model",
        n_bootstrap=1000,
        confidence_level=0.95,
        random_state=0,
        ax=None,
    ):
        """Draw the curve of scores.

        Parameters
        ----------
        y_true : array-like of shape (n_records,)
            Labels of two classes; the larger means LVH.

        y_score : array-like of shape (n_records,)
            Scores.

        groups : array-like of shape (n_records,), default=None
            Patient of each record; each record is its own patient by default.

        name : str, default="Model"
            Name of the curve.

        n_bootstrap : int, default=1000
            Number of bootstrap samples of patients.

        confidence_level : float, default=0.95
            Of the intervals.

        random_state : int, RandomState instance or None, default=0
            Seeds the bootstrap.

        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure.

        Returns
        -------
        PrecisionRecallBandDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If lengths differ, a score is not finite, or there are not two classes.
        """
        sample = Sample.of_predictions(
            y_true,
            y_score,
            groups=groups,
            n_bootstrap=n_bootstrap,
            confidence_level=confidence_level,
            random_state=random_state,
        )
        precision, recall, _ = precision_recall_curve(sample.y_true, sample.y_score)
        _, low, high = sample.over_patients(precisions)
        area = sample.over_patients(weighted_average_precision)
        return cls(
            precision=precision,
            recall=recall,
            average_precision=tuple(map(float, area)),
            prevalence=float(sample.y_true.mean()),
            band=(RECALLS, low, high),
            name=name,
            confidence_level=confidence_level,
        ).plot(ax)

    @classmethod
    def from_report(cls, report, *, name="Model", ax=None):
        """Draw the curve of a report.

        Parameters
        ----------
        report : LVHReport
            The report.

        name : str, default="Model"
            Name of the curve.

        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure.

        Returns
        -------
        PrecisionRecallBandDisplay
            The drawn display.
        """
        return cls.from_predictions(**predictions_of_report(report), name=name, ax=ax)

    def plot(self, ax=None, *, color=MODEL, plot_chance_level=True):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure of 85 mm, one journal column.

        color : color, default="#0072B2"
            Colour of curve and band, to tell apart several on the same axes.

        plot_chance_level : bool, default=True
            Whether to draw the prevalence, where it is known.

        Returns
        -------
        self : PrecisionRecallBandDisplay
            The display, with ``ax_``, ``figure_``, ``line_``, ``band_`` and
            ``chance_level_``.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        with drawing_on(ax, "PrecisionRecallBandDisplay.plot", self.figure_size) as ax:
            curve = PrecisionRecallDisplay(
                precision=self.precision, recall=self.recall
            ).plot(ax)
            self.ax_, self.figure_, self.line_ = ax, ax.figure, curve.line_
            self.line_.set(
                color=color,
                label=with_interval(self.name, "AP", self.average_precision),
            )
            self.band_ = draw_band(ax, self.band, color, self.confidence_level)
            self.chance_level_ = None
            if plot_chance_level and self.prevalence is not None:
                label = f"Prevalence {self.prevalence:.3f}"
                self.chance_level_ = ax.axhline(
                    self.prevalence, linestyle=":", color=GREY, label=label
                )
            ax.set(
                xlabel="Recall (sensitivity)",
                ylabel="Precision (positive predictive value)",
                ylim=(-0.01, 1.01),
            )
            draw_legend(ax, "best")
        return self


def precisions(y_true, y_score, weights):
    """Return the precision at `RECALLS` for each row of weights; NaN without LVH."""
    true, false, _ = weighted_counts(y_true, y_score, weights)
    recall, precision = divide(true, true[:, -1:]), divide(true, true + false)
    at = np.full((len(weights), len(RECALLS)), np.nan)
    for row, (x, y) in enumerate(zip(recall, precision, strict=True)):
        if not np.isnan(x[-1]):
            # The first threshold that reaches the recall, rounding aside.
            at[row] = y[np.searchsorted(x, RECALLS - 1e-12)]
    return at
