"""Trained pipelines as a service: one record in, everything known of it out."""

from skecg.serve._analysis import (
    analyse,
    describe,
    find_quality,
    measure,
    name_sex,
)
from skecg.serve._beats import draw_beats
from skecg.serve._explanation import explain
from skecg.serve._limits import Limits
from skecg.serve._model import (
    CAVEAT,
    DEFAULT_MODEL,
    Model,
    digest_of,
    open_model,
)
from skecg.serve._report import render_report
from skecg.serve._run import run_service
from skecg.serve._sheet import draw_sheet

__all__ = [
    "CAVEAT",
    "DEFAULT_MODEL",
    "Limits",
    "Model",
    "analyse",
    "describe",
    "digest_of",
    "draw_beats",
    "draw_sheet",
    "explain",
    "find_quality",
    "measure",
    "name_sex",
    "open_model",
    "render_report",
    "run_service",
]
