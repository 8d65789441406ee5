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
        output = run(network.tensors, crops)
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
    import keras

    model = architecture.build()
    return {"tensorflow": _trace, "jax": _jit, "torch": _without_gradients}[
        keras.backend.backend()
    ](stateless(model), model.variables, architecture.input_shape)


def _trace(call, variables, input_shape):
    """Turn `call` into a graph that takes any number of records.

    The graph is run as an operation, because a ``tf.function`` checks all weights at
    every call, which takes as long as a small network for one record. So TensorFlow
    checks no shapes here; `check_ecg` has done so.
    """
    import tensorflow as tf

    weights = [tf.TensorSpec(v.shape, v.dtype) for v in variables]
    records = tf.TensorSpec((None, *input_shape), tf.float32)
    traced = tf.function(call, input_signature=[weights, records])
    graph = traced.get_concrete_function()
    types = [output.dtype for output in graph.outputs]

    def run(weights, x):
        inputs = [*weights, x, *graph.captured_inputs]
        outputs = tf.raw_ops.StatefulPartitionedCall(args=inputs, Tout=types, f=graph)
        return outputs[0].numpy()

    return run


def _jit(call, variables, input_shape):
    """Compile `call` with JAX."""
    import jax

    compiled = jax.jit(call)
    return lambda weights, x: np.asarray(compiled(weights, x))


def _without_gradients(call, variables, input_shape):
    """Let PyTorch run `call` without keeping what gradients would need."""
    import keras
    import torch

    def run(weights, x):
        with torch.no_grad():
            return keras.ops.convert_to_numpy(
                call(weights, keras.ops.convert_to_tensor(x))
            )

    return run
