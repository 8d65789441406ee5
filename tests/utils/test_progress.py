"""The progress bar: shown on request only, and it counts what is done."""

import pytest

from skecg.utils._progress import progress


def test_nothing_is_shown_unless_asked_for(capsys):
    with progress(3, "record", 0) as update:
        update(3)
    assert "".join(capsys.readouterr()) == ""


def test_a_bar_counts_what_is_done(capsys):
    pytest.importorskip("tqdm")
    with progress(4, "record", 1) as update:
        update(4)
    shown = "".join(capsys.readouterr())
    assert "4/4" in shown
    assert "record" in shown
