"""Fixtures of the loaders' tests."""

import pytest

from tests.datasets.ptbxl_files import ROWS, make_counts, write_record, write_tables


@pytest.fixture
def tiny_ptbxl(tmp_path):
    """A folder with six records at 100 Hz and the first one at 500 Hz."""
    folder = tmp_path / "ptbxl"
    folder.mkdir()
    write_tables(folder, ROWS)
    for ecg_id, *_ in ROWS:
        write_record(folder / f"records100/00000/{ecg_id:05d}_lr", make_counts(ecg_id))
    write_record(folder / "records500/00000/00001_hr", make_counts(1, 500), 500)
    return folder
