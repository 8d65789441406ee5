"""What the helpers of records and metadata refuse, each in words of its own."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray

import skecg.utils
from skecg import ECGFilter, ECGMeasurer, ECGScaler, LeadSelector
from skecg.signal import (
    align_beats,
    amplitude_statistics,
    classify_beats,
    detect_beats,
    exchange_electrodes,
)
from skecg.utils import (
    agree_on_fs,
    check_millivolts,
    class_index,
    is_missing,
    label_records,
    patient_keys,
    read_conduction,
)

BEATS = np.zeros((1, 500, 2))


def of_text_times():
    X = xarray.DataArray(
        np.zeros((1, 3, 1)),
        dims=("record", "time", "lead"),
        coords={"time": list("abc")},
    )
    ECGScaler().fit(X)


def after_fit(shape, other):
    ECGScaler().fit(np.random.default_rng(0).normal(size=shape)).transform(other)


REFUSED = {
    "other shape": (lambda: align_beats(BEATS, BEATS[:, 1:], 500), "shape of base"),
    "short beats": (lambda: align_beats(BEATS[:, :9], BEATS[:, :9], 500), "at least"),
    "three axes": (lambda: detect_beats(BEATS, 500), "x must have the shape"),
    "half a sample": (
        lambda: classify_beats(BEATS[0], 500, np.array([0.5])),
        "beats must be a list of whole numbers",
    ),
    "no scope": (lambda: amplitude_statistics(BEATS, "records"), "scope must be"),
    "no record": (lambda: amplitude_statistics(BEATS[:0], "lead"), "at least one rec"),
    "no exchange": (
        lambda: exchange_electrodes(np.zeros((1, 9, 12)), "I/II"),
        "must be one of",
    ),
    "unnamed leads": (
        lambda: exchange_electrodes(np.zeros((1, 9, 12)), "LA/RA", ["I"]),
        "has 1 names, but X has 12 leads",
    ),
    "no such class": (
        lambda: class_index(np.array([0, 1]), 2),
        "target must be one of",
    ),
    "times in words": (of_text_times, "must be seconds as numbers"),
    "no lead": (lambda: LeadSelector([]).fit(BEATS), "at least one"),
    "perhaps": (lambda: read_conduction(["perhaps"], 1), "must be True or False"),
    "no rate": (lambda: agree_on_fs(None, None, "filter"), "fs is needed to filter"),
    "two rates": (lambda: agree_on_fs(500, 100, "filter"), "fs=500 contradicts X"),
    "standardized": (
        lambda: check_millivolts(SimpleNamespace(standardized=True), "of mV"),
        "X is standardized, but of mV",
    ),
    "no sample": (lambda: ECGFilter(fs=100).fit(np.zeros((3, 0))), r"0 feature\(s\)"),
    "a table of records": (
        lambda: after_fit((3, 10, 2), np.ones((3, 20))),
        "X is a table of 20 columns",
    ),
    "other leads": (
        lambda: after_fit((3, 10, 2), np.ones((3, 10, 3))),
        "X has 3 leads, but ECGScaler was fitted on 2",
    ),
    "names for other leads": (
        lambda: ECGMeasurer(lead_names=["I"], fs=100).fit(np.ones((2, 500, 2))),
        "has 1 names, but X has 2 leads",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_helpers_refuse_in_words_of_their_own(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_there_is_no_other_helper():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        skecg.utils.nothing  # noqa: B018


def test_what_can_not_be_compared_is_not_missing():
    assert not is_missing(np.array([np.nan, 1.0]))


def test_any_object_may_name_a_patient():
    keys = patient_keys([1j, 2j, 1j], 3)
    assert keys[0] == keys[2] != keys[1]


def test_records_may_be_labelled_without_rate_and_leads():
    unnamed = {"fs": None, "lead_names": None, "purpose": "a test"}
    assert set(label_records(BEATS, **unnamed, sex=[0]).coords) == {"sex"}
    assert set(label_records(BEATS, **unnamed).coords) == set()
