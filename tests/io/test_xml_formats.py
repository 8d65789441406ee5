"""The XML formats: known samples come out as they went in, all else is an error."""

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from skecg.io import ECGFileError
from skecg.io._calibration import cut_calibration
from skecg.io._formats import FORMATS, formats_of, parse
from skecg.io._source import Source
from skecg.signal import LEAD_NAMES
from tests.io import xml_files as files

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
COUNTS = files.counts()
TWELVE = files.counts(n_leads=12)

# Format, file, leads, samples in mV, sex, age.
SMALL = {
    "aecg": (files.aecg(COUNTS), 1 + 0.0025 * COUNTS, 1, 49),
    "muse": (files.muse(COUNTS), 0.00488 * COUNTS, 1, 1.5),
    "cardiosoft": (
        files.cardiosoft(files.strip(COUNTS)),
        0.005 * COUNTS,
        0,
        59,
    ),
    "mortara": (files.mortara(COUNTS), COUNTS / 1000, 0, 61),
    "schiller": (files.schiller(COUNTS), 0.005 * COUNTS, 1, 59),
    "philips": (files.philips(COUNTS, files.LEADS), 0.005 * COUNTS, 1, 32),
    "philips in UTF-16": (
        files.philips(COUNTS, files.LEADS, encoding="utf-16"),
        0.005 * COUNTS,
        1,
        32,
    ),
    "philips XLI": (
        files.philips(COUNTS, files.LEADS, compression="XLI"),
        0.005 * COUNTS,
        1,
        32,
    ),
}
XML = [name for name, format in FORMATS.items() if format.root]


def read(name, data):
    """Read a file in a format."""
    return parse(Source(data, None, None), name)


each_small = pytest.mark.parametrize("kind", SMALL)


@each_small
def test_samples_sex_and_age_are_those_of_the_file(kind):
    data, expected, sex, age = SMALL[kind]
    name = kind.split()[0]
    record = read(name, data)
    np.testing.assert_allclose(record.signal, expected, rtol=0, atol=1e-12)
    assert record.signal.dtype == np.float64
    assert (record.leads, record.fs) == (files.LEADS, 500)
    assert (record.sex, record.age, record.format) == (sex, age, name)


@pytest.mark.parametrize("kind", ["aecg", "muse", "mortara"])
@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("GB2312", "gbk"),
        ("Shift_JIS", "cp932"),
        ("EUC-KR", "euc_kr"),
        ("Big5", "big5"),
        ("UTF-16LE", "utf-16-le"),
        ("UTF-32", "utf-32"),
        ("UTF-32BE", "utf-32-be"),
        ("windows-1252", "cp1252"),
    ],
)
def test_encodings_that_hospitals_use_are_read(kind, declared, encoding):
    data, signal, _, _ = SMALL[kind]
    body = re.sub(r"^\s*<\?xml.*?\?>\s*", "", data.decode())
    comment = "<!-- é -->" if encoding == "cp1252" else "<!-- 中 -->"
    if encoding == "euc_kr":
        comment = "<!-- 한 -->"
    text = f'<?xml version="1.0" encoding="{declared}"?>{comment}{body}'
    record = read(kind, text.encode(encoding))
    np.testing.assert_allclose(record.signal[:, :2], signal[:, :2], atol=1e-12)


def test_another_encoding_than_the_declared_one_is_an_error():
    text = files.muse(COUNTS).decode()
    body = re.sub(r"^\s*<\?xml.*?\?>\s*", "", text)
    for name in ("GB18030", "nonsense"):
        data = f'<?xml version="1.0" encoding="{name}"?>'.encode() + b"<!-- \xff -->"
        with pytest.raises(ECGFileError, match="encoding that it declares"):
            read("muse", data + body.encode())


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-32", "utf-32-le"])
def test_entities_are_refused_in_every_encoding(encoding):
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<!DOCTYPE RestingECG [<!ENTITY a "b">]><RestingECG/>'
    )
    with pytest.raises(ECGFileError, match="defines an XML entity"):
        read("muse", text.encode(encoding))


@each_small
def test_only_the_own_reader_recognizes_a_file(kind):
    name, data = kind.split()[0], SMALL[kind][0]
    assert list(formats_of(data[:2000])) == [name]
    for other in set(XML) - {name}:
        with pytest.raises(ECGFileError, match=FORMATS[other].root):
            read(other, data)


def test_a_lead_of_muse_has_its_own_gain():
    gains = ["4.88", "2.44", *["4.88"] * 6]
    record = read("muse", files.muse(COUNTS, gains=gains))
    np.testing.assert_allclose(record.signal[:, 1], 0.00244 * COUNTS[:, 1])


def test_filters_of_muse_are_in_hz():
    assert (
        read("muse", SMALL["muse"][0]).filters == "high-pass 0.05 Hz, low-pass 100 Hz"
    )


def test_the_rate_of_muse_has_an_exponent():
    assert read("muse", files.muse(COUNTS, base="25", exponent="1")).fs == 250


def test_a_crc_of_zero_is_not_checked_and_another_one_is():
    assert len(read("muse", files.muse(COUNTS, crc=False)).signal) == 40
    damaged = re.sub(rb"<LeadDataCRC32>\d", b"<LeadDataCRC32>7", files.muse(COUNTS))
    with pytest.raises(ECGFileError, match=r"CRC-32 \d+, but the file says 7"):
        read("muse", damaged)


@pytest.mark.parametrize(
    "increment", ['value="0.002" unit="s"', 'value="2000" unit="us"']
)
def test_the_interval_of_aecg_may_be_in_any_unit(increment):
    assert read("aecg", files.aecg(COUNTS, increment=increment)).fs == 500


def test_sex_and_age_of_aecg_may_be_absent():
    data = re.sub(
        rb"<subjectDemographicPerson>.*</subjectDemographicPerson>",
        b"",
        SMALL["aecg"][0],
    )
    record = read("aecg", data)
    assert np.isnan([record.sex, record.age]).all()


@pytest.mark.parametrize("by_second", [True, False])
def test_full_disclosure_is_read_in_the_order_that_is_smooth(by_second):
    t = np.arange(200) / 50
    signal = np.column_stack([1000 * np.sin(t), 900 * np.cos(t)]).astype(int)
    ordered = (
        signal.reshape(4, 50, 2).transpose(0, 2, 1) if by_second else signal
    ).ravel()
    body = files.full_disclosure(ordered, ["I", "V5"], 50)
    record = read("cardiosoft", files.cardiosoft(body))
    np.testing.assert_allclose(record.signal, 0.005 * signal)


def test_xli_stores_four_limb_leads_as_what_they_lack():
    stored = TWELVE.copy()
    i, ii, iii, avr, avl, avf = TWELVE[:, :6].T
    stored[:, 2] = ii - i - iii
    stored[:, 3] = -avr - (i + ii) // 2
    stored[:, 4] = (i - iii) // 2 - avl
    stored[:, 5] = (ii + iii) // 2 - avf
    data = files.philips(stored, LEAD_NAMES, compression="XLI")
    np.testing.assert_allclose(read("philips", data).signal, 0.005 * TWELVE)


def _with_pulse(n_seconds=11, fs=100):
    rng = np.random.default_rng(0)
    signal = rng.normal(0, 0.2, (n_seconds * fs, 12)).round(3)
    signal[-60:] = 0
    signal[-50:-30] = 1
    return signal


def test_a_calibration_pulse_at_the_end_is_cut_off():
    kept, note = cut_calibration(_with_pulse(), 100)
    assert kept.shape == (1000, 12)
    assert note == "cut 1 s with a calibration pulse off the end"


@pytest.mark.parametrize("change", ["no pulse", "one lead", "leads differ", "2 mV"])
def test_what_is_no_calibration_pulse_stays(change):
    signal = _with_pulse()
    if change == "no pulse":
        signal[-60:] = 0
    elif change == "one lead":
        signal = signal[:, :1]
    elif change == "leads differ":
        signal[-60:, 3] = 0
    else:
        signal[-50:-30] = 2
    kept, note = cut_calibration(signal, 100)
    assert kept is signal
    assert note is None


BOMB = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
COPIED = b'<!DOCTYPE a [<!ATTLIST Lead x CDATA "%s">]>' % (b"x" * 8000)


@each_small
@pytest.mark.parametrize("definition", [BOMB, OUTSIDE, COPIED])
def test_definitions_are_refused(kind, definition):
    name, data = kind.split()[0], SMALL[kind][0]
    if kind == "philips in UTF-16":
        data = data.decode("utf-16").replace("utf-16", "utf-8").encode()
    data = re.sub(rb"<!DOCTYPE.*?>\s*", b"", data)
    with pytest.raises(ECGFileError, match="the file defines an XML entity"):
        read(name, re.sub(rb"(<\?xml.*?\?>)?", rb"\1" + definition, data, count=1))


@each_small
def test_a_file_cut_off_anywhere_is_an_error(kind):
    name, data = kind.split()[0], SMALL[kind][0]
    for length in range(0, len(data) - 3, 211):
        with pytest.raises(ECGFileError):
            read(name, data[:length])


@each_small
def test_changed_bytes_give_an_error_or_a_record_of_finite_samples(kind):
    name, data = kind.split()[0], SMALL[kind][0]
    rng = np.random.default_rng(0)
    for _ in range(60):
        changed = bytearray(data)
        for at in rng.integers(0, len(data), rng.integers(1, 4)):
            changed[at] = rng.integers(256)
        try:
            record = read(name, bytes(changed))
        except ECGFileError:
            continue
        assert np.isfinite(record.signal).all()
        assert record.signal.shape[1] == len(record.leads)


def test_an_xml_of_many_elements_takes_bounded_memory():
    data = b"<RestingECG>" + b"<a/>" * 1_000_000 + b"</RestingECG>"
    tracemalloc.start()
    with pytest.raises(ECGFileError, match="more than 200000 XML elements"):
        read("muse", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data) + 50e6
    with pytest.raises(ECGFileError, match="not well-formed"):
        read("muse", b"<a>" * 100_000)
    with pytest.raises(ECGFileError, match="the root is <a>"):
        read("muse", b"<a>" * 100_000 + b"</a>" * 100_000)


def _swap(old, new):
    return lambda data: data.replace(old, new)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("schiller", _swap(b"ECG_RHYTHMS", b"ECG_AVERAGES"), "must have ECG_RHYTHMS"),
        ("schiller", _swap(b">uV<", b">bpm<"), "must be a unit such as uV"),
        ("schiller", _swap(b"<exponent>1", b"<exponent>2"), "only 1 can be read"),
        ("schiller", _swap(b"COMMASEPARATE", b"BASE64"), "only COMMASEPARATE can"),
        ("schiller", _swap(b"<unitperbit>5", b"<unitperbit>0"), "greater than 0"),
        ("aecg", _swap(b'"RHYTHM"', b'"MEDIAN"'), "no series of the code RHYTHM"),
        ("aecg", _swap(b'value="2.5"', b'value="0"'), "greater than 0, but is '0'"),
        ("aecg", _swap(b'value="2.5"', b'value="nan"'), "but is 'nan'"),
        ("aecg", _swap(b'"uV"', b'"mmHg"'), "has the unit 'mmHg'"),
        ("aecg", _swap(b"<digits> ", b"<digits> 1_0 "), "holds '_0"),
        ("aecg", _swap(b"<digits> ", b"<digits> 1e999 "), "too large"),
        ("aecg", _swap(b'unit="ms"', b'unit="s"'), "interval of 2 s"),
        ("aecg", _swap(b"LEAD_II", b"LEAD_I"), "the lead I appears twice"),
        ("muse", _swap(b">Rhythm<", b">Other<"), "and no Rhythm"),
        ("muse", _swap(b">40<", b">41<"), "says 41 samples"),
        ("muse", _swap(b">4.88<", b">0<"), "greater than 0"),
        ("muse", _swap(b">2</LeadSampleSize", b">4</LeadSampleSize"), "only 2 can"),
        ("muse", _swap(b"MICROVOLTS", b"ADU"), "must be a unit such as"),
        ("muse", _swap(b">500<", b">-500<"), "greater than 0"),
        ("cardiosoft", _swap(b"StripData", b"Other"), "neither StripData nor"),
        ("cardiosoft", _swap(b"uVperLsb", b"perLsb"), "as uVperLsb, but is 'perLsb'"),
        ("philips", _swap(b">1.04<", b">2.0<"), "version '2.0'"),
        ("philips", _swap(b"Uncompressed", b"ZIP"), "compression 'ZIP'"),
        (
            "philips",
            _swap(b'durationperchannel="80"', b'durationperchannel="82"'),
            "need 656",
        ),
        ("philips", _swap(b'numberofleads="8"', b'numberofleads="9"'), "9 leads with"),
        (
            "philips XLI",
            _swap(b'durationperchannel="80"', b'durationperchannel="82"'),
            "does not unpack",
        ),
        ("mortara", _swap(b'BITS="16" U', b'BITS="12" U'), "only 16 can be read"),
        ("mortara", _swap(b'SAMPLE_FREQ="500"', b'SAMPLE_FREQ="0"'), "greater than 0"),
    ],
)
def test_errors_name_format_field_and_remedy(kind, change, message):
    name, data = kind.split()[0], SMALL[kind][0]
    assert change(data) != data
    with pytest.raises(ECGFileError, match=re.escape(message)) as caught:
        read(name, change(data))
    assert caught.value.field or "neither" in message


def _sample(name):
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the sample files are not beside this checkout")
    return path.read_bytes()


def test_a_real_aecg_has_its_known_range():
    record = read("aecg", _sample("aecg/Example.xml"))
    i, ii = (record.signal[:, record.leads.index(lead)] for lead in ("I", "II"))
    np.testing.assert_allclose([i.min(), i.max()], [-0.305, 0.415])
    np.testing.assert_allclose([ii.min(), ii.max()], [-0.6675, 0.335])
    assert (record.signal.shape, record.sex) == ((5000, 12), 0)
    # It states 46 years, but was born 49 years before, as its DICOM and SCP-ECG say.
    assert np.isnan(record.age)
    assert "stated age of 46 years contradicts the dates" in record.notes[-1]


def test_a_real_aecg_of_one_lead_is_read():
    record = read("aecg", _sample("aecg/fda_minimum_aecg.xml"))
    assert record.leads == ("II",)
    assert record.signal[:3, 0].tolist() == [-0.005, -0.005, -0.005]


def test_a_real_recording_is_the_same_in_philips_and_aecg():
    name = "philips/ad4d3d80-d165_1-04"
    one = read("philips", _sample(f"{name}_orig.xml"))
    other = read("aecg", _sample(f"{name}_converted.xml"))
    assert one.leads == other.leads
    assert one.signal.shape == other.signal.shape == (5000, 12)
    assert np.abs(one.signal - other.signal).max() <= 0.0200001


def test_a_real_philips_file_of_version_1_03_is_read():
    record = read("philips", _sample("philips/129DYPRG.XML"))
    assert (record.signal.shape, record.sex, record.age) == ((5000, 12), 0, 50)
    i, ii, iii = record.signal[:, :3].T
    assert np.abs(iii - (ii - i)).max() < 0.0101  # two counts


def test_a_real_muse_file_is_read():
    record = read("muse", _sample("muse/ecg2dcm_synthetic_muse.xml"))
    assert (record.signal.shape, record.fs) == ((5000, 8), 500)
    assert (record.sex, record.age, record.leads) == (0, 45, files.LEADS)


@pytest.mark.parametrize("digit", [b"1", b"2"])
def test_a_recorder_s_digit_is_no_sex(digit):
    data = SMALL["muse"][0]
    changed = data.replace(b"<Gender>FEMALE<", b"<Gender>" + digit + b"<")
    assert changed != data
    parsed = read("muse", changed)
    assert np.isnan(parsed.sex)
    assert f"the sex '{digit.decode()}' can't be read" in "; ".join(parsed.notes)
