"""Batches of records gathered in threads of tf.data, for TensorFlow.

In training this needs less processor time than arrays given to Keras' `fit`, or a
``keras.utils.PyDataset`` (docs/performance.md). Datasets are made inside of a kept
``tf.function``, because a dataset that is made outside traces its functions each time.
"""

import functools

import numpy as np

from skecg.training._records import augmented, gather, is_memory_mapped
from skecg.utils import ALIGNMENT, empty_aligned


def shuffled_batches(records, batch_size, seed, crop_length, augmenter=None):
    """Return batches without end, each epoch in a new order, with random crops."""
    n_starts = records.X.shape[1] - crop_length + 1
    shuffle = _shuffle_function()
    order = shuffle(records.index, *map(np.int64, (n_starts, seed, batch_size)))
    # Without a common size, TensorFlow computes shapes at each step of a recurrence,
    # which costs a tenth of the processor time.
    batches = _take(records, order, crop_length, records.common_size(batch_size))
    return batches if augmenter is None else _augmented(batches, augmenter, seed)


def batches_in_order(records, batch_size, crop_length, starts):
    """Return batches of all records once, the crops of a record after each other."""
    import tensorflow as tf

    order = np.repeat(records.index, len(starts)), np.tile(starts, len(records.index))
    order = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
    return _take(records, order, crop_length)


def hold_records(X):
    """Return X as a float32 tensor in main memory; a memory map stays where it is.

    TensorFlow's own conversion needs two copies for a while. This makes one at most,
    and none if X is float32 and starts at a multiple of 64 bytes, as the output of
    ECGScaler does.
    """
    import tensorflow as tf

    if is_memory_mapped(X):
        return X
    # DLPack takes plain, writeable arrays only.
    is_plain = X.flags.c_contiguous and X.flags.writeable
    if X.dtype != np.float32 or X.ctypes.data % ALIGNMENT or not is_plain:
        aligned = empty_aligned(X.shape, np.float32)
        np.copyto(aligned, X, casting="same_kind")
        X = aligned
    return tf.experimental.dlpack.from_dlpack(X.__dlpack__())


def _take(records, order, crop_length, batch_size=None):
    """Turn batches of indices into batches of records, targets and weights."""
    X, targets = records.X, [t for t in (records.y, records.weights) if t is not None]
    if is_memory_mapped(X):
        return _take_mapped(X, targets, order, crop_length, batch_size)
    shapes = tuple(target.shape[1:] for target in targets)
    take = _take_function(tuple(X.shape[1:]), crop_length, shapes, batch_size)
    return take(order, X, *targets)


def _take_mapped(X, targets, order, crop_length, batch_size):
    """Read the records of each batch from a memory map, in a thread."""
    import tensorflow as tf

    def take(index, start):
        read = functools.partial(gather, X, length=crop_length)
        x = tf.numpy_function(read, [index, start], tf.float32)
        x = tf.ensure_shape(x, (batch_size, crop_length, X.shape[2]))
        index = tf.ensure_shape(index, (batch_size,))
        return (x, *(tf.gather(target, index) for target in targets))

    return order.map(take).prefetch(2)


def _augmented(batches, augmenter, seed):
    """Let `augmenter` change the records of each batch, in a thread."""
    import tensorflow as tf

    def change(batch, parts):
        records, *targets = parts
        augment = functools.partial(augmented, augmenter, seed)
        x = tf.numpy_function(augment, [batch, records], tf.float32)
        return (tf.ensure_shape(x, records.shape), *targets)

    return batches.enumerate().map(change).prefetch(2)


@functools.cache
def _shuffle_function():
    """Return the function that makes a dataset of batches of indices and starts."""
    import tensorflow as tf

    number = tf.TensorSpec([], tf.int64)
    indices = tf.TensorSpec([None], tf.int64)

    @tf.function(input_signature=[indices, number, number, number])
    def shuffle(index, n_starts, seed, batch_size):
        def batches_of_epoch(epoch):
            # Stateless operations, so that no global seed takes part.
            order = tf.random.experimental.stateless_shuffle(
                index, seed=tf.stack([seed, epoch])
            )
            # The negative seed gives the starts other numbers than the order has.
            starts = tf.random.stateless_uniform(
                tf.shape(index),
                seed=tf.stack([-1 - seed, epoch]),
                maxval=n_starts,
                dtype=tf.int64,
            )
            return tf.data.Dataset.from_tensor_slices((order, starts)).batch(batch_size)

        return tf.data.Dataset.range(2**31).flat_map(batches_of_epoch)

    return shuffle


@functools.lru_cache(maxsize=16)
def _take_function(record_shape, crop_length, target_shapes, batch_size):
    """Return the function that makes a dataset of batches from one of indices."""
    import tensorflow as tf

    n_times, n_leads = record_shape
    indices = tf.TensorSpec([None], tf.int64)
    order = tf.data.DatasetSpec((indices, indices))
    records = tf.TensorSpec([None, *record_shape], tf.float32)
    targets = [tf.TensorSpec([None, *shape], tf.float32) for shape in target_shapes]

    def take_records(X, index, start):
        if crop_length == n_times:
            return tf.gather(X, index)
        # Of all records in one row, a crop is so many samples from its start on.
        samples = (index * n_times + start)[:, None] + tf.range(
            crop_length, dtype=tf.int64
        )
        return tf.gather(tf.reshape(X, [-1, n_leads]), samples)

    def take_batch(chosen, parts):
        index, start = (tf.ensure_shape(part, (batch_size,)) for part in chosen)
        X, *targets = parts
        return (
            take_records(X, index, start),
            *(tf.gather(target, index) for target in targets),
        )

    @tf.function(input_signature=[order, records, *targets])
    def take(order, *parts):
        # Records are an input and no constant, so that one graph serves every fit. They
        # are in main memory, where tf.data runs.
        with tf.device("CPU:0"):
            return (
                tf.data.Dataset.zip(order, tf.data.Dataset.from_tensors(parts).repeat())
                .map(take_batch)
                .prefetch(2)
            )

    # A call of `take` would trace it too, but warn after a few shapes of records.
    return take.get_concrete_function()
