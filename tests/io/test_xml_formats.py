"""The XML formats: known samples come out as they went in, all else is an error."""

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from skecg.io import (
    ECGFileError,
    _aecg,
    _cardiosoft,
    _mortara,
    _muse,
    _philips,
    _schiller,
)
from skecg.io._calibration import cut_calibration
from skecg.signal import LEAD_NAMES
from tests.io import xml_files as files

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
COUNTS = files.counts()
TWELVE = files.counts(n_leads=12)

# Format, module, file, leads, samples in mV, sex, age.
SMALL = {
    "aecg": (_aecg, files.aecg(COUNTS), 1 + 0.0025 * COUNTS, 1, 49),
    "muse": (_muse, files.muse(COUNTS), 0.00488 * COUNTS, 1, 1.5),
    "cardiosoft": (
        _cardiosoft,
        files.cardiosoft(files.strip(COUNTS)),
        0.005 * COUNTS,
        0,
        59,
    ),
    "mortara": (_mortara, files.mortara(COUNTS), COUNTS / 1000, 0, 61),
    "schiller": (_schiller, files.schiller(COUNTS), 0.005 * COUNTS, 1, 59),
    "philips": (_philips, files.philips(COUNTS, files.LEADS), 0.005 * COUNTS, 1, 32),
    "philips in UTF-16": (
        _philips,
        files.philips(COUNTS, files.LEADS, encoding="utf-16"),
        0.005 * COUNTS,
        1,
        32,
    ),
    "philips XLI": (
        _philips,
        files.philips(COUNTS, files.LEADS, compression="XLI"),
        0.005 * COUNTS,
        1,
        32,
    ),
}
MODULES = (_aecg, _muse, _cardiosoft, _mortara, _philips, _schiller)
each_small = pytest.mark.parametrize("kind", SMALL)


@each_small
def test_samples_sex_and_age_are_those_of_the_file(kind):
    module, data, expected, sex, age = SMALL[kind]
    record = module.read(data)
    np.testing.assert_allclose(record.signal, expected, rtol=0, atol=1e-12)
    assert record.signal.dtype == np.float64
    assert (record.leads, record.fs) == (files.LEADS, 500)
    assert (record.sex, record.age, record.format) == (sex, age, module.FORMAT)


@pytest.mark.parametrize("kind", ["aecg", "muse", "mortara"])
@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("GB2312", "gbk"),
        ("Shift_JIS", "cp932"),
        ("EUC-KR", "euc_kr"),
        ("Big5", "big5"),
        ("UTF-16LE", "utf-16-le"),
        ("windows-1252", "cp1252"),
    ],
)
def test_encodings_that_hospitals_use_are_read(kind, declared, encoding):
    module, data, signal, _, _ = SMALL[kind]
    body = re.sub(r"^\s*<\?xml.*?\?>\s*", "", data.decode())
    comment = "<!-- é -->" if encoding == "cp1252" else "<!-- 中 -->"
    if encoding == "euc_kr":
        comment = "<!-- 한 -->"
    text = f'<?xml version="1.0" encoding="{declared}"?>{comment}{body}'
    record = module.read(text.encode(encoding))
    np.testing.assert_allclose(record.signal[:, :2], signal[:, :2], atol=1e-12)


def test_another_encoding_than_the_declared_one_is_an_error():
    text = files.muse(COUNTS).decode()
    body = re.sub(r"^\s*<\?xml.*?\?>\s*", "", text)
    for name in ("GB18030", "nonsense"):
        data = f'<?xml version="1.0" encoding="{name}"?>'.encode() + b"<!-- \xff -->"
        with pytest.raises(ECGFileError, match="encoding that it declares"):
            _muse.read(data + body.encode())


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
def test_entities_are_refused_in_every_encoding(encoding):
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<!DOCTYPE RestingECG [<!ENTITY a "b">]><RestingECG/>'
    )
    with pytest.raises(ECGFileError, match="defines an XML entity"):
        _muse.read(text.encode(encoding))


@each_small
def test_only_the_own_reader_recognizes_a_file(kind):
    module, data, *_ = SMALL[kind]
    assert [m for m in MODULES if m.sniff(data[:2000])] == [module]
    others = [m for m in MODULES if m is not module]
    for other in others:
        with pytest.raises(ECGFileError, match=other.FORMAT):
            other.read(data)


def test_a_lead_of_muse_has_its_own_gain():
    gains = ["4.88", "2.44", *["4.88"] * 6]
    record = _muse.read(files.muse(COUNTS, gains=gains))
    np.testing.assert_allclose(record.signal[:, 1], 0.00244 * COUNTS[:, 1])


def test_filters_of_muse_are_in_hz():
    assert _muse.read(SMALL["muse"][1]).filters == "high-pass 0.05 Hz, low-pass 100 Hz"


def test_the_rate_of_muse_has_an_exponent():
    assert _muse.read(files.muse(COUNTS, base="25", exponent="1")).fs == 250


def test_a_crc_of_zero_is_not_checked_and_another_one_is():
    assert len(_muse.read(files.muse(COUNTS, crc=False)).signal) == 40
    damaged = re.sub(rb"<LeadDataCRC32>\d", b"<LeadDataCRC32>7", files.muse(COUNTS))
    with pytest.raises(ECGFileError, match=r"CRC-32 \d+, but the file says 7"):
        _muse.read(damaged)


@pytest.mark.parametrize(
    "increment", ['value="0.002" unit="s"', 'value="2000" unit="us"']
)
def test_the_interval_of_aecg_may_be_in_any_unit(increment):
    assert _aecg.read(files.aecg(COUNTS, increment=increment)).fs == 500


def test_sex_and_age_of_aecg_may_be_absent():
    data = re.sub(
        rb"<subjectDemographicPerson>.*</subjectDemographicPerson>",
        b"",
        SMALL["aecg"][1],
    )
    record = _aecg.read(data)
    assert np.isnan([record.sex, record.age]).all()


@pytest.mark.parametrize("by_second", [True, False])
def test_full_disclosure_is_read_in_the_order_that_is_smooth(by_second):
    t = np.arange(200) / 50
    signal = np.column_stack([1000 * np.sin(t), 900 * np.cos(t)]).astype(int)
    ordered = (
        signal.reshape(4, 50, 2).transpose(0, 2, 1) if by_second else signal
    ).ravel()
    body = files.full_disclosure(ordered, ["I", "V5"], 50)
    record = _cardiosoft.read(files.cardiosoft(body))
    np.testing.assert_allclose(record.signal, 0.005 * signal)


def test_xli_stores_four_limb_leads_as_what_they_lack():
    stored = TWELVE.copy()
    i, ii, iii, avr, avl, avf = TWELVE[:, :6].T
    stored[:, 2] = ii - i - iii
    stored[:, 3] = -avr - (i + ii) // 2
    stored[:, 4] = (i - iii) // 2 - avl
    stored[:, 5] = (ii + iii) // 2 - avf
    data = files.philips(stored, LEAD_NAMES, compression="XLI")
    np.testing.assert_allclose(_philips.read(data).signal, 0.005 * TWELVE)


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
    module, data, *_ = SMALL[kind]
    if kind == "philips in UTF-16":
        data = data.decode("utf-16").replace("utf-16", "utf-8").encode()
    data = re.sub(rb"<!DOCTYPE.*?>\s*", b"", data)
    with pytest.raises(ECGFileError, match="the file defines an XML entity"):
        module.read(re.sub(rb"(<\?xml.*?\?>)?", rb"\1" + definition, data, count=1))


@each_small
def test_a_file_cut_off_anywhere_is_an_error(kind):
    module, data, *_ = SMALL[kind]
    for length in range(0, len(data) - 3, 211):
        with pytest.raises(ECGFileError):
            module.read(data[:length])


@each_small
def test_changed_bytes_give_an_error_or_a_record_of_finite_samples(kind):
    module, data, *_ = SMALL[kind]
    rng = np.random.default_rng(0)
    for _ in range(60):
        changed = bytearray(data)
        for at in rng.integers(0, len(data), rng.integers(1, 4)):
            changed[at] = rng.integers(256)
        try:
            record = module.read(bytes(changed))
        except ECGFileError:
            continue
        assert np.isfinite(record.signal).all()
        assert record.signal.shape[1] == len(record.leads)


def test_an_xml_of_many_elements_takes_bounded_memory():
    data = b"<RestingECG>" + b"<a/>" * 1_000_000 + b"</RestingECG>"
    tracemalloc.start()
    with pytest.raises(ECGFileError, match="more than 200000 XML elements"):
        _muse.read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data) + 50e6
    with pytest.raises(ECGFileError, match="not well-formed"):
        _muse.read(b"<a>" * 100_000)
    with pytest.raises(ECGFileError, match="the root is <a>"):
        _muse.read(b"<a>" * 100_000 + b"</a>" * 100_000)


def _swap(old, new):
    return lambda data: data.replace(old, new)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("schiller", _swap(b"ECG_RHYTHMS", b"ECG_AVERAGES"), "must have ECG_RHYTHMS"),
        ("schiller", _swap(b">uV<", b">bpm<"), "must be a unit such as uV"),
        ("schiller", _swap(b"<exponent>1", b"<exponent>2"), "must be 1, but is '2'"),
        ("schiller", _swap(b"COMMASEPARATE", b"BASE64"), "only COMMASEPARATE can"),
        ("schiller", _swap(b"<unitperbit>5", b"<unitperbit>0"), "greater than 0"),
        ("aecg", _swap(b'"RHYTHM"', b'"MEDIAN"'), "no series of the code RHYTHM"),
        ("aecg", _swap(b'value="2.5"', b'value="0"'), "greater than 0, but is '0'"),
        ("aecg", _swap(b'value="2.5"', b'value="nan"'), "but is 'nan'"),
        ("aecg", _swap(b'"uV"', b'"mmHg"'), "has the unit 'mmHg'"),
        ("aecg", _swap(b"<digits> ", b"<digits> 1_0 "), "holds '_0"),
        ("aecg", _swap(b"<digits> ", b"<digits> 1e999 "), "too large"),
        ("aecg", _swap(b'unit="ms"', b'unit="s"'), "interval of 2 s"),
        ("aecg", _swap(b"LEAD_II", b"LEAD_I"), "the lead I stands twice"),
        ("muse", _swap(b">Rhythm<", b">Other<"), "and no Rhythm"),
        ("muse", _swap(b">40<", b">41<"), "says 41 samples"),
        ("muse", _swap(b">4.88<", b">0<"), "greater than 0"),
        ("muse", _swap(b">2</LeadSampleSize", b">4</LeadSampleSize"), "bytes can't"),
        ("muse", _swap(b"MICROVOLTS", b"ADU"), "must be a unit such as"),
        ("muse", _swap(b">500<", b">-500<"), "greater than 0"),
        ("cardiosoft", _swap(b"StripData", b"Other"), "neither StripData nor"),
        ("cardiosoft", _swap(b"uVperLsb", b"perLsb"), "has the unit 'perLsb'"),
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
    module, data, *_ = SMALL[kind]
    assert change(data) != data
    with pytest.raises(ECGFileError, match=re.escape(message)) as caught:
        module.read(change(data))
    assert str(caught.value).startswith(module.FORMAT)


def _sample(name):
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the sample files are not beside this checkout")
    return path.read_bytes()


def test_a_real_aecg_has_its_known_range():
    record = _aecg.read(_sample("aecg/Example.xml"))
    i, ii = (record.signal[:, record.leads.index(lead)] for lead in ("I", "II"))
    np.testing.assert_allclose([i.min(), i.max()], [-0.305, 0.415])
    np.testing.assert_allclose([ii.min(), ii.max()], [-0.6675, 0.335])
    assert (record.signal.shape, record.sex, record.age) == ((5000, 12), 0, 46)


def test_a_real_aecg_of_one_lead_is_read():
    record = _aecg.read(_sample("aecg/fda_minimum_aecg.xml"))
    assert record.leads == ("II",)
    assert record.signal[:3, 0].tolist() == [-0.005, -0.005, -0.005]


def test_a_real_recording_is_the_same_in_philips_and_aecg():
    name = "philips/ad4d3d80-d165_1-04"
    one = _philips.read(_sample(f"{name}_orig.xml"))
    other = _aecg.read(_sample(f"{name}_converted.xml"))
    assert one.leads == other.leads
    assert one.signal.shape == other.signal.shape == (5000, 12)
    assert np.abs(one.signal - other.signal).max() <= 0.0200001


def test_a_real_philips_file_of_version_1_03_is_read():
    record = _philips.read(_sample("philips/129DYPRG.XML"))
    assert (record.signal.shape, record.sex, record.age) == ((5000, 12), 0, 50)
    i, ii, iii = record.signal[:, :3].T
    assert np.abs(iii - (ii - i)).max() < 0.0101  # two counts


def test_a_real_muse_file_is_read():
    record = _muse.read(_sample("muse/ecg2dcm_synthetic_muse.xml"))
    assert (record.signal.shape, record.fs) == ((5000, 8), 500)
    assert (record.sex, record.age, record.leads) == (0, 45, files.LEADS)


@pytest.mark.parametrize("digit", [b"1", b"2"])
def test_a_recorder_s_digit_is_no_sex(digit):
    data = SMALL["muse"][1]
    changed = data.replace(b"<Gender>FEMALE<", b"<Gender>" + digit + b"<")
    assert changed != data
    parsed = _muse.read(changed)
    assert np.isnan(parsed.sex)
    assert f"the sex '{digit.decode()}' can't be read" in "; ".join(parsed.notes)
