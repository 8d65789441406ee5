"""The base of every transformer: validate once, call one abstract method."""

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skecg.utils import check_ecg, fit_context


class ECGTransformer(TransformerMixin, BaseEstimator):
    """Base of the transformers of ECG records.

    A subclass implements ``_transform(values, labels)``, and ``_fit`` likewise where
    it learns or checks something; both are given validated values in mV.
    """

    _any_length = False
    _any_fs = False

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
        return self._transform(values, labels)

    def _check(self, X, reset):
        return check_ecg(
            self, X, reset=reset, any_length=self._any_length, any_fs=self._any_fs
        )

    def _fit(self, values, labels):
        """Learn from validated records; by default there is nothing to learn."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class RecordTransformer(ECGTransformer):
    """Base of the transformers whose output is records, not a table."""

    def set_output(self, *, transform=None):
        """Accept a pipeline's ``set_output``; records stay the arrays they are.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Three-dimensional records have no table form, so this changes nothing
            here; it takes effect in later steps whose output is a table.

        Returns
        -------
        self : object
            The transformer.
        """
        return self
