"""RecordSampler: imbalanced-learn's samplers on three-dimensional records."""

import numpy as np
import pytest
from imblearn.combine import SMOTEENN
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import ClusterCentroids, NearMiss, RandomUnderSampler
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from skecg import ECGAugmenter, ECGFlattener, RecordSampler, make_lvh_ecg
from tests.preprocessing.records import labelled

N_POSITIVE, N_NEGATIVE = 6, 14
Y = np.r_[np.ones(N_POSITIVE, int), np.zeros(N_NEGATIVE, int)]


def _records(dtype=float):
    """Records of class 1 have twice the amplitude of those of class 0."""
    rng = np.random.default_rng(0)
    X = rng.normal(1.0, 0.1, size=(len(Y), 30, 3))
    return (X * (1 + Y)[:, np.newaxis, np.newaxis]).astype(dtype)


CHOOSING = [
    pytest.param(RandomOverSampler(random_state=0), N_NEGATIVE, id="over"),
    pytest.param(RandomUnderSampler(random_state=0), N_POSITIVE, id="under"),
    pytest.param(NearMiss(), N_POSITIVE, id="near miss"),
]
MAKING = [
    pytest.param(SMOTE(k_neighbors=3, random_state=0), N_NEGATIVE, id="SMOTE"),
    pytest.param(ClusterCentroids(random_state=0), N_POSITIVE, id="centroids"),
]


@pytest.mark.parametrize(("sampler", "n_each"), CHOOSING + MAKING)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_classes_are_balanced_and_records_keep_shape_and_dtype(sampler, n_each, dtype):
    X_new, y_new = RecordSampler(sampler).fit_resample(_records(dtype), Y)
    assert np.bincount(y_new).tolist() == [n_each, n_each]
    assert X_new.shape == (2 * n_each, 30, 3)
    assert X_new.dtype == dtype
    means = X_new.mean(axis=(1, 2))
    np.testing.assert_allclose(means, 1 + y_new, atol=0.2)


@pytest.mark.parametrize(("sampler", "n_each"), CHOOSING)
def test_sample_indices_say_where_each_record_stood(sampler, n_each):
    X = _records()
    balancer = RecordSampler(sampler)
    X_new, y_new = balancer.fit_resample(X, Y)
    assert len(balancer.sample_indices_) == 2 * n_each
    np.testing.assert_array_equal(X_new, X[balancer.sample_indices_])
    np.testing.assert_array_equal(y_new, Y[balancer.sample_indices_])


def test_smote_draws_new_records_between_two_of_the_minority():
    X = _records()
    balancer = RecordSampler(SMOTE(random_state=0))
    X_new, y_new = balancer.fit_resample(X, Y)
    np.testing.assert_array_equal(X_new[: len(X)], X)
    assert (y_new[len(X) :] == 1).all()
    assert not hasattr(balancer, "sample_indices_")
    minority = X[Y == 1].reshape(N_POSITIVE, -1)
    for record in X_new[len(X) :].reshape(-1, 90):
        # |a - c| = |a - b| + |b - c| for b on the straight line from a to c alone.
        to_record = np.linalg.norm(minority - record, axis=1)
        between = np.linalg.norm(minority[:, None] - minority, axis=2)
        detour = to_record[:, None] + to_record - between
        np.fill_diagonal(detour, np.inf)
        assert detour.min() < 1e-9


def test_flattening_does_not_mix_samples_and_leads():
    X = np.zeros((len(Y), 30, 3)) + np.arange(3) + 10 * np.arange(30)[:, np.newaxis]
    X_new, _ = RecordSampler(SMOTE(random_state=0)).fit_resample(X, Y)
    np.testing.assert_allclose(X_new, np.broadcast_to(X[0], X_new.shape))


def test_one_lead_in_two_dimensions_stays_in_two():
    X_new, y_new = RecordSampler(RandomOverSampler(random_state=0)).fit_resample(
        _records()[:, :, 0], Y
    )
    assert X_new.shape == (len(y_new), 30)


@pytest.mark.parametrize(("sampler", "n_each"), CHOOSING)
def test_chosen_records_keep_their_coordinates(sampler, n_each):
    X = labelled(_records())
    balancer = RecordSampler(sampler)
    X_new, _ = balancer.fit_resample(X, Y)
    assert X_new.equals(X.isel(record=balancer.sample_indices_))
    assert X_new.attrs == X.attrs


def test_appended_records_are_marked_and_have_a_patient_of_their_own():
    X = labelled(_records())
    X_new, y_new = RecordSampler(SMOTE(k_neighbors=3, random_state=0)).fit_resample(
        X, Y
    )
    n_new = len(y_new) - len(Y)
    synthetic = X_new.coords["synthetic"].values
    assert n_new > 0
    assert synthetic.tolist() == [False] * len(Y) + [True] * n_new
    patients = X_new.coords["patient"].values
    assert (
        patients[: len(Y)].tolist() == X.coords["patient"].astype(str).values.tolist()
    )
    assert len(set(patients[synthetic])) == n_new
    assert not set(patients[synthetic]) & set(patients[~synthetic])
    np.testing.assert_array_equal(X_new.values[: len(Y)], X.values)


def test_records_that_replace_others_belong_to_no_patient():
    sampler = RecordSampler(ClusterCentroids(random_state=0))
    X_new, _ = sampler.fit_resample(labelled(_records()), Y)
    assert set(X_new.coords) == {"time", "lead"}
    assert X_new.sizes["record"] == 2 * N_POSITIVE


def test_series_of_labels_comes_back_as_a_series():
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(Y, name="label", index=np.arange(len(Y)) + 5)
    _, y_new = RecordSampler(RandomUnderSampler(random_state=0)).fit_resample(
        _records(), series
    )
    assert isinstance(y_new, pandas.Series)
    assert y_new.name == "label"


def test_labels_may_be_text():
    labels = np.array(["NORM", "LVH"])[Y]
    _, y_new = RecordSampler(RandomUnderSampler(random_state=0)).fit_resample(
        _records(), labels
    )
    assert sorted(y_new) == ["LVH"] * N_POSITIVE + ["NORM"] * N_POSITIVE


def test_a_sampler_that_empties_a_class_is_an_error():
    # Interpolated records lie nearer to everything, so that every record of the
    # majority has neighbours of the minority.
    X = np.random.default_rng(0).normal(size=(80, 40, 12))
    y = np.repeat([0, 1], [60, 20])
    sampler = RecordSampler(SMOTEENN(random_state=0))
    message = r"SMOTEENN left no record of class \[0\]; choose a sampler that keeps"
    with pytest.raises(ValueError, match=message):
        sampler.fit_resample(X, y)


@pytest.mark.parametrize("y", [None, Y[:-1], Y + 0.5])
def test_labels_that_do_not_fit_are_an_error(y):
    message = "y to be passed|inconsistent numbers of samples|Unknown label type"
    with pytest.raises(ValueError, match=message):
        RecordSampler(RandomOverSampler()).fit_resample(_records(), y)


def test_something_that_is_no_sampler_is_an_error():
    with pytest.raises(ValueError, match="'sampler' parameter of RecordSampler"):
        RecordSampler(LogisticRegression()).fit_resample(_records(), Y)


def test_wrong_axis_order_is_an_error():
    with pytest.raises(ValueError, match=r"X\.transpose\(0, 2, 1\)"):
        RecordSampler(RandomOverSampler()).fit_resample(np.zeros((20, 3, 30)), Y)


def test_the_caller_s_sampler_and_records_stay_as_they_were():
    X = _records()
    before = X.copy()
    sampler = RandomUnderSampler(random_state=0)
    balancer = RecordSampler(sampler)
    balancer.fit_resample(X, Y)
    assert not hasattr(sampler, "sample_indices_")
    assert hasattr(balancer.sampler_, "sample_indices_")
    np.testing.assert_array_equal(X, before)


def test_fit_alone_learns_the_strategy_of_the_sampler():
    balancer = RecordSampler(RandomUnderSampler(random_state=0)).fit(_records(), Y)
    assert balancer.sampler_.sampling_strategy_ == {0: N_POSITIVE}


def test_a_clone_balances_alike_and_nested_parameters_can_be_set():
    balancer = RecordSampler(RandomUnderSampler(random_state=3))
    X_new, _ = balancer.fit_resample(_records(), Y)
    X_again, _ = clone(balancer).fit_resample(_records(), Y)
    np.testing.assert_array_equal(X_new, X_again)
    balancer.set_params(sampler__sampling_strategy=0.5)
    _, y_new = balancer.fit_resample(_records(), Y)
    assert np.bincount(y_new).tolist() == [12, 6]


def test_another_fit_forgets_the_first():
    balancer = RecordSampler(RandomUnderSampler(random_state=0))
    balancer.fit_resample(labelled(_records()), Y)
    balancer.set_params(sampler=SMOTE(random_state=0))
    balancer.fit_resample(_records()[:, :20, :2], Y)
    assert not hasattr(balancer, "sample_indices_")
    assert (balancer.n_features_in_, balancer.n_leads_in_) == (20, 2)
    assert (balancer.fs_in_, balancer.lead_names_in_) == (None, None)


@pytest.mark.parametrize(("sampler", "n_each"), CHOOSING + MAKING)
@pytest.mark.parametrize("label", [False, True])
def test_it_balances_the_training_records_in_the_pipeline_of_imblearn(
    sampler, n_each, label
):
    X = labelled(_records()) if label else _records()
    model = make_pipeline(RecordSampler(sampler), ECGFlattener(), LogisticRegression())
    assert (model.fit(X, Y).predict(X) == Y).all()
    assert len(model[1].fit_transform(X)) == len(Y)
    assert cross_val_score(model, X, Y, cv=3).min() == 1.0


def test_a_sampler_of_records_works_as_it_does_alone():
    X, y = make_lvh_ecg(12, fs=100, prevalence=0.25, random_state=0, return_X_y=True)
    augmenter = ECGAugmenter(fs=100, random_state=0)
    wrapped = RecordSampler(augmenter)
    for given, expected in zip(
        wrapped.fit_resample(X, y), augmenter.fit_resample(X, y), strict=True
    ):
        np.testing.assert_array_equal(given, expected)
    np.testing.assert_array_equal(wrapped.sample_indices_, augmenter.sample_indices_)
