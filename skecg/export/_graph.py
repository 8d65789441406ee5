"""Affine steps and trained networks as one ONNX graph; imports TensorFlow."""

import contextlib
import logging
import os
import warnings

import numpy as np

from skecg.classification import LEAST_PROBABILITY
from skecg.export._affine import OverTime, factorize
from skecg.utils import import_optional

INPUT, OUTPUT = "ecg", "probabilities"
OPSET = 17
"""Version of ONNX' operators; onnxruntime 1.13 and later run it."""


def build_graph(branches, weights, input_shape):
    """Return networks behind affine steps as bytes of one ONNX model.

    Each branch is the steps before a network, and its fitted classifier; `weights` are
    the shares of the branches in the average. The input ``ecg`` is float32 of shape
    (n_records, n_times, n_leads), the output ``probabilities`` float32 of (n_records,
    n_classes).
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()}, but networks are exported to "
            "ONNX from TensorFlow; set KERAS_BACKEND=tensorflow and load the pipeline "
            "again."
        )
    tf2onnx = import_optional("tf2onnx", "export", "to_onnx")
    import tensorflow as tf

    calls = [_branch(steps, classifier) for steps, classifier in branches]
    record = tf.TensorSpec((None, *input_shape), tf.float32, name=INPUT)

    @tf.function(input_signature=[record])
    def run(ecg):
        outputs = [w * call(ecg) for w, call in zip(weights, calls, strict=True)]
        return tf.identity(tf.add_n(outputs), name=OUTPUT)

    # Weights become constants of the graph, so that the file stands alone.
    with _quiet():
        model, _ = tf2onnx.convert.from_function(
            run, input_signature=[record], opset=OPSET
        )
    _rename_output(model.graph)
    return model.SerializeToString()


def _branch(steps, classifier):
    """Return a function of a tensor of records that gives probabilities."""
    import tensorflow as tf

    network = classifier.estimator_.model_
    architecture = classifier.estimator_.architecture
    crop_length = architecture.input_shape[0]
    starts = architecture.crop_starts(
        classifier.n_features_in_, classifier.n_crops
    ).tolist()

    # The same computations as in `predict_proba` of the classifiers, on tensors.
    def call(records):
        for step in steps:
            records = _apply(step, records)
        crops = [records[:, start : start + crop_length] for start in starts]
        output = network(tf.concat(crops, axis=0), training=False)
        output = tf.reshape(output, (len(starts), -1, network.output_shape[-1]))
        output = tf.reduce_mean(output, axis=0)
        if network.output_shape[-1] == 1:
            output = tf.concat([1 - output, output], axis=1)
        output = output / tf.reduce_sum(output, axis=1, keepdims=True)
        return _calibrated(output, classifier.calibration_)

    return call


def _calibrated(output, calibration):
    """Calibrate probabilities of two classes, as the classifiers do in NumPy."""
    import tensorflow as tf

    if calibration is None:
        return output
    slope, intercept = calibration
    logarithm = tf.math.log(tf.maximum(output, LEAST_PROBABILITY))
    odds = slope * (logarithm[:, 1:] - logarithm[:, :1]) + intercept
    return tf.sigmoid(tf.concat([-odds, odds], axis=1))


def _apply(step, records):
    """Apply an affine step to a tensor of records."""
    import tensorflow as tf

    if isinstance(step, OverTime):
        adds_input, factors = factorize(step.matrix)
        # Time goes last, to be multiplied for all leads at once.
        mapped = tf.transpose(records, (0, 2, 1))
        for factor in factors:
            mapped = tf.matmul(mapped, tf.constant(factor, tf.float32))
        mapped = tf.transpose(mapped, (0, 2, 1))
        return records + mapped if adds_input else mapped
    if step.index is not None:
        records = tf.gather(records, step.index, axis=2)
    if step.mean is not None:
        records -= np.asarray(step.mean, np.float32)
    if step.scale is not None:
        records /= np.asarray(step.scale, np.float32)
    return records


def _rename_output(graph):
    """Give the output its name, as the converter names it after its operation."""
    found = graph.output[0].name
    for node in graph.node:
        for names in (node.input, node.output):
            for k, name in enumerate(names):
                if name == found:
                    names[k] = OUTPUT
    graph.output[0].name = OUTPUT


@contextlib.contextmanager
def _quiet():
    """Silence the converter's log, and its warnings of NumPy's old names."""
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    logger.setLevel(os.environ.get("TF2ONNX_LOG_LEVEL", logging.ERROR))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.setLevel(level)
