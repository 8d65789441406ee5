"""EDF and BDF: known samples come out as they went in, all else is an error."""

import re
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from skecg.io import ECGFileError, _edf, _edf_encode
from skecg.io._edf_header import lead_of
from tests.io import edf_files as files

edfio = pytest.importorskip("edfio", reason="edfio is of the extra 'test'")

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "edf"
COUNTS = files.counts()
SMALL = files.edf(COUNTS)
IN_MILLIVOLTS = COUNTS * 0.0005


@pytest.mark.parametrize("bdf", [False, True])
def test_samples_are_those_of_the_file(bdf):
    values, limits = COUNTS, {}
    if bdf:
        values = COUNTS * 1000
        limits = {
            "digital": ("-8388608", "8388607"),
            "physical": ("-4194.30", "4194.3"),
        }
    record = _edf.read(files.edf(values, bdf=bdf, **limits))
    if bdf:
        step = (4194.30 + 4194.3) / (2**24 - 1)
        expected = (-4194.30 + (values + 2**23) * step) / 1000
        np.testing.assert_allclose(record.signal, expected, rtol=0, atol=1e-12)
    else:
        np.testing.assert_allclose(record.signal, IN_MILLIVOLTS, rtol=0, atol=1e-12)
    assert record.signal.dtype == np.float64
    assert (record.fs, record.leads) == (500, files.LEADS)
    assert (record.sex, record.age) == (1, 73)
    assert (record.patient, record.device) == ("ID-7, Jane Doe", "CART 1")
    assert record.filters == "high-pass 0.05 Hz, low-pass 150 Hz, mains 50 Hz"
    assert record.notes == ()


def test_samples_are_those_that_edfio_reads():
    rng = np.random.default_rng(0)
    for kind, signal in ((edfio.Edf, edfio.EdfSignal), (edfio.Bdf, edfio.BdfSignal)):
        leads = [
            signal(
                rng.normal(size=500), 250, label=f"ECG {name}", physical_dimension="mV"
            )
            for name in ("I", "aVF")
        ]
        out = BytesIO()
        kind(leads).write(out)
        record = _edf.read(out.getvalue())
        expected = np.column_stack([lead.data for lead in leads])
        np.testing.assert_allclose(record.signal, expected, rtol=0, atol=1e-12)
        assert (record.fs, record.leads) == (250, ("I", "aVF"))
        assert np.isnan([record.sex, record.age]).all()


@pytest.mark.parametrize(
    ("units", "factor"),
    [("nV", 1e-6), ("uV", 1e-3), ("\xb5V", 1e-3), ("mV", 1), ("V", 1e3)],
)
def test_units_are_those_of_the_header(units, factor):
    limits = ("10", "-10")  # an inverted scale is allowed
    record = _edf.read(files.edf(COUNTS, units=units, physical=limits))
    expected = (10 - (COUNTS + 32768) * 20 / 65535) * factor
    np.testing.assert_allclose(record.signal, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("label", "lead"),
    [
        ("ECG I", "I"),
        ("EKG V1", "V1"),
        ("ECG AVL-Ref", "aVL"),
        ("avr", "aVR"),
        ("ECG -aVR", "-aVR"),
        ("ECG Lead II", "II"),
        ("ECG_V6", "V6"),
        ("V4R", "V4R"),
        ("ECG", "ECG"),
        ("EKG1-EKG2", "EKG1-EKG2"),
        ("ECG-V2", "V2"),
        ("ECG X", "X"),
        ("X", None),
        ("EEG Fp1-Ref", None),
        ("EMG I", None),
        ("Resp", None),
        ("EDF Annotations", None),
    ],
)
def test_ecg_channels_are_known_by_their_label(label, lead):
    assert lead_of(label) == lead


def test_other_channels_are_left_out_whatever_their_rate():
    labels = ("EEG Fp1", "ECG II", "Resp")
    values = COUNTS.astype(object)
    data = files.edf(values, labels=labels, per_record=[100, 100, 100])
    record = _edf.read(data)
    assert record.leads == ("II",)
    np.testing.assert_allclose(record.signal[:, 0], IN_MILLIVOLTS[:, 1])
    assert record.notes == ("left out EEG Fp1, Resp, which are no ECG",)


@pytest.mark.parametrize("bdf", [False, True])
def test_gaps_of_interrupted_recordings_are_nan(bdf):
    reserved = "BDF+D" if bdf else "EDF+D"
    onsets = ["+0.1", "+0.3", "+1"]
    data = files.edf(COUNTS, reserved=reserved, onsets=onsets, bdf=bdf)
    signal = _edf.read(data).signal
    assert signal.shape == (550, 3)
    np.testing.assert_allclose(signal[:200], IN_MILLIVOLTS[:200])
    assert np.isnan(signal[200:450]).all()
    np.testing.assert_allclose(signal[450:], IN_MILLIVOLTS[200:])


@pytest.mark.parametrize(
    ("patient", "sex", "age", "identity", "note"),
    [
        ("X X X X", np.nan, np.nan, None, None),
        ("ID-7 M X X", 0, np.nan, "ID-7", None),
        ("ID-7 M 31-FEB-1951 X", 0, np.nan, "ID-7", "'31-FEB-1951' .* give no age"),
        ("ID-7 M 02-MAR-1751 X", 0, np.nan, "ID-7", "'02-MAR-1751' .* give no age"),
        ("ID-7 Q 02-MAR-1951 X", np.nan, 73, "ID-7", "the sex 'Q' can't be read"),
        ("Jane Doe, 73 years", np.nan, np.nan, "Jane Doe, 73 years", None),
        ("", np.nan, np.nan, None, None),
    ],
)
def test_what_is_not_known_of_the_patient_is_nan(patient, sex, age, identity, note):
    record = _edf.read(files.edf(COUNTS, patient=patient))
    np.testing.assert_equal((record.sex, record.age), (sex, age))
    assert record.patient == identity
    assert len(record.notes) == (note is not None)
    assert re.search(note or "", "".join(record.notes))


def test_a_recording_that_was_not_closed_is_read():
    record = _edf.read(files.edf(COUNTS, n_records=-1))
    assert len(record.signal) == 300
    assert "not closed" in record.notes[0]


@pytest.mark.parametrize(("factor", "doubt"), [(1, False), (6.1, True), (0.01, True)])
def test_a_scale_that_no_ecg_has_is_told(factor, doubt):
    limit = f"{16384 * factor:.6g}"
    data = files.edf(COUNTS, physical=(f"-{limit}", limit))
    assert any("may be wrong" in note for note in _edf.read(data).notes) == doubt


def test_numbers_may_end_with_zero_bytes_or_a_point():
    data = files.edf(COUNTS).replace(b"100     ", b"100\0\0\0\0\0", 1)
    data = data.replace(b"100     ", b"100.0   ", 1).replace(
        b"100     ", b"100.\0   ", 1
    )
    np.testing.assert_allclose(_edf.read(data).signal, IN_MILLIVOLTS, atol=1e-12)


def test_a_decimal_comma_is_a_decimal_point():
    limits = {"physical": ("-16384,0", "16383,5"), "digital": ("-32768.0", "32767,")}
    record = _edf.read(files.edf(COUNTS, **limits))
    np.testing.assert_allclose(record.signal, IN_MILLIVOLTS, rtol=0, atol=1e-12)


def _plus(onsets, **more):
    return files.edf(COUNTS, reserved="EDF+D", onsets=onsets, **more)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "does not begin as EDF"),
        (bytes(4000), "does not begin as EDF"),
        (files.edf(COUNTS, labels=("EEG C3", "EMG I", "Resp")), "no channel is an ECG"),
        (files.edf(COUNTS, labels=("I", "ECG I", "V1")), "lead I appears twice"),
        (files.edf(COUNTS, units="mmHg"), "'mmHg' of 'ECG I' is no voltage"),
        (files.edf(COUNTS, units=""), "'' of 'ECG I' is no voltage"),
        (files.edf(COUNTS, physical=("5", "5")), "which give no scale"),
        (files.edf(COUNTS, physical=("0", "1e300")), "which give no scale"),
        (files.edf(COUNTS, digital=("5", "5")), "which give no scale"),
        (files.edf(COUNTS, digital=("9", "-9")), "which give no scale"),
        (files.edf(COUNTS, physical=("nan", "5")), "physical limit of .*but is 'nan'"),
        (
            files.edf(COUNTS, physical=("1_0", "50")),
            "physical limit of ECG I: must be a number, but is '1_0'",
        ),
        (files.edf(COUNTS, digital=("1.5", "50")), "which give no scale"),
        (
            files.edf(COUNTS, physical=("1,000.5", "5")),
            "must be a number, but is '1,000.5'",
        ),
        (
            SMALL.replace(b"100  ", b"-100 ", 1),
            "per data record: must be a whole number, but is '-100'",
        ),
        (SMALL.replace(b"100  ", b"1_00 ", 1), "must be a number, but is '1_00'"),
        (files.edf(COUNTS, physical=("1..", "50")), "must be a number, but is '1..'"),
        (files.edf(COUNTS, duration="0"), "data records of 0 s"),
        (files.edf(COUNTS, duration="-1"), "data records of -1 s"),
        (files.edf(COUNTS, duration="inf"), "must be a number, but is 'inf'"),
        (files.edf(COUNTS, header_bytes=512), "but the file says 512"),
        (files.edf(COUNTS, n_records=4), "says 4 data records of 600 bytes"),
        (files.edf(COUNTS, n_records=2), "says 2 data records of 600 bytes"),
        (files.edf(COUNTS, n_records="1.5"), "must be a whole number"),
        (files.edf(COUNTS, n_records=-2), "must be a whole number"),
        (SMALL[:1024], "says 3 data records of 600 bytes, but 0 bytes"),
        (SMALL[:700], "fewer than its header"),
        (files.edf(COUNTS, per_record=[100, 50, 100]), "one recording has one rate"),
        (files.edf(COUNTS, reserved="EDF+D"), "has no annotations"),
        (
            files.edf(
                COUNTS[:, :2], labels=("Resp", "I"), per_record=[100, 0], n_records=3
            ),
            "rates of 0 Hz",
        ),
        (_plus(["+0", "+x", "+1"]), "data record 2 of the interrupted"),
        (_plus(["+0", "+0.1", "+1"]), "data record 2 begins before"),
        (_plus(["+0", "-1", "+1"]), "data record 2 begins before"),
        (_plus(["+0", "+1", "+9e6"]), "far longer than what was recorded"),
        (_plus(["+0", "+1", "+1e300"]), "far longer than what was recorded"),
    ],
)
def test_errors_name_value_and_remedy(data, message):
    with pytest.raises(ECGFileError, match=message):
        _edf.read(data)


def test_a_file_cut_off_anywhere_is_an_error():
    for length in range(len(SMALL)):
        with pytest.raises(ECGFileError):
            _edf.read(SMALL[:length])


def test_changed_bytes_give_an_error_or_a_record_of_finite_samples():
    rng = np.random.default_rng(0)
    kinds = (
        (SMALL, 1024),
        (_plus(["+0", "+0.2", "+1"]), 1280),
        (files.edf(COUNTS, bdf=True), 1024),
    )
    for data, length in kinds:
        for _ in range(300):
            changed = bytearray(data)
            for at in rng.integers(0, length + 400, rng.integers(1, 4)):
                changed[at] = rng.choice([*b"0123456789-+. ,eE", rng.integers(256)])
            try:
                record = _edf.read(bytes(changed))
            except ECGFileError:
                continue
            assert record.signal.shape == (len(record.signal), len(record.leads))
            assert not np.isinf(record.signal).any()


def test_a_header_of_ten_thousand_channels_is_refused():
    data = files.edf(
        COUNTS, labels=[f"ECG {k}" for k in range(9999)], per_record=[100] * 9999
    )
    with pytest.raises(ECGFileError, match="a header of 9999 channels"):
        _edf.read(data)


@pytest.mark.parametrize(
    ("n_times", "n_leads", "fs"),
    [(5000, 12, 500), (4999, 3, 500), (1000, 12, 128), (96, 1, 256)],
)
def test_what_is_written_is_read_by_edfio_and_by_the_reader(n_times, n_leads, fs):
    names = [f"V{k}" for k in range(1, n_leads + 1)]
    signal = np.random.default_rng(1).normal(size=(n_times, n_leads)).round(3)
    data = _edf_encode.encode(signal, fs, names, sex=0)
    theirs = edfio.read_edf(BytesIO(data))
    rates = [one.sampling_frequency for one in theirs.signals]
    np.testing.assert_allclose(rates, fs, rtol=1e-12)
    expected = np.column_stack([one.data for one in theirs.signals]) / 1000
    np.testing.assert_allclose(expected, signal, atol=1e-9)
    if n_leads <= 9:
        record = _edf.read(data)
        np.testing.assert_allclose(record.signal, signal, atol=1e-9)
        assert (record.fs, list(record.leads), record.sex) == (fs, names, 0)


def test_edf_is_written_without_edfio(monkeypatch):
    signal = np.random.default_rng(1).normal(size=(1000, 2)).round(3)
    channels = [
        edfio.EdfSignal(
            values,
            500,
            label=label,
            physical_dimension="uV",
            physical_range=(-6553.4, 6553.4),
            digital_range=(-32767, 32767),
        )
        for label, values in zip(("ECG I", "ECG V1"), 1000 * signal.T, strict=True)
    ]
    theirs = edfio.Edf(
        channels, patient=edfio.Patient(sex="M"), data_record_duration=2
    ).to_bytes()
    monkeypatch.setitem(sys.modules, "edfio", None)
    assert _edf_encode.encode(signal, 500, ("I", "V1"), sex=0) == theirs


@pytest.mark.parametrize(
    ("signal", "leads", "fs", "message"),
    [
        (np.full((5, 1), np.nan), ("I",), 500, "without NaN"),
        (np.empty((0, 1)), ("I",), 500, "must have samples"),
        (np.zeros((5, 1)), ("a name of many letters",), 500, "at most 12 characters"),
        (np.zeros((5, 1)), ("I",), 333.3333, "fs=333.333 Hz gives no duration"),
        (np.full((5, 1), 6554.0), ("I",), 500, "holds 6553 mV at most"),
    ],
)
def test_what_edf_cannot_hold_is_refused(signal, leads, fs, message):
    with pytest.raises(ValueError, match=message):
        _edf_encode.encode(signal, fs, leads)


@pytest.mark.parametrize(
    ("name", "labels"),
    [("generator.bdf", "sine 5Hz, square 13Hz"), ("subsecond.edf", "Fp1")],
)
def test_real_files_without_an_ecg_are_refused_by_name(name, labels):
    path = SAMPLES / f"pyedflib_test_{name}"
    if not path.exists():
        pytest.skip("the sample files are not beside this checkout")
    with pytest.raises(ECGFileError, match=f"the labels are {labels}"):
        _edf.read(path.read_bytes())
