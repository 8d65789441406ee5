"""The pictures of a report, as text that a page can hold."""

import base64
import io
from typing import TYPE_CHECKING, Any

from skecg.utils import import_optional

if TYPE_CHECKING:
    from skecg.evaluation._report import LVHReport


def draw_figures(report: "LVHReport") -> dict[str, str]:
    """Return the pictures by name, each as an address that holds it whole."""
    import_optional("matplotlib", "plot", "LVHReport.to_html")
    from matplotlib import rc_context

    from skecg.plotting import (
        DecisionCurveDisplay,
        PrecisionRecallBandDisplay,
        ReliabilityDisplay,
        RocBandDisplay,
        SubgroupForestDisplay,
    )
    from skecg.plotting._journal import JOURNAL_STYLE

    displays: dict[str, Any] = {
        "roc": RocBandDisplay,
        "precision_recall": PrecisionRecallBandDisplay,
    }
    if report.tables["decision_curve"]:
        displays["reliability"] = ReliabilityDisplay
        displays["decision_curve"] = DecisionCurveDisplay
    if report.tables["subgroups"]:
        displays["subgroups"] = SubgroupForestDisplay
    style: Any = JOURNAL_STYLE | {"svg.hashsalt": "skecg"}
    with rc_context(style):
        return {name: _picture(display, report) for name, display in displays.items()}


def _picture(display: Any, report: "LVHReport") -> str:
    """Return one picture as SVG in a data address."""
    from matplotlib.figure import Figure

    # A figure outside pyplot leaves the caller's figures and backend alone.
    figure = Figure(layout="constrained")
    drawn = display.from_report(report, ax=figure.add_subplot())
    figure.set_size_inches(drawn.figure_size)
    text = io.BytesIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(text.getvalue()).decode()
