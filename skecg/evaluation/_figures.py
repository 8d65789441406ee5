"""The pictures of a report, as text that a page can hold."""

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import PrecisionRecallDisplay, RocCurveDisplay

from skecg.utils import import_optional

if TYPE_CHECKING:
    from skecg.evaluation._report import LVHReport

# Okabe and Ito's colours, told apart in every colour vision.
_MODEL, _OTHER, _GREY = "#0072B2", "#D55E00", "0.45"
_SIZE = (3.35, 2.9)  # inches: one column of a journal
_FONT_SIZE = 8


def draw_figures(report: "LVHReport") -> dict[str, str]:
    """Return the pictures by name, each as an address that holds it whole."""
    import_optional("matplotlib", "plot", "LVHReport.to_html")
    from matplotlib import rc_context

    pictures = {
        "roc": (_draw_roc, _SIZE),
        "precision_recall": (_draw_precision_recall, _SIZE),
    }
    if report.tables["decision_curve"]:
        pictures["reliability"] = (_draw_reliability, _SIZE)
        pictures["decision_curve"] = (_draw_decision_curve, _SIZE)
    if report.tables["subgroups"]:
        height = 0.9 + 0.24 * len(report.tables["subgroups"])
        pictures["subgroups"] = (_draw_subgroups, (6.9, height))
    style: Any = {
        "font.size": _FONT_SIZE,
        "legend.fontsize": 7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "skecg",
    }
    with rc_context(style):
        return {
            name: _picture(draw, report, size)
            for name, (draw, size) in pictures.items()
        }


def _picture(draw: Any, report: "LVHReport", size: tuple[float, float]) -> str:
    """Return one picture as SVG in a data address."""
    from matplotlib.figure import Figure

    # A figure outside pyplot leaves the caller's figures and backend alone.
    figure = Figure(figsize=size, layout="constrained")
    draw(report, figure.add_subplot())
    text = io.BytesIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(text.getvalue()).decode()


def _draw_roc(report: "LVHReport", axes: Any) -> None:
    """Draw the ROC curve, and each criterion as a point."""
    RocCurveDisplay.from_predictions(
        report.y_true,
        report.y_score,
        ax=axes,
        name="Model",
        curve_kwargs={"color": _MODEL},
        plot_chance_level=True,
        chance_level_kw={"color": _GREY, "linestyle": ":", "label": "Chance"},
    )
    for marker, row in zip("osD^v<>pP*", report.tables["criteria"], strict=False):
        if "criterion_specificity" in row:
            axes.plot(
                1 - row["criterion_specificity"],
                row["criterion_sensitivity"],
                marker,
                color=_OTHER,
                markersize=4,
                label=row["criterion"].replace("_", " ").capitalize(),
            )
    axes.set(xlabel="1 - specificity", ylabel="Sensitivity")
    axes.legend(loc="lower right", frameon=False)


def _draw_precision_recall(report: "LVHReport", axes: Any) -> None:
    """Draw precision against recall."""
    PrecisionRecallDisplay.from_predictions(
        report.y_true,
        report.y_score,
        ax=axes,
        name="Model",
        curve_kwargs={"color": _MODEL},
        plot_chance_level=True,
        chance_level_kw={"color": _GREY, "linestyle": ":", "label": "Prevalence"},
    )
    axes.set(
        xlabel="Recall (sensitivity)",
        ylabel="Precision (positive predictive value)",
        ylim=(0, 1.02),
    )
    axes.legend(loc="best", frameon=False)


def _draw_reliability(report: "LVHReport", axes: Any) -> None:
    """Draw found against predicted shares, tenths of the records a point."""
    from sklearn.calibration import CalibrationDisplay

    CalibrationDisplay.from_predictions(
        report.y_true,
        report.y_score,
        n_bins=10,
        strategy="quantile",
        ax=axes,
        name="Model, by tenths of the records",
        color=_MODEL,
        markersize=4,
    )
    axes.set(xlabel="Predicted probability", ylabel="Share with LVH")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.legend(loc="upper left", frameon=False)


def _draw_decision_curve(report: "LVHReport", axes: Any) -> None:
    """Draw the net benefit of the model, of treating all and of treating none."""
    rows = report.tables["decision_curve"]
    column = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    axes.fill_between(
        column["threshold"],
        column["net_benefit_low"],
        column["net_benefit_high"],
        color=_MODEL,
        alpha=0.2,
        linewidth=0,
    )
    axes.plot(column["threshold"], column["net_benefit"], color=_MODEL, label="Model")
    axes.plot(
        column["threshold"], column["treat_all"], "--", color=_OTHER, label="Refer all"
    )
    axes.axhline(0, color=_GREY, linestyle=":", label="Refer none")
    top = max(column["net_benefit_high"].max(), 0.01)
    axes.set(xlabel="Threshold probability", ylabel="Net benefit")
    axes.set(ylim=(-0.5 * top, 1.1 * top))
    axes.legend(loc="lower left", frameon=False)


def _draw_subgroups(report: "LVHReport", axes: Any) -> None:
    """Draw the AUROC of each subgroup with its interval."""
    rows = [row for row in report.tables["subgroups"] if np.isfinite(row["auroc"])]
    places = np.arange(len(rows))[::-1]
    estimate, low, high = (
        np.array([row[key] for row in rows])
        for key in ("auroc", "auroc_low", "auroc_high")
    )
    ends = np.abs(np.stack([estimate - low, high - estimate]))
    axes.errorbar(estimate, places, xerr=ends, fmt="s", color=_MODEL, markersize=4)
    whole = report.tables["summary"][0]["estimate"]
    axes.axvline(whole, color=_GREY, linestyle=":", label=f"All records: {whole:.3f}")
    axes.set_yticks(
        places,
        [
            f"{row['variable']}: {row['level']} "
            f"({row['n_positive']:,} of {row['n_records']:,})"
            for row in rows
        ],
    )
    axes.set(xlabel="AUROC", ylim=(-0.7, len(rows) - 0.3))
    axes.legend(loc="lower left", frameon=False)
