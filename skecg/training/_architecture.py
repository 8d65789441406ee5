"""What defines a network up to its weights, and how it is compiled."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skecg.networks import standard_settings
from skecg.training._seeding import keras_seeded_with

_SAMPLES_AT_ONCE = 128 * 1000
"""Samples in time that go through a network at once where it does not train."""


@dataclass(frozen=True)
class Architecture:
    """A network up to its weights.

    It is hashable, as compiled and traced networks are kept by it.

    Attributes
    ----------
    builder : callable
        A function of :mod:`skecg.networks`.
    input_shape : tuple of (int, int)
        Samples in time and leads of the records, or crops of records, it takes.
    n_classes : int
        Number of classes.
    options : tuple of (str, value) pairs
        Keyword arguments of the builder; hashable.
    """

    builder: Callable
    input_shape: tuple[int, int]
    n_classes: int
    options: tuple[tuple[str, object], ...]

    def build(self, seed=0, n_aux=0):
        """Build an uncompiled network with new weights."""
        with keras_seeded_with(seed), standard_settings():
            return self.builder(
                self.input_shape, self.n_classes, n_aux=n_aux, **dict(self.options)
            )

    def crop_starts(self, n_times, n_crops):
        """Return the first samples of crops that are spread evenly over a record."""
        last = n_times - self.input_shape[0]
        if not last:
            return np.zeros(1, np.int64)
        if n_crops == 1:
            return np.array([last // 2])
        return np.unique(np.linspace(0, last, n_crops).round().astype(np.int64))

    def records_at_once(self, n_crops=1):
        """Return how many records of `n_crops` crops go through the network at once."""
        return max(1, max(1, _SAMPLES_AT_ONCE // self.input_shape[0]) // n_crops)


@dataclass(frozen=True)
class Optimization:
    """What a network is compiled with; hashable.

    Attributes
    ----------
    optimizer : str
        Name of an optimizer of Keras.
    weight_decay : float or None
        Decoupled weight decay. None means the optimizer's own.
    clipnorm : float or None
        Largest norm of all gradients together.
    focal_gamma, label_smoothing : float
        As in :func:`~skecg.training._losses.training_loss`.
    n_aux : int
        Number of auxiliary targets.
    aux_weight : float
        Weight of each auxiliary target's cross-entropy in the loss.
    freeze : {"body", None}
        Layers whose weights are not trained.
    """

    optimizer: str
    weight_decay: float | None = None
    clipnorm: float | None = None
    focal_gamma: float = 0.0
    label_smoothing: float = 0.0
    n_aux: int = 0
    aux_weight: float = 0.0
    freeze: str | None = None
