"""The example of `make demo` on a few records, and what training writes down."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np

from skecg import ECGAugmenter

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(*arguments):
    command = [sys.executable, EXAMPLES / "main_job.py", *arguments]
    return subprocess.run(
        [str(part) for part in command],
        check=True,
        capture_output=True,
        text=True,
        timeout=500,
    ).stdout


def test_demo_trains_evaluates_draws_saves_and_predicts_elsewhere(tmp_path):
    output = run("--records", 60, "--epochs", 1, "--out", tmp_path)
    assert "ROC AUC" in output
    assert "precision" in output
    assert "the same 1" in output
    assert "bit for bit" in output
    assert (tmp_path / "training-history.png").stat().st_size > 10_000
    assert (tmp_path / "pipeline.joblib").exists()


def test_training_on_ptbxl_writes_parameters_of_which_the_classifier_is_made_again():
    script = runpy.run_path(str(EXAMPLES / "train_on_ptbxl.py"))
    for _, network in script["MODELS"].values():
        network.set_params(augmenter=ECGAugmenter(scale=np.ones(12)), random_state=3)
        written = json.loads(json.dumps(script["parameters"](network)))
        again = type(network)(
            **{k: tuple(v) if isinstance(v, list) else v for k, v in written.items()}
        )
        expected = network.set_params(augmenter=None).get_params()
        assert again.get_params() == expected
