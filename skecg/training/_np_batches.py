"""Batches of records gathered by NumPy, for JAX and PyTorch, without TensorFlow."""

import numpy as np

from skecg.training._records import augmented, gather


def hold_records(X):
    """Return X as it is: batches are gathered from any array."""
    return X


def shuffled_batches(records, batch_size, seed, crop_length, augmenter=None):
    """Return batches, each epoch in a new order, with random crops."""
    last = records.X.shape[1] - crop_length

    def order(epoch):
        rng = np.random.default_rng((seed, epoch))
        return rng.permutation(records.index), rng.integers(
            last, size=len(records.index), endpoint=True
        )

    return _batches(records, order, batch_size, crop_length, augmenter, seed)


def batches_in_order(records, batch_size, crop_length, starts):
    """Return batches of all records, the crops of a record after each other."""
    order = np.repeat(records.index, len(starts)), np.tile(starts, len(records.index))
    return _batches(records, lambda epoch: order, batch_size, crop_length)


def _batches(records, draw_order, batch_size, crop_length, augmenter=None, seed=0):
    """Return a data set of Keras; `draw_order(epoch)` gives the numbers and starts."""
    import keras

    class Batches(keras.utils.PyDataset):
        epoch, order = 0, draw_order(0)

        def __len__(self):
            return -(-len(self.order[0]) // batch_size)

        def __getitem__(self, k):
            rows, starts = (
                part[k * batch_size : (k + 1) * batch_size] for part in self.order
            )
            x = gather(records.X, rows, starts, crop_length)
            if augmenter is not None:
                x = augmented(augmenter, seed, self.epoch * len(self) + k, x)
            weights = () if records.weights is None else (records.weights[rows],)
            return (x, records.y[rows], *weights)

        def on_epoch_end(self):
            self.epoch += 1
            self.order = draw_order(self.epoch)

    return Batches()
