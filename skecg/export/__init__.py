"""Trained pipelines as ONNX models, and back as classifiers without TensorFlow."""

from skecg.export._classifier import ONNXClassifier, load_onnx
from skecg.export._onnx import to_onnx
from skecg.export._plain import describe

__all__ = ["ONNXClassifier", "describe", "load_onnx", "to_onnx"]
