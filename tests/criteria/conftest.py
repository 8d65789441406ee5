"""The records that the tests of criteria measure."""

import pytest

from skecg import make_lvh_ecg


@pytest.fixture(scope="session")
def cohort():
    return make_lvh_ecg(40, fs=250, random_state=0)


@pytest.fixture(scope="session")
def labelled():
    return make_lvh_ecg(40, fs=250, random_state=0, as_xarray=True).data
