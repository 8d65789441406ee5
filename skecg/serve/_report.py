"""The page about one recording: what the service shows and ``skecg report`` writes."""

from functools import cache
from importlib.resources import files
from math import log
from typing import Any

from skecg.serve._beats import WAVES_OF
from skecg.utils import import_optional

PAGE = files("skecg.serve") / "page"
# Where the scale of probabilities ends.
_LEAST = 0.001


@cache
def templates() -> Any:
    """Return the environment of the templates, which escapes whatever it is given."""
    jinja2 = import_optional("jinja2", "serve", "the report of a recording")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(PAGE)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_report(
    answer: dict[str, Any],
    sheet: str,
    title: str,
    *,
    beats: str = "",
    kind: str = "file",
) -> str:
    """Return an answer as HTML.

    Parameters
    ----------
    answer : dict
        As from :func:`skecg.serve.analyse`.
    sheet : str
        The record as SVG.
    title : str
        Name of the recording.
    beats : str, default=""
        Its median beats as SVG.
    kind : {"file", "page", "part"}, default="file"
        A page that needs nothing else, one that takes its style from the service, or
        the part that the service's page shows.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> page = render_report(answer, draw_sheet(record), "x.xml")  # doctest: +SKIP
    """
    context = {
        "title": title,
        "answer": answer
        | {
            "quality": answer.get("quality", []),
            "decisions": [
                d
                | {
                    "at": _place(d["threshold"]),
                    "percent": name_probability(d["threshold"]),
                }
                for d in answer["decisions"]
            ],
        },
        "probability": name_probability(answer["probability"]),
        "at": _place(answer["probability"]),
        "facts": _facts(answer["recording"]),
        "sheet": sheet,
        "beats": beats,
        "waves_of": WAVES_OF,
        "style": (PAGE / "static" / "style.css").read_text() if kind == "file" else "",
    }
    name = "_result.html" if kind == "part" else "report.html"
    return templates().get_template(name).render(context)


def render_refusal(reason: str, title: str) -> str:
    """Return the page that says why a recording was refused."""
    template = templates().get_template("report.html")
    return template.render(title=title, answer=None, refused=reason, style="")


def name_probability(probability: float) -> str:
    """Return a probability in percent; no ECG makes it 0 or 100.

    >>> name_probability(0.0716), name_probability(2e-5)
    ('7.2 %', 'below 0.1 %')
    """
    if probability < _LEAST:
        return f"below {100 * _LEAST:.1f} %"
    if probability > 1 - _LEAST:
        return f"above {100 * (1 - _LEAST):.1f} %"
    return f"{100 * probability:.1f} %"


def _place(probability: float) -> str:
    """Return the place of a probability on the scale of log-odds, 5 to 195."""
    p = min(max(probability, _LEAST), 1 - _LEAST)
    # Log-odds, as the operating points crowd at the low end of a linear scale.
    share = 0.5 + log(p / (1 - p)) / (2 * log(1 / _LEAST - 1))
    return f"{5 + 190 * share:.1f}"


def _facts(recording: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was read, in words; what is unknown says so."""
    age = recording["age"]
    facts = [
        ("Format", recording["format"]),
        ("Sampling rate", f"{recording['fs']:.6g} Hz"),
        ("Duration", f"{recording['duration']:.3g} s"),
        ("Leads", ", ".join(recording["leads"])),
        ("Sex", recording["sex"] or "not stated"),
        ("Age", "not stated" if age is None else f"{age:.3g} years"),
        ("Device", recording["device"]),
        ("Filters", recording["filters"]),
        ("Notes", recording["notes"]),
    ]
    return [(name, value) for name, value in facts if value]
