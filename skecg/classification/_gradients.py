"""Gradients of a network's log-odds with respect to the records it takes.

Its functions import Keras.
"""

import functools

from skecg.classification._models import stateless
from skecg.networks import HEAD


@functools.lru_cache(maxsize=8)
def log_odds_and_gradient(architecture, n_times, starts, target):
    """Return a function of weights and records, traced once for all fits.

    Parameters
    ----------
    architecture : Architecture
        The network.
    n_times : int
        Samples in time of the records.
    starts : tuple of int
        Where the parts of a record start whose probabilities are averaged.
    target : int
        The class, as an integer from 0.

    Returns
    -------
    callable
        Takes a list of tensors, one for each of the model's variables, and an array
        of records in float32; returns the log-odds of the class against all others,
        of shape (n_records,), and their gradient, of the shape of the records.

    Notes
    -----
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
        parts = [records[:, start : start + length] for start in starts]
        score = call(weights, parts[0] if len(parts) == 1 else ops.concatenate(parts))
        score = ops.reshape(score, (len(starts), -1, score.shape[-1]))
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

    # Traced by a call, TensorFlow would warn where many networks are.
    both = both.get_concrete_function()

    def run(weights, records):
        value, gradient = both(weights, tf.convert_to_tensor(records))
        return value.numpy(), gradient.numpy()

    return run


def _jax(log_odds, variables, record_shape):
    """Differentiate with JAX; records do not depend on each other."""
    import jax
    import numpy as np

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
