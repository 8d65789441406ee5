"""A lead is the same however its name is spelt, and is never guessed."""

import pytest

from skecg.utils import (
    LEAD_NAMES,
    canonical_lead_name,
    lead_index,
    read_lead_names,
    resolve_lead_names,
)


@pytest.mark.parametrize("lead", LEAD_NAMES)
def test_spellings_of_recorders_are_read(lead):
    for name in (
        lead.upper(),
        f" {lead.lower()} ",
        f"MDC_ECG_LEAD_{lead.upper()}",
        f"Lead {lead}",
        f"lead_{lead}",
        f"ECG {lead}",
        f"EKG: {lead}",
        f"Lead {lead} (Einthoven)",
        lead.encode(),
    ):
        assert canonical_lead_name(name) == lead


@pytest.mark.parametrize("name", ["-aVR", "lead -aVR", "V7", "MLII", "X", "V1-V2", ""])
def test_a_lead_that_is_not_certainly_a_standard_one_is_kept(name):
    assert canonical_lead_name(name) == name


@pytest.mark.parametrize(
    ("names", "kind", "message"),
    [
        ("V1", TypeError, "lead_names must be a list of names, but got 'V1'"),
        ([1, 2], TypeError, "must be names such as 'V5', but got 1"),
        (["I"], ValueError, "has 1 names, but X has 2 leads"),
        (["aVL", "Lead AVL"], ValueError, "names a lead twice"),
        (["X", "x"], ValueError, "names a lead twice"),
    ],
)
def test_names_that_do_not_name_each_lead_once_are_an_error(names, kind, message):
    with pytest.raises(kind, match=message):
        resolve_lead_names(names, None, 2)
    with pytest.raises(kind, match=message.replace("lead_names", "leads", 1)):
        read_lead_names(names, 2, name="leads")


def test_names_of_leads_are_given_labelled_or_usual():
    assert resolve_lead_names(["Lead I", "v5"], None, 2) == ("I", "V5")
    assert resolve_lead_names(["I", "V5"], ["MDC_ECG_LEAD_V5", "I"], 2) == ("V5", "I")
    assert resolve_lead_names(None, None, 12) == LEAD_NAMES
    assert resolve_lead_names(None, None, 3) is None
    with pytest.raises(ValueError, match="X has 3 unnamed leads"):
        resolve_lead_names(None, None, 3, required=True)
    with pytest.raises(ValueError, match="coordinate 'lead' of X names a lead twice"):
        resolve_lead_names(None, ["I", "i"], 2)
    with pytest.raises(ValueError, match="contradicts the labels of X"):
        resolve_lead_names(["I", "V6"], ["I", "V5"], 2)


def test_leads_are_found_in_any_spelling():
    assert lead_index(["MDC_ECG_LEAD_AVL", "I"], ["I", "aVL"], "the test") == [1, 0]
