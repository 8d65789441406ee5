"""Tables of one recording: a row a sample, a column a lead."""

import numpy as np
import pytest

from skecg import ECGFileError, read_ecg, sniff_format
from skecg.signal import LEAD_NAMES

TRUE = np.array([[0.1, 0.3], [0.12, 0.34], [-0.11, 0.32], [0.0, 1e-3]])
# The same record in every way that is read.
TABLES = {
    "commas": "time (s),I (mV),II (mV)\n0,.1,0.3\n0.002,0.12,.34\n0.004,-0.11,0.32\n"
    "0.006,0,1e-3\n",
    "semicolons and microvolts": "t [ms];I [uV];II [\xb5V]\n0;100;300\n2;120;340\n"
    "4;-110;320\n6;0;1\n",
    "tabs": "time_ms\tI_uV\tII_uV\n0\t100\t300\n2\t120\t340\n4\t-110\t320\n6\t0\t1\n",
    "spaces": "# fs: 500\n# units: mV\nI II\n0.1 0.3\n"
    " 0.12  0.34\n-0.11 0.32\n0 0.001\n",
    "a row of units": "'Elapsed time','I','II'\n'seconds','mV','mV'\n0.000,0.1,0.3\n"
    "0.002,0.12,0.34\n0.004,-0.11,0.32\n0.006,0,0.001\n",
    "clock times": "'Elapsed time','I','II'\n'hh:mm:ss.mmm','mV','mV'\n"
    "'0:00.000',0.1,0.3\n'0:00.002',0.12,0.34\n'0:00.004',-0.11,0.32\n"
    "'0:00.006',0,0.001\n",
    "times of day": "time;I (mV);II (mV)\n2024-05-01T23:59:58.000;0.1;0.3\n"
    "2024-05-01T23:59:58.002;0.12;0.34\n2024-05-01T23:59:58.004;-0.11;0.32\n"
    "2024-05-01T23:59:58.006;0;0.001\n",
    "pandas": ",I,II\n0,0.1,0.3\n1,0.12,0.34\n2,-0.11,0.32\n3,0.0,0.001\n",
    "quotes": '"I","II"\n"0.1","0.3"\n"0.12","0.34"\n"-0.11","0.32"\n"0","0.001"\n',
    "a separator at the end": "I,II,\n0.1,0.3,\n0.12,0.34,\n-0.11,0.32,\n0,0.001,\n",
    "no header": "0.1,0.3\n0.12,0.34\n-0.11,0.32\n0,0.001\n",
    "volts": "I (V),II (V)\n1e-4,3e-4\n1.2e-4,3.4e-4\n-1.1e-4,3.2e-4\n0,1e-6\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_one_record_in_every_table(kind, encoding, end):
    data = TABLES[kind].replace("\n", end).encode(encoding)
    assert sniff_format(data) == "csv"
    said = {"fs": 500} if "time" not in TABLES[kind][:15] else {}
    said |= {} if "V" in TABLES[kind] else {"units": "mV"}
    leads = ["I", "II"]
    record = read_ecg(data, leads=leads, **said)
    np.testing.assert_allclose(record[0], TRUE, rtol=1e-15)
    np.testing.assert_allclose(record.time, [0, 0.002, 0.004, 0.006], atol=1e-15)


def test_rounded_times_give_the_whole_rate():
    for fs in (360, 1000, 257, 128):
        times = np.round(np.arange(2000) / fs, 3)
        rows = [f"{t:.3f},{k % 7}" for k, t in enumerate(times)]
        record = read_ecg(("time (s),II (uV)\n" + "\n".join(rows)).encode())
        np.testing.assert_array_equal(record.time, np.arange(2000) / fs)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("23:59:59.998", "00:00:00.000", "do not rise from the first"),
        ("0:00.000", "noon", "line 3, cell 1 holds 'noon'"),
        ("0:00.000", "0:00.002 h", "line 3, cell 1 holds"),
    ],
)
def test_clock_times_that_are_no_seconds_are_refused(first, second, message):
    with pytest.raises(ECGFileError, match=message):
        read_ecg(f"time,I (mV)\n{first},0.1\n{second},0.3\n".encode(), format="csv")


def test_comments_state_sex_and_age():
    record = read_ecg(b"# sex: female\n# age: 57\n# fs: 250 Hz\nII (mV)\n1\n2\n")
    assert (record.sex.item(), record.age.item()) == (1, 57)
    assert record.time.values.tolist() == [0, 0.004]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("I;II\n0,1;0.2\n", r"line 2, cell 1 holds '0,1'; write a decimal point"),
        ("I\tII\n0.1\t1,234.5\n", r"cell 2 holds '1,234.5'; write a decimal point"),
        ('I,II\n"1,234",5\n', r"cell 1 holds '1,234'"),
        ("I II\n0,12 0,34\n", r"line 2, cell 1 holds '0,12'"),
        ("I,II\n0,1,0,2\n", r"header has 2 cells, but the rows have 4"),
        ("I,II\n0.1,0.2\n0.1\n", r"line 3 has 1 cells, but the first row .* has 2"),
        ("I,II\n0.1,0.2\n0.1,\n", r"line 3, cell 2 holds ''; write a number, or NaN"),
        ("I,II\n0.1,0.2\n0.1,0.2 mV\n", r"line 3, cell 2 holds '0.2 mV'"),
        ("I,II\n0.1,0.2\n0.1,1_000\n", r"cell 2 holds '1_000'"),
        ("I,II\n0.1,0.2\n0.1,\u0665\n", r"cell 2 holds '\u0665'"),
        ("I,II\n0.1,0.2\n0.1,1e999\n", "infinite samples"),
        ("0.1,0.2\n0.3,0.4\n", r"leads= with the names of its 2 columns"),
        ("I,I\n1,2\n", "the lead I appears twice"),
        ("1.000;2.000\n3.111;222\n", "'1.000' may mean 1000"),
        ("I II\n-1.000 2.500\n", "'-1.000' may mean -1000"),
        ("time,I\n0,1\n2,1\n4,1\n", "rise by 2 without a unit"),
        ("time (s),I\n0,1\n0.1,1\n0.5,1\n0.51,1\n", "do not rise in equal steps"),
        ("time (s),I\n0,1\n0,1\n", "do not rise from the first"),
        ("time (s)\n0\n0.01\n", "no column of a lead"),
        ("I,II\n", "none of the formats"),
        ("a,b\nc,d\ne,f\n1,2\n", "no numbers under its headings"),
        (",".join(["1"] * 300) + "\n", "300 columns, but a recording has 1 to 256"),
        ("a,b\nc,d\n1,2\n", "the second row must have numbers, or a unit"),
    ],
)
def test_cells_that_are_no_numbers_are_named(table, message):
    with pytest.raises(ECGFileError, match=message):
        read_ecg(table.encode(), fs=None if "time" in table else 500, units="mV")


def test_three_decimals_are_no_thousands_where_a_number_shows_it():
    table = b"I;II\n1.000;2.000\n0.250;-1.125\n"
    record = read_ecg(table, fs=500, units="mV", leads=["I", "II"])
    assert record.values.tolist() == [[[1, 2], [0.25, -1.125]]]
    assert (
        read_ecg(b"I,II\n1.000,2.000\n", fs=500, units="mV").sel(lead="I").item() == 1
    )


def test_rate_and_unit_are_said_or_given():
    table = b"I,II\n0.1,0.2\n0.3,0.4\n"
    with pytest.raises(
        ECGFileError, match=r"sampling rate: the file does not state it; give fs= in Hz"
    ):
        read_ecg(table, units="mV")
    said = "sampling rate, units, leads: .* fs= in Hz and units='mV' .* and leads="
    with pytest.raises(ECGFileError, match=said):
        read_ecg(b"0.1,0.2\n0.3,0.4\n")
    with pytest.raises(ECGFileError, match=r"give units='mV' or units='uV'"):
        read_ecg(table, fs=500)
    with pytest.raises(ECGFileError, match=r"fs=250 contradicts the file"):
        read_ecg(b"# fs: 500\n" + table, fs=250, units="mV")
    with pytest.raises(ECGFileError, match=r"units='mV' contradicts the file"):
        read_ecg(b"# units: uV\n" + table, fs=250, units="mV")
    with pytest.raises(ECGFileError, match=r"states several units"):
        read_ecg(b"I (uV),II\n1,2\n", fs=250, units="mV")
    with pytest.raises(ECGFileError, match=r"states the unit 'adu', which is no known"):
        read_ecg(b"# units: adu\n" + table, fs=250, units="mV")
    with pytest.raises(ECGFileError, match=r"the lead II has the unit 'mmHg'"):
        read_ecg(b"I,II [mmHg]\n1,2\n", fs=250, units="mV")


def test_a_column_in_another_unit_than_volts_is_left_out():
    record = read_ecg(b"ABP [mmHg],II (lead II),V1 (mV)\n80,1,2\n", fs=250, units="mV")
    assert record.lead.values.tolist() == ["V1", "II (lead II)"]
    assert record.attrs["notes"] == (
        "left out the column 'ABP', whose unit is no voltage"
    )


@pytest.mark.parametrize(
    ("heading", "step"), [("time (min)", 1 / 60), ("t [h]", 1 / 3600)]
)
def test_times_may_be_in_minutes_or_hours(heading, step):
    rows = [f"{k / 500 * step!r},{k % 7}\n" for k in range(50)]
    record = read_ecg(f"{heading},II (uV)\n{''.join(rows)}".encode())
    assert record.time[1].item() == pytest.approx(0.002)


@pytest.mark.parametrize(
    ("heading", "message"),
    [
        ("time", "in seconds they give 30000 Hz; write the unit"),
        ("elapsed time", "in seconds they give 30000 Hz"),
        ("time (ticks)", "the times have the unit 'ticks', which is unknown"),
        ("time stamp", "in seconds they give 30000 Hz"),
    ],
)
def test_times_of_unknown_units_are_refused_or_replaced_by_fs(heading, message):
    rows = "".join(f"{k / 30000!r},{k % 7}\n" for k in range(50))
    table = f"{heading},II (uV)\n{rows}".encode()
    with pytest.raises(ECGFileError, match=message):
        read_ecg(table)
    record = read_ecg(table, fs=500)
    assert record.lead.values.tolist() == ["II"]
    assert record.time[1].item() == 0.002


def test_words_are_no_table():
    for text in (b"This ZIP file contains 3 files\n", b"name,age\nA,x\nB,y\n", b"{}\n"):
        with pytest.raises(ECGFileError, match="none of the formats"):
            read_ecg(text)


@pytest.mark.parametrize("cell", ["1 mV", "0x10"])
def test_a_cell_of_the_first_row_is_named_where_the_header_has_leads(cell):
    with pytest.raises(ECGFileError, match=f"line 2, cell 1 holds '{cell}'"):
        read_ecg(f"I,II\n{cell},{cell}\n{cell},{cell}\n".encode(), fs=500, units="mV")


@pytest.mark.parametrize("step", [1, 0.002])
def test_a_column_that_counts_samples_or_times_is_no_lead(step):
    rows = [f"{k * step:.3f},{0.1 * (k % 7):.1f},0.2" for k in range(50)]
    table = "\n".join(rows).encode()
    with pytest.raises(ECGFileError, match="column 1 rises in equal steps of"):
        read_ecg(table, fs=500, units="mV", leads=["I", "II", "V1"])


@pytest.mark.parametrize("first", [0, 1])
def test_a_header_that_counts_the_columns_is_no_sample(first):
    header = ",".join(str(first + k) for k in range(12))
    rows = "\n".join(",".join(["0.1"] * 12) for _ in range(5))
    with pytest.raises(ECGFileError, match=f"counts the columns from {first}"):
        read_ecg(f"{header}\n{rows}\n".encode(), fs=500, units="mV", leads=LEAD_NAMES)
    record = read_ecg(f"{rows}\n".encode(), fs=500, units="mV", leads=LEAD_NAMES)
    assert record.shape == (1, 5, 12)


@pytest.mark.parametrize("scale", [1, 1000, 500])  # times in s, ms and samples
def test_a_rate_that_is_given_must_fit_times_of_unknown_unit(scale):
    rows = [f"{k / 500 * scale:g},0.1,{k % 7}" for k in range(60)]
    table = "\n".join(["time,I (mV),II (mV)", *rows]).encode()
    assert read_ecg(table, fs=500).sizes["time"] == 60
    if scale != 500:
        with pytest.raises(ECGFileError, match="fs=250 contradicts the times"):
            read_ecg(table, fs=250)


@pytest.mark.parametrize("units", ["mV", "V"])
def test_counts_in_the_place_of_millivolts_are_refused(units):
    heart = np.sin(np.arange(600) / 9)[:, None] * [1000, 1500, 700]
    rows = [",".join(map("{:.4f}".format, row)) for row in heart]
    table = "\n".join(["I,II,V1", *rows]).encode()
    with pytest.raises(ECGFileError, match="the leads span .* more than any heart"):
        read_ecg(table, fs=100, units=units)
    spike = heart / 1000
    spike[7] = 1e4  # a single one is no unit
    rows = [",".join(map("{:.4f}".format, row)) for row in spike]
    table = "\n".join(["I,II,V1", *rows]).encode()
    assert read_ecg(table, fs=100, units="mV").max() == 1e4
