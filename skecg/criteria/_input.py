"""Measurements from whatever an estimator of this room is given."""

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured
from sklearn.utils.validation import validate_data

from skecg.criteria._indices import column, has_column
from skecg.criteria._measurer import PATIENT_COLUMNS, ECGMeasurer
from skecg.signal import MEASUREMENT_DTYPE
from skecg.utils import ECGLabels, encode_sex, is_labelled

MEASURED_COLUMNS = MEASUREMENT_DTYPE.names
_KNOWN_COLUMNS = {*MEASURED_COLUMNS, *PATIENT_COLUMNS, "strain"}


def is_table(X):
    """Tell whether X is a table of measurements and not ECG records.

    A DataFrame or structured array with any of the columns of :class:`ECGMeasurer` is
    one, and so is a plain array with as many columns.
    """
    names = _names_of(X)
    if names is not None:
        return not _KNOWN_COLUMNS.isdisjoint(names)
    shape = _shape(X)
    n_patient = len(PATIENT_COLUMNS)
    widths = (len(MEASURED_COLUMNS), len(MEASURED_COLUMNS) + n_patient)
    return len(shape) == 2 and shape[1] in widths


class MeasuredInput:
    """Mixin: measure records, or take a table as it is.

    The estimator has the parameters `fs`, `lead_names` and `n_jobs`.
    """

    def _fit_input(self, X):
        """See whether X is a table or records, and what its columns are."""
        if is_table(X):
            self.measurer_ = None
            self._check_table(X, reset=True)
            return
        if hasattr(X, "columns") and self.lead_names is None:
            raise ValueError(
                "X is a table with none of the columns that ECGMeasurer gives, such as "
                f"'R_V5', but with {[str(name) for name in X.columns[:5]]}; rename "
                "them. If they are the samples of one lead, say which with lead_names."
            )
        self.measurer_ = ECGMeasurer(
            self.fs, lead_names=self.lead_names, n_jobs=self.n_jobs
        ).fit(self._without_names(X, reset=True))
        self.n_features_in_ = self.measurer_.n_features_in_
        self._columns = self.measurer_.get_feature_names_out().tolist()

    def _read(self, X):
        """Return the measurements of X: by name, and as an array."""
        if is_table(X) != (self.measurer_ is None):
            kinds = ("records", "a table of measurements")
            raise ValueError(
                f"{type(self).__name__} was fitted on {kinds[self.measurer_ is None]}, "
                f"but X of shape {_shape(X)} is {kinds[is_table(X)]}; give what it "
                "was fitted on, or fit it again."
            )
        if self.measurer_ is None:
            values = self._check_table(X, reset=False)
        else:
            values = self.measurer_.transform(self._without_names(X, reset=False))
        measurements = dict(zip(self._columns, values.T, strict=True))
        if is_labelled(X) and "sex" not in measurements:
            sex = ECGLabels.of(X).record_coordinate("sex")
            if sex is not None:
                measurements["sex"] = encode_sex(sex)
        return measurements, values

    def _check_table(self, X, reset):
        """Return a table of measurements as an array of floats."""
        if reset:
            self._columns = _column_names(X)
        if not hasattr(X, "columns") and _names_of(X) is not None:
            X = structured_to_unstructured(X[self._columns], dtype=np.float64)
        return validate_data(
            self,
            _with_coded_sex(X),
            reset=reset,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
        )

    def _without_names(self, X, reset):
        """Compare the columns' names of one-lead records with `fit`; return values."""
        if not hasattr(X, "columns") and not hasattr(self, "feature_names_in_"):
            return X
        validate_data(self, X, reset=reset, skip_check_array=True)
        return np.asarray(X)


def _shape(X):
    """Return the shape of anything that can be made an array."""
    return X.shape if hasattr(X, "shape") else np.asarray(X).shape


def _names_of(X):
    """Return the names of the columns of X as it has them, None for plain arrays."""
    if hasattr(X, "columns"):
        return list(X.columns)
    return getattr(getattr(X, "dtype", None), "names", None)


def _with_coded_sex(X):
    """Return a DataFrame with the sex as numbers, anything else as it is."""
    if not (hasattr(X, "assign") and "sex" in X.columns):
        return X
    return X.assign(sex=encode_sex(X["sex"]))


def _column_names(X):
    """Return the names of a table's columns."""
    names = _names_of(X)
    if names is not None:
        return [str(name) for name in names]
    return [*MEASURED_COLUMNS, *PATIENT_COLUMNS][: _shape(X)[1]]


def sex_of(measurements, sex):
    """Return the sex given explicitly, else that of the measurements, as numbers."""
    n_records = len(next(iter(measurements.values())))
    if sex is None and has_column(measurements, "sex"):
        return encode_sex(column(measurements, "sex"))
    codes = np.full(n_records, np.nan) if sex is None else encode_sex(sex)
    if codes.shape not in ((), (n_records,)):
        raise ValueError(
            f"sex has the shape {codes.shape}, but X has {n_records} records; give "
            "one value for each."
        )
    return np.broadcast_to(codes, (n_records,))
