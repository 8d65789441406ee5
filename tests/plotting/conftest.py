"""What the tests of displays share."""

import pytest


@pytest.fixture(autouse=True)
def pyplot():
    """Pyplot, without which nothing is drawn."""
    return pytest.importorskip("matplotlib.pyplot")
