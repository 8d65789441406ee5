"""Three-dimensional records as the tables of scikit-learn."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_array, check_is_fitted

from skecg.preprocessing._base import ECGTransformer, RecordTransformer, unnamed_leads
from skecg.signal import standard_leads
from skecg.utils import (
    Interval,
    carry_warning,
    check_learned_voltage,
    flattened_leads,
    mark_warned,
    typical_amplitude,
)


class ECGFlattener(ECGTransformer):
    """Flatten each record to one row, for estimators of tables.

    Attributes
    ----------
    amplitude_ : float
        Typical amplitude in mV of the training records. A warning says where most
        records of a call are 1.5 times larger or smaller (5.5 times for a single one).

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    ECGUnflattener : Its exact inverse.
    skecg.RecordSampler : Class balancing without flattening.

    Notes
    -----
    Leads of one sample are neighbours: column ``t * n_leads + k`` is lead
    ``k`` at sample ``t``. The labels of a labelled X end here.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGFlattener
    >>> X = np.arange(24.0).reshape(2, 4, 3)
    >>> flattener = ECGFlattener().fit(X)
    >>> flattener.transform(X).shape
    (2, 12)
    >>> bool((flattener.inverse_transform(flattener.transform(X)) == X).all())
    True
    >>> flattener.get_feature_names_out()[:4].tolist()
    ['lead0_0', 'lead1_0', 'lead2_0', 'lead0_1']
    """

    _parameter_constraints: dict = {}

    def _fit(self, values, labels):
        self._n_dimensions = values.ndim
        self.amplitude_ = typical_amplitude(values)

    def transform(self, X):
        """Flatten records to rows.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV; of shape (n_records, n_times) for one lead.

        Returns
        -------
        rows : ndarray of shape (n_records, n_times * n_leads), or DataFrame
            One row a record, of the dtype of X.
        """
        check_is_fitted(self)
        values, _ = self._check(X, reset=False)
        rows = values.reshape(len(values), -1).copy()
        if check_learned_voltage(self, values, self.amplitude_):
            mark_warned(rows)
        return rows

    def inverse_transform(self, X):
        """Put rows back into the shape of the records that `fit` saw.

        Parameters
        ----------
        X : array-like of shape (n_records, n_times * n_leads)
            Rows of numbers.

        Returns
        -------
        X_original : ndarray of shape (n_records, n_times, n_leads)
            Records; of shape (n_records, n_times) where `fit` saw that.

        Raises
        ------
        ValueError
            If X has another number of columns than the records of `fit` have samples.
        """
        check_is_fitted(self)
        rows = check_array(X, dtype=[np.float64, np.float32], copy=True)
        n_columns = self.n_features_in_ * self.n_leads_in_
        if rows.shape[1] != n_columns:
            raise ValueError(
                f"X has {rows.shape[1]} columns, but ECGFlattener was fitted on "
                f"records of {self.n_features_in_} samples and {self.n_leads_in_} "
                f"leads, which make {n_columns}; give rows as from its transform."
            )
        return rows if self._n_dimensions == 2 else _unflatten(rows, self.n_leads_in_)


class ECGUnflattener(RecordTransformer):
    """Put rows back into records of three dimensions.

    Parameters
    ----------
    n_leads : int, default=12
        Number of leads of the records. Rows of fewer columns become one-lead records.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns.

    n_leads_in_ : int
        1, as a table has no leads.

    fs_in_, lead_names_in_ : None
        A table has neither.

    See Also
    --------
    ECGFlattener : Its exact inverse.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGFlattener, ECGUnflattener
    >>> X = np.arange(96.0).reshape(2, 4, 12)
    >>> rows = ECGFlattener().fit_transform(X)
    >>> bool((ECGUnflattener(n_leads=12).fit_transform(rows) == X).all())
    True
    """

    _takes_rows = True

    _parameter_constraints: dict = {
        "n_leads": [Interval(Integral, 1, None, closed="left")]
    }

    def __init__(self, n_leads=12):
        self.n_leads = n_leads

    def transform(self, X):
        """Put rows back into records.

        Parameters
        ----------
        X : array-like of shape (n_records, n_times * n_leads)
            Rows of numbers.

        Returns
        -------
        X_new : ndarray of shape (n_records, n_times, n_leads)
            The records, of the dtype of X.

        Raises
        ------
        ValueError
            If rows seem to hold one lead after the other.
        """
        check_is_fitted(self)
        rows, _ = self._check(X, reset=False)
        self._check_order(rows)
        return carry_warning(rows, _unflatten(rows, self._n_leads_out()).copy())

    def _fit(self, values, labels):
        if values.ndim == 3:
            raise ValueError(
                f"X has the shape {values.shape}, but ECGUnflattener takes rows of "
                "shape (n_records, n_times * n_leads); leave it out."
            )
        if values.shape[1] % self._n_leads_out():
            raise ValueError(
                f"X has {values.shape[1]} columns, which n_leads={self.n_leads} does "
                "not divide; give the number of leads that ECGFlattener saw."
            )
        self._check_order(values)

    def _check_order(self, rows):
        """Raise if rows hold one lead after the other, which would be mixed."""
        n_leads = self._n_leads_out()
        if n_leads > 1 and flattened_leads(rows) == (n_leads, True):
            raise ValueError(
                f"X of shape {rows.shape} seems to hold its {n_leads} leads one after "
                "the other, but ECGUnflattener takes the leads of one sample side by "
                f"side; use X.reshape(len(X), {n_leads}, -1).transpose(0, 2, 1)."
            )

    def _n_leads_out(self):
        """Return `n_leads`, or 1 where a row is too short for it."""
        # Tables of scikit-learn's own checks have fewer columns than twelve.
        return self.n_leads if self.n_features_in_ >= self.n_leads else 1

    def _n_times_out(self):
        return self.n_features_in_ // self._n_leads_out()

    def _leads_out(self):
        n_leads = self._n_leads_out()
        return standard_leads(n_leads) or unnamed_leads(range(n_leads))


def _unflatten(rows, n_leads):
    """Return rows as records of `n_leads` leads."""
    return rows.reshape(len(rows), -1, n_leads)
