"""docs/pretrained.md: its figures are the cards', and its code runs."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from skecg.pretrained._card import pretrained_names

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "pretrained.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

pytestmark = pytest.mark.skipif(
    not pretrained_names(), reason="the package has no trained pipelines yet"
)


@pytest.fixture(scope="module")
def maker():
    """The script that makes the page."""
    pytest.importorskip("pandas")
    script = ROOT / "examples" / "make_pretrained.py"
    spec = spec_from_file_location("make_pretrained", script)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_figures_are_those_of_the_cards(maker):
    made = PAGE.partition(maker.BEGIN)[2].partition(maker.END)[0]
    assert made.strip() == maker.render(maker.all_cards()).strip()


@pytest.mark.slow
def test_the_code_runs_in_its_order():
    pytest.importorskip("xarray")
    names = {"__name__": "page"}
    for block in BLOCKS:
        exec(compile(block, "docs/pretrained.md", "exec"), names)
    assert names["probability"].shape == names["decision"].shape == (20,)
    expected = names["probability"] * 0 + names["threshold"]
    called = names["model"].predict_proba(names["cohort"].data)[:, 1] >= expected
    assert (names["decision"] == called).all()
    assert names["tuned"].n_epochs_ == 2
