"""Network architectures: plain functions that return a Keras model."""

from skecg.networks._cnn import build_cnn
from skecg.networks._layers import AUX, HEAD
from skecg.networks._lstm import build_lstm
from skecg.networks._plain import PLAIN_CNN, PLAIN_LSTM
from skecg.networks._resnet import build_resnet
from skecg.networks._settings import standard_settings

__all__ = [
    "AUX",
    "HEAD",
    "PLAIN_CNN",
    "PLAIN_LSTM",
    "build_cnn",
    "build_lstm",
    "build_resnet",
    "standard_settings",
]
