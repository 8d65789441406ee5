import os
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from skecg import ECGScaler, LVHCNNClassifier, networks
from skecg.classification import _batches, _models

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
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("n_aux", [0, 3])
@pytest.mark.parametrize(("name", "options"), ARCHITECTURES)
def test_initial_weights_are_those_of_a_new_model(name, options, n_aux):
    builder = getattr(networks, name)
    architecture = _models.Architecture(builder, (64, 2), 2, options)
    draw = _models.initial_weights(architecture.build(n_aux=n_aux))
    for seed in (0, 1, 2**31 - 2):
        for drawn, built in zip(
            draw(seed), architecture.build(seed, n_aux).variables, strict=True
        ):
            np.testing.assert_array_equal(np.asarray(drawn), built.numpy())


@pytest.mark.parametrize(("name", "options"), ARCHITECTURES)
def test_joint_targets_leave_the_order_of_the_other_weights(name, options):
    builder = getattr(networks, name)
    architecture = _models.Architecture(builder, (64, 2), 2, options)
    joint = _models.variables_of_classes(architecture.build(n_aux=3))
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


def test_fits_share_the_compiled_model_and_the_pipelines(records):
    X, y = records
    clone(CNN).fit(X, y)
    kept = {key: list(models) for key, models in _models._idle_models.items()}
    traced = _batches._take_function.cache_info().misses
    clone(CNN).set_params(random_state=5, learning_rate=0.01).fit(X[:50], y[:50])
    assert _models._idle_models == kept
    assert _batches._take_function.cache_info().misses == traced


def test_a_failed_fit_does_not_spoil_the_next(records):
    X, y = records
    expected = clone(CNN).fit(X, y).predict_proba(X)
    with pytest.raises(ValueError, match="X has 3 leads"):
        clone(CNN).fit(X, y, X_val=np.zeros((2, 64, 3)), y_val=[0, 1])
    np.testing.assert_array_equal(clone(CNN).fit(X, y).predict_proba(X), expected)


def test_each_epoch_takes_every_record_once_in_a_new_order(records):
    X, y = records
    index = np.arange(5, 45)
    held = _batches.hold_records(X)
    weights = np.linspace(0, 1, 60)
    batches = _batches.shuffled_batches((held, y), weights, index, 8, seed=3)
    epochs = [[], []]
    for k, (x, target, weight) in zip(range(10), batches, strict=False):
        rows = [
            int(np.flatnonzero((row.numpy() == X).all(axis=(1, 2)))[0]) for row in x
        ]
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


def test_crops_start_anywhere_and_anew_in_each_epoch(records):
    X, y = records
    held = _batches.hold_records(X)
    batches = _batches.shuffled_batches(
        (held, y), np.arange(60.0), np.arange(60), 60, seed=0, crop_length=16
    )
    epochs = []
    for _, (x, target, row) in zip(range(4), batches, strict=False):
        rows = row.numpy().astype(int)
        np.testing.assert_array_equal(target, y[rows])
        starts = {
            k: locate(crop, X[k]) for k, crop in zip(rows, x.numpy(), strict=True)
        }
        epochs.append([starts[k] for k in range(60)])
    assert {min(map(min, epochs)), max(map(max, epochs))} == {0, 48}
    assert epochs[0] != epochs[1]
    assert len({start for starts in epochs for start in starts}) > 40


def test_crops_in_order_are_spread_over_each_record(records):
    X, y = records
    held = _batches.hold_records(X)
    (x, target), *rest = _batches.batches_in_order(
        (held, y), np.array([7, 2]), 10, crop_length=16, n_crops=3
    )
    assert not rest
    np.testing.assert_array_equal(target, y[[7, 7, 7, 2, 2, 2]])
    expected = [X[row, start : start + 16] for row in (7, 2) for start in (0, 24, 48)]
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize(
    ("n_times", "n_crops", "starts"),
    [(16, 5, [0]), (64, 1, [24]), (64, 2, [0, 48]), (18, 9, [0, 1, 2])],
)
def test_crop_starts(n_times, n_crops, starts):
    assert _batches.crop_starts(n_times, 16, n_crops).tolist() == starts


class Halver:
    """Halves some records, by chance, and remembers with which seeds."""

    def __init__(self):
        self.seeds = []

    def augment(self, records, random_state):
        self.seeds.append(random_state)
        halved = np.random.default_rng(random_state).random(len(records)) < 0.5
        return np.where(halved[:, None, None], records / 2, records)


def test_augmenter_changes_batches_by_seed_and_never_the_records(records):
    X, y = records
    before = X.copy()
    drawn = []
    for seed in (0, 0, 1):
        halver = Halver()
        batches = _batches.shuffled_batches(
            (_batches.hold_records(X), y),
            None,
            np.arange(60),
            20,
            seed,
            augmenter=halver,
        )
        drawn.append([x.numpy() for _, (x, _) in zip(range(6), batches, strict=False)])
        assert len(set(halver.seeds[:6])) == 6
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", range(3))
def test_held_records_are_equal_wherever_they_start(dtype, offset):
    X = np.random.default_rng(0).normal(size=70 + offset).astype(dtype)
    X = X[offset:].reshape(7, 5, 2)
    np.testing.assert_array_equal(_batches.hold_records(X), X.astype(np.float32))
    X.flags.writeable = False
    np.testing.assert_array_equal(_batches.hold_records(X), X.astype(np.float32))
    reversed_leads = X[:, :, ::-1]
    np.testing.assert_array_equal(
        _batches.hold_records(reversed_leads), reversed_leads.astype(np.float32)
    )


def test_scaled_records_are_trained_on_where_they_are(records):
    scaled = ECGScaler().fit_transform(records[0])
    held = _batches.hold_records(scaled)
    scaled[0, 0, 0] = 17
    assert float(held[0, 0, 0]) == 17


@pytest.mark.parametrize("crop_length", [None, 0.5])
def test_memory_map_trains_the_same_network(crop_length, records, tmp_path):
    X, y = records
    np.save(tmp_path / "records.npy", X)
    mapped = np.load(tmp_path / "records.npy", mmap_mode="r")
    assert _batches.hold_records(mapped) is mapped  # read a batch at a time
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
    fitted.estimator_.model_  # noqa: B018 - built now, and not pickled
    again = pickle.loads(pickle.dumps(fitted))
    assert not {"model_", "_tensors"} & set(vars(again.estimator_))
    np.testing.assert_array_equal(again.predict_proba(X), expected)
    np.testing.assert_array_equal(
        again.estimator_.model_.get_weights()[0], fitted.estimator_.weights_[0]
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "threads"),
    [
        ({"OMP_NUM_THREADS": "1"}, "1"),
        ({"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "2"}, "0"),
    ],
)
def test_a_worker_uses_the_threads_that_joblib_leaves_it(environment, threads):
    code = """
    import skecg.classification._engine
    import tensorflow as tf
    print(tf.config.threading.get_intra_op_parallelism_threads())
    """
    assert run_python(code, **environment).strip() == threads


@pytest.mark.slow
def test_processes_of_joblib_give_the_same_scores(records):
    X, y = records
    alone = cross_val_score(CNN, X, y, cv=2, n_jobs=1)
    divided = cross_val_score(CNN, X, y, cv=2, n_jobs=2)
    np.testing.assert_allclose(alone, divided, atol=0.05)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed")
def test_dask_cluster_runs_search_and_cross_validation(records):
    distributed = pytest.importorskip("distributed")
    import joblib

    X, y = records
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
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


def test_a_search_over_sizes_is_not_told_of_retracing():
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
    """
    assert run_python(code).count("triggered tf.function retracing") == 1


def test_networks_are_single_precision_under_any_policy_of_keras():
    code = """
        import keras, numpy as np
        from skecg import LVHCNNClassifier
        X = np.random.default_rng(0).normal(size=(40, 64, 2)).astype(np.float32)
        y, aux = np.arange(40) % 2, np.arange(40) % 3 / 2
        network = LVHCNNClassifier(filters=(4,), dense_units=(4,), random_state=0)
        single = network.fit(X, y, aux=aux).predict_proba(X)
        for policy in ("mixed_bfloat16", "mixed_float16", "float64"):
            keras.config.set_dtype_policy(policy)
            network.set_params(dense_units=(5,)).fit(X, y, aux=aux)  # built anew
            network.set_params(dense_units=(4,)).fit(X, y, aux=aux)
            gradient = network.log_odds_gradient(X)[1]
            print((network.predict_proba(X) == single).all(), gradient.dtype)
            print(keras.config.dtype_policy().name)
    """
    assert run_python(code).split() == [
        *("True", "float32", "mixed_bfloat16"),
        *("True", "float32", "mixed_float16"),
        *("True", "float32", "float64"),
    ]
