"""Starting from trained weights, and files of them."""

import json
import zipfile

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGScaler,
    LVHCNNClassifier,
    LVHLSTMClassifier,
    LVHResNetClassifier,
    load_pretrained,
)
from skecg.networks import build_cnn, build_lstm
from skecg.training import Architecture, TrainedNetwork, find_network, path_of

TRAINING = {"epochs": 2, "batch_size": 16, "dense_units": (8,), "random_state": 0}
CNN = LVHCNNClassifier(filters=(4,), **TRAINING)
LSTM = LVHLSTMClassifier(units=(4,), conv_filters=(4,), lstm_dropout=0.1, **TRAINING)
RESNET = LVHResNetClassifier(filters=(4,), stem_filters=4, **TRAINING)
N_HEAD = 4  # kernels and biases of two dense layers


@pytest.fixture(scope="module")
def records():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(48, 64, 2)).astype(np.float32)
    y = np.arange(48) % 2
    X[y == 1, :, 1] *= 3
    return X, y


def floats(classifier):
    """Return the trained numbers, those of the dense layers last."""
    weights = classifier.estimator_.weights
    return [w for w in weights if np.issubdtype(w.dtype, np.floating)]


@pytest.mark.parametrize("classifier", [CNN, LSTM, RESNET], ids=["cnn", "lstm", "res"])
@pytest.mark.parametrize("source", ["file", "fitted", "pipeline"])
def test_a_fit_of_no_size_leaves_the_weights_it_started_from(
    classifier, source, records, tmp_path
):
    X, y = records
    trained = make_pipeline(ECGScaler(), clone(classifier)).fit(X, y)
    if source == "file":
        trained[-1].save_weights(tmp_path / "trained")
    weights = {
        "file": tmp_path / "trained.npz",
        "fitted": trained[-1],
        "pipeline": trained,
    }[source]
    again = clone(classifier).set_params(learning_rate=1e-12, weights=weights)
    again.set_params(random_state=1, weight_decay=0.0 if source == "file" else None)
    again.fit(X, y)
    before, after = floats(trained[-1]), floats(again)
    for k, (one, other) in enumerate(zip(before, after, strict=True)):
        # Averages over the batches move with the records, whatever the rate.
        if k < len(before) - N_HEAD and one.shape == (4,):
            continue
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("classifier", [CNN, LSTM, RESNET], ids=["cnn", "lstm", "res"])
def test_frozen_body_keeps_every_number_and_the_head_learns(classifier, records):
    X, y = records
    trained = clone(classifier).fit(X, y)
    tuned = clone(classifier).set_params(weights=trained, freeze="body").fit(X, y)
    for k, (one, other) in enumerate(zip(floats(trained), floats(tuned), strict=True)):
        if k < len(floats(trained)) - N_HEAD:
            np.testing.assert_array_equal(one, other)
        else:
            assert not np.array_equal(one, other)


def test_another_head_on_the_same_body(records):
    X, y = records
    trained = clone(CNN).fit(X, y)
    tuned = clone(CNN).set_params(
        weights=trained, freeze="body", dense_units=(5, 3), random_state=3
    )
    with pytest.warns(
        UserWarning, match=r"dense_units=\(8,\), but this one has \(5, 3\)"
    ):
        tuned.fit(X, np.arange(48) % 3)
    assert tuned.predict_proba(X).shape == (48, 3)
    for one, other in zip(floats(trained)[:-N_HEAD], floats(tuned), strict=False):
        np.testing.assert_array_equal(one, other)


def test_dense_layers_start_from_those_of_the_same_size(records):
    X, y = records
    trained = clone(CNN).fit(X, y)
    still = {"weights": trained, "learning_rate": 1e-12, "weight_decay": None}
    head = floats(trained)[-N_HEAD:]
    of_three = clone(CNN).set_params(**still).fit(X, np.arange(48) % 3)
    np.testing.assert_allclose(floats(of_three)[-N_HEAD], head[0], atol=1e-6)
    assert floats(of_three)[-2].shape == (8, 3)  # the classes start anew
    longer = clone(CNN).set_params(**still, dense_units=(8, 1), random_state=5)
    with pytest.warns(UserWarning, match="beginning with the first that differs"):
        longer.fit(X, y)
    np.testing.assert_allclose(floats(longer)[-6], head[0], atol=1e-6)
    # The layer of the classes has the size of this one, but is not for it.
    assert floats(longer)[-4].shape == head[2].shape
    assert abs(floats(longer)[-4] - head[2]).max() > 0.01


def test_records_that_went_other_ways_are_told_by_their_size(records, tmp_path):
    X, y = records
    clone(CNN).fit(X, y).save_weights(tmp_path / "trained")
    tuned = clone(CNN).set_params(weights=tmp_path / "trained.npz")
    with pytest.warns(UserWarning, match="about 0.2 times as large .* same steps"):
        clone(tuned).fit(X / 5, y)
    for factor in (1000, 0.001):
        with pytest.raises(ValueError, match="times as large as the records that the"):
            clone(tuned).fit(X * factor, y)
    clone(tuned).fit(2 * X, y)  # no warning, which would be an error


def test_an_average_has_no_single_network_to_start_from(records):
    X, y = records
    with pytest.raises(
        ValueError, match="is a VotingClassifier, an average of several"
    ):
        clone(CNN).set_params(weights=load_pretrained()).fit(X, y)


def test_shorter_records_go_through_the_same_body(records):
    X, y = records
    trained = clone(CNN).fit(X, y)
    tuned = clone(CNN).set_params(weights=trained, freeze="body").fit(X[:, :40], y)
    np.testing.assert_array_equal(floats(trained)[0], floats(tuned)[0])


def test_an_interrupted_course_of_fits_is_repeatable(records):
    X, y = records
    trained = clone(CNN).fit(X, y)
    tuned = clone(CNN).set_params(weights=FrozenEstimator(trained))
    first = clone(tuned).fit(X, y).predict_proba(X)
    clone(CNN).fit(X, y)
    np.testing.assert_array_equal(clone(tuned).fit(X, y).predict_proba(X), first)


def test_frozen_estimators_go_through_cross_validation(records):
    X, y = records
    trained = clone(CNN).fit(X, y)
    with pytest.raises(ValueError, match="FrozenEstimator"):
        clone(CNN).set_params(weights=clone(trained)).fit(X, y)
    tuned = clone(CNN).set_params(weights=FrozenEstimator(trained))
    assert cross_val_score(tuned, X, y, cv=2, error_score="raise").shape == (2,)


def test_files_hold_plain_arrays_and_words(records, tmp_path):
    X, y = records
    clone(LSTM).fit(X, y).save_weights(tmp_path / "lstm.npz")
    with np.load(tmp_path / "lstm.npz", allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file)
    network = TrainedNetwork.load(tmp_path / "lstm.npz")
    assert network.architecture.builder is build_lstm
    assert network.architecture.input_shape == (64, 2)
    assert dict(network.architecture.options)["units"] == (4,)
    assert [file.name for file in tmp_path.iterdir()] == ["lstm.npz"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filters": (4, 4)}, r"filters=\(4,\) instead of \(4, 4\)"),
        ({"pool_size": 4}, "pool_size=2 instead of 4"),
    ],
)
def test_other_layers_are_named(records, change, message):
    X, y = records
    trained = clone(CNN).fit(X, y)
    with pytest.raises(ValueError, match=message):
        clone(CNN).set_params(weights=trained, **change).fit(X, y)


def test_other_leads_and_other_networks_are_named(records):
    X, y = records
    trained = clone(CNN).fit(X, y)
    with pytest.raises(ValueError, match="for 2 leads, but X has 1"):
        clone(CNN).set_params(weights=trained).fit(X[:, :, :1], y)
    with pytest.raises(ValueError, match="of build_cnn, not build_lstm"):
        clone(LSTM).set_params(weights=trained).fit(X, y)


def test_what_is_no_file_of_weights_is_said(records, tmp_path):
    X, y = records
    with pytest.raises(FileNotFoundError, match="neither a file nor the name"):
        clone(CNN).set_params(weights="elsewhere").fit(X, y)
    with pytest.raises(FileNotFoundError, match=r"which has \['ptbxl_cnn', "):
        clone(CNN).set_params(weights="ptbxl_transformer").fit(X, y)
    with pytest.raises(ValueError, match="of build_lstm, not build_cnn"):
        clone(CNN).set_params(weights="ptbxl_lstm").fit(X, y)
    with pytest.raises(ValueError, match="freeze='body' keeps weights"):
        clone(CNN).set_params(freeze="body").fit(X, y)
    path = tmp_path / "empty.npz"
    zipfile.ZipFile(path, "w").close()
    with pytest.raises(ValueError, match="holds no weights"):
        clone(CNN).set_params(weights=path).fit(X, y)


def words(**changed):
    """Return what a file of weights says of its network, with some of it changed."""
    of_cnn = {"builder": "build_cnn", "input_shape": [64, 2], "n_classes": 2}
    return json.dumps(of_cnn | {"options": {}} | changed)


@pytest.mark.parametrize(
    "arrays",
    [
        {"X": np.zeros(3)},
        {"network": '{"builder": "build_cnn"}'},
        {"network": "[1]"},
        {"network": "[" * 100_000},
        {"network": words(builder="HEAD")},
        {"network": words(builder=None)},
        {"network": np.array([{}], dtype=object)},
    ],
    ids=["X", "few words", "list", "deep", "no builder", "None", "pickle"],
)
def test_a_file_of_other_arrays_is_said_to_hold_no_weights(arrays, tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=r"weights\.npz holds no weights"):
        TrainedNetwork.load(path)


def test_files_that_end_early_or_have_another_byte_are_read_or_refused(tmp_path):
    path = tmp_path / "weights.npz"
    architecture = Architecture(build_cnn, (64, 2), 2, ())
    TrainedNetwork(architecture, [np.ones(9, np.float32)]).save(path)
    content = path.read_bytes()
    refused = []
    for k in range(0, len(content), 2):
        another = bytes([content[k] ^ 0xFF])
        for broken in (content[:k], content[:k] + another + content[k + 1 :]):
            path.write_bytes(broken)
            try:
                TrainedNetwork.load(path)
            except ValueError as error:
                refused.append(str(error))
    # Of the names, times and sizes of an archive, some are not read.
    assert len(refused) > len(content) * 0.7
    assert all("holds no weights" in message for message in refused)


def test_damaged_weights_that_are_packed_in_another_way_are_refused(tmp_path):
    path = tmp_path / "weights.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("network.npy", bytes(999))
    content = bytearray(path.read_bytes())
    content[60:70] = bytes(10)  # LZMA has an exception of its own for it
    path.write_bytes(content)
    with pytest.raises(ValueError, match="holds no weights"):
        TrainedNetwork.load(path)


def test_a_folder_is_no_file_of_weights(tmp_path):
    with pytest.raises(ValueError, match="holds no weights"):
        TrainedNetwork.load(tmp_path)


def test_numbers_of_numpy_are_written_and_the_ending_may_be_left_out(tmp_path):
    options = (("filters", (np.int64(4),)), ("dropout", np.float32(0.5)))
    architecture = Architecture(build_cnn, (64, 2), 2, options)
    network = TrainedNetwork(architecture, [np.ones(3, np.float32)])
    network.save(path_of(tmp_path / "weights"))
    found = find_network(str(tmp_path / "weights"), "cnn")
    assert found.architecture == architecture


def test_a_folder_does_not_hide_weights_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ptbxl").mkdir()
    assert find_network("ptbxl", "cnn").architecture.builder is build_cnn
    assert find_network("ptbxl_cnn", "cnn").architecture.builder is build_cnn
