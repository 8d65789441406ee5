"""Figures in tests and in the examples of docstrings: no window, none left open."""

import os
import sys

import pytest

os.environ["MPLBACKEND"] = "Agg"  # before matplotlib is imported


@pytest.fixture(autouse=True)
def _close_figures():
    """Close what a test has drawn, where one has imported pyplot."""
    yield
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close("all")
