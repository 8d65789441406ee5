"""Beats are found from all leads together and those of one shape are averaged."""

from itertools import product

import numpy as np
import pytest

from skecg.datasets import make_lvh_ecg
from skecg.signal import classify_beats, detect_beats, median_beat
from skecg.signal._classes import _largest_family, classify_all
from skecg.signal._medians import comparisons, median_of_beats, medians_of_records

FS = 500.0
TIMES = np.arange(0, 10, 1 / FS)
R_TIMES = np.arange(0.5, 9.6, 0.8)


def bumps(times, width, height=1.0):
    """Sum of Gaussian waves (mV) at `times` (s)."""
    apart = (TIMES[:, None] - np.atleast_1d(times)) / width
    return height * np.exp(-0.5 * apart**2).sum(axis=1)


def missed_and_false(found, r_times, duration, tolerance=0.05):
    """Count beats not found and finds that are no beats, away from the ends."""
    found, r_times = np.asarray(found), np.asarray(r_times)
    inner = r_times[(r_times > 0.15) & (r_times < duration - 0.15)]
    missed = sum(np.abs(found - r).min(initial=9) > tolerance for r in inner)
    inside = found[(found > 0.15) & (found < duration - 0.15)]
    false = sum(np.abs(r_times - f).min(initial=9) > tolerance for f in inside)
    return missed, false, len(inner)


@pytest.mark.parametrize(
    ("fs", "noise"), [(500, 1.0), (500, 3.0), (250, 1.0), (100, 1)]
)
def test_detector_finds_998_of_1000_synthetic_beats_and_no_others(fs, noise):
    cohort = make_lvh_ecg(60, fs=fs, noise=noise, random_state=0)
    counts = [
        missed_and_false(detect_beats(record, fs) / fs, r_times, 10)
        for record, r_times in zip(cohort.data, cohort.r_times, strict=True)
    ]
    missed, false, total = np.sum(counts, axis=0)
    assert total > 600
    assert missed <= 0.002 * total
    assert false <= 0.002 * total


@pytest.mark.parametrize("sign", [1, -1])
def test_deep_s_waves_count_as_much_as_tall_r_waves(sign):
    record = sign * bumps(R_TIMES, 0.012)[:, None] * np.array([1.0, 0.3])
    np.testing.assert_allclose(detect_beats(record, FS) / FS, R_TIMES, atol=0.01)


def test_tall_t_waves_are_no_beats():
    record = bumps(R_TIMES, 0.012)[:, None] + bumps(R_TIMES + 0.3, 0.04, 0.8)[:, None]
    assert len(detect_beats(record, FS)) == len(R_TIMES)


def test_a_lead_of_noise_and_a_flat_lead_do_not_disturb():
    rng = np.random.default_rng(0)
    record = np.stack(
        [bumps(R_TIMES, 0.012), rng.normal(0, 1, len(TIMES)), np.ones(len(TIMES))],
        axis=1,
    )
    np.testing.assert_allclose(detect_beats(record, FS) / FS, R_TIMES, atol=0.03)


def test_offset_and_scale_do_not_change_the_beats():
    record = make_lvh_ecg(1, random_state=2).data[0].astype(np.float64)
    beats = detect_beats(record, FS)
    np.testing.assert_array_equal(detect_beats(record + 20, FS), beats)
    np.testing.assert_array_equal(detect_beats(record * 1000, FS), beats)


def test_a_weak_beat_in_a_long_gap_is_found():
    weak = R_TIMES[5]
    strong = np.delete(R_TIMES, 5)
    record = (bumps(strong, 0.012) + bumps(weak, 0.012, 0.35))[:, None]
    assert len(detect_beats(record, FS)) == len(R_TIMES)


@pytest.mark.parametrize("n_times", [1, 2, 10, 60, 149, 150, 200, 400])
def test_a_record_of_a_few_samples_has_a_beat_or_none(n_times):
    assert len(detect_beats(np.zeros((n_times, 1)), FS)) == 0
    beat = bumps(0.1, 0.012)[:n_times, None]
    assert len(detect_beats(beat, FS)) <= 1
    assert len(detect_beats(beat[:80], 80.0)) <= 1


@pytest.mark.parametrize("record", [np.zeros((5000, 3)), np.full((5000, 1), 2.0)])
def test_a_flat_record_has_no_beats(record):
    assert len(detect_beats(record, FS)) == 0


def test_detector_says_which_shape_it_needs():
    with pytest.raises(ValueError, match=r"shape \(n_times, n_leads\)"):
        detect_beats(np.zeros(5000), FS)


def test_detector_refuses_gaps_low_rates_and_nothing():
    with pytest.raises(ValueError, match="x has NaN or infinity; fill its gaps"):
        detect_beats(np.full((5000, 2), np.nan), FS)
    with pytest.raises(ValueError, match="fs must be at least 80 Hz .* got 50"):
        detect_beats(np.zeros((5000, 2)), 50.0)
    with pytest.raises(ValueError, match="x must have the shape"):
        detect_beats(np.zeros((0, 2)), FS)


def test_beats_are_aligned_to_a_sample():
    record = bumps(R_TIMES, 0.012)[:, None]
    rough = np.round(R_TIMES * FS).astype(int)
    moved = rough + np.resize([-8, 5, 0, 7], len(rough))
    aligned = classify_beats(record, FS, moved).beats
    assert np.ptp(aligned - rough) <= 1


def test_ectopic_premature_noisy_and_cut_beats_are_told_apart():
    regular = np.array([0.1, 1.0, 1.9, 2.8, 3.3, 4.6, 5.5, 7.3, 8.2, 9.1])
    record = np.stack([bumps(regular, 0.012), bumps(regular, 0.012, -0.6)], axis=1)
    record += bumps(6.4, 0.05, -1.2)[:, None]  # ventricular: wide and early
    burst = (TIMES > 7.15) & (TIMES < 7.45)
    noise = np.random.default_rng(0).normal(0, 0.25, (burst.sum(), 2))
    record[burst] += noise
    times = np.sort(np.append(regular, 6.4))
    classes = classify_beats(record, FS, np.round(times * FS).astype(int)).classes
    by_time = dict(zip(times.round(1).tolist(), classes.tolist(), strict=True))
    assert by_time[0.1] == 4
    assert by_time[3.3] == 1
    assert by_time[6.4] == 2
    assert by_time[7.3] in (2, 3)
    assert {by_time[t] for t in (1.0, 1.9, 2.8, 4.6, 5.5, 8.2, 9.1)} == {0}


def test_bigeminy_keeps_the_beats_in_time():
    sinus, ectopic = np.arange(0.5, 9.5, 1.6), np.arange(1.1, 9.5, 1.6)
    record = (bumps(sinus, 0.012) + bumps(ectopic, 0.04, -1.0))[:, None]
    times = np.sort(np.concatenate([sinus, ectopic]))
    classes = classify_beats(record, FS, np.round(times * FS).astype(int)).classes
    assert (classes[np.isin(times, ectopic)] > 1).all()
    assert (classes[np.isin(times, sinus)] == 0).all()


def test_beats_of_many_records_are_classified_as_those_of_one():
    X = make_lvh_ecg(20, fs=250, random_state=0).data
    X[::3, 1000:1020] += 2  # a beat of another shape
    beats = [detect_beats(x, 250.0)[k % 4 :] for k, x in enumerate(X)]
    beats[7], beats[8] = beats[7][:0], beats[8][:1]
    together = classify_all(X, 250.0, beats)
    for x, of_record, found in zip(X, beats, together, strict=True):
        alone = classify_beats(x, 250.0, of_record)
        np.testing.assert_array_equal(found.beats, alone.beats)
        np.testing.assert_array_equal(found.classes, alone.classes)


def test_median_beat_is_the_beat_and_not_its_outlier():
    record = bumps(R_TIMES, 0.012)[:, None]
    record[2500:2503] += 30  # a spike in one beat
    beats = np.round(R_TIMES * FS).astype(int)
    beat = median_beat(record, FS, beats)
    assert beat.shape == (525, 1)
    expected = np.exp(-0.5 * (np.arange(-200, 325) / FS / 0.012) ** 2)
    np.testing.assert_allclose(beat[:400, 0], expected[:400], atol=1e-6)


def test_median_beat_is_nan_where_few_beats_agree():
    classes = np.array([0, 2, 2, 2, 2])
    beat = median_beat(np.zeros((5000, 2)), FS, np.arange(500, 3000, 500), classes)
    assert np.isnan(beat).all()
    assert np.isnan(median_beat(np.zeros((5000, 2)), FS, np.array([], int))).all()


@pytest.mark.parametrize("n", range(1, 24))
def test_medians_of_large_beats_are_those_of_numpy(n):
    rng = np.random.default_rng(n)
    cut = rng.integers(0, 3, (n, 250, 12)).astype(np.float32)
    expected = np.median(cut, axis=0)
    np.testing.assert_array_equal(median_of_beats(cut.copy()), expected)
    cut[0, 0, 0] = np.nan  # is the largest, as in a sort
    if n > 2:
        one = np.median(np.nan_to_num(cut[:, 0, 0], nan=9.0))
        assert median_of_beats(cut)[0, 0] == one


@pytest.mark.parametrize("size", [3, 2100])  # sorted, and compared
def test_medians_of_records_are_over_their_own_beats(size):
    rng = np.random.default_rng(size)
    cut = rng.normal(size=(9, 6, size)).astype(np.float32)
    there = rng.random((9, 6)) < 0.6
    there[0] = True
    expected = np.nanmedian(np.where(there[:, :, None], cut, np.nan), axis=0)
    np.testing.assert_array_equal(medians_of_records(cut, there), expected)


def test_a_median_by_comparisons_is_right_for_every_order():
    # A network that sorts all zeros and ones sorts everything.
    for n in range(1, 11):
        values = np.array(list(product([0, 1], repeat=n))).T
        expected = np.sort(values, axis=0)
        for a, b in comparisons(n, (n - 1) // 2, n // 2):
            values[[a, b]] = np.minimum(*values[[a, b]]), np.maximum(*values[[a, b]])
        for k in {n // 2, (n - 1) // 2}:
            np.testing.assert_array_equal(values[k], expected[k])


def test_which_records_are_beside_does_not_choose_between_equal_families():
    # Degrees of a plane: beats 20 apart are alike, 40 apart are not. The first beat
    # and the last are in one of two families each, of the same score.
    angles = np.radians([-30, *[-10] * 6, *[10] * 6, 30])
    unit = np.column_stack([np.cos(angles), np.sin(angles)])[:, np.newaxis]
    rng = np.random.RandomState(0)
    for _ in range(100):
        intervals = rng.uniform(0.8, 1.2, (14, 1))
        intervals[-1] = intervals[0]
        alone = unit, intervals, np.ones((14, 1), bool)
        # As beside a record of 17 beats, which changes the order of additions.
        longer = [np.pad(a, [(0, 3), (0, 0), (0, 0)][: a.ndim]) for a in alone]
        np.testing.assert_array_equal(
            _largest_family(*longer)[:14], _largest_family(*alone)
        )
