"""Parameters of the two networks that many tutorials use, trained as there."""

_TRAINING = {"schedule": "constant", "batch_size": 32, "epochs": 20}

PLAIN_CNN = {
    "filters": (64, 128),
    "kernel_sizes": (5, 3),
    "padding": "valid",
    "batch_norm": False,
    "pooling": "flatten",
    "dense_units": (128, 64),
    "dropout": (0.5, 0.0),
    **_TRAINING,
}
"""For LVHCNNClassifier: Conv1D(64, 5) - MaxPool(2) - Conv1D(128, 3) - MaxPool(2) -
Flatten - Dense(128) - Dropout(0.5) - Dense(64) - Dense(1)."""

PLAIN_LSTM = {
    "units": (64, 128),
    "bidirectional": False,
    "lstm_dropout": 0.5,
    "conv_filters": (),
    "pooling": "last",
    "dropout": 0.0,
    "clipnorm": None,
    **_TRAINING,
}
"""For LVHLSTMClassifier: LSTM(64) - Dropout(0.5) - LSTM(128) - Dropout(0.5) -
Dense(64) - Dense(1)."""
