"""SCP-ECG: EN 1064:2005 and ISO 11073-91064:2009, versions 1 and 2.

Read are the rhythm data of section 6, with the Huffman tables of section 2, first and
second differences, the reference beat of sections 4 and 5, and bimodal compression.
Version 3 (EN 1064:2020) and long-term recordings are not read, nor are measurements,
interpretations and sections of manufacturers.
"""

from dataclasses import dataclass

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._lead_codes import lead_of_number
from skecg.io._leads import refuse_repeated
from skecg.io._parsed import ParsedECG
from skecg.io._scp_beats import Beats, add_reference, knots, read_beats
from skecg.io._scp_huffman import Table, decode, read_tables, undo_differences
from skecg.io._scp_patient import read_patient
from skecg.io._scp_sections import Section, looks_like_scp, read_sections

_MILLIVOLTS_PER_NANOVOLT = 1e-6
# Bit of section 3 for recordings from which a reference beat was subtracted.
_SUBTRACTED = 1
_MOST_FACTOR = 4  # samples that one stored number stands for outside QRS zones
_SPARE_BYTES = 24_000_000  # what a small file may need besides a multiple of its size


@dataclass(frozen=True)
class _Layout:
    """Section 3: codes of the leads, and their spans of samples, counted from 1."""

    codes: list[int]
    spans: list[tuple[int, int]]
    subtracted: bool

    @property
    def first(self) -> int:
        return min(first for first, _ in self.spans)

    @property
    def n_times(self) -> int:
        return max(last for _, last in self.spans) - self.first + 1


@dataclass(frozen=True)
class _Stream:
    """Section 5 or 6: how its numbers are scaled, and the bytes of each lead."""

    scale: float
    interval: int
    differences: int
    bimodal: bool
    parts: list[bytes]
    field: str

    def samples(self, lead: int, tables: tuple[Table, ...], n: int) -> np.ndarray:
        """Return at most n stored numbers of a lead."""
        values = decode(self.parts[lead], tables, n)
        return undo_differences(values, self.differences, self.field)


def sniff(head: bytes) -> bool:
    """Tell whether a file is SCP-ECG."""
    return looks_like_scp(head)


def read(data: bytes) -> ParsedECG:
    """Read the rhythm data of an SCP-ECG file.

    Where leads were not recorded at the same time, NaN stands for what a lead lacks.
    """
    sections, notes = read_sections(data)
    layout = _read_layout(_require(sections, 3))
    stream = _read_stream(_require(sections, 6), len(layout.codes))
    tables = read_tables(sections[2].body if 2 in sections else None)
    _check_size(layout, stream, len(data))
    known, remarks = read_patient(sections.get(1))
    if layout.subtracted or stream.bimodal:
        signal, interval = _decompress(sections, layout, stream, tables)
        notes.append(
            "high compression lost detail: outside the QRS zones amplitudes are "
            "approximate, the most in the first and last samples"
        )
    else:
        signal, interval = _plain(layout, stream, tables), stream.interval
    if len(signal) > 1 and np.isnan(signal[-1]).all():
        signal = signal[:-1]
        remarks.append("section 3 counts one sample more than the file has")
    return ParsedECG(
        signal=signal,
        fs=1e6 / interval,
        leads=tuple(lead_of_number(code) for code in layout.codes),
        units="nV",
        notes=tuple(notes + remarks),
        **known,
    )


def _require(sections: dict[int, Section], number: int) -> Section:
    """Return a section that no recording lacks."""
    if number not in sections:
        what = {3: "leads", 5: "a reference beat", 6: "rhythm data"}[number]
        raise ECGFileError(
            f"section {number} is absent, so that the file has no {what}; export the "
            "recording again with its waveforms.",
            field="section 0",
        )
    return sections[number]


def _read_layout(section: Section) -> _Layout:
    """Return the leads of section 3."""
    # Number of leads, flags, then 9 bytes a lead: first and last sample, and code.
    n_leads, flags = section.take("<BB", 0, "number of leads")
    if n_leads == 0:
        raise section.wrong("the file says it has no lead; export the recording again.")
    rows = [
        section.take("<IIB", 2 + 9 * number, f"lead {number + 1}")
        for number in range(n_leads)
    ]
    for number, (first, last, _) in enumerate(rows):
        if first > last:
            raise section.wrong(
                f"lead {number + 1} ends at sample {last} before it begins at {first}; "
                "the file is damaged.",
                2 + 9 * number,
            )
    codes = [code for _, _, code in rows]
    refuse_repeated([lead_of_number(code) for code in codes], "section 3")
    return _Layout(codes, [row[:2] for row in rows], bool(flags & _SUBTRACTED))


def _read_stream(section: Section, n_leads: int) -> _Stream:
    """Return what section 5 or 6 holds."""
    # nV of a count, us between samples, order of differences, compression; then the
    # number of bytes of each lead, and these bytes.
    scale, interval, differences, bimodal = section.take("<HHBB", 0, "its header")
    problem = None
    if scale == 0:
        problem = "the value of a count is 0 nV"
    elif interval == 0:
        problem = "the time between samples is 0"
    elif differences > 2:
        problem = f"differences of order {differences} are unknown, 0 to 2 are read"
    if problem:
        raise section.wrong(f"{problem}; the file is damaged.")
    lengths = section.take(f"<{n_leads}H", 6, "the lengths of the leads")
    parts, at = [], 6 + 2 * n_leads
    for number, length in enumerate(lengths):
        if at + length > len(section.body):
            raise section.wrong(
                f"lead {number + 1} has {length} bytes, which the section does not "
                "hold; the file is cut off.",
                at,
            )
        parts.append(section.body[at : at + length])
        at += length
    # In section 5 the last byte is reserved.
    is_bimodal = section.number == 6 and bimodal == 1
    scale, field = scale * _MILLIVOLTS_PER_NANOVOLT, f"section {section.number}"
    return _Stream(scale, interval, differences, is_bimodal, parts, field)


def _check_size(layout: _Layout, stream: _Stream, n_bytes: int) -> None:
    """Raise where the leads are longer than their bytes, before arrays are made."""
    factor = _MOST_FACTOR if stream.bimodal else 1
    lengths = [last - first + 1 for first, last in layout.spans]
    # A sample takes at least one bit. One more is forgiven, see _plain.
    fits = all(
        length <= factor * 8 * len(part) + 1
        for length, part in zip(lengths, stream.parts, strict=True)
    )
    n_bytes_needed = 8 * layout.n_times * len(layout.codes)
    if (
        not fits
        or layout.n_times > sum(lengths)
        or n_bytes_needed > 8 * n_bytes + _SPARE_BYTES
    ):
        raise ECGFileError(
            f"the leads take {layout.n_times} samples, more than the file can hold; it "
            "is cut off or damaged.",
            field="section 3",
        )


def _plain(layout: _Layout, stream: _Stream, tables: tuple[Table, ...]) -> np.ndarray:
    """Return a signal that is stored as it is, NaN where a lead was not recorded."""
    signal = np.full((layout.n_times, len(layout.codes)), np.nan)
    for lead, (first, last) in enumerate(layout.spans):
        length = last - first + 1
        values = stream.samples(lead, tables, length)
        # Some recorders write one sample more into section 3 than into section 6.
        if len(values) < max(length - 1, 1):
            raise _too_few(layout, lead, len(values), length)
        begin = first - layout.first
        signal[begin : begin + len(values), lead] = values * stream.scale
    return signal


def _too_few(layout: _Layout, lead: int, n_values: int, n_wanted: int) -> ECGFileError:
    """Make the error of a lead whose bytes end, or turn into no code, too early."""
    return ECGFileError(
        f"lead {lead_of_number(layout.codes[lead])} has {n_values} readable numbers of "
        f"{n_wanted}; the file is cut off or damaged.",
        field="section 6",
    )


def _decompress(
    sections: dict[int, Section],
    layout: _Layout,
    stream: _Stream,
    tables: tuple[Table, ...],
) -> tuple[np.ndarray, int]:
    """Undo bimodal compression and the subtraction of the reference beat."""
    beats = read_beats(sections.get(4))
    reference = _read_stream(_require(sections, 5), len(layout.codes))
    factor = _factor(stream, reference)
    signal = _full_rate(layout, stream, tables, beats.zones, factor)
    if layout.subtracted:
        beat = _reference(reference, beats, tables)
        add_reference(signal, beat, beats, layout.first)
    return signal, reference.interval


def _factor(stream: _Stream, reference: _Stream) -> int:
    """Return how many samples one stored number stands for outside the zones."""
    # Section 6 has the rate outside the zones, section 5 the recording's own.
    factor, rest = divmod(stream.interval, reference.interval)
    if rest or not 1 <= factor <= (_MOST_FACTOR if stream.bimodal else 1):
        raise ECGFileError(
            f"samples are {stream.interval} us apart, those of the reference beat "
            f"{reference.interval} us, which is no compression of the standard; export "
            "the recording again without high compression.",
            field="section 6",
        )
    return factor


def _full_rate(
    layout: _Layout,
    stream: _Stream,
    tables: tuple[Table, ...],
    zones: list[tuple[int, int]],
    factor: int,
) -> np.ndarray:
    """Return the stored numbers at the recording's rate, in mV."""
    # Leads of one span share their knots.
    signal = np.full((layout.n_times, len(layout.codes)), np.nan)
    known: dict[tuple[int, int], tuple] = {}
    for lead, span in enumerate(layout.spans):
        if span not in known:
            known[span] = knots(*span, zones, factor)
        times, source, n_stored = known[span]
        values = stream.samples(lead, tables, n_stored)
        if len(values) < n_stored:
            raise _too_few(layout, lead, len(values), n_stored)
        begin, n_times = span[0] - layout.first, span[1] - span[0] + 1
        signal[begin : begin + n_times, lead] = np.interp(
            np.arange(n_times), times, values[source] * stream.scale
        )
    return signal


def _reference(stream: _Stream, beats: Beats, tables: tuple[Table, ...]) -> np.ndarray:
    """Return the reference beat in mV, as long as its shortest lead."""
    n_times = beats.duration * 1000 // stream.interval
    leads = [
        stream.samples(lead, tables, n_times) * stream.scale
        for lead in range(len(stream.parts))
    ]
    shortest = min(len(values) for values in leads)
    return np.column_stack([values[:shortest] for values in leads])
