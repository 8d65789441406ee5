import pickle
import random
import subprocess
import sys
import textwrap
import threading
from typing import ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from skecg import LVHCNNClassifier, LVHLSTMClassifier, LVHResNetClassifier
from skecg.networks import _layers
from skecg.training import _predict, clear_pool
from skecg.training._callbacks import learning_rates

ON_PYTORCH = keras.backend.backend() == "torch"
SMALL = {"batch_size": 8, "dense_units": (8,), "epochs": 3, "random_state": 0}
CNN = LVHCNNClassifier(filters=(8,), kernel_sizes=5, **SMALL)
LSTM = LVHLSTMClassifier(units=(4,), conv_filters=(8,), conv_kernel_sizes=5, **SMALL)
RESNET = LVHResNetClassifier(filters=(8,), stem_filters=8, **SMALL)


@pytest.fixture(scope="module")
def records():
    """Noise, in which a record of class 1 has twice the amplitude in one lead."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 64, 2)).astype(np.float32)
    y = np.arange(60) % 3 // 2
    X[y == 1, :, 1] *= 3
    return X, y


@pytest.fixture(scope="module")
def fitted(records):
    return clone(CNN).fit(*records)


@pytest.mark.parametrize("classifier", [CNN, LSTM, RESNET], ids=["cnn", "lstm", "res"])
def test_same_random_state_gives_the_same_probabilities(classifier, records):
    X, y = records
    first = clone(classifier).fit(X, y).predict_proba(X)
    second = clone(classifier).fit(X, y).predict_proba(X)
    other = clone(classifier).set_params(random_state=1).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_fit_on_a_kept_model_equals_a_cold_fit(records):
    X, y = records
    warm = clone(CNN).fit(X, y)
    clear_pool()
    _predict._forward.cache_clear()
    cold = clone(CNN).fit(X, y)
    np.testing.assert_array_equal(warm.predict_proba(X), cold.predict_proba(X))


def test_an_earlier_fit_keeps_its_weights(records):
    X, y = records
    first = clone(CNN).fit(X, y)
    before = first.predict_proba(X)
    clone(CNN).set_params(random_state=7).fit(X, 1 - y)
    np.testing.assert_array_equal(first.predict_proba(X), before)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_pickle_gives_the_same_bits_and_no_optimizer_state(records, early_stopping):
    X, y = records
    fitted = clone(CNN).set_params(early_stopping=early_stopping).fit(X, y)
    data = pickle.dumps(fitted)
    np.testing.assert_array_equal(
        pickle.loads(data).predict_proba(X), fitted.predict_proba(X)
    )
    assert len(data) < 4 * fitted.estimator_.model_.count_params() + 20_000


def test_wrapper_of_scikeras_predicts_the_same(fitted, records):
    X, _ = records
    probability = fitted.estimator_.keras_classifier_.predict_proba(X)
    np.testing.assert_allclose(probability, fitted.predict_proba(X), atol=1e-5)


def test_nothing_global_is_changed(records):
    X, y = records
    keras.utils.set_random_seed(3)
    states = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    expected = tf.random.uniform((3,)).numpy()
    keras.utils.set_random_seed(3)
    clone(CNN).fit(X, y).predict_proba(X)
    assert random.getstate() == states[0]
    np.testing.assert_array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002
    np.testing.assert_array_equal(tf.random.uniform((3,)).numpy(), expected)
    model = keras.Sequential([keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X[:, :, 0], y, verbose=0)  # an unseeded fit still works


def test_weight_of_zero_is_as_good_as_absent(records):
    X, y = records
    weight = np.ones(60)
    weight[40:] = 0
    X_other = X.copy()
    X_other[40:] *= -1
    full = clone(CNN).set_params(batch_norm=False, dropout=0.0, batch_size=60)
    first, second = (clone(full).fit(data, y, weight) for data in (X, X_other))
    np.testing.assert_allclose(
        first.predict_proba(X), second.predict_proba(X), atol=1e-5
    )


def test_class_weight_multiplies_sample_weight_and_changes_neither(records):
    X, y = records
    weight = np.linspace(1, 2, 60)
    kept = weight.copy()
    classes = {0: 1.0, 1: 3.0}
    together = clone(CNN).set_params(class_weight=classes).fit(X, y, weight)
    by_hand = clone(CNN).fit(X, y, weight * np.where(y == 1, 3.0, 1.0))
    np.testing.assert_array_equal(weight, kept)
    assert classes == {0: 1.0, 1: 3.0}
    np.testing.assert_array_equal(together.predict_proba(X), by_hand.predict_proba(X))


def test_balanced_classes_raise_the_rare_class(records):
    X, y = records
    weighted = clone(CNN).set_params(class_weight={0: 1.0, 1: 50.0}).fit(X, y)
    plain = clone(CNN).fit(X, y)
    assert weighted.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean()
    balanced = clone(CNN).set_params(class_weight="balanced").fit(X, y)
    assert not np.array_equal(balanced.predict_proba(X), plain.predict_proba(X))


@pytest.mark.parametrize(
    "labels", [["normal", "LVH"], [False, True], [-1, 1], [10.0, 2.0]]
)
def test_labels_of_any_type_come_back(records, labels):
    X, y = records
    target = np.array(labels)[y]
    classifier = clone(CNN).set_params(epochs=30, learning_rate=0.02).fit(X, target)
    np.testing.assert_array_equal(classifier.classes_, np.unique(labels))
    assert classifier.score(X, target) > 0.8


def test_three_classes(records):
    X, _ = records
    y = np.array(["a", "b", "c"])[np.arange(60) % 3]
    classifier = clone(CNN).fit(X, y)
    probability = classifier.predict_proba(X)
    assert probability.shape == (60, 3)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    np.testing.assert_array_equal(
        classifier.decision_function(X).argmax(axis=1), probability.argmax(axis=1)
    )
    assert "auc" not in classifier.history_


def test_decision_function_is_the_log_odds_of_the_positive_class(fitted, records):
    X, _ = records
    p = fitted.predict_proba(X)[:, 1]
    np.testing.assert_allclose(fitted.decision_function(X), np.log(p / (1 - p)))
    np.testing.assert_array_equal(
        fitted.decision_function(X) > 0, fitted.predict(X) == fitted.classes_[1]
    )


def test_log_probabilities_are_finite_and_those_of_predict_proba(fitted, records):
    X, _ = records
    np.testing.assert_allclose(
        fitted.predict_log_proba(X), np.log(fitted.predict_proba(X))
    )
    certain = clone(CNN).set_params(epochs=60, learning_rate=0.1).fit(*records)
    assert np.isfinite(certain.predict_log_proba(0.02 * X)).all()


@pytest.mark.parametrize("dtype", ["boolean", "Int64", "string", "category"])
def test_pandas_types_of_y_give_the_classes_that_scikit_learn_gives(records, dtype):
    pandas = pytest.importorskip("pandas")
    X, y = records
    target = pandas.Series(y.astype(bool) if dtype == "boolean" else y).astype(dtype)
    expected = LogisticRegression().fit(X[:, 0], target).classes_
    classifier = clone(CNN).set_params(epochs=1).fit(X, target)
    np.testing.assert_array_equal(classifier.classes_, expected)
    assert classifier.classes_.dtype == expected.dtype


def test_history_has_every_epoch(fitted):
    assert fitted.n_epochs_ == 3
    assert set(fitted.history_) == {"loss", "accuracy", "auc"}
    assert all(len(values) == 3 for values in fitted.history_.values())


def test_early_stopping_keeps_the_best_epoch(records):
    X, y = records
    noise = np.random.default_rng(1).permutation(y)
    classifier = clone(CNN).set_params(
        early_stopping=True,
        patience=2,
        epochs=60,
        learning_rate=0.05,
        validation_fraction=0.3,
        schedule="constant",
    )
    classifier.fit(X, noise, X_val=X[:20], y_val=1 - noise[:20])
    losses = classifier.history_["val_loss"]
    assert classifier.n_epochs_ == np.argmin(losses) + 3 < 60
    p = classifier.predict_proba(X[:20])[:, 1].clip(1e-7, 1 - 1e-7)
    target = 1 - noise[:20]
    loss = -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
    assert loss == pytest.approx(min(losses), rel=1e-3)


def test_patient_coordinate_serves_as_groups(records):
    xarray = pytest.importorskip("xarray")
    X, y = records
    patient = np.repeat(np.arange(20), 3)
    labelled = xarray.DataArray(
        X,
        dims=("record", "time", "lead"),
        coords={"patient": ("record", patient)},
    )
    stopping = clone(CNN).set_params(early_stopping=True)
    by_label = clone(stopping).fit(labelled, y)
    by_groups = clone(stopping).fit(X, y, groups=patient)
    without = clone(stopping).fit(X, y)
    assert by_label.history_ == by_groups.history_
    assert by_label.history_ != without.history_


def test_validation_records_and_labels_come_together(records):
    X, y = records
    with pytest.raises(ValueError, match="X_val is given without y_val; give both"):
        clone(CNN).fit(X, y, X_val=X)
    with pytest.raises(ValueError, match=r"y_val has the labels \[5\]"):
        clone(CNN).fit(X, y, X_val=X[:1], y_val=[5])
    with pytest.raises(ValueError, match="X has 3 leads"):
        clone(CNN).fit(X, y, X_val=np.zeros((2, 64, 3)), y_val=[0, 1])


def test_one_class_is_an_error_that_says_what_is_missing(records):
    X, _ = records
    with pytest.raises(ValueError, match=r"y has one class only, \[0\.0\], but"):
        clone(CNN).fit(X, np.zeros(60))
    with pytest.raises(ValueError, match="Only one class has records of positive"):
        clone(CNN).fit(X, np.arange(60) % 2, sample_weight=np.arange(60) % 2)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "nadam", "rmsprop", "sgd"])
def test_every_optimizer_trains(records, optimizer):
    X, y = records
    classifier = clone(CNN).set_params(optimizer=optimizer, epochs=1)
    assert np.isfinite(classifier.fit(X, y).history_["loss"]).all()


@pytest.mark.xfail(
    ON_PYTORCH, reason="PyTorch's cross-entropy raises its own error at the first NaN"
)
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_training_that_diverges_is_an_error(records):
    X, y = records
    diverging = clone(CNN).set_params(
        optimizer="sgd", learning_rate=1e30, batch_norm=False
    )
    with pytest.raises(ValueError, match="Training diverged.*learning_rate"):
        diverging.fit(X, y)
    assert not hasattr(diverging, "estimator_")


@pytest.mark.parametrize(
    "weights",
    [
        {0: 1, 2: 3},
        {"0": 1, "1": 3},
        {0: 1, 1: -3},
        {0: None},
        {0: "1"},
        {0: float("nan"), 1: 1},
    ],
    ids=str,
)
def test_class_weight_gives_numbers_to_labels_of_y(records, weights):
    with pytest.raises(ValueError, match=r"labels of y, which are \[0, 1\]"):
        clone(CNN).set_params(class_weight=weights).fit(*records)


def test_groups_name_every_record(records):
    X, y = records
    with pytest.raises(ValueError, match="groups names the patients of 3 records"):
        clone(CNN).fit(X, y, groups=np.arange(3))
    for unknown in (None, np.nan, "nan"):
        missing = np.array([unknown, *range(59)], dtype=object)
        for stopping in (clone(CNN).set_params(early_stopping=True), clone(CNN)):
            with pytest.raises(ValueError, match="groups has missing patients"):
                stopping.fit(X, y, groups=missing)


def test_missing_labels_are_named(records):
    X, y = records
    with pytest.raises(ValueError, match="y has missing labels"):
        clone(CNN).fit(X, np.where(y == 1, "LVH", None))


def test_auc_is_not_monitored_for_three_classes(records):
    X, _ = records
    stopping = clone(CNN).set_params(early_stopping=True, monitor="val_auc")
    with pytest.raises(ValueError, match="monitor='val_auc' is for two classes"):
        stopping.fit(X, np.arange(60) % 3)


def test_validation_records_are_checked_like_those_of_predict(records):
    xarray = pytest.importorskip("xarray")
    X, y = records
    with pytest.raises(ValueError, match="microvolts were given instead of millivolts"):
        clone(CNN).fit(X, y, X_val=1000 * X, y_val=y)
    labelled = xarray.DataArray(
        X,
        dims=("record", "time", "lead"),
        coords={"patient": ("record", np.arange(60) // 3)},
    )
    with pytest.raises(ValueError, match="1 patients that X has too, such as"):
        clone(CNN).fit(labelled[:40], y[:40], X_val=labelled[40:], y_val=y[40:])


def test_a_flat_record_gets_the_same_answer_alone(fitted, records):
    X = records[0].copy()
    X[0] = 1e-9
    together = fitted.predict_proba(X)[:1]
    np.testing.assert_allclose(fitted.predict_proba(X[:1]), together, atol=1e-6)


def test_depth_alone_can_be_changed(records):
    X, y = records
    for classifier in (
        LVHCNNClassifier((4, 4, 4), epochs=1),
        LVHLSTMClassifier((4,), conv_filters=(4,), epochs=1),
        LVHCNNClassifier(np.array([4, 8]), np.array([5, 3]), epochs=1),
    ):
        assert classifier.fit(X, y).n_epochs_ == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"filters": (0,)}, "filters must be integers of 1 or more"),
        ({"dropout": (1.5,)}, "dropout must be numbers from 0 to below 1"),
        ({"dense_units": ("a",)}, "dense_units must be integers"),
    ],
)
def test_layers_of_no_size_are_named(records, parameters, message):
    with pytest.raises(ValueError, match=message):
        clone(CNN).set_params(**parameters).fit(*records)


def test_lstm_names_its_own_parameters(records):
    with pytest.raises(ValueError, match="conv_kernel_sizes=.* for 1 layers"):
        clone(LSTM).set_params(conv_kernel_sizes=(5, 3)).fit(*records)
    with pytest.raises(ValueError, match="units must name at least one LSTM layer"):
        clone(LSTM).set_params(units=()).fit(*records)


def test_copies_of_a_record_stay_on_one_side_of_the_inner_split(records):
    from skecg.classification._inner_split import duplicates_as_groups

    X, y = records
    doubled = np.concatenate([X, X])
    groups = duplicates_as_groups(doubled)
    np.testing.assert_array_equal(groups[:60], groups[60:])
    assert len(np.unique(groups)) == 60
    assert duplicates_as_groups(X) is None


def test_synthetic_records_are_never_held_out(records):
    xarray = pytest.importorskip("xarray")
    X, y = records
    synthetic = np.arange(60) >= 30
    labelled = xarray.DataArray(
        X,
        dims=("record", "time", "lead"),
        coords={"synthetic": ("record", synthetic)},
    )
    classifier = clone(CNN).set_params(early_stopping=True, validation_fraction=0.5)
    codes = (y > 0).astype(int)
    classifier.classes_ = np.array([0, 1])
    from skecg.utils import ECGLabels

    train, (_, _, held_out) = classifier._split(
        X, codes, None, None, None, ECGLabels(labelled), seed=0
    )
    assert len(held_out) == 15
    assert not synthetic[held_out].any()
    assert set(train) | set(held_out) == set(range(60))


def test_another_unit_is_refused(fitted, records):
    X, _ = records
    with pytest.raises(ValueError, match="microvolts were given instead of millivolts"):
        fitted.predict(1000 * X)
    in_microvolts = clone(CNN).set_params(epochs=1).fit(1000 * X, records[1])
    with pytest.raises(ValueError, match="microvolts were given instead of millivolts"):
        in_microvolts.predict(X)
    assert fitted.predict(np.zeros_like(X)).shape == (60,)


def test_unfitted_classifier_says_so(records):
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(NotFittedError):
            getattr(clone(CNN), method)(records[0])


def test_threads_get_their_own_answers(records):
    X, y = records
    fits = [clone(CNN).set_params(random_state=seed).fit(X, y) for seed in range(2)]
    expected = [fit.predict_proba(X) for fit in fits]
    differing = []

    def predict_often(k):
        for _ in range(30):
            if not np.array_equal(fits[k % 2].predict_proba(X), expected[k % 2]):
                differing.append(k)

    threads = [threading.Thread(target=predict_often, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not differing


@pytest.mark.xfail(
    ON_PYTORCH, reason="dropout draws from one generator of all threads", strict=False
)
def test_fits_in_threads_do_not_mix(records):
    X, y = records
    expected = clone(CNN).fit(X, y).predict_proba(X)
    results = {}

    def fit(k):
        results[k] = clone(CNN).fit(X, y).predict_proba(X)

    threads = [threading.Thread(target=fit, args=(k,)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(3):
        np.testing.assert_array_equal(results[k], expected)


def test_one_cycle_rises_and_falls():
    rates = learning_rates("one_cycle", 0.01, 40)
    assert rates[0] == pytest.approx(0.001)
    assert rates.max() == pytest.approx(0.01)
    assert rates.argmax() == 10
    assert (np.diff(rates[:11]) > 0).all()
    assert (np.diff(rates[10:]) < 0).all()
    assert rates[-1] < 0.0001


def test_cosine_falls_from_the_start_and_constant_stays():
    rates = learning_rates("cosine", 0.01, 40)
    assert rates[0] == pytest.approx(0.01)
    assert rates[20] == pytest.approx(0.005)
    assert (np.diff(rates) < 0).all()
    assert set(learning_rates("constant", 0.01, 40)) == {0.01}


class Watcher(keras.callbacks.Callback):
    """Notes the learning rate of every step."""

    seen: ClassVar = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(float(self.model.optimizer.learning_rate.value))


def test_each_step_is_taken_at_its_rate_of_the_schedule(records):
    watched = clone(CNN).set_params(epochs=1, callbacks=[Watcher()])
    watched.set_params(learning_rate=0.01).fit(*records)
    expected = learning_rates("one_cycle", 0.01, 8)
    np.testing.assert_allclose(Watcher.seen, expected, rtol=1e-5)


def test_verbose_shows_the_progress_bar_of_keras(records, capsys):
    clone(CNN).set_params(verbose=1, epochs=1).fit(*records)
    assert "loss" in capsys.readouterr().out


def test_silent_by_default(records, capsys):
    clone(CNN).set_params(epochs=1).fit(*records)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("crops", [{}, {"crop_length": 0.5, "n_crops": 3}])
@pytest.mark.parametrize("classifier", [CNN, LSTM, RESNET], ids=["cnn", "lstm", "res"])
def test_the_gradient_is_the_slope_of_the_log_odds(classifier, crops, records):
    X, y = records
    network = clone(classifier).set_params(**{"crop_length": None, **crops}).fit(X, y)
    few = X[y == 0][:5]
    log_odds, _ = network.log_odds_gradient(few)
    np.testing.assert_allclose(log_odds, network.decision_function(few), atol=1e-4)
    # Rectifiers have kinks, so the slopes are added up, from each record to one of the
    # other class.
    step = X[y == 1][:5] - few
    after, _ = network.log_odds_gradient(few + step)
    shares = ((np.arange(256) + 0.5) / 256).astype(np.float32)
    between = few + shares[:, None, None, None] * step
    _, gradients = network.log_odds_gradient(between.reshape(-1, 64, 2))
    slopes = (gradients.reshape(between.shape) * step).sum((2, 3))
    rise = after - log_odds
    tolerance = 0.05 * np.abs(rise).max()
    assert tolerance > 1e-4
    np.testing.assert_allclose(np.mean(slopes, axis=0), rise, atol=tolerance)


def test_certain_log_odds_have_a_gradient_too(records, fitted):
    # Far beyond what a probability in float32 tells from 1.
    log_odds, gradient = fitted.log_odds_gradient(100 * records[0])
    assert np.abs(log_odds).max() > 20
    assert np.abs(gradient[np.abs(log_odds) > 20]).max(axis=(1, 2)).min() > 0


def test_of_three_classes_log_odds_are_against_all_others(records):
    X = records[0]
    network = clone(CNN).fit(X, np.arange(60) % 3)
    p = network.predict_proba(X[:4])
    for label in range(3):
        log_odds, _ = network.log_odds_gradient(X[:4], target=label)
        expected = np.log(p[:, label] / (1 - p[:, label]))
        np.testing.assert_allclose(log_odds, expected, atol=1e-4)
    with pytest.raises(
        ValueError, match=r"one of the classes \[0, 1, 2\], but got None"
    ):
        network.log_odds_gradient(X[:4])


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="about the other backends"
)
def test_other_backends_load_no_tensorflow():
    code = """
        import sys, numpy as np
        from skecg import LVHCNNClassifier
        X = np.random.default_rng(0).normal(size=(20, 32, 1))
        network = LVHCNNClassifier(filters=(2,), epochs=1, early_stopping=True)
        network.fit(X, np.arange(20) % 2).predict_proba(X)
        network.estimator_.keras_classifier_.predict(X)
        assert "tensorflow" not in sys.modules
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    subprocess.run(command, check=True, timeout=300)


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="about JAX's compiler")
def test_compiled_maxima_over_time_keep_their_slopes():
    import jax

    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 5, 64, 8)).astype(np.float32)
    weights = rng.normal(size=(5, 1, 8)).astype(np.float32)

    def maxima(x, z, weights):
        values = jax.nn.relu(z * weights + x / 3)
        return _layers.pool_over_time(values, "max").sum()

    assert np.count_nonzero(jax.jit(jax.grad(maxima))(x, z, weights)) == 5 * 8


def test_a_class_of_a_user_keeps_its_docstring():
    class Mine(LVHCNNClassifier):
        """My network."""

    assert Mine.__doc__ == "My network."
    assert "n_crops : int" in LVHCNNClassifier.__doc__
