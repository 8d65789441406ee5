"""ECGAugmenter: disturbed records that keep their voltage."""

import time

import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from sklearn.linear_model import LogisticRegression

from skecg import ECGAugmenter, ECGFlattener, ECGScaler, make_lvh_ecg
from skecg.signal import INDEPENDENT_LEADS, LEAD_NAMES, limb_leads
from tests.preprocessing.records import labelled

FS = 100.0
OFF = {
    "rotation": 0,
    "shift": 0,
    "wander": 0,
    "mains": 0,
    "muscle": 0,
    "gain": 1,
    "lowpass": None,
    "truncation": 0,
    "lead_dropout": 0,
}
SIZES = {
    "rotation": 10.0,
    "shift": 0.5,
    "wander": 0.2,
    "mains": 0.05,
    "muscle": 0.05,
    "gain": 1.25,
    "lowpass": 20.0,
    "truncation": 0.5,
    "lead_dropout": 0.2,
}


def only(name, **parameters):
    """Return an augmenter of one disturbance, which befalls every record."""
    parameters = {"probability": 1.0, "scale": 1.0, "fs": FS, **parameters}
    return ECGAugmenter(**{**OFF, name: SIZES[name]}, **parameters)


@pytest.fixture(scope="module")
def cohort():
    return make_lvh_ecg(200, fs=FS, prevalence=0.25, random_state=0)


@pytest.fixture(scope="module", name="X")
def records(cohort):
    return cohort.data.astype(np.float32)


@pytest.fixture(scope="module")
def y(cohort):
    return cohort.target


def _change(name, X, seed=0, **parameters):
    return only(name, **parameters).augment(X, seed).astype(float) - X


def test_nothing_is_changed_when_everything_is_off(X):
    np.testing.assert_array_equal(ECGAugmenter(**OFF).augment(X, 0), X)
    silent = ECGAugmenter(probability=0.0).augment(X, 0)
    np.testing.assert_array_equal(silent, X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_and_dtype_are_kept_and_the_input_is_left_alone(X, dtype):
    given = X.astype(dtype)
    before = given.copy()
    disturbed = ECGAugmenter(lead_dropout=0.1, fs=FS).augment(given, 0)
    assert (disturbed.shape, disturbed.dtype) == (given.shape, given.dtype)
    assert not np.shares_memory(disturbed, given)
    np.testing.assert_array_equal(given, before)


def test_one_lead_in_two_dimensions_is_one_lead_in_three(X):
    augmenter = ECGAugmenter(fs=FS)
    flat = augmenter.augment(X[:, :, 0], 0)
    np.testing.assert_array_equal(flat, augmenter.augment(X[:, :, :1], 0)[:, :, 0])


@pytest.mark.parametrize("name", sorted(SIZES.keys() - {"mains"}))
def test_a_seed_decides_what_is_drawn(X, name):
    first, again, other = (only(name).augment(X, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_probability_is_the_share_of_records_that_are_struck(X):
    many = np.tile(X, (10, 1, 1))
    change = _change("wander", many, probability=0.3)
    struck = change.any(axis=(1, 2)).mean()
    assert struck == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / len(many)))


def test_excursions_of_the_baseline_reach_the_size_and_no_further(X):
    change = np.abs(_change("wander", X)).max(axis=(1, 2))
    assert 0.19 < change.max() < 0.2001
    assert change.mean() == pytest.approx(0.1, abs=0.02)


def test_muscle_noise_reaches_the_size_and_no_further(X):
    change = _change("muscle", X).std(axis=1).max(axis=1)
    assert 0.045 < change.max() < 0.0501
    assert change.mean() == pytest.approx(0.025, abs=0.005)


def test_hum_is_a_sine_of_the_mains_up_to_its_size():
    change = _change("mains", np.zeros((100, 1000, 12)), fs=500.0, mains_freq=60.0)
    spectrum = np.abs(np.fft.rfft(change, axis=1)) / 500
    assert (spectrum.sum(axis=2).argmax(axis=1) == 120).all()
    amplitude = spectrum[:, 120].max(axis=1)
    assert 0.045 < amplitude.max() < 0.0501
    assert not _change("mains", np.zeros((5, 1000, 12))).any()  # 50 Hz at 100 Hz


def test_shifts_are_whole_samples_up_to_the_longest(X):
    moved = only("shift").augment(X, 0)
    found = []
    for record, given in zip(moved, X, strict=True):
        fits = [
            by
            for by in range(-50, 51)
            if np.array_equal(record[60:-60], given[60 - by : 940 - by])
        ]
        found += fits
    assert len(found) == len(X)
    assert min(found) < -40 < 40 < max(found)


def test_leads_are_lost_with_their_probability_and_others_untouched(X):
    lost = only("lead_dropout", probability=0.0).augment(X, 0)
    flat = (lost == 0).all(axis=1)
    assert flat.mean() == pytest.approx(0.2, abs=0.04)
    np.testing.assert_array_equal(lost, X * ~flat[:, None])


def test_a_wrong_gain_multiplies_whole_records_by_up_to_its_size(X):
    ratio = only("gain").augment(X.astype(float), 0) / X
    np.testing.assert_allclose(ratio, ratio[:, :1, :1] * np.ones_like(X), rtol=1e-6)
    logs = np.log(ratio[:, 0, 0]) / np.log(1.25)
    assert -1 <= logs.min() < -0.9 < 0.9 < logs.max() <= 1
    assert logs.mean() == pytest.approx(0, abs=0.15)


def test_other_recorders_take_high_frequencies_and_leave_low_ones(X):
    def power(X, low, high):
        spectrum = np.abs(np.fft.rfft(X, axis=1)) ** 2
        freqs = np.fft.rfftfreq(X.shape[1], 1 / FS)
        return spectrum[:, (freqs >= low) & (freqs < high)].sum(axis=1)

    filtered = only("lowpass").augment(X, 0)
    left = power(filtered, 35, 40) / power(X, 35, 40)
    assert left.min() < 0.02 < 0.5 < left.max() < 1.05
    np.testing.assert_allclose(power(filtered, 1, 5), power(X, 1, 5), rtol=0.02)
    above_all = only("lowpass").set_params(lowpass=60.0)
    np.testing.assert_array_equal(above_all.augment(X, 0), X)


def test_truncated_records_repeat_the_last_value_that_is_kept(X):
    cut = only("truncation").augment(X, 0)
    n_equal = (cut[:, ::-1] == cut[:, -1:]).all(axis=2).argmin(axis=1)
    assert 400 < n_equal.max() <= 501
    assert n_equal.min() < 60
    kept = np.arange(1000) < 1000 - n_equal[:, None]
    np.testing.assert_array_equal(cut[kept], X[kept])


def test_turned_hearts_keep_the_length_of_the_dipole(X):
    from skecg.signal._augment import DOWER

    independent = [LEAD_NAMES.index(name) for name in INDEPENDENT_LEADS]

    def length(X):
        return np.linalg.norm(X[..., independent] @ np.linalg.pinv(DOWER).T, axis=2)

    turned = only("rotation").augment(X.astype(float), 0)
    np.testing.assert_allclose(length(turned), length(X.astype(float)), atol=1e-9)
    assert np.abs(turned - X).max() > 0.05


def test_einthoven_and_goldberger_hold_under_all_disturbances(X):
    augmenter = ECGAugmenter(
        **{**SIZES, "lead_dropout": 0}, probability=1, scale=1, fs=FS
    )
    disturbed = augmenter.augment(X, 0)
    assert np.abs(disturbed - X).max() > 0.2
    expected = limb_leads(disturbed[..., 0], disturbed[..., 1])
    np.testing.assert_allclose(disturbed[..., :6], expected, atol=2e-6)


def test_standardized_records_are_disturbed_like_those_in_millivolts(X):
    scaler = ECGScaler(with_mean=False).fit(X)
    in_mv = ECGAugmenter(scale=1, fs=FS).augment(X, 0)
    scaled = ECGAugmenter(scale=scaler.scale_, fs=FS).augment(scaler.transform(X), 0)
    np.testing.assert_allclose(scaler.inverse_transform(scaled), in_mv, atol=1e-5)


def test_usual_spreads_stand_in_for_a_scale_that_is_not_given():
    X = np.zeros((50, 1000, 12), np.float32)
    spread = [0.15, 0.15, 0.14, 0.13, 0.12, 0.12, 0.2, 0.31, 0.3, 0.27, 0.24, 0.2]
    change = only("wander", scale=None).augment(X, 0)
    expected = only("wander", scale=spread).augment(X, 0)
    np.testing.assert_array_equal(change, expected)
    assert np.abs(change * spread).max() == pytest.approx(0.2, abs=0.01)


def _r_amplitude(X):
    """Return the tallest R of V5 over a second's median level, for each record."""
    v5 = X[:, :, LEAD_NAMES.index("V5")]
    return np.median(v5.reshape(len(X), 10, -1).max(axis=2), axis=1)


def test_defaults_keep_the_statistics_of_r_amplitude(X):
    given = _r_amplitude(X)
    disturbed = _r_amplitude(ECGAugmenter(scale=1, fs=FS).augment(X, 0))
    assert disturbed.mean() == pytest.approx(given.mean(), rel=0.03)
    assert disturbed.std() == pytest.approx(given.std(), rel=0.05)
    assert np.corrcoef(given, disturbed)[0, 1] > 0.98


def test_turning_alone_shifts_no_mean_of_r_amplitude(X):
    given, turned = _r_amplitude(X), _r_amplitude(only("rotation").augment(X, 0))
    assert turned.mean() == pytest.approx(given.mean(), rel=0.01)
    np.testing.assert_allclose(turned, given, rtol=0.35)


@pytest.mark.parametrize("n_leads", [1, 2, 3, 12])
def test_any_set_of_leads_is_disturbed(X, n_leads):
    disturbed = ECGAugmenter(fs=FS, probability=1.0).augment(X[:, :, :n_leads], 0)
    assert (disturbed != X[:, :, :n_leads]).any(axis=(0, 1)).all()


def test_only_known_leads_are_turned(X):
    assert not _change("rotation", X[:, :, :5]).any()
    assert not _change("rotation", X, lead_names=[f"L{k}" for k in range(12)]).any()
    index = [LEAD_NAMES.index(name) for name in INDEPENDENT_LEADS]
    eight, twelve = _change("rotation", X[..., index]), _change("rotation", X)
    np.testing.assert_allclose(eight, twelve[..., index], atol=1e-6)
    order = np.arange(12)[::-1]
    other = _change("rotation", X[..., order], lead_names=LEAD_NAMES[::-1])
    np.testing.assert_allclose(other, twelve[..., order], atol=1e-6)


def test_classes_are_balanced_by_disturbed_copies_of_the_smaller(X, y):
    augmenter = ECGAugmenter(fs=FS, random_state=0)
    X_new, y_new = augmenter.fit_resample(X, y)
    n_new = augmenter.sampling_strategy_[1]
    assert np.bincount(y_new).tolist() == [150, 150]
    assert (y_new[len(y) :] == 1).all()
    assert len(X_new) == len(y) + n_new
    np.testing.assert_array_equal(X_new[: len(X)], X)
    base = augmenter.sample_indices_
    np.testing.assert_array_equal(base[: len(X)], np.arange(len(X)))
    # Every record is copied twice, as 100 copies of 50 are wanted.
    assert (np.bincount(base[len(X) :], minlength=len(X)) == 2 * y).all()
    likeness = [
        np.corrcoef(new[20:-20, 10], X[k, 20:-20, 10])[0, 1]
        for new, k in zip(X_new[len(X) :], base[len(X) :], strict=True)
    ]
    assert np.median(likeness) > 0.3
    assert X_new.dtype == X.dtype


def test_copies_are_disturbed_in_millivolts_whatever_the_unit(X, y):
    in_mv, _ = ECGAugmenter(random_state=0).fit_resample(labelled(X, FS), y)
    in_uv = labelled(X * np.float32(1000), FS, units="uV")
    in_uv, _ = ECGAugmenter(random_state=0).fit_resample(in_uv, y)
    np.testing.assert_allclose(in_uv.values, in_mv.values, atol=1e-4)
    plain, _ = ECGAugmenter(fs=FS, random_state=0).fit_resample(X, y)
    np.testing.assert_array_equal(plain, in_mv.values)


def test_standardized_labelled_records_are_taken_as_such(X, y):
    standardized, in_mv = labelled(X, FS, units="1"), labelled(X, FS)
    X_new, _ = ECGAugmenter(random_state=0).fit_resample(standardized, y)
    spread = only("wander", scale=None).augment(np.zeros_like(X[:1]), 0)
    spread /= only("wander", scale=1).augment(np.zeros_like(X[:1]), 0)
    expected, _ = ECGAugmenter(scale=1 / spread[0, 0], random_state=0).fit_resample(
        in_mv, y
    )
    assert X_new.attrs["units"] == "1"
    np.testing.assert_allclose(X_new.values, expected.values, atol=1e-4)


def test_copies_get_labels_as_those_of_record_sampler(X, y):
    X_new, y_new = ECGAugmenter(random_state=0).fit_resample(labelled(X, FS), y)
    synthetic = X_new.coords["synthetic"].values
    assert synthetic.sum() == len(y_new) - len(y)
    assert not synthetic[: len(y)].any()
    patients = X_new.coords["patient"].values
    assert len(set(patients[synthetic])) == synthetic.sum()
    assert np.isnan(X_new.coords["sex"].values[synthetic]).all()


def test_new_records_of_two_samplers_in_a_row_stay_synthetic_and_apart():
    cohort = make_lvh_ecg(40, fs=FS, prevalence=0.2, random_state=0, as_xarray=True)
    X, y = cohort.data, cohort.target
    n = len(y)
    for strategy in (0.5, 1.0):
        X, y = ECGAugmenter(strategy, random_state=0).fit_resample(X, y)
    synthetic, patients = X.coords["synthetic"].values, X.coords["patient"].values
    assert synthetic.dtype == bool
    assert synthetic.tolist() == [False] * n + [True] * (len(y) - n)
    assert len(y) - n == 24
    assert len(set(patients[n:]) - set(patients[:n])) == 24


def test_lead_names_other_than_the_labels_are_an_error(X, y):
    augmenter = ECGAugmenter(lead_names=[f"L{k}" for k in range(12)])
    with pytest.raises(ValueError, match="contradicts the labels of X"):
        augmenter.fit_resample(labelled(X, FS), y)


def test_sampling_strategy_and_labels_are_as_in_imbalanced_learn(X, y):
    pandas = pytest.importorskip("pandas")
    names = pandas.Series(np.array(["NORM", "LVH"])[y], name="label")
    augmenter = ECGAugmenter({"LVH": 60}, fs=FS, random_state=0)
    _, y_new = augmenter.fit_resample(X, names)
    assert y_new.value_counts().to_dict() == {"NORM": 150, "LVH": 60}
    assert y_new.name == "label"
    _, y_new = ECGAugmenter(0.5, fs=FS).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [150, 75]


def test_it_balances_training_records_in_a_pipeline(X, y):
    model = make_pipeline(
        ECGAugmenter(fs=FS, random_state=0), ECGFlattener(), LogisticRegression()
    )
    assert model.fit(X, y).predict(X).shape == y.shape


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rotation": -1}, "'rotation' parameter of ECGAugmenter"),
        ({"lead_dropout": 1.5}, "'lead_dropout' parameter of ECGAugmenter"),
        ({"scale": [1.0, 2.0]}, "scale must be one positive number, or one for each"),
        ({"scale": np.zeros(12)}, "scale must be one positive number"),
        ({"lead_names": ["I"]}, "lead_names has 1 names, but X has 12 leads"),
    ],
)
def test_wrong_parameters_are_an_error(X, y, parameters, message):
    augmenter = ECGAugmenter(fs=FS, **parameters)
    with pytest.raises(ValueError, match=message):
        augmenter.augment(X, 0)
    with pytest.raises(ValueError, match=message):
        augmenter.fit_resample(X, y)


def test_a_batch_is_augmented_fast_enough_for_training():
    X = np.random.default_rng(0).normal(size=(64, 500, 12)).astype(np.float32)
    augmenter = ECGAugmenter(fs=FS)
    durations = []
    for seed in range(10):
        start = time.process_time()
        augmenter.augment(X, seed)
        durations.append(time.process_time() - start)
    assert min(durations) < 0.1  # about 0.01 s on one core
