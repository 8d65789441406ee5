"""The 12-lead sheet: a known signal is where a ruler would find it."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from skecg import ECGMeasurer, make_lvh_ecg
from skecg.criteria import INDEX_UNITS, voltage_indices
from skecg.serve import draw_beats, draw_sheet
from skecg.serve._beats import WAVES_OF
from skecg.serve._report import name_probability
from skecg.signal import LEAD_NAMES
from skecg.utils import label_records


def _record(signal, fs=500.0, leads=LEAD_NAMES):
    return label_records(
        signal[None].astype(float), fs=fs, lead_names=leads, purpose="a test"
    )


def _traces(sheet):
    """Return x and y in mm of each trace."""
    found = []
    for path in ElementTree.fromstring(sheet).findall(".//*[@class='trace']"):
        steps = re.findall(r"[Ml](-?[\d.]+) (-?[\d.]+)", path.get("d"))
        found.append(np.cumsum(np.array(steps, dtype=float), axis=0))
    return found


@pytest.mark.parametrize(("speed", "gain"), [(25.0, 10.0), (50.0, 5.0), (25.0, 20.0)])
def test_a_step_of_one_millivolt_is_where_a_ruler_finds_it(speed, gain):
    signal = np.zeros((5000, 12))
    signal[500:1000] = 1.0  # from 1 s to 2 s
    x, y = _traces(draw_sheet(_record(signal), speed=speed, gain=gain))[0].T
    assert y[0] - y.min() == pytest.approx(gain, abs=0.02)
    raised = x[y < y[0] - gain / 2]
    assert raised[-1] - raised[0] == pytest.approx(speed, abs=0.3)
    assert raised[0] - x[0] == pytest.approx(speed, abs=0.3)


def test_high_voltages_stay_on_the_sheet():
    signal = np.zeros((5000, 12))
    signal[100::500] = 6.0
    signal[200::500] = -6.0
    sheet = draw_sheet(_record(signal), gain=20)
    height = float(ElementTree.fromstring(sheet).get("viewBox").split()[3])
    for trace in _traces(sheet):
        assert trace[:, 1].min() >= 0
        assert trace[:, 1].max() <= height


def test_extremes_survive_where_samples_are_closer_than_can_be_seen():
    signal = np.zeros((40_000, 12))
    signal[1234] = 2.0  # one sample of 0.25 ms
    y = _traces(draw_sheet(_record(signal, fs=4000.0)))[0][:, 1]
    assert y[0] - y.min() == pytest.approx(20, abs=0.02)
    assert len(y) < 10_000


def test_absent_leads_and_gaps_are_left_out():
    signal = np.zeros((5000, 2))
    signal[300:400, 0] = np.nan
    sheet = draw_sheet(_record(signal, leads=("I", "V6")))
    paths = ElementTree.fromstring(sheet).findall(".//*[@class='trace']")
    assert len(paths) == 2
    assert paths[0].get("d").count("M") == 2
    assert "nan" not in sheet


def test_other_leads_cannot_be_drawn():
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_sheet(_record(np.zeros((5000, 1)), leads=("vx",)))


def test_bands_are_behind_the_samples_that_they_are_of():
    signal = np.zeros((5000, 12))
    shares = np.zeros((5000, 12))
    shares[500:1000, 0] = 1.0  # lead I, 1 s to 2 s
    shares[2000:2500, 4] = -0.5  # aVL, 4 s to 5 s
    shares[:, 11] = 0.01  # too little to be seen
    sheet = draw_sheet(_record(signal), bands=shares)
    found = ElementTree.fromstring(sheet).findall(".//*[@class='band']")
    assert [b.get("stroke-opacity") for b in found] == ["1.00", "0.50"]
    assert found[0].get("stroke") != found[1].get("stroke")
    trace = _traces(sheet)[0]
    start = float(re.match(r"M([\d.]+)", found[0].get("d"))[1])
    assert start - trace[0, 0] == pytest.approx(25, abs=0.02)


@pytest.fixture(scope="module")
def measured():
    """A record with its measurements."""
    record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    return record, ECGMeasurer().fit(record).measure(record)[0]


def test_the_median_beats_have_the_measured_voltages_on_their_peaks(measured):
    record, table = measured
    drawing = ElementTree.fromstring(draw_beats(record))
    space = "{http://www.w3.org/2000/svg}"
    beats = drawing.findall(".//*[@class='beat']")
    assert len(beats) == 12
    order = [LEAD_NAMES[3 * column + row] for row in range(3) for column in range(4)]
    n_values = 0
    for group in drawing.findall(".//*[@data-wave]"):
        wave, lead = group.get("data-wave").split()
        value = table[f"{wave[0]}_{lead}" if wave != "R'" else f"R2_{lead}"][0]
        assert group.find(f"{space}text").text == f"{wave} {value:.2f}"
        steps = re.findall(
            r"[Ml](-?[\d.]+) (-?[\d.]+)", beats[order.index(lead)].get("d")
        )
        y = np.cumsum(np.array(steps, dtype=float), axis=0)[:, 1]
        level = float(group.find(f"{space}circle").get("cy")) + 10 * value * (
            1 if wave.startswith("R") else -1
        )
        # The level before the QRS complex, from which the voltage counts.
        assert np.abs(y - level).min() < 0.05
        n_values += 1
    assert n_values > 12


def test_the_waves_that_a_criterion_marks_are_those_that_its_index_needs(measured):
    table = measured[1]
    columns = {
        name: [1.0 + 0.001 * k]
        for k, name in enumerate(table.dtype.names)
        if name[:2] in ("Q_", "R_", "S_")
    }
    columns["qrs_duration"] = [100.0]
    assert set(WAVES_OF) == set(INDEX_UNITS)
    for index, waves in WAVES_OF.items():
        value = voltage_indices(columns, [0])[index][0]
        for wave in "QRS":
            for lead in LEAD_NAMES:
                # Large, or without, so that the larger of two waves is told too.
                found = {
                    voltage_indices(columns | {f"{wave}_{lead}": [x]}, [0])[index][0]
                    for x in (9.0, 0.0)
                }
                assert (found != {value}) == (f"{wave} {lead}" in waves.split("|"))


def test_a_record_without_beats_has_no_median_beats():
    assert draw_beats(_record(np.zeros((5000, 12)))) == ""


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "below 0.1 %"),
        (0.0009, "below 0.1 %"),
        (0.001, "0.1 %"),
        (0.5, "50.0 %"),
        (0.9995, "above 99.9 %"),
        (1.0, "above 99.9 %"),
    ],
)
def test_no_probability_is_zero_or_one(probability, words):
    assert name_probability(probability) == words
