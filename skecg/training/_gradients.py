"""Gradients of a network's log-odds with respect to the records it takes."""

import functools

import numpy as np

from skecg.networks import HEAD
from skecg.training._predict import compiled, cut_crops, stateless
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
    """Return a function of weights and records, traced once for all fits."""
    import keras
    from keras import ops

    model = architecture.build()
    # Without the head's sigmoid or softmax, the rest is done with logarithms, so that a
    # probability that rounds to 0 or 1 has a gradient too.
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

    record_shape = n_times, architecture.input_shape[1]
    return compiled(_with_gradient(log_odds), model.variables, record_shape)


def _with_gradient(log_odds):
    """Return a function that gives the log-odds of records and their gradient.

    Records do not depend on each other: the gradient of the sum is that of each.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        def both(weights, records):
            with tf.GradientTape() as tape:
                tape.watch(records)
                value = log_odds(weights, records)
            return value, tape.gradient(value, records)

    elif keras.backend.backend() == "jax":
        import jax

        def both(weights, records):
            value, pull_back = jax.vjp(lambda x: log_odds(weights, x), records)
            return value, *pull_back(jax.numpy.ones_like(value))

    else:
        import torch

        def both(weights, records):
            with torch.enable_grad():
                records = records.requires_grad_(True)
                value = log_odds(weights, records)
                return value, *torch.autograd.grad(value.sum(), records)

    return both
