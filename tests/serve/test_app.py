"""What the service answers."""

import asyncio
import hashlib
import logging
import re
import tempfile
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from skecg import (
    load_pretrained,
    pretrained_card,
    pretrained_names,
    read_ecg,
    write_ecg,
)
from skecg.explanation import occlusion
from skecg.serve import CAVEAT, Limits, _app, analyse, open_model
from skecg.serve import _jobs as jobs
from skecg.serve._limits import HEADERS
from skecg.serve._schemas import Answer, Answers
from skecg.serve._workers import BusyError
from tests.serve.conftest import Inline
from tests.serve.process import MODEL


def _one(tables, name="with.csv"):
    return {"file": (name, tables[0], "text/csv")}


def _numbers(content):
    """Return a recording as the service takes it in JSON."""
    record = read_ecg(content)
    return {
        "signal": record.values[0].tolist(),
        "fs": 100,
        "leads": record.lead.values.tolist(),
        "units": "mV",
    }


def test_files_are_answered_in_their_order(client, upload, tables):
    files = [upload[0], ("files", ("broken.xml", b"<no", "text/xml")), upload[1]]
    response = client.post("/v1/predict", files=files)
    assert response.status_code == 200
    results = response.json()["results"]
    of_schema = Answers.model_validate(response.json()).model_dump()["results"]
    assert results == of_schema
    assert [r["status"] for r in results] == ["ok", "refused", "ok"]
    assert [r["file"] for r in results] == ["with.csv", "broken.xml", "without.csv"]
    assert results[1]["answer"] is None
    assert results[1]["reason"]
    model = load_pretrained(MODEL, backend="onnx")
    points = pretrained_card(MODEL)["operating_points"]
    for result, content in zip(results[::2], tables, strict=True):
        answer = result["answer"]
        probability = model.predict_proba(read_ecg(content))[0, 1]
        assert answer["probability"] == probability
        assert answer["decisions"] == [
            {"name": n, "threshold": t, "positive": bool(probability >= t)}
            for n, t in points.items()
        ]
        assert answer["input_sha256"] == hashlib.sha256(content).hexdigest()
        assert answer["model"]["sha256"] == open_model(MODEL).sha256
        assert answer["caveat"] == CAVEAT
        assert len(answer["criteria"]) > 10
    assert results[0]["answer"]["probability"] > results[2]["answer"]["probability"]


def test_the_files_of_a_wfdb_record_are_one_recording(client, upload, tables, tmp_path):
    write_ecg(read_ecg(tables[0]), tmp_path / "r.hea")
    head, signal = ((tmp_path / f"r.{end}").read_bytes() for end in ("hea", "dat"))
    parts = [("r.dat", signal), ("r.hea", head)]
    files = [upload[1], *(("files", part) for part in parts)]
    table, record = client.post("/v1/predict", files=files).json()["results"]
    assert (table["file"], record["file"]) == ("without.csv", "r.hea")
    digest = hashlib.sha256(head + signal).hexdigest()
    assert record["answer"]["input_sha256"] == digest
    alone = client.post("/v1/predict", files=upload[:1]).json()["results"][0]
    assert record["answer"]["waves"]["R_V5"] == pytest.approx(
        alone["answer"]["waves"]["R_V5"], abs=0.005
    )
    for path in ("/v1/render", "/v1/report", "/v1/explain"):
        assert client.post(path, files=[("file", p) for p in parts]).status_code == 200
        both = [("file", parts[0]), ("file", upload[0][1])]
        assert "has 2 recordings" in client.post(path, files=both).json()["detail"]
    (lonely,) = client.post("/v1/predict", files=files[1:2]).json()["results"]
    assert "read its header" in lonely["reason"]
    (lonely,) = client.post("/v1/predict", files=files[2:]).json()["results"]
    assert "'r.dat', which is absent" in lonely["reason"]
    twice = client.post("/v1/predict", files=[*files, files[1]])
    assert "Two files are named 'r.dat'" in twice.json()["detail"]


def test_files_of_a_request_share_the_workers(start, upload, monkeypatch):
    running, most = [], []

    async def slow(self, function, *arguments):
        running.append(function)
        most.append(len(running))
        await asyncio.sleep(0.01)
        running.pop()
        if arguments[1:] and "broken" in arguments[1]:
            raise BusyError
        return function(*arguments)

    monkeypatch.setattr(Inline, "run", slow)
    client = start(n_workers=2)
    files = [("files", (f"{k}.csv", *upload[k % 2][1][1:])) for k in range(4)]
    rows = client.post("/v1/predict", files=files).json()["results"]
    assert [row["file"] for row in rows] == [f"{k}.csv" for k in range(4)]
    assert max(most) == 2
    response = client.post("/v1/predict", files=[*files, ("files", ("broken", b"x"))])
    assert response.status_code == 429


def test_a_header_reads_nothing_that_was_not_sent(client, tmp_path):
    secret = tmp_path / "secret.dat"
    secret.write_bytes(bytes(40_000))
    for name in (str(secret), "../secret.dat", "secret.dat", "/etc/passwd"):
        text = f"r 1 500 100\n{name} 16 1000(0)/mV 16 0 0 0 0 I\n".encode()
        files = [("files", ("r.hea", text)), ("files", ("s.hea", text + b"r.hea\n"))]
        results = client.post("/v1/predict", files=files).json()["results"]
        assert {row["status"] for row in results} == {"refused"}


def test_sex_and_age_can_be_corrected(client, upload):
    found = {}
    for sex in ("male", "female"):
        data = {"sex": sex, "age": "61"}
        response = client.post("/v1/predict", files=upload[:1], data=data)
        answer = response.json()["results"][0]["answer"]
        assert answer["recording"]["sex"] == sex
        assert answer["recording"]["age"] == 61
        found[sex] = {c["criterion"]: c["threshold"] for c in answer["criteria"]}
    assert found["male"]["cornell_voltage"] == "> 2.8"
    assert found["female"]["cornell_voltage"] == "> 2"


def test_a_field_that_would_be_ignored_is_refused(client, upload):
    response = client.post("/v1/predict", files=upload[:1], data={"model": "ptbxl"})
    assert response.status_code == 422
    assert "'model'; give file, files, sex, age" in response.json()["detail"]


def test_numbers_are_answered_like_their_file(client, upload, tables):
    body = _numbers(tables[0])
    by_file = client.post("/v1/predict", files=upload[:1]).json()["results"][0]
    for units, factor in (("mV", 1.0), ("uV", 1e3), ("V", 1e-3)):
        signal = (factor * np.array(body["signal"])).tolist()
        sent = body | {"signal": signal, "units": units}
        answer = client.post("/v1/predict-signal", json=sent).json()
        assert Answer.model_validate(answer).model_dump() == answer
        assert client.post("/v1/predict", json=sent).json() == answer
        assert answer["probability"] == pytest.approx(
            by_file["answer"]["probability"], rel=1e-4
        )
        assert answer["criteria"] == by_file["answer"]["criteria"]


def test_doubtful_leads_are_named(client, tables):
    body = _numbers(tables[0])
    signal = np.array(body["signal"])
    signal[:, 6] = 0
    answer = client.post(
        "/v1/predict-signal", json=body | {"signal": signal.tolist()}
    ).json()
    assert answer["quality"][0].startswith("No signal in V1")


def test_a_uniform_record_is_not_answered_without_a_word(client, tables):
    body = _numbers(tables[0])
    zeros = np.zeros_like(body["signal"]).tolist()
    response = client.post("/v1/predict-signal", json=body | {"signal": zeros})
    answer = response.json()
    said = answer.get("detail") or answer["quality"][0]
    assert "signal" in said.lower()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"signal": [[1.0, 2.0], [1.0]]}, "signal"),
        ({"signal": [[1.0]]}, "signal"),
        ({"fs": "500"}, "fs"),
        ({"fs": True}, "fs"),
        ({"fs": 0}, "fs"),
        ({"signal": [[0.1] * 12, [0.1] * 11 + [True]]}, "signal.1.11: Input"),
        ({"signal": [["0.1"] * 12] * 2}, "signal.0.0: Input"),
        ({"leads": ["I", "II"]}, "each of the 2 leads, but they hold 12."),
        ({"units": "counts"}, "units"),
        ({"patient": "Jane Doe"}, "patient"),
        ({"sex": "x"}, "sex"),
        ({"age": 121}, "less than or equal to 120"),
        ({"age": True}, "age"),
    ],
)
def test_numbers_that_cannot_be_right_are_refused(client, tables, change, says):
    response = client.post("/v1/predict-signal", json=_numbers(tables[0]) | change)
    assert response.status_code == 422
    assert says in response.json()["detail"]
    assert "Jane" not in response.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"signal": NaN}', b"\xff"])
def test_broken_json_is_refused(client, body):
    headers = {"content-type": "application/json"}
    for path in ("/v1/predict-signal", f"/v2/models/{MODEL}/infer"):
        response = client.post(path, content=body, headers=headers)
        assert response.status_code in (400, 422)
        assert response.json()["detail"][0].isalpha()


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/x"]
)
def test_broken_forms_are_refused(client, kind):
    response = client.post(
        "/v1/predict", content=b"--x\r\nno form", headers={"content-type": kind}
    )
    assert response.status_code in (400, 422)


def test_the_sheet_is_drawn_at_each_scale(client, tables):
    for speed, gain in (("25", "5"), ("50", "20")):
        data = {"speed": speed, "gain": gain}
        response = client.post("/v1/render", files=_one(tables), data=data)
        assert response.headers["content-type"] == "image/svg+xml"
        sheet = ElementTree.fromstring(response.text)
        assert sheet.get("data-speed") == speed
        assert sheet.get("data-gain") == gain
        assert "style" not in response.text  # nothing that a strict policy blocks
    assert client.post("/v1/render", files=_one(tables), data={"gain": "7"}).is_error


def test_the_report_is_a_page_a_part_or_a_file(client, tables):
    page = client.post("/v1/report", files=_one(tables, "<b>.csv"), data={"age": ""})
    assert page.text.startswith("<!DOCTYPE html>")
    assert '<link rel="stylesheet" href="../static/style.css">' in page.text
    assert "&lt;b&gt;.csv" in page.text
    assert "<b>" not in page.text
    part = client.post("/v1/report?part=true", files=_one(tables)).text
    assert part.lstrip().startswith("<section")
    file = client.post("/v1/report?download=true", files=_one(tables)).text
    assert "<style>" in file
    assert '<link rel="stylesheet"' not in file
    for text in (page.text, part, file):
        assert CAVEAT.replace("'", "&#39;") in text
        assert "specificity 0.90" in text


def test_a_probability_is_explained_by_the_waves_of_the_leads(client, tables):
    response = client.post("/v1/explain", files=_one(tables))
    assert response.status_code == 200
    found = response.json()
    model = load_pretrained(MODEL, backend="onnx")
    expected = occlusion(model, read_ecg(tables[0]), by="both")
    assert found["leads"] == expected.leads
    assert found["waves"] == expected.waves
    importances = np.array(found["importances"], dtype=float)
    np.testing.assert_allclose(importances, expected.importances[0], atol=1e-6)
    assert found["log_odds"] == pytest.approx(expected.log_odds[0], abs=1e-6)
    assert found["caveat"] == CAVEAT
    sheet = ElementTree.fromstring(found["sheet"])
    opacities = {
        float(b.get("stroke-opacity")) for b in sheet.findall(".//*[@class='band']")
    }
    assert max(opacities) == 1
    assert len(opacities) > 3


@pytest.mark.parametrize(
    ("columns", "says"), [("I,II,V1", "waves of the record"), ("x,y", "of the twelve")]
)
def test_a_record_without_waves_or_leads_is_not_explained(client, columns, says):
    n_leads = columns.count(",") + 1
    header = ",".join(["time (s)", *(f"{name} (mV)" for name in columns.split(","))])
    rows = [",".join([f"{k / 100:g}", *["0.1"] * n_leads]) for k in range(1000)]
    content = "\n".join([header, *rows, ""]).encode()
    response = client.post("/v1/explain", files={"file": ("x.csv", content)})
    assert response.status_code == 422
    assert says in response.json()["detail"]


def test_a_refused_file_is_a_page_for_a_person_and_a_status_for_a_program(client):
    broken = {"file": ("x.xml", b"<no", "text/xml")}
    for accept in ("text/html", "*/*"):
        response = client.post("/v1/report", files=broken, headers={"accept": accept})
        assert response.status_code == 422
        html = response.headers["content-type"].startswith("text/html")
        assert html == (accept == "text/html")
        assert "none of the formats" in response.text


def test_models_have_cards(client):
    models = client.get("/v1/models").json()
    assert [model["name"] for model in models] == pretrained_names()
    assert [m["name"] for m in models if m["used"]] == [MODEL]
    for name in pretrained_names():
        assert client.get(f"/v1/models/{name}").json() == pretrained_card(name)
    assert client.get("/v1/models/..%2f..%2fetc").status_code == 404


def test_health_and_metrics(client, upload):
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready"}
    client.post("/v1/predict", files=upload)
    client.get("/secret-name")
    text = client.get("/metrics").text
    assert 'skecg_requests_total{path="/v1/predict",status="200"} 1.0' in text
    assert "secret-name" not in text
    assert "with.csv" not in text


def test_the_interface_is_described_without_another_site(client):
    document = client.get("/openapi.json").json()
    assert {"/v1/predict", "/v1/render", "/v1/models"} <= set(document["paths"])
    for path in ("/docs", "/"):
        page = client.get(path).text
        assert not re.search(r"(src|href)=\"(https?:)?//", page)
    for path in document["paths"]:
        assert path in client.get("/docs").text


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/static/page.js", "/absent", "/v1/models", "/health/live"]
)
def test_every_answer_has_the_security_headers(client, path):
    headers = client.get(path).headers
    for name, value in HEADERS.items():
        assert headers[name] == value
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


def test_uploads_never_touch_the_disk(client, tables, monkeypatch):
    def refuse(self):
        raise AssertionError("written to disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    large = tables[0] + b"\n" * 3_000_000
    files = [("files", ("large.csv", large, "text/csv"))]
    response = client.post("/v1/predict", files=files)
    assert response.json()["results"][0]["status"] == "ok"


def test_bodies_and_files_are_bounded(start, upload):
    client = start(limits=Limits(files=1, body=200_000))
    assert client.post("/v1/predict", files=upload[:1]).status_code == 200
    assert client.post("/v1/predict", files=upload).status_code == 413
    large = [("files", ("x", b"0" * 300_000, "text/csv"))]
    assert client.post("/v1/predict", files=large).status_code == 413


def test_too_many_requests_are_told_to_come_again(client, upload):
    client.app.state.workers.full = True
    response = client.post("/v1/predict", files=upload)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "1"


def test_a_token_is_asked_for(start):
    client = start(token="0123456789abcdef")
    assert client.get("/health/live").status_code == 200
    for path in ("/", "/v1/models", "/metrics", "/openapi.json", "/static/page.js"):
        assert client.get(path).status_code == 401
        for wrong in ("Bearer 0123456789abcdeg", "0123456789abcdef", "Bearer é"):
            headers = {"authorization": wrong.encode()}
            assert client.get(path, headers=headers).status_code == 401
        right = {"authorization": "Bearer 0123456789abcdef", "host": "ecg.example"}
        assert client.get(path, headers=right).status_code == 200


def test_without_a_token_other_sites_cannot_ask(client):
    for host in ("ecg.example", "localhost.example", "10.0.0.1", ""):
        assert client.get("/", headers={"host": host}).status_code == 403
    for host in ("localhost:8000", "127.0.0.1:80", "[::1]:8000"):
        assert client.get("/", headers={"host": host}).status_code == 200
    headers = {"sec-fetch-site": "cross-site"}
    assert client.get("/", headers=headers).status_code == 403


def test_a_failure_inside_is_logged_without_its_words(
    client, upload, monkeypatch, caplog
):
    def fail(*arguments):
        raise RuntimeError("Jane Doe")

    monkeypatch.setattr(jobs, "predict_file", fail)
    with caplog.at_level(logging.ERROR, "skecg.serve"):
        response = client.post("/v1/predict", files=upload)
    assert response.status_code == 500
    assert "RuntimeError in fail:" in caplog.text
    assert "Jane" not in caplog.text + response.text


def test_examples_are_found_with_and_without_lvh(client):
    probabilities = []
    for name in jobs.EXAMPLES:
        content = client.get(f"/v1/examples/{name}").content
        files = [("files", ("example.csv", content, "text/csv"))]
        result = client.post("/v1/predict", files=files).json()["results"][0]
        probabilities.append(result["answer"]["probability"])
    thresholds = pretrained_card(MODEL)["operating_points"].values()
    assert probabilities[0] >= max(thresholds)
    assert probabilities[1] < min(thresholds)
    assert client.get("/v1/examples/other").status_code == 404


def test_fhir_is_answered_where_it_is_asked_for(client, upload):
    files = [*upload, ("files", ("broken.xml", b"<no", "text/xml"))]
    headers = {"accept": "application/fhir+json"}
    response = client.post("/v1/predict", files=files, headers=headers)
    assert response.headers["content-type"].startswith("application/fhir+json")
    kinds = [e["resource"]["resourceType"] for e in response.json()["entry"]]
    assert kinds == [*["RiskAssessment", "Observation"] * 2, "OperationOutcome"]
    bundle = pytest.importorskip("fhir.resources.R4B.bundle").Bundle
    bundle.model_validate(response.json())


def test_the_inference_protocol_gives_the_probabilities(client, tables):
    metadata = client.get(f"/v2/models/{MODEL}").json()
    assert metadata["inputs"][0]["shape"] == [-1, 1000, 12]
    records = np.stack([read_ecg(content).values[0] for content in tables])
    sent = records.astype(np.float32)
    tensor = {"name": "ecg", "datatype": "FP32", "shape": list(sent.shape)}
    expected = load_pretrained(MODEL, backend="onnx").predict_proba(sent)
    for data in (sent.tolist(), sent.ravel().tolist()):
        body = {"id": "7", "inputs": [tensor | {"data": data}]}
        answer = client.post(f"/v2/models/{MODEL}/infer", json=body).json()
        assert answer["id"] == "7"
        assert answer["model_name"] == MODEL
        (output,) = answer["outputs"]
        assert output["shape"] == [2, 2]
        np.testing.assert_allclose(
            output["data"], expected.ravel(), rtol=1e-5, atol=1e-7
        )


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [1, 1000, 13]},
        {"shape": [1000, 12]},
        {"shape": [0, 1000, 12]},
        {"shape": [1, 10, 12], "data": [0.0] * 120},
        {"name": "signal"},
        {"data": ["a"]},
        {"data": ["1"] * 12_000},
        {"data": [0.0] * 11_999 + [True]},
        {"data": [[[0.0] * 12] * 999 + [[0.0] * 11 + [False]]]},
        {"data": [None] * 12_000},
        {"data": [10**400] * 12_000},
        {"data": [[0.0] * 12] * 999 + [[0.0]]},
        {"data": [[[0.0] * 1000] * 12]},
        {"datatype": "BYTES"},
    ],
)
def test_the_inference_protocol_refuses_other_tensors(client, change):
    tensor = {"name": "ecg", "datatype": "FP32", "shape": [1, 1000, 12]}
    body = {"inputs": [tensor | {"data": [0.0] * 12_000} | change]}
    response = client.post(f"/v2/models/{MODEL}/infer", json=body)
    assert response.status_code == 422
    assert response.json()["error"] == response.json()["detail"]
    assert client.post("/v2/models/other/infer", json=body).status_code in (404, 422)


def test_the_inference_protocol_hands_warnings_on(client):
    tensor = {"name": "ecg", "datatype": "FP32", "shape": [1, 1000, 12]}
    body = {"inputs": [tensor | {"data": [0.0] * 12_000}]}
    answer = client.post(f"/v2/models/{MODEL}/infer", json=body).json()
    assert "leads without a signal" in answer["parameters"]["warnings"]


def test_a_field_with_two_values_is_refused(client, tables):
    for field, values in (("sex", ["male", "female"]), ("age", ["20", "90"])):
        response = client.post(
            "/v1/predict", files={"files": ("a.csv", tables[0])}, data={field: values}
        )
        assert response.status_code == 422
        assert f"several values of the field '{field}'" in response.json()["detail"]


def test_text_where_a_file_must_be_is_refused(client):
    for body in ({"files": "x.xml"}, {"file": "x.xml"}):
        form = {k: (None, v) for k, v in body.items()}
        response = client.post("/v1/predict", files=form)
        assert response.status_code == 422
        assert "has text, but must be a file" in response.json()["detail"]


def test_a_body_with_two_lengths_is_refused(client):
    headers = {"content-length": "2", "transfer-encoding": "chunked"}
    response = client.post("/v1/predict", content=b"{}", headers=headers)
    assert response.status_code == 400


def test_an_explanation_is_of_the_stated_sex_and_age(client, tables, monkeypatch):
    seen = []

    def explain(record, model):
        seen.append((record["sex"].item(), record["age"].item()))
        return {}, np.zeros((record.shape[1], record.shape[2]))

    monkeypatch.setattr(jobs, "explain", explain)
    told = {"sex": "male", "age": "20"}
    client.post("/v1/explain", files=_one(tables), data=told)
    assert seen == [(0.0, 20.0)]


def test_a_model_from_a_pickle_is_for_the_command_line_alone(tmp_path):
    with pytest.raises(ValueError, match="is no model"):
        open_model(tmp_path / "x.joblib")


def test_one_answer_has_all_that_the_schema_says(tables):
    answer = analyse(read_ecg(tables[0]), open_model(MODEL))
    assert set(answer) == {
        "caveat",
        "criteria",
        "decisions",
        "model",
        "probability",
        "quality",
        "recording",
        "warnings",
        "waves",
    }


def test_what_is_doubtful_is_said_once(tables):
    record = read_ecg(tables[0])
    record[0, :, 7] = 0
    small = analyse(0.05 * record, open_model(MODEL))
    assert small["quality"][0].startswith("No signal in")
    assert not any("have leads without a signal" in text for text in small["warnings"])
    assert any("range over about" in text for text in small["warnings"])


@pytest.mark.parametrize("n_late", [0, 3, 4])
def test_a_service_waits_for_a_model_that_loads_slowly(n_late):
    waits = iter([TimeoutError] * n_late)

    class Workers:
        async def run(self, function):
            for error in waits:
                raise error

    if n_late < 4:
        asyncio.run(_app._wait_for(Workers()))
    else:
        with pytest.raises(TimeoutError):
            asyncio.run(_app._wait_for(Workers()))
