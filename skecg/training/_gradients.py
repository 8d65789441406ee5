"""Gradients of a network's log-odds with respect to the records it takes."""

import functools

import numpy as np

from skecg.networks import HEAD
from skecg.training._predict import cut_crops, stateless
from skecg.training._settings import undisturbed


@undisturbed()
def log_odds_gradient(network, X, n_crops=1, target=1):
    """Return the log-odds of a class against all others and their gradient.

    The log-odds are of shape (n_records,), the gradient has the shape of X; both are
    float32. Where the network takes crops, the probabilities of `n_crops` of each
    record are averaged.
    """
    architecture = network.architecture
    starts = architecture.crop_starts(X.shape[1], n_crops)
    run = _traced(architecture, X.shape[1], tuple(starts.tolist()), target)
    size = architecture.records_at_once(len(starts))
    values = np.empty(len(X), np.float32)
    gradient = np.empty(X.shape, np.float32)
    for first in range(0, len(X), size):
        here = slice(first, first + size)
        records = np.ascontiguousarray(X[here], dtype=np.float32)
        values[here], gradient[here] = run(network.tensors, records)
    return values, gradient


@functools.lru_cache(maxsize=8)
def _traced(architecture, n_times, starts, target):
    """Return a function of weights and records, traced once for all fits.

    The head is taken before its sigmoid or softmax, and the rest is done with
    logarithms, so that a probability that rounds to 0 or 1 has a gradient too.
    """
    import keras
    from keras import ops

    model = architecture.build()
    model.get_layer(f"{HEAD}_classes").activation = keras.activations.linear
    call = stateless(model)
    length, n_classes = architecture.input_shape[0], architecture.n_classes

    def log_odds(weights, records):
        score = call(weights, cut_crops(records, starts, length, ops))
        score = ops.reshape(score, (len(starts), -1, score.shape[-1]))
        # The probabilities of several crops are averaged. Log-odds are the logarithm of
        # their sum for the class less that of their sum against it; the number of crops
        # cancels out.
        if n_classes == 2:
            score = score[..., 0] if target else -score[..., 0]
            inside, outside = ops.log_sigmoid(score), ops.log_sigmoid(-score)
        else:
            score = ops.log_softmax(score)
            others = [k for k in range(n_classes) if k != target]
            inside = score[..., target]
            outside = ops.logsumexp(ops.take(score, others, axis=-1), axis=-1)
        return ops.logsumexp(inside, axis=0) - ops.logsumexp(outside, axis=0)

    return {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[
        keras.backend.backend()
    ](log_odds, model.variables, (n_times, architecture.input_shape[1]))


def _tensorflow(log_odds, variables, record_shape):
    """Differentiate with TensorFlow, in a graph that takes any number of records."""
    import tensorflow as tf

    weights = [tf.TensorSpec(v.shape, v.dtype) for v in variables]
    records = tf.TensorSpec((None, *record_shape), tf.float32)

    @tf.function(input_signature=[weights, records])
    def both(weights, records):
        with tf.GradientTape() as tape:
            tape.watch(records)
            value = log_odds(weights, records)
        return value, tape.gradient(value, records)

    # A call of `both` would trace it too, but warn after a few networks.
    both = both.get_concrete_function()

    def run(weights, records):
        value, gradient = both(weights, tf.convert_to_tensor(records))
        return value.numpy(), gradient.numpy()

    return run


def _jax(log_odds, variables, record_shape):
    """Differentiate with JAX; records do not depend on each other."""
    import jax

    def total(records, weights):
        value = log_odds(weights, records)
        return value.sum(), value

    both = jax.jit(jax.grad(total, has_aux=True))

    def run(weights, records):
        gradient, value = both(jax.numpy.asarray(records), weights)
        return np.asarray(value), np.asarray(gradient)

    return run


def _torch(log_odds, variables, record_shape):
    """Differentiate with PyTorch."""
    import keras
    import torch

    def run(weights, records):
        tensor = keras.ops.convert_to_tensor(records).detach().requires_grad_(True)
        value = log_odds([weight.detach() for weight in weights], tensor)
        (gradient,) = torch.autograd.grad(value.sum(), tensor)
        return tuple(keras.ops.convert_to_numpy(t) for t in (value, gradient))

    return run
