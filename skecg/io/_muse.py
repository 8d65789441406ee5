"""GE MUSE XML (RestingECG), as MUSE 5 to 9 export it.

Read are the leads of the waveform of the type Rhythm, each with a gain of its own, the
CRC-32 of each lead where there is one, sex, age and filters. The median beat, which
stands before the rhythm, measurements and statements are not read. GE publishes no
specification; the layout is that of exported files.
"""

import zlib
from xml.etree.ElementTree import Element

import numpy as np

from skecg.io import _xml
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years, agreed_age, read_date, sex_code
from skecg.utils import MILLIVOLTS_PER_UNIT, canonical_lead_name

_HIGHPASS_PER_HZ = 100  # HighPassFilter is in 0.01 Hz, the other filters in Hz


def read(root: Element) -> ParsedECG:
    """Read the rhythm of a MUSE export."""
    waveform = _rhythm(root)
    # The rate in Hz is base times ten to the exponent.
    exponent = _xml.number(
        _xml.text_of(waveform, "SampleExponent", "0"), "SampleExponent", low=-7, high=6
    )
    base = _xml.number(
        _xml.text_of(waveform, "SampleBase"), "SampleBase", low=0, high=1e6
    )
    notes: list[str] = []
    leads = [_lead(lead, notes) for lead in waveform.findall("LeadData")]
    signal, names = _xml.stack_leads(leads)
    patient = root.find("PatientDemographics")
    test = root.find("TestDemographics")
    return ParsedECG(
        signal=signal,
        fs=base * 10.0**exponent,
        leads=names,
        units="uV",
        sex=sex_code(_xml.text_of(patient, "Gender"), notes),
        age=agreed_age(
            age_in_years(
                _xml.text_of(patient, "PatientAge"),
                _xml.text_of(patient, "AgeUnits", "YEARS"),
                notes,
            ),
            read_date(_xml.text_of(patient, "DateofBirth"), "%m-%d-%Y"),
            read_date(_xml.text_of(test, "AcquisitionDate"), "%m-%d-%Y"),
            notes,
        ),
        patient=_xml.text_of(patient, "PatientID") or None,
        device=" ".join(["GE", _xml.text_of(test, "AcquisitionDevice")]).strip(),
        filters=_filters(waveform),
        notes=tuple(notes),
    )


def _rhythm(root: Element) -> Element:
    """Return the waveform of the type Rhythm."""
    # The median beat, which stands before the rhythm, has the same elements.
    kinds = [(_xml.text_of(w, "WaveformType"), w) for w in root.findall("Waveform")]
    for kind, waveform in kinds:
        if kind.upper() == "RHYTHM":
            return waveform
    raise ECGFileError(
        f"the file has waveforms of the types {[kind for kind, _ in kinds][:4]} and no "
        "Rhythm; export the recording with its rhythm.",
        field="WaveformType",
    )


def _lead(lead: Element, notes: list[str]) -> tuple[str, np.ndarray]:
    """Return the name of a lead and its samples in mV."""
    name = canonical_lead_name(_xml.text_of(lead, "LeadID"))
    size = _xml.text_of(lead, "LeadSampleSize", "2")
    _xml.require_value(size, "2", f"LeadSampleSize of {name}")
    field = f"WaveFormData of {name}"
    data = _xml.decode_base64(_xml.text_of(lead, "WaveFormData"), field)
    _check_size(lead, data, field)
    _check_crc(lead, data, field)
    stated = _xml.text_of(lead, "LeadAmplitudeUnits", "MICROVOLTS")
    unit = _xml.unit_in(stated, f"LeadAmplitudeUnits of {name}")
    gain = _xml.number(
        _xml.text_of(lead, "LeadAmplitudeUnitsPerBit"),
        f"LeadAmplitudeUnitsPerBit of {name}",
        low=0,
        high=1e6,
    )
    if _xml.text_of(lead, "LeadOff").upper() == "TRUE":
        notes.append(f"the recorder marked lead {name} as off")
    # Samples are 16 bits, little endian, whatever the recorder's processor.
    return name, np.frombuffer(data, "<i2") * (gain * MILLIVOLTS_PER_UNIT[unit])


def _check_size(lead: Element, data: bytes, field: str) -> None:
    """Raise where a lead has other samples than the file says."""
    said = _xml.text_of(lead, "LeadSampleCountTotal")
    if len(data) % 2 or (said and _xml.number(said, field) != len(data) // 2):
        raise _xml.wrong(
            f"has {len(data)} bytes, but the file says {said or 'whole'} samples of 2",
            field,
        )


def _check_crc(lead: Element, data: bytes, field: str) -> None:
    """Raise where a lead contradicts its CRC-32; 0 stands for none."""
    # It is of the decoded bytes, not of the Base64 text.
    said = _xml.text_of(lead, "LeadDataCRC32", "0")
    if not said.isdecimal() or int(said) not in (0, zlib.crc32(data)):
        raise _xml.wrong(
            f"has the CRC-32 {zlib.crc32(data)}, but the file says {said[:20]}", field
        )


def _filters(waveform: Element) -> str | None:
    """Return the filters in words."""
    highpass = _xml.text_of(waveform, "HighPassFilter")
    if highpass.isdecimal():
        highpass = str(int(highpass) / _HIGHPASS_PER_HZ)
    return _xml.filters_in_words(
        highpass,
        _xml.text_of(waveform, "LowPassFilter"),
        _xml.text_of(waveform, "ACFilter"),
    )
