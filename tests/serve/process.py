"""A running ``skecg serve``."""

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from pathlib import Path

MODEL = "ptbxl_lstm"


def ask(port, method, path, body=None, headers=None):
    """Return the status and the body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()


def lives(pid):
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


class Service:
    """A running ``skecg serve``."""

    def __init__(self, log):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = log
        words = ["serve", "--model", MODEL, "--port", str(self.port), "--workers", "1"]
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "skecg", *words], stderr=file, stdout=file
            )
        end = time.monotonic() + 240
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if ask(self.port, "GET", "/health/ready")[0] == 200:
                    return
            time.sleep(0.1)
        self.process.kill()
        raise AssertionError(log.read_text())

    def workers(self):
        """Return the processes that read and predict."""
        found = []
        for task in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                pid, _, _, parent = task.read_text().split()[:4]
                command = (task.parent / "cmdline").read_bytes()
                if int(parent) == self.process.pid and b"spawn_main" in command:
                    found.append(int(pid))
        return found
