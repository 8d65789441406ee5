import keras
import numpy as np
import pytest

from skecg import LVHCNNClassifier, LVHLSTMClassifier
from skecg.networks import PLAIN_CNN, PLAIN_LSTM, build_cnn, build_lstm


def layers_of(model):
    """Name a model's layers with their sizes, as in the well-known tutorials."""
    names = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Conv1D":
            names.append(f"Conv1D({layer.filters}, {layer.kernel_size[0]})")
        elif kind == "MaxPooling1D":
            names.append(f"MaxPool({layer.pool_size[0]})")
        elif kind in ("Dense", "LSTM"):
            names.append(f"{kind}({layer.units})")
        elif kind == "Dropout":
            names.append(f"Dropout({layer.rate})")
        elif kind not in ("InputLayer", "Activation"):
            names.append(kind)
    return names


def test_parameters_reach_the_plain_cnn_exactly():
    plain = LVHCNNClassifier(**PLAIN_CNN)
    model = build_cnn((1000, 12), **plain._parameters_of(build_cnn))
    assert layers_of(model) == [
        "Conv1D(64, 5)",
        "MaxPool(2)",
        "Conv1D(128, 3)",
        "MaxPool(2)",
        "Flatten",
        "Dense(128)",
        "Dropout(0.5)",
        "Dense(64)",
        "Dense(1)",
    ]
    reference = keras.Sequential(
        [
            keras.Input((1000, 12)),
            keras.layers.Conv1D(64, 5, activation="relu"),
            keras.layers.MaxPooling1D(2),
            keras.layers.Conv1D(128, 3, activation="relu"),
            keras.layers.MaxPooling1D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    assert_same_function(model, reference, (1000, 12))


def test_parameters_reach_the_plain_lstm_exactly():
    plain = LVHLSTMClassifier(**PLAIN_LSTM)
    model = build_lstm((50, 2), **plain._parameters_of(build_lstm))
    assert layers_of(model) == [
        "LSTM(64)",
        "Dropout(0.5)",
        "LSTM(128)",
        "Dropout(0.5)",
        "Dense(64)",
        "Dense(1)",
    ]
    reference = keras.Sequential(
        [
            keras.Input((50, 2)),
            keras.layers.LSTM(64, return_sequences=True),
            keras.layers.Dropout(0.5),
            keras.layers.LSTM(128),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    assert_same_function(model, reference, (50, 2))


def assert_same_function(model, reference, shape):
    reference.set_weights(model.get_weights())
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    np.testing.assert_allclose(
        np.asarray(model(x)), np.asarray(reference(x)), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("build", [build_cnn, build_lstm])
def test_more_than_two_classes_have_a_probability_each(build):
    model = build((200, 3), 4)
    output = np.asarray(model(np.ones((2, 200, 3), np.float32)))
    assert output.shape == (2, 4)
    np.testing.assert_allclose(output.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("build", [build_cnn, build_lstm])
def test_record_of_one_sample_is_long_enough_with_padding(build):
    assert build((1, 1)).output_shape == (None, 1)


@pytest.mark.parametrize("pooling", ["average_max", "average", "max", "flatten"])
def test_cnn_pools_in_each_way(pooling):
    assert build_cnn((64, 2), pooling=pooling).output_shape == (None, 1)


def test_bidirectional_lstm_has_twice_the_recurrent_weights():
    kwargs = {"conv_filters": (), "conv_kernel_sizes": (), "pooling": "last"}
    one = build_lstm((20, 2), bidirectional=False, **kwargs)
    two = build_lstm((20, 2), bidirectional=True, **kwargs)
    assert two.layers[1].count_params() == 2 * one.layers[1].count_params()


def test_wrong_number_of_values_is_named():
    with pytest.raises(
        ValueError, match=r"kernel_sizes=\(5, 3, 3\) has 3 values for 2"
    ):
        build_cnn((100, 1), filters=(4, 8), kernel_sizes=(5, 3, 3))
    with pytest.raises(ValueError, match=r"dropout=\(0.1,\) has 1 values for 2 layers"):
        build_lstm((100, 1), dense_units=(4, 4), dropout=(0.1,))


def test_record_too_short_for_valid_padding_is_named():
    with pytest.raises(ValueError, match="A sequence of 4 samples is too short"):
        build_cnn((4, 1), filters=(4,), kernel_sizes=5, padding="valid")
