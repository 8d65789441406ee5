"""Philips Sierra XML (restingecgdata) 1.03, 1.04, 1.04.01 and 1.04.02.

Read are the leads of the parsed waveforms, plain or compressed by XLI, sex, age and
filters; a calibration pulse at the end is cut off. Representative beats, measurements
and statements are not read. Philips publishes no specification; the layout and the
compression are described by https://github.com/sixlettervariables/sierra-ecg-tools.
"""

from xml.etree.ElementTree import Element

import numpy as np

from skecg.io import _xml
from skecg.io._calibration import cut_calibration
from skecg.io._errors import ECGFileError
from skecg.io._parsed import ParsedECG
from skecg.io._patient import age_in_years, agreed_age, read_date, sex_code
from skecg.io._xli import decode_xli
from skecg.utils import LEAD_NAMES, canonical_lead_name

_VERSIONS = ("1.03", "1.04", "1.04.01", "1.04.02")
_MOST_SECONDS = 3600


def read(root: Element) -> ParsedECG:
    """Read the leads of a Philips Sierra XML file."""
    version = _xml.text_of(root, "documentinfo/documentversion")
    if version not in _VERSIONS:
        raise ECGFileError(
            f"the file has the version {version[:20]!r}, but must have one of "
            f"{list(_VERSIONS)}; export it as Sierra XML.",
            field="documentversion",
        )
    described = _xml.require(root, "dataacquisition/signalcharacteristics")
    waveforms = _xml.require(root, "waveforms/parsedwaveforms")
    fs = _xml.rate(_xml.text_of(described, "samplingrate"), "samplingrate")
    resolution = _xml.text_of(described, "resolution") or _xml.text_of(
        described, "signalresolution"
    )
    microvolts = _xml.number(resolution, "resolution", low=0, high=1e6)
    offset = _xml.number(_xml.text_of(described, "signaloffset", "0"), "signaloffset")
    names = _names(described, waveforms)
    counts = _counts(waveforms, names, fs) - offset
    signal, note = cut_calibration(counts * (microvolts * 1e-3), fs)
    patient = root.find("patient/generalpatientdata")
    notes = [note] if note else []
    return ParsedECG(
        signal=signal,
        fs=fs,
        leads=names,
        units="uV",
        sex=sex_code(_xml.text_of(patient, "sex"), notes),
        # Not `defaultage`, which the recorder assumes where none was entered.
        age=agreed_age(
            age_in_years(_xml.text_of(patient, "age/years"), "Y", notes),
            read_date(_xml.text_of(patient, "age/dateofbirth"), "%Y-%m-%d"),
            read_date(_xml.attribute(root, "dataacquisition", "date"), "%Y-%m-%d"),
            notes,
        ),
        patient=_xml.text_of(patient, "patientid") or None,
        device=f"Philips {_xml.text_of(root, 'dataacquisition/machine')}".strip(),
        filters=_filters(root, described),
        notes=tuple(notes),
    )


def _names(described: Element, waveforms: Element) -> tuple[str, ...]:
    """Return the names of the stored leads."""
    labels = waveforms.get("leadlabels", "").split()
    field = "numberofleads" if labels else "numberchannelsallocated"
    said = waveforms.get(field, "") if labels else _xml.text_of(described, field)
    n_leads = int(_xml.number(said, field, low=0, high=64))
    if not labels and _xml.text_of(described, "acquisitiontype") in (
        "STD-12",
        "10-WIRE",
    ):
        labels = list(LEAD_NAMES)
    names = tuple(canonical_lead_name(label) for label in labels[:n_leads])
    if len(names) < n_leads or len(set(names)) < n_leads:
        raise ECGFileError(
            f"the file has {n_leads} leads with the names {list(names)[:16]}, so that "
            "some are unknown; export it with the names of its leads.",
            field="leadlabels",
        )
    return names


def _counts(waveforms: Element, names: tuple[str, ...], fs: float) -> np.ndarray:
    """Return the samples of shape (n_times, n_leads) in counts."""
    encoding = waveforms.get("dataencoding", "")
    method = waveforms.get("compressmethod") or waveforms.get("compression") or ""
    packed = waveforms.get("compressflag", "True").lower() != "false"
    method = method if packed else ""
    if encoding != "Base64" or method not in ("", "Uncompressed", "None", "XLI"):
        raise ECGFileError(
            f"waveforms in the encoding {encoding[:20]!r} and the compression "
            f"{method[:20]!r} can't be read, only Base64 and XLI; export it again.",
            field="parsedwaveforms",
        )
    milliseconds = _xml.number(
        waveforms.get("durationperchannel", ""),
        "durationperchannel",
        low=0,
        high=1000 * _MOST_SECONDS,
    )
    n_times = round(milliseconds * fs / 1000)
    data = _xml.decode_base64(waveforms.text or "", "parsedwaveforms")
    if method == "XLI":
        counts = decode_xli(data, len(names), n_times)
        return _with_limb_leads(counts, names)
    # Without compression, all samples of a lead stand before those of the next.
    if len(data) != 2 * n_times * len(names):
        raise _xml.wrong(
            f"has {len(data)} bytes, but {len(names)} leads of {n_times} samples need "
            f"{2 * n_times * len(names)}",
            "parsedwaveforms",
        )
    return np.frombuffer(data, "<i2").reshape(len(names), n_times).T.astype(np.int64)


def _with_limb_leads(counts: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Replace what XLI stores of four limb leads by the leads themselves.

    Of III, aVR, aVL and aVF it stores how far they are from what follows from the
    others, rounded down.
    """
    if names[:6] != LEAD_NAMES[:6]:
        return counts
    # The order matters: aVL and aVF rest on the III of the line before.
    i, ii, iii, avr, avl, avf = counts[:, :6].T
    iii[:] = ii - i - iii
    avr[:] = -avr - (i + ii) // 2
    avl[:] = (i - iii) // 2 - avl
    avf[:] = (ii + iii) // 2 - avf
    return counts


def _filters(root: Element, described: Element) -> str | None:
    """Return the filters that the samples went through, in words.

    Those of the report are applied to its drawing alone.
    """
    band = _xml.text_of(described, "signalbandwidth").split("-")
    low, high = band if len(band) == 2 else ("", "")
    return _xml.filters_in_words(
        _xml.text_of(described, "hipass", low),
        _xml.text_of(described, "lowpass", high),
        _xml.text_of(described, "notchfilterfreqs"),
    )
