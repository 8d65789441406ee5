"""Mortara (Welch Allyn, Hillrom) ELI XML, as ELI 250 and 280 write it.

Read are the rhythm channels, sex, age and the low-pass filter. The typical cycle,
measurements and statements are not read. Mortara publishes no specification; the layout
is that which other open readers use, and no real file was at hand to check it on.
"""

from xml.etree.ElementTree import Element

import numpy as np

from skecg.io import _xml
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years, agreed_age, read_date, sex_code
from skecg.utils import canonical_lead_name

_STORED = {"BITS": "16", "FORMAT": "SIGNED", "ENCODING": "BASE64", "OFFSET": "0"}


def read(root: Element) -> ParsedECG:
    """Read the channels of an ELI export."""
    channels = root.findall("CHANNEL")
    if not channels:
        raise ECGFileError(
            "the file has no element <CHANNEL>, but must have one for each lead; "
            "export the recording with its waveforms."
        )
    rates = {_rate(channel) for channel in channels}
    if len(rates) > 1:
        raise _xml.wrong(
            f"the channels have the rates {sorted(rates)} Hz, but must share one",
            "SAMPLE_FREQ",
        )
    signal, names = _xml.stack_leads([_lead(channel) for channel in channels])
    model = _xml.attribute(root, "SOURCE", "MODEL") or _xml.attribute(
        root, "SOURCE", "TYPE"
    )
    notes: list[str] = []
    return ParsedECG(
        signal=signal,
        fs=rates.pop(),
        leads=names,
        units="counts",
        sex=sex_code(_xml.attribute(root, "SUBJECT", "GENDER"), notes),
        age=agreed_age(
            age_in_years(root.get("AGE", ""), root.get("AGE_UNITS"), notes),
            read_date(_xml.attribute(root, "SUBJECT", "DOB")[:8]),
            read_date(root.get("ACQUISITION_TIME", "")[:8]),
            notes,
        ),
        patient=_xml.attribute(root, "SUBJECT", "ID") or None,
        device=" ".join(["Mortara", model]).strip(),
        filters=_xml.filters_in_words(
            "", _xml.attribute(root, "SOURCE", "LOW_PASS_FILTER"), ""
        ),
        notes=tuple(notes),
    )


def _rate(channel: Element) -> float:
    """Return the sampling rate of a channel in Hz."""
    return _xml.rate(channel.get("SAMPLE_FREQ", ""), "SAMPLE_FREQ")


def _lead(channel: Element) -> tuple[str, np.ndarray]:
    """Return the name of a channel and its samples in mV."""
    name = canonical_lead_name(channel.get("NAME", ""))
    for key, readable in _STORED.items():
        stored = channel.get(key, readable).strip().upper()
        _xml.require_value(stored, readable, f"{key} of {name}")
    per_mv = _xml.number(
        channel.get("UNITS_PER_MV", ""), f"UNITS_PER_MV of {name}", low=0
    )
    text = channel.get("DATA") or channel.text or ""
    data = _xml.decode_base64(text, f"DATA of {name}")
    said = channel.get("DURATION")
    n_times = len(data) // 2
    # Some versions state samples, others milliseconds.
    said_times = None if said is None else _xml.number(said, "DURATION")
    milliseconds = 1000 * n_times / _rate(channel)
    if len(data) % 2 or said_times not in (None, n_times, milliseconds):
        raise _xml.wrong(
            f"has {len(data)} bytes, but the file says {said} samples of 2",
            f"DATA of {name}",
        )
    return name, np.frombuffer(data, "<i2") / per_mv
