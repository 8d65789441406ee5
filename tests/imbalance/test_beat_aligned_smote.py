"""BeatAlignedSMOTE: new records of a class that keep its voltage."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.linear_model import LogisticRegression

from skecg import BeatAlignedSMOTE, ECGFlattener, RecordSampler, make_lvh_ecg
from skecg.signal import LEAD_NAMES, limb_leads, measure_records
from tests.preprocessing.records import labelled

FS = 250.0
V5 = LEAD_NAMES.index("V5")


def _train(heights, first, interval, duration=10.0, fs=500.0):
    """Return records of one lead, Gaussian beats of a height at their own times."""
    t = np.arange(0, duration, 1 / fs)
    phase = (t - np.asarray(first)[:, None]) % np.asarray(interval)[:, None]
    phase = np.minimum(phase, np.asarray(interval)[:, None] - phase)
    return np.asarray(heights)[:, None] * np.exp(-0.5 * (phase / 0.012) ** 2)


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(60, fs=FS, prevalence=0.2, random_state=0)


@pytest.fixture(scope="module", name="X")
def records(cohort):
    return cohort.data


@pytest.fixture(scope="module")
def y(cohort):
    return cohort.target


@pytest.fixture(scope="module")
def sampler():
    return BeatAlignedSMOTE(k_neighbors=4, fs=FS, random_state=0)


@pytest.fixture(scope="module")
def resampled(sampler, X, y):
    return sampler.fit_resample(X, y)


def test_smote_halves_the_voltage_and_aligned_beats_keep_it():
    rng = np.random.default_rng(0)
    n_each = 12
    positive = _train(
        np.full(n_each, 2.0),
        rng.uniform(0.3, 0.9, n_each),
        rng.uniform(0.7, 1.1, n_each),
    )
    negative = _train(
        np.full(60, 1.0), rng.uniform(0.3, 0.9, 60), rng.uniform(0.7, 1.1, 60)
    )
    X, y = np.concatenate([positive, negative]), np.repeat([1, 0], [n_each, 60])

    def median_r(sampler):
        new = sampler.fit_resample(X, y)[0][len(X) :]
        assert len(new) == 48
        return np.median(new.reshape(48, 5, -1).max(axis=2), axis=1)

    raw = median_r(RecordSampler(SMOTE(random_state=0)))
    aligned = median_r(BeatAlignedSMOTE(fs=500, random_state=0))
    assert np.median(raw) < 1.6
    assert raw.min() < 1.1
    np.testing.assert_allclose(aligned, 2.0, rtol=0.03)


def test_r_of_new_records_is_between_that_of_their_parents(X, sampler, resampled):
    X_new, _ = resampled
    parents, new = measure_records(X, FS), measure_records(X_new[len(X) :], FS)
    base, other = sampler.sample_indices_[len(X) :], sampler.neighbor_indices_
    for wave in ("R_V5", "R_I", "S_V1", "S_V2"):
        low = (1 - sampler.shares_) * parents[wave][base]
        expected = low + sampler.shares_ * parents[wave][other]
        ratio = new[wave] / expected
        assert np.median(ratio) == pytest.approx(1, abs=0.01)
        assert (np.abs(ratio - 1) < 0.03).mean() >= 0.85, wave
        assert (np.abs(ratio - 1) < 0.10).all(), wave


def test_raw_smote_loses_what_aligned_beats_keep(X, y, resampled):
    raw, _ = RecordSampler(SMOTE(k_neighbors=4, random_state=0)).fit_resample(X, y)
    of_minority = np.median(X[y == 1][:, :, V5].max(axis=1))
    assert np.median(raw[len(X) :, :, V5].max(axis=1)) < 0.85 * of_minority
    aligned = np.median(resampled[0][len(X) :, :, V5].max(axis=1))
    assert aligned == pytest.approx(of_minority, rel=0.06)


def test_einthoven_and_goldberger_hold(X, resampled):
    new = resampled[0][len(X) :]
    expected = limb_leads(new[..., 0], new[..., 1])
    np.testing.assert_allclose(new[..., :6], expected, atol=1e-5)


def test_classes_are_balanced_and_what_was_given_stays(X, y, resampled):
    X_new, y_new = resampled
    assert np.bincount(y_new).tolist() == [48, 48]
    assert (y_new[60:] == 1).all()
    assert (X_new.shape, X_new.dtype) == ((96, 2500, 12), X.dtype)
    np.testing.assert_array_equal(X_new[:60], X)


def test_parents_are_two_records_of_the_class_and_each_is_a_base(y, sampler, resampled):
    base, other = sampler.sample_indices_[60:], sampler.neighbor_indices_
    assert (y[base] == 1).all()
    assert (y[other] == 1).all()
    assert (base != other).all()
    assert (np.bincount(base, minlength=60)[y == 1] == 3).all()
    assert ((sampler.shares_ >= 0) & (sampler.shares_ <= 1)).all()
    assert resampled[1].shape == (96,)


def test_neighbours_are_the_records_of_like_voltage():
    heights = np.repeat([1.0, 3.0], 5)
    X = _train(np.r_[heights, np.full(20, 1.0)], np.full(30, 0.5), np.full(30, 0.8))
    y = np.repeat([1, 0], [10, 20])
    sampler = BeatAlignedSMOTE(k_neighbors=4, fs=500, random_state=0).fit(X, y)
    sampler.fit_resample(X, y)
    base, other = sampler.sample_indices_[30:], sampler.neighbor_indices_
    np.testing.assert_array_equal(heights[base], heights[other])


def test_a_known_patient_s_own_records_are_no_neighbours(X, y):
    records = labelled(X, FS)
    patient = records.coords["patient"].values
    sampler = BeatAlignedSMOTE(k_neighbors=3, random_state=0)
    X_new, y_new = sampler.fit_resample(records, y)
    base, other = sampler.sample_indices_[60:], sampler.neighbor_indices_
    assert (patient[base] != patient[other]).all()
    synthetic = X_new.coords["synthetic"].values
    assert synthetic.tolist() == [False] * 60 + [True] * 36
    assert len(set(X_new.coords["patient"].values[synthetic])) == 36
    assert np.isnan(X_new.coords["age"].values[synthetic]).all()
    assert len(y_new) == 96


def test_records_without_beats_are_kept_and_make_no_new_ones(X, y):
    spoilt = X.copy()
    lost = np.flatnonzero(y == 1)[[0, 3]]
    spoilt[lost] = 0
    sampler = BeatAlignedSMOTE(k_neighbors=4, fs=FS, random_state=0)
    X_new, _ = sampler.fit_resample(spoilt, y)
    np.testing.assert_array_equal(sampler.without_beats_, lost)
    used = np.r_[sampler.sample_indices_[60:], sampler.neighbor_indices_]
    assert not np.isin(lost, used).any()
    np.testing.assert_array_equal(X_new[:60], spoilt)
    assert len(X_new) == 96


@pytest.mark.parametrize("n_spoilt", [8, 12])
def test_too_few_records_with_beats_are_an_error(X, y, n_spoilt):
    spoilt = X.copy()
    spoilt[np.flatnonzero(y == 1)[:n_spoilt]] = 0
    message = r"k_neighbors=5, but a record of class .*1.* has only \d others in which"
    with pytest.raises(ValueError, match=message):
        BeatAlignedSMOTE(fs=FS).fit_resample(spoilt, y)


def test_one_patient_alone_has_no_neighbours(X, y):
    records = labelled(X, FS).assign_coords(patient=("record", np.zeros(60, int)))
    with pytest.raises(ValueError, match="has only 0 others of other patients"):
        BeatAlignedSMOTE().fit_resample(records, y)


def test_one_lead_in_two_dimensions_stays_in_two(X, y):
    sampler = BeatAlignedSMOTE(k_neighbors=3, fs=FS, random_state=0)
    X_new, y_new = sampler.fit_resample(X[:, :, V5], y)
    assert X_new.shape == (96, 2500)
    assert np.bincount(y_new).tolist() == [48, 48]


def test_the_seed_decides_and_strategies_are_as_in_imbalanced_learn(X, y):
    one, two, other = (
        BeatAlignedSMOTE({1: 20}, k_neighbors=3, fs=FS, random_state=seed)
        for seed in (0, 0, 1)
    )
    first, y_new = one.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [48, 20]
    np.testing.assert_array_equal(first, two.fit_resample(X, y)[0])
    assert (first != other.fit_resample(X, y)[0]).any()


def test_classes_that_are_balanced_already_get_nothing(X, y):
    balanced = np.r_[np.flatnonzero(y == 1), np.flatnonzero(y == 0)[:12]]
    sampler = BeatAlignedSMOTE(fs=FS)
    X_new, _ = sampler.fit_resample(X[balanced], y[balanced])
    np.testing.assert_array_equal(X_new, X[balanced])
    assert len(sampler.neighbor_indices_) == len(sampler.without_beats_) == 0


def test_standardized_records_and_low_rates_are_an_error(X, y):
    with pytest.raises(ValueError, match="is standardized; put it before ECGScaler"):
        BeatAlignedSMOTE().fit_resample(labelled(X, FS, units="1"), y)
    with pytest.raises(ValueError, match="80 Hz or more to find beats, got 50"):
        BeatAlignedSMOTE(fs=50).fit_resample(X[:, ::5], y)


def test_it_balances_training_records_in_a_pipeline(X, y, sampler):
    model = make_pipeline(sampler, ECGFlattener(), LogisticRegression())
    assert model.fit(X, y).predict(X).shape == y.shape
