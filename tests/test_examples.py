"""The example of `make demo` on a few records, and what training writes down."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skecg import ECGAugmenter, make_lvh_ecg
from skecg.cli._main import _parser
from skecg.serve import analyse, open_model

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
    path = tmp_path / "pipeline.joblib"
    # The commands that it ends with serve what it saved, to files of any sampling rate.
    commands = re.findall(r"^    \S*skecg (.+)$", output, re.MULTILINE)
    args = [_parser().parse_args(command.split()) for command in commands]
    assert [arg.command for arg in args] == ["serve", "export", "serve"]
    assert args[0].model == args[1].model == str(path)
    assert args[1].out == args[2].model
    with pytest.warns(UserWarning, match="is a pickle"):
        model = open_model(path, pickles=True)
    record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    assert 0 < analyse(record, model)["probability"] < 1


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
