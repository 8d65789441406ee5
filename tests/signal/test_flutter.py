"""Fast regular waves and ectopic beats: told, and no P wave of flutter is measured."""

import numpy as np
import pytest

from skecg import ECGMeasurer, make_lvh_ecg
from skecg.datasets import load_ptbxl
from skecg.signal import FINDINGS, REASONS, assess_quality, measure_records
from skecg.signal._rhythm import share_early

FLUTTER = FINDINGS.index("fast regular waves")
LEFT_OUT = FINDINGS.index("beats left out")
EARLY = FINDINGS.index("early beats")
# How far waves along the feet reach into the twelve leads, by Einthoven's law.
TO_THE_FEET = np.array([0, 1, 1, -0.5, -0.5, 1, -0.5, 0, 0, 0, 0, 0])


@pytest.fixture(scope="module", name="sinus")
def cohort():
    """Synthetic records (20, 5000, 12) in sinus rhythm at 500 Hz, in mV."""
    return make_lvh_ecg(20, fs=500, random_state=0).data


def with_flutter(X, rate, fs=500):
    """Add sawtooth waves of 0.15 mV at a rate a minute."""
    phase = (np.arange(X.shape[1]) / fs * rate / 60) % 1
    return (X + 0.15 * (0.5 - phase)[:, None] * 2 * TO_THE_FEET).astype(X.dtype)


def with_ectopic_beats(X, where, fs=500):
    """Add wide, deep beats with an inverted T wave to one record (n_times, 12)."""
    t = np.arange(len(X)) / fs
    wide = np.zeros_like(t) + sum(
        np.exp(-0.5 * ((t - s) / 0.04) ** 2)
        - 0.4 * np.exp(-0.5 * ((t - s - 0.25) / 0.06) ** 2)
        for s in where
    )
    return (X - 2 * wide[:, None] * np.linspace(0.5, 1.5, 12)).astype(X.dtype)


def bigeminy():
    """Make a record (5000, 12) of narrow beats, each followed by a wide one."""
    t = np.arange(5000) / 500
    sizes = np.linspace(-1, 1.5, 12)
    narrow = np.exp(-0.5 * (((t - 0.5 + 0.8) % 1.6 - 0.8) / 0.02) ** 2)
    noise = np.random.default_rng(0).normal(0, 0.005, (5000, 12))
    record = narrow[:, None] * sizes + noise
    return with_ectopic_beats(record, np.arange(1.1, 9.5, 1.6)).astype(np.float32)


@pytest.mark.parametrize("fs", [100, 500])
@pytest.mark.parametrize("rate", [225, 300, 340])
def test_flutter_is_told_with_its_rate_and_its_waves_are_no_p(sinus, rate, fs):
    X = with_flutter(sinus, rate)[:, :: 500 // fs].copy()
    quality = assess_quality(X, fs)
    found = quality.found[:, 0, FLUTTER]
    assert found.mean() >= 0.9
    np.testing.assert_allclose(quality.flutter_rate[found], rate, atol=3)
    details = [row["detail"] for row in quality.rows() if "fast" in row["finding"]]
    assert details[0].endswith("/min, as in flutter")
    table = measure_records(X, fs)
    flutter = table["reason_P"] == REASONS.index(
        "fast regular waves, as in atrial flutter"
    )
    assert flutter.mean() >= 0.9
    for name in ("pr_interval", "qt_interval", "P_II", "p_terminal_force_V1"):
        assert np.isnan(table[name][flutter]).all()
    assert (table["reason"] == 0).all()
    assert np.isfinite(table["R_V5"]).all()


def test_sinus_rhythm_is_no_flutter_and_no_bigeminy(sinus):
    found = assess_quality(sinus, 500).found
    assert not found[..., [LEFT_OUT, EARLY, FLUTTER]].any()
    table = measure_records(sinus, 500)
    for name, interval in (("P", "pr"), ("QT", "qt")):
        unknown = np.isnan(table[f"{interval}_interval"])
        np.testing.assert_array_equal(table[f"reason_{name}"] > 0, unknown)
        assert unknown.mean() <= 0.1


def test_flutter_is_sought_in_the_leads_that_are_there(sinus):
    X = with_flutter(sinus[:5], 300)[:, :, [1, 10]]
    found = assess_quality(X, 500, ["II", "V5"]).found[:, 0, FLUTTER]
    assert found.all()
    unknown = assess_quality(X[..., 1:], 500, ["V5"])
    assert np.isnan(unknown.values[..., FLUTTER]).all()


def test_a_long_record_has_the_flutter_of_its_parts(sinus):
    X = with_flutter(np.tile(sinus[:2], (1, 6, 1)), 300)
    quality = assess_quality(np.append(X, np.tile(sinus[:2], (1, 6, 1)), axis=0), 500)
    assert quality.found[:, 0, FLUTTER].tolist() == [True, True, False, False]


@pytest.mark.filterwarnings("ignore:.*that contradict each other:UserWarning")
def test_beats_of_another_shape_are_counted_and_many_are_doubtful(sinus):
    X = np.stack([with_ectopic_beats(sinus[0], where) for where in ([], [2.3])])
    X = np.append(X, bigeminy()[None], axis=0)
    quality = assess_quality(X, 500)
    assert (quality.beats[:2, 1] > 0).tolist() == [False, True]
    assert quality.found[:, 0, LEFT_OUT].tolist() == [False, False, True]
    assert quality.found[:, 0, EARLY].tolist() == [False, False, True]
    used, left_out = quality.beats[2]
    rows = quality.rows()
    assert set(rows["detail"][rows["finding"] == "early beats"]) == {"as in bigeminy"}
    details = rows["detail"][rows["finding"] == "beats left out"].tolist()
    assert details == [f"{used} of {used + left_out} beats used"] * 12
    table = measure_records(X, 500)
    assert table["n_left_out"][0] == 0
    assert table["n_left_out"][1] >= 1
    with pytest.warns(UserWarning, match=r"1 of 3 records of X \(at 2\) are measured"):
        ECGMeasurer(500).fit(X).transform(X)


@pytest.mark.parametrize(
    ("intervals", "share"),
    [
        ([0.5, 1.1] * 5, 5 / 9),  # bigeminy
        ([0.8, 0.5, 1.1] * 4, 4 / 11),  # trigeminy
        ([0.8, 0.8, 0.5, 1.1, 0.8, 0.8, 0.8, 0.5, 1.1, 0.8], 0),  # two early beats
        ([0.4, 1.0, 0.55, 1.2, 0.7, 0.9, 0.45, 0.8, 0.6, 1.0], 0),  # fibrillation
        ([0.8] * 10, 0),
        ([0.5, 1.1, 0.5], np.nan),
    ],
)
def test_beats_that_come_early_at_one_interval_are_counted(intervals, share):
    beats = np.round(100 * np.cumsum([0.3, *intervals])).astype(int)
    assert share_early(beats) == pytest.approx(share, nan_ok=True)


def test_early_beats_that_are_dropped_as_t_waves_are_counted():
    t = np.arange(5000) / 500
    beats = np.array([0.5, 1.3, 2.1, 3.7, 4.5, 5.3, 6.9, 7.7, 8.5])
    early = np.array([2.45, 5.65])  # with a pause, and lower than the others
    narrow = np.exp(-0.5 * ((t[:, None] - beats) / 0.012) ** 2).sum(axis=1)
    low = 0.6 * np.exp(-0.5 * ((t[:, None] - early) / 0.02) ** 2).sum(axis=1)
    noise = np.random.default_rng(0).normal(0, 0.005, (2, 5000, 12))
    X = np.stack([narrow + low, narrow])[..., None] * np.linspace(0.3, 1.5, 12) + noise
    quality = assess_quality(X, 500, tuple("abcdefghijkl"))
    assert quality.beats.sum(axis=1).tolist() == [11, 9]


def test_two_beats_are_few(sinus):
    short = sinus[:3, 1000:2000]
    quality = assess_quality(short, 500)
    few = quality.beats[:, 0] < 3
    assert few.any()
    np.testing.assert_array_equal(quality.found[:, 0, LEFT_OUT], few)
    with pytest.warns(UserWarning, match="are measured on fewer than 3 beats"):
        ECGMeasurer(500).fit(short).transform(short)


@pytest.mark.ptbxl
def test_flutter_is_found_in_real_recordings_and_rarely_in_sinus_rhythm(ptbxl_path):
    bunch = load_ptbxl(ptbxl_path, fs=100)
    stated = bunch.metadata["scp_codes"].astype(str)
    flutter = stated.str.contains("AFLT").to_numpy()
    sinus = stated.str.contains("'SR'").to_numpy() & ~flutter
    found = assess_quality(bunch.data, 100).found[:, 0]
    assert found[flutter, FLUTTER].mean() > 0.6
    assert found[sinus, FLUTTER].mean() < 0.005
    assert found[sinus, LEFT_OUT].mean() < 0.02
    ectopic = stated.str.contains("PVC|BIGU|TRIGU|PAC").to_numpy()
    assert found[sinus & ~ectopic, EARLY].mean() < 0.005
