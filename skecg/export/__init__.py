"""Export of trained pipelines to ONNX, and import as classifiers on onnxruntime."""

from skecg.export._classifier import ONNXClassifier, load_onnx
from skecg.export._onnx import describe_pipeline as describe_pipeline
from skecg.export._onnx import to_onnx
from skecg.export._plain import describe

__all__ = ["ONNXClassifier", "describe", "load_onnx", "to_onnx"]
