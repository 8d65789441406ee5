"""Fixtures for the whole suite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # The workers have the cores already, for which threads would fight. Those of OpenMP
    # wait for each other without sleep.
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")

try:
    from hypothesis import HealthCheck, Phase, settings
except ImportError:
    pass
else:
    # In the suite the examples are few and the same at each run; SKECG_FUZZ is how many
    # new ones `make fuzz` draws for each test.
    n_examples = int(os.environ.get("SKECG_FUZZ", "0"))
    settings.register_profile(
        "skecg",
        derandomize=not n_examples,
        max_examples=n_examples or 15,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        print_blob=bool(n_examples),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("skecg")


def pytest_make_parametrize_id(val):
    """Name files by their kind: h5py writes the time, and workers compare names."""
    return "bytes" if isinstance(val, bytes) else None


PACKED_PTBXL = Path(__file__).resolve().parents[2] / "shared" / "ptbxl"


def _restore(out, *arguments):
    """Lay out packed recordings as the official PTB-XL folders."""
    if not (PACKED_PTBXL / "restore.py").exists():
        pytest.skip("the packed PTB-XL recordings are not beside this checkout")
    command = [sys.executable, PACKED_PTBXL / "restore.py", out, *arguments]
    command = [str(part) for part in command]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return out


@pytest.fixture(scope="session")
def ptbxl_path(tmp_path_factory):
    """Folder in the layout of PTB-XL with 300 records of fold 9 at 100 Hz."""
    out = tmp_path_factory.mktemp("ptbxl")
    return _restore(out, "--folds", "9", "--limit", "300")


@pytest.fixture(scope="session")
def ptbxl500_path(tmp_path_factory):
    """Folder in the layout of PTB-XL with 100 records at 500 Hz."""
    out = tmp_path_factory.mktemp("ptbxl500")
    return _restore(out, "--rate", "500", "--limit", "100")
