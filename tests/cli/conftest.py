"""A folder of small recordings, some of which are refused."""

import pytest

from skecg.datasets import make_lvh_ecg
from tests.io.wfdb_files import counts, header
from tests.io.xml_files import counts as xml_counts
from tests.io.xml_files import muse


def as_csv(cohort, k, fs):
    """Return a record of a cohort as the bytes of a table."""
    columns = ",".join(f"{lead} (mV)" for lead in cohort.lead_names)
    rows = (
        ",".join(f"{value:.3f}" for value in (t / fs, *samples))
        for t, samples in enumerate(cohort.data[k])
    )
    return "\n".join([f"time (s),{columns}", *rows, ""]).encode()


@pytest.fixture(scope="session")
def tables():
    """The bytes of tables of 10 s: one with LVH, one without."""
    cohort = make_lvh_ecg(8, fs=100, random_state=4)
    with_lvh = int(cohort.target.argmax())
    without = int(cohort.target.argmin())
    return as_csv(cohort, with_lvh, 100), as_csv(cohort, without, 100)


@pytest.fixture
def archive(tmp_path, tables):
    """A folder with two tables, a MUSE export, a WFDB record and what is refused."""
    folder = tmp_path / "archive"
    (folder / "below").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "a.csv").write_bytes(tables[0])
    (folder / "b.csv").write_bytes(tables[1])
    (folder / "c.xml").write_bytes(muse(xml_counts(5000)))
    samples = counts(n_times=5000, bits=12)
    (folder / "below" / "r.hea").write_text(header("r", samples))
    (folder / "below" / "r.dat").write_bytes(samples.astype("<i2").tobytes())
    (folder / "below" / "note.txt").write_text("no ECG\x1b[31m")
    (folder / "z-empty.csv").write_bytes(b"")
    (folder / ".hidden" / "d.csv").write_bytes(tables[0])
    (folder / ".e.csv").write_bytes(tables[0])
    return folder


@pytest.fixture
def names():
    """What `skecg` finds in the archive, in its order."""
    return ["a.csv", "b.csv", "c.xml", "z-empty.csv", "below/note.txt", "below/r.hea"]
