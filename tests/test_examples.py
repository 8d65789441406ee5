"""The example that `make demo` runs, on a few records."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(*arguments):
    command = [sys.executable, EXAMPLES / "main_job.py", *arguments]
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True
    ).stdout


def test_demo_trains_evaluates_draws_saves_and_predicts_elsewhere(tmp_path):
    output = run("--records", 60, "--epochs", 1, "--out", tmp_path)
    assert "ROC AUC" in output
    assert "precision" in output
    assert "the same 1" in output
    assert "bit for bit" in output
    assert (tmp_path / "training-history.png").stat().st_size > 10_000
    assert (tmp_path / "pipeline.joblib").exists()
