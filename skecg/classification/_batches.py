"""Batches of records for training, gathered by index in threads of tf.data.

Its functions import TensorFlow, whichever backend Keras has.
"""

import functools

import numpy as np

from skecg.utils import ALIGNMENT, empty_aligned


def shuffled_batches(records, weights, index, batch_size, seed):
    """Yield batches of the records at `index` without end, each epoch in a new order.

    Parameters
    ----------
    records : tuple of (tensor or memory map, ndarray)
        Records, as from :func:`hold_records`, and their classes.
    weights : ndarray of shape (n_records,) or None
        Weight of each record.
    index : ndarray of int
        The records to take.
    batch_size, seed : int
        Records in a batch, and what the order comes from.

    Returns
    -------
    tf.data.Dataset
        Tuples of records, classes and, where given, weights, as float32.
    """
    shuffle, _ = _order_functions()
    order = shuffle(index, np.int64(seed), np.int64(batch_size))
    return _take(*records, weights, order)


def batches_in_order(records, index, batch_size):
    """Yield batches of the records at `index`, once; see :func:`shuffled_batches`."""
    _, in_order = _order_functions()
    return _take(*records, None, in_order(index, np.int64(batch_size)))


def hold_records(X):
    """Return X as a float32 tensor in main memory; a memory map stays where it is.

    There is one copy at most, and none if X is float32 and starts at a multiple of
    64 bytes, as ECGScaler's output does; TensorFlow's own conversion needs two for a
    while.
    """
    import tensorflow as tf

    if is_memory_mapped(X):
        return X
    if X.dtype != np.float32 or X.ctypes.data % ALIGNMENT or not _is_plain(X):
        aligned = empty_aligned(X.shape, np.float32)
        np.copyto(aligned, X, casting="same_kind")
        X = aligned
    return tf.experimental.dlpack.from_dlpack(X.__dlpack__())


def is_memory_mapped(X):
    """Tell whether X lies in a file rather than in memory."""
    while X is not None and not isinstance(X, np.memmap):
        X = getattr(X, "base", None)
    return X is not None


def _is_plain(X):
    """Tell whether DLPack takes X as it is."""
    return X.flags.c_contiguous and X.flags.writeable


def _take(X, y, weights, order):
    """Turn batches of indices into batches of records, classes and weights."""
    targets = [y.ravel().astype(np.float32)]
    if weights is not None:
        targets.append(weights.astype(np.float32))
    if is_memory_mapped(X):
        return _take_mapped(X, targets, order)
    take = _take_function(tuple(X.shape[1:]), len(targets))
    return take(order, X, *targets)


def _take_mapped(X, targets, order):
    """Read the records of each batch from a memory map, in a thread."""
    import tensorflow as tf

    def read(index):
        return X[index].astype(np.float32, copy=False)

    def take(index):
        x = tf.numpy_function(read, [index], tf.float32)
        x = tf.ensure_shape(x, (None, *X.shape[1:]))
        return (x, *(tf.gather(target, index) for target in targets))

    return order.map(take).prefetch(2)


# A dataset made outside of a tf.function would trace its own functions at every fit.


@functools.cache
def _order_functions():
    """Return the functions that make datasets of batches of indices."""
    import tensorflow as tf

    number = tf.TensorSpec([], tf.int64)
    indices = tf.TensorSpec([None], tf.int64)

    @tf.function(input_signature=[indices, number, number])
    def shuffle(index, seed, batch_size):
        def batches_of_epoch(epoch):
            # A stateless operation, so that no global seed takes part.
            order = tf.random.experimental.stateless_shuffle(
                index, seed=tf.stack([seed, epoch])
            )
            return tf.data.Dataset.from_tensor_slices(order).batch(batch_size)

        return tf.data.Dataset.range(2**31).flat_map(batches_of_epoch)

    @tf.function(input_signature=[indices, number])
    def in_order(index, batch_size):
        return tf.data.Dataset.from_tensor_slices(index).batch(batch_size)

    return shuffle, in_order


@functools.lru_cache(maxsize=16)
def _take_function(record_shape, n_targets):
    """Return the function that makes a dataset of batches from one of indices."""
    import tensorflow as tf

    order = tf.data.DatasetSpec(tf.TensorSpec([None], tf.int64))
    records = tf.TensorSpec([None, *record_shape], tf.float32)
    targets = [tf.TensorSpec([None], tf.float32)] * n_targets

    @tf.function(input_signature=[order, records, *targets])
    def take(order, *parts):
        with tf.device("CPU:0"):
            return (
                tf.data.Dataset.zip(order, tf.data.Dataset.from_tensors(parts).repeat())
                .map(lambda index, parts: tuple(tf.gather(p, index) for p in parts))
                .prefetch(2)
            )

    return take
