"""One record without its first axis is told from records of twelve samples."""

import numpy as np
import pytest

from skecg import signal
from skecg.signal import LEAD_NAMES

RECORD = np.cumsum(np.random.default_rng(0).normal(size=(5000, 12)), axis=0) / 50
FUNCTIONS = {
    "amplitude_statistics": lambda X: signal.amplitude_statistics(X, "lead"),
    "arrange_leads": lambda X: signal.arrange_leads(X, LEAD_NAMES, ["V1"]),
    "breaks_einthoven": lambda X: signal.breaks_einthoven(X, LEAD_NAMES),
    "filter_signal": lambda X: signal.filter_signal(X, 500, lowcut=0.5),
    "find_exchanges": lambda X: signal.find_exchanges(X, 500, LEAD_NAMES),
    "find_record_beats": lambda X: signal.find_record_beats(X, 500),
    "flat_leads": signal.flat_leads,
    "measure_records": lambda X: signal.measure_records(X, 500),
    "resample_signal": lambda X: signal.resample_signal(X, 500, 100),
    "rotate_dipole": lambda X: signal.rotate_dipole(X, np.zeros((1, 3)), LEAD_NAMES, 1),
    "segment_waves": lambda X: signal.segment_waves(X, 500),
    "shift_records": lambda X: signal.shift_records(X, np.zeros(len(X), int)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_one_record_says_how_to_add_its_axis(name):
    function = FUNCTIONS[name]
    with pytest.raises(
        ValueError, match=r"one record alone; give it as X\[np\.newaxis"
    ):
        function(RECORD)
    function(RECORD[np.newaxis])


def test_masked_samples_are_gaps():
    X = np.stack([RECORD, RECORD])
    X[0, 100:200, 3] = 1000.0
    masked = np.ma.masked_array(X, mask=X == 1000.0)
    gap = np.where(X == 1000.0, np.nan, X)
    measured, expected = (signal.assess_quality(given, 500) for given in (masked, gap))
    np.testing.assert_array_equal(measured.values, expected.values)
    assert measured.counts()["gap"] == 1
