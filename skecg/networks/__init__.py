"""Network architectures: plain functions that return a Keras model."""

from skecg.networks._cnn import build_cnn
from skecg.networks._lstm import build_lstm

__all__ = ["build_cnn", "build_lstm"]
