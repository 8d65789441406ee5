"""Check an environment that deploy/install.sh made: size, command, service.

Run it with the Python of the environment, in any folder.
"""

import json
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.request import Request, urlopen

LARGEST = 450  # MB
TRAINING = ("tensorflow", "keras", "scikeras", "imblearn")
SECONDS = 120  # for each step, on a busy machine
SKECG = [sys.executable, "-m", "skecg"]


def main():
    """Stop with an error at the first thing that is not as it should be."""
    found = [name for name in TRAINING if find_spec(name)]
    assert not found, f"{found} should not be in a serving environment"
    files = [path for path in Path(sys.prefix).rglob("*") if path.is_file()]
    size = sum(path.lstat().st_size for path in files) / 1e6
    print(f"size: {size:.0f} MB of {LARGEST}")
    assert size < LARGEST
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "record.csv")
        write_record(file)
        command = [*SKECG, "predict", file, "--output", "jsonl"]
        run = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, timeout=SECONDS
        )
        predicted = json.loads(run.stdout)["probability"]
        print(f"skecg predict: {predicted:.3f}")
        with open(Path(folder, "log"), "w+b") as log:
            served = ask_service(file.read_bytes(), log)
        print(f"skecg serve: {served:.3f}")
    assert served == predicted


def write_record(path):
    """Write a synthetic recording of 10 s at 500 Hz as a table."""
    from skecg import make_lvh_ecg, write_ecg

    record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    write_ecg(record, path)


def ask_service(content, log):
    """Return the probability that a service gives for a file, and end the service."""
    port = "18765"
    command = [*SKECG, "serve", "--port", port, "--workers", "1"]
    service = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/health/ready", service, log)
        return upload(f"http://127.0.0.1:{port}/v1/predict", content)
    finally:
        service.terminate()
        try:
            service.wait(SECONDS)
        except subprocess.TimeoutExpired:
            service.kill()
            raise


def wait_for(url, service, log):
    """Return when an address answers; fail with the log if it does not."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and service.poll() is None:
        try:
            urlopen(url, timeout=10).close()
            return
        except OSError:
            time.sleep(0.2)
    log.seek(0)
    sys.exit(log.read().decode())


def upload(url, content):
    """Return the probability of a file that is sent as a form."""
    head = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.csv"\r\n'
    body = head + b"\r\n" + content + b"\r\n--x--\r\n"
    kind = {"content-type": "multipart/form-data; boundary=x"}
    with urlopen(Request(url, body, kind), timeout=SECONDS) as response:
        return json.load(response)["results"][0]["answer"]["probability"]


if __name__ == "__main__":
    main()
