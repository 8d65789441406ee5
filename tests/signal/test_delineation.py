"""Global limits of the waves on beats of unusual shape, whose limits are known.

IEC 60601-2-51 allows global measurements a mean difference and a standard deviation of
10 and 15 ms for P, 10 and 10 for PQ and QRS, 25 and 30 for QT.
"""

import numpy as np
import pytest

from benchmarks.shaped_beats import SHAPES, make_shaped_beats
from skecg.signal import measure_records, segment_waves

FS = 500.0
ALLOWED = {
    "qrs_duration": (10, 12),
    "pr_interval": (10, 10),
    "qt_interval": (12, 20),
}


@pytest.fixture(scope="module", params=SHAPES)
def shaped(request):
    beats = make_shaped_beats(request.param, 24, random_state=5)
    return request.param, measure_records(beats.data, FS), beats.truth


def test_intervals_are_within_the_standards_limits(shaped):
    shape, table, truth = shaped
    for name, (mean, spread) in ALLOWED.items():
        error = table[name] - truth[name]
        assert np.isfinite(error).mean() > 0.8, name
        assert abs(np.nanmean(error)) < mean, (shape, name)
        assert np.nanstd(error) < spread, (shape, name)


def test_marks_are_where_the_waves_are():
    beats = make_shaped_beats("usual", 12, noise=0.3, random_state=5)
    table, _, fs, marks = measure_records(beats.data, FS, return_beats=True)
    assert (table["reason"] == 0).all()
    middle = 0.4 * fs
    for mark in ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_end"):
        apart = (getattr(marks, mark) - middle) * 1000 / fs - beats.truth[mark]
        assert abs(apart.mean()) < 15, mark


@pytest.mark.parametrize("fs", [100.0, 250.0])
@pytest.mark.parametrize("shape", ["long PR", "late end in some leads"])
def test_intervals_at_lower_rates_are_those_at_500_hz(shape, fs):
    fine, coarse = (
        measure_records(make_shaped_beats(shape, 6, fs=rate, noise=0).data, rate)
        for rate in (500.0, fs)
    )
    for name, (mean, _) in ALLOWED.items():
        assert abs(np.nanmean(coarse[name] - fine[name])) < mean / 2, name


def test_a_p_onset_before_the_returned_beat_has_an_interval_and_no_mark():
    times = np.arange(0, 10, 1 / FS)
    phase = (times % 1.25) - 0.8
    waves = ((-0.42, 0.02, 0.15), (0, 0.01, 1.2), (0.25, 0.04, 0.35))
    lead = sum(h * np.exp(-0.5 * ((phase - at) / w) ** 2) for at, w, h in waves)
    X = np.stack([lead, 0.8 * lead], axis=1)[None]
    table, _, _, marks = measure_records(X, FS, ["II", "V5"], return_beats=True)
    assert table["pr_interval"][0] == pytest.approx(436, abs=12)
    assert marks.p_onset[0] == -1
    assert segment_waves(X, FS, ["II", "V5"])[0, round(5.4 * 500) - 5] == 1
