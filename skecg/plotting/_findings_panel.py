"""The table beside the median beats."""

import textwrap

import numpy as np

from skecg.plotting._findings import TITLES
from skecg.plotting._waves import unmeasured_leads
from skecg.signal import REASONS

PANEL_WIDTH = 128  # mm
_LINE = 4.2  # mm
_VALUE, _THRESHOLD, _RESULT = 74, 79, 104  # mm from the left
_WRAP = 72  # characters
_HEADINGS = {"value": "Value", "threshold": "Positive if", "result": "Result"}
_COLORS = {"positive": "#D55E00", "negative": "black"}
_WIDE_QRS = 120  # ms
_ADULT_CRITERIA = 35  # years: below, the criteria are not validated
CAVEAT = "ECG criteria do not rule LVH out. Research use only."


def panel_lines(measurements, findings, sex, age, conduction):
    """Return the table's lines, each a dict of column to text, top down.

    "head" is the first column in bold, "text" the same in plain letters.
    """
    reason = int(measurements["reason"][0])
    lines = [{"head": describe_person(sex, age)}]
    if reason:
        lines.append({"head": f"Not measured: {REASONS[reason]}"})
    else:
        lines += [{"text": text} for text in _intervals(measurements)]
    lines += [{}, {"head": "Criterion", **_HEADINGS}]
    for finding in findings:
        lines.append(
            {
                "text": TITLES[finding.criterion],
                "value": finding.value_text,
                "threshold": finding.threshold_text,
                "result": finding.result,
            }
        )
    lines.append({})
    for kind, note in remarks(measurements, age, conduction):
        lines += [{kind: text} for text in textwrap.wrap(note, _WRAP)]
    return lines


def panel_height(lines):
    """Return the height of the table in mm."""
    return _LINE * len(lines)


def draw_panel(ax, x, top, lines):
    """Write the table with its upper left corner at (x, top) mm."""
    for number, line in enumerate(lines):
        style = {"y": top - _LINE * number, "fontsize": 7.5, "va": "top"}
        if "head" in line:
            style["fontweight"] = "bold"
        ax.text(x, s=line.get("head", line.get("text", "")), **style)
        ax.text(x + _VALUE, s=line.get("value", ""), ha="right", **style)
        ax.text(x + _THRESHOLD, s=line.get("threshold", ""), **style)
        result = line.get("result", "")
        style["color"] = "black" if "head" in line else _COLORS.get(result, "0.45")
        if result == "positive":
            style["fontweight"] = "bold"
        ax.text(x + _RESULT, s=result, **style)


def describe_person(sex, age):
    """Return sex and age in words."""
    who = "Sex unknown" if np.isnan(sex) else ("Man", "Woman")[int(sex)]
    return f"{who}, {'age unknown' if np.isnan(age) else f'{int(age)} years'}"


def remarks(measurements, age, conduction):
    """Return what a reader of the table must know: kind of line and sentence."""
    if measurements["reason"][0]:
        return [("text", "Look at the recording itself, with ECGDisplay.")]
    found, used = (int(measurements[name][0]) for name in ("n_beats", "n_used"))
    notes = [
        (
            "text",
            f"Median of {used} of {found} beats. Q, R and S in mV from the PQ level.",
        )
    ]
    if missing := unmeasured_leads(measurements):
        leads = ", ".join(missing)
        notes.append(("text", f"Absent, flat or too noisy to measure: {leads}."))
    if conduction:
        notes.append(
            ("head", "Conduction disturbance or pacing: the criteria do not apply.")
        )
    elif measurements["qrs_duration"][0] >= _WIDE_QRS:
        notes.append(
            (
                "head",
                f"QRS {_WIDE_QRS} ms or more: with bundle branch block, "
                "pre-excitation or pacing the criteria do not apply.",
            )
        )
    if age < _ADULT_CRITERIA:
        notes.append(
            ("head", f"Under {_ADULT_CRITERIA} years the criteria are not validated.")
        )
    return notes


def _intervals(measurements):
    """Return rate, intervals and axis as two lines."""

    def written(name, column, unit):
        value = measurements[column][0]
        known = "not found" if np.isnan(value) else f"{round(value)}{unit}"
        return f"{name} {known}"

    return (
        "     ".join(
            [
                written("Heart rate", "heart_rate", "/min"),
                written("QRS duration", "qrs_duration", " ms"),
                written("QRS axis", "qrs_axis", "°"),
            ]
        ),
        "     ".join(
            [written("PR", "pr_interval", " ms"), written("QT", "qt_interval", " ms")]
        ),
    )
