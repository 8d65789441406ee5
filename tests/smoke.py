"""Use an installed wheel as a user would, in an environment with no extras.

Run by ``make smoke``; pytest does not collect it, since pytest is an extra as well.
Python's option -P keeps the checkout out of the path: its ``tests/signal`` would hide
Python's own module.
"""

import importlib.metadata
import subprocess
import sys
import sysconfig
import tempfile
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
from sklearn.pipeline import make_pipeline

import skecg

FS = 100
PREDICT = """
import sys, joblib, numpy as np
np.save(sys.argv[3], joblib.load(sys.argv[1]).predict_proba(np.load(sys.argv[2])))
"""
PRETRAINED = (".npz", ".json", ".onnx")


def check_installation():
    """The wheel, with its version, licence, types and data, and nothing beside it."""
    assert Path(skecg.__file__).is_relative_to(sysconfig.get_path("purelib"))
    assert skecg.__version__ == importlib.metadata.version("skecg")
    files = {str(path) for path in importlib.metadata.files("skecg")}
    assert "skecg/py.typed" in files
    assert any(path.endswith("licenses/LICENSE") for path in files)
    here = Path(__file__).parents[1] / "skecg"
    data = {
        f"skecg/{path.relative_to(here).as_posix()}"
        for path in here.rglob("*")
        if path.suffix in PRETRAINED
    }
    assert data <= files, data - files
    assert (Path(sysconfig.get_path("scripts")) / "skecg").exists()
    modules = {path for path in files if "dist-info" not in path}
    assert {path.split("/")[0] for path in modules} == {"skecg", ".."}  # ../../bin
    extras = ("matplotlib", "mapie", "pandas", "pooch", "tqdm", "xarray", "pytest")
    assert not [name for name in extras if find_spec(name)], "the environment is bare"


def check_names():
    """Every public name can be had without an extra."""
    for name in skecg.__all__:
        assert getattr(skecg, name).__name__ == name


def check_pretrained():
    """The trained networks are in the wheel, and predict."""
    X, y = skecg.make_lvh_ecg(20, fs=FS, random_state=0, return_X_y=True)
    probability = skecg.load_pretrained("ptbxl").predict_proba(X)[:, 1]
    assert np.median(probability[y == 1]) > np.median(probability[y == 0])


def check_main_job(folder):
    """Fit a pipeline, save it, and predict the same in another process."""
    cohort = skecg.make_lvh_ecg(60, fs=250, prevalence=0.4, random_state=0)
    pipeline = make_pipeline(
        skecg.ECGFilter(fs=250),
        skecg.ECGResampler(fs=250, target_fs=FS),
        skecg.ECGScaler(),
        skecg.LVHCNNClassifier(filters=(8,), epochs=3, random_state=0),
    ).fit(cohort.data, cohort.target)
    probability = pipeline.predict_proba(cohort.data)
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-6)
    paths = [folder / name for name in ("lvh.joblib", "X.npy", "probability.npy")]
    joblib.dump(pipeline, paths[0])
    np.save(paths[1], cohort.data)
    command = [sys.executable, "-P", "-c", PREDICT, *map(str, paths)]
    subprocess.run(command, check=True, timeout=300)
    np.testing.assert_array_equal(np.load(paths[2]), probability)
    report = skecg.evaluate_lvh(
        pipeline, cohort.data, cohort.target, fs=250, n_bootstrap=50
    )
    assert 0 <= report.tables["summary"][0]["estimate"] <= 1
    return cohort, pipeline, report


def check_missing_extras(cohort, pipeline, report):
    """What needs an extra says which, with the command that installs it."""
    X, y = cohort.data[:8], cohort.target[:8]
    network = pipeline[-1]
    calls = {
        "csv": [lambda: skecg.load_ecg_csv("ecg.csv"), lambda: report.summary],
        "plot": [
            lambda: skecg.ECGDisplay.from_record(X[0], fs=250).plot(),
            lambda: skecg.TrainingHistoryDisplay.from_estimator(network),
        ],
        "report": [lambda: report.to_html("report.html")],
        "progress": [lambda: network.set_params(progress_bar=True).fit(X, y)],
        "ptbxl": [lambda: skecg.load_ptbxl("ptbxl"), lambda: skecg.fetch_ptbxl("x")],
        "xarray": [lambda: skecg.load_ecg_csv("ecg.csv", fs=FS, as_xarray=True)],
    }
    for extra, needing in calls.items():
        for call in needing:
            message = _import_error(call)
            assert f'pip install "skecg[{extra}]"' in message, message


def _import_error(call):
    """Return what the ImportError of a call says, and that there is none if so."""
    try:
        call()
    except ImportError as error:
        return str(error)
    return "nothing was missing"


if __name__ == "__main__":
    check_installation()
    check_names()
    check_pretrained()
    with tempfile.TemporaryDirectory() as folder:
        check_missing_extras(*check_main_job(Path(folder)))
    python = ".".join(map(str, sys.version_info[:3]))
    sys.stdout.write(f"skecg {skecg.__version__} works on Python {python}\n")
