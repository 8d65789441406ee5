"""LeadSelector: leads by name, by default the independent ones."""

import numpy as np
import pytest

from skecg import LeadSelector
from skecg.signal import INDEPENDENT_LEADS, LEAD_NAMES
from tests.preprocessing.records import assert_labels_kept, labelled


def _numbered(n_leads=12):
    """Records whose every sample is the number of its lead."""
    return np.tile(np.arange(float(n_leads)), (4, 50, 1))


def test_the_independent_leads_are_the_default():
    selector = LeadSelector().fit(_numbered())
    assert selector.leads_ == INDEPENDENT_LEADS
    assert selector.lead_index_ == [0, 1, 6, 7, 8, 9, 10, 11]
    selected = selector.transform(_numbered())
    assert selected[0, 0].tolist() == selector.lead_index_


def test_leads_come_in_the_order_asked_for_whatever_their_case():
    selector = LeadSelector(["v5", "AVL", "I"]).fit(_numbered())
    assert selector.leads_ == ("V5", "aVL", "I")
    assert selector.transform(_numbered())[0, 0].tolist() == [10, 4, 0]


def test_eight_plain_leads_are_the_independent_ones():
    selector = LeadSelector(["V1"]).fit(_numbered(8))
    assert selector.lead_index_ == [2]
    assert LeadSelector().fit(_numbered(8)).lead_index_ == list(range(8))


def test_lead_names_name_the_leads_of_a_plain_x():
    selector = LeadSelector(["II"], lead_names=["V2", "II "]).fit(_numbered(2))
    assert selector.lead_index_ == [1]
    assert LeadSelector(lead_names=["V2", "II"]).fit(_numbered(2)).lead_index_ == [0, 1]


def test_unnamed_leads_are_all_kept_by_default_and_cannot_be_chosen():
    selector = LeadSelector().fit(_numbered(3))
    assert selector.lead_index_ == [0, 1, 2]
    assert selector.leads_ is None
    with pytest.raises(ValueError, match=r"3 unnamed leads; .*lead_names=\["):
        LeadSelector(["I"]).fit(_numbered(3))


def test_labels_name_the_leads_and_the_chosen_ones_are_kept():
    names = LEAD_NAMES[::-1]
    X = labelled(_numbered(), leads=names)
    selected = LeadSelector(["V1", "II"]).fit_transform(X)
    assert_labels_kept(X, selected)
    assert selected.coords["time"].equals(X.coords["time"])
    assert selected.coords["lead"].values.tolist() == ["V1", "II"]
    assert selected[0, 0].values.tolist() == [names.index("V1"), names.index("II")]


def test_the_dependent_limb_leads_are_dropped_by_name():
    X = labelled(_numbered(4), leads=("AVF", "II", "V3", "I"))
    assert LeadSelector().fit(X).leads_ == ("II", "V3", "I")
    without_i = labelled(_numbered(3), leads=("aVF", "II", "V3"))
    assert LeadSelector().fit(without_i).leads_ == ("aVF", "II", "V3")


@pytest.mark.parametrize("fitted_on", ["labelled", "plain"])
def test_labelled_leads_in_another_order_are_found_by_name(fitted_on):
    X = labelled(_numbered())
    selector = LeadSelector(["V1", "II"]).fit(
        X if fitted_on == "labelled" else X.values
    )
    selected = selector.transform(X.isel(lead=slice(None, None, -1)))
    assert selected[0, 0].values.tolist() == [6, 1]
    assert selected.coords["lead"].values.tolist() == ["V1", "II"]


def test_one_lead_in_two_dimensions_passes_through():
    X = _numbered(1)[:, :, 0]
    selected = LeadSelector(["II"], lead_names=["II"]).fit_transform(X)
    np.testing.assert_array_equal(selected, X)
    assert not np.shares_memory(selected, X)
    one_lead = labelled(_numbered(1)).isel(lead=0)
    assert LeadSelector().fit_transform(one_lead).equals(one_lead)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"leads": ["V7"]}, r"needs the leads \['V7'\], but X has only \['I', 'II'"),
        ({"leads": []}, "leads must name at least one lead"),
        ({"leads": ["I", "I"]}, r"names a lead twice: \['I', 'I'\]"),
        ({"leads": ["V5", "v5 "]}, r"names a lead twice: \['V5', 'v5 '\]"),
        ({"lead_names": ["I", "II"]}, "lead_names has 2 names, but X has 12 leads"),
        ({"leads": "V1"}, "'leads' parameter of LeadSelector"),
    ],
)
def test_what_cannot_be_chosen_is_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        LeadSelector(**parameters).fit(_numbered())


@pytest.mark.parametrize("leads", [[0, 1], np.array([0, 1]), ["I", None]])
def test_leads_by_number_are_an_error_of_kind(leads):
    message = r"leads must be names such as 'V5', but got .* of type (int|N).*; name"
    with pytest.raises(TypeError, match=message):
        LeadSelector(leads).fit(_numbered())


def test_lead_names_that_contradict_the_labels_are_an_error():
    X = labelled(_numbered(2), leads=("I", "II"))
    assert LeadSelector(lead_names=["i", "ii"]).fit(X).lead_index_ == [0, 1]
    with pytest.raises(ValueError, match="contradicts the order of the labels of X"):
        LeadSelector(lead_names=["II", "I"]).fit(X)
    with pytest.raises(ValueError, match="contradicts the labels of X"):
        LeadSelector(lead_names=["I", "V1"]).fit(X)
