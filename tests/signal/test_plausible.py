"""Flat leads, and limb leads that contradict each other."""

from itertools import combinations

import numpy as np
import pytest

from skecg import make_lvh_ecg
from skecg.signal import (
    LEAD_NAMES,
    breaks_einthoven,
    exchanged_limb_leads,
    flat_leads,
    silent_leads,
)

ORDERS = {
    "Cabrera": ["aVL", "I", "-aVR", "II", "aVF", "III", *LEAD_NAMES[6:]],
    "chest leads first": [*LEAD_NAMES[6:], *LEAD_NAMES[:6]],
    "chest leads after II": ["I", "II", *LEAD_NAMES[6:], *LEAD_NAMES[2:6]],
    "I and II exchanged": ["II", "I", *LEAD_NAMES[2:]],
    "I and III exchanged": ["III", "II", "I", *LEAD_NAMES[3:]],
    "alphabetical": sorted(LEAD_NAMES),
}


@pytest.fixture(scope="module")
def synthetic():
    """Noisy synthetic records (70, 1000, 12) in mV; more than a block."""
    return make_lvh_ecg(70, fs=100, random_state=0, return_X_y=True)[0]


def reordered(X, order):
    """Put the twelve leads into an order in which "-" turns a lead round."""
    columns = [X[:, :, LEAD_NAMES.index(name.removeprefix("-"))] for name in order]
    signs = [-1 if name.startswith("-") else 1 for name in order]
    return np.stack(columns, axis=-1) * np.array(signs, X.dtype)


def _limb(rest=0.0, *, of):
    """I, II, III and aVR in mV; II varies most, and `of` by `rest` of it too much."""
    phase = 2 * np.pi * np.arange(200) / 100
    one, disturbance = np.sin(phase), 2 * rest * np.sin(3 * phase)
    leads = {"I": one, "II": 2 * one, "III": one, "aVR": -1.5 * one}
    leads[of] = leads[of] + disturbance
    return np.stack(list(leads.values()), axis=-1)[np.newaxis], list(leads)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("of", ["III", "aVR"])
@pytest.mark.parametrize(("rest", "broken"), [(0, False), (0.09, False), (0.11, True)])
def test_a_tenth_of_the_largest_lead_may_remain(rest, broken, of, dtype):
    X, names = _limb(rest, of=of)
    assert breaks_einthoven(X.astype(dtype), names).tolist() == [broken]
    order = [3, 1, 0, 2]
    shuffled = [names[k].lower() for k in order]
    assert breaks_einthoven(X[:, :, order].astype(dtype), shuffled).item() == broken


def test_offsets_of_leads_do_not_count():
    X, names = _limb(of="III")
    assert not breaks_einthoven(X + [5.0, -3.0, 0.0, 100.0], names).any()


@pytest.mark.parametrize(("step", "broken"), [(0.03, False), (0.2, True)])
def test_what_coarse_rounding_leaves_is_no_sign(step, broken):
    X, names = _limb(of="III")
    rng = np.random.default_rng(0)
    X = 0.05 * X + 0.1 * rng.normal(size=(1, 200, 1)) * [1, 2, 1, -1.5]
    rounded = step * np.round(X / step)
    assert np.abs(rounded[..., 0] + rounded[..., 2] - rounded[..., 1]).max() >= step
    assert breaks_einthoven(rounded, names).tolist() == [broken]


def test_records_in_the_usual_order_are_not_suspected(synthetic):
    assert not breaks_einthoven(synthetic, LEAD_NAMES).any()


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_nearly_all_records_in_another_order_are_found(synthetic, order):
    assert breaks_einthoven(reordered(synthetic, order), LEAD_NAMES).mean() > 0.95


def test_each_of_many_records_is_judged_by_itself(synthetic):
    X = synthetic.copy()
    X[[0, 63, 64, 69], :, 2] *= -1
    assert np.flatnonzero(breaks_einthoven(X, LEAD_NAMES)).tolist() == [0, 63, 64, 69]


def test_what_has_no_voltage_contradicts_nothing():
    assert breaks_einthoven(np.zeros((2, 50, 12)), LEAD_NAMES).tolist() == [False] * 2
    assert breaks_einthoven(np.zeros((0, 50, 12)), LEAD_NAMES).shape == (0,)


@pytest.mark.parametrize(
    "names",
    [
        ["I", "II", "III", "aVF"],
        ["I", "II", "III"],
        ["I", "II", "III", "aVR", "V1"],
        ["I", "II", "III", "III"],
    ],
)
def test_the_four_leads_must_be_named(names):
    with pytest.raises(ValueError, match="I, II, III, aVR must be there once"):
        breaks_einthoven(np.zeros((1, 50, 4)), names)


@pytest.mark.parametrize("value", [0.0, -7.3])
@pytest.mark.parametrize("n_times", [2, 13, 500])
def test_a_lead_is_flat_if_it_has_one_value_only(value, n_times):
    X = np.random.default_rng(0).normal(size=(3, n_times, 4))
    X[0, :, 2] = X[2, :, :] = value
    assert np.argwhere(flat_leads(X)).tolist() == [[0, 2], *([2, k] for k in range(4))]
    X[0, -1, 2] += 1e-3  # one sample
    assert not flat_leads(X)[0].any()


def test_one_lead_of_two_dimensions_can_be_flat_and_one_sample_can_not():
    assert flat_leads(np.zeros((2, 10))).tolist() == [[True], [True]]
    assert flat_leads(np.zeros((2, 1, 3))).tolist() == [[False] * 3] * 2


@pytest.mark.parametrize("lead", [4, 5])
def test_avl_and_avf_are_looked_at_where_both_are_there(synthetic, lead):
    X = synthetic[:3].copy()
    X[1, :, lead] *= -1
    assert breaks_einthoven(X, LEAD_NAMES).tolist() == [False, True, False]
    without = [k for k in range(12) if k != 9 - lead]
    names = [LEAD_NAMES[k] for k in without]
    assert not breaks_einthoven(X[:, :, without], names).any()


def test_any_two_limb_leads_in_each_others_place_are_named(synthetic):
    for a, b in combinations(range(6), 2):
        order = np.arange(12)
        order[[a, b]] = b, a
        X = synthetic[:9].copy()
        X[2:] = X[2:][:, :, order]
        pair = f"{LEAD_NAMES[a]} and {LEAD_NAMES[b]}"
        assert exchanged_limb_leads(X, LEAD_NAMES) == ["", "", *[pair] * 7]
    assert set(exchanged_limb_leads(synthetic[:, :, ::-1], LEAD_NAMES)) == {""}


def test_a_lead_is_silent_below_50_uv_within_a_second_whatever_else_there_is():
    t = np.arange(1000) / 100
    wave = np.sin(2 * np.pi * 5 * t)
    X = np.stack([0.024 * wave, 0.026 * wave, 9 + 0.01 * wave, wave], axis=-1)[None]
    X = X + 1e4
    assert silent_leads(X, 100.0).tolist() == [[True, False, True, False]]
    assert silent_leads(X, 100.0, 0.1).tolist() == [[True, True, True, False]]
    assert silent_leads(X[:, :10], 100.0)[0, [0, 2]].all()
    assert not silent_leads(X[:, :1], 100.0).any()
