"""The decision curve: the net benefit of deciding by a model."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from skecg.metrics import DECISION_THRESHOLDS, weighted_net_benefit
from skecg.plotting._journal import (
    GREY,
    MODEL,
    ONE_COLUMN,
    OTHER,
    draw_band,
    draw_legend,
    drawing_on,
)
from skecg.plotting._score_display import ScoreDisplay, require_probabilities


@dataclass(kw_only=True, eq=False, repr=False)
class DecisionCurveDisplay(ScoreDisplay):  # numpydoc ignore=PR02
    """Net benefit of deciding by a model, compared with treating all and none.

    It is recommended to use :meth:`from_estimator`, :meth:`from_predictions` or
    :meth:`from_report`. All parameters are stored as attributes.

    Parameters
    ----------
    thresholds : ndarray of shape (n_thresholds,)
        Threshold probabilities: at 0.1, nine treated without LVH are accepted for one
        treated with LVH.
    net_benefit : ndarray of shape (n_thresholds,)
        Net benefit of the model.
    treat_all : ndarray of shape (n_thresholds,)
        Net benefit of treating all; that of treating none is 0.
    band : tuple of ndarray, default=None
        Threshold probabilities, and low and high end of the net benefit there.
    name : str, default="Model"
        Name of the curve.
    confidence_level : float, default=0.95
        Of the band.

    Attributes
    ----------
    ax_, figure_ : matplotlib.axes.Axes, matplotlib.figure.Figure
        Axes and figure, after `plot`; a new one is `figure_size` inches large.
    line_, band_, treat_all_, treat_none_ : matplotlib artist
        The model's curve, its band and the references, after `plot`; None if not drawn.

    See Also
    --------
    ReliabilityDisplay : Calibration; the net benefit of miscalibrated probabilities
        misleads.

    Notes
    -----
    The net benefit is the share of true positives minus that of false positives times
    the odds of the threshold [1]_. "Treating" stands for the action after an
    alarm, such as an echocardiogram. Where the model's curve is above both others,
    deciding by it benefits patients more than treating all or none. `from_predictions`,
    `from_estimator` and `from_report` also take ``thresholds``, by default 0.01
    to 0.50.

    References
    ----------
    .. [1] Vickers AJ, Elkin EB. Decision curve analysis. Med Decis Making
       2006;26:565-574. doi:10.1177/0272989X06295361

    Examples
    --------
    >>> from skecg import DecisionCurveDisplay
    >>> y = np.repeat([0, 1], [60, 20])
    >>> probability = np.repeat([0.1, 0.7], [60, 20])
    >>> display = DecisionCurveDisplay.from_predictions(y, probability, n_bootstrap=100)
    >>> display.net_benefit[display.thresholds == 0.2].tolist()  # all found, no alarms
    [0.25]
    """

    figure_size = (ONE_COLUMN, 0.8 * ONE_COLUMN)

    thresholds: np.ndarray
    net_benefit: np.ndarray
    treat_all: np.ndarray
    band: tuple | None = None
    name: str = "Model"
    confidence_level: float = 0.95

    @classmethod
    def _compute(cls, records, *, thresholds=None):
        """Return the net benefit of the model and of treating all."""
        require_probabilities(records, "A decision curve")
        thresholds = DECISION_THRESHOLDS if thresholds is None else thresholds
        thresholds = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
        if not len(thresholds) or not ((thresholds > 0) & (thresholds < 1)).all():
            raise ValueError(
                "thresholds must be above 0 and below 1, at least one, got "
                f"{thresholds[:5].tolist()}."
            )
        y, everyone = records.y_true, np.ones(len(records.y_true))
        estimate, low, high = records.over_patients(
            partial(weighted_net_benefit, y, records.y_score, thresholds)
        )
        return {
            "thresholds": thresholds,
            "net_benefit": estimate,
            "treat_all": weighted_net_benefit(y, everyone, thresholds, everyone),
            "band": (thresholds, low, high),
        }

    def plot(self, ax=None, *, color=MODEL, plot_references=True):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure of 85 mm, one journal column.
        color : color, default="#0072B2"
            Colour of curve and band.
        plot_references : bool, default=True
            Whether to draw treating all and treating none.

        Returns
        -------
        self : DecisionCurveDisplay
            The drawn display.
        """
        with drawing_on(ax, self) as ax:
            self.band_ = draw_band(ax, self.band, color, self.confidence_level)
            x, y = self.thresholds, self.net_benefit
            (self.line_,) = ax.plot(x, y, color=color, label=self.name)
            self.treat_all_ = self.treat_none_ = None
            if plot_references:
                (self.treat_all_,) = ax.plot(
                    x, self.treat_all, "--", color=OTHER, label="Treat all"
                )
                self.treat_none_ = ax.axhline(
                    0, color=GREY, linestyle=":", label="Treat none"
                )
            # Room for the legend above; below, the harm of treating all is cut off.
            top = max(y.max(), self.treat_all.max(), 0.01)
            ax.set(xlabel="Threshold probability", ylabel="Net benefit")
            ax.set(xlim=(0, x.max()), ylim=(-0.3 * top, 1.6 * top))
            draw_legend(ax, "upper right")
        return self
