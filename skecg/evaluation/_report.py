"""The report on a classifier of left ventricular hypertrophy."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skecg.evaluation._criteria import DEFAULT_CRITERIA, check_criteria
from skecg.evaluation._operating_points import CHOSEN_POINTS, parse_points
from skecg.evaluation._subgroups import read_age, read_conduction, read_sex
from skecg.evaluation._tables import Question, Rows, build_tables
from skecg.utils import import_optional, read_binary, read_scores, write_whole

CAVEAT = (
    "The figures say how well a model agrees with the labels it was given. Where these "
    "are statements of a reader of the ECG, as in PTB-XL, they do not say how well it "
    "finds enlarged hearts: against echocardiography or MRI the task is much harder. "
    "No ECG finding rules left ventricular hypertrophy out. Research software, not a "
    "medical device."
)
"""What stands on top of every report."""

_SHOWN = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "brier_score": "Brier score",
    "calibration_intercept": "calibration intercept",
    "calibration_slope": "calibration slope",
}


class LVHReport:
    """How well a classifier finds left ventricular hypertrophy, with intervals.

    It is recommended to use :func:`evaluate_lvh`, or :meth:`from_predictions` where
    only labels and scores are at hand.

    Parameters
    ----------
    tables : dict of str to list of dict
        The rows of each table.
    y_true : bool ndarray of shape (n_records,)
        Whether a record is positive.
    y_score : ndarray of shape (n_records,)
        Its score.
    groups : int ndarray of shape (n_records,)
        Patients, as numbers from 0.
    details : dict, default=None
        What is known of model, data and computation, for the pages.

    Attributes
    ----------
    tables : dict of str to list of dict
        The rows of each table.
    y_true, y_score, groups : ndarray of shape (n_records,)
        What was judged, for displays; no recording is kept, nor a patient's name.
    details : dict
        What is known of model, data and computation.

    See Also
    --------
    evaluate_lvh : Makes a report on an estimator.

    Notes
    -----
    The tables are made into DataFrames when they are asked for, which needs pandas;
    `to_json` and `to_html` do without.

    Examples
    --------
    >>> from skecg import LVHReport
    >>> y = np.repeat([0, 1], 40)
    >>> probability = np.clip(0.2 + 0.4 * y + 0.3 * np.sin(np.arange(80)), 0, 1)
    >>> report = LVHReport.from_predictions(y, probability, n_bootstrap=100)
    >>> print(report)
    LVHReport of 80 records counted as patients, 40 with LVH
      AUROC                  0.884 (0... to 0...)
      ...
    """

    def __init__(
        self,
        tables: dict[str, Rows],
        y_true: np.ndarray,
        y_score: np.ndarray,
        groups: np.ndarray,
        details: dict[str, Any] | None = None,
    ) -> None:
        self.tables = tables
        self.y_true = y_true
        self.y_score = y_score
        self.groups = groups
        self.details = details or {}

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_score: Any,
        *,
        groups: Any = None,
        sex: Any = None,
        age: Any = None,
        conduction: Any = None,
        y_val: Any = None,
        y_score_val: Any = None,
        fold: Any = None,
        y_pred: Any = None,
        measurements: Any = None,
        criteria: Sequence[str] = DEFAULT_CRITERIA,
        operating_points: Sequence[Any] | None = None,
        prevalences: Sequence[float] = (0.05, 0.1, 0.2, 0.4),
        subgroups: Mapping[str, Any] | None = None,
        fs: float | None = None,
        n_bootstrap: int = 1000,
        confidence_level: float = 0.95,
        random_state: int | np.random.RandomState | None = 0,
        details: dict[str, Any] | None = None,
    ) -> "LVHReport":
        """Report on labels and scores, such as another program's.

        Parameters
        ----------
        y_true : array-like of shape (n_records,)
            Labels of two classes; the larger means LVH.
        y_score : array-like of shape (n_records,)
            Probabilities, or other scores; of these, calibration and decision curve
            are left out.
        groups : array-like of shape (n_records,), default=None
            Patient of each record; each record is its own patient by default.
        sex : array-like of shape (n_records,), default=None
            0 or "male", 1 or "female", NaN for unknown.
        age : array-like of shape (n_records,), default=None
            Age in years; over 120 means over 89, as in PTB-XL.
        conduction : array-like of bool, default=None
            Records with bundle branch block, pre-excitation or pacing.
        y_val, y_score_val : array-like, default=None
            Labels and scores of other records, on which thresholds are chosen.
        fold : array-like of shape (n_records,), default=None
            Fold in which each score was predicted; thresholds of its records are
            chosen on the other folds.
        y_pred : array-like of shape (n_records,), default=None
            The classifier's own decisions, in the labels of `y_true`.
        measurements : array-like or DataFrame, default=None
            Measurements of :class:`~skecg.ECGMeasurer`, or 12-lead records in mV, for
            the criteria. None leaves these out.
        criteria : sequence of str, default=DEFAULT_CRITERIA
            As in :func:`evaluate_lvh`.
        operating_points : sequence, default=None
            As in :func:`evaluate_lvh`.
        prevalences : sequence of float, default=(0.05, 0.1, 0.2, 0.4)
            Shares of LVH for which predictive values are given.
        subgroups : dict of str to array-like, default=None
            More subgroups: for each variable, the level of each record.
        fs : float, default=None
            Sampling rate in Hz of `measurements` that are unlabelled records.
        n_bootstrap : int, default=1000
            Number of bootstrap samples of patients.
        confidence_level : float, default=0.95
            Of all intervals.
        random_state : int, RandomState instance or None, default=0
            Seeds the bootstrap.
        details : dict, default=None
            What else the pages are to say.

        Returns
        -------
        LVHReport
            The report.

        Raises
        ------
        ValueError
            If lengths differ, one class is missing, or thresholds are to be chosen but
            there is nothing to choose them on.
        """
        positive = read_binary(y_true, "y_true")
        scores = read_scores(y_score, positive, "y_score")
        n = len(positive)
        patients_known = groups is not None
        groups = np.asarray(groups) if patients_known else np.arange(n)
        if len(groups) != n:
            raise ValueError(
                f"groups has {len(groups)} values, but there are {n} records."
            )
        _, patients = np.unique(groups, return_inverse=True)
        chosen_on = None
        if y_val is not None:
            y_val = read_binary(y_val, "y_val")
            chosen_on = (y_val, read_scores(y_score_val, y_val, "y_score_val"))
        fold = None if fold is None else np.asarray(fold)
        points = _points(operating_points, chosen_on is not None or fold is not None)
        question = Question(
            y_true=positive,
            y_score=scores,
            groups=patients,
            points=points,
            prevalences=prevalences,
            chosen_on=chosen_on,
            fold=fold,
            called=None if y_pred is None else read_binary_like(y_pred, y_true),
            sex=read_sex(sex, n),
            age=read_age(age, n),
            conduction=read_conduction(conduction, n),
            subgroups=subgroups,
            measurements=measurements,
            criteria=check_criteria(criteria),
            fs=fs,
        )
        tables = build_tables(
            question,
            n_bootstrap=n_bootstrap,
            confidence_level=confidence_level,
            random_state=random_state,
        )
        known = {
            "patients_known": patients_known,
            "n_bootstrap": n_bootstrap,
            "confidence_level": confidence_level,
            "random_state": random_state if isinstance(random_state, int) else None,
            "thresholds": question.thresholds,
            "thresholds_chosen_on": _chosen_on(chosen_on, fold),
        }
        return cls(tables, positive, scores, patients, known | (details or {}))

    def to_frame(self, table: str) -> Any:
        """Return a table.

        Parameters
        ----------
        table : str
            A key of `tables`, such as ``"criteria"``.

        Returns
        -------
        pandas.DataFrame
            The table.

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If there is no such table.
        """
        if table not in self.tables:
            raise ValueError(
                f"table must be one of {list(self.tables)}, got {table!r}."
            )
        pandas = import_optional("pandas", "csv", f"LVHReport.{table}")
        frame = pandas.DataFrame(self.tables[table])
        index = {
            "participants": ["records"],
            "summary": ["metric"],
            "operating_points": ["operating_point"],
            "predictive_values": ["operating_point", "prevalence"],
            "criteria": ["criterion"],
            "subgroups": ["variable", "level"],
            "decision_curve": ["threshold"],
        }[table]
        return frame.set_index(index) if len(frame) else frame

    @property
    def participants(self) -> Any:
        """Who was judged: all, with LVH and without (DataFrame)."""
        return self.to_frame("participants")

    @property
    def summary(self) -> Any:
        """The figures that need no threshold: estimate, low and high (DataFrame)."""
        return self.to_frame("summary")

    @property
    def operating_points(self) -> Any:
        """The figures of each operating point (DataFrame)."""
        return self.to_frame("operating_points")

    @property
    def predictive_values(self) -> Any:
        """Predictive values of each operating point by prevalence (DataFrame)."""
        return self.to_frame("predictive_values")

    @property
    def criteria(self) -> Any:
        """The model beside each criterion (DataFrame)."""
        return self.to_frame("criteria")

    @property
    def subgroups(self) -> Any:
        """The figures of each subgroup (DataFrame)."""
        return self.to_frame("subgroups")

    @property
    def decision_curve(self) -> Any:
        """Net benefit by threshold probability (DataFrame)."""
        return self.to_frame("decision_curve")

    def to_json(self, path: Any = None) -> str:
        """Write the tables as JSON.

        Parameters
        ----------
        path : str or path-like, default=None
            File to write, which appears whole or not at all. None writes none.

        Returns
        -------
        str
            The text. What is not known is null, an infinite likelihood ratio
            ``"Infinity"``.
        """
        content = {"caveat": CAVEAT, "details": self.details} | self.tables
        text = json.dumps(_plain(content), indent=1, allow_nan=False)
        if path is not None:
            write_whole(path, text)
        return text

    def to_html(
        self,
        path: Any = None,
        *,
        title: str = "Evaluation of an LVH classifier",
        notes: Mapping[str, str] | None = None,
    ) -> str:
        """Write one page that needs nothing else, laid out after TRIPOD+AI.

        Parameters
        ----------
        path : str or path-like, default=None
            File to write, which appears whole or not at all. None writes none.
        title : str, default="Evaluation of an LVH classifier"
            Headline.
        notes : dict of str to str, default=None
            Text for the sections ``"Purpose"``, ``"Participants"``, ``"Outcome"``,
            ``"Predictors"``, ``"Model"``, ``"Analysis"``, ``"Performance"``,
            ``"Limitations"``, ``"Use"`` and ``"Open science"``: what only the author
            knows, such as how patients were recruited.

        Returns
        -------
        str
            The page. Its pictures are inside.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a section is unknown.

        Notes
        -----
        The sections are those that [1]_ asks of a report on a prediction model; the
        page says where the author's words are needed.

        References
        ----------
        .. [1] Collins GS, et al. TRIPOD+AI statement: updated guidance for reporting
           clinical prediction models that use regression or machine learning methods.
           BMJ 2024;385:e078378. doi:10.1136/bmj-2023-078378
        """
        from skecg.evaluation._html import render_page

        text = render_page(self, title, dict(notes or {}))
        if path is not None:
            write_whole(path, text)
        return text

    def __repr__(self) -> str:
        everyone = self.tables["participants"][0]
        of = "counted as patients"
        if self.details.get("patients_known", True):
            of = f"of {everyone['n_patients']:,} patients"
        lines = [
            f"LVHReport of {everyone['n_records']:,} records {of}, "
            f"{int(self.y_true.sum()):,} with LVH"
        ]
        for row in self.tables["summary"]:
            if row["metric"] in _SHOWN:
                ends = (row["estimate"], row["low"], row["high"])
                lines.append(f"  {_SHOWN[row['metric']]:22} {in_words(*ends)}")
        for row in self.tables["operating_points"]:
            shares = [
                f"{name} {100 * row[name]:.1f} %"
                for name in ("sensitivity", "specificity")
            ]
            lines.append(f"  {row['operating_point']:22} {', '.join(shares)}")
        lines += [f"  {finding}" for finding in self.details.get("findings", [])]
        return "\n".join(lines)


def _points(given: Sequence[Any] | None, can_choose: bool) -> list[Any]:
    """Return the operating points, if there are records to choose them on."""
    if given is None:
        return parse_points(CHOSEN_POINTS) if can_choose else []
    points = parse_points(given)
    chosen = [point.name for point in points if point.is_chosen]
    if chosen and not can_choose:
        raise ValueError(
            f"The thresholds of {chosen} must be chosen on other records than those "
            "judged; give X_val and y_val (or y_val and y_score_val), or cv (or fold)."
        )
    return points


def _chosen_on(
    chosen_on: tuple[np.ndarray, np.ndarray] | None, fold: np.ndarray | None
) -> str:
    """Say on which records the thresholds were chosen."""
    if fold is not None:
        return "the other folds"
    if chosen_on is not None:
        y = chosen_on[0]
        return f"{len(y):,} other records, {int(y.sum()):,} with LVH"
    return "none"


def read_binary_like(y_pred: Any, y_true: Any) -> np.ndarray:
    """Return decisions as booleans, by the classes of the labels."""
    decisions = np.asarray(y_pred)
    classes = np.unique(np.asarray(y_true))
    unknown = np.setdiff1d(decisions, classes)
    if len(unknown) or decisions.shape != np.shape(y_true):
        raise ValueError(
            f"y_pred must hold one of {classes.tolist()} for each record, got the "
            f"shape {decisions.shape} and {unknown[:5].tolist()}."
        )
    return decisions == classes[1]


def in_words(estimate: float, low: float, high: float, digits: int = 3) -> str:
    """Return a figure with its interval, such as "0.957 (0.944 to 0.969)"."""
    if estimate is None or np.isnan(estimate):
        return "not defined"
    value = f"{estimate:.{digits}f}"
    if np.isnan(low):
        return value
    return f"{value} ({low:.{digits}f} to {high:.{digits}f})"


def _plain(value: Any) -> Any:
    """Return something that strict JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, float) and np.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, bool | int | float | None) else str(value)
