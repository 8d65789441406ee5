"""The report on a classifier of left ventricular hypertrophy."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from skecg.evaluation._criteria import DEFAULT_CRITERIA, compare_with_criteria
from skecg.evaluation._page import CAVEAT, METRICS, render_page, render_summary
from skecg.evaluation._patients import Patients, judge_subgroups
from skecg.evaluation._predictions import Predictions
from skecg.evaluation._quality import NO_RECORDINGS, judge_quality
from skecg.evaluation._tables import Rows, decision_curve, judge_decisions, summarize
from skecg.metrics import ScoredRecords, check_arguments, in_words, positive_class
from skecg.signal import Quality
from skecg.utils import import_optional, write_whole

_RATES = ("sensitivity", "specificity")
_SHOWN = tuple(METRICS)[:5]
_INDEX = {
    "participants": ["records"],
    "summary": ["metric"],
    "operating_points": ["operating_point"],
    "predictive_values": ["operating_point", "prevalence"],
    "criteria": ["criterion"],
    "subgroups": ["variable", "level"],
    "quality": ["records"],
    "decision_curve": ["threshold"],
}


@dataclass(frozen=True)
class Settings:
    """How a report is computed, as :func:`evaluate_lvh` describes it."""

    criteria: Sequence[str]
    operating_points: Sequence[Any] | None
    thresholds_from: str | None
    prevalences: Sequence[float]
    fs: float | None
    n_bootstrap: int
    confidence_level: float
    random_state: int | np.random.RandomState | None

    def check(self, caller: str) -> None:
        """Raise if one has an invalid value."""
        check_arguments(caller, **vars(self))  # of those that it knows
        if isinstance(self.criteria, str):
            raise ValueError(
                f"criteria must be a list of names, got {self.criteria!r}; write "
                f"[{self.criteria!r}]."
            )
        shares = np.atleast_1d(self.prevalences).tolist()
        if not all(isinstance(p, int | float) and 0 < p < 1 for p in shares):
            raise ValueError(
                f"prevalences must be above 0 and below 1, got {shares}; write 5 % as "
                "0.05."
            )


def _table(name: str, summary: str) -> Any:
    """Return a property that gives a table as DataFrame."""
    return property(lambda report: report.to_frame(name), doc=f"{summary} (DataFrame)")


@dataclass(eq=False, repr=False)
class LVHReport:  # numpydoc ignore=PR02
    """How well a classifier finds left ventricular hypertrophy, with intervals.

    It is recommended to use :func:`evaluate_lvh`, or :meth:`from_predictions` with
    labels and scores alone. All parameters are stored as attributes.

    Parameters
    ----------
    tables : dict of str to list of dict
        The rows of each table.
    y_true, y_score, groups : ndarray of shape (n_records,)
        Whether a record is positive, its score, and its patient as a number from 0.
        Neither recordings nor patients' names are kept.
    details : dict, default=None
        Facts on model, data and computation, for the pages.

    See Also
    --------
    evaluate_lvh : Makes a report on an estimator.

    Notes
    -----
    The tables become DataFrames at their first use, which needs pandas; `to_json` and
    `to_html` do not. In a notebook the report shows its main figures, which needs
    Jinja2 (``pip install "skecg[report]"``).

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

    tables: dict[str, Rows]
    y_true: np.ndarray
    y_score: np.ndarray
    groups: np.ndarray
    details: Any = None

    def __post_init__(self) -> None:
        self.details = self.details or {}

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
        positive_label: Any = None,
        probabilities: bool | None = None,
        measurements: Any = None,
        criteria: Sequence[str] = DEFAULT_CRITERIA,
        operating_points: Sequence[Any] | None = None,
        thresholds_from: str | None = None,
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
            Labels of two classes.
        y_score : array-like of shape (n_records,)
            Probabilities, or other scores, which have neither calibration nor a
            decision curve.
        groups : array-like of shape (n_records,), default=None
            Patient of each record; each record is its own patient by default.
        sex, age, conduction : array-like of shape (n_records,), default=None
            As in :func:`evaluate_lvh`.
        y_val, y_score_val : array-like, default=None
            Labels and scores of other records, on which thresholds are chosen.
        fold : array-like of shape (n_records,), default=None
            Fold in which each score was predicted; thresholds of its records are
            chosen on the other folds.
        y_pred : array-like of shape (n_records,), default=None
            The classifier's own decisions, in the labels of `y_true`.
        positive_label : label, default=None
            The label that means LVH. None means the larger of two.
        probabilities : bool, default=None
            Whether `y_score` are probabilities. None means that they are where all are
            from 0 to 1; give False for such scores of a `decision_function`.
        measurements : array-like or DataFrame, default=None
            Measurements of :class:`~skecg.ECGMeasurer`, or 12-lead records in mV, for
            the criteria. None omits the criteria.
        criteria, operating_points, thresholds_from, prevalences, subgroups : optional
            As in :func:`evaluate_lvh`.
        fs : float, default=None
            Sampling rate in Hz of `measurements` that are unlabelled records.
        n_bootstrap, confidence_level, random_state : optional
            As in :func:`evaluate_lvh`.
        details : dict, default=None
            More facts for the pages.

        Returns
        -------
        LVHReport
            The report.

        Raises
        ------
        ValueError
            If lengths differ, a class or a label is missing, an argument is out of its
            range, or thresholds are to be chosen but there are no records for it.
        """
        if (y_val is None) != (y_score_val is None):
            raise ValueError(
                "y_val and y_score_val belong together; give both or neither."
            )
        positive = positive_class(y_true, "y_true", positive_label)
        predictions = Predictions(
            y_true, y_score, positive, y_pred, y_val, y_score_val, fold, probabilities
        )
        settings = Settings(
            criteria,
            operating_points,
            thresholds_from,
            prevalences,
            fs,
            n_bootstrap,
            confidence_level,
            random_state,
        )
        settings.check("from_predictions")
        patients = Patients.read(len(y_true), sex, age, conduction, subgroups)
        return cls._of(
            predictions, groups, patients, settings, measurements, details or {}
        )

    @classmethod
    def _of(
        cls,
        predictions: Predictions,
        groups: Any,
        patients: Patients,
        settings: Settings,
        measurements: Any,
        details: dict[str, Any],
        quality: Quality | None = None,
    ) -> "LVHReport":
        """Compute every table."""
        records = ScoredRecords.from_predictions(
            predictions.y_true,
            predictions.y_score,
            groups=groups,
            positive_label=predictions.positive_label,
            probabilities=predictions.probabilities,
            n_bootstrap=settings.n_bootstrap,
            confidence_level=settings.confidence_level,
            random_state=settings.random_state,
        )
        decisions = predictions.decisions(records, settings.operating_points)
        points, values = judge_decisions(records, decisions, settings.prevalences)
        first = decisions[0].called if decisions else None
        tables = {
            "participants": patients.describe(records),
            "summary": summarize(records),
            "operating_points": points,
            "predictive_values": values,
            "criteria": compare_with_criteria(
                records, patients, settings.criteria, measurements, settings.fs
            ),
            "subgroups": judge_subgroups(records, patients.masks(), first),
            "quality": judge_quality(records, quality, first),
            "decision_curve": decision_curve(records),
        }
        # A generator can't be drawn from again; a display then takes seed 0.
        seed = settings.random_state
        known = {
            "patients_known": groups is not None,
            "probabilities": records.has_probabilities,
            "quality": NO_RECORDINGS,
            "n_bootstrap": settings.n_bootstrap,
            "confidence_level": settings.confidence_level,
            "random_state": int(seed) if isinstance(seed, Integral) else None,
            "thresholds": {d.name: d.thresholds for d in decisions if d.thresholds},
            "thresholds_chosen_on": predictions.chosen_on(settings.operating_points),
            "thresholds_from": settings.thresholds_from,
        }
        return cls(
            tables, records.y_true, records.y_score, records.groups, known | details
        )

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
        return frame.set_index(_INDEX[table]) if len(frame) else frame

    participants = _table("participants", "Judged records: all, with LVH, without.")
    summary = _table("summary", "Figures without threshold, with low and high.")
    operating_points = _table("operating_points", "Rates at each operating point.")
    predictive_values = _table("predictive_values", "Predictive values by prevalence.")
    criteria = _table("criteria", "The model compared with each criterion.")
    subgroups = _table("subgroups", "Figures of each subgroup.")
    quality = _table("quality", "Figures of records with and without a finding.")
    decision_curve = _table("decision_curve", "Net benefit by threshold probability.")

    def to_json(self, path: Any = None) -> str:
        """Write the tables as JSON.

        Parameters
        ----------
        path : str or path-like, default=None
            File to write, as a whole or not at all. None writes no file.

        Returns
        -------
        str
            The text. Unknown figures are null, an infinite likelihood ratio is
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
        """Write one self-contained page, laid out after TRIPOD+AI.

        Parameters
        ----------
        path : str or path-like, default=None
            File to write, as a whole or not at all. None writes no file.
        title : str, default="Evaluation of an LVH classifier"
            Headline.
        notes : dict of str to str, default=None
            Text for the sections ``"Purpose"``, ``"Participants"``, ``"Outcome"``,
            ``"Predictors"``, ``"Model"``, ``"Analysis"``, ``"Performance"``,
            ``"Limitations"``, ``"Use"`` and ``"Open science"``: facts that only the
            author knows. A section without notes says what they should contain.

        Returns
        -------
        str
            The page, with its pictures.

        Raises
        ------
        ImportError
            If Jinja2 or matplotlib is not installed.
        ValueError
            If a section is unknown.

        References
        ----------
        .. [1] Collins GS, et al. TRIPOD+AI statement. BMJ 2024;385:e078378.
           doi:10.1136/bmj-2023-078378
        """
        text = render_page(self, title, dict(notes or {}))
        if path is not None:
            write_whole(path, text)
        return text

    def _repr_html_(self) -> str | None:
        """Return the main figures for a notebook; None without Jinja2."""
        return render_summary(self)

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
                lines.append(f"  {METRICS[row['metric']]:22} {in_words(*ends)}")
        for row in self.tables["operating_points"]:
            shares = (f"{name} {100 * row[name]:.1f} %" for name in _RATES)
            lines.append(f"  {row['operating_point']:22} {', '.join(shares)}")
        lines += [f"  {finding}" for finding in self.details.get("findings", [])]
        return "\n".join(lines)


def _plain(value: Any) -> Any:
    """Return a value of the types of strict JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    # Strict JSON has neither NaN nor infinity, which Python would write.
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, float) and np.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, bool | int | float | None) else str(value)
