"""Multiplex groups of DICOM waveforms: which make the recording, and their samples."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skecg.io._dicom_channels import Channel, read_channels
from skecg.io._dicom_item import Item
from skecg.io._errors import ECGFileError

_SAMPLES = {
    (8, "SB"): "i1",
    (8, "UB"): "u1",
    (16, "SS"): "i2",
    (16, "US"): "u2",
    (32, "SL"): "i4",
    (32, "UL"): "u4",
}
_COMPRESSED = {"MB": "compressed by mu-law", "AB": "compressed by A-law"}
# Amplitude in mV that samples of an ECG may have; padding may not stand for one.
_PLAUSIBLE = 5.0


@dataclass(frozen=True)
class Group:
    """One multiplex group: channels that were sampled together."""

    item: Item
    channels: list[Channel]
    n_times: int
    fs: float
    offset: float
    notes: list[str]


def original_groups(items: list[Item]) -> tuple[list[Group], list[str]]:
    """Return the groups that make the recording, and notes on what was left out.

    They are the largest that was recorded, then those of its rate with other leads.
    """
    original = [item for item in items if _is_original(item)]
    if not original:
        raise ECGFileError(
            f"none of the {len(items)} groups of waveforms is ORIGINAL, so that the "
            "file has no recorded rhythm; export the recording with it.",
            field="Waveform Sequence",
        )
    groups = [_read_group(item) for item in original]
    # The largest group first; others are joined to it if they add leads.
    groups.sort(key=lambda group: (-len(group.channels), -group.n_times))
    kept, known = groups[:1], {channel.lead for channel in groups[0].channels}
    if not known:
        left_out = "; ".join(note for group in groups for note in group.notes)
        raise ECGFileError(
            f"no channel is a known lead in a unit of voltage ({left_out[:200]}); "
            "export the leads with codes of SCPECG or MDC.",
            field="Channel Definition Sequence",
        )
    for group in groups[1:]:
        leads = {channel.lead for channel in group.channels}
        if leads and not leads & known and group.fs == groups[0].fs:
            kept.append(group)
            known |= leads
    n_left = len(groups) - len(kept)
    notes = [f"{n_left} more original groups of waveforms were left out"]
    return kept, notes if n_left else []


def _is_original(item: Item) -> bool:
    """Tell whether a group was recorded; one that does not say so may name a median."""
    originality = item.text("WaveformOriginality").upper()
    label = item.text("MultiplexGroupLabel").upper()
    return originality == "ORIGINAL" or (not originality and "MEDIAN" not in label)


def _read_group(item: Item) -> Group:
    """Return a group, after checking it against its channels and its data."""
    n_channels = item.integer("NumberOfWaveformChannels")
    n_times = item.integer("NumberOfWaveformSamples")
    fs = item.number("SamplingFrequency")
    if n_times < 1 or not fs > 0:
        raise ECGFileError(
            f"a group has {n_times} samples at {fs:g} Hz; export the file again.",
            field="Waveform Sequence",
        )
    channels, notes = read_channels(item, n_channels)
    offset = item.number("MultiplexGroupTimeOffset", default=0.0)
    return Group(item, channels, n_times, fs, offset, notes)


def join(groups: list[Group]) -> np.ndarray:
    """Return the signals of groups side by side, each at its time.

    They are in mV, and NaN for padding and where a lead was not recorded.
    """
    first = min(group.offset for group in groups)
    # Offsets are in ms (PS3.3, C.10.9).
    begins = [round((group.offset - first) / 1000 * group.fs) for group in groups]
    n_times = max(
        begin + group.n_times for begin, group in zip(begins, groups, strict=True)
    )
    if n_times > 2 * sum(group.n_times for group in groups):
        raise ECGFileError(
            f"the groups of leads are {n_times} samples apart, longer than they are; "
            "export the file again.",
            field="Multiplex Group Time Offset",
        )
    signals = [_scale(group) for group in groups]
    if len(groups) == 1:
        return signals[0]
    signal = np.full((n_times, sum(part.shape[1] for part in signals)), np.nan)
    column = 0
    for begin, part in zip(begins, signals, strict=True):
        columns = slice(column, column + part.shape[1])
        signal[begin : begin + len(part), columns] = part
        column = columns.stop
    return signal


def _scale(group: Group) -> np.ndarray:
    """Return the samples of a group in mV, NaN for padding."""
    counts = _counts(group)
    places = [channel.place for channel in group.channels]
    if places != list(range(counts.shape[1])):
        counts = counts[:, places]
    scales = np.array([channel.scale for channel in group.channels])
    offsets = np.array([channel.offset for channel in group.channels])
    with np.errstate(over="ignore", invalid="ignore"):
        signal = counts * scales
        signal += offsets
    limits = np.iinfo(counts.dtype)
    # No sample lies outside what the largest and smallest numbers give.
    with np.errstate(over="ignore", invalid="ignore"):
        extremes = np.array([[limits.min], [limits.max]]) * scales + offsets
    if not np.isfinite(extremes).all() and not np.isfinite(signal).all():
        raise ECGFileError(
            "samples are too large for numbers of mV; the sensitivity is wrong.",
            field="Channel Sensitivity",
        )
    for value, certain in _padding_values(group, counts.dtype).items():
        padded = counts == value
        if not certain:
            # A value that an ECG may have is a sample, whatever the file says.
            padded &= np.abs(value * scales + offsets) > _PLAUSIBLE
        if padded.any():
            signal[padded] = np.nan
            group.notes.append(f"{padded.sum()} samples of padding are gaps")
    return signal


def _counts(group: Group) -> np.ndarray:
    """Return the samples of a group as its file has them."""
    item = group.item
    kind = (
        item.integer("WaveformBitsAllocated"),
        item.text("WaveformSampleInterpretation"),
    )
    n_channels = item.integer("NumberOfWaveformChannels")
    if kind not in _SAMPLES or (kind[0] == 32 and item.order == "big"):
        stored = f"of {kind[0]} bits and interpretation {kind[1][:4]!r}"
        raise ECGFileError(
            f"samples {_COMPRESSED.get(kind[1], stored)} are not read, those of 8, 16 "
            "or 32 bits in little endian are; export the file with 16 bits and SS.",
            field="Waveform Sample Interpretation",
        )
    # Channels of one sample stand together, as in C order.
    data = item.raw("WaveformData")
    n_bytes = group.n_times * n_channels * kind[0] // 8
    # Data of an odd length end with one byte more.
    if not n_bytes <= len(data) <= n_bytes + 1:
        raise ECGFileError(
            f"{n_channels} channels of {group.n_times} samples take {n_bytes} bytes, "
            f"but the group has {len(data)}; copy or export the file again.",
            field="Waveform Data",
        )
    order = ">" if item.order == "big" else "<"
    counts = np.frombuffer(data, order + _SAMPLES[kind], group.n_times * n_channels)
    return counts.reshape(group.n_times, n_channels)


def _padding_values(group: Group, dtype: Any) -> dict[int, bool]:
    """Return what may stand for no sample, and whether it does for certain."""
    values = {}
    limits = np.iinfo(dtype)
    if dtype.kind == "i" and dtype.itemsize > 1:
        values[int(limits.min)] = False  # some recorders pad without saying so
    raw = group.item.raw("WaveformPaddingValue")
    if len(raw) >= dtype.itemsize:
        value = int(np.frombuffer(raw, dtype, 1)[0])
        values[value] = value in (limits.min, limits.max) and value != 0
    return values
