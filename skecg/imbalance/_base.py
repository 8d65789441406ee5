"""Bases and helpers of the samplers of records."""

from abc import ABCMeta, abstractmethod

import numpy as np
from imblearn.base import BaseSampler
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_sampling_strategy
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skecg.signal import resolve_lead_names
from skecg.utils import as_3d, check_ecg, check_target_kind, fit_context, read_target


class BaseRecordSampler(BaseSampler, metaclass=ABCMeta):
    """Base of the samplers: validation and tags."""

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Check X and y; use `fit_resample` in all cases.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV; of shape (n_records, n_times) for one lead.
        y : array-like of shape (n_records,)
            Labels.

        Returns
        -------
        self : object
            The sampler.
        """
        values, _, y = self._check(X, y)
        self._fit(X, values, y)
        return self

    @fit_context(prefer_skip_nested_validation=False)
    def fit_resample(self, X, y):
        """Balance the classes.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV; of shape (n_records, n_times) for one lead.
        y : array-like of shape (n_records,)
            Labels.

        Returns
        -------
        X_resampled : ndarray, or DataArray where X is one
            Records of the shape of those in X, any new ones at the end.
        y_resampled : ndarray or Series of shape (n_records_new,)
            Their labels, a Series where y is one.

        Raises
        ------
        ValueError
            If X or y is not valid, or the sampler leaves a class without records.
        """
        return self._resample(X, y, *self._check(X, y))

    @abstractmethod
    def _fit(self, X, values, y):
        """Learn from records, as they are given and as validated values."""

    @abstractmethod
    def _resample(self, X, given, values, labels, y):
        """Resample records: X and `given` as they are given, the others validated."""

    def _check(self, X, y):
        """Validate records and labels."""
        values, labels = check_ecg(self, X, reset=True)
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None."
            )
        y = read_target(y)
        check_consistent_length(values, y)
        check_target_kind(y)
        return values, labels, y

    def _fit_resample(self, X, y):
        """Resample; abstract in imbalanced-learn, whose own fit_resample calls it."""
        return self.fit_resample(X, y)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.sparse = False
        return tags


class RecordOverSampler(BaseRecordSampler, BaseOverSampler):
    """Base of the samplers that append records made from those of a class.

    A subclass implements ``_new_records``.
    """

    _parameter_constraints: dict = {**BaseOverSampler._parameter_constraints}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.sampler_tags.sample_indices = True
        return tags

    @abstractmethod
    def _new_records(self, values, labels, y, rng):
        """Return new records, and the index of the one that each is made from."""

    def _fit(self, X, values, y):
        self._set_strategy(y)

    def _resample(self, X, given, values, labels, y):
        self._set_strategy(y)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        rng = np.random.default_rng(seed)
        new, base = self._new_records(as_3d(values), labels, y, rng)
        new = new.reshape(len(base), *values.shape[1:])
        self.sample_indices_ = np.concatenate([np.arange(len(y)), base])
        X_new = np.concatenate([values, new.astype(values.dtype, copy=False)])
        if labels is not None:
            X_new = labels.with_synthetic(len(base)).wrap(X_new)
        if hasattr(given, "iloc"):
            # A Series comes back as a Series, as from imbalanced-learn's samplers.
            return X_new, given.iloc[self.sample_indices_].reset_index(drop=True)
        return X_new, y[self.sample_indices_]

    def _set_strategy(self, y):
        """Set the number of new records of each class."""
        self.sampling_strategy_ = check_sampling_strategy(
            self.sampling_strategy, y, "over-sampling"
        )


def names_of_leads(given, labels, n_leads):
    """Return the names of the leads, None where they are unknown."""
    labelled = None if labels is None else labels.lead_names
    return resolve_lead_names(given, labelled, n_leads)


def draw_evenly(candidates, n_wanted, rng):
    """Draw from candidates; none is drawn again before all others."""
    n_rounds = -(-n_wanted // len(candidates))
    rounds = [rng.permutation(candidates) for _ in range(n_rounds)]
    return np.concatenate([np.zeros(0, int), *rounds])[:n_wanted]
