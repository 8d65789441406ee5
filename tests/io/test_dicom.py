"""DICOM waveforms: known samples come out as they went in, all else is an error."""

import re
import struct
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from skecg.io import ECGFileError, _dicom, _dicom_encode, _scp
from tests.io import dicom_files as files

pydicom = pytest.importorskip("pydicom", reason="pydicom is of the extra 'io'")

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
COUNTS = files.counts()
SMALL = files.dicom(files.group(COUNTS))
IN_MILLIVOLTS = COUNTS * 0.0025


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("kind", files.KINDS)
@pytest.mark.parametrize("syntax", files.SYNTAXES)
def test_samples_are_those_of_the_file(syntax, kind, undefined):
    order = ">" if syntax == "big endian" else "<"
    part = files.group(COUNTS, kind=kind, order=order)
    data = files.dicom(part, syntax=syntax, undefined=undefined)
    if kind[0] == 32 and order == ">":
        with pytest.raises(ECGFileError, match="in little endian are"):
            _dicom.read(data)
        return
    record = _dicom.read(data)
    np.testing.assert_allclose(record.signal, IN_MILLIVOLTS, rtol=0, atol=1e-12)
    assert record.signal.dtype == np.float64
    assert (record.fs, record.leads) == (500, files.LEADS)
    assert (record.sex, record.age) == (1, 49)
    assert (record.patient, record.device) == ("ID-7, Doe^Jane", "Maker CART1")
    assert record.notes == ()


@pytest.mark.parametrize(
    ("stated", "written"), [("explicit", "implicit"), ("implicit", "explicit")]
)
def test_a_wrongly_named_transfer_syntax_is_noted(stated, written):
    part = files.group(COUNTS)
    meta, body = (files.dicom(part, syntax=name) for name in (stated, written))
    # 144 bytes and the length in their last four: the preamble and group 2.
    ends = [144 + int.from_bytes(data[140:144], "little") for data in (meta, body)]
    record = _dicom.read(meta[: ends[0]] + body[ends[1] :])
    np.testing.assert_allclose(record.signal, IN_MILLIVOLTS, rtol=0, atol=1e-12)
    assert "the file is not in the transfer syntax that it names" in record.notes


@pytest.mark.parametrize("units", ["microvolt", "UV", "\xb5V"])
def test_units_are_known_by_other_words_too(units):
    part = files.group(COUNTS, units=units)
    record = _dicom.read(files.dicom(part, SpecificCharacterSet="ISO_IR 100"))
    np.testing.assert_allclose(record.signal, IN_MILLIVOLTS, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("units", "factor"), [("nV", 1e-6), ("uV", 1e-3), ("mV", 1), ("V", 1e3)]
)
def test_sensitivity_correction_and_baseline_count(units, factor):
    part = files.group(
        COUNTS,
        units=units,
        sensitivity="0.5",
        ChannelSensitivityCorrectionFactor="4.88",
        ChannelBaseline="-7",
    )
    expected = (COUNTS * 0.5 * 4.88 - 7) * factor
    record = _dicom.read(files.dicom(part))
    np.testing.assert_allclose(record.signal, expected, rtol=1e-12)
    assert record.units == units


@pytest.mark.parametrize(
    ("scheme", "code"), [("MDC", 62), ("SCPECG", 62), ("mdc", "MDC_ECG_LEAD_AVR")]
)
def test_leads_are_known_by_code_and_others_left_out(scheme, code):
    channels = [
        files.channel(code, scheme=scheme),
        files.channel("I", scheme="99OWN"),
        files.channel(1, units="mm[Hg]"),
    ]
    record = _dicom.read(files.dicom(files.group(COUNTS, channels=channels)))
    assert record.leads == ("aVR",)
    np.testing.assert_allclose(record.signal[:, 0], IN_MILLIVOLTS[:, 0])
    assert "99OWN I (Lead V6), which is no known lead" in record.notes[0]
    assert "'mm[Hg]', which is no voltage" in record.notes[1]


def test_filters_and_skew_are_told():
    part = files.group(
        COUNTS,
        FilterLowFrequency="0.05",
        FilterHighFrequency="150",
        NotchFilterFrequency="50",
        ChannelTimeSkew="0.001",
    )
    record = _dicom.read(files.dicom(part))
    assert record.filters == "high-pass 0.05 Hz, low-pass 150 Hz, mains 50 Hz"
    assert "slightly different times" in record.notes[0]


def test_the_original_group_is_read_wherever_it_stands():
    median = files.group(COUNTS[:9] + 1, originality="DERIVED", label="MEDIAN BEAT")
    record = _dicom.read(files.dicom(median, files.group(COUNTS)))
    np.testing.assert_allclose(record.signal, IN_MILLIVOLTS)
    unsaid = files.group(COUNTS[:9], originality=None, label="Median")
    record = _dicom.read(files.dicom(unsaid, files.group(COUNTS, originality=None)))
    assert len(record.signal) == len(COUNTS)


def test_groups_of_leads_one_after_the_other_are_joined():
    one = files.group(COUNTS[:, :2], numbers=(1, 2), offset="0")
    two = files.group(COUNTS[:20, :1], numbers=(3,), offset="60")
    again = files.group(COUNTS[:5, :1], numbers=(2,))
    record = _dicom.read(files.dicom(two, one, again))
    assert record.leads == ("I", "II", "V1")
    assert record.signal.shape == (50, 3)
    np.testing.assert_allclose(record.signal[:30, :2], IN_MILLIVOLTS[:, :2])
    np.testing.assert_allclose(record.signal[30:, 2], IN_MILLIVOLTS[:20, 0])
    assert np.isnan(record.signal[30:, :2]).all()
    assert np.isnan(record.signal[:30, 2]).all()
    assert "1 more original groups" in record.notes[0]


@pytest.mark.parametrize(
    ("padding", "gap"), [(None, -32768), (-32768, -32768), (32767, 32767), (7, None)]
)
def test_padding_is_a_gap_only_where_no_ecg_may_have_its_value(padding, gap):
    values = COUNTS.copy()
    values[-3:] = gap if gap is not None else padding
    record = _dicom.read(files.dicom(files.group(values, padding=padding)))
    assert np.isnan(record.signal).sum() == (0 if gap is None else 9)
    assert np.isfinite(record.signal[:-3]).all()


@pytest.mark.parametrize(
    ("elements", "sex", "age", "note"),
    [
        ({"PatientSex": "M", "PatientAge": "018M"}, 0, 1.5, ""),
        ({"PatientSex": "O", "PatientAge": ""}, np.nan, np.nan, ""),
        ({"PatientSex": "Q"}, np.nan, 49, "the sex 'Q' can't be read"),
        ({"PatientAge": "", "PatientBirthDate": "19500601"}, 1, 73, ""),
        ({"PatientAge": "049Q"}, 1, np.nan, "the age '049 Q' can't be read"),
        (
            {"PatientAge": "049Y", "PatientBirthDate": "19200101"},
            1,
            np.nan,
            "contradicts",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR AS")
def test_what_is_not_known_of_the_patient_is_nan(elements, sex, age, note):
    record = _dicom.read(files.dicom(files.group(COUNTS), **elements))
    np.testing.assert_equal((record.sex, record.age), (sex, age))
    assert note in "".join(record.notes)
    assert len(record.notes) == bool(note)


def _bomb():
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    zeros = packer.compress(bytes(60_000_000)) + packer.flush()
    start = files.dicom(files.group(COUNTS), syntax="deflated")
    length = 132 + 12 + struct.unpack_from("<I", start, 140)[0]
    return start[:length] + zeros


def test_a_deflate_bomb_takes_little_memory():
    data = _bomb()
    tracemalloc.start()
    with pytest.raises(ECGFileError, match="which no recording of this size has"):
        _dicom.read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data) + 50e6


def test_many_elements_and_levels_are_refused():
    at = SMALL.index(struct.pack("<HH", 0x0008, 0x0070))
    element = struct.pack("<HH2sH", 0x0009, 0x1001, b"LO", 0)
    with pytest.raises(ECGFileError, match="more than 200000 elements"):
        _dicom.read(SMALL[:at] + element * 200_001 + SMALL[at:])
    open_sequence = struct.pack("<HH2sHI", 9, 0x1001, b"SQ", 0, 0xFFFFFFFF)
    open_item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    with pytest.raises(ECGFileError, match="nests sequences 16 deep"):
        _dicom.read(SMALL[:at] + (open_sequence + open_item) * 1000 + SMALL[at:])


def _in_item(old, new):
    """Change the last channel of a file, and keep the length of the file."""
    begin = SMALL.rindex(struct.pack("<HH", 0x003A, 0x0208))
    assert old in SMALL[begin:]
    return SMALL[:begin] + SMALL[begin:].replace(old, new, 1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (SMALL + b"\x01\x02\x03", "an element is cut off"),
        (SMALL + struct.pack("<HH2sH", 0x6000, 1, b"??", 0), "unknown representation"),
        (SMALL + struct.pack("<HH2sH", 0x6000, 1, b"LO", 9), "reaches beyond"),
        (_in_item(b"DS\4\x002.5 ", b"DS\4\xff2.5 "), "reaches beyond|does not end"),
        (_in_item(b"DS\4\x002.5 ", b"D~\4\x002.5 "), "unknown representation 'D~'"),
        (_in_item(b"\x11\x02SQ", b"\x11\x02U?"), "unknown representation 'U?"),
        (_in_item(b"\x3a\0\x10\x02DS", b"\0\0\x10\x02DS"), "no element of a file"),
        (_in_item(b"\xfe\xff\0\xe0", b"\xfe\xff\1\xe0"), "an item must begin"),
    ],
)
def test_what_pydicom_reads_in_spite_of_damage_is_refused(data, message):
    pydicom.dcmread(BytesIO(data)).WaveformSequence[0].ChannelDefinitionSequence[2]
    with pytest.raises(ECGFileError, match=message):
        _dicom.read(data)


def test_zeros_after_the_waveforms_do_not_count():
    record = _dicom.read(SMALL + bytes(1021))
    np.testing.assert_allclose(record.signal, IN_MILLIVOLTS)


def test_names_are_read_in_the_character_set_of_the_file():
    data = files.dicom(
        files.group(COUNTS),
        SpecificCharacterSet="ISO_IR 144",
        PatientName="\u041b\u044e\u043ba",
    )
    assert _dicom.read(data).patient == "ID-7, \u041b\u044e\u043ba"


@pytest.mark.parametrize("charset", ["ISO_IR 144", "ISO_IR 192", "no charset"])
def test_names_in_another_character_set_than_stated_bring_no_warning(charset):
    data = files.dicom(
        files.group(COUNTS), SpecificCharacterSet="ISO_IR 100", PatientName="M\xfcller"
    )
    stated = b"ISO_IR 100"
    assert data.count(stated) == 1
    data = data.replace(stated, charset.encode().ljust(len(stated))[: len(stated)])
    assert _dicom.read(data).patient.startswith("ID-7, M")


def _swap(old, new, count=1):
    assert old in SMALL
    return SMALL.replace(old, new, count)


def _group(**changes):
    return files.dicom(files.group(COUNTS, **changes))


def _with(keyword, value):
    part = files.group(COUNTS)
    setattr(part, keyword, value)
    return files.dicom(part)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "DICM are absent"),
        (bytes(4000), "DICM are absent"),
        (bytes(128) + b"DICM", "no transfer syntax"),
        (_swap(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4\0"), "2.4' is not one"),
        (files.dicom(sop="1.2.840.10008.5.1.4.1.1.7"), "of the class 1.2.840.10008.5"),
        (files.dicom(), "none of the 0 groups"),
        (_group(originality="DERIVED"), "none of the 1 groups"),
        (_with("NumberOfWaveformChannels", 1), "has 1 channels, but defines 3"),
        (files.dicom(files.group(files.counts(2, 300), numbers=[9] * 300)), "than 256"),
        (_with("NumberOfWaveformSamples", 31), "take 186 bytes, but the group has 180"),
        (_with("NumberOfWaveformSamples", 29), "take 174 bytes, but the group has 180"),
        (_with("NumberOfWaveformSamples", 0), "0 samples at 500 Hz"),
        (_with("WaveformBitsAllocated", 12), "samples of 12 bits"),
        (
            _with("WaveformSampleInterpretation", "MB"),
            "samples compressed by mu-law are not read",
        ),
        (_group(fs="0"), "at 0 Hz"),
        (_group(fs="-500"), "at -500 Hz"),
        (_group(sensitivity="0"), "gives no samples"),
        (_group(sensitivity="1e306", units="V"), "gives no samples"),
        (_group(sensitivity="1e307", units="mV"), "too large"),
        (_group(sensitivity=None), "must be a finite number, but is ''"),
        (_group(units=None), "has no unit"),
        (_group(units="mm"), "no channel is a known lead in a unit of voltage"),
        (_group(numbers=(1, 2, 2)), "lead II appears twice"),
        (_swap(b"500 ", b"5_0 "), "must be a finite number, but is '5_0'"),
        (_swap(b"2.5 ", b"nan "), "must be a finite number, but is 'nan'"),
        (_swap(b"UI", b"XX", 9), "no transfer syntax|unknown representation"),
        (
            files.dicom(
                files.group(COUNTS[:, :2], numbers=(1, 2), offset="0"),
                files.group(COUNTS[:, 2:], numbers=(3,), offset="1e9"),
            ),
            "longer than they are",
        ),
    ],
)
def test_errors_name_value_and_remedy(data, message):
    with pytest.raises(ECGFileError, match=message):
        _dicom.read(data)


def test_a_file_cut_off_anywhere_is_an_error_or_has_all_samples():
    deflated = files.dicom(files.group(COUNTS), syntax="deflated")
    for data in (SMALL, deflated):
        for length in range(len(data)):
            with pytest.raises(ECGFileError):
                _dicom.read(data[:length])


def test_changed_bytes_give_an_error_or_a_record_of_finite_samples():
    rng = np.random.default_rng(0)
    for syntax in files.SYNTAXES:
        data = files.dicom(files.group(COUNTS), syntax=syntax, undefined=True)
        for _ in range(150):
            changed = bytearray(data)
            for at in rng.integers(132, len(data), rng.integers(1, 4)):
                changed[at] = rng.integers(256)
            try:
                record = _dicom.read(bytes(changed))
            except ECGFileError:
                continue
            assert record.signal.shape == (len(record.signal), len(record.leads))
            assert not np.isinf(record.signal).any()


@pytest.mark.parametrize(
    ("n_times", "n_leads", "fs", "sop"),
    [
        (60, 12, 500, "1.1"),
        (16_385, 3, 500, "1.2"),
        (60, 14, 250.5, "1.2"),
        (60, 12, 100, "1.3"),
    ],
)
def test_what_is_written_is_read_by_pydicom_and_by_the_reader(
    n_times, n_leads, fs, sop
):
    names = [*_dicom_encode._NUMBER_OF_LEAD][:n_leads]
    signal = np.random.default_rng(1).normal(size=(n_times, n_leads)).round(3)
    data = _dicom_encode.encode(signal, fs, names, sex=0, age=61.3)
    assert data == _dicom_encode.encode(signal, fs, names, sex=0, age=61.3)
    theirs = pydicom.dcmread(BytesIO(data))
    assert theirs.SOPClassUID.endswith(f"9.{sop}")
    np.testing.assert_allclose(theirs.waveform_array(0) / 1000, signal, atol=1e-9)
    record = _dicom.read(data)
    np.testing.assert_allclose(record.signal, signal, atol=1e-9)
    assert (record.fs, list(record.leads)) == (fs, names)
    assert (record.sex, record.age, record.patient) == (0, 61, None)


def test_gaps_are_written_and_read():
    signal = np.array([[0.1, np.nan], [np.nan, -3.0]])
    data = _dicom_encode.encode(signal, 500, ("I", "II"))
    np.testing.assert_allclose(_dicom.read(data).signal, signal, atol=1e-9)


@pytest.mark.parametrize(
    ("leads", "fs", "message"),
    [
        (("I", "MLII"), 500, "MLII have none"),
        (("I", "II"), 25, "no ECG of 2 leads at 25 Hz"),
        (("I", "II"), 2000, "no ECG of 2 leads at 2000 Hz"),
    ],
)
def test_what_dicom_cannot_hold_is_refused(leads, fs, message):
    with pytest.raises(ValueError, match=message):
        _dicom_encode.encode(np.zeros((50, 2)), fs, leads)


@pytest.fixture
def sample():
    """Return the bytes of a sample file."""

    def read(name):
        path = SAMPLES / name
        if not path.exists():
            pytest.skip("the sample files are not beside this checkout")
        return path.read_bytes()

    return read


def test_a_real_recording_is_the_same_in_dicom_and_scp(sample):
    ours = _dicom.read(sample("dicom/Example.dcm"))
    other = _scp.read(sample("scp/Example.scp"))
    order = [ours.leads.index(lead) for lead in other.leads]
    np.testing.assert_array_equal(ours.signal[:, order], other.signal)
    assert (ours.fs, ours.sex, ours.age) == (other.fs, other.sex, other.age)


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize(
    "name", ["Example", "pydicom_waveform_ecg", "ecg2dcm_synthetic_muse"]
)
def test_real_recordings_are_as_pydicom_reads_them(sample, name):
    data = sample(f"dicom/{name}.dcm")
    theirs = pydicom.dcmread(BytesIO(data)).waveform_array(0) / 1000
    ours = _dicom.read(data)
    np.testing.assert_allclose(ours.signal, theirs, rtol=0, atol=1e-12)
    assert len(ours.leads) == 12


def test_a_real_mortara_has_its_known_range(sample):
    record = _dicom.read(sample("dicom/pydicom_waveform_ecg.dcm"))
    i, ii = record.signal[:, :2].T
    np.testing.assert_allclose([i.min(), i.max()], [-0.0625, 0.725])
    np.testing.assert_allclose([ii.min(), ii.max()], [-0.20875, 1.1375])
    assert (record.fs, record.sex, record.age) == (1000, 1, 42)


def test_a_real_file_that_contradicts_itself_is_refused(sample):
    message = "says it has 1 channels, but defines 12"
    with pytest.raises(ECGFileError, match=re.escape(message)):
        _dicom.read(sample("dicom/pixelmed_1074466202.fixed.dcm"))
