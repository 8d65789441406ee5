"""Records with their targets, of which training takes batches."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Records:
    """Records with their targets.

    Attributes
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Records; a memory map is read a batch at a time.
    y : ndarray of shape (n_records,) or (n_records, 1 + n_aux), float32
        Classes as integers from 0, then auxiliary targets from 0 to 1, NaN where they
        are not known.
    index : ndarray of int
        Numbers of the records to take.
    weights : ndarray of shape (n_records,), float32, or None
        Weight of each record.
    """

    X: np.ndarray
    y: np.ndarray
    index: np.ndarray
    weights: np.ndarray | None = None

    def common_size(self, batch_size):
        """Return the size of all batches, None if the last one is smaller."""
        return None if len(self.index) % batch_size else batch_size


def gather(X, index, starts, length):
    """Return `length` samples of the records at `index`, each from its start on."""
    records = np.empty((len(index), length, X.shape[2]), np.float32)
    for record, row, start in zip(records, index, starts, strict=True):
        record[:] = X[row, start : start + length]
    return records


def augmented(augmenter, seed, batch, records):
    """Return the augmented records of a batch, whose number seeds the augmenter."""
    state = np.random.SeedSequence((seed, batch)).generate_state(1)[0]
    return np.asarray(augmenter.augment(records, int(state)), np.float32)


def is_memory_mapped(X):
    """Tell whether X is in a file and not in memory; views of a map are too."""
    while X is not None and not isinstance(X, np.memmap):
        X = getattr(X, "base", None)
    return X is not None
