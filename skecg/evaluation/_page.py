"""The report as a self-contained page, and as a summary for notebooks."""

import base64
import datetime
import io
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from skecg.criteria import short_title
from skecg.metrics import in_words
from skecg.plotting import (
    JOURNAL_STYLE,
    DecisionCurveDisplay,
    PrecisionRecallBandDisplay,
    ReliabilityDisplay,
    RocBandDisplay,
    SubgroupForestDisplay,
)
from skecg.utils import import_optional

CAVEAT = (
    "The figures say how well a model agrees with the labels it was given. Where these "
    "are statements of a reader of the ECG, as in PTB-XL, they do not say how well it "
    "finds enlarged hearts: against echocardiography or MRI the task is much harder. "
    "No ECG finding rules left ventricular hypertrophy out. Research software, not a "
    "medical device."
)
"""The first lines of every report."""

METRICS = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "brier_score": "Brier score",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    "observed_to_expected": "LVH found / expected",
    "prevalence": "Prevalence of LVH",
}

_UNKNOWN: dict[str, Any] = {
    **dict.fromkeys(["classes", "fs", "lead_names", "model", "random_state", "shape"]),
    "checks": ["Leakage was not checked."],
    "confidence_level": 0.95,
    "findings": [],
    "n_bootstrap": 0,
    "patients_known": True,
    "quality": "The quality of the recordings was not assessed.",
    "thresholds_chosen_on": "none",
    "thresholds_from": None,
    "versions": {},
}
"""The details of a report that has none."""

SECTIONS = {
    "Purpose": "The intended patients and the decision that the model supports, and "
    "known inequalities in care.",
    "Participants": "Where, when and how patients were recruited; who was excluded.",
    "Outcome": "Who decided on LVH, by which method, and with which information.",
    "Predictors": "How, and with which device and filter, the ECGs were recorded.",
    "Model": "On which records it was trained, and how its settings were chosen.",
    "Analysis": "How the number of records was chosen, and how missing data were "
    "handled.",
    "Performance": "",
    "Limitations": "Who is not represented, and for what the model must not be used.",
    "Use": "Which equipment and knowledge a user needs, and how to handle a recording "
    "that is poor or missing.",
    "Open science": "Funding, interests, protocol, registration, availability of data "
    "and code, and how patients took part.",
}
"""Sections of the page, and the content that the author should add."""


def render_page(report: Any, title: str, notes: Mapping[str, str]) -> str:
    """Return the page as text."""
    unknown = sorted(set(notes) - set(SECTIONS))
    if unknown:
        raise ValueError(
            f"notes must be for sections out of {list(SECTIONS)}, got {unknown}."
        )
    template = _environment("LVHReport.to_html").get_template("page.html")
    return template.render(
        _facts(report),
        title=title,
        notes=notes,
        sections=SECTIONS,
        pictures=_pictures(report),
        one_record_each=len(np.unique(report.groups)) == len(report.groups),
        values_by_point={
            name: list(rows)
            for name, rows in groupby(
                report.tables["predictive_values"], itemgetter("operating_point")
            )
        },
        today=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )


def render_summary(report: Any) -> str | None:
    """Return the main figures as HTML; None without Jinja2."""
    try:
        environment = _environment("LVHReport")
    except ImportError:
        return None
    return environment.get_template("summary.html").render(_facts(report))


def _environment(purpose: str) -> Any:
    """Return the environment of the templates, which escapes all text."""
    jinja2 = import_optional("jinja2", "report", purpose)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("skecg.evaluation"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "figure": _figure,
        "p_value": _p_value,
        "point": lambda name: _POINTS.get(name, name),
        "short_title": short_title,
    }
    return environment


def _facts(report: Any) -> dict[str, Any]:
    """Return the facts on a report for both templates."""
    everyone = report.tables["participants"][0]
    details = _UNKNOWN | report.details
    return report.tables | {
        "caveat": CAVEAT,
        "details": details,
        "metrics": METRICS,
        "everyone": everyone,
        "n_positive": int(report.y_true.sum()),
        "percent": f"{100 * details['confidence_level']:g} %",
        "thresholds": _describe_thresholds(report, details),
    }


def _describe_thresholds(report: Any, details: Mapping[str, Any]) -> list[str]:
    """Return sentences on where the thresholds come from, as far as is known."""
    rows = report.tables["operating_points"]
    chosen_on, origin = details["thresholds_chosen_on"], details["thresholds_from"]
    said = []
    if chosen_on != "none":
        median = "; tables have their median" if chosen_on == "the other folds" else ""
        said.append(f"Thresholds were chosen on {chosen_on}{median}.")
    given = []
    if any(row["operating_point"].startswith("threshold ") for row in rows):
        given.append("thresholds given as numbers")
    if any(row["operating_point"] == "predict" for row in rows):
        given.append("the threshold of the estimator's own decisions")
    if given and origin:
        said.append(f"Origin of {given.pop(0)}: {origin}.")
    if given:
        said.append(
            f"Origin of {' and '.join(given)}: unknown. Rates at a threshold that was "
            "chosen on these records are too good."
        )
    return said


_POINTS = {
    "predict": "the estimator's own decisions",
    "youden": "Youden's index",
}


def _figure(row: Mapping[str, Any], key: str = "", digits: int = 3) -> Any:
    """Return a figure of a row with its interval, which no line divides."""
    names = [f"{key}{end}" for end in ("", "_low", "_high")]
    if not key:
        names = ["estimate", "low", "high"]
    if names[0] not in row:
        return ""
    markup = import_optional("markupsafe", "report", "LVHReport.to_html").Markup
    estimate, low, high = (row[name] for name in names)
    figure, bracket, interval = in_words(estimate, low, high, digits).partition(" (")
    if not bracket:
        return figure
    return markup('{} <span class="interval">({}</span>').format(figure, interval)


def _p_value(value: float | None) -> str:
    """Return a p-value as journals print it."""
    if value is None or np.isnan(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _pictures(report: Any) -> dict[str, str]:
    """Return the pictures by name, each as a data URI."""
    import_optional("matplotlib", "plot", "LVHReport.to_html")
    from matplotlib import rc_context

    displays: dict[str, Any] = {
        "roc": RocBandDisplay,
        "precision_recall": PrecisionRecallBandDisplay,
    }
    if report.tables["decision_curve"]:
        displays["reliability"] = ReliabilityDisplay
        displays["decision_curve"] = DecisionCurveDisplay
    if report.tables["subgroups"]:
        displays["subgroups"] = SubgroupForestDisplay
    # The salt makes the names inside an SVG the same at each run.
    style: Any = JOURNAL_STYLE | {"svg.hashsalt": "skecg"}
    with rc_context(style):
        return {name: _picture(display, report) for name, display in displays.items()}


def _picture(display: Any, report: Any) -> str:
    """Return one picture as SVG in a data URI."""
    from matplotlib.figure import Figure

    # A figure outside pyplot leaves the caller's figures and backend alone.
    figure = Figure(layout="constrained")
    drawn = display.from_report(report, ax=figure.add_subplot())
    figure.set_size_inches(drawn.figure_size)
    text = io.BytesIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(text.getvalue()).decode()
