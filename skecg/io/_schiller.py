"""Schiller XML (SEMA, SchillerEDI), as SEMA exports it.

Read are the channels of the wave data of the type ECG_RHYTHMS, sex and the age at the
recording. Averages, measurements and statements are not read. Schiller publishes no
specification; the layout is that which other open readers use (BRAVEHEART, CVRG), and
no real file was at hand to check it on.
"""

from xml.etree.ElementTree import Element

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_between, sex_code
from skecg.io._xml import (
    number,
    numbers,
    parse_xml,
    read_date,
    require,
    root_is,
    stack_leads,
    text_of,
)
from skecg.utils import MILLIVOLTS_PER_UNIT, canonical_lead_name, voltage_unit

FORMAT = "schiller"
ROOT = "com.xiriuz.sema.xml.schillerEDI.SchillerEDI"


def sniff(head: bytes) -> bool:
    """Tell whether a file begins like an export of SEMA."""
    return root_is(head, ROOT)


def read(data: bytes) -> ParsedECG:
    """Read the rhythm of an export of SEMA.

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
        If the file is no such export, has no rhythm, or a channel is stored in another
        way than as numbers with commas.
    """
    root = parse_xml(data, FORMAT, ROOT)
    waves = _rhythm(root)
    rate = require(waves, "resolution/samplerate", FORMAT)
    if text_of(rate, "exponent", "1") != "1":
        raise ECGFileError(
            f"must be 1, but is {text_of(rate, 'exponent')[:20]!r}, whose meaning is "
            "not published; export the recording in another format.",
            format=FORMAT,
            field="resolution/samplerate/exponent",
        )
    scale, unit = _scale(waves)
    leads = [_lead(channel, scale) for channel in waves.findall("channel")]
    notes: list[str] = []
    hardware = root.find(".//aquiringdevice/hardware")
    parts = (text_of(hardware, "vendor"), text_of(hardware, "model"))
    born, recorded = (
        read_date(text_of(root, path)[:8], "%Y%m%d")
        for path in ("patdata/birthdate", ".//startdatetime/date")
    )
    return ParsedECG(
        signal=stack_leads(leads, FORMAT),
        fs=number(text_of(rate, "value"), FORMAT, "samplerate", low=0, high=1e5),
        leads=tuple(name for name, _ in leads),
        format=FORMAT,
        units=unit,
        sex=sex_code(text_of(root, "patdata/gender"), notes),
        age=age_between(born, recorded),
        patient=text_of(root, "patdata/id") or None,
        device=" ".join(part for part in parts if part) or "Schiller",
        notes=tuple(notes),
    )


def _rhythm(root: Element) -> Element:
    """Return the wave data of the type ECG_RHYTHMS."""
    found = root.findall("eventdata/event/wavedata")
    kinds = [text_of(waves, "type").upper() for waves in found]
    if kinds.count("ECG_RHYTHMS") != 1:
        raise ECGFileError(
            f"the file has wave data of the types {kinds[:4]}, but must have "
            "ECG_RHYTHMS once; export one recording with its rhythm.",
            format=FORMAT,
            field="eventdata/event/wavedata/type",
        )
    return found[kinds.index("ECG_RHYTHMS")]


def _scale(waves: Element) -> tuple[float, str]:
    """Return what one count is in mV, and the unit in the file."""
    resolution = require(waves, "resolution/yres", FORMAT)
    stated = text_of(resolution, "units")
    unit = voltage_unit(stated)
    if unit is None:
        raise ECGFileError(
            f"must be a unit such as uV, but is {stated[:20]!r}; export the file "
            "again.",
            format=FORMAT,
            field="resolution/yres/units",
        )
    text = text_of(resolution, "unitperbit")
    step = number(text, FORMAT, "resolution/yres/unitperbit", low=0, high=1e6)
    return step * MILLIVOLTS_PER_UNIT[unit], unit


def _lead(channel: Element, scale: float) -> tuple[str, np.ndarray]:
    """Return the name of a channel and its samples in mV."""
    name = canonical_lead_name(text_of(channel, "name"))
    stored = text_of(channel, "datastype").upper()
    if stored != "COMMASEPARATE":
        raise ECGFileError(
            f"is {stored[:20]!r}, but only COMMASEPARATE can be read; export the file "
            "again.",
            format=FORMAT,
            field=f"datastype of {name}",
        )
    return name, numbers(text_of(channel, "data"), FORMAT, f"data of {name}") * scale
