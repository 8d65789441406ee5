"""The code of docs/imbalance.md runs, in its order, and gives what it says."""

import re
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "imbalance.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def page():
    """What the page's blocks leave behind."""
    pytest.importorskip("xarray")
    names = {"__name__": "page"}
    for block in BLOCKS:
        exec(compile(block, str(PAGE), "exec"), names)
    return names


def test_every_block_runs(page):
    assert len(BLOCKS) == 8
    assert 0 < page["tuned"].best_threshold_ < 1


def test_new_records_balance_the_classes_and_are_marked(page):
    assert np.ptp(np.bincount(page["y_new"])) == 0
    n_new = len(page["y_new"]) - len(page["y"])
    assert page["X_new"].coords["synthetic"].values.sum() == n_new > 0


def test_held_out_patients_are_not_trained_on(page):
    groups, held_out = page["groups"], page["held_out"]
    kept = np.setdiff1d(np.arange(len(groups)), held_out)
    assert len(held_out) > 0
    assert not np.intersect1d(groups[kept], groups[held_out]).size


@pytest.mark.parametrize("name", ["weighted", "focal", "augmented"])
def test_networks_of_the_page_can_be_fitted(page, name):
    from skecg import ECGScaler

    X = ECGScaler().fit_transform(page["X"])
    probability = page[name].fit(X, page["y"]).predict_proba(X)
    assert np.isfinite(probability).all()
