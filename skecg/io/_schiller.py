"""Schiller XML (SEMA, SchillerEDI), as SEMA exports it.

Read are the channels of the wave data of the type ECG_RHYTHMS, sex and the age at the
recording. Averages, measurements and statements are not read. Schiller publishes no
specification; the layout is that which other open readers use (BRAVEHEART, CVRG), and
no real file was at hand to check it on.
"""

from xml.etree.ElementTree import Element

import numpy as np

from skecg.io import _xml
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_between, read_date, sex_code
from skecg.utils import MILLIVOLTS_PER_UNIT, canonical_lead_name


def read(root: Element) -> ParsedECG:
    """Read the rhythm of an export of SEMA."""
    waves = _rhythm(root)
    sampled = _xml.require(waves, "resolution/samplerate")
    exponent = _xml.text_of(sampled, "exponent", "1")
    # What an exponent means is not published.
    _xml.require_value(exponent, "1", "resolution/samplerate/exponent")
    scale, unit = _scale(waves)
    leads = [_lead(channel, scale) for channel in waves.findall("channel")]
    signal, names = _xml.stack_leads(leads)
    notes: list[str] = []
    hardware = root.find(".//aquiringdevice/hardware")
    parts = (_xml.text_of(hardware, "vendor"), _xml.text_of(hardware, "model"))
    born, recorded = (
        read_date(_xml.text_of(root, path)[:8])
        for path in ("patdata/birthdate", ".//startdatetime/date")
    )
    return ParsedECG(
        signal=signal,
        fs=_xml.rate(_xml.text_of(sampled, "value"), "samplerate"),
        leads=names,
        units=unit,
        sex=sex_code(_xml.text_of(root, "patdata/gender"), notes),
        age=age_between(born, recorded),
        patient=_xml.text_of(root, "patdata/id") or None,
        device=" ".join(part for part in parts if part) or "Schiller",
        notes=tuple(notes),
    )


def _rhythm(root: Element) -> Element:
    """Return the wave data of the type ECG_RHYTHMS."""
    found = root.findall("eventdata/event/wavedata")
    kinds = [_xml.text_of(waves, "type").upper() for waves in found]
    if kinds.count("ECG_RHYTHMS") != 1:
        raise ECGFileError(
            f"the file has wave data of the types {kinds[:4]}, but must have "
            "ECG_RHYTHMS once; export one recording with its rhythm.",
            field="eventdata/event/wavedata/type",
        )
    return found[kinds.index("ECG_RHYTHMS")]


def _scale(waves: Element) -> tuple[float, str]:
    """Return what one count is in mV, and the unit in the file."""
    resolution = _xml.require(waves, "resolution/yres")
    unit = _xml.unit_in(_xml.text_of(resolution, "units"), "resolution/yres/units")
    text = _xml.text_of(resolution, "unitperbit")
    step = _xml.number(text, "resolution/yres/unitperbit", low=0, high=1e6)
    return step * MILLIVOLTS_PER_UNIT[unit], unit


def _lead(channel: Element, scale: float) -> tuple[str, np.ndarray]:
    """Return the name of a channel and its samples in mV."""
    name = canonical_lead_name(_xml.text_of(channel, "name"))
    stored = _xml.text_of(channel, "datastype").upper()
    _xml.require_value(stored, "COMMASEPARATE", f"datastype of {name}")
    return name, _xml.numbers(_xml.text_of(channel, "data"), f"data of {name}") * scale
