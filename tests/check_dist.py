"""Compare a built sdist and wheel with the files under version control.

Run by ``make dist``, as ``python tests/check_dist.py dist``.
"""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

LEFT_OUT = (".ci/",)
"""What a repository has, and a source distribution need not have."""


def tracked():
    """Return the names of the files under version control."""
    names = subprocess.run(
        ["git", "ls-files"], check=True, capture_output=True, text=True
    ).stdout
    return set(names.splitlines())


def check(folder):
    """Raise unless sdist and wheel hold all that they should, and nothing else."""
    (sdist,) = folder.glob("skecg-*.tar.gz")
    (wheel,) = folder.glob("skecg-*.whl")
    files = {name for name in tracked() if not name.startswith(LEFT_OUT)}
    with tarfile.open(sdist) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        packed = {member.name.split("/", 1)[1] for member in members}
    expected = files | {"PKG-INFO"}
    assert packed == expected, packed ^ expected
    with zipfile.ZipFile(wheel) as archive:
        installed = {n for n in archive.namelist() if ".dist-info/" not in n}
        licences = [n for n in archive.namelist() if n.endswith("licenses/LICENSE")]
    package = {name for name in files if name.startswith("skecg/")}
    assert {"skecg/py.typed", "skecg/evaluation/templates/page.html"} <= package
    assert installed == package, installed ^ package
    assert len(licences) == 1


if __name__ == "__main__":
    check(Path(sys.argv[1]))
