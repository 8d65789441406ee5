"""GE CardioSoft XML (CardiologyXML), as CardioSoft 6 exports it.

Read are the leads of StripData (a resting ECG), else of FullDisclosure (an exercise
test), sex, age and filters. Median samples, vector loops and measurements are not read.
GE publishes no specification; the layout is that of the exports of the UK Biobank.
"""

from datetime import date
from xml.etree.ElementTree import Element

import numpy as np

from skecg.io import _xml
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years, agreed_age, read_date, sex_code
from skecg.utils import MILLIVOLTS_PER_UNIT, canonical_lead_name

Leads = list[tuple[str, np.ndarray]]


def read(root: Element) -> ParsedECG:
    """Read the leads of a CardioSoft export."""
    strip = root.find("StripData")
    whole = strip is not None and strip.find("WaveformData") is not None
    block = strip if strip is not None and whole else root.find("FullDisclosure")
    if block is None:
        raise ECGFileError(
            "the file has neither StripData nor FullDisclosure; export the recording "
            "with its waveforms."
        )
    fs = _xml.rate(_xml.text_of(block, "SampleRate"), "SampleRate")
    notes: list[str] = []
    leads = list(map(_strip, block.findall("WaveformData")))
    if not whole:
        leads = _full_disclosure(block, fs, notes)
    counts, names = _xml.stack_leads(leads)
    return ParsedECG(
        signal=counts * _millivolts(block),
        fs=fs,
        leads=names,
        units="uV",
        sex=sex_code(_xml.text_of(root, "PatientInfo/Gender"), notes),
        age=agreed_age(
            age_in_years(
                _xml.text_of(root, "PatientInfo/Age"),
                _xml.attribute(root, "PatientInfo/Age", "units", "Y"),
                notes,
            ),
            _date(root, "PatientInfo/BirthDateTime"),
            _date(root, "ObservationDateTime"),
            notes,
        ),
        patient=_xml.text_of(root, "PatientInfo/PID") or None,
        device=_xml.text_of(root, "ClinicalInfo/DeviceInfo/Desc") or None,
        filters=_filters(root),
        notes=tuple(notes),
    )


def _millivolts(block: Element) -> float:
    """Return what one count is in mV."""
    resolution = _xml.require(block, "Resolution")
    stated = resolution.get("units", "uVperLsb")
    unit = _xml.unit_in(stated, "Resolution", "perLsb")
    counts = _xml.number(resolution.text or "", "Resolution", low=0, high=1e6)
    return counts * MILLIVOLTS_PER_UNIT[unit]


def _strip(waveform: Element) -> tuple[str, np.ndarray]:
    """Return the name of a lead of a resting ECG, and its samples in counts."""
    name = canonical_lead_name(waveform.get("lead", ""))
    return name, _xml.numbers(waveform.text or "", f"WaveformData of {name}")


def _full_disclosure(block: Element, fs: float, notes: list[str]) -> Leads:
    """Return the leads of an exercise test in counts.

    Exports hold one second of each lead after the other, others one sample. The
    smoother of both is the signal.
    """
    names = [
        name for name in _xml.text_of(block, "LeadOrder").split(",") if name.strip()
    ]
    text = " ".join(d.text or "" for d in block.findall("FullDisclosureData"))
    samples = _xml.numbers(text, "FullDisclosureData")
    n_leads, second = len(names), int(fs)
    if not n_leads or not len(samples) or len(samples) % n_leads:
        raise _xml.wrong(
            f"has {len(samples)} samples, which {n_leads} leads can't share",
            "FullDisclosureData",
        )
    signal = samples.reshape(-1, n_leads)
    # Nothing in the file says which of the two it is, and a signal read in the wrong
    # order jumps from lead to lead.
    if second and len(samples) % (n_leads * second) == 0:
        blocks = samples.reshape(-1, n_leads, second)
        by_second = blocks.transpose(0, 2, 1).reshape(-1, n_leads)
        if _roughness(by_second) < _roughness(signal):
            signal = by_second
            notes.append("read one second of each lead after the other")
    return [(canonical_lead_name(name), signal[:, k]) for k, name in enumerate(names)]


def _roughness(signal: np.ndarray) -> float:
    """Return the mean size of steps from sample to sample."""
    return float(np.abs(np.diff(signal, axis=0)).mean()) if len(signal) > 1 else 0.0


def _date(root: Element, path: str) -> date | None:
    """Return a day of which year, month and day are elements of their own."""
    parts = (_xml.text_of(root, f"{path}/{part}") for part in ("Year", "Month", "Day"))
    return read_date("-".join(parts), "%Y-%m-%d")


def _filters(root: Element) -> str | None:
    """Return the filters in words."""
    mains = [
        hertz
        for hertz in ("50", "60")
        if _xml.text_of(root, f"FilterSetting/Filter{hertz}Hz").lower()
        in ("yes", "true")
    ]
    return _xml.filters_in_words(
        _xml.text_of(root, "FilterSetting/HighPass"),
        _xml.text_of(root, "FilterSetting/LowPass"),
        mains[0] if mains else "",
    )
