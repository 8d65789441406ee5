"""SCP-ECG: known samples come out as they went in, all else is an error."""

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from skecg.io import ECGFileError, _scp
from tests.io import scp_files as files

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "scp"
COUNTS = files.counts()
SMALL = files.recording(COUNTS[:40])
REFERENCE = np.rint(200 * np.hanning(16))[:, None] * [1, -1, 2]


@pytest.mark.parametrize("code", files.TABLES)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_samples_are_those_of_the_file(code, order):
    record = _scp.read(files.recording(COUNTS, code=code, order=order))
    np.testing.assert_array_equal(record.signal, COUNTS * (2500 * 1e-6))
    assert record.signal.dtype == np.float64
    assert (record.fs, record.leads) == (500, files.LEADS)
    assert record.notes == ()


def test_sex_age_device_and_filters_are_read():
    record = _scp.read(SMALL)
    assert (record.sex, record.age) == (1, 49)
    assert (record.patient, record.device) == ("ID-7, Doe", "Maker CART1")
    assert record.filters == "high-pass 0.05 Hz, low-pass 150 Hz, mains 50 Hz"


@pytest.mark.parametrize(
    ("patient", "sex", "age"),
    [
        ({"age": (18, 2), "sex": 1}, 0, 1.5),
        ({"born": (1950, 6, 1), "sex": 0}, np.nan, 73),
        ({"born": (1950, 13, 1), "sex": 9}, np.nan, np.nan),
        ({"age": (60, 0)}, 1, np.nan),
        ({"age": (400, 1)}, 1, np.nan),
        ({"age": (49, 1), "born": (1920, 1, 1)}, 1, np.nan),
    ],
)
def test_what_is_not_known_of_the_patient_is_nan(patient, sex, age):
    body = files.patient_section(**patient)
    record = _scp.read(files.recording(COUNTS[:20], patient=body))
    np.testing.assert_equal((record.sex, record.age), (sex, age))
    # 400 years are noted, as an age without a unit is.
    unread = patient.get("age") in ((60, 0), (400, 1))
    assert any("can't be read" in note for note in record.notes) == unread


def test_high_compression_is_undone():
    values = files.counts(200)
    data, expected = files.compressed(values, REFERENCE)
    record = _scp.read(data)
    np.testing.assert_allclose(record.signal, expected * 0.0025, rtol=0, atol=1e-12)
    assert record.fs == 500
    for first, last in files.ZONES:
        zone = slice(first - 1, last)
        np.testing.assert_allclose(record.signal[zone], values[zone] * 0.0025)
    assert "approximate" in record.notes[0]


def test_leads_of_different_times_leave_gaps():
    spans = [(1, 100), (101, 200), (1, 200)]
    body = files.lead_section(200, spans=spans)
    leads = [COUNTS[:100, 0], COUNTS[100:200, 1], COUNTS[:200, 2]]
    sections = {2: files.table_section("standard"), 3: body}
    signal = _scp.read(files.scp({**sections, 6: files.stream_section(leads)})).signal
    assert np.isnan(signal[100:, 0]).all()
    assert np.isnan(signal[:100, 1]).all()
    np.testing.assert_allclose(signal[100:, 1], COUNTS[100:200, 1] * 0.0025)


def test_one_sample_too_many_in_section_3_is_forgiven_and_two_are_not():
    stream = files.stream_section(COUNTS.T, code="plain")
    for extra in (1, 2):
        data = files.scp({3: files.lead_section(len(COUNTS) + extra), 6: stream})
        if extra == 1:
            record = _scp.read(data)
            assert len(record.signal) == len(COUNTS)
            assert "one sample more" in record.notes[0]
        else:
            with pytest.raises(ECGFileError, match="400 readable numbers of 402"):
                _scp.read(data)


def test_leads_of_more_than_32767_bytes_are_read():
    values = np.tile(COUNTS, (45, 1))[:, :1]
    record = _scp.read(files.recording(values, code="plain", order=0))
    np.testing.assert_allclose(record.signal, values * 0.0025)


def _sections(**changes):
    """Return the bodies of a small recording, some of them replaced."""
    bodies = {
        2: files.table_section("standard"),
        3: files.lead_section(40),
        6: files.stream_section(COUNTS[:40].T),
    }
    for name, body in changes.items():
        bodies[int(name[1:])] = body
    return files.scp(bodies)


def _codes(*rows):
    return files.table_section((list(rows),))


def _bimodal(**changes):
    return files.compressed(files.counts(200), REFERENCE, **changes)[0]


STEEP = struct.pack("<HHBB3H", 2500, 2000, 2, 0, 80, 80, 80) + b"\x30\x75" * 120
BIMODAL = _bimodal()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "does not begin as SCP-ECG"),
        (b"\0" * 4096, "does not begin as SCP-ECG"),
        (SMALL[:28] + b"\6" + SMALL[29:], "Healforce"),
        (files.scp({3: b"", 6: b""}, version=30), "version 3, but versions 1 and 2"),
        (_sections(s3=None), "section 3 is absent"),
        (_sections(s6=None), "section 6 is absent"),
        (_sections(s3=files.lead_section(40, ())), "no lead"),
        (_sections(s3=files.lead_section(40, (1, 2, 2))), "lead II appears twice"),
        (_sections(s3=b"\xff\4"), "lies beyond its end"),
        (
            _sections(s3=files.lead_section(40, spans=[(9, 4), (1, 40), (1, 40)])),
            "before it begins",
        ),
        (
            _sections(s3=files.lead_section(4_000_000_000)),
            "more than the file can hold",
        ),
        (
            _sections(s3=files.lead_section(1, spans=[(1, 9), (1, 9), (9**9, 9**9)])),
            "more than the file can hold",
        ),
        (_sections(s3=files.lead_section(40, range(1, 200))), "lies beyond its end"),
        (_sections(s6=files.stream_section(COUNTS.T, scale=0)), "is 0 nV"),
        (_sections(s6=files.stream_section(COUNTS.T, interval=0)), "is 0;"),
        (_sections(s6=b"\xc4\x09\xd0\x07\3\0" + bytes(40)), "order 3 are unknown"),
        (_sections(s6=files.stream_section(COUNTS.T)[:60]), "does not hold"),
        (_sections(s6=files.stream_section(COUNTS[:9].T)), "readable numbers of 40"),
        (_sections(s2=None, s6=STEEP), "beyond 16 bits"),
        (_sections(s2=struct.pack("<H", 9)), "has 9 Huffman tables"),
        (_sections(s2=struct.pack("<HH", 1, 9)), "says it has 9 codes"),
        (_sections(s2=b"\1"), "ends before its tables"),
        (_sections(s2=_codes((0, 0, 1, 0, "0"))), "a code has no bit"),
        (
            _sections(s2=_codes((1, 1, 1, 0, "0"), (2, 2, 1, 1, "00"))),
            "one code begins another",
        ),
        (_sections(s2=_codes((1, 1, 0, 7, "0"), (1, 1, 0, 7, "1"))), "to table 7"),
        (_sections(s2=_codes((1, 1, 0, 1, "0"), (1, 1, 0, 1, "1"))), "without a"),
        (_sections(s2=_codes((9, 9, 1, 0, "101010101"))), "readable numbers"),
        (_bimodal(s4=None), "section 4 is absent"),
        (_bimodal(s5=None), "section 5 is absent"),
        (_bimodal(s4=files.beat_section()[:-4]), "lies beyond its end"),
        (_bimodal(s4=files.beat_section(duration=30)), "beyond the recording or"),
        (_bimodal(s4=files.beat_section(fiducial=5)), "beyond the recording or"),
        (_bimodal(s4=files.beat_section(zones=[(9, 20)] * 3)), "zones overlap"),
        (
            _bimodal(s4=files.beat_section(zones=[(9, 20), (61, 82), (125, 144)])),
            "42 samples lie before sample 125, which is no multiple of 4",
        ),
        (_bimodal(s3=files.lead_section(280, flags=5)), "readable numbers of"),
        (
            _bimodal(s6=files.stream_section(COUNTS.T, interval=10_000, bimodal=1)),
            "no compression of the standard",
        ),
    ],
)
def test_errors_name_value_and_remedy(data, message):
    with pytest.raises(ECGFileError, match=message):
        _scp.read(data)


def _flip(data, at, bit=1):
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def test_a_changed_bit_never_changes_a_sample():
    # Every section has a checksum, so that no other samples may come out than these.
    for data in (SMALL, BIMODAL):
        expected = _scp.read(data)
        n_read = 0
        for at in range(len(data)):
            try:
                record = _scp.read(_flip(data, at, 1 << at % 8))
            except ECGFileError:
                continue
            n_read += 1
            np.testing.assert_array_equal(record.signal, expected.signal)
            assert (record.leads, record.fs) == (expected.leads, expected.fs)
        assert 0 < n_read < len(data)


def test_a_file_cut_off_anywhere_is_an_error():
    for data in (SMALL, BIMODAL):
        for length in range(len(data)):
            with pytest.raises(ECGFileError):
                _scp.read(data[:length])


def test_a_recorder_without_checksums_is_told():
    data = bytearray(SMALL)
    for at in range(22, 142, 10):
        index = struct.unpack_from("<I", data, at + 6)[0]
        if index > 7:
            data[index - 1 : index + 1] = bytes(2)
    record = _scp.read(bytes(data))
    assert "no section has a right checksum" in record.notes[0]


def test_a_changed_patient_is_unknown_and_told():
    at = SMALL.index(b"ID-7")
    record = _scp.read(_flip(SMALL, at))
    assert record.patient is None
    assert np.isnan([record.sex, record.age]).all()
    assert record.notes == (
        "the checksum of section 1 is wrong",
        "the checksum of the whole record is wrong",
        "section 1 is damaged, so that sex and age are unknown",
    )


def _resealed(data, rng):
    """Return a file with changed bytes and right checksums."""
    bodies = {}
    for at in range(32, 142, 10):
        number, length, index = struct.unpack_from("<HII", data, at)
        if length:
            bodies[number] = bytearray(data[index + 15 : index - 1 + length])
    for _ in range(rng.integers(1, 4)):
        body = bodies[rng.choice(sorted(bodies))]
        at = rng.integers(min(len(body), rng.choice([8, 64, 4096])))
        body[at] = rng.integers(256)
    return files.scp({number: bytes(body) for number, body in bodies.items()})


def test_changes_under_right_checksums_give_an_error_or_a_finite_record():
    rng = np.random.default_rng(0)
    custom = files.recording(COUNTS[:40], code="switching")
    for data in (SMALL, BIMODAL, custom):
        for _ in range(200):
            try:
                record = _scp.read(_resealed(data, rng))
            except ECGFileError:
                continue
            assert record.signal.shape[1] == len(record.leads)
            assert not np.isnan(record.signal).all(axis=0).any()
            assert not np.isinf(record.signal).any()


def test_a_short_file_that_claims_much_takes_little_memory():
    claims = files.lead_section(500_000, range(1, 60))
    zeros = struct.pack("<HHBB59H", 2500, 2000, 0, 0, *[65_534] * 59)
    data = _sections(s3=claims, s6=zeros + bytes(65_534 * 59))
    tracemalloc.start()
    with pytest.raises(ECGFileError, match="more than the file can hold"):
        _scp.read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data)


@pytest.fixture
def sample():
    """Return the bytes of a sample file."""

    def read(name):
        path = SAMPLES / name
        if not path.exists():
            pytest.skip("the sample files are not beside this checkout")
        return path.read_bytes()

    return read


def test_a_real_recording_has_its_known_range(sample):
    record = _scp.read(sample("Example.scp"))
    assert (record.signal.shape, record.fs) == ((5000, 12), 500)
    assert (record.sex, record.age, record.device) == (0, 49, "ECGConversion ELI250")
    i, ii = record.signal[:, :2].T
    np.testing.assert_allclose([i.min(), i.max()], [-0.305, 0.415])
    np.testing.assert_allclose([ii.min(), ii.max()], [-0.6675, 0.335])


def test_redundancy_reduction_is_within_2_uv(sample):
    truth = np.frombuffer(sample("PFE105.dat"), "<i2").reshape(5000, 8)
    record = _scp.read(sample("PFE105_redred.scp"))
    assert np.abs(1000 * record.signal - truth).max() < 2.001
    assert (record.fs, record.leads[:3], record.age) == (500, ("I", "II", "V1"), 62)


def test_high_compression_is_within_17_uv_in_qrs_zones(sample):
    truth = np.frombuffer(sample("PFE105.dat"), "<i2").reshape(5000, 8)
    data = sample("PFE105_high.scp")
    record = _scp.read(data)
    error = np.abs(1000 * record.signal - truth)
    zones = np.frombuffer(data, "<u4", 28, 756 + 22 + 14 * 14).reshape(14, 2)
    protected = np.zeros(5000, dtype=bool)
    for first, last in zones:
        protected[first - 1 : last] = True
    assert record.fs == 500
    assert error[protected].max() < 17.001
    assert error[8:-4].max() < 76.001


def test_what_is_not_scp_is_refused_by_name(sample):
    data = sample("healforce_62.SCP")
    assert _scp.sniff(data[:100])
    with pytest.raises(ECGFileError, match="Healforce"):
        _scp.read(data)
