"""Small WFDB records, written as signal(5) describes the formats."""

import numpy as np

LEADS = ("I", "II", "V1")
PER_MILLIVOLT = 200


def counts(n_times=30, n_leads=3, bits=8, seed=0):
    """Return counts of shape (n_times, n_leads) that fit the format."""
    rng = np.random.default_rng(seed)
    high = 2 ** (bits - 1)
    return rng.integers(1 - high, high, (n_times, n_leads))


def checksum(lead):
    return int(lead.astype(np.int64).sum() % 65536)


def header(
    name,
    samples,
    *,
    fs=500,
    stored="16",
    gain=f"{PER_MILLIVOLT}(0)/mV",
    file=None,
    leads=LEADS,
    comments="",
):
    """Return the text of a header."""
    lines = [f"{name} {samples.shape[1]} {fs} {len(samples)}"]
    lines += [
        f"{file or name + '.dat'} {stored} {gain} 16 0 {lead[0]} {checksum(lead)} 0 {n}"
        for n, lead in zip(leads, samples.T, strict=True)
    ]
    return "\n".join(lines) + "\n" + comments


def write(folder, name="a", samples=None, **fields):
    """Write a record of format 16; return the path of its header and the counts."""
    samples = counts() if samples is None else samples
    text = header(name, samples, **fields)
    (folder / f"{name}.hea").write_text(text)
    (folder / f"{name}.dat").write_bytes(samples.astype("<i2").tobytes())
    return folder / f"{name}.hea", samples
