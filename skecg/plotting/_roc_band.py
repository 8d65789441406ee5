"""The ROC curve with a band over patients."""

from dataclasses import dataclass
from functools import partial
from itertools import cycle

import numpy as np
from sklearn.metrics import RocCurveDisplay, roc_curve

from skecg.criteria import short_title
from skecg.metrics import weighted_roc_auc, weighted_sensitivity
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
from skecg.plotting._score_display import ScoreDisplay

FALSE_RATES = np.linspace(0, 1, 201)
"""Where the band is computed."""

_MARKERS = "osD^v<>pP*Xh"


@dataclass(kw_only=True, eq=False, repr=False)
class RocBandDisplay(ScoreDisplay):  # numpydoc ignore=PR02
    """ROC curve with a band over patients, and criteria as points.

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
    ax_, figure_ : matplotlib.axes.Axes, matplotlib.figure.Figure
        Axes and figure, after `plot`; a new one is `figure_size` inches large.
    line_, band_, chance_level_ : matplotlib artist
        The curve, its band and the line of chance, after `plot`; None if not drawn.
    points_ : dict of str to matplotlib.lines.Line2D
        The points, after `plot`.

    See Also
    --------
    PrecisionRecallBandDisplay : The same records by precision, which sees prevalence.
    sklearn.metrics.RocCurveDisplay : The curve without band, also of each fold.

    Notes
    -----
    At each false positive rate the band has the percentiles of the sensitivity over
    bootstrap samples of whole patients: it is pointwise, not simultaneous.
    `from_predictions` and `from_estimator` also take ``points``; `from_report` draws
    the criteria of the report as points.

    Examples
    --------
    >>> from skecg import RocBandDisplay
    >>> y = np.repeat([0, 1], 40)
    >>> score = y + 2 * np.sin(np.arange(80))
    >>> display = RocBandDisplay.from_predictions(y, score, n_bootstrap=100)
    >>> print(display.line_.get_label())
    Model
    AUROC 0.6... (0.5... to 0.7...)
    """

    figure_size = (ONE_COLUMN, ONE_COLUMN)

    fpr: np.ndarray
    tpr: np.ndarray
    roc_auc: tuple | None = None
    band: tuple | None = None
    points: dict | None = None
    name: str = "Model"
    confidence_level: float = 0.95

    @classmethod
    def _compute(cls, records, *, points=None):
        """Return curve, area and band of records."""
        y, score = records.y_true, records.y_score
        # Over the curve's own grid: bootstrap samples differ in their thresholds.
        fpr, tpr, _ = roc_curve(y, score)
        area = records.over_patients(partial(weighted_roc_auc, y, score))
        _, low, high = records.over_patients(
            partial(weighted_sensitivity, y, score, FALSE_RATES)
        )
        return {
            "fpr": fpr,
            "tpr": tpr,
            "roc_auc": tuple(map(float, area)),
            "band": (FALSE_RATES, low, high),
            "points": points,
        }

    @classmethod
    def _of_report(cls, report):
        """Return the criteria as points, each of the records to which it applies."""
        points = {}
        for row in report.tables["criteria"]:
            # Absent where the records of a criterion are of one class.
            if "criterion_specificity" in row:
                rates = 1 - row["criterion_specificity"], row["criterion_sensitivity"]
                points[short_title(row["criterion"])] = rates
        return {"points": points}

    def plot(self, ax=None, *, color=MODEL, plot_chance_level=True):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure of 85 mm, one journal column.
        color : color, default="#0072B2"
            Colour of curve and band.
        plot_chance_level : bool, default=True
            Whether to draw the line of chance.

        Returns
        -------
        self : RocBandDisplay
            The drawn display.
        """
        with drawing_on(ax, self) as ax:
            self.line_ = RocCurveDisplay(fpr=self.fpr, tpr=self.tpr).plot(ax).line_
            self.line_.set(
                color=color, label=with_interval(self.name, "AUROC", self.roc_auc)
            )
            self.band_ = draw_band(ax, self.band, color, self.confidence_level)
            self.chance_level_ = None
            if plot_chance_level:
                (self.chance_level_,) = ax.plot([0, 1], [0, 1], ":", color=GREY)
            self.points_ = {}
            for (label, point), marker in zip(
                (self.points or {}).items(), cycle(_MARKERS), strict=False
            ):
                (self.points_[label],) = ax.plot(
                    *point, marker, color=OTHER, markersize=4.5, label=label
                )
            ax.set(xlabel="1 - specificity", ylabel="Sensitivity")
            draw_legend(ax, "lower right")
        return self
