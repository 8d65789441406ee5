"""The table of criteria below the median beats, and the text beside it."""

import textwrap

import numpy as np

from skecg.plotting._waves import unmeasured_leads
from skecg.signal import REASONS

_ROW, _LINE = 4.7, 5.0  # mm from line to line in the table and beside it
_FONT_SIZE = 8.5
_VALUE, _THRESHOLD, _RESULT = 84, 89, 117  # mm from the left
_BESIDE = 148  # mm from the left: the text beside the table
_WRAP = 42  # characters
_COLORS = {"positive": "#D55E00", "negative": "black"}
_WIDE_QRS = 120  # ms
_ADULT_CRITERIA = 35  # years: below, the criteria are not validated
CAVEAT = "ECG criteria do not rule LVH out. Research use only."


def describe_record(measurements, sex, age, conduction):
    """Return the lines beside the table, each with whether it is bold."""
    reason = int(measurements["reason"][0])
    lines = [(True, describe_person(sex, age))]
    if reason:
        lines.append((True, f"Not measured: {REASONS[reason]}"))
    else:
        lines += [(False, text) for text in _intervals(measurements)]
    for bold, note in [*remarks(measurements, age, conduction), (True, CAVEAT)]:
        lines.append((False, ""))
        lines += [(bold, text) for text in textwrap.wrap(note, _WRAP)]
    return lines


def panel_height(findings, beside):
    """Return the height in mm of table and text."""
    return max(_ROW * (len(findings) + 1), _LINE * len(beside))


def draw_panel(ax, top, findings, beside):
    """Write the table and the text beside it, from `top` mm down."""
    _write_row(ax, top, ("Criterion", "Value", "Positive if", "Result"), "bold")
    for number, finding in enumerate(findings, start=1):
        found = finding.value_text, finding.threshold_text, finding.result
        color = _COLORS.get(finding.result, "0.45")
        weight = "bold" if finding.result == "positive" else "normal"
        _write_row(ax, top - _ROW * number, (finding.title, *found), weight, color)
    for number, (bold, text) in enumerate(beside):
        style = {"fontsize": _FONT_SIZE, "va": "top"}
        style["fontweight"] = "bold" if bold else "normal"
        ax.text(_BESIDE, top - _LINE * number, text, **style)


def _write_row(ax, y, texts, weight, color="black"):
    """Write one row of the table; colour and weight apply to the result."""
    plain = "bold" if texts[0] == "Criterion" else "normal"
    style = {"y": y, "fontsize": _FONT_SIZE, "va": "top"}
    title, value, threshold, result = texts
    ax.text(0, s=title, fontweight=plain, **style)
    ax.text(_VALUE, s=value, ha="right", fontweight=plain, **style)
    ax.text(_THRESHOLD, s=threshold, fontweight=plain, **style)
    ax.text(_RESULT, s=result, fontweight=weight, color=color, **style)


def describe_person(sex, age):
    """Return sex and age in words."""
    who = "Sex unknown" if np.isnan(sex) else ("Man", "Woman")[int(sex)]
    return f"{who}, {'age unknown' if np.isnan(age) else f'{int(age)} years'}"


def remarks(measurements, age, conduction):
    """Return the caveats on a record's table, each with whether it is bold."""
    if measurements["reason"][0]:
        return [(False, "Draw the recording itself with ECGDisplay.")]
    found, used = (int(measurements[name][0]) for name in ("n_beats", "n_used"))
    median = f"Median of {used} of {found} beats. Q, R and S in mV from the PQ level."
    notes = [(False, median)]
    if "flutter" in (reason := REASONS[int(measurements["reason_P"][0])]):
        notes.append((False, f"{reason.capitalize()}: PR, QT are not measured."))
    if missing := unmeasured_leads(measurements):
        leads = ", ".join(missing)
        notes.append((False, f"Absent, flat or too noisy to measure: {leads}."))
    if conduction:
        text = "Conduction disturbance or pacing: the criteria do not apply."
        notes.append((True, text))
    # A wide QRS is a reason to look, not a diagnosis: the criteria are not suppressed.
    elif measurements["qrs_duration"][0] >= _WIDE_QRS:
        text = (
            f"QRS {_WIDE_QRS} ms or more: with bundle branch block, pre-excitation or "
            "pacing the criteria do not apply."
        )
        notes.append((True, text))
    if age < _ADULT_CRITERIA:
        text = f"Under {_ADULT_CRITERIA} years the criteria are not validated."
        notes.append((True, text))
    return notes


def _intervals(measurements):
    """Return rate, intervals and axis, one a line."""
    for name, column, unit in (
        ("Heart rate", "heart_rate", "/min"),
        ("QRS duration", "qrs_duration", " ms"),
        ("QRS axis", "qrs_axis", "°"),
        ("PR", "pr_interval", " ms"),
        ("QT", "qt_interval", " ms"),
    ):
        value = measurements[column][0]
        yield f"{name} {'not found' if np.isnan(value) else f'{round(value)}{unit}'}"
