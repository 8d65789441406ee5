"""The 12-lead sheet: a known signal is where a ruler would find it."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from skecg.serve import draw_sheet
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
