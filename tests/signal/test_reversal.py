"""Exchanged electrodes: what they record, and how they are told."""

import numpy as np
import pytest

from skecg import make_lvh_ecg
from skecg.signal import (
    EXCHANGES,
    LEAD_NAMES,
    exchange_electrodes,
    find_exchanges,
    limb_leads,
)

ELECTRODES = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture(scope="module", name="X")
def cohort():
    """Synthetic records (60, 1000, 12) in mV."""
    return make_lvh_ecg(60, fs=100, random_state=0).data


def record_of(potentials):
    """Return the twelve leads of nine potentials against anything."""
    ra, la, ll, *chest = potentials
    central = (ra + la + ll) / 3
    return np.array([*limb_leads(la - ra, ll - ra), *(np.array(chest) - central)])


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_an_exchange_records_what_the_electrodes_at_the_wrong_places_do(exchange):
    potentials = np.random.default_rng(0).normal(size=9)
    if "reversed" in exchange:
        moved = [*potentials[:3], *potentials[:2:-1]]
    else:
        first, second = (ELECTRODES.index(name) for name in exchange.split("/"))
        moved = potentials.copy()
        moved[[first, second]] = moved[[second, first]]
    given = record_of(potentials).reshape(1, 1, 12)
    exchanged = exchange_electrodes(given, exchange)
    np.testing.assert_allclose(exchanged.ravel(), record_of(moved), atol=1e-12)
    np.testing.assert_array_equal(exchange_electrodes(exchanged, exchange), given)


def test_leads_of_any_order_and_case_are_exchanged(X):
    order = np.random.default_rng(0).permutation(12)
    names = [LEAD_NAMES[k].lower() for k in order]
    exchanged = exchange_electrodes(X[:2][:, :, order], "RA/LL", names)
    expected = exchange_electrodes(X[:2], "RA/LL")[:, :, order]
    np.testing.assert_array_equal(exchanged, expected)
    assert exchanged.dtype == X.dtype
    extra = exchange_electrodes(X[:2, :, :7], "LA/RA", [*LEAD_NAMES[:6], "vx"])
    np.testing.assert_array_equal(extra[:, :, 6], X[:2, :, 6])


def test_what_can_not_be_exchanged_is_an_error(X):
    with pytest.raises(ValueError, match=r"one of \['LA/RA', .*got 'LA/RL'"):
        exchange_electrodes(X, "LA/RL")
    with pytest.raises(ValueError, match="LA/RA puts the lead III into the place of"):
        exchange_electrodes(X[:, :, :2], "LA/RA", ["I", "II"])


def test_few_correct_records_are_suspected(X):
    found = find_exchanges(X, 100.0)
    assert (found.suspected != "").mean() <= 0.1
    assert not found.certain[found.suspected == ""].any()
    assert found.evidence.shape == (60, len(EXCHANGES))


@pytest.mark.parametrize(
    ("exchange", "least"),
    [
        ("LA/RA", 0.95),
        ("RA/LL", 0.8),
        ("V1/V2", 0.6),
        ("V1...V6 reversed", 0.95),
        ("V2/V5", 0.95),
    ],
)
def test_exchanged_electrodes_are_found_and_named(X, exchange, least):
    found = find_exchanges(exchange_electrodes(X, exchange), 100.0)
    assert (found.suspected == exchange).mean() >= least


def test_evidence_is_that_of_the_record_against_the_exchanged_one(X):
    before = find_exchanges(X, 100.0).evidence
    for k, exchange in enumerate(EXCHANGES):
        after = find_exchanges(exchange_electrodes(X, exchange), 100.0).evidence
        np.testing.assert_allclose(after[:, k], -before[:, k], atol=2e-2)


def test_order_of_leads_and_records_offset_and_precision_change_nothing(X):
    evidence = find_exchanges(X, 100.0).evidence
    order = np.random.default_rng(0).permutation(12)
    shuffled = X[::-1][:, :, order].astype(np.float64) + np.arange(12)
    names = [LEAD_NAMES[k] for k in order]
    again = find_exchanges(shuffled, 100.0, names, n_jobs=None).evidence[::-1]
    np.testing.assert_allclose(again, evidence, atol=2e-2)
    eight = [k for k, name in enumerate(LEAD_NAMES) if not 2 <= k <= 5]
    derived = find_exchanges(X[:, :, eight], 100.0, [LEAD_NAMES[k] for k in eight])
    np.testing.assert_allclose(derived.evidence, evidence, atol=0.5)


@pytest.mark.parametrize("fs", [500, 360, 128])
def test_records_of_another_rate_are_judged_alike(fs):
    X = make_lvh_ecg(30, fs=fs, random_state=0).data
    found = find_exchanges(exchange_electrodes(X, "LA/RA"), float(fs))
    assert (found.suspected == "LA/RA").mean() >= 0.9
    assert (find_exchanges(X, float(fs)).suspected == "LA/RA").mean() <= 0.05


def test_records_that_can_not_be_judged_are_suspected_of_nothing(X):
    doubtful = X[:5].copy()
    doubtful[0] = 0
    doubtful[1] = np.nan
    doubtful[2, :, 7] = 3.0
    doubtful[3, 100:] = 0  # one beat
    found = find_exchanges(doubtful, 100.0)
    assert np.isnan(found.evidence[:4]).all()
    assert np.isfinite(found.evidence[4]).all()
    assert not found.certain[:4].any()
    assert found.suspected[:4].tolist() == [""] * 4
    for n_times in (1, 2, 10, 68, 100):
        assert np.isnan(find_exchanges(X[:2, :n_times], 100.0).evidence).all()
    assert find_exchanges(X[:0], 100.0).suspected.shape == (0,)
    assert np.isnan(find_exchanges(X[:2, :, :3], 100.0, LEAD_NAMES[:3]).evidence).all()


def test_gaps_are_bridged(X):
    gappy = exchange_electrodes(X[:10], "LA/RA")
    gappy[:, 200:260] = np.nan
    assert (find_exchanges(gappy, 100.0).suspected == "LA/RA").mean() >= 0.9


@pytest.mark.ptbxl
def test_exchanged_arms_are_found_in_real_recordings(ptbxl_path):
    from skecg import load_ptbxl

    X = load_ptbxl(ptbxl_path).data
    found = find_exchanges(X, 100.0)
    assert (found.suspected != "").mean() < 0.06
    assert (found.certain & (found.suspected == "LA/RA")).sum() <= 1
    made = find_exchanges(exchange_electrodes(X, "LA/RA"), 100.0)
    assert (made.certain & (made.suspected == "LA/RA")).mean() > 0.94


def test_leads_may_be_spelt_in_any_way():
    X = np.arange(3.0).reshape(1, 1, 3)
    spelt = exchange_electrodes(X, "LA/RA", ["Lead I", "lead ii", "MDC_ECG_LEAD_III"])
    np.testing.assert_array_equal(
        spelt, exchange_electrodes(X, "LA/RA", ["I", "II", "III"])
    )
    with pytest.raises(ValueError, match="names a lead twice"):
        exchange_electrodes(X, "LA/RA", ["I", "Lead I", "II"])
