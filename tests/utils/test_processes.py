"""Workers that end with the process that started them."""

import os
import subprocess
import sys
from multiprocessing.connection import Listener

PARENT = """
import multiprocessing, sys, time
from tests.utils.test_processes import work

if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=work, args=sys.argv[1:]).start()
    time.sleep(600)
"""


def work(address):
    """Say that this process runs, then wait like a worker that has nothing to do."""
    from multiprocessing.connection import Client
    from threading import Event

    from skecg.utils import end_with_parent

    end_with_parent()
    connection = Client(address)
    connection.send("runs")
    Event().wait(600)


def test_a_worker_ends_when_its_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with Listener(str(tmp_path / "socket")) as listener:
        command = [sys.executable, str(script), listener.address]
        parent = subprocess.Popen(command)
        listener._listener._socket.settimeout(60)
        with listener.accept() as worker:
            assert worker.poll(60)
            assert worker.recv() == "runs"
            parent.kill()
            parent.wait(30)
            # The worker's end of the connection closes with it.
            assert worker.poll(60)


def test_the_watch_ends_the_worker_with_its_parent_and_never_the_main_process(
    monkeypatch,
):
    from skecg.utils import _processes

    ends = []
    monkeypatch.setattr(os, "_exit", ends.append)
    reader, writer = os.pipe()
    os.close(writer)  # as the pipe to a parent that has ended
    _processes._watch(reader)
    os.close(reader)
    assert ends == [1]
    _processes.end_with_parent()  # the main process has no parent to watch
    assert ends == [1]
