"""Mutated files of every format: a record or an ECGFileError, in bounded resources.

    python -m tests.io.fuzz [--seconds 60] [--seed 0] [FORMAT ...]

reads mutated small files, and the samples in ``../shared`` where they are, and prints
how many were read, refused and what went wrong. Each format runs in a process of its
own, as a library in C may crash.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from skecg.io import ECGFileError, _dicom_encode, _edf_encode, list_formats, read_ecg
from skecg.utils import ECGLabels, read_age, read_sex
from tests.io import scp_files, wfdb_files, xml_files
from tests.io.test_arrays import FILES as ARRAYS

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
MOST_SECONDS = 2.0
MOST_TIMES, MOST_BYTES = 20, 50_000_000
_LARGEST_SAMPLE = 600_000
_SAID = {"fs": 250.0, "units": "mV", "leads": ["I", "II", "V1"]}
_ROWS = "".join(f"{2 * k},{100 + k * k},{300 - k}\n" for k in range(9))
_TABLE = f"# age: 57\ntime (ms),I (uV),II (uV)\n{_ROWS}".encode()
_OF_FOLDER = {
    "challenge": "wfdb",
    "wfdb": "wfdb",
    "philips": None,  # two formats; the content tells
}


def small_files():
    """Return small files of each format, as {format: [(bytes, arguments)]}."""
    eight = xml_files.counts()
    signal = np.random.default_rng(0).normal(size=(250, 3))
    leads = _SAID["leads"]
    files = {
        "aecg": [(xml_files.aecg(eight), {})],
        "muse": [(xml_files.muse(eight), {})],
        "cardiosoft": [(xml_files.cardiosoft(xml_files.strip(eight)), {})],
        "philips": [
            (xml_files.philips(eight, xml_files.LEADS), {}),
            (xml_files.philips(eight, xml_files.LEADS, compression="XLI"), {}),
        ],
        "mortara": [(xml_files.mortara(eight), {})],
        "schiller": [(xml_files.schiller(eight), {})],
        "scp": [(scp_files.recording(scp_files.counts()), {})],
        "dicom": [(_dicom_encode.encode(signal, 250, leads, sex=1, age=57), {})],
        "edf": [(_edf_encode.encode(signal, 250, leads, sex=1), {})],
        "csv": [(_TABLE, {}), (b"3,2,1\n4,5,6\n" * 9, _SAID)],
    }
    for kind, (data, said) in ARRAYS.items():
        files.setdefault(kind.replace(",", " ").split()[0], []).append((data, said))
    return {
        name: [(d.encode() if isinstance(d, str) else d, said) for d, said in pairs]
        for name, pairs in files.items()
    }


def sample_files(name):
    """Return the sample recordings of a format that lie beside the checkout."""
    paths = sorted(SAMPLES.glob(f"{name}/*")) if SAMPLES.exists() else []
    return [
        (path.read_bytes(), {})
        for path in paths
        if path.stat().st_size < _LARGEST_SAMPLE
    ]


def mutate(data, rng):
    """Return a file with one to three damages."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        data = rng.choice(_DAMAGES)(data, rng)
    return data


def _flip(data, rng):
    at = rng.randrange(len(data) or 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _flip_near_the_start(data, rng):
    at = rng.randrange(min(len(data), 400) or 1)
    return (
        data[:at] + bytes([rng.choice([0, 1, 45, 48, 57, 127, 255])]) + data[at + 1 :]
    )


def _truncate(data, rng):
    return data[: rng.randrange(len(data) + 1)]


def _double(data, rng):
    start, stop = sorted(rng.choices(range(len(data) + 1), k=2))
    return data[:stop] + data[start : start + 5000] + data[stop:]


def _remove(data, rng):
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randrange(1, 40) :]


def _large_number(data, rng):
    at = rng.randrange(min(len(data), 4000) or 1)
    value = rng.choice([b"\xff\xff\xff\x7f", b"\xff" * 8, b"\0\0\0\x80", b"\0" * 8])
    return data[:at] + value + data[at + len(value) :]


def _other_digits(data, rng):
    digits = [k for k, byte in enumerate(data[:4000]) if 48 <= byte <= 57]
    if not digits:
        return data
    at = rng.choice(digits)
    text = rng.choice([b"-", b"0", b"9999999999", b"1e999", b"nan", b".", b"\xd9\xa3"])
    return data[:at] + text + data[at + 1 :]


_DAMAGES = (
    _flip,
    _flip_near_the_start,
    _truncate,
    _double,
    _remove,
    _large_number,
    _other_digits,
)


def arguments(said, leads, rng):
    """Return what a caller says of a file, mostly with arguments of any other value."""
    said = dict(said)
    if rng.random() < 0.4:
        said["units"] = rng.choice(["mV", "uV", "\xb5V", "nV", "V", "volts", None])
    if rng.random() < 0.3:
        said["fs"] = rng.choice([None, 10, 100, 250, 499.99, 500, 1_000_000])
    if rng.random() < 0.3:
        said["leads"] = rng.choice([None, ["II"], ["v1", "I"], ["X"], list(leads)])
    if rng.random() < 0.2:
        said["metadata"] = True
    return said


def facts_of(record):
    """Return what a record says of itself, read by the rules of estimators."""
    labels = ECGLabels.of(record)
    sex, age = read_sex(None, 1, labels=labels), read_age(None, 1, labels=labels)
    return (
        labels.fs,
        labels.lead_names,
        *(None if value is None else value.item() for value in (sex, age)),
    )


@cache
def facts_of_file(data, **said):
    """Return the facts of an undamaged file, None where it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return facts_of(read_ecg(data, **said))
        except ECGFileError:
            return None


def outcome_of(source, size, said, *, facts=None, trace=True):
    """Read one file; return what became of it, or raise what must not be.

    It is "refused", or "read", or "changed" where its facts are others than `facts`.
    """
    if trace:
        tracemalloc.start()
    start, caught = time.process_time(), ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            record = read_ecg(source, **said)
        assert record.sizes["record"] == 1
        assert not np.isinf(record.values).any()
        found = facts_of(record)
        outcome = "read" if facts in (None, found) else "changed"
    except ECGFileError as error:
        outcome, caught = "refused", str(error)
    finally:
        seconds = time.process_time() - start
        peak = tracemalloc.get_traced_memory()[1] if trace else 0
        if trace:
            tracemalloc.stop()
    # The net below all readers has caught what a reader should refuse itself.
    assert "no file of this format (" not in caught, caught
    assert seconds < MOST_SECONDS * (4 if trace else 1), f"{seconds:.1f} s"
    assert peak < MOST_TIMES * size + MOST_BYTES, f"{peak} bytes for {size}"
    return outcome


def wfdb_outcome(rng, folder, *, trace=True):
    """Read a record of which header, samples or segments are damaged."""
    path, _ = wfdb_files.write(folder, comments="# Age: 57\n")
    header, data = path.read_bytes(), (folder / "a.dat").read_bytes()
    if rng.random() < 0.5:
        stored = rng.choice(["212", "8", "310", "16x1+4", "61:2", "516", "24"])
        header = header.replace(b" 16 ", f" {stored} ".encode())
    if rng.random() < 0.3:
        path.write_bytes(header)
        header = b"b/2 3 500 60\na 30\n~ 30\n"
        path = folder / "b.hea"
    damaged = rng.choice(["header", "header", "samples", "both"])
    path.write_bytes(header if damaged == "samples" else mutate(header, rng))
    samples = data if damaged == "header" else mutate(data, rng)
    (folder / "a.dat").write_bytes(samples)
    return outcome_of(path, len(header) + len(data), {"format": "wfdb"}, trace=trace)


def fuzz(name, n_files, seed, *, seconds=np.inf, samples=False, trace=True):
    """Read mutated files of a format; return how many were read and refused."""
    rng = random.Random(f"{name} {seed}")
    files = small_files().get(name, [])
    files += sample_files(name) if samples else []
    counted = Counter()
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(n_files):
            if time.monotonic() > end:
                break
            if name == "wfdb":
                counted[wfdb_outcome(rng, Path(folder), trace=trace)] += 1
                continue
            data, said = rng.choice(files)
            facts = None
            if rng.random() < 0.5:
                frozen = {k: tuple(v) if k == "leads" else v for k, v in said.items()}
                facts = facts_of_file(data, **frozen)
            else:
                said = arguments(said, _SAID["leads"], rng)
            data = mutate(data, rng)
            forced = {} if rng.random() < 0.5 else {"format": name}
            Path(folder, "last").write_bytes(data)
            said = {**said, **forced}
            counted[outcome_of(data, len(data), said, facts=facts, trace=trace)] += 1
    return counted


def main():
    """Fuzz each format in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("formats", nargs="*", default=list(list_formats()))
    parser.add_argument("--seconds", type=float, default=60.0, help="of each format")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--here", action="store_true", help="in this process")
    options = parser.parse_args()
    failed = False
    for name in options.formats:
        if options.here:
            counted = fuzz(
                name,
                10**9,
                options.seed,
                seconds=options.seconds,
                samples=True,
                trace=False,
            )
            print(f"{name}: {dict(counted)}", flush=True)  # noqa: T201
            continue
        command = [sys.executable, "-m", "tests.io.fuzz", name, "--here"]
        command += [f"--seconds={options.seconds}", f"--seed={options.seed}"]
        # A file that hangs a library is an error, not the end of all.
        done = subprocess.run(command, timeout=2 * options.seconds + 120)
        failed |= done.returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
