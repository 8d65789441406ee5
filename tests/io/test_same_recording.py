"""One recording in several formats is one record, and each format is told by itself."""

import numpy as np
import pytest

from skecg import read_ecg, sniff_format
from skecg.io import _dicom_encode, _edf_encode
from skecg.io._formats import formats_of
from tests.io import dicom_files, edf_files, scp_files, xml_files

LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
NUMBERS = range(1, 9)
COUNTS = scp_files.counts(200, 8)
SIGNAL = COUNTS * 0.0025

FILES = {
    "scp": scp_files.scp(
        {
            1: scp_files.patient_section(age=(49, 1)),
            2: scp_files.table_section("standard"),
            3: scp_files.lead_section(200, NUMBERS),
            6: scp_files.stream_section(COUNTS.T),
        }
    ),
    "dicom": dicom_files.dicom(dicom_files.group(COUNTS, numbers=NUMBERS)),
    "edf": edf_files.edf(5 * COUNTS, labels=LEADS),
    "muse": xml_files.muse(xml_files.counts()),
    "csv": b"time (ms),I (uV)\n0,100\n2,120\n",
}
WRITTEN = {
    "dicom": _dicom_encode.encode(SIGNAL, 500, LEADS, sex=1, age=49),
    "edf": _edf_encode.encode(SIGNAL, 500, LEADS, sex=1),
}


@pytest.mark.parametrize("format", FILES)
def test_a_file_is_told_by_its_own_format_alone(format):
    assert list(formats_of(FILES[format][:8192])) == [format]
    assert sniff_format(FILES[format]) == format


def test_one_recording_is_one_record_in_every_format():
    expected = read_ecg(FILES["scp"])
    assert expected.shape == (1, 200, 12)
    others = [FILES["dicom"], FILES["edf"], *WRITTEN.values()]
    for data in others:
        record = read_ecg(data)
        assert record.lead.values.tolist() == expected.lead.values.tolist()
        np.testing.assert_allclose(record, expected, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(record.time, expected.time)
        assert record.sex.item() == expected.sex.item() == 1
