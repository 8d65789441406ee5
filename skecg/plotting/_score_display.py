"""The form that the displays of scores share."""

from skecg.metrics import ScoredRecords, positive_class, positive_scores, score_method
from skecg.utils import ECGLabels, is_labelled


class ScoreDisplay:
    """Draw the scores of an estimator, of predictions or of a report.

    A subclass has `_compute`, which returns its fields for records; the keyword
    arguments are the display's own options of `from_predictions`.
    """

    @classmethod
    def from_estimator(
        cls, estimator, X, y, *, groups=None, positive_label=None, **options
    ):
        """Draw a fitted classifier on records that it was not fitted on.

        Parameters
        ----------
        estimator : estimator
            Fitted, with `predict_proba` or `decision_function`.
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records, or other data that the estimator takes.
        y : array-like of shape (n_records,)
            Labels of two classes.
        groups : array-like of shape (n_records,), default=None
            Patient of each record. None means the coordinate ``patient`` of a labelled
            X, else that each record is a patient of its own.
        positive_label : label, default=None
            The label that means LVH. None means the larger of two.
        **options : dict
            Other arguments of :meth:`from_predictions`, such as ``name`` and ``ax``.

        Returns
        -------
        display
            The drawn display.

        Raises
        ------
        TypeError
            If the estimator gives no scores.
        ValueError
            As :meth:`from_predictions`.
        """
        name = score_method(estimator)
        method = getattr(estimator, name)
        positive = positive_class(y, "y", positive_label)
        scores = positive_scores(method(X), estimator.classes_, positive)
        if groups is None and is_labelled(X):
            groups = ECGLabels.of(X).record_coordinate("patient")
        return cls.from_predictions(
            y,
            scores,
            groups=groups,
            positive_label=positive,
            probabilities=None if name == "predict_proba" else False,
            **options,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_score,
        *,
        groups=None,
        positive_label=None,
        probabilities=None,
        name="Model",
        n_bootstrap=1000,
        confidence_level=0.95,
        random_state=0,
        ax=None,
        **options,
    ):
        """Draw labels and scores.

        Parameters
        ----------
        y_true : array-like of shape (n_records,)
            Labels of two classes.
        y_score : array-like of shape (n_records,)
            Scores; probabilities for reliability and decision curve.
        groups : array-like of shape (n_records,), default=None
            Patient of each record; each record is its own patient by default.
        positive_label : label, default=None
            The label that means LVH. None means the larger of two.
        probabilities : bool, default=None
            Whether `y_score` are probabilities. None means that they are where all are
            from 0 to 1.
        name : str, default="Model"
            Name of the curve.
        n_bootstrap, confidence_level, random_state : optional
            Of the bootstrap over patients, as in :func:`~skecg.evaluate_lvh`.
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure.
        **options : dict
            The display's own options; its class describes them.

        Returns
        -------
        display
            The drawn display.

        Raises
        ------
        ValueError
            If lengths differ, a score is not finite, there are not two classes, or an
            argument is out of its range.
        """
        records = ScoredRecords.from_predictions(
            y_true,
            y_score,
            groups=groups,
            positive_label=positive_label,
            probabilities=probabilities,
            n_bootstrap=n_bootstrap,
            confidence_level=confidence_level,
            random_state=random_state,
        )
        drawn = cls._compute(records, **options)
        return cls(**drawn, name=name, confidence_level=confidence_level).plot(ax)

    @classmethod
    def from_report(cls, report, *, name="Model", ax=None, **options):
        """Draw the records of a report.

        Parameters
        ----------
        report : LVHReport
            The report.
        name : str, default="Model"
            Name of the curve.
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure.
        **options : dict
            The display's own options; its class describes them.

        Returns
        -------
        display
            The drawn display.

        Raises
        ------
        ValueError
            If the display needs probabilities and the report has other scores.
        """
        # A report keeps no draws: its seed makes the same bootstrap samples again, so
        # that band and table agree.
        details = report.details
        seed = details.get("random_state")
        return cls.from_predictions(
            report.y_true,
            report.y_score,
            groups=report.groups,
            probabilities=details.get("probabilities"),
            name=name,
            n_bootstrap=details.get("n_bootstrap", 1000),
            confidence_level=details.get("confidence_level", 0.95),
            random_state=0 if seed is None else seed,
            ax=ax,
            **cls._of_report(report) | options,
        )

    @classmethod
    def _of_report(cls, report):
        """Return the options that a report brings."""
        return {}


def require_probabilities(records, display):
    """Raise unless the scores may be probabilities."""
    if not records.has_probabilities:
        low, high = records.y_score.min(), records.y_score.max()
        raise ValueError(
            f"{display} needs probabilities, but was given other scores, from {low:g} "
            f"to {high:g}; calibrate them, for example with CalibratedClassifierCV."
        )
