import contextlib
import os
import pickle
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from skecg import ECGScaler, LVHCNNClassifier, networks
from skecg.training import (
    Architecture,
    Records,
    _np_batches,
    _settings,
    _tf_batches,
    clear_pool,
)
from skecg.training._seeding import initial_weights
from skecg.training._start import variables_of_classes

CNN = LVHCNNClassifier(
    filters=(8,),
    kernel_sizes=5,
    batch_size=8,
    dense_units=(8,),
    epochs=3,
    random_state=0,
)
ARCHITECTURES = [
    ("build_cnn", ()),
    ("build_lstm", (("lstm_dropout", 0.2),)),
    ("build_lstm", (("bidirectional", False), ("units", (4, 4)))),
    ("build_resnet", (("filters", (8, 8)), ("stem_filters", 8))),
]


@pytest.fixture(scope="module")
def records():
    """Noise, in which a record of class 1 has three times the amplitude in one lead."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 64, 2)).astype(np.float32)
    y = np.arange(60) % 3 // 2
    X[y == 1, :, 1] *= 3
    return X, y


def run_python(code, **environment):
    """Run code in a fresh Python and return what it printed."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TF_NUM_")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**inherited, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("n_aux", [0, 3])
@pytest.mark.parametrize(("name", "options"), ARCHITECTURES)
def test_initial_weights_are_those_of_a_new_model(name, options, n_aux):
    builder = getattr(networks, name)
    architecture = Architecture(builder, (64, 2), 2, options)
    draw = initial_weights(architecture.build(n_aux=n_aux))
    for seed in (0, 1, 2**31 - 2):
        for drawn, built in zip(
            draw(seed), architecture.build(seed, n_aux).variables, strict=True
        ):
            np.testing.assert_array_equal(np.asarray(drawn), built.numpy())


@pytest.mark.parametrize(("name", "options"), ARCHITECTURES)
def test_auxiliary_targets_leave_the_order_of_the_other_weights(name, options):
    builder = getattr(networks, name)
    architecture = Architecture(builder, (64, 2), 2, options)
    joint = variables_of_classes(architecture.build(n_aux=3))
    alone = architecture.build().variables
    assert [v.shape for v in joint] == [v.shape for v in alone]
    for one, other in zip(joint, alone, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_initial_weights_of_every_architecture_are_tested():
    builders = {name for name in networks.__all__ if name.startswith("build_")}
    assert builders == {name for name, _ in ARCHITECTURES}


def test_memory_stays_flat_over_fits(records):
    X, y = records
    resident = []
    for seed in range(45):
        classifier = clone(CNN).set_params(epochs=1, random_state=seed)
        classifier.fit(X, y).predict_proba(X)
        with open("/proc/self/statm") as numbers:
            pages = int(numbers.read().split()[1])
        resident.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    assert resident[-1] - resident[4] < 10  # MB in 40 fits


def test_later_fits_build_and_trace_nothing(records, monkeypatch):
    X, y = records
    clone(CNN).fit(X, y)
    monkeypatch.setattr(Architecture, "build", lambda *_: pytest.fail("built anew"))
    clone(CNN).set_params(random_state=5, learning_rate=0.01).fit(X[:50], y[:50])


def test_a_failed_fit_does_not_spoil_the_next(records):
    X, y = records
    expected = clone(CNN).fit(X, y).predict_proba(X)
    with pytest.raises(ValueError, match="X has 3 leads"):
        clone(CNN).fit(X, y, X_val=np.zeros((2, 64, 3)), y_val=[0, 1])
    np.testing.assert_array_equal(clone(CNN).fit(X, y).predict_proba(X), expected)


BOTH = pytest.mark.parametrize("batches", [_tf_batches, _np_batches])


def take(data, n_batches):
    """Return batches as arrays, over as many epochs as it takes."""
    taken = []
    while len(taken) < n_batches:
        epoch = data if hasattr(data, "take") else (data[k] for k in range(len(data)))
        for parts in epoch:
            taken.append([np.asarray(part) for part in parts])
            if len(taken) == n_batches:
                break
        if not hasattr(data, "take"):
            data.on_epoch_end()
    return taken


@BOTH
def test_each_epoch_takes_every_record_once_in_a_new_order(batches, records):
    X, y = records
    index = np.arange(5, 45)
    weights = np.linspace(0, 1, 60, dtype=np.float32)
    data = Records(batches.hold_records(X), y.astype(np.float32), index, weights)
    epochs = [[], []]
    shuffled = batches.shuffled_batches(data, 8, 3, 64)
    for k, (x, target, weight) in enumerate(take(shuffled, 10)):
        rows = [int(np.flatnonzero((row == X).all(axis=(1, 2)))[0]) for row in x]
        np.testing.assert_array_equal(target, y[rows])
        np.testing.assert_allclose(weight, weights[rows])
        epochs[k // 5] += rows
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(index)
    assert epochs[0] != epochs[1]
    assert epochs[0] != list(index)


def locate(crop, record):
    """Return where in the record a part of it starts."""
    starts = range(len(record) - len(crop) + 1)
    return next(k for k in starts if (record[k : k + len(crop)] == crop).all())


@BOTH
def test_crops_start_anywhere_and_anew_in_each_epoch(batches, records):
    X, _ = records
    numbers = np.arange(60, dtype=np.float32)
    data = Records(batches.hold_records(X), numbers, np.arange(60))
    epochs = []
    for x, rows in take(batches.shuffled_batches(data, 60, 0, 16), 4):
        starts = {
            int(k): locate(crop, X[int(k)]) for k, crop in zip(rows, x, strict=True)
        }
        epochs.append([starts[k] for k in range(60)])
    assert {min(map(min, epochs)), max(map(max, epochs))} == {0, 48}
    assert epochs[0] != epochs[1]
    assert len({start for starts in epochs for start in starts}) > 40


@BOTH
def test_crops_in_order_are_spread_over_each_record(batches, records):
    X, y = records
    data = Records(batches.hold_records(X), y.astype(np.float32), np.array([7, 2]))
    starts = Architecture(None, (16, 2), 2, ()).crop_starts(64, 3)
    x, target = take(batches.batches_in_order(data, 10, 16, starts), 1)[0]
    np.testing.assert_array_equal(target, y[[7, 7, 7, 2, 2, 2]])
    expected = [X[row, start : start + 16] for row in (7, 2) for start in (0, 24, 48)]
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize(
    ("n_times", "n_crops", "starts"),
    [(16, 5, [0]), (64, 1, [24]), (64, 2, [0, 48]), (18, 9, [0, 1, 2])],
)
def test_crop_starts(n_times, n_crops, starts):
    architecture = Architecture(None, (16, 2), 2, ())
    assert architecture.crop_starts(n_times, n_crops).tolist() == starts


class Halver:
    """Halves some records, by chance, and remembers with which seeds."""

    def __init__(self):
        self.seeds = []

    def augment(self, records, random_state):
        self.seeds.append(random_state)
        halved = np.random.default_rng(random_state).random(len(records)) < 0.5
        return np.where(halved[:, None, None], records / 2, records)


@BOTH
def test_augmenter_changes_batches_by_seed_and_never_the_records(batches, records):
    X, y = records
    before = X.copy()
    drawn = []
    for seed in (0, 0, 1):
        halver = Halver()
        data = Records(batches.hold_records(X), y.astype(np.float32), np.arange(60))
        shuffled = batches.shuffled_batches(data, 20, seed, 64, halver)
        drawn.append([x for x, _ in take(shuffled, 6)])
        assert len(set(halver.seeds[:6])) == 6
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", range(3))
def test_held_records_are_equal_wherever_they_start(dtype, offset):
    X = np.random.default_rng(0).normal(size=70 + offset).astype(dtype)
    X = X[offset:].reshape(7, 5, 2)
    np.testing.assert_array_equal(_tf_batches.hold_records(X), X.astype(np.float32))
    X.flags.writeable = False
    np.testing.assert_array_equal(_tf_batches.hold_records(X), X.astype(np.float32))
    reversed_leads = X[:, :, ::-1]
    np.testing.assert_array_equal(
        _tf_batches.hold_records(reversed_leads), reversed_leads.astype(np.float32)
    )


def test_scaled_records_are_trained_on_where_they_are(records):
    scaled = ECGScaler().fit_transform(records[0])
    held = _tf_batches.hold_records(scaled)
    scaled[0, 0, 0] = 17
    assert float(held[0, 0, 0]) == 17


@pytest.mark.parametrize("crop_length", [None, 0.5])
def test_memory_map_trains_the_same_network(crop_length, records, tmp_path):
    X, y = records
    np.save(tmp_path / "records.npy", X)
    mapped = np.load(tmp_path / "records.npy", mmap_mode="r")
    assert _tf_batches.hold_records(mapped) is mapped  # read a batch at a time
    stopping = clone(CNN).set_params(
        early_stopping=True, validation_fraction=0.3, crop_length=crop_length
    )
    by_file = clone(stopping).fit(mapped, y)
    by_memory = clone(stopping).fit(X, y)
    assert by_file.history_ == by_memory.history_
    np.testing.assert_array_equal(by_file.predict_proba(X), by_memory.predict_proba(X))


def test_pickled_network_is_predicted_from_its_weights_alone(records):
    X, y = records
    fitted = clone(CNN).fit(X, y)
    expected = fitted.predict_proba(X)
    network = fitted.estimator_
    network.keras_classifier_  # noqa: B018 - built now, and not pickled
    again = pickle.loads(pickle.dumps(fitted))
    assert set(vars(again.estimator_)) == {"architecture", "weights", "amplitude"}
    np.testing.assert_array_equal(again.predict_proba(X), expected)
    np.testing.assert_array_equal(
        again.estimator_.model_.get_weights()[0], network.weights[0]
    )


def test_progress_bar_is_drawn_on_stderr_and_only_on_request(records, capfd):
    pytest.importorskip("tqdm")
    clone(CNN).set_params(progress_bar=True).fit(*records)
    out, err = capfd.readouterr()
    assert out == ""
    assert "0/3" in err  # epochs
    clone(CNN).fit(*records)
    assert capfd.readouterr() == ("", "")


def test_in_a_search_and_below_a_bar_each_fit_draws_its_own(records, capfd):
    tqdm = pytest.importorskip("tqdm")
    network = clone(CNN).set_params(progress_bar=True)
    for _ in tqdm.tqdm(range(1), desc="outer"):
        GridSearchCV(network, {"learning_rate": [0.001, 0.01]}, cv=2).fit(*records)
    err = capfd.readouterr().err
    assert err.count("0/3") == 2 * 2 + 1  # the refit too
    assert err.rstrip().split("\r")[-1].startswith("outer: 100%")


def test_missing_tqdm_is_named_with_its_extra(records, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.keras", None)
    with pytest.raises(
        ImportError, match=r'progress_bar=True needs tqdm.*pip install "skecg\[progress'
    ):
        clone(CNN).set_params(progress_bar=True).fit(*records)


@pytest.fixture(scope="module")
def printed_by_a_worker():
    """Return what a process prints that joblib leaves one thread, in a search."""
    code = """
        import logging, sys, numpy as np
        from skecg import LVHCNNClassifier
        logging.getLogger("tensorflow").addHandler(logging.StreamHandler(sys.stdout))
        X = np.zeros((8, 16, 1), np.float32)
        for n_units in range(2, 8):
            network = LVHCNNClassifier(filters=(2,), dense_units=(n_units,), epochs=1)
            network.set_params(crop_length=n_units).fit(X, np.arange(8) % 2)
            network.log_odds_gradient(X)
        logging.getLogger("tensorflow").warning("triggered tf.function retracing: no")
        import tensorflow as tf
        print("threads:", tf.config.threading.get_intra_op_parallelism_threads())
    """
    return run_python(code, OMP_NUM_THREADS="1")


def test_a_search_over_sizes_is_not_told_of_retracing(printed_by_a_worker):
    assert printed_by_a_worker.count("triggered tf.function retracing") == 1


def test_a_worker_uses_the_threads_that_joblib_leaves_it(printed_by_a_worker):
    assert printed_by_a_worker.splitlines()[-1] == "threads: 1"


def test_threads_that_the_user_sets_for_tensorflow_stay(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    threading = tf.config.threading
    monkeypatch.setattr(threading, "set_intra_op_parallelism_threads", pytest.fail)
    _settings._share_cores.__wrapped__()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed")
def test_dask_cluster_runs_search_and_cross_validation(records):
    distributed = pytest.importorskip("distributed")
    import joblib

    X, y = records
    with (
        distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask", scatter=[X, y]),
    ):
        search = GridSearchCV(CNN, {"learning_rate": [0.001, 0.02]}, cv=2)
        search.set_params(scoring="roc_auc").fit(X, y)
        scores = cross_val_score(CNN, X, y, cv=2, scoring="roc_auc")
    assert search.best_params_ == {"learning_rate": 0.02}
    assert len(scores) == 2
    assert np.isfinite(scores).all()


def test_global_settings_of_keras_change_nothing_and_stay(records):
    X, y = records
    network = clone(CNN).set_params(early_stopping=True, epochs=2)
    aux = np.arange(60) % 3 / 2
    expected = clone(network).fit(X, y, aux=aux)
    clear_pool()
    with other_settings():
        before = [getattr(keras.config, name)() for name in OTHER]
        built = networks.build_cnn((64, 2), filters=(8,), kernel_sizes=5)
        fitted = clone(network).fit(X, y, aux=aux)
        np.testing.assert_array_equal(
            fitted.predict_proba(X), expected.predict_proba(X)
        )
        _, gradient = fitted.log_odds_gradient(X)
        assert gradient.dtype == np.float32
        network.set_params(dense_units=(5,)).fit(X, y)
        model = network.estimator_.model_
        assert before == [getattr(keras.config, name)() for name in OTHER]
    assert built.layers[1].kernel.shape == (5, 2, 8)
    assert model.layers[1].kernel.shape == (5, 2, 8)
    assert fitted.history_ == expected.history_
    again = clone(network).fit(X, y)  # on the model that was made under the settings
    np.testing.assert_array_equal(again.predict_proba(X), network.predict_proba(X))


OTHER = {
    "image_data_format": "channels_first",
    "floatx": "float64",
    "epsilon": 0.01,
    "max_epochs": 1,
    "max_steps_per_epoch": 1,
    "dtype_policy": "mixed_bfloat16",
}
OTHER = {name: OTHER[name] for name in OTHER if hasattr(keras.config, name)}


@contextlib.contextmanager
def other_settings():
    """Set everything in Keras that a network could depend on otherwise."""
    usual = {name: getattr(keras.config, name)() for name in OTHER}
    try:
        for name, value in OTHER.items():
            getattr(keras.config, f"set_{name}")(value)
        yield
    finally:
        for name, value in usual.items():
            getattr(keras.config, f"set_{name}")(value)


def test_threads_leave_the_settings_as_they_were_before_the_first():
    keras.config.set_epsilon(0.5)
    try:
        first, second = networks.standard_settings(), networks.standard_settings()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert keras.config.epsilon() == 1e-7
        second.__exit__(None, None, None)
        assert keras.config.epsilon() == 0.5
    finally:
        keras.config.set_epsilon(1e-7)


def test_scopes_of_tf_distribute_are_refused(records):
    X, y = records
    fitted = clone(CNN).set_params(epochs=1).fit(X, y)
    with tf.distribute.OneDeviceStrategy("cpu:0").scope():
        for run in (lambda: clone(CNN).fit(X, y), lambda: fitted.predict_proba(X)):
            with pytest.raises(RuntimeError, match=r"tf\.distribute .*leave the scope"):
                run()
    assert fitted.predict(X).shape == (60,)


def test_a_fit_does_not_depend_on_whether_batches_of_earlier_ones_had_one_size(records):
    X, y = records
    network = clone(CNN).set_params(epochs=1)
    clear_pool()
    alone = network.fit(X[:32], y[:32]).predict_proba(X)
    clear_pool()
    network.fit(X[:30], y[:30])
    np.testing.assert_array_equal(network.fit(X[:32], y[:32]).predict_proba(X), alone)
