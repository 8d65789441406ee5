"""Patients, sex, age and conduction mean the same however they are typed."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skecg import make_lvh_ecg
from skecg.utils import (
    ECGLabels,
    encode_sex,
    patient_keys,
    read_age,
    read_conduction,
    read_groups,
    read_sex,
)

TYPED = {
    "list": [15709, 7, 15709],
    "int32": np.array([15709, 7, 15709], np.int32),
    "float": [15709.0, 7.0, 15709.0],
    "float32": np.array([15709, 7, 15709], np.float32),
    "text": ["15709", " 7", "15709"],
    "text of floats": ["15709.0", "7.", "15709"],
    "bytes": [b"15709", b"7", b"15709"],
    "mixed": np.array([15709, "7", 15709.0], object),
    "Int64": pd.array([15709, 7, 15709], dtype="Int64"),
    "Float64": pd.array([15709.0, 7.0, 15709.0], dtype="Float64"),
    "string": pd.Series(["15709", "7", "15709"], dtype="string", index=[5, 3, 4]),
    "category": pd.Categorical(["15709", "7", "15709"]),
    "column": pd.DataFrame({"patient": [15709, 7, 15709]}),
    "decimal": [Decimal("15709"), Decimal("7.0"), Decimal("15709")],
}


@pytest.mark.parametrize("groups", TYPED.values(), ids=TYPED)
def test_patients_are_the_same_however_they_are_typed(groups):
    assert patient_keys(groups, 3).tolist() == ["15709", "7", "15709"]
    assert read_groups(groups, 3).tolist() == [1, 0, 1]


def test_leading_zeros_and_fractions_tell_patients_apart():
    keys = patient_keys(["007", "7", 7, "1.5", 1.5, np.float32(1.1), "A"], 7)
    assert keys.tolist() == ["007", "7", "7", "1.5", "1.5", "1.1", "A"]
    assert read_groups(["B", "A", "10", 9.0, "9"], 5).tolist() == [3, 2, 1, 0, 0]


GAPS = {
    "None": [1, None],
    "NaN": [1.0, np.nan],
    "pd.NA": pd.array([1, pd.NA], dtype="Int64"),
    "NA of text": pd.array(["a", pd.NA], dtype="string"),
    "NaT": np.array(["2020-01-01", "NaT"], "M8[ns]"),
    "nan": ["a", "nan"],
    "empty": ["a", " "],
    "bytes": [b"a", b""],
    "text None": np.array(["a", "None"]),
    "<NA>": ["a", "<NA>"],
    "category": pd.Categorical(["a", None]),
    "masked": np.ma.array([1, 2], mask=[False, True]),
    "Decimal": [Decimal("1"), Decimal("NaN")],
}


@pytest.mark.parametrize("groups", GAPS.values(), ids=GAPS)
def test_a_missing_patient_is_an_error_however_it_is_typed(groups):
    with pytest.raises(ValueError, match="groups has missing patients: 1 of 2 records"):
        read_groups(groups, 2)


def test_a_missing_patient_of_the_labels_names_the_coordinate():
    X = make_lvh_ecg(4, fs=100, duration=2, as_xarray=True, random_state=0).data
    labels = ECGLabels.of(X)
    assert sorted(read_groups(None, 4, labels=labels)) == [0, 1, 2, 3]
    assert read_groups(None, 4) is None
    gaps = ECGLabels.of(X.assign_coords(patient=("record", [1.0, np.nan, 2, 3])))
    with pytest.raises(ValueError, match="coordinate 'patient' of X has missing"):
        read_groups(None, 4, labels=gaps)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([1, 2], "groups has 2 values, but there are 3 records"),
        ([[1, 2]] * 3, "groups has the shape"),
        (5, "groups must name the patient of each of the 3 records"),
        ([1e16, 1.0, 2.0], "don't hold every whole number"),
        (np.array([2**24, 1, 2], np.float32), "don't hold every whole number"),
        ([np.inf, 1.0, 2.0], "don't hold every whole number"),
    ],
)
def test_groups_that_say_no_patient_are_an_error(groups, message):
    with pytest.raises(ValueError, match=message):
        read_groups(groups, 3)


def test_sex_is_read_from_codes_words_and_text():
    words = ["male", "F", " Woman ", "m", b"female", "0", "1.0", 1, np.float32(0)]
    assert read_sex(words, 9).tolist() == [0, 1, 1, 0, 1, 0, 1, 1, 0]
    unknown = ["", None, np.nan, pd.NA, "unknown", "U", "O", "other", "NaN"]
    assert np.isnan(read_sex(unknown, 9)).all()
    assert read_sex(pd.Categorical(["female", None]), 2).tolist()[0] == 1
    assert read_sex("female", 3).tolist() == [1, 1, 1]
    assert read_sex(None, 3) is None
    assert encode_sex("male").tolist() == 0


@pytest.mark.parametrize(
    ("sex", "message"),
    [
        ([1, 2, 2], "got 2 for record 1; where 1 is male and 2 female"),
        (["1", "2", "2"], "got '2' for record 1; where 1 is male"),
        ([True, False, True], "got True for record 0; a boolean does not say"),
        (np.ones(3, bool), "a boolean does not say"),
        (["male", "w", "f"], "got 'w' for record 1"),
        ([0, 1, 9], "got 9 for record 2"),
        ([0, 0.5, 1], "got 0.5 for record 1"),
        ([0, 1], "sex has 2 values, but there are 3 records"),
    ],
)
def test_a_sex_that_is_not_certain_is_an_error(sex, message):
    with pytest.raises(ValueError, match=message):
        read_sex(sex, 3)


@pytest.mark.parametrize(
    ("age", "years"),
    [
        (56, 56),
        ("56", 56),
        ("056Y", 56),
        ("018M", 1.5),
        ("052w", 52 * 7 / 365.25),
        ("000D", 0),
        ("18 months", 1.5),
        ("56 years", 56),
        (120, 120),
        (300, 90),
        ("300", 90),
        ("> 89", 90),
        (">89", 90),
        ("90+", 90),
        (b"056Y", 56),
        (Decimal("56.5"), 56.5),
        ("", np.nan),
        (None, np.nan),
        (pd.NA, np.nan),
        ("unknown", np.nan),
    ],
)
def test_an_age_is_read_in_years_where_it_is_certain(age, years):
    np.testing.assert_allclose(read_age([age, 40], 2), [years, 40])


@pytest.mark.parametrize(
    ("age", "message"),
    [
        (1956, "got 1956 for record 1, which looks like a year of birth"),
        ("1956", "looks like a year of birth"),
        (20000, "may be in months or days"),
        (121, "may be in months or days"),
        (999, "code of a missing age"),
        (-1, "got -1 for record 1"),
        (np.inf, "got inf"),
        ("56M", "got '56M'"),
        ("> 65", "got '> 65'"),
        ("56,5", "got '56,5'"),
        ("1956-02-03", "got '1956-02-03'"),
        (True, "got True"),
        ("young", "got 'young'"),
    ],
)
def test_an_age_that_is_none_in_years_is_an_error(age, message):
    with pytest.raises(
        ValueError, match=r"age must be years from 0 to 120.*" + message
    ):
        read_age([40, age], 2)


def test_times_are_no_ages():
    with pytest.raises(ValueError, match="age must be years"):
        read_age(np.array([56], "m8[D]"), 1)
    with pytest.raises(ValueError, match="age must be years"):
        read_age(np.array(["1956-01-01"], "M8[ns]"), 1)


@pytest.mark.parametrize(
    "conduction",
    [
        [True, False],
        [1, 0],
        [1.0, 0.0],
        ["True", "false"],
        ["1", "0"],
        np.array([True, 0], object),
        pd.array([True, False], dtype="boolean"),
    ],
)
def test_conduction_is_read_where_it_is_true_or_false(conduction):
    read = read_conduction(conduction, 2)
    assert read.dtype == bool
    assert read.tolist() == [True, False]


@pytest.mark.parametrize(
    "conduction",
    [
        ["no", "no"],
        [np.nan, np.nan],
        [None, True],
        pd.array([True, pd.NA], dtype="boolean"),
        ["", "True"],
        [2, 0],
        [0.5, 0],
        ["LBBB", "RBBB"],
    ],
)
def test_an_unknown_conduction_is_an_error_and_never_true(conduction):
    with pytest.raises(ValueError, match="conduction must be True or False for each"):
        read_conduction(conduction, 2)


def test_facts_of_labels_are_read_by_the_same_rule():
    X = make_lvh_ecg(2, fs=100, duration=2, as_xarray=True, random_state=0).data
    X = X.assign_coords(
        sex=("record", ["M", "F"]),
        age=("record", ["056Y", "300"]),
        conduction=("record", [0.0, np.nan]),
    )
    labels = ECGLabels.of(X)
    assert read_sex(None, 2, labels=labels).tolist() == [0, 1]
    assert read_age(None, 2, labels=labels).tolist() == [56, 90]
    assert read_age(["057Y", None], 2, labels=labels)[0] == 57
    with pytest.raises(ValueError, match="coordinate 'conduction' of X must be True"):
        read_conduction(None, 2, labels=labels)


def test_a_boolean_is_one_patient_however_it_is_typed():
    groups = [True, np.True_, 1, "1", np.int8(1)]
    assert patient_keys(groups, 5).tolist() == ["1"] * 5
    assert patient_keys(np.array([True, False]), 2).tolist() == ["1", "0"]


def test_a_fact_that_contradicts_the_label_is_an_error():
    X = make_lvh_ecg(4, fs=100, duration=2, random_state=0, as_xarray=True).data
    X = X.assign_coords(
        sex=("record", [0, 1, np.nan, 1]), age=("record", [50.0, 60, np.nan, 300])
    )
    labels = ECGLabels.of(X)
    with pytest.raises(ValueError, match=r"sex is 1 for record 0, but .*'sex'.*\(2 of"):
        read_sex([1, 0, 1, 1], 4, labels=labels)
    with pytest.raises(ValueError, match="age is 70 for record 1, but .* says 60"):
        read_age([50, 70, 30, 90], 4, labels=labels)
    assert read_sex([0, 1, 1, "F"], 4, labels=labels).tolist() == [0, 1, 1, 1]
    assert read_age([50.6, None, 30, 90], 4, labels=labels)[0] == 50.6
    words = ECGLabels.of(X.assign_coords(sex=("record", ["w", "m", "w", "m"])))
    assert read_sex([1, 0, 1, 0], 4, labels=words).tolist() == [1, 0, 1, 0]
