"""The code of the user guide runs, in its order, on fewer records and epochs."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.test_facade import SUBPACKAGES

DOCS = Path(__file__).parents[1] / "docs"
FASTER = {
    "criteria.md": {"make_lvh_ecg(40, fs=500": "make_lvh_ecg(20, fs=500"},
    "data.md": {},
    "files.md": {},
    "deployment.md": {"make_lvh_ecg(60, fs=500": "make_lvh_ecg(20, fs=500"},
    "from-a-script.md": {
        "make_lvh_ecg(400, fs=100, duration=10": "make_lvh_ecg(60, fs=100, duration=2",
        "epochs=20": "epochs=1",
        "**PLAIN_CNN,": "**PLAIN_CNN | {'epochs': 1},",
        "**PLAIN_LSTM,": "**PLAIN_LSTM | {'epochs': 1},",
    },
    "install.md": {"epochs=2": "epochs=1"},
    "networks.md": {
        "make_lvh_ecg(200, fs=100": "make_lvh_ecg(48, fs=100",
        "epochs=10": "epochs=1",
    },
    "onnx.md": {},
    "preprocessing.md": {},
    "quality.md": {},
}
"""Pages, and what is written otherwise so that they run in seconds."""


def test_every_subpackage_that_users_import_from_is_in_the_reference():
    named = set(re.findall(r"^   skecg\.(\w+)$", (DOCS / "api.rst").read_text(), re.M))
    assert named == set(SUBPACKAGES) - {"training", "utils"}


def test_every_page_is_in_a_table_of_contents():
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    lists = "".join((DOCS / name).read_text() for name in ("index.md", "user-guide.md"))
    assert pages <= set(re.findall(r"^([\w-]+)$", lists, re.M))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a function that gives what the blocks of a page leave behind."""
    for package in ("pandas", "xarray"):
        pytest.importorskip(package)
    pytest.importorskip("matplotlib")

    @cache
    def run_page(page):
        text = (DOCS / page).read_text(encoding="utf-8")
        for written, faster in FASTER[page].items():
            assert written in text
            text = text.replace(written, faster)
        names = {"__name__": "page"}
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path_factory.mktemp("page"))
            for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
                exec(compile(block, page, "exec"), names)
        return names

    return run_page


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(FASTER))
def test_every_block_runs(run, page):
    assert run(page)


@pytest.mark.slow
def test_the_networks_of_the_script_are_those_of_the_sketch(run):
    names = run("from-a-script.md")
    sketch = names["sketched_cnn"](*names["X"].shape[1:])
    assert _shapes(names["network"]) == _shapes(sketch)
    recurrent = _shapes(names["plain_lstm"].estimator_.model_)
    assert recurrent[:2] == [(1, 4 * 64), (64, 4 * 64)]
    assert recurrent[3:5] == [(64, 4 * 128), (128, 4 * 128)]
    assert recurrent[-4:] == [(128, 64), (64,), (64, 1), (1,)]


def _shapes(model):
    return [weight.shape for weight in model.get_weights()]


@pytest.mark.slow
def test_the_script_splits_by_patient(run):
    names = run("from-a-script.md")
    train, test = (set(names["groups"][names[side]]) for side in ("train", "test"))
    assert train
    assert test
    assert not train & test
