"""The precision-recall curve with a band over patients."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.metrics import PrecisionRecallDisplay, precision_recall_curve

from skecg.metrics import weighted_average_precision, weighted_precision
from skecg.plotting._journal import (
    GREY,
    MODEL,
    ONE_COLUMN,
    draw_band,
    draw_legend,
    drawing_on,
    with_interval,
)
from skecg.plotting._score_display import ScoreDisplay

RECALLS = np.linspace(0.005, 1, 200)
"""Where the band is computed."""


@dataclass(kw_only=True, eq=False, repr=False)
class PrecisionRecallBandDisplay(ScoreDisplay):  # numpydoc ignore=PR02
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
    ax_, figure_ : matplotlib.axes.Axes, matplotlib.figure.Figure
        Axes and figure, after `plot`; a new one is `figure_size` inches large.
    line_, band_, chance_level_ : matplotlib artist
        The curve, its band and the line of chance, after `plot`; None if not drawn.

    See Also
    --------
    RocBandDisplay : The same records by specificity, which prevalence leaves alone.
    sklearn.metrics.PrecisionRecallDisplay : The curve without band, also of each fold.

    Notes
    -----
    At each recall the band has the percentiles of the precision over bootstrap samples
    of whole patients, at the first threshold that reaches the recall: the curve is a
    step function, as in the average precision, and never interpolated.

    Examples
    --------
    >>> from skecg import PrecisionRecallBandDisplay
    >>> y = np.repeat([0, 1], [60, 20])
    >>> score = y + 2 * np.sin(np.arange(80))
    >>> display = PrecisionRecallBandDisplay.from_predictions(y, score, n_bootstrap=100)
    >>> print(display.line_.get_label())
    Model
    AP 0.5... (0.3... to 0.7...)
    """

    figure_size = (ONE_COLUMN, ONE_COLUMN)

    precision: np.ndarray
    recall: np.ndarray
    average_precision: tuple | None = None
    prevalence: float | None = None
    band: tuple | None = None
    name: str = "Model"
    confidence_level: float = 0.95

    @classmethod
    def _compute(cls, records):
        """Return curve, average precision and band of records."""
        y, score = records.y_true, records.y_score
        precision, recall, _ = precision_recall_curve(y, score)
        # No band at a recall of 0, where a precision is 0 / 0.
        area = records.over_patients(partial(weighted_average_precision, y, score))
        _, low, high = records.over_patients(
            partial(weighted_precision, y, score, RECALLS)
        )
        return {
            "precision": precision,
            "recall": recall,
            "average_precision": tuple(map(float, area)),
            "prevalence": float(y.mean()),
            "band": (RECALLS, low, high),
        }

    def plot(self, ax=None, *, color=MODEL, plot_chance_level=True):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure of 85 mm, one journal column.
        color : color, default="#0072B2"
            Colour of curve and band.
        plot_chance_level : bool, default=True
            Whether to draw the prevalence, where it is known.

        Returns
        -------
        self : PrecisionRecallBandDisplay
            The drawn display.
        """
        with drawing_on(ax, self) as ax:
            curve = PrecisionRecallDisplay(
                precision=self.precision, recall=self.recall
            ).plot(ax)
            self.line_ = curve.line_
            label = with_interval(self.name, "AP", self.average_precision)
            self.line_.set(color=color, label=label)
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
