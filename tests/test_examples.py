"""The example of `make demo` on a few records, and what training writes down."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from skecg import (
    ECGAugmenter,
    load_pretrained,
    make_lvh_ecg,
    pretrained_card,
    write_ecg,
)
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


@pytest.fixture(scope="module")
def validation():
    """The script of external validation, by its functions."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("jinja2")
    pytest.importorskip("tqdm")
    return runpy.run_path(str(EXAMPLES / "external_validation.py"))


@pytest.fixture(scope="module")
def labelled_folder(tmp_path_factory):
    """Records with headers of a Challenge, one file refused, and a table of labels."""
    folder = tmp_path_factory.mktemp("recordings")
    cohort = make_lvh_ecg(24, fs=500, prevalence=0.4, random_state=0, as_xarray=True)
    for k, record in enumerate(cohort.data):
        write_ecg(record, folder / f"{k:02}.hea")
        code = "164873001" if cohort.target[k] else "426783006"
        with (folder / f"{k:02}.hea").open("a") as header:
            header.write(f"#Dx: {code}\n")
    (folder / "24.hea").write_text("24 12 500 5000\n")
    table = pd.DataFrame(
        {
            "file": [f"{k:02}.hea" for k in range(25)],
            "label": [*cohort.target, 0],
            "patient": [*(k // 2 for k in range(23)), "", ""],
            "sex": ["female"] * 25,
        }
    )
    table.to_csv(folder / "labels.csv", index=False)
    return folder, cohort, table


@pytest.mark.filterwarnings("ignore:1 of 25 files were skipped")
@pytest.mark.parametrize("with_table", [True, False])
def test_external_validation_judges_a_folder_beside_the_card(
    validation, labelled_folder, with_table, tmp_path, capsys
):
    folder, cohort, _ = labelled_folder
    arguments = ["--labels", folder / "labels.csv"] if with_table else []
    arguments += ["--model", "ptbxl_cnn", "--bootstrap", 100, "--out", tmp_path]
    validation["main"]([str(part) for part in (folder, *arguments)])
    report = json.loads((tmp_path / "report.json").read_text())
    model = load_pretrained("ptbxl_cnn", backend="onnx")
    probability = model.predict_proba(cohort.data)[:, 1]
    auroc = report["summary"][0]["estimate"]
    assert auroc == pytest.approx(roc_auc_score(cohort.target, probability), abs=0.01)
    everyone = report["participants"][0]
    assert everyone["n_records"] == 24
    # Pairs of records of one patient, and one without: of the table alone.
    assert everyone["n_patients"] == (13 if with_table else 24)
    assert (everyone["women"] == 24) == with_table
    thresholds = [row["threshold"] for row in report["operating_points"]]
    card = pretrained_card("ptbxl_cnn")
    assert thresholds[:2] == list(card["operating_points"].values())
    comparison = (tmp_path / "comparison.md").read_text()
    assert f"| AUROC | {auroc:.3f} (" in comparison
    assert f"| {card['evaluation']['summary'][0]['estimate']:.3f} (" in comparison
    assert comparison in capsys.readouterr().out
    refused = pd.read_csv(tmp_path / "refused.csv")
    assert [Path(name).name for name in refused["file"]] == ["24.hea"]
    page = (tmp_path / "report.html").read_text()
    assert "Refused files: 1 (" in page
    assert "numbers: PTB-XL, chosen out of fold on folds 1 to 8." in page


def test_external_validation_judges_files_that_have_lead_i_alone(
    validation, labelled_folder, tmp_path
):
    _, cohort, table = labelled_folder
    for k, record in enumerate(cohort.data.sel(lead=["I"])):
        write_ecg(record, tmp_path / f"{k:02}.hea")
    table = table[:24].assign(sex=["male", "female"] * 12)
    table.to_csv(tmp_path / "labels.csv", index=False)
    options = ["--labels", tmp_path / "labels.csv", "--model", "ptbxl_lead_i"]
    options += ["--leads", "I", "--bootstrap", 10, "--out", tmp_path]
    validation["main"]([str(part) for part in (tmp_path, *options)])
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["participants"][0]["n_records"] == 24
    lines = (tmp_path / "comparison.md").read_text().splitlines()
    women = [line for line in lines if "sex: women" in line]
    assert len(women) == 3
    assert all(", few records" in line for line in women)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop(columns="label"), "columns 'file' and 'label'"),
        (lambda table: table.iloc[:0], "has 0 rows"),
        (lambda table: table.assign(label="LVH"), "25 rows do not"),
        (lambda table: pd.concat([table, table[:1]]), "each file once"),
        (lambda table: table.assign(sex="x"), "sex in .* for record 00.hea"),
        (
            lambda table: table.assign(age=-1),
            "age in .* for record 00.hea",
        ),
    ],
)
def test_external_validation_names_the_wrong_table(
    validation, labelled_folder, change, message, tmp_path
):
    folder, _, table = labelled_folder
    path = tmp_path / "labels.csv"
    change(table).to_csv(path, index=False)
    with pytest.raises(SystemExit, match=message) as error:
        validation["main"]([str(folder), "--labels", str(path)])
    assert str(path) in str(error.value)
