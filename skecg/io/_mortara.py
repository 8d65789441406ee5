"""Mortara (Welch Allyn, Hillrom) ELI XML, as ELI 250 and 280 write it.

Read are the rhythm channels, sex, age and the low-pass filter. The typical cycle,
measurements and statements are not read. Mortara publishes no specification; the layout
is that which other open readers use, and no real file was at hand to check it on.
"""

from xml.etree.ElementTree import Element

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_between, age_in_years, sex_code
from skecg.io._xml import (
    decode_base64,
    filters_in_words,
    number,
    parse_xml,
    read_date,
    root_is,
    stack_leads,
)
from skecg.utils import canonical_lead_name

FORMAT = "mortara"
ROOT = "ECG"

_STORED = {"BITS": "16", "FORMAT": "SIGNED", "ENCODING": "BASE64", "OFFSET": "0"}


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like an ELI export."""
    return root_is(head, ROOT)


def read(data: bytes) -> ParsedECG:
    """Read the channels of an ELI export.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    ParsedECG
        Samples in mV.

    Raises
    ------
    ECGFileError
        If the file is no ELI export, or a channel is stored in another way than as
        16-bit counts in Base64.
    """
    root = parse_xml(data, FORMAT, ROOT)
    channels = root.findall("CHANNEL")
    if not channels:
        raise ECGFileError(
            "the file has no element <CHANNEL>, but must have one for each lead; "
            "export the recording with its waveforms.",
            format=FORMAT,
        )
    rates = {_rate(channel) for channel in channels}
    if len(rates) > 1:
        raise ECGFileError(
            f"the channels have the rates {sorted(rates)} Hz, but must share one; "
            "export the file again.",
            format=FORMAT,
            field="SAMPLE_FREQ",
        )
    leads = [_lead(channel) for channel in channels]
    subject, source = _attributes(root, "SUBJECT"), _attributes(root, "SOURCE")
    model = source.get("MODEL", source.get("TYPE", ""))
    notes: list[str] = []
    return ParsedECG(
        signal=stack_leads(leads, FORMAT),
        fs=rates.pop(),
        leads=tuple(lead for lead, _ in leads),
        format=FORMAT,
        units="counts",
        sex=sex_code(subject.get("GENDER", ""), notes),
        age=_age(root, subject, notes),
        patient=subject.get("ID") or None,
        device=" ".join(["Mortara", model]).strip(),
        filters=filters_in_words("", source.get("LOW_PASS_FILTER", ""), ""),
        notes=tuple(notes),
    )


def _attributes(root: Element, tag: str) -> dict[str, str]:
    """Return the attributes of a child, none where it is absent."""
    found = root.find(tag)
    return {} if found is None else dict(found.attrib)


def _rate(channel: Element) -> float:
    """Return the sampling rate of a channel in Hz."""
    text = channel.get("SAMPLE_FREQ", "")
    return number(text, FORMAT, "SAMPLE_FREQ", low=0, high=1e5)


def _lead(channel: Element) -> tuple[str, np.ndarray]:
    """Return the name of a channel and its samples in mV."""
    name = canonical_lead_name(channel.get("NAME", ""))
    for key, readable in _STORED.items():
        stored = channel.get(key, readable).strip().upper()
        if stored != readable:
            raise ECGFileError(
                f"is {stored[:20]!r}, but only {readable} can be read; export the file "
                "again.",
                format=FORMAT,
                field=f"{key} of {name}",
            )
    per_mv = number(
        channel.get("UNITS_PER_MV", ""), FORMAT, f"UNITS_PER_MV of {name}", low=0
    )
    text = channel.get("DATA") or channel.text or ""
    data = decode_base64(text, FORMAT, f"DATA of {name}")
    said = channel.get("DURATION")
    n_times = len(data) // 2
    said_times = None if said is None else number(said, FORMAT, "DURATION")
    milliseconds = 1000 * n_times / _rate(channel)
    if len(data) % 2 or said_times not in (None, n_times, milliseconds):
        raise ECGFileError(
            f"has {len(data)} bytes, but the file says {said} samples of 2; the file "
            "is damaged, export it again.",
            format=FORMAT,
            field=f"DATA of {name}",
        )
    return name, np.frombuffer(data, "<i2") / per_mv


def _age(root: Element, subject: dict[str, str], notes: list[str]) -> float:
    """Return the age in years, as stated or by the date of birth."""
    age = age_in_years(root.get("AGE", ""), root.get("AGE_UNITS"), notes)
    if np.isfinite(age):
        return age
    recorded = root.get("ACQUISITION_TIME", "")[:8]
    birth = subject.get("DOB", "")[:8]
    return age_between(read_date(birth, "%Y%m%d"), read_date(recorded, "%Y%m%d"))
