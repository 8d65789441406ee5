"""Leads in a wanted order: copied where they are, derived where they follow."""

import numpy as np
import pytest

from skecg.signal import LEAD_NAMES, arrange_leads, limb_leads


@pytest.fixture(scope="module", name="X")
def twelve_leads():
    """Twelve leads that obey Einthoven and Goldberger."""
    rng = np.random.default_rng(0)
    lead_i, lead_ii = rng.normal(size=(2, 3, 50))
    chest = rng.normal(size=(3, 50, 6))
    return np.concatenate([limb_leads(lead_i, lead_ii), chest], axis=2)


def _take(X, names):
    return X[:, :, [LEAD_NAMES.index(name) for name in names]]


def test_leads_of_any_order_and_spelling_are_copied_by_name(X):
    names = [name.upper() for name in reversed(LEAD_NAMES)]
    np.testing.assert_array_equal(arrange_leads(X[:, :, ::-1], names, LEAD_NAMES), X)
    chosen = arrange_leads(X, LEAD_NAMES, ["v5", "AVL"])
    np.testing.assert_array_equal(chosen, X[:, :, [10, 4]])


@pytest.mark.parametrize(
    "limb", [("I", "II"), ("III", "aVR"), ("aVF", "aVL"), ("II", "aVL"), ("I", "aVF")]
)
def test_any_two_limb_leads_give_all_six(X, limb):
    names = [*limb, *LEAD_NAMES[6:]]
    arranged = arrange_leads(_take(X, names), names, LEAD_NAMES)
    np.testing.assert_allclose(arranged, X, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(_take(arranged, limb), _take(X, limb))


def test_a_lead_that_is_there_is_never_derived(X):
    wrong = X.copy()
    wrong[:, :, 2] += 1.0  # III, against Einthoven
    arranged = arrange_leads(wrong, LEAD_NAMES, LEAD_NAMES[::-1])
    np.testing.assert_array_equal(arranged, wrong[:, :, ::-1])


def test_dtype_is_kept_and_the_output_is_the_callers_own(X):
    single = X.astype(np.float32)
    arranged = arrange_leads(_take(single, ("I", "II")), ["I", "II"], ["III", "I"])
    assert arranged.dtype == np.float32
    assert not np.shares_memory(arrange_leads(single, LEAD_NAMES, LEAD_NAMES), single)


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        (["I", "V1"], ["I", "III"], r"\['III'\] are needed, but X has only \['I', 'V1"),
        (["I", "II"], ["V6"], r"\['V6'\] are needed"),
        (["I", "II"], ["I", "X"], r"\['X'\] are needed"),
        (["I", "i"], ["I"], "names a lead twice"),
    ],
)
def test_what_can_not_be_arranged_is_named(X, names, wanted, message):
    with pytest.raises(ValueError, match=message):
        arrange_leads(X[:, :, :2], names, wanted)
