"""Augmentation's pure functions: turned dipoles, shifts, wander, hum and noise."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from skecg.signal import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    baseline_wander,
    electrode_mixing,
    limb_leads,
    mains_hum,
    muscle_noise,
    rotate_dipole,
    shift_records,
)
from skecg.signal._augment import DOWER

FS = 500.0
INVERSE_DOWER = np.array(  # Edenbrandt and Pahlm 1988: V1 to V6, I, II
    [
        [-0.172, -0.074, 0.122, 0.231, 0.239, 0.194, 0.156, -0.010],
        [0.057, -0.019, -0.106, -0.022, 0.041, 0.048, -0.227, 0.887],
        [-0.229, -0.310, -0.246, -0.063, 0.055, 0.108, 0.022, 0.102],
    ]
)


def _twelve(independent):
    """Return all twelve leads from I, II, V1 to V6."""
    limb = limb_leads(independent[..., 0], independent[..., 1])
    return np.concatenate([limb, independent[..., 2:]], axis=-1)


def _records(n_records=5, n_times=200, seed=0):
    rng = np.random.default_rng(seed)
    return _twelve(rng.normal(size=(n_records, n_times, 8)))


def _vectors(n_records=5, seed=1):
    return np.random.default_rng(seed).normal(scale=0.3, size=(n_records, 3))


def assert_limb_leads_agree(X, atol=1e-12):
    """Einthoven's and Goldberger's laws."""
    expected = limb_leads(X[..., 0], X[..., 1])
    np.testing.assert_allclose(X[..., :6], expected, atol=atol)


def test_dower_s_matrix_is_inverted_by_the_published_inverse():
    published = INVERSE_DOWER[:, [6, 7, 0, 1, 2, 3, 4, 5]]
    np.testing.assert_allclose(np.linalg.pinv(DOWER), published, atol=6e-4)


def test_a_dipole_is_turned_about_its_axis():
    dipole = np.random.default_rng(0).normal(size=(1, 50, 3))
    vector = np.array([[0.2, -0.5, 0.3]])
    turned = dipole @ Rotation.from_rotvec(vector[0]).as_matrix().T
    X, expected = _twelve(dipole @ DOWER.T), _twelve(turned @ DOWER.T)
    np.testing.assert_allclose(rotate_dipole(X, vector), expected, atol=1e-12)


def test_a_quarter_turn_about_z_brings_left_to_the_feet():
    left, feet = _twelve(DOWER.T[:2, None])
    turned = rotate_dipole(left[None], np.array([[0, 0, np.pi / 2]]))
    np.testing.assert_allclose(turned[0], feet, atol=1e-12)


def test_each_record_is_turned_by_its_own_angle_and_none_by_zero():
    X, vectors = _records(), _vectors()
    vectors[2] = 0
    turned = rotate_dipole(X, vectors)
    np.testing.assert_allclose(turned[2], X[2], atol=1e-14)
    alone = rotate_dipole(X[3:4], vectors[3:4])
    np.testing.assert_allclose(turned[3], alone[0])
    assert np.abs(turned[3] - X[3]).max() > 0.1


def test_what_no_dipole_explains_stays_as_it_is():
    rest = _records()[..., [0, 1, 6, 7, 8, 9, 10, 11]]
    rest -= rest @ np.linalg.pinv(DOWER).T @ DOWER.T
    X = _twelve(rest)
    np.testing.assert_allclose(rotate_dipole(X, _vectors()), X, atol=1e-12)


def test_turning_keeps_the_laws_of_the_limb_leads():
    assert_limb_leads_agree(rotate_dipole(_records(), _vectors()))


@pytest.mark.parametrize(
    "leads",
    [
        LEAD_NAMES[::-1],
        INDEPENDENT_LEADS,
        ("avf", "V3", "III", "V1", "V2", "V6", "V5", "V4"),
    ],
)
def test_any_leads_that_tell_the_dipole_are_turned_alike(leads):
    X, vectors = _records(), _vectors()
    names = [name.upper() for name in LEAD_NAMES]
    index = [names.index(name.upper()) for name in leads]
    turned = rotate_dipole(X[..., index], vectors, leads)
    np.testing.assert_allclose(turned, rotate_dipole(X, vectors)[..., index])


def test_scaled_leads_are_turned_like_leads_in_millivolts():
    X, vectors = _records(), _vectors()
    scale = np.linspace(0.1, 0.4, 12)
    turned = rotate_dipole(X / scale, vectors, scale=scale) * scale
    np.testing.assert_allclose(turned, rotate_dipole(X, vectors), atol=1e-12)


@pytest.mark.parametrize("leads", [("I", "II", "V1"), (*INDEPENDENT_LEADS, "X")])
def test_leads_that_do_not_tell_the_dipole_are_an_error(leads):
    X = np.zeros((1, 5, len(leads)))
    with pytest.raises(ValueError, match=r"missing or not standard.*rotation=0"):
        rotate_dipole(X, np.zeros((1, 3)), leads)


def test_each_record_moves_by_its_own_number_of_samples():
    X = _records(3)
    moved = shift_records(X, np.array([2, 0, -7]))
    np.testing.assert_array_equal(moved[0], np.roll(X[0], 2, axis=0))
    np.testing.assert_array_equal(moved[1], X[1])
    np.testing.assert_array_equal(moved[2], np.roll(X[2], -7, axis=0))


def test_a_move_that_is_not_circular_repeats_the_end():
    X = _records(2)
    moved = shift_records(X, np.array([3, -3]), circular=False)
    np.testing.assert_array_equal(moved[0, 3:], X[0, :-3])
    np.testing.assert_array_equal(moved[0, :3], X[0, [0, 0, 0]])
    np.testing.assert_array_equal(moved[1, :-3], X[1, 3:])
    np.testing.assert_array_equal(moved[1, -3:], X[1, [-1, -1, -1]])


def test_sources_are_electrodes_against_wilson_s_terminal():
    mixing = electrode_mixing(LEAD_NAMES, 12)
    potential = np.random.default_rng(0).normal(size=9)  # RA, LA, LL, V1 to V6
    right, left, leg = potential[:3]
    leads = potential @ mixing
    assert_limb_leads_agree(leads)
    assert leads[0] == pytest.approx(left - right)
    assert leads[1] == pytest.approx(leg - right)
    np.testing.assert_allclose(leads[6:], potential[3:] - (right + left + leg) / 3)


def test_sources_follow_the_order_of_the_leads_and_unknown_leads_are_their_own():
    mixing = electrode_mixing(["v2", "AVF"], 2)
    np.testing.assert_array_equal(mixing, electrode_mixing(LEAD_NAMES, 12)[:, [7, 5]])
    np.testing.assert_array_equal(electrode_mixing(["I", "X"], 2), np.eye(2))


SIZES = np.array([0.0, 0.05, 0.3])
MIXING = electrode_mixing(LEAD_NAMES, 12)


def _draw(kind, n_times=5000, fs=FS, mixing=MIXING, seed=0):
    draw, options = {
        "wander": (baseline_wander, ()),
        "hum": (mains_hum, (50.0,)),
        "muscle": (muscle_noise, ()),
    }[kind]
    rng = np.random.default_rng(seed)
    return draw(SIZES, n_times, fs, *options, mixing, rng)


each_kind = pytest.mark.parametrize("kind", ["wander", "hum", "muscle"])


@each_kind
def test_disturbances_have_the_size_that_is_asked_for(kind):
    noise = _draw(kind).astype(float)
    size = {
        "wander": np.abs(noise).max(axis=(1, 2)),
        # A sine's amplitude is the square root of 2 times its root mean square.
        "hum": np.sqrt(2) * noise.std(axis=1).max(axis=1),
        "muscle": noise.std(axis=1).max(axis=1),
    }[kind]
    np.testing.assert_allclose(size, SIZES, rtol=1e-3)
    assert not noise[0].any()


@each_kind
def test_disturbances_keep_the_laws_of_the_limb_leads(kind):
    noise = _draw(kind)
    assert noise.dtype == np.float32
    assert_limb_leads_agree(noise, atol=1e-6)


@each_kind
def test_disturbances_stay_in_their_band(kind):
    low, high = {"wander": (0.05, 0.5), "hum": (50, 50), "muscle": (20, 150)}[kind]
    noise = _draw(kind, n_times=100_000, mixing=np.eye(1)).astype(float)[1:, :, 0]
    window = np.hanning(noise.shape[1])
    power = np.abs(np.fft.rfft(noise * window, axis=1)) ** 2
    freqs = np.fft.rfftfreq(noise.shape[1], 1 / FS)
    inside = (freqs >= low - 0.02) & (freqs <= high + 0.02)
    assert (power[:, inside].sum(axis=1) > 0.999 * power.sum(axis=1)).all()


def test_muscle_noise_fills_its_band_evenly():
    noise = _draw("muscle", n_times=100_000, mixing=np.eye(1))[2, :, 0]
    power = np.abs(np.fft.rfft(noise)) ** 2
    bands = np.arange(20, 160, 10) * (len(noise) / FS)
    density = [power[int(a) : int(b)].mean() for a, b in pairwise(bands)]
    np.testing.assert_allclose(density, np.mean(density), rtol=0.15)


def test_muscle_noise_is_gaussian_and_leads_have_noise_of_their_own():
    noise = _draw("muscle", n_times=50_000, mixing=np.eye(3))[2].astype(float)
    z = noise / noise.std(axis=0)
    assert np.mean(np.abs(z) < 1) == pytest.approx(0.683, abs=0.01)
    assert np.abs(np.corrcoef(z.T) - np.eye(3)).max() < 0.05


def test_what_a_sampling_rate_cannot_hold_is_not_there():
    assert not _draw("hum", fs=100.0).any()
    assert _draw("hum", fs=101.0).any()
    assert not _draw("muscle", fs=40.0).any()
    assert not _draw("muscle", n_times=2).any()
    at_100 = _draw("muscle", n_times=10_000, fs=100.0)
    assert at_100[1:].std(axis=1).max(axis=1) == pytest.approx(SIZES[1:], rel=1e-3)


@each_kind
def test_the_generator_alone_decides_what_is_drawn(kind):
    np.testing.assert_array_equal(_draw(kind), _draw(kind))
    assert (_draw(kind)[2] != _draw(kind, seed=1)[2]).any()
