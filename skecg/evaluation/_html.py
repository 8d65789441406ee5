"""The report as one page that needs nothing else."""

import datetime
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from skecg.evaluation._figures import draw_figures
from skecg.plotting._findings import short_title

if TYPE_CHECKING:
    from skecg.evaluation._report import LVHReport

SECTIONS = (
    "Purpose",
    "Participants",
    "Outcome",
    "Predictors",
    "Model",
    "Analysis",
    "Performance",
    "Limitations",
    "Use",
    "Open science",
)

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff;
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.2rem;
  border-bottom: 1px solid #bbb; } h3 { font-size: 1.05rem; margin-top: 1.6rem; }
.caveat { border-left: .4rem solid #D55E00; background: #fdf1e7; padding: .7rem 1rem; }
.ask { color: #555; font-style: italic; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .82rem; margin: .6rem 0; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { text-align: left; padding: .25rem .4rem; border-bottom: 1px solid #ddd;
  vertical-align: top; font-variant-numeric: tabular-nums; }
thead th { border-bottom: 2px solid #888; }
td:first-child { white-space: nowrap; }
.figures { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: .5rem 0; max-width: 100%; } figure img { max-width: 100%; }
figcaption { font-size: .85rem; max-width: 21rem; }
.interval { white-space: nowrap; display: inline-block; }
pre { white-space: pre-wrap; background: #f4f4f4; padding: .7rem; font-size: .85rem; }
@media print { body { margin: 0; max-width: none; }
  figure, tr { break-inside: avoid; } }
"""

_ASK = {
    "Purpose": "For whom and for which decision the model is meant, and what is known "
    "of inequalities in care.",
    "Participants": "Where, when and how patients were recruited; who was left out.",
    "Outcome": "Who decided on LVH, by what method, and knowing what.",
    "Predictors": "How, and with which device and filter, the ECGs were recorded.",
    "Model": "On which records it was trained, and how its settings were chosen.",
    "Analysis": "How the number of records was chosen, and what was done about those "
    "with missing data.",
    "Limitations": "Who is not represented, and for what the model must not be used.",
    "Use": "What a user must have and know, and what is to be done with a recording "
    "that is poor or missing.",
    "Open science": "Funding, interests, protocol, registration, where data and code "
    "are, and how patients took part.",
}

_METRICS = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "brier_score": "Brier score",
    "calibration_intercept": "Calibration intercept (0 is right)",
    "calibration_slope": "Calibration slope (1 is right; below, too extreme)",
    "observed_to_expected": "LVH found to LVH expected",
    "prevalence": "Prevalence of LVH",
}
_PICTURES = {
    "roc": "ROC curve; the criteria at their published thresholds, each on the "
    "records to which it applies.",
    "precision_recall": "Precision and recall at these records' own prevalence.",
    "reliability": "Reliability: found against predicted shares, and below the records "
    "by predicted probability, counted on a logarithmic scale.",
    "decision_curve": "Decision curve. Treating stands for what follows from an alarm, "
    "such as an echocardiogram.",
    "subgroups": "AUROC of subgroups; hollow where a class has fewer than 10 records.",
}


def render_page(report: "LVHReport", title: str, notes: dict[str, str]) -> str:
    """Return the page as text."""
    unknown = sorted(set(notes) - set(SECTIONS))
    if unknown:
        raise ValueError(
            f"notes must be for sections out of {list(SECTIONS)}, got {unknown}."
        )
    from skecg.evaluation._report import CAVEAT

    pictures = draw_figures(report)
    body = {
        "Purpose": "",
        "Participants": _participants(report),
        "Outcome": _outcome(report),
        "Predictors": _predictors(report),
        "Model": _model(report),
        "Analysis": _analysis(report),
        "Performance": _performance(report, pictures),
        "Limitations": _limitations(report),
        "Use": "",
        "Open science": "",
    }
    parts = [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="caveat"><strong>Read this first.</strong> {escape(CAVEAT)}</p>',
        _in_short(report),
    ]
    for section in SECTIONS:
        parts.append(f"<h2>{section}</h2>{body[section]}{_note(section, notes)}")
    parts.append(_colophon(report))
    return "\n".join([*parts, "</body></html>\n"])


def _note(section: str, notes: dict[str, str]) -> str:
    """Return the author's words, or what they should say."""
    if section in notes:
        return f"<p>{escape(notes[section])}</p>"
    if section in _ASK:
        return f'<p class="ask">For the author to say: {escape(_ASK[section])}</p>'
    return ""


def _in_short(report: "LVHReport") -> str:
    """Return one sentence with the main figures."""
    everyone = report.tables["participants"][0]
    rows = {row["metric"]: row for row in report.tables["summary"]}
    return (
        f"<p>{everyone['n_records']:,} records of {everyone['n_patients']:,} patients, "
        f"{int(report.y_true.sum()):,} with LVH: AUROC {_interval(rows['auroc'])}, "
        f"average precision {_interval(rows['average_precision'])}. In brackets, here "
        f"and below, {_percent(report)} intervals of a bootstrap over patients.</p>"
    )


def _percent(report: "LVHReport") -> str:
    """Return the confidence level in words."""
    return f"{100 * report.details.get('confidence_level', 0.95):g} %"


def _participants(report: "LVHReport") -> str:
    """Return who was judged."""
    names = {
        "n_records": "records",
        "n_patients": "patients",
        "men": "men",
        "women": "women",
        "age_median": "age, median (quartiles)",
        "under_35": "under 35 years",
        "conduction_disturbed": "conduction disturbed",
    }
    rows = report.tables["participants"]
    keys = [key for key in names if any(key in row for row in rows)]
    cells = []
    for row in rows:
        cells.append([row["records"], *(_participant(row, key) for key in keys)])
    return _table("Judged records", ["", *(names[key] for key in keys)], cells)


def _participant(row: dict[str, Any], key: str) -> str:
    """Return one cell of the participants' table."""
    if key not in row:
        return "not known"
    if key == "age_median":
        return f"{row[key]:.0f} ({row['age_q1']:.0f} to {row['age_q3']:.0f})"
    return f"{row[key]:,}"


def _outcome(report: "LVHReport") -> str:
    """Return what counts as LVH."""
    classes = report.details.get("classes")
    text = "Left ventricular hypertrophy (LVH), as the labels have it"
    if classes:
        text += f": {classes[1]!r} is LVH, {classes[0]!r} is not"
    return f"<p>{escape(text)}.</p>"


def _predictors(report: "LVHReport") -> str:
    """Return what the model sees."""
    details = report.details
    shape, fs, leads = (details.get(k) for k in ("shape", "fs", "lead_names"))
    if shape is None:
        return "<p>Not known: the report was made from predictions.</p>"
    parts = [f"X of the shape {tuple(shape)}"]
    if fs:
        parts.append(f"{fs:g} Hz")
    if leads:
        parts.append(f"leads {', '.join(leads)}")
    return f"<p>{escape('; '.join(parts))}.</p>"


def _model(report: "LVHReport") -> str:
    """Return the estimator and its parameters that are not the default."""
    model = report.details.get("model")
    if model is None:
        return "<p>Not known: the report was made from predictions.</p>"
    return f"<pre>{escape(model)}</pre>"


def _analysis(report: "LVHReport") -> str:
    """Return how the figures were computed."""
    details = report.details
    points = [
        f"Intervals ({_percent(report)}) are percentiles of "
        f"{details.get('n_bootstrap', 0):,} bootstrap samples that draw whole "
        "patients, with model and thresholds held as they are.",
        f"Thresholds were chosen on {details.get('thresholds_chosen_on', 'none')}.",
    ]
    if report.tables["criteria"]:
        points.append(
            "Criteria are compared with the model on the records to which they apply: "
            "those with a conduction disturbance, an unmeasurable wave or an unknown "
            "sex are left out of that comparison, and only of that. P-values are "
            "DeLong's with patients as clusters, not corrected for their number."
        )
    points += details.get("checks", ["Leakage was not looked for."])
    items = "".join(f"<li>{escape(point)}</li>" for point in points)
    return f"<ul>{items}</ul>"


def _performance(report: "LVHReport", pictures: dict[str, str]) -> str:
    """Return every table and picture of figures."""
    tables = report.tables
    figures = {
        name: f'<figure><img alt="{escape(_PICTURES[name])}" src="{source}">'
        f"<figcaption>{escape(_PICTURES[name])}</figcaption></figure>"
        for name, source in pictures.items()
    }
    summary = [[_METRICS[r["metric"]], _interval(r)] for r in tables["summary"]]
    parts = [
        "<h3>Discrimination and calibration</h3>",
        _table("All records", ["", "estimate"], summary),
        '<div class="figures">',
        *(figures.get(name, "") for name in ("roc", "precision_recall", "reliability")),
        "</div>",
        "<h3>Operating points</h3>",
        _operating_points(report),
        "<h3>Beside published criteria</h3>",
        _criteria(report),
        "<h3>Subgroups</h3>",
        _subgroups(report),
        figures.get("subgroups", ""),
    ]
    if "decision_curve" in figures:
        parts += [
            "<h3>Decision curve</h3>",
            "<p>Net benefit is the share of true positives minus that of false "
            "positives times the odds of the threshold probability. Where the model's "
            "curve is the highest, deciding by it serves patients best, if the "
            "probabilities are right.</p>",
            figures["decision_curve"],
        ]
    return "".join(parts)


def _operating_points(report: "LVHReport") -> str:
    """Return what each threshold does, and predictive values by prevalence."""
    rows = report.tables["operating_points"]
    if not rows:
        return "<p>None: there were no other records to choose thresholds on.</p>"
    heads = ["", "threshold", "sensitivity", "specificity", "LR+", "LR-", "PPV", "NPV"]
    keys = (
        "sensitivity",
        "specificity",
        "positive_likelihood_ratio",
        "negative_likelihood_ratio",
        "positive_predictive_value",
        "negative_predictive_value",
    )
    cells = [
        [
            _point(row["operating_point"]),
            _number(row["threshold"], "the estimator's"),
            *(_interval(row, key, 2) for key in keys),
        ]
        for row in rows
    ]
    where = report.details.get("thresholds_chosen_on", "none")
    median = "; the median of the folds is shown" if where == "the other folds" else ""
    text = (
        f"<p>Thresholds were chosen on {escape(where)}{median}. LR: likelihood ratio; "
        "PPV, NPV: positive and negative predictive value at these records' own "
        "prevalence.</p>"
    )
    return text + _table("Decisions", heads, cells) + _predictive_values(report)


def _predictive_values(report: "LVHReport") -> str:
    """Return the predictive values of each operating point, side by side."""
    by_point: dict[str, list[str]] = {}
    heads = []
    for row in report.tables["predictive_values"]:
        cells = by_point.setdefault(row["operating_point"], [])
        cells.append(_interval(row, "positive_predictive_value", 2))
        cells.append(_interval(row, "negative_predictive_value", 2))
        share = f"{100 * row['prevalence']:g} %"
        if len(by_point) == 1:
            heads += [f"PPV at {share}", f"NPV at {share}"]
    if not heads:
        return ""
    rows = [[_point(name), *cells] for name, cells in by_point.items()]
    return _table("Predictive values by prevalence of LVH", ["", *heads], rows)


def _criteria(report: "LVHReport") -> str:
    """Return the model beside each criterion."""
    rows = report.tables["criteria"]
    if not rows:
        return "<p>Not compared.</p>"
    keys = (
        "criterion_auroc",
        "auroc_difference",
        "criterion_sensitivity",
        "criterion_specificity",
        "model_sensitivity",
        "sensitivity_difference",
    )
    heads = [
        "",
        "records (not available)",
        "its AUROC",
        "model's AUROC above it",
        "p (DeLong)",
        "its sensitivity",
        "its specificity",
        "model's sensitivity at that specificity",
        "difference",
    ]
    cells = []
    for row in rows:
        found = [_interval(row, key) if key in row else "" for key in keys]
        found.insert(2, _p_value(row.get("auroc_p_value")))
        count = f"{row['n_records']:,} ({row['n_unavailable']:,})"
        cells.append([short_title(row["criterion"]), count, *found])
    return _table("On the records to which the criterion applies", heads, cells)


def _subgroups(report: "LVHReport") -> str:
    """Return the figures of each subgroup."""
    rows = report.tables["subgroups"]
    if not rows:
        return "<p>Neither sex nor age nor conduction was known.</p>"
    points = report.tables["operating_points"]
    keys = ["auroc", *(["sensitivity", "specificity"] if points else [])]
    heads = ["", "", "records", "with LVH", "AUROC", *keys[1:], "note"]
    cells = [
        [
            row["variable"],
            row["level"],
            f"{row['n_records']:,}",
            f"{row['n_positive']:,}",
            *(_interval(row, key) for key in keys),
            row["note"],
        ]
        for row in rows
    ]
    name = f"; rates at: {_point(points[0]['operating_point'])}" if points else ""
    return _table(f"Subgroups{name}", heads, cells)


def _limitations(report: "LVHReport") -> str:
    """Return what the computation itself can't mend."""
    details = report.details
    points = [
        "Intervals are of the judged records; they do not tell what another training, "
        "another hospital or another device would change.",
        *details.get("findings", []),
    ]
    if len(np.unique(report.groups)) == len(report.groups):
        points.append(
            "Each record counts as a patient of its own: where patients were not "
            "given, intervals may be too narrow."
        )
    points += [
        f"{row['variable']} {row['level']}: {row['note']}."
        for row in report.tables["subgroups"]
        if row["note"]
    ]
    items = "".join(f"<li>{escape(point)}</li>" for point in points)
    return f"<ul>{items}</ul>"


def _colophon(report: "LVHReport") -> str:
    """Return how the page was made."""
    details = report.details
    versions = ", ".join(f"{k} {v}" for k, v in details.get("versions", {}).items())
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    text = (
        f"Made on {today}; {details.get('n_bootstrap')} bootstrap samples of patients, "
        f"random_state={details.get('random_state')}. {versions} Laid out after "
        "TRIPOD+AI (Collins et al., BMJ 2024;385:e078378)."
    )
    return f"<hr><p><small>{escape(text)}</small></p>"


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table."""
    head = "".join(f'<th scope="col">{escape(str(cell))}</th>' for cell in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{_unbroken(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _unbroken(cell: Any) -> str:
    """Return a cell's text that breaks before an interval, and not inside it."""
    text = escape(str(cell))
    figure, bracket, interval = text.partition(" (")
    if not bracket or " to " not in interval:
        return text
    return f'{figure} <span class="interval">({interval}</span>'


def _interval(row: dict[str, Any], key: str = "", digits: int = 3) -> str:
    """Return a figure of a row with its interval."""
    from skecg.evaluation._report import in_words

    if not key:
        return in_words(row["estimate"], row["low"], row["high"], digits)
    return in_words(row[key], row[f"{key}_low"], row[f"{key}_high"], digits)


def _number(value: float, otherwise: str) -> str:
    """Return a number with three significant digits."""
    return otherwise if np.isnan(value) else f"{value:.3g}"


def _p_value(value: float | None) -> str:
    """Return a p-value as journals print it."""
    if value is None or np.isnan(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _point(name: str) -> str:
    """Return an operating point's name for a reader."""
    return "the estimator's own decisions" if name == "predict" else name
