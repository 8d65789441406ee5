"""Batches of records for training, gathered by index in threads of tf.data.

Its functions import TensorFlow, whichever backend Keras has.
"""

import functools

import numpy as np

from skecg.utils import ALIGNMENT, empty_aligned


def shuffled_batches(
    records, weights, index, batch_size, seed, *, crop_length=None, augmenter=None
):
    """Yield batches of the records at `index` without end, each epoch in a new order.

    Parameters
    ----------
    records : tuple of (tensor or memory map, ndarray)
        Records, as from :func:`hold_records`, and their targets: one of each record,
        or several.
    weights : ndarray of shape (n_records,) or None
        Weight of each record.
    index : ndarray of int
        The records to take.
    batch_size, seed : int
        Records in a batch, and what the order comes from.
    crop_length : int, default=None
        Samples of the part of each record that is taken, each time another one. None
        takes whole records.
    augmenter : object, default=None
        Its ``augment(records, random_state)`` changes the records of each batch.

    Returns
    -------
    tf.data.Dataset
        Tuples of records, targets and, where given, weights, as float32.
    """
    shuffle, _ = _order_functions()
    n_times = records[0].shape[1]
    crop_length = crop_length or n_times
    order = shuffle(
        index, np.int64(n_times - crop_length + 1), np.int64(seed), np.int64(batch_size)
    )
    batches = _take(*records, weights, order, crop_length)
    return batches if augmenter is None else _augmented(batches, augmenter, seed)


def batches_in_order(records, index, batch_size, *, crop_length=None, n_crops=1):
    """Yield batches of the records at `index`, once; see :func:`shuffled_batches`.

    Of each record come `n_crops` parts, which are spread evenly over it.
    """
    _, in_order = _order_functions()
    n_times = records[0].shape[1]
    crop_length = crop_length or n_times
    starts = crop_starts(n_times, crop_length, n_crops)
    order = in_order(
        np.repeat(index, len(starts)),
        np.tile(starts, len(index)),
        np.int64(batch_size),
    )
    return _take(*records, None, order, crop_length)


def crop_starts(n_times, crop_length, n_crops):
    """Return where parts of a record start that are spread evenly over it."""
    if crop_length == n_times:
        return np.zeros(1, np.int64)
    last = n_times - crop_length
    if n_crops == 1:
        return np.array([last // 2])
    return np.unique(np.linspace(0, last, n_crops).round().astype(np.int64))


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


def _take(X, y, weights, order, crop_length):
    """Turn batches of indices into batches of records, targets and weights."""
    targets = [y.astype(np.float32)]
    if weights is not None:
        targets.append(weights.astype(np.float32))
    if is_memory_mapped(X):
        return _take_mapped(X, targets, order, crop_length)
    shapes = tuple(target.shape[1:] for target in targets)
    take = _take_function(tuple(X.shape[1:]), crop_length, shapes)
    return take(order, X, *targets)


def _take_mapped(X, targets, order, crop_length):
    """Read the records of each batch from a memory map, in a thread."""
    import tensorflow as tf

    def read(index, start):
        records = np.empty((len(index), crop_length, X.shape[2]), np.float32)
        for record, row, first in zip(records, index, start, strict=True):
            record[:] = X[row, first : first + crop_length]
        return records

    def take(index, start):
        x = tf.numpy_function(read, [index, start], tf.float32)
        x = tf.ensure_shape(x, (None, crop_length, X.shape[2]))
        return (x, *(tf.gather(target, index) for target in targets))

    return order.map(take).prefetch(2)


def _augmented(batches, augmenter, seed):
    """Let `augmenter` change the records of each batch, in a thread."""
    import tensorflow as tf

    def augment(records, batch):
        state = np.random.SeedSequence((seed, batch)).generate_state(1)[0]
        return np.asarray(augmenter.augment(records, int(state)), np.float32)

    def change(batch, parts):
        records, *targets = parts
        x = tf.numpy_function(augment, [records, batch], tf.float32)
        return (tf.ensure_shape(x, records.shape), *targets)

    return batches.enumerate().map(change).prefetch(2)


# A dataset made outside of a tf.function would trace its own functions at every fit.


@functools.cache
def _order_functions():
    """Return the functions that make datasets of batches of indices and starts."""
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
            starts = tf.random.stateless_uniform(
                tf.shape(index),
                seed=tf.stack([-1 - seed, epoch]),
                maxval=n_starts,
                dtype=tf.int64,
            )
            return tf.data.Dataset.from_tensor_slices((order, starts)).batch(batch_size)

        return tf.data.Dataset.range(2**31).flat_map(batches_of_epoch)

    @tf.function(input_signature=[indices, indices, number])
    def in_order(index, starts, batch_size):
        return tf.data.Dataset.from_tensor_slices((index, starts)).batch(batch_size)

    return shuffle, in_order


@functools.lru_cache(maxsize=16)
def _take_function(record_shape, crop_length, target_shapes):
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
        samples = (index * n_times + start)[:, None] + tf.range(
            crop_length, dtype=tf.int64
        )
        return tf.gather(tf.reshape(X, [-1, n_leads]), samples)

    def take_batch(chosen, parts):
        index, start = chosen
        X, *targets = parts
        return (
            take_records(X, index, start),
            *(tf.gather(target, index) for target in targets),
        )

    @tf.function(input_signature=[order, records, *targets])
    def take(order, *parts):
        with tf.device("CPU:0"):
            return (
                tf.data.Dataset.zip(order, tf.data.Dataset.from_tensors(parts).repeat())
                .map(take_batch)
                .prefetch(2)
            )

    # Traced by a call, TensorFlow would warn where many networks are.
    return take.get_concrete_function()
