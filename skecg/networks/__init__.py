"""Network architectures: plain functions that return a Keras model."""

from skecg.networks._cnn import build_cnn
from skecg.networks._layers import HEAD, JOINT_TARGETS
from skecg.networks._lstm import build_lstm
from skecg.networks._resnet import build_resnet

__all__ = ["HEAD", "JOINT_TARGETS", "build_cnn", "build_lstm", "build_resnet"]
