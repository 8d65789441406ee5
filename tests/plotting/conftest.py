"""Drawing in tests: no window, and no figure left open."""

import pytest


@pytest.fixture(autouse=True)
def pyplot():
    """Pyplot with the backend that draws into memory."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")
