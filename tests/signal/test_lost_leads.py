"""Lost leads: limb leads are restored exactly, chest leads nearly, others not."""

import numpy as np
import pytest

from skecg import make_lvh_ecg
from skecg.signal import INDEPENDENT_LEADS, LEAD_NAMES, estimate_lost_leads

FS = 100
X = make_lvh_ecg(6, fs=FS, random_state=0).data


def _without(*leads, value=0.0):
    lost = X.copy()
    lost[2][:, [LEAD_NAMES.index(name) for name in leads]] = value
    return lost


@pytest.mark.parametrize("lost", [["III"], ["I", "II"], ["aVR", "aVF"], ["I", "V2"]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_limb_leads_are_restored_exactly(lost, dtype):
    given = _without(*lost, value=np.nan).astype(dtype)
    filled, estimated = estimate_lost_leads(given, FS, LEAD_NAMES)
    assert filled.dtype == dtype
    assert [LEAD_NAMES[k] for k in np.flatnonzero(estimated[2])] == lost
    np.testing.assert_allclose(filled[2, :, :6], X[2, :, :6], atol=2e-6)
    others = np.delete(np.arange(6), 2)
    np.testing.assert_array_equal(filled[others], X[others].astype(dtype))


@pytest.mark.parametrize("lead", LEAD_NAMES[6:])
def test_chest_leads_are_the_least_squares_estimate_of_the_covariance(lead):
    from skecg.signal._lost_leads import COVARIANCE

    filled, _ = estimate_lost_leads(_without(lead), FS, LEAD_NAMES)
    k = INDEPENDENT_LEADS.index(lead)
    live = np.delete(np.arange(8), k)
    weights = np.linalg.solve(COVARIANCE[np.ix_(live, live)], COVARIANCE[live, k])
    others = [LEAD_NAMES.index(INDEPENDENT_LEADS[j]) for j in live]
    expected = X[2][:, others] @ weights
    found = filled[2, :, LEAD_NAMES.index(lead)]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.corrcoef(found, X[2, :, LEAD_NAMES.index(lead)])[0, 1] > 0.85


def test_order_case_and_further_leads_change_nothing():
    lost = _without("V1", "V4")
    expected, _ = estimate_lost_leads(lost, FS, LEAD_NAMES)
    names = [name.upper() for name in LEAD_NAMES[::-1]]
    found, _ = estimate_lost_leads(lost[:, :, ::-1], FS, names)
    np.testing.assert_allclose(found[:, :, ::-1], expected, atol=1e-6)
    more = np.concatenate([lost, X[:, :, :1]], axis=2)
    found, estimated = estimate_lost_leads(more, FS, [*LEAD_NAMES, "VX"])
    np.testing.assert_allclose(found[:, :, :12], expected, atol=1e-6)
    assert not estimated[:, 12].any()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (X, LEAD_NAMES),
        (_without("V1", "V2", "V3"), LEAD_NAMES),  # too many
        (_without(*LEAD_NAMES), LEAD_NAMES),
        (_without("V1")[:, :, :10], LEAD_NAMES[:10]),  # leads that X does not have
        (_without("V1"), None),
        (_without("V1"), LEAD_NAMES[:11]),
    ],
)
def test_other_records_stay_as_they_are(given, names):
    filled, estimated = estimate_lost_leads(given, FS, names)
    assert filled is given
    assert estimated.shape == given.shape[::2]
    assert not estimated.any()


def test_a_lead_that_has_no_signal_by_the_laws_is_not_estimated():
    one_potential = X.copy()
    two = X[2, :, 1]
    one_potential[2, :, :6] = np.stack([0 * two, two, two, -two / 2, -two / 2, two]).T
    filled, estimated = estimate_lost_leads(one_potential, FS, LEAD_NAMES)
    assert not estimated.any()
    np.testing.assert_array_equal(filled, one_potential)
