"""The code of docs/evaluation.md runs, in its order, and gives what it says."""

import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """What the page's blocks leave behind, run in a folder of their own."""
    pytest.importorskip("xarray")
    pytest.importorskip("pandas")
    pytest.importorskip("mapie", reason="mapie is of the extra 'conformal'")
    names = {"__name__": "page"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        for block in BLOCKS:
            exec(compile(block, str(PAGE), "exec"), names)
        names["files"] = sorted(path.name for path in Path().iterdir())
    return names


def test_every_block_runs_and_writes_both_pages(page):
    assert len(BLOCKS) == 11
    assert page["files"] == ["report.html", "report.json"]


def test_the_sets_hold_the_truth_as_often_as_promised(page):
    y = page["y"][page["test"]]
    covered = page["holds"][np.arange(len(y)), y].mean()
    assert covered == pytest.approx(0.95, abs=0.08)  # three standard errors
    assert (page["answer"] == -1).mean() < 0.3


def test_the_fixed_threshold_decides_like_the_operating_point(page):
    X, y, test = page["X"], page["y"], page["test"]
    row = page["report"].operating_points.loc["specificity 0.95"]
    decision = page["final"].predict(X[test])
    assert decision[y[test] == 1].mean() == pytest.approx(row["sensitivity"])
    assert 1 - decision[y[test] == 0].mean() == pytest.approx(row["specificity"])


def test_the_tuned_threshold_is_judged_as_the_estimators_own_decision(page):
    X, test, tuned = page["X"], page["test"], page["tuned"]
    called = tuned.predict_proba(X[test])[:, 1] >= tuned.best_threshold_
    assert (tuned.predict(X[test]) == called).all()
    assert tuned.best_threshold_ != 0.5
