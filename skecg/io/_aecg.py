"""HL7 annotated ECG (aECG), Implementation Guide of 21 March 2005.

Read are the leads of the first series with the code RHYTHM, with origin, scale and
sampling interval in any unit, sex, age and the filters. A derived series such as a
representative beat, annotations and further sequence sets are not read.
"""

from xml.etree.ElementTree import Element

import numpy as np

from skecg.io import _xml
from skecg.io._calibration import cut_calibration
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years, agreed_age, read_date, sex_code
from skecg.utils import MILLIVOLTS_PER_UNIT, canonical_lead_name, voltage_unit

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "\xb5s": 1e-6, "\u03bcs": 1e-6}
_LEAD = "MDC_ECG_LEAD_"
_REPORTED_AGE = "21612-7"  # LOINC
_UCUM = {"a": "Y", "mo": "M", "wk": "W", "d": "D"}  # its year is "a"


def read(root: Element) -> ParsedECG:
    """Read the rhythm of an annotated ECG."""
    series = _rhythm(root)
    sets = series.findall("component/sequenceSet")
    first = _xml.require(series, "component/sequenceSet")
    fs = _sampling_rate(first)
    leads, units = _leads(first)
    signal, names = _xml.stack_leads(leads)
    signal, note = cut_calibration(signal, fs)
    notes = [note] if note else []
    if len(sets) > 1:
        notes.append(f"read the first of {len(sets)} sequence sets")
    subject = root.find(".//subjectDemographicPerson")
    return ParsedECG(
        signal=signal,
        fs=fs,
        leads=names,
        units=units,
        sex=sex_code(_code(subject, "administrativeGenderCode"), notes),
        age=_age(root, subject, notes),
        patient=_xml.attribute(root, ".//trialSubject/id", "extension") or None,
        device=_device(series),
        filters=_filters(series),
        notes=tuple(notes),
    )


def _rhythm(root: Element) -> Element:
    """Return the first series of the code RHYTHM."""
    for series in root.findall("component/series"):
        if _code(series, "code") == "RHYTHM":
            return series
    raise ECGFileError(
        "the file has no series of the code RHYTHM; export the recording itself, not "
        "its representative beat.",
        field="component/series/code",
    )


def _code(element: Element | None, path: str) -> str:
    """Return the attribute `code` of a descendant, empty where it is absent."""
    return _xml.attribute(element, path, "code")


def _sampling_rate(sequences: Element) -> float:
    """Return the sampling rate of a sequence set in Hz."""
    for sequence in sequences.findall("component/sequence"):
        if _code(sequence, "code") in ("TIME_ABSOLUTE", "TIME_RELATIVE"):
            step = _xml.require(sequence, "value/increment")
            seconds = _quantity(step, _SECONDS, "increment", low=0)
            # A wrong unit makes 2 s of 2 ms.
            if not 1e-4 <= seconds <= 0.1:
                raise ECGFileError(
                    f"an interval of {seconds:g} s between samples is no ECG's; state "
                    "it in s, ms or us.",
                    field="increment",
                )
            # 1 / 0.002 is not always a whole number in binary.
            return round(1 / seconds, 6)
    raise _xml.wrong(
        "the sequence set has no times, so that the sampling rate is unknown",
        "TIME_ABSOLUTE",
    )


def _leads(sequences: Element) -> tuple[list[tuple[str, np.ndarray]], str]:
    """Return the name and samples in mV of each lead, and the unit in the file."""
    leads, unit = [], "uV"
    for sequence in sequences.findall("component/sequence"):
        code = _code(sequence, "code")
        if not code.startswith(_LEAD):
            continue
        value = _xml.require(sequence, "value")
        scale_element = _xml.require(value, "scale")
        unit = voltage_unit(scale_element.get("unit", "")) or ""
        scale = _quantity(scale_element, MILLIVOLTS_PER_UNIT, f"scale of {code}", low=0)
        origin = 0.0
        if (found := value.find("origin")) is not None:
            origin = _quantity(found, MILLIVOLTS_PER_UNIT, f"origin of {code}")
        digits = _xml.numbers(_xml.text_of(value, "digits"), f"digits of {code}")
        leads.append((canonical_lead_name(code.removeprefix(_LEAD)), digits))
        digits *= scale
        digits += origin
    return leads, unit


def _quantity(
    element: Element, units: dict[str, float], field: str, low: float = -np.inf
) -> float:
    """Return the value of a physical quantity, in mV or s."""
    unit = element.get("unit", "")
    if units is MILLIVOLTS_PER_UNIT:
        unit = voltage_unit(unit) or unit
    if unit not in units:
        raise ECGFileError(
            f"has the unit {unit[:20]!r}, but must have one of {sorted(units)}; state "
            "the unit of the recorder.",
            field=field,
        )
    return _xml.number(element.get("value", ""), field, low=low) * units[unit]


def _age(root: Element, subject: Element | None, notes: list[str]) -> float:
    """Return the age in years at the recording."""
    reported = (
        (_xml.attribute(each, "value", "value"), _xml.attribute(each, "value", "unit"))
        for each in root.iter("relatedObservation")
        if _code(each, "code") == _REPORTED_AGE
    )
    value, unit = next((age for age in reported if age[0]), ("", ""))
    times = (
        _xml.attribute(root, f"effectiveTime/{k}", "value") for k in ("center", "low")
    )
    return agreed_age(
        age_in_years(value, _UCUM.get(unit, ""), notes),
        read_date(_xml.attribute(subject, "birthTime", "value")[:8]),
        read_date(next(filter(None, times), "")[:8]),
        notes,
    )


def _device(series: Element) -> str | None:
    """Return manufacturer and model."""
    author = series.find("author/seriesAuthor")
    parts = (
        _xml.text_of(author, "manufacturerOrganization/name"),
        _xml.text_of(author, "manufacturedSeriesDevice/manufacturerModelName"),
    )
    return " ".join(part for part in parts if part) or None


def _filters(series: Element) -> str | None:
    """Return the filters in words."""
    cutoffs = {}
    for control in series.findall("controlVariable/controlVariable"):
        kind = _code(control, "code").removeprefix("MDC_ECG_CTL_VBL_ATTR_FILTER_")
        for value in control.findall("component/controlVariable/value"):
            if value.get("value"):
                cutoffs[kind] = value.get("value", "")
    return _xml.filters_in_words(
        *(cutoffs.get(kind, "") for kind in ("HIGH_PASS", "LOW_PASS", "NOTCH"))
    )
