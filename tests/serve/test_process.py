"""The service as a process of its own, and what can go wrong around it."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import time

import numpy as np
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from skecg import load_pretrained, read_ecg
from tests.serve.process import MODEL, ask

SECRET = "Jane-Doe.csv"


def _form(content):
    """Return the headers and the body of an upload."""
    head = f'--x\r\ncontent-disposition: form-data; name="files"; filename="{SECRET}"'
    body = f"{head}\r\n\r\n".encode() + content + b"\r\n--x--\r\n"
    return {"content-type": "multipart/form-data; boundary=x"}, body


def _predict(port, content):
    """Return the status and the result of one file."""
    headers, body = _form(content)
    status, answer = ask(port, "POST", "/v1/predict", body, headers)
    return status, json.loads(answer)["results"][0]


def test_a_file_is_answered(service, tables):
    status, result = _predict(service.port, tables[0])
    assert status == 200
    expected = load_pretrained(MODEL, backend="onnx").predict_proba(read_ecg(tables[0]))
    assert result["answer"]["probability"] == pytest.approx(expected[0, 1], rel=1e-6)


def test_a_killed_worker_is_replaced(service, tables):
    (worker,) = service.workers()
    os.kill(worker, signal.SIGKILL)
    assert _predict(service.port, tables[0])[0] == 200
    assert service.workers() != [worker]


def test_slow_and_broken_clients_do_not_stop_others(service, tables):
    with contextlib.ExitStack() as stack:
        headers, body = _form(tables[0])
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        start = f"POST /v1/predict HTTP/1.1\r\nhost: localhost\r\n{head}"
        upload = f"{start}content-length: {len(body)}\r\n\r\n".encode() + body
        for _ in range(8):  # gone before they are answered
            address = ("127.0.0.1", service.port)
            with socket.create_connection(address, timeout=30) as client:
                client.sendall(upload)
        for sent in (
            b"POST /v1/predict HTTP/1.1\r\nhost: localhost\r\n",
            b"POST /docs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n",
            b"\x16\x03\x01 no HTTP",
            b"GET /v1/predict HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n"
            b"upgrade: websocket\r\nsec-websocket-version: 13\r\n"
            b"sec-websocket-key: eA==\r\n\r\n",
            b"POST /v1/predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n"
            b"content-type: multipart/form-data; boundary=x\r\n\r\n--Jane---",
        ):
            for _ in range(8):
                client = socket.create_connection(address, timeout=30)
                stack.enter_context(client)
                client.sendall(sent)
        assert _predict(service.port, tables[1])[0] == 200


def test_a_client_of_the_inference_protocol_works_unchanged(service, tables):
    http_client = pytest.importorskip("tritonclient.http")
    client = http_client.InferenceServerClient(f"127.0.0.1:{service.port}")
    with contextlib.closing(client):
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready(MODEL)
        assert client.get_model_metadata(MODEL)["name"] == MODEL
        record = read_ecg(tables[0]).values.astype(np.float32)
        tensor = http_client.InferInput("ecg", list(record.shape), "FP32")
        tensor.set_data_from_numpy(record, binary_data=False)
        wanted = http_client.InferRequestedOutput("probabilities", binary_data=False)
        answer = client.infer(MODEL, [tensor], outputs=[wanted])
        expected = load_pretrained(MODEL, backend="onnx").predict_proba(record)
        np.testing.assert_allclose(
            answer.as_numpy("probabilities"), expected, rtol=1e-5, atol=1e-7
        )


def test_the_end_waits_for_what_was_asked_and_the_log_names_nobody(service, tables):
    # The last test, as it ends the service.
    headers, body = _form(tables[0])
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.putrequest("POST", "/v1/predict")
    for name, value in {**headers, "content-length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body[:-5])
    time.sleep(0.2)
    service.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    connection.send(body[-5:])
    assert connection.getresponse().status == 200
    connection.close()
    service.process.wait(30)
    assert service.process.returncode in (0, -signal.SIGTERM)
    with pytest.raises(OSError, match="refused"):
        _predict(service.port, tables[0])
    log = service.log.read_text()
    assert not re.search(r"Jane|/v1/predict|127.0.0.1:\d+ - |boundary|Traceback", log)
