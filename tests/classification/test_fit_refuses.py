"""What `fit` must refuse before it trains."""

import numpy as np
import pytest

import skecg
from skecg.training import TrainedNetwork

X = np.random.default_rng(0).normal(size=(24, 60, 2))
NET = skecg.LVHCNNClassifier(filters=(2,), kernel_sizes=3, epochs=1, dense_units=(2,))


def test_a_missing_label_that_numpy_wrote_as_text_is_no_class():
    y = np.array(["LVH", np.nan] * 12)
    with pytest.raises(ValueError, match="y has missing labels: 12 of 24"):
        NET.fit(X, y)


def test_val_auc_of_three_classes_is_refused_with_own_validation_records_too():
    net = skecg.LVHCNNClassifier(early_stopping=True, monitor="val_auc")
    y = np.arange(24) % 3
    for own in ({}, {"X_val": X, "y_val": y}):
        with pytest.raises(ValueError, match="monitor='val_auc' is for two classes"):
            net.fit(X, y, **own)


def test_synthetic_records_as_integers_are_never_held_out():
    xarray = pytest.importorskip("xarray")
    synthetic = np.arange(24) >= 12
    net = skecg.LVHCNNClassifier(
        filters=(2,),
        kernel_sizes=3,
        epochs=1,
        dense_units=(2,),
        early_stopping=True,
        validation_fraction=0.5,
        random_state=0,
    )
    y = np.arange(24) % 2
    fitted = [
        net.fit(
            xarray.DataArray(
                X,
                dims=("record", "time", "lead"),
                coords={"synthetic": ("record", synthetic.astype(dtype))},
            ),
            y,
        ).history_["val_loss"]
        for dtype in (bool, int)
    ]
    assert fitted[0] == fitted[1]


def test_weights_that_inflate_beyond_any_network_are_refused(tmp_path):
    path = tmp_path / "bomb.npz"
    np.savez_compressed(
        path, network="{}", weight_0000=np.zeros(60_000_000, np.float32)
    )
    with pytest.raises(ValueError, match="holds no weights of a network"):
        TrainedNetwork.load(path)
