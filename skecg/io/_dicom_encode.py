"""Writing of DICOM waveforms, explicit VR little endian, with pydicom."""

import hashlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np

from skecg.io._counts import to_counts
from skecg.io._lead_codes import LEAD_OF_NUMBER
from skecg.utils import OLDEST, import_optional

_ROOT = "1.2.840.10008.5.1.4.1.1.9.1."
_EXPLICIT = "1.2.840.10008.1.2.1"
_IMPLEMENTATION = "2.25.169130424461218571021204106817406838144"
_PADDING = -32768
# Elements that the standard demands, if only without a value.
_EMPTY = (
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber"),
    *("ReferringPhysicianName", "PatientName", "PatientID", "PatientBirthDate"),
)
_NUMBER_OF_LEAD = {name: number for number, name in LEAD_OF_NUMBER.items()}
# Suffix of the class; most channels and samples; lowest and highest rate in Hz.
_CLASSES = (
    ("1", "12-lead ECG", 13, 16_384, 200, 1000),
    ("2", "general ECG", 24, None, 200, 1000),
    ("3", "ambulatory ECG", 12, None, 50, 1000),
)


def encode(
    signal: np.ndarray,
    fs: float,
    leads: Sequence[str],
    sex: float = np.nan,
    age: float = np.nan,
) -> bytes:
    """Return a recording as a DICOM file.

    `signal` is in mV, of shape (n_times, n_leads), NaN where there are gaps; `sex` is 0
    male, 1 female. The file is of the class 12-lead ECG where rate and size allow, else
    general or ambulatory ECG. It names no patient, and January 1, 1900 as its day, as
    the standard demands one. The same recording gives the same bytes.
    """
    values = np.asarray(signal, dtype=np.float64)
    unknown = [name for name in leads if name not in _NUMBER_OF_LEAD]
    if unknown:
        raise ValueError(
            f"leads must have codes in DICOM, but {', '.join(unknown)} have none; "
            "leave them out, or write another format."
        )
    counts, step = to_counts(values, -_PADDING - 1)
    # No sample has this count, as the largest is symmetric.
    counts[np.isnan(values)] = _PADDING
    samples = counts.astype("<i2").tobytes()
    suffix = _class_of(len(values), len(leads), fs)
    digest = hashlib.sha256(samples + repr((fs, tuple(leads), sex, age)).encode())
    # 2.25 is the root for identifiers that are numbers of 128 bits.
    uids = [
        f"2.25.{int.from_bytes(hashlib.sha256(digest.digest() + kind).digest()[:16])}"
        for kind in (b"instance", b"study", b"series")
    ]
    group = _data_set(
        WaveformOriginality="ORIGINAL",
        NumberOfWaveformChannels=len(leads),
        NumberOfWaveformSamples=len(values),
        SamplingFrequency=f"{fs:.10g}",
        MultiplexGroupLabel="RHYTHM",
        ChannelDefinitionSequence=[_channel(name, step) for name in leads],
        WaveformBitsAllocated=16,
        WaveformSampleInterpretation="SS",
        WaveformPaddingValue=np.array(_PADDING, "<i2").tobytes(),
        WaveformData=samples,
    )
    for keyword in ("WaveformPaddingValue", "WaveformData"):
        group[keyword].VR = "OW"
    return _file(_ROOT + suffix, uids, sex, age, group)


def _class_of(n_times: int, n_leads: int, fs: float) -> str:
    """Return the suffix of the class for a recording of this size."""
    for suffix, _, most_leads, most_times, low, high in _CLASSES:
        fits = n_leads <= most_leads and n_times <= (most_times or n_times)
        if fits and low <= fs <= high:
            return f"{suffix}"
    raise ValueError(
        f"DICOM has no ECG of {n_leads} leads at {fs:g} Hz, but up to 24 from 200 to "
        "1000 Hz and up to 12 from 50 Hz on; resample it, or write another format."
    )


def _data_set(**elements: Any) -> Any:
    """Return a data set of elements by keyword."""
    data_set = import_optional("pydicom", "io", "write_ecg to DICOM").Dataset()
    for keyword, value in elements.items():
        setattr(data_set, keyword, value)
    return data_set


def _channel(name: str, step: float) -> Any:
    """Return the definition of one channel."""
    return _data_set(
        ChannelSourceSequence=[
            _code(f"2:{_NUMBER_OF_LEAD[name]}", "MDC", f"Lead {name}")
        ],
        ChannelSensitivity=f"{step:.10g}",
        ChannelSensitivityUnitsSequence=[_code("uV", "UCUM", "microvolt")],
        ChannelSensitivityCorrectionFactor="1",
        ChannelBaseline="0",
        ChannelSampleSkew="0",
        WaveformBitsStored=16,
    )


def _code(value: str, scheme: str, meaning: str) -> Any:
    """Return a coded entry."""
    return _data_set(
        CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning
    )


def _file(sop: str, uids: list[str], sex: float, age: float, group: Any) -> bytes:
    """Return the file around one group of waveforms."""
    instance, study, series = uids
    file = _data_set(
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=sop,
        SOPInstanceUID=instance,
        ContentDate="19000101",
        AcquisitionDateTime="19000101000000",
        ContentTime="000000",
        Modality="ECG",
        Manufacturer="skecg",
        PatientSex={0.0: "M", 1.0: "F"}.get(float(sex), ""),
        PatientAge=_age(age),
        StudyInstanceUID=study,
        SeriesInstanceUID=series,
        SeriesNumber="1",
        InstanceNumber="1",
        AcquisitionContextSequence=[],
        WaveformSequence=[group],
        **dict.fromkeys(_EMPTY, ""),
    )
    pydicom = import_optional("pydicom", "io", "write_ecg to DICOM")
    file.file_meta = pydicom.dataset.FileMetaDataset()
    file.file_meta.TransferSyntaxUID = _EXPLICIT
    file.file_meta.ImplementationClassUID = _IMPLEMENTATION
    file.file_meta.ImplementationVersionName = "SKECG"
    out = BytesIO()
    pydicom.dcmwrite(out, file, enforce_file_format=True)
    return out.getvalue()


def _age(age: float) -> str:
    """Return an age in years, in months below two years."""
    if not 0 <= age <= OLDEST:
        return ""
    return f"{int(age):03d}Y" if age >= 2 else f"{int(age * 12):03d}M"
