"""Measurements and facts from whatever an estimator of criteria is given."""

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skecg.criteria._columns import (
    PATIENT_COLUMNS,
    READERS,
    Measurements,
    read_column,
    warn_of_voltages,
)
from skecg.criteria._measurer import ECGMeasurer
from skecg.signal import MEASUREMENT_DTYPE
from skecg.utils import ECGLabels, is_labelled

MEASURED_COLUMNS = MEASUREMENT_DTYPE.names
_KNOWN_COLUMNS = {*MEASURED_COLUMNS, *PATIENT_COLUMNS, "conduction", "strain"}


def is_table(X, lead_names=None):
    """Tell whether X is a table of measurements and not ECG records."""
    # A DataFrame or structured array with any of the columns of :class:`ECGMeasurer` is
    # one, and so is a plain array with as many columns, unless its lead is named:
    # records of one lead must be.
    names = _names_of(X)
    if names is not None:
        return not _KNOWN_COLUMNS.isdisjoint(names)
    if is_labelled(X) or lead_names is not None:
        return False
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
        if is_table(X, self.lead_names):
            self.measurer_ = None
            self._check_table(X, reset=True)
            return
        if hasattr(X, "columns") and self.lead_names is None:
            raise ValueError(
                "X is a table with none of the columns that ECGMeasurer gives, such as "
                f"'R_V5', but with {[str(name) for name in X.columns[:5]]}; rename "
                "them. If they are the samples of one lead, say which with lead_names."
            )
        measurer = ECGMeasurer(self.fs, lead_names=self.lead_names, n_jobs=self.n_jobs)
        # It gives an array, whatever scikit-learn's set_config asks for.
        measurer.set_output(transform="default")
        self.measurer_ = measurer.fit(self._without_names(X, reset=True))
        self.n_features_in_ = self.measurer_.n_features_in_
        self._columns = self.measurer_.get_feature_names_out().tolist()

    def _read(self, X):
        """Return the measurements of X: by name, and as an array."""
        table = is_table(X, self.lead_names)
        if table != (self.measurer_ is None):
            kinds = ("records", "a table of measurements")
            raise ValueError(
                f"{type(self).__name__} was fitted on {kinds[self.measurer_ is None]}, "
                f"but X of shape {_shape(X)} is {kinds[table]}; give what it "
                "was fitted on, or fit it again."
            )
        if table:
            values = self._check_table(X, reset=False)
        else:
            values = self.measurer_.transform(self._without_names(X, reset=False))
        measurements = Measurements(zip(self._columns, values.T, strict=True))
        if table:  # the measurer warns of records itself
            warn_of_voltages(measurements)
        return measurements, values

    def _check_table(self, X, reset):
        """Return a table of measurements as an array of floats."""
        if reset:
            self._columns = _column_names(X)
        if _names_of(X) is None:
            if np.ma.is_masked(X):  # what is masked is missing, whatever it hides
                X = X.astype(np.float64).filled(np.nan)
            X = validate_data(
                self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
            )
            return _read_columns(self._columns, X.T)
        if hasattr(X, "columns"):
            validate_data(self, X, reset=reset, skip_check_array=True)
            names = list(X.columns)
        else:
            self.n_features_in_ = len(self._columns)
            names = self._columns
        values = _read_columns(names, [X[name] for name in names])
        return check_array(values, ensure_all_finite="allow-nan", input_name="X")

    def _without_names(self, X, reset):
        """Compare the columns' names of one-lead records with `fit`; return values."""
        if reset and not hasattr(X, "columns"):
            vars(self).pop("feature_names_in_", None)  # of an earlier fit
        if not hasattr(X, "columns") and not hasattr(self, "feature_names_in_"):
            return X
        validate_data(self, X, reset=reset, skip_check_array=True)
        return np.asarray(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        return tags


def _read_columns(names, columns):
    """Return columns as an array of floats, each read by its name."""
    return np.column_stack(
        [read_column(str(name), c) for name, c in zip(names, columns, strict=True)]
    )


def _shape(X):
    """Return the shape of anything that can be made an array."""
    return X.shape if hasattr(X, "shape") else np.asarray(X).shape


def _names_of(X):
    """Return the names of the columns of X as it has them, None for plain arrays."""
    if hasattr(X, "columns"):
        return list(X.columns)
    return getattr(getattr(X, "dtype", None), "names", None)


def _column_names(X):
    """Return the names of a table's columns."""
    names = _names_of(X)
    if names is None:
        return [*MEASURED_COLUMNS, *PATIENT_COLUMNS][: _shape(X)[1]]
    names = [str(name) for name in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"X has the column {twice[0]!r} twice; leave one out.")
    return names


def known_fact(name, X, measurements, n_records, given, otherwise):
    """Return a fact as it is given, else a column's, else a label's, else `otherwise`.

    `name` is "sex" or "conduction".
    """
    if given is None and name in measurements:
        return measurements[name]
    labels = ECGLabels.of(X) if is_labelled(X) else None
    facts = READERS[name](given, n_records, labels=labels)
    return np.full(n_records, otherwise) if facts is None else facts
