"""The code of docs/explanation.md runs, in its order, and gives what it says."""

import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "explanation.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """What the page's blocks leave behind, run in a folder of their own."""
    pytest.importorskip("xarray")
    pytest.importorskip("matplotlib")
    names = {"__name__": "page"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        for block in BLOCKS:
            exec(compile(block, str(PAGE), "exec"), names)
        names["files"] = sorted(path.name for path in Path().iterdir())
    return names


def test_every_block_runs_and_draws_its_picture(page):
    assert len(BLOCKS) == 5
    assert page["files"] == ["attribution.png"]


def test_the_sums_by_wave_are_those_of_the_records(page):
    explained, table = page["explained"], page["table"]
    whole = explained.log_odds - explained.baseline_log_odds
    np.testing.assert_allclose(
        table.sums.sum(axis=(1, 2)), whole + explained.error, atol=1e-6
    )


def test_the_qrs_complexes_cost_most(page):
    assert page["lost"].importances.mean(axis=0).argmax() == 1


def test_attributed_parts_are_missed_more_than_others(page):
    assert (page["curve"].area < 0).mean() > 0.8
