"""The base of every transformer: validate once, call one abstract method."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skecg.signal import resolve_lead_names
from skecg.utils import ECGLabels, as_3d, carry_warning, check_ecg, fit_context


class ECGTransformer(TransformerMixin, BaseEstimator):
    """Base of the transformers of ECG records.

    A subclass implements ``_transform(values, labels)``, and ``_fit`` likewise where
    it learns or checks something; both are given validated values in mV.
    """

    _any_length = False
    _any_fs = False
    _gaps = False

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters against X, and learn what the transformer needs.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV; of shape (n_records, n_times) for one lead.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        values, labels = self._check(X, reset=True)
        self._fit(values, labels)
        return self

    def get_feature_names_out(self, input_features=None):
        """Name the columns of the output, or of its records flattened.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored.

        Returns
        -------
        feature_names_out : ndarray of str
            Of records, lead and sample, such as ``"V1_0"``, the leads of one sample
            side by side. A lead without a known name is ``lead0``, ``lead1`` and so on.
        """
        check_is_fitted(self)
        return np.asarray(self._columns(), dtype=object)

    def _columns(self):
        """Return the names of the columns of the output."""
        leads, n_times = self._leads_out(), self._n_times_out()
        return [f"{lead}_{t}" for t in range(n_times) for lead in leads]

    def _check(self, X, reset):
        """Validate X, which the class attributes allow to differ from that of `fit`."""
        return check_ecg(
            self,
            X,
            reset=reset,
            any_length=self._any_length,
            any_fs=self._any_fs,
            gaps=self._gaps,
        )

    def _fit(self, values, labels):
        """Learn from validated records; by default there is nothing to learn."""

    def _n_times_out(self):
        """Return the number of samples of an output record."""
        return self.n_features_in_

    def _leads_out(self):
        """Return the names of the leads of the output."""
        given = getattr(self, "lead_names", None)
        names = resolve_lead_names(given, self.lead_names_in_, self.n_leads_in_)
        return names or unnamed_leads(range(self.n_leads_in_))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class RecordTransformer(ECGTransformer):
    """Base of the transformers whose output is records, not a table.

    ``_transform`` gets and returns three dimensions; one-lead records of two are
    given back in two.
    """

    def __init_subclass__(cls, **kwargs):
        # No table holds three dimensions, so scikit-learn must not wrap the output,
        # whatever its global configuration says.
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)

    def transform(self, X):
        """Transform records.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV; of shape (n_records, n_times) for one lead.

        Returns
        -------
        X_new : ndarray, or DataArray where X is one
            The transformed records, in the dtype and the dimensions of X.
        """
        check_is_fitted(self)
        values, labels = self._check(X, reset=False)
        # A view, which may be marked though the array is the caller's.
        records = carry_warning(values, as_3d(values).view())
        if values.ndim == 3:
            return carry_warning(records, self._transform(records, labels))
        if labels is not None:
            labels = ECGLabels(labels.source.expand_dims("lead", axis=2))
        transformed = self._transform(records, labels)[:, :, 0]
        return carry_warning(records, transformed)

    def set_output(self, *, transform=None):
        """Accept a pipeline's ``set_output``, which changes nothing here.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Ignored, as three-dimensional records have no table form. In a pipeline,
            later steps whose output is a table follow it.

        Returns
        -------
        self : object
            The transformer.
        """
        return self


def unnamed_leads(index):
    """Return names for leads that have none."""
    return tuple(f"lead{k}" for k in index)
