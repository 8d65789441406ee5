"""How many uploads a second a service answers, how long they take, and its memory.

The service is started and ended here, with two workers::

    python benchmarks/bench_serve.py FILE [--requests 10000] [--clients 16]

`FILE` is any ECG. On a machine that does other work too, only the processor time of a
request says something. Linux only.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import httpx
import numpy as np

from skecg.io import read_ecg
from skecg.signal import resample_signal

MODEL = "ptbxl_lstm"
N_PARTS = 5
"""Times that the memory is looked at."""


def measure(url, request, n_requests, n_clients):
    """Return the seconds of each request, and of all together.

    Clients are threads with one connection each, and send bytes that are ready: what
    they take of the processors is small beside what the service takes.
    """
    path, body, headers = request
    left, seconds = iter(range(n_requests)), []

    def ask(_):
        connection = HTTPConnection(url.removeprefix("http://"), timeout=60)
        for _ in left:
            start = time.perf_counter()
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            seconds.append(time.perf_counter() - start)
            assert response.status == 200, answer
            assert "probability" in answer or answer["results"][0]["answer"]
        connection.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(n_clients) as pool:
        list(pool.map(ask, range(n_clients)))
    return np.array(seconds), time.perf_counter() - start


def family(pid):
    """Return a process and its children: processor time in s and memory in MB each."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            rss = int((path.parent / "statm").read_text().split()[1])
        except OSError:
            continue
        if int(path.parent.name) == pid or int(fields[1]) == pid:
            ticks = int(fields[11]) + int(fields[12])
            seconds = ticks / os.sysconf("SC_CLK_TCK")
            found[path.parent.name] = seconds, rss * os.sysconf("SC_PAGE_SIZE") / 2**20
    return found


def start_service():
    """Return a running service and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--model", MODEL, "--port", str(port), "--workers", "2"]
    process = subprocess.Popen([sys.executable, "-m", "skecg", *words])
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx.get(f"{url}/health/ready", timeout=60).status_code == 200:
                return process, url
        except httpx.TransportError:
            time.sleep(0.1)
    process.kill()
    raise SystemExit("the service did not start")


def report(name, process, url, request, n_requests, n_clients):
    """Print what many requests took."""
    measure(url, request, 4 * n_clients, n_clients)
    before, seconds, total, memory = family(process.pid), [], 0.0, []
    for _ in range(N_PARTS):
        part = measure(url, request, n_requests // N_PARTS, n_clients)
        seconds.append(part[0])
        total += part[1]
        memory.append(sum(mb for _, mb in family(process.pid).values()))
    after = family(process.pid)
    seconds = np.concatenate(seconds)
    used = sum(s for s, _ in after.values()) - sum(s for s, _ in before.values())
    p50, p95 = 1000 * np.percentile(seconds, [50, 95])
    print(
        f"{name}, {n_clients} clients: {len(seconds)} requests, "
        f"{len(seconds) / total:.0f} a second, median {p50:.0f} ms, 95th {p95:.0f} ms, "
        f"{1000 * used / len(seconds):.1f} ms of processor time each, memory of all "
        f"processes {' '.join(f'{mb:.0f}' for mb in memory)} MB"
    )


def main():
    """Print the figures of uploads and of signals as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=16)
    args = parser.parse_args()
    content = args.file.read_bytes()
    record = read_ecg(content)
    times = record.time.values
    fs = round(1 / (times[1] - times[0]), 4)
    as_json = {"content-type": "application/json"}

    def body_of(rate):
        values = resample_signal(record.values, fs, rate)[0].round(4)
        leads = record.lead.values.tolist()
        body = {"signal": values.tolist(), "fs": rate, "leads": leads, "units": "mV"}
        return json.dumps(body).encode()

    form = httpx.Request("POST", "http://a", files={"files": ("ecg", content)})
    upload = "/v1/predict", form.read(), {"content-type": form.headers["content-type"]}

    process, url = start_service()
    try:
        several = args.requests, args.clients
        report(f"uploads of {len(content)} bytes", process, url, upload, *several)
        few = max(N_PARTS, args.requests // 20), 1
        report(f"uploads of {len(content)} bytes", process, url, upload, *few)
        for rate in (fs, 100.0):
            body = body_of(rate)
            name = f"JSON of {rate:g} Hz, {len(body)} bytes"
            report(name, process, url, ("/v1/predict-signal", body, as_json), *few)
    finally:
        process.terminate()
        process.wait(60)


if __name__ == "__main__":
    main()
