"""The facts that define a network up to its weights, and its compilation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skecg.networks import standard_settings
from skecg.training._seeding import keras_seeded_with

_SAMPLES_AT_ONCE = 128 * 1000
"""Samples in time that go through a network at once outside training."""


@dataclass(frozen=True)
class Architecture:
    """A network up to its weights.

    It is hashable, because caches of compiled and traced networks have it as a key.
    """

    builder: Callable  # of skecg.networks
    input_shape: tuple[int, int]  # samples in time and leads of records, or of crops
    n_classes: int
    options: tuple[tuple[str, object], ...]  # keyword arguments of the builder

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
    """Parameters of the classifiers that a network is compiled with; hashable."""

    optimizer: str
    weight_decay: float | None = None
    clipnorm: float | None = None
    focal_gamma: float = 0.0
    label_smoothing: float = 0.0
    n_aux: int = 0
    aux_weight: float = 0.0
    freeze: str | None = None
