"""Channels of DICOM waveforms: which lead each is, and what its numbers mean."""

import math
from dataclasses import dataclass

from skecg.io._dicom_item import Item
from skecg.io._errors import ECGFileError
from skecg.io._lead_codes import LEAD_OF_NUMBER
from skecg.io._leads import refuse_repeated
from skecg.io._parsed import MOST_LEADS
from skecg.io._xml import filters_in_words
from skecg.utils import MILLIVOLTS_PER_UNIT, canonical_lead_name, voltage_unit

_FILTERS = ("FilterLowFrequency", "FilterHighFrequency", "NotchFilterFrequency")
_SKEWS = ("ChannelTimeSkew", "ChannelSampleSkew")


@dataclass(frozen=True)
class Channel:
    """A channel that is a lead.

    `place` is its place among the channels of its group, from 0. `scale` and `offset`
    turn a number of the file, which is in `units`, into mV. `filters` has the cut-offs
    in Hz of the high-pass, low-pass and mains filters, None if unknown.
    """

    place: int
    lead: str
    units: str
    scale: float
    offset: float
    filters: str | None


def read_channels(group: Item, n_channels: int) -> tuple[list[Channel], list[str]]:
    """Return the channels of a group that are leads, and notes on the others."""
    definitions = group.items("ChannelDefinitionSequence")
    if len(definitions) != n_channels or not 0 < n_channels <= MOST_LEADS:
        raise ECGFileError(
            f"the group says it has {n_channels} channels, but defines "
            f"{len(definitions)}, or has more than {MOST_LEADS}; export the file "
            "again.",
            field="Number of Waveform Channels",
        )
    channels, notes, skewed = [], [], False
    for place, definition in enumerate(definitions):
        channel, problem = _read_channel(definition, place)
        if channel is None:
            notes.append(f"channel {place + 1} {problem} and was left out")
            continue
        channels.append(channel)
        skews = (definition.number(keyword, default=0.0) for keyword in _SKEWS)
        skewed = skewed or any(skews)
    refuse_repeated([c.lead for c in channels], "Channel Definition Sequence")
    if skewed:
        notes.append("channels were sampled at slightly different times, as they stay")
    return channels, notes


def _read_channel(definition: Item, place: int) -> tuple[Channel | None, str]:
    """Return a channel, or None with the reason why it is no lead."""
    lead, called = _lead(definition.items("ChannelSourceSequence"))
    if lead is None:
        return None, f"is {called}, which is no known lead,"
    units = definition.items("ChannelSensitivityUnitsSequence")
    code = units[0].text("CodeValue") if units else ""
    if not code and definition.raw("ChannelSensitivity"):
        return None, "has no unit"
    # A code of UCUM, which tells MV from mV; else a word such as microvolt.
    unit = code if code in MILLIVOLTS_PER_UNIT else voltage_unit(code)
    if unit is None or code == "MV":
        return None, f"has the unit {code[:16]!r}, which is no voltage,"
    sensitivity = definition.number("ChannelSensitivity")
    # mV = (count x sensitivity x correction) + baseline (PS3.3, C.10.9.1.4).
    factor = definition.number("ChannelSensitivityCorrectionFactor", default=1.0)
    baseline = definition.number("ChannelBaseline", default=0.0)
    scale = sensitivity * factor * MILLIVOLTS_PER_UNIT[unit]
    if scale == 0 or not math.isfinite(scale):
        raise ECGFileError(
            f"the sensitivity of {lead} is {sensitivity:g} x {factor:g} {unit} a "
            "count, which gives no samples; export the file again.",
            field="Channel Sensitivity",
        )
    filters = filters_in_words(*(definition.text(keyword) for keyword in _FILTERS))
    offset = baseline * MILLIVOLTS_PER_UNIT[unit]
    return Channel(place, lead, unit, scale, offset, filters), ""


def _lead(source: list[Item]) -> tuple[str | None, str]:
    """Return the lead of a coded source, and what the file calls it."""
    if not source:
        return None, "a channel without a source"
    code, scheme = source[0].text("CodeValue"), source[0].text("CodingSchemeDesignator")
    # A meaning is free text: the code alone says which lead it is.
    called = f"{scheme[:16]} {code[:16]} ({source[0].text('CodeMeaning')[:40]})"
    if code.startswith("MDC_ECG_LEAD_"):
        name = canonical_lead_name(code.removeprefix("MDC_ECG_LEAD_"))
        return (name if name in LEAD_OF_NUMBER.values() else None), called
    # Before MDC, leads had numbers of SCP-ECG under various names of the scheme.
    prefix = "2:" if scheme.upper() == "MDC" else "5.6.3-9-"
    number = code.removeprefix(prefix)
    if not code.startswith(prefix) or not number.isascii() or not number.isdigit():
        return None, called
    return LEAD_OF_NUMBER.get(int(number)), called
