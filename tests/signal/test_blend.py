"""Beats laid on each other, and records between two others."""

import numpy as np
import pytest

from skecg import make_lvh_ecg
from skecg.signal import (
    LEAD_NAMES,
    align_beats,
    blend_beats,
    blend_records,
    find_record_beats,
    limb_leads,
    measure_records,
)
from skecg.signal._blend import _limb_projection

FS = 500.0
WHEN = np.arange(-0.4, 0.65, 1 / FS)


def _wave(at, height, width=0.012):
    return height * np.exp(-0.5 * ((WHEN - at) / width) ** 2)


def _beat(*waves):
    """Return one beat (1, n_times, n_leads) of a list of waves for each lead."""
    return np.stack([sum(_wave(*wave) for wave in lead) for lead in waves], axis=1)[
        None
    ]


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(30, fs=FS, prevalence=1.0, random_state=0)


@pytest.fixture(scope="module", name="X")
def records(cohort):
    return cohort.data


@pytest.fixture(scope="module")
def beats(X):
    return find_record_beats(X, FS)


@pytest.fixture(scope="module")
def pairs():
    """Base, other and share of new records; two hearts that have little in common."""
    rng = np.random.default_rng(0)
    base = np.arange(30)
    return base, (base + 11) % 30, rng.uniform(0.2, 0.8, 30)


@pytest.fixture(scope="module")
def blended(X, beats, pairs):
    return blend_records(X, FS, beats, *pairs)


def _column(table, wave):
    return np.stack([table[f"{wave}_{lead}"] for lead in LEAD_NAMES], axis=1)


def test_the_qrs_is_moved_as_a_whole_and_the_t_wave_by_itself():
    base = _beat([(0.0, 1.0), (0.28, 0.3, 0.04)], [(0.01, -0.8), (0.28, 0.2, 0.04)])
    other = _beat([(0.016, 1.6), (0.35, 0.4, 0.04)], [(0.026, -0.9), (0.35, 0.1, 0.04)])
    aligned = align_beats(base, other, FS)
    expected = _beat([(0.0, 1.6), (0.28, 0.4, 0.04)], [(0.01, -0.9), (0.28, 0.1, 0.04)])
    np.testing.assert_allclose(aligned, expected, atol=0.04)
    qrs = np.abs(WHEN) < 0.05
    np.testing.assert_allclose(aligned[:, qrs], expected[:, qrs], atol=1e-6)


def test_beats_that_lie_on_each_other_stay_where_they_are():
    beat = _beat([(-0.16, 0.1, 0.02), (0.0, 1.0), (0.28, 0.3, 0.04)])
    np.testing.assert_array_equal(align_beats(beat, beat, FS), beat)
    np.testing.assert_allclose(align_beats(beat, 2 * beat, FS), 2 * beat, atol=0.05)


def test_alignment_changes_no_amplitude_and_no_identity_among_leads(beats):
    aligned = align_beats(beats.mean, beats.mean[::-1], beats.fs)
    np.testing.assert_allclose(
        aligned[..., :6], limb_leads(aligned[..., 0], aligned[..., 1]), atol=1e-5
    )
    tallest = aligned.max(axis=1)
    # A P or T wave may be moved by less than it should, not a QRS.
    np.testing.assert_allclose(tallest, beats.mean[::-1].max(axis=1), atol=0.005)


def test_r_peaks_at_other_times_in_other_leads_keep_their_interpolated_height():
    # Lead 2 peaks 20 ms after lead 1 in one heart, at the same time in the other.
    base = _beat([(0.0, 1.0)], [(0.02, 1.2)])
    other = _beat([(0.0, 2.0)], [(0.0, 2.0)])
    halfway = blend_beats(base, other, np.array([0.5]), FS, None)
    np.testing.assert_allclose(halfway.max(axis=1), [[1.5, 1.6]], rtol=0.03)
    plain = 0.5 * (base + align_beats(base, other, FS))
    assert (plain.max(axis=1) / [[1.5, 1.6]]).min() < 0.93


def test_negative_deflections_are_interpolated_like_positive_ones():
    base = _beat([(-0.02, 0.3), (0.01, -1.0)])
    other = _beat([(-0.02, 0.4), (0.015, -2.0)])
    quarter = blend_beats(base, other, np.array([0.25]), FS, None)
    assert quarter.min() == pytest.approx(-1.25, rel=0.02)


def test_a_share_of_nothing_is_the_base_and_of_all_is_the_other(beats):
    base, other = beats.mean[:5], beats.mean[5:10]
    none, whole = np.zeros(5), np.ones(5)
    np.testing.assert_allclose(blend_beats(base, other, none, FS), base, atol=1e-6)
    aligned = align_beats(base, other, FS)
    np.testing.assert_allclose(blend_beats(base, other, whole, FS), aligned, atol=1e-6)


def test_changes_of_the_limb_leads_are_brought_to_what_the_laws_allow():
    changes = np.random.default_rng(0).normal(size=(50, 12))
    lawful = changes @ _limb_projection(LEAD_NAMES, 12)
    expected = limb_leads(lawful[:, 0], lawful[:, 1])
    np.testing.assert_allclose(lawful[:, :6], expected, atol=1e-12)
    np.testing.assert_array_equal(lawful[:, 6:], changes[:, 6:])
    again = lawful @ _limb_projection(LEAD_NAMES, 12)
    np.testing.assert_allclose(again, lawful)
    np.testing.assert_array_equal(_limb_projection(None, 3), np.eye(3))
    np.testing.assert_allclose(_limb_projection(["I", "V1", "II"], 3), np.eye(3))


def test_beats_are_found_where_they_are(cohort, beats):
    assert beats.found.all()
    for times, truth in zip(beats.times, cohort.r_times, strict=True):
        inside = truth[(truth > 0.3) & (truth < 9.7)]
        nearest = np.abs(times[:, None] - inside).min(axis=0)
        assert nearest.max() < 0.03


def test_the_mean_beat_has_the_true_amplitudes(cohort, beats):
    v5, v1 = LEAD_NAMES.index("V5"), LEAD_NAMES.index("V1")
    found = beats.mean[:, 150:260].max(axis=1)[:, v5]
    np.testing.assert_allclose(found, cohort.amplitudes["R"][:, v5], rtol=0.1)
    found = -beats.mean[:, 150:260].min(axis=1)[:, v1]
    np.testing.assert_allclose(found, cohort.amplitudes["S"][:, v1], rtol=0.1)


def test_records_of_noise_and_flat_ones_have_no_beats(X):
    flat = np.zeros_like(X[:1])
    short = X[:2, :400]
    assert not find_record_beats(flat, FS).found.any()
    assert not find_record_beats(short, FS).found.any()
    both = find_record_beats(np.concatenate([flat, X[:1]]), FS)
    assert both.found.tolist() == [False, True]
    assert not both.mean[0].any()


def test_beats_of_another_shape_are_left_as_they_are():
    t = np.arange(0, 10, 1 / FS)
    regular = [0.5, 1.3, 2.1, 2.9, 3.7, 5.3, 6.1, 6.9, 7.7, 8.5, 9.3]
    x = sum(np.exp(-0.5 * ((t - r) / 0.012) ** 2) for r in regular)
    x -= 1.5 * np.exp(-0.5 * ((t - 4.35) / 0.04) ** 2)  # a wide one of opposite sign
    X = np.stack([x, 2 * x])[:, :, None]
    beats = find_record_beats(X, FS)
    assert len(beats.times[0]) == len(regular)
    one = np.array([0]), np.array([1]), np.array([0.5])
    new = blend_records(X, FS, beats, *one, lead_names=None)[0, :, 0]
    ectopic = (t > 4.2) & (t < 4.5)
    np.testing.assert_allclose(new[ectopic], x[ectopic], atol=0.03)
    peaks = [new[np.abs(t - r) < 0.05].max() for r in regular]
    np.testing.assert_allclose(peaks, 1.5, rtol=0.03)


def test_amplitudes_lie_between_those_of_the_two(X, pairs, blended):
    before, after = measure_records(X, FS), measure_records(blended, FS)
    base, other, share = pairs
    for wave, least in (("R", 0.95), ("S", 0.93)):
        of_base, of_other = (_column(before, wave)[k] for k in (base, other))
        expected = (1 - share[:, None]) * of_base + share[:, None] * of_other
        clear = np.minimum(of_base, of_other) > 0.5
        ratio = _column(after, wave)[clear] / expected[clear]
        assert clear.sum() > 80
        assert np.median(ratio) == pytest.approx(1, abs=0.005)
        assert (np.abs(ratio - 1) < 0.05).mean() > least


def test_rhythm_and_noise_are_those_of_the_base(X, pairs, blended):
    before, after = measure_records(X, FS), measure_records(blended, FS)
    np.testing.assert_allclose(after["heart_rate"], before["heart_rate"], rtol=0.01)
    # A beat that an end of the record cuts through may be lost.
    assert np.abs(after["n_beats"] - before["n_beats"]).max() <= 1
    noise = [np.diff(records, n=3, axis=1).std(axis=1) for records in (X, blended)]
    assert np.median(noise[1] / noise[0]) == pytest.approx(1, abs=0.05)


def test_einthoven_and_goldberger_hold_as_they_did(X, blended):
    def violation(records):
        expected = limb_leads(records[..., 0], records[..., 1])
        return np.abs(records[..., :6] - expected).max()

    assert violation(blended) < violation(X) + 1e-5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_is_kept_and_the_records_are_left_alone(X, dtype):
    given = X[:3].astype(dtype)
    before = given.copy()
    beats = find_record_beats(given, FS)
    one = np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.3])
    assert blend_records(given, FS, beats, *one).dtype == dtype
    np.testing.assert_array_equal(given, before)


def test_records_at_100_hz_are_blended_like_those_at_500(X, pairs, blended):
    slow = X[:, 2::5].astype(float)
    slow = blend_records(slow, 100.0, find_record_beats(slow, 100.0), *pairs)
    assert slow.shape == (30, 1000, 12)
    apart = np.abs(slow - blended[:, 2::5])
    assert np.median(apart.max(axis=(1, 2))) < 0.25
    assert apart.mean() < 0.01
