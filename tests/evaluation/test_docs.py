"""The code of docs/evaluation.md runs, in its order, and gives what it says."""

import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"
FASTER = PAGE.read_text(encoding="utf-8").replace("n_bootstrap=200", "n_bootstrap=20")
BLOCKS = re.findall(r"```python\n(.*?)```", FASTER, re.DOTALL)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """What the page's blocks leave behind, run in a folder of their own."""
    pytest.importorskip("xarray")
    pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    pytest.importorskip("mapie", reason="mapie is of the extra 'conformal'")
    names = {"__name__": "page"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        for block in BLOCKS:
            exec(compile(block, str(PAGE), "exec"), names)
        names["files"] = sorted(path.name for path in Path().iterdir())
    return names


def test_every_block_runs_and_writes_its_pages_and_pictures(page):
    assert len(BLOCKS) == 15
    assert page["files"] == [
        "report.html",
        "report.json",
        "roc.pdf",
        "subgroups.png",
    ]


def test_the_blind_model_lies_on_the_line_of_chance_beside_the_other(page):
    lines = page["first"].ax_.lines
    assert page["second"].line_ in lines
    assert page["second"].roc_auc[0] == 0.5
    assert page["first"].roc_auc[0] > 0.7


def test_the_frozen_network_keeps_its_order_calibrated_and_tuned(page):
    X, test, network = page["X"], page["test"], page["network"]
    plain = network.predict_proba(X[test])[:, 1]
    calibrated = page["calibrated_network"].predict_proba(X[test])[:, 1]
    order = np.argsort(plain)
    steps = np.diff(calibrated[order])
    assert (steps >= -1e-6).all() or (steps <= 1e-6).all()
    tuned = page["tuned_network"]
    assert (tuned.predict(X[test]) == (plain >= tuned.best_threshold_)).all()


def test_the_sets_hold_each_label_as_often_as_promised(page):
    y, holds = page["y"][page["test"]], page["holds"]
    for label in (0, 1):
        of = holds[y == label, label]
        # Three standard errors of the test records, and of the validation records.
        tolerance = 3 * np.sqrt(0.09 * (1 / len(of) + 1 / len(of)))
        assert of.mean() == pytest.approx(0.9, abs=tolerance)
    assert page["referred"] == (page["answer"] == -1).mean() < 0.7
    single = page["answer"] >= 0
    assert (holds[single, page["answer"][single]]).all()


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
