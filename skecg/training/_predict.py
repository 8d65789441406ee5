"""Prediction with trained networks."""

import functools

import numpy as np

from skecg.training._settings import undisturbed


@undisturbed()
def predict_proba(network, X, n_crops=1):
    """Return the probability of the second class, or of each class, for records.

    It is of shape (n_records, 1) or (n_records, n_classes) and float32. Where the
    network takes crops, the outputs of `n_crops` of each record are averaged.
    """
    architecture = network.architecture
    run = _forward(architecture)
    starts = architecture.crop_starts(X.shape[1], n_crops)
    size = architecture.records_at_once(len(starts))
    outputs = []
    for first in range(0, len(X), size):
        records = X[first : first + size].astype(np.float32, copy=False)
        # Crops go through the network together: few large batches take less time.
        crops = cut_crops(records, starts, architecture.input_shape[0], np)
        (output,) = run(network.tensors, crops)
        outputs.append(output.reshape(len(starts), len(records), -1).mean(axis=0))
    return np.concatenate(outputs)


def cut_crops(records, starts, length, library):
    """Return the crops of records, one crop of all records after the other."""
    crops = [records[:, start : start + length] for start in starts]
    return crops[0] if len(crops) == 1 else library.concatenate(crops)


def stateless(model):
    """Return a model as a function of its variables' values and records.

    So one traced function serves all fits of an architecture, each with its weights.
    """
    variables = model.variables
    trainable, non_trainable = (
        [[v is own for v in variables].index(True) for own in some]
        for some in (model.trainable_variables, model.non_trainable_variables)
    )

    def call(weights, x):
        return model.stateless_call(
            [weights[k] for k in trainable],
            [weights[k] for k in non_trainable],
            x,
            training=False,
        )[0]

    return call


@functools.lru_cache(maxsize=16)
def _forward(architecture):
    """Return a function of weights and records, traced once for all fits.

    Keras' own `predict` takes 45 ms for one record, most of it to make a dataset and
    to call callbacks; this takes 2 ms.
    """
    model = architecture.build()
    call = stateless(model)
    return compiled(
        lambda weights, x: (call(weights, x),),
        model.variables,
        architecture.input_shape,
    )


def compiled(function, variables, record_shape):
    """Let Keras' backend run a function of weights and any number of records.

    `function` returns a tuple of tensors, the returned function a list of arrays.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        return _graph(function, variables, record_shape)
    if keras.backend.backend() == "jax":
        import jax

        jitted = jax.jit(function)
        return lambda weights, x: [np.asarray(part) for part in jitted(weights, x)]
    import torch

    def run(weights, x):
        # Weights are trained no more: what their gradients would need is not kept.
        weights = [weight.detach() for weight in weights]
        with torch.no_grad():
            parts = function(weights, keras.ops.convert_to_tensor(x).detach())
        return [keras.ops.convert_to_numpy(part) for part in parts]

    return run


def _graph(function, variables, record_shape):
    """Trace a function with TensorFlow, and run it as an operation.

    A ``tf.function`` checks all weights at every call, which takes as long as a small
    network for one record. TensorFlow checks no shapes then; `check_ecg` has done so.
    """
    import tensorflow as tf

    weights = [tf.TensorSpec(v.shape, v.dtype) for v in variables]
    records = tf.TensorSpec((None, *record_shape), tf.float32)
    # A call would trace it too, but warn after a few networks.
    traced = tf.function(function, input_signature=[weights, records])
    graph = traced.get_concrete_function()
    types = [output.dtype for output in graph.outputs]

    def run(weights, x):
        inputs = [*weights, x, *graph.captured_inputs]
        outputs = tf.raw_ops.StatefulPartitionedCall(args=inputs, Tout=types, f=graph)
        return [output.numpy() for output in outputs]

    return run
