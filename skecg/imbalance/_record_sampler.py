"""Imbalanced-learn's samplers for three-dimensional records."""

import numpy as np
from imblearn.base import SamplerMixin
from sklearn.base import clone

from skecg.imbalance._base import BaseRecordSampler


class RecordSampler(BaseRecordSampler):
    """Apply any sampler of imbalanced-learn to three-dimensional records.

    Parameters
    ----------
    sampler : sampler object
        A sampler of imbalanced-learn, such as ``RandomUnderSampler()``, to which each
        record is one row; or a sampler of records, which works as it does without this
        class. It is cloned before it is fitted.

    Attributes
    ----------
    sampler_ : sampler object
        The fitted sampler.
    sample_indices_ : ndarray of shape (n_records_new,)
        Position in X of each record of the output; only of samplers that select
        records.
    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.
    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    BeatAlignedSMOTE : New records that keep their voltage.
    ECGAugmenter : Disturbed copies.
    ECGFlattener : For everything else that takes tables only.

    Notes
    -----
    Use it in ``imblearn.pipeline.make_pipeline``; scikit-learn's own pipelines reject
    samplers.

    The records of a labelled X keep their coordinates (patient, sex, age) if the
    sampler selects records. If it appends new ones, as SMOTE does, these get the
    coordinate ``synthetic``, a patient of their own, and no sex or age. skecg's
    networks never hold synthetic records out for early stopping, and keep patients and
    copies of a record together. In a pipeline, records made from a held-out one may
    still be trained on, and `groups` and `sample_weight` do not pass a sampler;
    :class:`~skecg.ResampledClassifier` avoids both.

    SMOTE interpolates sample by sample between records whose beats are not aligned,
    which lowers R amplitude by up to half. To keep the voltage, select records, or use
    :class:`~skecg.BeatAlignedSMOTE`.

    Examples
    --------
    >>> import numpy as np
    >>> from imblearn.under_sampling import RandomUnderSampler
    >>> from skecg import RecordSampler
    >>> X = np.random.default_rng(0).normal(size=(10, 100, 12))
    >>> y = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    >>> sampler = RecordSampler(RandomUnderSampler(random_state=0))
    >>> X_balanced, y_balanced = sampler.fit_resample(X, y)
    >>> X_balanced.shape, y_balanced.tolist()
    ((4, 100, 12), [0, 0, 1, 1])
    """

    _parameter_constraints: dict = {"sampler": [SamplerMixin]}

    def __init__(self, sampler):
        self.sampler = sampler

    def _fit(self, X, values, y):
        rows = X if self._takes_records() else values.reshape(len(values), -1)
        self.sampler_ = clone(self.sampler).fit(rows, y)

    def _resample(self, X, given, values, labels, y):
        self.sampler_ = clone(self.sampler)
        if self._takes_records():
            X_new, y_new = self.sampler_.fit_resample(X, given)
            self.sample_indices_ = self.sampler_.sample_indices_
            return X_new, y_new
        rows = values.reshape(len(values), -1)
        # A Series comes back as a Series, as from the sampler itself.
        target = given if hasattr(given, "iloc") else y
        rows_new, y_new = self.sampler_.fit_resample(rows, target)
        self._check_classes(y, y_new)
        index = getattr(self.sampler_, "sample_indices_", None)
        # Those of an earlier call with a sampler that selects must not stay.
        vars(self).pop("sample_indices_", None)
        if index is not None:
            self.sample_indices_ = np.asarray(index)
        if labels is None:
            return rows_new.reshape(-1, *values.shape[1:]), y_new
        if index is not None:
            labels = labels.select(index)
        # SMOTE appends to X; a cleaning sampler after it makes records of no known one.
        elif np.array_equal(rows_new[: len(rows)], rows):
            labels = labels.with_synthetic(len(rows_new) - len(rows))
        else:
            labels = labels.of_new_records()
        return labels.wrap(rows_new.reshape(-1, *values.shape[1:])), y_new

    def _takes_records(self):
        """Tell whether the sampler takes records and not rows."""
        return isinstance(self.sampler, BaseRecordSampler)

    def _check_classes(self, y, y_new):
        """Raise if a class has lost all its records."""
        lost = np.setdiff1d(y, y_new)
        if len(lost):
            raise ValueError(
                f"{type(self.sampler).__name__} left no record of class "
                f"{lost.tolist()}; choose a sampler that keeps some of every class, "
                "such as RandomUnderSampler."
            )
