"""What is doubtful about the records of a call, in one sentence."""

import numpy as np
import pytest

from skecg import make_lvh_ecg
from skecg.signal import (
    LEAD_NAMES,
    describe_doubts,
    exchange_electrodes,
    find_doubts,
)

FS = 100.0


@pytest.fixture(scope="module", name="X")
def cohort():
    """Synthetic records (70, 1000, 12) in mV, more than a block, without a doubt."""
    X = make_lvh_ecg(90, fs=100, random_state=0).data
    X = X[find_doubts(X, FS, LEAD_NAMES).exchanged == ""][:70]
    assert len(X) == 70
    return X


def test_nothing_is_said_of_records_without_a_doubt(X):
    assert describe_doubts(X, FS, LEAD_NAMES) == ""
    assert describe_doubts(X[:, :, :1], FS, None) == ""
    assert describe_doubts(X[:, :, 0], FS, ["I"]) == ""


def _without_signal(kind):
    """Return 10 s of a lead without a signal, in mV."""
    noise = np.random.default_rng(0).normal(0, 0.003, 1000)
    rail = np.full(1000, 32.767)
    rail[100] -= 0.001
    glitch = noise.copy()
    glitch[500] = 1.0
    return {"constant": np.zeros(1000), "noise": noise, "rail": rail, "glitch": glitch}[
        kind
    ]


@pytest.mark.parametrize("kind", ["constant", "noise", "rail", "glitch"])
def test_leads_without_a_signal_are_found_at_their_place_and_only_there(X, kind):
    faulty = X.copy()
    places = [(0, 6), (0, 11), (64, 2), (69, 0)]
    for record, lead in places:
        faulty[record, :, lead] = _without_signal(kind)
    doubts = find_doubts(faulty, FS, LEAD_NAMES)
    assert [tuple(place) for place in np.argwhere(doubts.silent)] == places
    assert not doubts.contradictory.any()
    assert (doubts.exchanged == "").all()
    said = describe_doubts(faulty, FS, LEAD_NAMES)
    expected = "3 of 70 records of X (at 0, 64, 69) have leads without a signal (V1, V6"
    assert said.startswith(expected)
    assert said.count(". ") == 1  # two sentences


def test_millivolts_taken_for_volts_have_no_signal(X):
    assert find_doubts(X / 1000, FS, LEAD_NAMES).silent.all()


@pytest.mark.parametrize(
    "pair", [(0, 1), (1, 2), (2, 3), (4, 5), (3, 5)], ids=lambda p: str(p)
)
def test_limb_leads_in_each_others_place_are_named(X, pair):
    order = np.arange(12)
    order[list(pair)] = order[list(pair)[::-1]]
    said = describe_doubts(X[:, :, order], FS, LEAD_NAMES, "ask the device")
    first, second = (LEAD_NAMES[k] for k in pair)
    assert said.startswith("70 of 70 records of X (at 0, 1, 2, 3, 4, ...) have limb")
    assert f"as if {first} and {second} stood in each other's place. " in said
    assert "means little: ask the device; ECGQualityChecker" in said


def test_other_orders_contradict_the_laws(X):
    said = describe_doubts(X[:, :, ::-1], FS, LEAD_NAMES)
    assert "contradict each other by Einthoven's and Goldberger's laws" in said


def test_the_order_of_labels_does_not_matter(X):
    order = np.random.default_rng(0).permutation(12)
    names = [LEAD_NAMES[k].lower() for k in order]
    exchanged = exchange_electrodes(X, "LA/RA")
    faulty = np.concatenate([X, exchanged])[:, :, order]
    doubts = find_doubts(faulty, FS, names)
    assert not doubts.contradictory.any()
    assert (doubts.exchanged[:70] == "").all()
    assert (doubts.exchanged[70:] == "LA/RA").mean() > 0.9


def test_exchanged_electrodes_are_said_where_they_are_more_than_usual(X):
    exchanged = exchange_electrodes(X[:1], "LA/RA")
    said = describe_doubts(exchanged, FS, LEAD_NAMES)
    assert said.startswith("1 of 1 records of X (at 0) look as if electrodes were exch")
    assert "(LA/RA). " in said
    assert "skecg.signal.exchange_electrodes" in said
    among_many = np.concatenate([exchanged, X])
    assert find_doubts(among_many, FS, LEAD_NAMES).exchanged[0] == "LA/RA"
    assert describe_doubts(among_many, FS, LEAD_NAMES) == ""


def test_eight_leads_or_a_few_are_looked_at_as_far_as_that_goes(X):
    eight = [0, 1, 6, 7, 8, 9, 10, 11]
    names = [LEAD_NAMES[k] for k in eight]
    exchanged = exchange_electrodes(X, "V1...V6 reversed")[:, :, eight]
    assert (find_doubts(exchanged, FS, names).exchanged != "").mean() > 0.9
    assert not find_doubts(X[:, :, :2], FS, ["V1", "X"]).silent.any()
    assert not find_doubts(X[:, ::2], 50.0, LEAD_NAMES).silent.any()


def test_gaps_are_bridged(X):
    gappy = X[:3].copy()
    gappy[0, 100:200] = gappy[1, :, 3] = np.nan
    assert np.argwhere(find_doubts(gappy, FS, LEAD_NAMES).silent).tolist() == [[1, 3]]
