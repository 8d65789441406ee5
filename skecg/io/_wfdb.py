"""WFDB records of PhysioNet, WFDB Applications Guide 10.7.

Read are a header with its signal files in any format (8 to 524), several of them,
frames, skews and segments of fixed and variable layout; age, sex and diagnoses of
PhysioNet Challenges from comments. A header may name files of its own folder alone.
Signals in other units than volts, and those at another rate than the leads, are left
out and noted. Annotations are not read.
"""

import re
from collections import Counter

import numpy as np

from skecg.io._comments import stated
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years
from skecg.io._source import Folder
from skecg.io._wfdb_header import (
    RecordHeader,
    Signals,
    check_calibrated,
    header_text,
    parse_header,
)
from skecg.io._wfdb_samples import MOST_BYTES, Lead, read_signals
from skecg.utils import (
    LEAD_NAMES,
    UNITS_PER_MILLIVOLT,
    canonical_lead_name,
    voltage_unit,
)

_RECORD_LINE = re.compile(r"[^\s/]+(/\d+)?\s+\d+(\s+[\d.]\S*)?(\s|$)", re.ASCII)
_SIGNAL_LINE = re.compile(r"\S+\s+\d{1,3}(x\d+)?(:\d+)?(\+\d+)?(\s|$)", re.ASCII)
_OLD_STYLE = re.compile(r"#\s*(\d{1,3})\s+([MF])\b")  # of the MIT-BIH database
_SEGMENT_LINE = re.compile(r"\S+\s+\d+\s*$", re.ASCII)
_GAP = "~"


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like a header."""
    lines = [
        line
        for line in header_text(head).splitlines()
        if line.strip() and line[0] != "#"
    ]
    if len(lines) < 2 or "\0" in lines[0] or not _RECORD_LINE.match(lines[0]):
        return False
    segmented = "/" in lines[0].split()[0]
    # The name of a file is no number, as it is in a table.
    named = not re.fullmatch(r"[-+.,;]*\d[-+.\d,;]*", lines[1].split()[0])
    return bool((_SEGMENT_LINE if segmented else _SIGNAL_LINE).match(lines[1])) and (
        named or segmented
    )


def read(
    data: bytes, *, folder: Folder | None = None, fs: float | None = None
) -> ParsedECG:
    """Read a record by its header, which lies in a folder with its files.

    `fs` counts where the header states no rate.
    """
    header = parse_header(header_text(data), fs)
    if folder is None:
        raise ECGFileError(
            "a header alone holds no samples; give its path, with its signal files "
            "beside it."
        )
    if header.segments:
        signal, fs, names, units, notes = _read_segments(header, folder)
    else:
        leads, _ = read_signals(header, lambda file: folder.read(file))
        index, notes = _choose(header.signals)
        signal = np.array([_physical(leads, header.signals, k) for k in index]).T
        fs = header.fs * header.signals.samples_per_frame[index[0]]
        names = [header.signals.names[k] for k in index]
        units = _unit_of(header.signals, index)
    said = stated(header.comments)
    sex, age = said.sex, said.age
    notes += said.notes
    old = next(filter(None, map(_OLD_STYLE.match, header.comments)), None)
    if old and sex != sex and age != age:
        sex, age = float(old[2] == "F"), age_in_years(old[1], None, notes)
    return ParsedECG(
        signal=signal,
        fs=fs,
        leads=tuple(names),
        units=units,
        sex=sex,
        age=age,
        codes=said.codes,
        notes=tuple(notes),
    )


def _choose(signals: Signals) -> tuple[list[int], list[str]]:
    """Return the positions of the leads, and what is said of the others."""
    notes = []
    volts = [k for k, unit in enumerate(signals.units) if voltage_unit(unit)]
    if not volts:
        raise ECGFileError(
            "no signal is in volts, but in "
            f"{', '.join(sorted(set(signals.units)))[:80]}; give a record with an ECG.",
            field="units",
        )
    if len(volts) < len(signals.names):
        others = [n for k, n in enumerate(signals.names) if k not in volts]
        notes.append(f"left out {', '.join(others)[:200]}, which are not in volts")
    rates = [signals.samples_per_frame[k] for k in volts]
    standard = [
        signals.samples_per_frame[k]
        for k in volts
        if canonical_lead_name(signals.names[k]) in LEAD_NAMES
    ]
    # Standard leads outvote other signals in volts, which may have other rates.
    votes = Counter(standard or rates)
    rate = max(votes, key=lambda n: (votes[n], n))
    index = [k for k in volts if signals.samples_per_frame[k] == rate]
    if len(index) < len(volts):
        others = [signals.names[k] for k in volts if k not in index]
        notes.append(f"left out {', '.join(others)[:200]}, sampled at other rates")
    return index, notes


def _unit_of(signals: Signals, index: list[int]) -> str:
    """Return the unit of the leads, "mixed" for several."""
    units = {voltage_unit(signals.units[k]) for k in index}
    return str(units.pop()) if len(units) == 1 else "mixed"


def _physical(leads: list[Lead], signals: Signals, k: int) -> np.ndarray:
    """Return the samples of a lead in mV."""
    check_calibrated(signals, k)
    counts, missing = leads[k]
    values = counts.astype(np.float64)
    values -= signals.baselines[k]
    values /= signals.gains[k]
    unit = str(voltage_unit(signals.units[k]))
    # A division rounds once, as 0.001 is no binary number.
    if unit != "mV":
        values /= UNITS_PER_MILLIVOLT[unit]
    if missing is not None:
        values[counts == missing] = np.nan
    return values


def _read_segments(
    header: RecordHeader, folder: Folder
) -> tuple[np.ndarray, float, list[str], str, list[str]]:
    """Read all segments; what none of them holds is NaN."""
    parts: dict[str, RecordHeader] = {}
    for name, _ in header.segments:
        if name != _GAP and name not in parts:
            text = header_text(folder.read(f"{name}.hea"))
            parts[name] = parse_header(text, header.fs)
    if any(part.segments for part in parts.values()):
        raise ECGFileError("a segment has segments itself, which WFDB does not allow.")
    # The header of a variable layout is a segment of length 0 and has no samples.
    held = {name: parts[name] for name, n in header.segments if n and name != _GAP}
    layout = _common_layout(held)
    index, notes = _choose(layout)
    names = [layout.names[k] for k in index]
    rate = layout.samples_per_frame[index[0]]
    blocks, n_bytes = {}, 0
    for name, part in held.items():
        leads, size = read_signals(part, lambda file: folder.read(file))
        n_bytes += size
        blocks[name] = {
            lead: _physical(leads, part.signals, part.signals.names.index(lead))
            for lead in names
            if lead in part.signals.names
        }
    n_times = sum(n for _, n in header.segments) * rate
    if n_times * len(names) * 8 > MOST_BYTES + 10 * n_bytes:
        raise ECGFileError(
            f"the record is mostly gaps, {n_times} samples of which {n_bytes} bytes "
            "are recorded; read its segments one by one.",
            field="segments",
        )
    signal = np.full((n_times, len(names)), np.nan)
    start = 0
    for name, n_frames in header.segments:
        stop = start + n_frames * rate
        if n_frames and name != _GAP:
            for column, lead in enumerate(names):
                if lead in blocks[name]:
                    _fill(signal[start:stop, column], blocks[name][lead], name)
        start = stop
    notes.append(f"joined {len(header.segments)} segments")
    return signal, header.fs * rate, names, _unit_of(layout, index), notes


def _fill(target: np.ndarray, values: np.ndarray, name: str) -> None:
    """Put the samples of a segment in their place."""
    if len(target) != len(values):
        raise ECGFileError(
            f"the segment {name[:40]} has {len(values)} samples, but the record "
            f"announces {len(target)}; restore the headers.",
            field="segments",
        )
    target[:] = values


def _common_layout(parts: dict[str, RecordHeader]) -> Signals:
    """Return each signal of all segments once; raise if two contradict each other."""
    seen: dict[str, tuple] = {}
    rates = {part.fs for part in parts.values()}
    for part in parts.values():
        for row in zip(*part.signals, strict=True):
            first = seen.setdefault(row[0], row)
            same = first[2] == row[2] and voltage_unit(first[7]) == voltage_unit(row[7])
            if not same or part.signals.names.count(row[0]) > 1:
                raise ECGFileError(
                    f"the signal {row[0][:40]} has several rates or units in the "
                    "segments; read its segments one by one.",
                    field="segments",
                )
    if not seen or len(rates) > 1:
        raise ECGFileError(
            "the segments hold no samples, or have several sampling rates; read its "
            "segments one by one.",
            field="segments",
        )
    return Signals(*zip(*seen.values(), strict=True))
