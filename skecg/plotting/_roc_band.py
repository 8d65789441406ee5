"""The ROC curve with a band over patients."""

import numpy as np
from sklearn.metrics import RocCurveDisplay, roc_curve

from skecg.plotting._findings import short_title
from skecg.plotting._journal import (
    GREY,
    MODEL,
    ONE_COLUMN,
    OTHER,
    draw_band,
    draw_legend,
    drawing_on,
    with_interval,
)
from skecg.plotting._sample import (
    FromEstimator,
    Sample,
    predictions_of_report,
)
from skecg.utils import divide, weighted_counts, weighted_roc_auc

FALSE_RATES = np.linspace(0, 1, 201)
"""Where the band is computed."""

_MARKERS = "osD^v<>pP*Xh"


class RocBandDisplay(FromEstimator):
    """ROC curve with a band over patients, and criteria as points beside it.

    It is recommended to use :meth:`from_estimator`, :meth:`from_predictions` or
    :meth:`from_report`. All parameters are stored as attributes.

    Parameters
    ----------
    fpr : ndarray of shape (n_thresholds,)
        False positive rate, 1 - specificity.

    tpr : ndarray of shape (n_thresholds,)
        True positive rate, the sensitivity.

    roc_auc : tuple of float, default=None
        Area under the curve, low and high end of its interval.

    band : tuple of ndarray, default=None
        False positive rates, and low and high end of the sensitivity there.

    points : dict of str to tuple of float, default=None
        False positive rate and sensitivity of decisions to compare with, by name.

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

    points_ : dict of str to matplotlib.lines.Line2D
        The points, after `plot`.

    chance_level_ : matplotlib.lines.Line2D or None
        The line of chance, after `plot`.

    See Also
    --------
    PrecisionRecallBandDisplay : The same records by precision, which sees prevalence.
    sklearn.metrics.RocCurveDisplay : The curve alone, and that of each fold.

    Notes
    -----
    At each false positive rate the band holds the percentiles of the sensitivity over
    bootstrap samples that draw whole patients: it is right for one specificity at a
    time, and not for the whole curve at once.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from skecg import RocBandDisplay
    >>> y = np.repeat([0, 1], 40)
    >>> score = y + 2 * np.sin(np.arange(80))
    >>> display = RocBandDisplay.from_predictions(y, score, n_bootstrap=100)
    >>> print(display.line_.get_label())
    Model
    AUROC 0.6... (0.5... to 0.7...)
    >>> matplotlib.pyplot.close(display.figure_)
    """

    figure_size = (ONE_COLUMN, ONE_COLUMN)

    def __init__(
        self,
        *,
        fpr,
        tpr,
        roc_auc=None,
        band=None,
        points=None,
        name="Model",
        confidence_level=0.95,
    ):
        self.fpr = fpr
        self.tpr = tpr
        self.roc_auc = roc_auc
        self.band = band
        self.points = points
        self.name = name
        self.confidence_level = confidence_level

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_score,
        *,
        groups=None,
        points=None,
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

        points : dict of str to tuple of float, default=None
            False positive rate and sensitivity of decisions to compare with, by name.

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
        RocBandDisplay
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
        fpr, tpr, _ = roc_curve(sample.y_true, sample.y_score)
        _, low, high = sample.over_patients(sensitivities)
        return cls(
            fpr=fpr,
            tpr=tpr,
            roc_auc=tuple(map(float, sample.over_patients(weighted_roc_auc))),
            band=(FALSE_RATES, low, high),
            points=points,
            name=name,
            confidence_level=confidence_level,
        ).plot(ax)

    @classmethod
    def from_report(cls, report, *, name="Model", ax=None):
        """Draw the curve of a report, and its criteria at their thresholds.

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
        RocBandDisplay
            The drawn display.

        Notes
        -----
        The curve is that of all records, each criterion's point that of the records to
        which it applies.
        """
        points = {
            short_title(row["criterion"]): (
                1 - row["criterion_specificity"],
                row["criterion_sensitivity"],
            )
            for row in report.tables["criteria"]
            if "criterion_specificity" in row
        }
        return cls.from_predictions(
            **predictions_of_report(report), points=points, name=name, ax=ax
        )

    def plot(self, ax=None, *, color=MODEL, plot_chance_level=True):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure of 85 mm, one journal column.

        color : color, default="#0072B2"
            Colour of curve and band, to tell apart several on the same axes.

        plot_chance_level : bool, default=True
            Whether to draw the line of chance.

        Returns
        -------
        self : RocBandDisplay
            The display, with ``ax_``, ``figure_``, ``line_``, ``band_``, ``points_``
            and ``chance_level_``.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        with drawing_on(ax, "RocBandDisplay.plot", self.figure_size) as ax:
            curve = RocCurveDisplay(fpr=self.fpr, tpr=self.tpr).plot(ax)
            self.ax_, self.figure_, self.line_ = ax, ax.figure, curve.line_
            self.line_.set(
                color=color, label=with_interval(self.name, "AUROC", self.roc_auc)
            )
            self.band_ = draw_band(ax, self.band, color, self.confidence_level)
            self.chance_level_ = None
            if plot_chance_level:
                (self.chance_level_,) = ax.plot([0, 1], [0, 1], ":", color=GREY)
            self.points_ = {}
            marks = zip((self.points or {}).items(), _MARKERS, strict=False)
            for (label, point), marker in marks:
                (self.points_[label],) = ax.plot(
                    *point, marker, color=OTHER, markersize=4.5, label=label
                )
            ax.set(xlabel="1 - specificity", ylabel="Sensitivity")
            draw_legend(ax, "lower right")
        return self


def sensitivities(y_true, y_score, weights):
    """Return the sensitivity at `FALSE_RATES` for each row of weights.

    Where the curve rises straight up, it is the upper end; NaN without a class.
    """
    true, false, _ = weighted_counts(y_true, y_score, weights)
    tpr, fpr = divide(true, true[:, -1:]), divide(false, false[:, -1:])
    at = np.stack(
        [
            np.interp(FALSE_RATES, np.append(0, x), np.append(0, y))
            for x, y in zip(fpr, tpr, strict=True)
        ]
    )
    at[np.isnan(tpr[:, -1] + fpr[:, -1])] = np.nan
    return at
