"""fetch_ptbxl against a server on this machine."""

import hashlib
import http.server
import sys
import threading

import numpy as np
import pytest

from skecg.datasets import fetch_ptbxl, load_ptbxl


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve a folder, count the requests and cut off what the test asks for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.requested.append(self.path)
        if self.path in server.cut_off:
            server.cut_off.remove(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
        else:
            super().do_GET()

    def log_message(self, *arguments):
        pass


def write_checksums(folder):
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()} {file.relative_to(folder)}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]
    (folder / "SHA256SUMS.txt").write_text("".join(lines))


@pytest.fixture
def server(tiny_ptbxl, monkeypatch):
    """PhysioNet, holding the tiny PTB-XL."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("skecg.datasets._fetch._RETRIES", 0)
    write_checksums(tiny_ptbxl)

    def handler(*arguments):
        return Handler(*arguments, directory=tiny_ptbxl)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        httpd.requested, httpd.cut_off = [], []
        httpd.url = f"http://127.0.0.1:{httpd.server_port}/"
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        yield httpd
        httpd.shutdown()
        thread.join()


def files(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob("*")} - {
        "records100",
        "records100/00000",
    }


def test_a_fetched_folder_loads_like_the_original(server, tiny_ptbxl, tmp_path, capfd):
    folder = fetch_ptbxl(tmp_path / "new" / "folder", base_url=server.url)
    assert folder == tmp_path / "new" / "folder"
    assert len(files(folder)) == 2 + 2 * 6
    expected, fetched = load_ptbxl(tiny_ptbxl), load_ptbxl(folder)
    np.testing.assert_array_equal(fetched.data, expected.data)
    assert fetched.target.tolist() == expected.target.tolist()
    assert capfd.readouterr() == ("", "")


def test_only_the_wanted_sampling_rate_is_downloaded(server, tmp_path):
    fetch_ptbxl(tmp_path / "a", fs=500, base_url=server.url)
    assert not [path for path in server.requested if "records100" in path]
    fetch_ptbxl(tmp_path / "a", fs=(100, 500), base_url=server.url)
    assert load_ptbxl(tmp_path / "a").data.shape == (6, 1000, 12)


def test_a_second_call_downloads_what_is_missing_or_damaged_alone(server, tmp_path):
    folder = fetch_ptbxl(tmp_path / "a", base_url=server.url)
    damaged = folder / "records100/00000/00004_lr.dat"
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1])
    (folder / "records100/00000/00005_lr.hea").unlink()
    server.requested.clear()
    fetch_ptbxl(folder, base_url=server.url)
    assert sorted(server.requested) == [
        "/SHA256SUMS.txt",
        "/records100/00000/00004_lr.dat",
        "/records100/00000/00005_lr.hea",
    ]
    assert damaged.read_bytes() == content


def test_an_interrupted_download_leaves_no_half_file_and_goes_on(server, tmp_path):
    broken = "/records100/00000/00004_lr.dat"
    server.cut_off.append(broken)
    match = "00004_lr.dat could not be downloaded .*call fetch_ptbxl again"
    with pytest.raises(OSError, match=match):
        fetch_ptbxl(tmp_path / "a", base_url=server.url, n_jobs=1)
    done = files(tmp_path / "a")
    assert broken[1:] not in done
    assert not [name for name in done if "tmp" in name]
    assert "records100/00000/00002_lr.dat" in done
    fetch_ptbxl(tmp_path / "a", base_url=server.url)
    assert server.requested.count("/records100/00000/00002_lr.dat") == 1
    assert len(files(tmp_path / "a")) == 14


def test_a_dropped_connection_is_tried_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr("skecg.datasets._fetch._RETRIES", 1)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    server.cut_off.append("/ptbxl_database.csv")
    fetch_ptbxl(tmp_path / "a", base_url=server.url)
    assert server.requested.count("/ptbxl_database.csv") == 2


def test_a_file_unlike_its_checksum_is_refused(server, tiny_ptbxl, tmp_path):
    (tiny_ptbxl / "records100/00000/00004_lr.dat").write_bytes(b"x")
    with pytest.raises(OSError, match="00004_lr.dat could not be downloaded .*hash"):
        fetch_ptbxl(tmp_path / "a", base_url=server.url)
    assert not (tmp_path / "a/records100/00000/00004_lr.dat").exists()


def test_a_wrong_address_is_named(server, tmp_path):
    with pytest.raises(OSError, match=r"/9\.9/SHA256SUMS.txt could not .*404.*version"):
        fetch_ptbxl(tmp_path / "a", base_url=server.url + "{version}", version="9.9")
    assert not (tmp_path / "a").exists()


def test_a_page_that_is_no_list_of_checksums_is_refused(server, tiny_ptbxl, tmp_path):
    (tiny_ptbxl / "SHA256SUMS.txt").write_text("<html>Please log in</html>")
    with pytest.raises(OSError, match=r"SHA256SUMS.txt is no list of checksums"):
        fetch_ptbxl(tmp_path / "a", base_url=server.url)


def test_a_server_without_the_rate_is_named(server, tiny_ptbxl, tmp_path):
    sums = tiny_ptbxl / "SHA256SUMS.txt"
    sums.write_text(sums.read_text().replace("records500", "other"))
    with pytest.raises(ValueError, match="has no records at 500 Hz"):
        fetch_ptbxl(tmp_path / "a", fs=500, base_url=server.url)


@pytest.mark.parametrize("fs", [250, (), (100, 250)])
def test_another_sampling_rate_is_refused(fs, tmp_path):
    with pytest.raises(ValueError, match="fs must be 100, 500 or both"):
        fetch_ptbxl(tmp_path, fs=fs, base_url="http://127.0.0.1:9/")


def test_a_progress_bar_counts_the_files(server, tmp_path, capsys):
    fetch_ptbxl(tmp_path / "a", base_url=server.url, verbose=1)
    assert "14/14" in capsys.readouterr().err


def test_the_log_level_of_pooch_is_left_as_it_was(server, tmp_path):
    pooch = pytest.importorskip("pooch")
    level = pooch.get_logger().level
    fetch_ptbxl(tmp_path / "a", base_url=server.url)
    assert pooch.get_logger().level == level


@pytest.mark.parametrize("module", ["pooch", "requests"])
def test_a_missing_package_is_named(tmp_path, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf'needs {module}; .*"skecg\[ptbxl\]"'):
        fetch_ptbxl(tmp_path)
