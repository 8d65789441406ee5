"""Writing of EDF."""

from collections.abc import Sequence

import numpy as np

from skecg.io._counts import to_counts

_LARGEST = 32767
_RECORD_BYTES = 61_440  # most bytes of a data record, by the standard of 1992
_SAME_RATE = 1e-9
_SEXES = {0.0: "M", 1.0: "F"}


def encode(
    signal: np.ndarray,
    fs: float,
    leads: Sequence[str],
    sex: float = np.nan,
    age: float = np.nan,
) -> bytes:
    """Return a recording as an EDF file.

    `signal` is in mV, of shape (n_times, n_leads), without NaN; `sex` is 0 male, 1
    female. The age is not written, as EDF has dates of birth only. The file names no
    patient, and January 1, 1985 as its day, which stands for an unknown one.
    """
    values = np.asarray(signal, dtype=np.float64)
    if np.isnan(values).any() or not len(values):
        raise ValueError(
            "signal must have samples without NaN, as EDF has no gaps; cut or fill "
            "them, or write DICOM or NPZ."
        )
    # Without ECG in front, a reader takes other names than V1 for other signals.
    labels = [
        name if name.upper().startswith(("ECG", "EKG")) else f"ECG {name}"
        for name in leads
    ]
    if any(len(label) > 16 or not label.isascii() for label in labels):
        raise ValueError(
            f"leads must have ASCII names of at most 12 characters, but got "
            f"{list(leads)!r}; rename them."
        )
    # Counts are symmetric, so that 0 mV is the count 0.
    counts, step = to_counts(values, _LARGEST)
    n_samples, duration = _record(len(values), len(leads), fs)
    limit = f"{_LARGEST * step:.10g}"
    if len(limit) > 7:
        raise ValueError(
            f"signal reaches {np.abs(values).max():g} mV, but EDF holds 6553 mV at "
            "most; give mV, or write another format."
        )
    main = (
        ("0", 8),
        (f"X {_SEXES.get(float(sex), 'X')} X X", 80),
        ("Startdate X X X X", 80),
        ("01.01.8500.00.00", 16),
        (256 * (len(leads) + 1), 8),
        ("", 44),
        (len(values) // n_samples, 8),
        (duration, 8),
        (len(leads), 4),
    )
    of_each = (
        ("", 80),
        ("uV", 8),
        (f"-{limit}", 8),
        (limit, 8),
        (-_LARGEST, 8),
        (_LARGEST, 8),
        ("", 80),
        (n_samples, 8),
        ("", 32),
    )
    # The header has each field of all channels before the next field.
    header = "".join(
        [f"{value:<{width}}" for value, width in main]
        + [f"{label:<16}" for label in labels]
        + [f"{value:<{width}}" * len(leads) for value, width in of_each]
    )
    records = counts.astype("<i2").reshape(-1, n_samples, len(leads))
    return header.encode("ascii") + records.transpose(0, 2, 1).tobytes()


def _record(n_times: int, n_leads: int, fs: float) -> tuple[int, str]:
    """Return samples per data record, and its duration in seconds as text."""
    most = max(_RECORD_BYTES // (2 * n_leads), 1)
    sizes = [size for size in range(1, n_times + 1) if n_times % size == 0]
    # The largest that the standard allows, else all samples in one data record.
    small = [size for size in reversed(sizes) if size <= most]
    for size in [*small, n_times]:
        duration = f"{size / fs:.8g}"
        for text in (duration, f"{size / fs:.7g}", f"{size / fs:.6g}"):
            if len(text) <= 8 and abs(float(text) * fs / size - 1) < _SAME_RATE:
                return size, text
    raise ValueError(
        f"fs={fs:g} Hz gives no duration of {n_times} samples that EDF's 8 characters "
        "can hold; resample the record, or write another format."
    )
