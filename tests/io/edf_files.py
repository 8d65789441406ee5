"""Small EDF and BDF files with known samples, written byte by byte."""

import numpy as np

LEADS = ("I", "II", "V1")
LABELS = ("ECG I", "EKG ii", "Lead V1")


def counts(n_times=300, n_leads=3, seed=0):
    """Return samples of 16 bits; 300 of them are three data records."""
    return np.random.default_rng(seed).integers(-900, 900, (n_times, n_leads))


def edf(
    values,
    *,
    labels=LABELS,
    per_record=100,
    n_records=None,
    duration="0.2",
    units="uV",
    physical=("-16384", "16383.5"),
    digital=("-32768", "32767"),
    filters="HP:0.05Hz LP:150Hz N:50Hz",
    patient="ID-7 F 02-MAR-1951 Jane_Doe",
    recording="Startdate 17-MAY-2024 X X CART_1",
    reserved="",
    bdf=False,
    onsets=None,
    header_bytes=None,
):
    """Return a file; a count is half a uV unless the limits are given.

    `per_record` and `units` may be one for each channel; `onsets` adds annotations
    with the times of the data records.
    """
    leads = list(np.asarray(values).T)
    sizes = per_record if isinstance(per_record, list) else [per_record] * len(leads)
    found = len(leads[0]) // sizes[0]
    labels = [*labels]
    if onsets is not None:
        labels.append("BDF Annotations" if bdf else "EDF Annotations")
        sizes = [*sizes, 16]
    rows = (
        (labels, 16),
        ("", 80),
        (units, 8),
        (physical[0], 8),
        (physical[1], 8),
        (digital[0], 8),
        (digital[1], 8),
        (filters, 80),
        ([str(size) for size in sizes], 8),
        ("", 32),
    )
    main = (
        (patient, 80),
        (recording, 80),
        ("17.05.24", 8),
        ("12.00.00", 8),
        (str(header_bytes or 256 * (len(labels) + 1)), 8),
        (reserved, 44),
        (str(found if n_records is None else n_records), 8),
        (duration, 8),
        (str(len(labels)), 4),
    )
    text = "".join(part.ljust(width) for part, width in main)
    for parts, width in rows:
        each = [parts] * len(labels) if isinstance(parts, str) else parts
        text += "".join(part.ljust(width) for part in each)
    body = b""
    for record in range(found):
        for lead, size in zip(leads, sizes, strict=False):
            part = np.asarray(lead[record * size : (record + 1) * size], "<i4")
            body += part.view(np.uint8).reshape(-1, 4)[:, : 3 if bdf else 2].tobytes()
        if onsets is not None:
            width = 16 * (3 if bdf else 2)
            body += f"{onsets[record]}\x14\x14\0".encode().ljust(width, b"\0")
    start = b"\xffBIOSEMI" if bdf else b"0       "
    return start + text.encode("latin-1") + body
