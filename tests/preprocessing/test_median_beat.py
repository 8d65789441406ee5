import numpy as np
import pytest

from skecg import ECGMedianBeat, make_lvh_ecg
from tests.preprocessing.records import labelled

BEFORE = 0.4


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(12, fs=500, random_state=0)


@pytest.mark.parametrize("target_fs", [250.0, 500.0])
def test_median_beats_keep_the_true_r_amplitude(cohort, target_fs):
    beats = ECGMedianBeat(fs=500, target_fs=target_fs).fit_transform(cohort.data)
    assert beats.shape[1] == pytest.approx(1.05 * target_fs, abs=1)
    v5 = 10
    error = beats[:, :, v5].max(axis=1) - cohort.amplitudes["R"][:, v5]
    assert np.abs(error).max() < 0.05


def test_einthovens_law_holds_up_to_noise(cohort):
    beats = ECGMedianBeat(fs=500).fit_transform(cohort.data)
    np.testing.assert_allclose(
        beats[:, :, 1] - beats[:, :, 0], beats[:, :, 2], atol=0.06
    )


def test_beats_of_different_records_are_aligned_in_the_qrs(cohort):
    beats = ECGMedianBeat(fs=500).fit_transform(cohort.data)
    activity = np.abs(np.diff(beats, axis=1)).sum(axis=2)
    when = activity.argmax(axis=1) / 250 - BEFORE
    assert np.abs(when).max() < 0.06


def test_leads_and_their_order_stay(cohort):
    all_leads = ECGMedianBeat(fs=500).fit_transform(cohort.data)
    chosen = ECGMedianBeat(fs=500, lead_names=["V5", "II"])
    beats = chosen.fit_transform(cohort.data[:, :, [10, 1]])
    assert beats.shape[2] == 2
    # Beats are found in other leads, hence aligned a sample or so elsewhere.
    assert np.abs(
        beats.max(axis=1) - all_leads[:, :, [10, 1]].max(axis=1)
    ).max() == pytest.approx(0, abs=0.05)


def test_one_lead_stays_two_dimensional(cohort):
    beats = ECGMedianBeat(fs=500, lead_names=["V5"]).fit_transform(
        cohort.data[:, :, 10]
    )
    assert beats.ndim == 2


def test_labels_tell_the_time_from_the_alignment_point():
    pytest.importorskip("xarray")
    cohort = make_lvh_ecg(4, fs=250, random_state=0, as_xarray=True)
    beats = ECGMedianBeat(target_fs=100).fit_transform(cohort.data)
    assert beats.coords["time"].values[[0, 40]].tolist() == [-BEFORE, 0.0]
    assert list(beats.coords["lead"].values) == list(cohort.data.coords["lead"].values)
    assert beats.coords["patient"].equals(cohort.data.coords["patient"])
    assert beats.attrs["units"] == "mV"


def test_records_of_any_length_and_labelled_ones_of_any_rate():
    pytest.importorskip("xarray")
    cohort = make_lvh_ecg(4, fs=500, random_state=0, as_xarray=True)
    medians = ECGMedianBeat().fit(cohort.data)
    slower = cohort.data[:, ::2]
    assert medians.transform(slower[:, :1500]).shape == (4, 262, 12)


def test_what_has_no_beats_is_flat_and_leaves_others_alone(cohort):
    X = cohort.data.copy()
    X[1] = 0
    X[2, :, 3] = 0
    beats = ECGMedianBeat(fs=500).fit_transform(X)
    assert not beats[1].any()
    assert not beats[2, :, 3].any()
    assert beats[2, :, 10].any()
    expected = ECGMedianBeat(fs=500).fit_transform(cohort.data)
    np.testing.assert_array_equal(beats[[0, 3]], expected[[0, 3]])


def test_unnamed_leads_are_asked_for(cohort):
    with pytest.raises(ValueError, match="2 unnamed leads; say which they are"):
        ECGMedianBeat(fs=500).fit(cohort.data[:, :, :2])
    with pytest.raises(ValueError, match="lead_names has 1 names, but X has 2"):
        ECGMedianBeat(fs=500, lead_names=["II"]).fit(cohort.data[:, :, :2])


def test_labels_say_the_leads_even_in_another_order_than_lead_names(cohort):
    plain = cohort.data[:2, :, [1, 10]]
    fitted = ECGMedianBeat(fs=500, lead_names=["II", "V5"]).fit(plain)
    X = labelled(plain[:, :, ::-1], 500, leads=("V5", "II"))
    expected = fitted.transform(plain)[:, :, ::-1]
    np.testing.assert_allclose(fitted.transform(X).values, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["II", "VX"], r"but X has \['VX'\] too; leave these out"),
        (["II", "V6"], r"\['II', 'V6'\] contradicts the labels of X, \['II', 'VX'\]"),
    ],
)
def test_leads_that_are_unknown_or_others_than_labelled_are_named(
    names, message, cohort
):
    X = labelled(cohort.data[:2, :, [1, 10]], 500, leads=("II", "VX"))
    with pytest.raises(ValueError, match=message):
        ECGMedianBeat(lead_names=names).fit(X)
