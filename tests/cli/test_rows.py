"""``skecg info``, ``predict`` and ``measure``: one row a file, whatever happens."""

import csv
import fcntl
import json
import os
import pickle
import pty
import re
import select
import subprocess
import sys
import termios
from itertools import count, islice
from pathlib import Path

import joblib
import numpy as np
import pytest

from skecg import load_pretrained, pretrained_card, read_ecg
from skecg.cli import main
from skecg.cli._find import find_files
from skecg.cli._read import name_of
from skecg.cli._rows import rows_of
from skecg.signal import REASONS

LSTM = ["--model", "ptbxl_lstm"]


def _jsonl(text):
    return [json.loads(line) for line in text.splitlines()]


SECONDS = 120
"""The longest that another process may take."""


def _run(*words, python=("-W", "error"), **options):
    """Run the command in a process of its own."""
    command = [sys.executable, *python, "-m", "skecg", *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run(command, text=True, timeout=SECONDS, **pipes)


def test_each_file_of_a_mixed_folder_has_a_row(archive, names, capsys):
    assert main(["info", str(archive), "--output", "jsonl"]) == 1
    rows = _jsonl(capsys.readouterr().out)
    assert [row["file"] for row in rows] == [f"{archive}/{name}" for name in names]
    by_name = dict(zip(names, rows, strict=True))
    assert by_name["c.xml"]["format"] == "muse"
    assert by_name["c.xml"]["fs"] == 500
    assert by_name["c.xml"]["n_leads"] == 12
    assert by_name["c.xml"]["sex"] == "female"
    assert by_name["c.xml"]["age"] == 1.5
    assert by_name["below/r.hea"]["duration"] == 10
    assert by_name["a.csv"]["age"] is None
    refused = {n for n, row in by_name.items() if row["status"] == "refused"}
    assert refused == {"z-empty.csv", "below/note.txt"}
    assert "is empty" in by_name["z-empty.csv"]["reason"]
    assert "none of the formats" in by_name["below/note.txt"]["reason"]


def test_the_exit_status_says_what_happened(archive, tmp_path, capsys):
    assert main(["info", str(archive / "a.csv")]) == 0
    assert main(["info", str(archive / "z-empty.csv")]) == 1
    assert main(["info", str(archive / "absent.csv")]) == 1
    assert "absent.csv is absent" in capsys.readouterr().out
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["info", str(empty)]) == 2
    assert main(["info", str(archive / "*.scp")]) == 2
    assert "no file was found" in capsys.readouterr().err
    assert main(["predict", str(archive), "--model", "ptbxl_lsmt"]) == 2
    assert "'ptbxl_lsmt' is no model" in capsys.readouterr().err
    port = ["serve", "--port", "99999"]
    for words in (["info"], ["predict", "x", "--jobs", "0"], ["divine", "x"], port):
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 2


def test_csv_and_table_have_the_rows_of_json_lines(archive, names, capsys):
    main(["info", str(archive), "--output", "csv"])
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["file"] for row in rows] == [f"{archive}/{name}" for name in names]
    assert rows[2]["leads"] == "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6"
    assert rows[0]["age"] == ""
    main(["info", str(archive)])
    table = capsys.readouterr().out.splitlines()
    assert len(table) == len(names) + 1
    assert re.match(r"file +status +format", table[0])
    assert re.search(r"note\.txt +refused +the file note", table[5])


def test_a_table_holds_no_character_that_a_terminal_obeys(tmp_path, capsys):
    path = tmp_path / "red\x1b[31m\n.csv"
    path.write_bytes(b"no ECG")
    main(["info", str(path)])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2


def test_files_named_twice_have_one_row(archive, names, monkeypatch):
    monkeypatch.chdir(archive.parent)
    patterns = ["archive/a.csv", "archive/*.csv", "archive", "archive/below"]
    found = [str(path) for path in find_files(patterns)]
    expected = sorted(f"archive/{name}" for name in names)
    assert sorted(found) == expected


def test_only_the_signals_that_a_header_names_are_left_out(tmp_path):
    (tmp_path / "p.hea").write_text("p 1 500 10\np.dat 16\n")
    for suffix in (".dat", ".xml"):
        (tmp_path / f"p{suffix}").write_bytes(b"")
    assert [path.name for path in find_files([str(tmp_path)])] == ["p.hea", "p.xml"]


def test_names_in_rows_are_told_apart_and_are_utf_8():
    names = ["a b", "a  b", "a\nb", os.fsdecode(b"a\xffb"), "ä"]
    written = [name_of(Path(name)) for name in names]
    assert len(set(written)) == len(names)
    assert all("\n" not in name and name.encode() for name in written)


def test_predict_decides_at_the_operating_points_of_the_card(archive, capsys):
    files = [str(archive / name) for name in ("a.csv", "b.csv")]
    assert main(["predict", *files, *LSTM, "--output", "jsonl"]) == 0
    captured = capsys.readouterr()
    rows = _jsonl(captured.out)
    model = load_pretrained("ptbxl_lstm", backend="onnx")
    points = pretrained_card("ptbxl_lstm")["operating_points"]
    for file, row in zip(files, rows, strict=True):
        probability = model.predict_proba(read_ecg(file))[0, 1]
        assert row["probability"] == probability
        for name, threshold in points.items():
            decided = "positive" if probability >= threshold else "negative"
            assert row[name] == decided
        assert row["model"] == "ptbxl_lstm"
        assert len(row["model_sha256"]) == 64
    assert rows[0]["probability"] > rows[1]["probability"]
    for name, threshold in points.items():
        assert f"{name} (from {threshold:.4g})" in captured.err
    assert "not a medical device" in captured.err


def test_rows_name_doubtful_leads(archive, capsys):
    text = (archive / "a.csv").read_text().splitlines()
    silent = [row.rsplit(",", 1)[0] + ",0" for row in text[1:]]
    (archive / "a.csv").write_text("\n".join([text[0], *silent, ""]))
    for command in (["predict", *LSTM], ["measure"]):
        main([*command, str(archive / "a.csv"), "--output", "jsonl"])
        (row,) = _jsonl(capsys.readouterr().out)
        assert row["quality"] == ["No signal in V6 (0 mV, limit 0.05 mV)"]
        # The estimators' own warning says the same, of "records of X".
        estimated = [text.split(" in ")[0] for text in row["warnings"]]
        of_others = "Leads without a signal were estimated from the others"
        assert estimated == ([of_others] if "predict" in command else [])


def test_measure_gives_waves_and_criteria(archive, capsys):
    files = [str(archive / name) for name in ("a.csv", "c.xml", "below/note.txt")]
    assert main(["measure", *files, "--output", "csv"]) == 1
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert 40 < float(rows[0]["heart_rate"]) < 150
    assert float(rows[0]["R_V5"]) > 0
    # Without a sex, the criterion that needs one says so.
    assert rows[0]["cornell_voltage"] in ("sex needed", "positive", "negative")
    assert rows[0]["sokolow_lyon_voltage"] in ("positive", "negative")
    assert rows[1]["sex"] == "female"
    assert rows[2]["status"] == "refused"
    assert rows[2]["heart_rate"] == ""


def test_what_cannot_be_measured_says_why(tmp_path, capsys):
    path = tmp_path / "flat.csv"
    rows = "0,0,0,0,0,0,0,0\n" * 1000
    path.write_text(f"# fs: 100, units: mV\nI,II,V1,V2,V3,V4,V5,V6\n{rows}")
    assert main(["measure", str(path), "--output", "jsonl"]) == 0
    (row,) = _jsonl(capsys.readouterr().out)
    assert row["reason"] == f"Not measured: {REASONS[1]}."
    assert row["heart_rate"] is None
    assert row["sokolow_lyon_voltage"] == "unavailable"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_interrupted_run_goes_on_where_it_ended(
    archive, tmp_path, kind, monkeypatch, capsys
):
    from skecg.cli import _info

    whole, torn = tmp_path / f"whole.{kind}", tmp_path / f"torn.{kind}"
    assert main(["info", str(archive), "-o", str(whole)]) == 1
    describe = _info.describe_file

    def interrupted(path, *, reading):
        if path.name == "z-empty.csv":
            raise KeyboardInterrupt
        return describe(path, reading=reading)

    monkeypatch.setattr(_info, "describe_file", interrupted)
    assert main(["info", str(archive), "-o", str(torn)]) == 130
    assert "interrupted" in capsys.readouterr().err
    lines = whole.read_bytes().splitlines(keepends=True)
    written = torn.read_bytes()
    assert written == b"".join(lines[: 3 + (kind == "csv")])
    torn.write_bytes(written + lines[4][:30])  # the machine went down in a line
    monkeypatch.setattr(_info, "describe_file", describe)
    assert main(["info", str(archive), "-o", str(torn)]) == 2
    assert "give --resume to go on" in capsys.readouterr().err
    assert main(["info", str(archive), "-o", str(torn), "--resume"]) == 1
    assert torn.read_bytes() == whole.read_bytes()
    # Nothing is left to do.
    assert main(["info", str(archive), "-o", str(torn), "--resume"]) == 0
    assert torn.read_bytes() == whole.read_bytes()


def test_resume_refuses_what_is_no_file_of_rows(archive, tmp_path, capsys):
    out = tmp_path / "rows.csv"
    words = ["info", str(archive), "--resume", "-o", str(out)]
    for content in (b"a,b\n1,2\n", b"\xff\xfe\n"):
        out.write_bytes(content)
        assert main(words) == 2
        assert "holds no csv rows of an earlier run" in capsys.readouterr().err
        assert out.read_bytes() == content
    assert main(words[:3]) == 2
    assert "name it with --out" in capsys.readouterr().err
    out.write_bytes(b"fi")  # torn within the names of the columns
    assert main(words) == 1
    assert out.read_text().startswith("file,status,")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["info", ""], "a file is empty"),
        (["info", ".", "--fs", "nan"], "fs must lie between"),
        (["measure", ".", "--format", "foo"], "format must be None or one of"),
        (["info", ".", "-o", "no/rows.csv"], "in a folder that is there"),
        (["info", ".", "-o", "archive"], "in a folder that is there"),
        (["plot", "archive/a.csv", "-o", "no/a.svg"], "in a folder that is there"),
        (["plot", ".", "-o", "a.svg"], "is a folder"),
        (["convert", "archive/a.csv", "-o", "archive/a.csv"], "is the recording"),
    ],
)
def test_wrong_arguments_end_the_run_before_the_first_file(
    archive, monkeypatch, capsys, words, says
):
    monkeypatch.chdir(archive.parent)
    assert main(words) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert not said.out


@pytest.mark.parametrize("words", [["serve", "--workers", "-1"], ["info", "--jobs=0"]])
def test_numbers_of_processes_are_checked(words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert "and not 0" in (said := capsys.readouterr().err) or "from 1" in said


def test_odd_names_are_told_apart_and_not_read_again(tmp_path, tables):
    names = [
        b"a\nb.csv",
        b"a\\nb.csv",
        b"\x1b[31m.csv",
        b"t\t.csv",
        b"\xa0 .csv",
        b"\xff",
    ]
    folder, out = tmp_path / "odd", tmp_path / "rows.csv"
    folder.mkdir()
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(tables[0])
    words = ["info", str(folder), "-o", str(out)]
    assert main(words) == 0
    written = out.read_bytes()
    files = {row["file"] for row in csv.DictReader(written.decode().splitlines())}
    assert len(files) == len(names)
    assert all(map(str.isprintable, files))
    assert main([*words, "--resume"]) == 0
    assert out.read_bytes() == written


def test_two_runs_do_not_write_to_one_file(archive, tmp_path, capsys):
    out = tmp_path / "rows.csv"
    with open(out, "a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert main(["info", str(archive), "-o", str(out), "--resume"]) == 2
    assert "Another run writes to" in capsys.readouterr().err
    assert out.read_bytes() == b""


def test_rows_are_written_where_files_have_no_locks(archive, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows
    out = tmp_path / "rows.csv"
    assert main(["info", str(archive / "a.csv"), "-o", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 2


def test_the_file_of_rows_is_not_read_as_an_ecg(archive, names):
    out = archive / "rows.csv"
    main(["info", str(archive), "-o", str(out)])
    main(["info", str(archive), "-o", str(out), "--resume"])
    assert len(out.read_text().splitlines()) == len(names) + 1


def test_on_error_stop_ends_at_the_first_refused_file(archive, capsys):
    words = ["info", str(archive), "--on-error", "stop", "--output", "jsonl"]
    assert main(words) == 1
    captured = capsys.readouterr()
    statuses = [row["status"] for row in _jsonl(captured.out)]
    assert statuses == ["ok", "ok", "ok", "refused"]
    assert "stopped at" in captured.err


def test_two_processes_give_the_rows_of_one(archive, tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    main(["info", str(archive), "-o", str(one)])
    run = _run("info", archive, "-o", two, "--jobs", 2)
    assert (run.returncode, run.stderr) == (1, "")
    assert two.read_bytes() == one.read_bytes()


CLUSTER = """
import sys
from distributed import LocalCluster
with LocalCluster(2, threads_per_worker=1, dashboard_address=":0") as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler with two workers.

    They are no children of this process, where warnings are errors: one in a thread of
    Dask, as of slow disks, would leave others waiting.
    """
    pytest.importorskip("distributed")
    with open(tmp_path / "cluster.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", CLUSTER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=tmp_path,
        )
    try:
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        assert ready, (tmp_path / "cluster.log").read_text()
        yield process.stdout.readline().decode().strip()
        process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        process.communicate()


def test_the_workers_of_dask_give_the_rows_of_one_process(archive, tmp_path, cluster):
    one, many = tmp_path / "one.jsonl", tmp_path / "many.jsonl"
    main(["info", str(archive), "-o", str(one)])
    run = _run("info", archive, "-o", many, "--dask", cluster, python=())
    assert (run.returncode, run.stderr) == (1, "")
    assert many.read_bytes() == one.read_bytes()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_rows_come_before_all_files_are_known(n_jobs):
    asked = count()
    files = (Path(str(k)) for k in asked)  # without an end
    rows = rows_of(files, str, n_jobs=n_jobs)
    assert list(islice(rows, 20)) == [str(k) for k in range(20)]
    rows.close()
    assert next(asked) < 200


def test_a_progress_bar_is_for_terminals(archive, tmp_path):
    pytest.importorskip("tqdm")
    assert _run("info", archive, "-o", tmp_path / "a.csv").stderr == ""
    main_end, terminal = pty.openpty()
    termios.tcsetwinsize(main_end, (24, 80))
    environment = {k: v for k, v in os.environ.items() if k != "TQDM_DISABLE"}
    _run("info", archive, "-o", tmp_path / "b.csv", stderr=terminal, env=environment)
    readable, _, _ = select.select([main_end], [], [], 1)
    shown = os.read(main_end, 4096).decode() if readable else ""
    os.close(terminal)
    os.close(main_end)
    assert " files" in shown


def test_a_reader_that_has_seen_enough_is_no_error(archive):
    read, write = os.pipe()
    os.close(read)
    run = _run("info", archive, stdout=write)
    os.close(write)
    assert (run.returncode, run.stderr) == (141, "")


class _Half:
    """A classifier that joblib can keep, without a card."""

    def __init__(self, *classes):
        self.classes_ = np.array(classes or (0, 1))

    def predict_proba(self, X):
        return np.array([[0.5, 0.5]])


def test_a_pickle_is_opened_with_a_warning_and_decides_at_one_half(
    archive, tmp_path, capsys
):
    path = tmp_path / "half.joblib"
    joblib.dump(_Half(), path)
    words = ["predict", str(archive / "a.csv"), "--model", str(path)]
    assert main([*words, "--output", "jsonl"]) == 0
    captured = capsys.readouterr()
    assert "half.joblib is a pickle, which runs code when it is loaded" in captured.err
    assert _jsonl(captured.out)[0]["probability 0.5"] == "positive"
    other = tmp_path / "other.joblib"
    other.write_bytes(pickle.dumps({"no": "classifier"}))
    assert main([*words[:3], str(other)]) == 2
    assert "holds no fitted classifier of two classes" in capsys.readouterr().err


@pytest.mark.parametrize("classes", [("LVH", "Normal"), (1, 2), (0, 1, 2)])
def test_a_model_whose_second_class_is_not_lvh_is_refused(
    archive, tmp_path, capsys, classes
):
    path = tmp_path / "other.joblib"
    joblib.dump(_Half(*classes), path)
    assert main(["predict", str(archive / "a.csv"), "--model", str(path)]) == 2
    assert "classes" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_of_other_settings_are_not_resumed(tmp_path, capsys, kind):
    table, out = tmp_path / "a.csv", tmp_path / f"rows.{kind}"
    table.write_text("I,II\n" + "0.1,0.2\n0.2,0.1\n" * 10)
    words = ["info", str(table), "-o", str(out), "--resume", "--units"]
    assert main([*words, "mV", "--fs", "500"]) == 0
    written = out.read_bytes()
    # The same number, written otherwise, is the same setting.
    assert main([*words, "mV", "--fs", "500.0", "--jobs", "1"]) == 0
    of_table = ["mV", "--fs", "500", "--format", "csv"]
    for other in (["mV", "--fs", "250"], ["uV", "--fs", "500"], ["mV"], of_table):
        assert main([*words, *other]) == 2
        assert "repeat the options of the earlier run" in capsys.readouterr().err
        assert out.read_bytes() == written


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_of_another_model_are_not_resumed(archive, tmp_path, capsys, kind):
    out = tmp_path / f"rows.{kind}"
    models = [tmp_path / name for name in ("a.joblib", "b.joblib")]
    for path in models:
        joblib.dump(_Half(), path)
    words = ["predict", str(archive / "a.csv"), "-o", str(out), "--model"]
    assert main([*words, str(models[0])]) == 0
    written = out.read_bytes()
    assert main([*words, str(models[1]), "--resume"]) == 2
    said = capsys.readouterr().err
    assert "has rows made with" in said
    assert "model=a.joblib@" in said
    assert "model=b.joblib@" in said
    assert main([*words, str(models[0]), "--resume"]) == 0
    assert out.read_bytes() == written


def test_a_suffix_tells_the_form_or_is_refused(archive, tmp_path, capsys):
    words = ["info", str(archive / "a.csv"), "-o"]
    assert main([*words, str(tmp_path / "rows.xlsx")]) == 2
    assert "must end in .csv or .jsonl" in capsys.readouterr().err
    assert main([*words, str(tmp_path / "rows.JSONL")]) == 0
    assert (tmp_path / "rows.JSONL").read_text().startswith("{")


def test_a_suffix_that_is_another_form_is_refused(archive, tmp_path, capsys):
    for suffix, output in (("csv", "jsonl"), ("jsonl", "csv")):
        words = ["info", str(archive), "-o", str(tmp_path / f"rows.{suffix}")]
        assert main([*words, "--output", output]) == 2
        assert f"is a name of {suffix}, but" in capsys.readouterr().err
    words = ["info", str(archive / "a.csv"), "-o", str(tmp_path / "rows.txt")]
    assert main([*words, "--output", "jsonl"]) == 0
    assert (tmp_path / "rows.txt").read_text().startswith("{")
