"""The forest plot of a report's subgroups."""

import numpy as np

from skecg.metrics import FEW_RECORDS, in_words
from skecg.plotting._journal import (
    GREY,
    MODEL,
    TWO_COLUMNS,
    draw_hollow,
    drawing_on,
)

_METRICS = {
    "auroc": "AUROC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
}
_LINE = 0.19  # inches: height of a row


class SubgroupForestDisplay:
    """One figure of each subgroup with its interval, and of all records.

    It is recommended to use :meth:`from_report`. All parameters are stored as
    attributes.

    Parameters
    ----------
    rows : sequence of dict
        For each subgroup ``variable``, ``level``, ``n_records``, ``n_positive``, and
        the metric with its ends, such as ``auroc``, ``auroc_low`` and ``auroc_high``.
    metric : {"auroc", "sensitivity", "specificity"}, default="auroc"
        The figure to draw.
    overall : float, default=None
        That of all records.
    confidence_level : float, default=0.95
        Of the intervals.

    Attributes
    ----------
    ax_, figure_ : matplotlib.axes.Axes, matplotlib.figure.Figure
        Axes and figure, after `plot`; a new one is `figure_size` inches large.
    line_, bars_, overall_ : matplotlib artist
        Estimates, intervals and the line of all records, after `plot`.

    Raises
    ------
    ValueError
        If there are no rows, the metric is unknown, or the rows lack it.

    See Also
    --------
    evaluate_lvh : Makes the report; give it sex, age and conduction.

    Notes
    -----
    An interval that overlaps the line of all records is no test of a difference between
    subgroups, as each is a part of all records. Subgroups with fewer than 10 records of
    a class are hollow.

    Examples
    --------
    >>> from skecg import LVHReport, SubgroupForestDisplay
    >>> y = np.repeat([0, 1], 40)
    >>> probability = np.clip(0.2 + 0.4 * y + 0.3 * np.sin(np.arange(80)), 0, 1)
    >>> sex = np.tile(["male", "female"], 40)
    >>> report = LVHReport.from_predictions(y, probability, sex=sex, n_bootstrap=100)
    >>> display = SubgroupForestDisplay.from_report(report)
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['sex', 'men (20 of 40)', 'women (20 of 40)']
    """

    def __init__(self, rows, *, metric="auroc", overall=None, confidence_level=0.95):
        self.rows = _check_rows(rows, metric)
        self.metric = metric
        self.overall = overall
        self.confidence_level = confidence_level

    @classmethod
    def from_report(cls, report, *, metric="auroc", ax=None):
        """Draw the subgroups of a report.

        Parameters
        ----------
        report : LVHReport
            The report, made with sex, age, conduction or other subgroups.
        metric : {"auroc", "sensitivity", "specificity"}, default="auroc"
            The figure to draw; the rates are those of the first operating point.
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure.

        Returns
        -------
        SubgroupForestDisplay
            The drawn display.

        Raises
        ------
        ValueError
            If the report has no subgroups, the metric is unknown, or it was made
            without an operating point and rates are asked for.
        """
        # Rates of subgroups are those of the first operating point, and so is the line.
        of_all = {row["metric"]: row["estimate"] for row in report.tables["summary"]}
        if report.tables["operating_points"]:
            of_all |= report.tables["operating_points"][0]
        return cls(
            report.tables["subgroups"],
            metric=metric,
            overall=of_all.get(metric),
            confidence_level=report.details.get("confidence_level", 0.95),
        ).plot(ax)

    def plot(self, ax=None, *, color=MODEL, write_figures=True):
        """Draw the forest.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Axes to draw on. None makes a new figure of 180 mm, two journal columns, as
            high as its rows.
        color : color, default="#0072B2"
            Colour of estimates and intervals.
        write_figures : bool, default=True
            Whether to write each figure with its interval on the right; False leaves
            more space in one journal column.

        Returns
        -------
        self : SubgroupForestDisplay
            The drawn display.
        """
        with drawing_on(ax, self) as ax:
            self.overall_ = None
            lines = self._lines()
            at = -np.flatnonzero([row is not None for _, row in lines])
            estimate, low, high = (
                np.array([row[f"{self.metric}{end}"] for row in self.rows])
                for end in ("", "_low", "_high")
            )
            if self.overall is not None:
                self.overall_ = ax.axvline(self.overall, color=GREY, linestyle=":")
            self.bars_ = ax.hlines(at, low, high, color=color, linewidth=1.3)
            (self.line_,) = ax.plot(estimate, at, "s", color=color, markersize=4)
            # Where a class has few records, percentiles give too short an interval.
            few = np.array([_is_few(row) for row in self.rows])
            draw_hollow(ax, estimate[few], at[few], color)
            self._name_rows(ax, lines)
            if write_figures:
                style = {"transform": ax.get_yaxis_transform()}
                style["va"] = "center_baseline"  # as the names on the left
                for place, *figure in zip(at, estimate, low, high, strict=True):
                    ax.text(1.02, place, in_words(*figure), **style)
        return self

    @property
    def figure_size(self):
        """Width and height in inches of a new figure, as high as its rows."""
        return TWO_COLUMNS, 0.75 + _LINE * len(self._lines())

    def _lines(self):
        """Return the name and row of each line from the top; a heading has no row."""
        lines, variable = [], None
        for row in self.rows:
            if row["variable"] != variable:
                variable = row["variable"]
                lines.append((variable, None))
            count = f"{row['n_positive']:,} of {row['n_records']:,}"
            lines.append((f"{row['level']} ({count})", row))
        return lines

    def _name_rows(self, ax, lines):
        """Write the names of rows and axis."""
        ax.set_yticks(-np.arange(len(lines)), [name for name, _ in lines])
        ax.tick_params(axis="y", length=0)
        for label, (_, row) in zip(ax.get_yticklabels(), lines, strict=True):
            label.set_fontweight("bold" if row is None else "normal")
        ax.set_ylim(0.3 - len(lines), 0.7)
        title = _METRICS[self.metric]
        ax.set_xlabel(f"{title}, {100 * self.confidence_level:g} % over patients")
        left = ax.get_yaxis_transform()
        ax.text(-0.012, 0.95, "with LVH of all records", transform=left, ha="right")
        if self.overall is not None:
            all_records = f"all records {self.overall:.3f}"
            ax.text(self.overall, 0.95, all_records, ha="center", color="0.3")


def _is_few(row):
    """Tell whether a class has too few records for its interval to be believed."""
    positive = row["n_positive"]
    return min(positive, row["n_records"] - positive) < FEW_RECORDS


def _check_rows(rows, metric):
    """Return the rows as a list, if they have the metric."""
    rows = list(rows)
    if metric not in _METRICS:
        raise ValueError(f"metric must be one of {list(_METRICS)}, got {metric!r}.")
    if not rows:
        raise ValueError(
            "There are no subgroups to draw; give the report sex, age, conduction or "
            "subgroups."
        )
    if metric not in rows[0]:
        raise ValueError(
            f"The subgroups have no {metric}, as no operating point was judged; give "
            "the report records to choose thresholds on, or a threshold."
        )
    return rows
