"""Files that are there whole or not at all."""

import os
from pathlib import Path

import pytest

from skecg.utils import write_whole


def test_text_and_bytes_replace_an_older_file(tmp_path):
    path = tmp_path / "note.txt"
    write_whole(path, "5 µV")
    assert path.read_bytes() == b"5 \xc2\xb5V"
    write_whole(path, b"\x00\x01")
    assert path.read_bytes() == b"\x00\x01"


def test_a_failed_write_leaves_the_older_file_and_nothing_beside_it(
    tmp_path, monkeypatch
):
    path = tmp_path / "note.txt"
    write_whole(path, "old")

    def fail(self, target):
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="the disk is full"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["note.txt"]


def test_a_file_has_the_rights_that_the_user_s_mask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "note.txt", "mine")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert (tmp_path / "note.txt").stat().st_mode & 0o777 == 0o640


def test_rights_come_from_the_umask_which_is_never_set(tmp_path, monkeypatch):
    plain = tmp_path / "plain.txt"
    plain.touch()
    monkeypatch.delattr("os.umask")
    write_whole(tmp_path / "whole.txt", "new")
    assert (tmp_path / "whole.txt").stat().st_mode == plain.stat().st_mode
