"""Small DICOM files with known samples, written by pydicom."""

from io import BytesIO

import numpy as np
import pytest

pytest.importorskip("pydicom", reason="pydicom is of the extra 'io'")
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

LEADS = ("I", "II", "V1")
NUMBERS = (1, 2, 3)
SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
}
KINDS = {
    (8, "SB"): "i1",
    (8, "UB"): "u1",
    (16, "SS"): "i2",
    (16, "US"): "u2",
    (32, "SL"): "i4",
    (32, "UL"): "u4",
}
TWELVE_LEAD = "1.2.840.10008.5.1.4.1.1.9.1.1"


def counts(n_times=30, n_leads=3, seed=0):
    """Return samples that fit into every kind, signed or not."""
    return np.random.default_rng(seed).integers(0, 120, (n_times, n_leads))


def _code(value, scheme, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = value, scheme
    item.CodeMeaning = meaning
    return item


def channel(number, *, scheme="MDC", units="uV", sensitivity="2.5", **elements):
    """Return a channel definition; `elements` are further ones by keyword."""
    prefix = {"MDC": "2:", "SCPECG": "5.6.3-9-"}.get(scheme, "")
    item = Dataset()
    # The meaning is wrong on purpose: leads are known by code.
    item.ChannelSourceSequence = Sequence(
        [_code(f"{prefix}{number}", scheme, "Lead V6")]
    )
    if sensitivity is not None:
        item.ChannelSensitivity = sensitivity
    if units is not None:
        item.ChannelSensitivityUnitsSequence = Sequence([_code(units, "UCUM", "x")])
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def group(
    values,
    *,
    numbers=NUMBERS,
    kind=(16, "SS"),
    order="<",
    fs="500",
    padding=None,
    originality="ORIGINAL",
    label="RHYTHM",
    offset=None,
    channels=None,
    **definition,
):
    """Return a multiplex group."""
    item = Dataset()
    if originality is not None:
        item.WaveformOriginality = originality
    item.NumberOfWaveformChannels = values.shape[1]
    item.NumberOfWaveformSamples = len(values)
    item.SamplingFrequency = fs
    item.MultiplexGroupLabel = label
    if offset is not None:
        item.MultiplexGroupTimeOffset = offset
    item.ChannelDefinitionSequence = Sequence(
        channels or [channel(number, **definition) for number in numbers]
    )
    item.WaveformBitsAllocated, item.WaveformSampleInterpretation = kind
    dtype = np.dtype(KINDS[kind]).newbyteorder(order)
    if padding is not None:
        item.WaveformPaddingValue = np.array(padding, dtype).tobytes()
    data = values.astype(dtype).tobytes()
    item.WaveformData = data + b"\0" * (len(data) % 2)
    for keyword in ("WaveformPaddingValue", "WaveformData"):
        if keyword in item:
            item[keyword].VR = "OB" if kind[0] == 8 else "OW"
    return item


def dicom(*groups, syntax="explicit", undefined=False, sop=TWELVE_LEAD, **elements):
    """Return a file of groups; `undefined` leaves the lengths of sequences open."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = SYNTAXES[syntax]
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = sop
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "2.25.1"
    data.AcquisitionDateTime = "20240517120000"
    data.Manufacturer, data.ManufacturerModelName = "Maker", "CART1"
    data.PatientID, data.PatientName, data.PatientSex = "ID-7", "Doe^Jane", "F"
    data.PatientAge = "049Y"
    for keyword, value in elements.items():
        setattr(data, keyword, value)
    data.WaveformSequence = Sequence(list(groups))
    if undefined:
        _leave_lengths_open(data)
    out = BytesIO()
    dcmwrite(out, data, enforce_file_format=True)
    return out.getvalue()


def _leave_lengths_open(data):
    for element in data:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _leave_lengths_open(item)
