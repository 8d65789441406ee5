import numpy as np
import pytest

from skecg import check_leakage, make_lvh_ecg
from skecg.utils import typical_amplitude

xarray = pytest.importorskip("xarray")


@pytest.fixture(scope="module", name="X")
def records():
    return make_lvh_ecg(12, fs=100, duration=2, random_state=0, return_X_y=True)[0]


@pytest.fixture(scope="module")
def labelled():
    return make_lvh_ecg(40, fs=100, duration=2, random_state=0, as_xarray=True).data


def test_clean_sides_have_no_findings(X):
    assert check_leakage(X[:6], X[6:]) == []
    groups = np.arange(12)
    found = check_leakage(X[:6], X[6:], groups_train=groups[:6], groups_test=groups[6:])
    assert found == []


def test_a_patient_on_both_sides_is_named(X):
    with pytest.raises(
        ValueError, match=r"1 patient is in the training .* records: p7"
    ):
        check_leakage(
            X[:3], X[3:6], groups_train=["p1", "p2", "p7"], groups_test=["p7", "a", "b"]
        )


def test_patients_come_from_the_label(labelled):
    patients = labelled.coords["patient"].values
    repeated = next(p for p in patients if (patients == p).sum() > 1)
    at = np.flatnonzero(patients == repeated)
    train = np.setdiff1d(np.arange(40), at[:1])
    with pytest.raises(ValueError, match=f"records: {repeated}"):
        check_leakage(labelled[train], labelled[at[:1]])


def test_a_recording_on_both_sides_is_named_whatever_its_patient_is_called(X):
    again = np.concatenate([X[8:], X[2:3]])
    found = check_leakage(
        X[:6],
        again,
        groups_train=np.arange(6),
        groups_test=np.arange(100, 105),
        on_leakage="ignore",
    )
    assert found == ["1 recording is in the training and in the test records: 2 = 4."]


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.astype(np.float64),
        lambda x: x + np.float32(1e-4),
        lambda x: np.where(x == 0, -0.0, x),
    ],
    ids=["type", "a tenth of a microvolt", "negative zero"],
)
def test_recordings_are_compared_to_the_microvolt(X, change):
    whole = (np.rint(X * 1000) / 1000).astype(np.float32)
    whole[0, :10] = 0
    found = check_leakage(whole[:2], change(whole[:1]), on_leakage="ignore")
    assert found == ["1 recording is in the training and in the test records: 0 = 0."]


@pytest.mark.parametrize("lsb", [0.005, 0.0025, 0.00125, 0.0005, 0.000954])
def test_a_copy_of_another_type_is_found_at_every_resolution(X, lsb):
    counts = np.round(X.astype(np.float64) / lsb)
    exact = counts * lsb
    in_single = counts.astype(np.float32) * np.float32(lsb)
    rounded = np.rint(exact * 1000) / 1000
    for copy in (exact.astype(np.float32), in_single, rounded):
        (found,) = check_leakage(exact, copy, on_leakage="ignore")
        assert found.startswith("12 recordings are in")


@pytest.mark.parametrize("typed", [float, str, object, np.int32])
def test_patients_are_found_however_they_are_typed(X, typed):
    groups = np.arange(15700, 15706)
    (found,) = check_leakage(
        X[:6],
        X[6:],
        groups_train=groups,
        groups_test=groups.astype(typed),
        on_leakage="ignore",
    )
    assert found.startswith("6 patients are in")


def test_a_text_id_on_one_side_does_not_hide_the_numbers(X):
    (found,) = check_leakage(
        X[:2],
        X[2:4],
        groups_train=[1, 2],
        groups_test=np.array([2.0, "p9"], object),
        on_leakage="ignore",
    )
    assert found.endswith("records: 2.")


def test_another_unit_in_the_label_is_the_same_recording(labelled):
    microvolts = (labelled[:1] * 1000).assign_attrs(units="uV")
    found = check_leakage(labelled[:2], microvolts, on_leakage="ignore")
    assert "1 recording is" in found[-1]


def test_an_inaudible_change_is_another_recording(X):
    changed = X[:1].copy()
    changed[0, 5, 0] += 0.002
    assert check_leakage(X[:2], changed) == []


def test_flat_records_and_short_rows_are_not_compared(X):
    flat = np.zeros_like(X[:2])
    assert check_leakage(flat, flat) == []
    table = np.ones((3, 20))
    assert check_leakage(table, table) == []


def test_patients_known_on_one_side_alone_are_said_so(X):
    with pytest.raises(ValueError, match="of the training records are known, those of"):
        check_leakage(X[:3], X[3:6], groups_train=[1, 2, 3])


def test_groups_that_divide_a_labelled_patient_are_named(labelled):
    with pytest.raises(ValueError, match="gives several names to .* patient"):
        check_leakage(
            labelled[:30],
            make_lvh_ecg(2, fs=100, duration=2, random_state=9).data,
            groups_train=np.arange(30),
            groups_test=[98, 99],
        )


def test_findings_warn_if_wanted(X):
    with pytest.warns(UserWarning, match="2 recordings are in the training"):
        found = check_leakage(X[:3], X[1:6], on_leakage="warn")
    assert len(found) == 1
    with pytest.raises(ValueError, match="'on_leakage' parameter of check_leakage"):
        check_leakage(X, X, on_leakage="stop")


def test_of_many_recordings_the_first_are_named(X):
    (found,) = check_leakage(X, X, on_leakage="ignore")
    assert found.startswith("12 recordings are in the training and in the test")
    assert found.count("=") == 5
    assert found.endswith(" and 7 more.")


def test_patients_that_one_side_writes_with_leading_zeros_are_told():
    X = np.random.default_rng(0).normal(size=(6, 50, 2))
    sides = {"groups_train": ["007", "012", "3"], "groups_test": [7, 12, 13]}
    with pytest.raises(ValueError, match="2 patients .* leading zeros: 007, 012; read"):
        check_leakage(X[:3], X[3:], **sides)
    sides["groups_test"] = ["07", "8", "9"]  # may be another one than "007"
    assert check_leakage(X[:3], X[3:], **sides) == []


def test_recordings_are_the_same_in_any_unit_and_order_of_named_leads(X, labelled):
    counts = (1000 * X).round().astype(np.int16)
    found = check_leakage(counts[:3], counts[2:5] / 1000, on_leakage="ignore")
    assert found == ["1 recording is in the training and in the test records: 2 = 0."]
    found = check_leakage(labelled[:3], labelled[2:5, :, ::-1], on_leakage="ignore")
    assert any("2 = 0." in finding for finding in found)
    unnamed = labelled.drop_vars(["lead", "patient"])
    assert len(check_leakage(unnamed[:3], unnamed[2:5], on_leakage="ignore")) == 1


def test_records_of_low_voltage_are_found_among_others_in_counts(X):
    counts = X * 10.5 / typical_amplitude(X)
    low = int(np.argmin([typical_amplitude(x[None]) for x in counts]))
    assert typical_amplitude(counts[[low]]) < 10  # which might be mV, others not
    found = check_leakage(counts, counts[[low]], on_leakage="ignore")
    assert any(f"{low} = 0." in finding for finding in found)
