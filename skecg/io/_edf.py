"""EDF (1992), EDF+ (2003) and BDF, of which the ECG channels are read.

Continuous and interrupted recordings (EDF+C, EDF+D) are read. Annotations are not read
but for the times of data records, nor are channels that are no ECG.
"""

from typing import NamedTuple

import numpy as np

from skecg.io._edf_header import Channel, Opened, filters_in, lead_of, number, open_edf
from skecg.io._edf_patient import read_patient
from skecg.io._errors import ECGFileError
from skecg.io._leads import refuse_repeated
from skecg.io._parsed import ParsedECG
from skecg.utils import UNITS_PER_MILLIVOLT, voltage_unit

_BDF = b"\xffBIOSEMI"
_ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
_SPARE_BYTES = 24_000_000  # what gaps may take besides a multiple of the file's size
_MOST = 1e12  # more of any unit than a recorder measures, so that no sample is infinite
# Amplitudes (standard deviations) in mV of all but one in a thousand of PTB-XL.
_USUAL = 0.05, 0.8
_SHOWN = 12  # labels that a note lists
_ENOUGH = 1000  # samples that tell the amplitude


class _Lead(NamedTuple):
    """An ECG channel, and what turns its counts into mV."""

    name: str
    channel: Channel
    scale: float
    offset: float
    units: str


def sniff(head: bytes) -> bool:
    """Tell whether a file has the version and the numbers of EDF or BDF."""
    return (
        head[:8] in (b"0       ", _BDF)
        and len(head) >= 256
        and head[184:192].strip().isdigit()
        and head[252:256].strip().isdigit()
    )


def read(data: bytes) -> ParsedECG:
    """Read the channels whose label names a lead or begins with ECG or EKG.

    Where an interrupted recording has a gap, samples are NaN.
    """
    if not sniff(data[:256]):
        raise ECGFileError(
            "the file does not begin as EDF or BDF does; leave `format` to be found, "
            "or export the recording again."
        )
    opened = open_edf(data, is_bdf=data[:8] == _BDF)
    leads = [
        _scaled(name, channel)
        for channel in opened.channels
        if (name := lead_of(channel.label))
    ]
    fs = _common_rate(opened, leads)
    signal = _signal(opened, leads)
    notes = [*opened.notes, *_scale_in_doubt(signal)]
    if opened.reserved[:5] in ("EDF+D", "BDF+D"):
        signal = _spread(signal, _onsets(opened), fs, len(data))
    left_out = [
        channel.label
        for channel in opened.channels
        if lead_of(channel.label) is None and channel.label not in _ANNOTATIONS
    ]
    if left_out:
        more = ", ..." if len(left_out) > _SHOWN else ""
        notes.append(f"left out {', '.join(left_out[:_SHOWN])}{more}, which are no ECG")
    of_patient = read_patient(opened.patient, opened.recording, notes)
    return ParsedECG(
        signal=signal,
        fs=fs,
        leads=tuple(lead.name for lead in leads),
        units=leads[0].units,
        filters=filters_in(leads[0].channel.filters),
        notes=tuple(notes),
        **of_patient,
    )


def _scaled(name: str, channel: Channel) -> _Lead:
    """Return an ECG channel with its scale, after checking its limits."""
    label = channel.label
    low, high = (
        number(text, f"physical limit of {label}") for text in channel.physical
    )
    first, last = (
        number(text, f"digital limit of {label}") for text in channel.digital
    )
    units = voltage_unit(channel.units)
    if units is None:
        raise ECGFileError(
            f"the unit {channel.units!r} of {label!r} is no voltage; write uV or mV "
            "into the header.",
            field="physical dimension",
        )
    # A physical maximum below the minimum is a polarity turned round, and allowed.
    whole = first % 1 == last % 1 == 0
    if not whole or last <= first or not 0 < abs(high - low) < _MOST:
        raise ECGFileError(
            f"{label!r} has the digital limits {first:g} to {last:g} and the physical "
            f"ones {low:g} to {high:g}, which give no scale; export the file again.",
            field="physical maximum",
        )
    # The two limits are two points of a line from counts to the unit.
    scale = (high - low) / (last - first)
    offset = low - first * scale
    factor = 1 / UNITS_PER_MILLIVOLT[units]
    return _Lead(name, channel, scale * factor, offset * factor, units)


def _common_rate(opened: Opened, leads: list[_Lead]) -> float:
    """Return the sampling rate of the leads; raise where they have several."""
    if not leads:
        labels = ", ".join(channel.label for channel in opened.channels[:8])
        raise ECGFileError(
            f"no channel is an ECG: the labels are {labels or 'none'}. Label the leads "
            "as in 'ECG V1', or export them.",
            field="label",
        )
    refuse_repeated([lead.name for lead in leads], "label")
    counts = {lead.channel.stop - lead.channel.start for lead in leads}
    if len(counts) > 1 or 0 in counts:
        rates = sorted(count / opened.duration for count in counts)
        raise ECGFileError(
            f"the ECG channels have data records of {opened.duration:g} s and rates of "
            f"{', '.join(f'{rate:g}' for rate in rates[:4])} Hz, but one recording has "
            "one rate; export the leads of one rate only.",
            field="samples per data record",
        )
    fs = counts.pop() / opened.duration
    # Durations such as 9.998 s are not exact in binary.
    return float(round(fs)) if abs(fs - round(fs)) < 1e-9 * fs else fs


def _signal(opened: Opened, leads: list[_Lead]) -> np.ndarray:
    """Return the leads in mV, one data record after the other."""
    first = opened.counts_of(leads[0].channel)
    signal = np.empty((len(leads), *first.shape))
    for row, lead in zip(signal, leads, strict=True):
        np.multiply(opened.counts_of(lead.channel), lead.scale, out=row)
        row += lead.offset
    return signal.reshape(len(leads), -1).T


def _onsets(opened: Opened) -> np.ndarray:
    """Return when each data record of an interrupted recording begins, in seconds."""
    place = next((c for c in opened.channels if c.label in _ANNOTATIONS), None)
    if place is None:
        raise ECGFileError(
            "the recording is interrupted, but has no annotations with the times of "
            "its parts; export it as EDF+C.",
            field="reserved",
        )
    onsets = np.empty(len(opened.records))
    for record, begin in enumerate(opened.bytes_of(place)[:, :32]):
        # The first annotation of each record is its time: +12.5, 20, 20, 0.
        text = begin.tobytes()
        try:
            onsets[record] = float(text.split(b"\x14")[0].decode("ascii"))
        except ValueError:
            onsets[record] = np.nan
    if not np.isfinite(onsets).all():
        raise ECGFileError(
            f"data record {int(np.isnan(onsets).argmax()) + 1} of the interrupted "
            "recording has no time; export it as EDF+C.",
            field="annotations",
        )
    return onsets


def _spread(
    signal: np.ndarray, onsets: np.ndarray, fs: float, n_bytes: int
) -> np.ndarray:
    """Return data records at their times, NaN between them."""
    length = len(signal) // len(onsets)
    begins = np.rint((onsets - onsets[0]) * fs)
    if (np.diff(begins) < length).any():
        late = int((np.diff(begins) < length).argmax()) + 2
        raise ECGFileError(
            f"data record {late} begins before the one before it ends; export the "
            "recording again.",
            field="annotations",
        )
    n_times = begins[-1] + length
    if n_times * signal.shape[1] * 8 > 8 * n_bytes + _SPARE_BYTES:
        raise ECGFileError(
            f"the gaps make a recording of {n_times / fs:.0f} s, far longer than what "
            "was recorded; export its parts as files of their own.",
            field="annotations",
        )
    spread = np.full((int(n_times), signal.shape[1]), np.nan)
    rows = begins.astype(np.int64)[:, None] + np.arange(length)
    spread[rows.ravel()] = signal
    return spread


def _scale_in_doubt(signal: np.ndarray) -> list[str]:
    """Return a note where no ECG has such amplitudes, as with a wrong scale."""
    if len(signal) < 100:
        return []
    amplitude = float(signal[:: len(signal) // _ENOUGH + 1].std(axis=0).mean())
    if amplitude == 0 or _USUAL[0] <= amplitude <= _USUAL[1]:
        return []
    return [
        f"the typical amplitude of {amplitude:.3g} mV is unusual for an ECG, so that "
        "the physical limits of the header may be wrong"
    ]
