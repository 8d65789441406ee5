"""The other subcommands, and how the command starts."""

import hashlib
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

import skecg
from skecg.cli import main
from skecg.cli._main import EXAMPLES

LATE = {"joblib", "matplotlib", "numpy", "pandas", "scipy", "sklearn", "tqdm"}
HEAVY = {"keras", "matplotlib", "onnxruntime", "tensorflow", "xarray"}


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_plot_draws_the_sheet(archive, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    out = tmp_path / f"sheet.{suffix}"
    assert main(["plot", str(archive / "a.csv"), "-o", str(out)]) == 0
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    assert out.read_bytes().startswith(begins[suffix])


def test_pictures_and_pages_refuse_other_suffixes(archive, tmp_path, capsys):
    words = ["plot", str(archive / "a.csv"), "-o", str(tmp_path / "sheet.bmp")]
    assert main(words) == 2
    assert "--out must end in one of .pdf, .png, .svg" in capsys.readouterr().err
    assert main(["report", *words[1:]]) == 2
    assert "--out must end in .html, but is" in capsys.readouterr().err


def test_export_refuses_what_is_exported(capsys):
    assert main(["export", "model.zip", "-o", "again.zip"]) == 2
    assert "model.zip is exported already" in capsys.readouterr().err


def test_a_refused_file_leaves_no_output(archive, tmp_path, capsys):
    for command, suffix in (("plot", "svg"), ("report", "html")):
        out = tmp_path / f"out.{suffix}"
        assert main([command, str(archive / "below/note.txt"), "-o", str(out)]) == 2
        assert "none of the formats" in capsys.readouterr().err
        assert list(tmp_path.glob("out*")) == []


@pytest.mark.parametrize("suffix", ["hea", "edf", "dcm", "csv", "npz"])
def test_convert_writes_what_is_read_again(archive, tmp_path, suffix):
    out = tmp_path / f"a.{suffix}"
    assert main(["convert", str(archive / "c.xml"), "-o", str(out)]) == 0
    record, again = skecg.read_ecg(archive / "c.xml"), skecg.read_ecg(out)
    assert again.lead.values.tolist() == record.lead.values.tolist()
    assert abs(again.values - record.values).max() < 0.005


def test_convert_refuses_what_it_cannot_write(archive, tmp_path, capsys):
    words = ["convert", str(archive / "c.xml"), "-o", str(tmp_path / "a.docx")]
    assert main(words) == 2
    assert ".docx" in capsys.readouterr().err


def test_report_is_one_page_that_needs_nothing_else(archive, tmp_path):
    pytest.importorskip("jinja2")
    out = tmp_path / "report.html"
    words = ["report", str(archive / "c.xml"), "-o", str(out)]
    assert main([*words, "--model", "ptbxl_lstm"]) == 0
    page = out.read_text()
    assert "not a medical device" in page
    assert "specificity 0.90" in page
    assert "Sokolow-Lyon" in page
    assert "female" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page
    sheet = page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xm"))]
    drawn = ElementTree.fromstring(f"{sheet}</svg>")
    assert len(drawn.findall(".//*[@class='trace']")) == 13


def test_a_report_states_the_digest_of_all_files_of_a_record(archive, tmp_path):
    out = tmp_path / "report.html"
    assert main(["convert", str(archive / "a.csv"), "-o", str(tmp_path / "r.hea")]) == 0
    content = b"".join((tmp_path / f"r.{end}").read_bytes() for end in ("hea", "dat"))
    for name in ("r.hea", "r"):
        words = [str(tmp_path / name), "-o", str(out), "--model", "ptbxl_lstm"]
        assert main(["report", *words]) == 0
        assert hashlib.sha256(content).hexdigest() in out.read_text()


def test_report_names_the_file_as_text(archive, tmp_path):
    pytest.importorskip("jinja2")
    path = archive / "<script>alert(1)</script>.csv".replace("/", "_")
    path.write_bytes((archive / "a.csv").read_bytes())
    out = tmp_path / "report.html"
    main(["report", str(path), "-o", str(out), "--model", "ptbxl_lstm"])
    page = out.read_text()
    assert "<script" not in page
    assert page.count('class="beat"') == 12


def test_models_lists_names_and_prints_cards(capsys):
    assert main(["models"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == skecg.pretrained_names()
    assert main(["models", "ptbxl_cnn"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card == skecg.pretrained_card("ptbxl_cnn")
    assert main(["models", "nothing"]) == 2
    assert "is no trained pipeline" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"skecg {skecg.__version__}\n"


@pytest.mark.parametrize("command", sorted(EXAMPLES))
def test_help_of_each_command_ends_with_examples_that_parse(command, capsys):
    from skecg.cli._main import _parser

    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = capsys.readouterr().out
    for line in EXAMPLES[command].splitlines():
        assert line in shown
        words = line.split()
        assert words[0] == "skecg"
        assert _parser().parse_args(words[1:]).command == command


def _loaded(*words):
    """Return the packages that a process has loaded after the command."""
    code = (
        "import contextlib, io, sys\nfrom skecg.cli import main\n"
        "with contextlib.suppress(SystemExit), "
        "contextlib.redirect_stdout(io.StringIO()):\n    main(sys.argv[1:])\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    command = [sys.executable, "-c", code, *map(str, words)]
    run = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=120
    )
    return set(run.stdout.split())


def test_the_command_starts_without_what_it_does_not_need(archive):
    for words in (["--help"], ["--version"], ["predict", "--help"], ["models"]):
        assert not _loaded(*words) & (LATE | HEAVY)
    for name in ("a.csv", "c.xml", "below/r.hea"):
        loaded = _loaded("info", archive / name)
        assert not loaded & (LATE | HEAVY) - {"numpy"}
    predicting = _loaded("predict", archive / "a.csv", "--model", "ptbxl_lstm")
    assert not predicting & {"keras", "matplotlib", "tensorflow"}


def test_a_missing_package_is_one_sentence_with_the_line_that_installs_it(
    archive, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    words = ["plot", str(archive / "a.csv"), "-o", str(tmp_path / "sheet.png")]
    assert main(words) == 2
    assert capsys.readouterr().err == (
        "skecg plot: skecg plot needs matplotlib; install it with: pip install "
        '"skecg[plot]"\n'
    )
