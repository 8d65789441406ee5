"""Standardization of ECG records."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skecg.preprocessing._base import RecordTransformer
from skecg.signal import amplitude_statistics
from skecg.utils import (
    StrOptions,
    as_3d,
    check_ecg,
    check_learned_voltage,
    empty_aligned,
    mark_warned,
    typical_amplitude,
)


class ECGScaler(RecordTransformer):
    """Standardize records with the mean and spread of the training records.

    Parameters
    ----------
    scope : {"lead", "global", "record"}, default="lead"
        Samples with a common mean and standard deviation: those of each lead in all
        training records, those of all leads in all training records, or those of each
        record. ``"lead"`` and ``"global"`` keep the relative voltage between records;
        ``"record"`` destroys it, and with it what voltage criteria measure: a heart
        with twice the voltage looks the same afterwards.

    with_mean : bool, default=True
        Subtract the mean.

    with_std : bool, default=True
        Divide by the standard deviation.

    Attributes
    ----------
    mean_ : ndarray of shape (n_leads,) or (), or None
        Mean in mV; None where it is not learned.

    scale_ : ndarray of shape (n_leads,) or (), or None
        Standard deviation in mV, 1 where a lead is constant; None where it is not
        learned.

    amplitude_ : float
        Typical amplitude in mV of the training records. Records a hundred times larger
        or smaller are refused, as they are in another unit; a warning says where most
        records of a call are 1.5 times larger or smaller (5.5 times for a single one).

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    ECGFilter : Removes baseline wander, which widens the spread.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGScaler
    >>> X = np.random.default_rng(0).normal(size=(20, 100, 2)) * [0.1, 3.0]
    >>> scaler = ECGScaler().fit(X)
    >>> scaler.transform(X).std(axis=(0, 1)).round(6).tolist()
    [1.0, 1.0]
    >>> bool(np.allclose(scaler.inverse_transform(scaler.transform(X)), X))
    True
    """

    _parameter_constraints: dict = {
        "scope": [StrOptions({"lead", "global", "record"})],
        "with_mean": ["boolean"],
        "with_std": ["boolean"],
    }

    def __init__(self, scope="lead", *, with_mean=True, with_std=True):
        self.scope = scope
        self.with_mean = with_mean
        self.with_std = with_std

    def _fit(self, values, labels):
        self.amplitude_ = typical_amplitude(values)
        self.mean_ = self.scale_ = None
        if self.scope != "record":
            self.mean_, self.scale_ = self._statistics(values)

    def _transform(self, values, labels):
        mean, scale = self.mean_, self.scale_
        if self.scope == "record":
            mean, scale = self._statistics(values)
        elif check_learned_voltage(self, values, self.amplitude_):
            mark_warned(values)
        # Aligned, so that training reads it in place.
        out = empty_aligned(values.shape, values.dtype)
        np.copyto(out, values)
        if mean is not None:
            out -= mean.astype(values.dtype)
        if scale is not None:
            out /= scale.astype(values.dtype)
        return out if labels is None else labels.wrap(out, units="1")

    def inverse_transform(self, X):
        """Undo the scaling.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Scaled records; of shape (n_records, n_times) for one lead.

        Returns
        -------
        X_original : ndarray, or DataArray where X is one
            Records in mV.

        Raises
        ------
        ValueError
            If ``scope="record"``, which does not keep its statistics.
        """
        check_is_fitted(self)
        if self.scope == "record":
            raise ValueError(
                "ECGScaler(scope='record') does not keep each record's mean and "
                "spread, so its scaling can't be undone; use scope='lead' or 'global'."
            )
        values, labels = check_ecg(self, X, reset=False, any_unit=True)
        original = as_3d(values).copy()
        if self.scale_ is not None:
            original *= self.scale_.astype(values.dtype)
        if self.mean_ is not None:
            original += self.mean_.astype(values.dtype)
        original = original.reshape(values.shape)
        return original if labels is None else labels.wrap(original, units="mV")

    def _statistics(self, values):
        """Return mean and spread, None where not wanted."""
        mean, scale = amplitude_statistics(as_3d(values), self.scope)
        # A constant lead has only the rounding of its mean for a spread.
        constant = scale <= 10 * np.finfo(values.dtype).eps * np.abs(mean)
        scale = np.where(constant, 1.0, scale)
        return mean if self.with_mean else None, scale if self.with_std else None
