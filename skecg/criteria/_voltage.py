"""Every voltage index of ECG records or of their measurements, as a table."""

from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skecg.criteria._indices import INDEX_UNITS, voltage_indices
from skecg.criteria._input import MeasuredInput, known_fact
from skecg.criteria._measurer import ECGMeasurer
from skecg.criteria._romhilt_estes import romhilt_estes
from skecg.utils import Interval, fit_context

_SCORES = ("romhilt_estes_lowest", "romhilt_estes_highest")


class VoltageCriteria(MeasuredInput, TransformerMixin, BaseEstimator):
    """Compute the indices of left ventricular hypertrophy from measurements or records.

    Parameters
    ----------
    cornell_offset : float, default=0.6
        Offset in mV that is added to women's voltage in the Cornell product: 0.6 as in
        the 12SL program and the LIFE study, 0.8 as Molloy published it.

    passthrough : bool, default=False
        Whether the measurements stand before the indices in the output, for a
        classifier that is to see both.

    drop_empty : bool, default=False
        Whether columns that have no value in any record at `fit` are left out, such as
        the Cornell product where no sex is known. Some classifiers fail on them.

    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500. Measuring
        needs at least 80.

    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many. Of other unnamed leads nothing is measured, with a warning.

    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Attributes
    ----------
    measurer_ : ECGMeasurer or None
        The measurer of the records; None where `fit` saw a table of measurements.

    n_features_in_ : int
        Number of columns of the table, or of samples in time of a record.

    feature_names_in_ : ndarray of str
        Names of the columns, where `fit` saw a DataFrame.

    See Also
    --------
    ECGMeasurer : Gives the table.
    CriterionClassifier : Decides by one criterion.
    skecg.criteria.voltage_indices : Formulas and sources.

    Notes
    -----
    X is either records of shape (n_records, n_times, n_leads) or a table as
    :class:`ECGMeasurer` gives it: a DataFrame with its column names, or an array of
    its width. The Cornell product needs the sex: of the table's column, of a labelled
    X, or passed as ``sex``; it is NaN where that is unknown. Romhilt-Estes is given as
    the lowest and the highest possible score.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import ECGMeasurer, VoltageCriteria, make_lvh_ecg
    >>> cohort = make_lvh_ecg(4, fs=500, random_state=0)
    >>> pipeline = make_pipeline(ECGMeasurer(fs=500), VoltageCriteria())
    >>> indices = pipeline.fit_transform(cohort.data)
    >>> dict(zip(pipeline.get_feature_names_out()[:2], indices[0, :2].round(1)))
    {'sokolow_lyon_voltage': np.float64(...), 'sokolow_lyon_12sl': np.float64(...)}

    Records work as well, and the sex can be given with them.

    >>> criteria = VoltageCriteria(fs=500).fit(cohort.data)
    >>> criteria.transform(cohort.data, sex=cohort.sex).shape
    (4, 13)

    Plain arrays know no sex, so that the Cornell product has no value at all, which
    scikit-learn's gradient boosting can't bin:

    >>> criteria = VoltageCriteria(fs=500, drop_empty=True)
    >>> criteria.fit_transform(cohort.data).shape
    (4, 12)
    """

    _parameter_constraints: dict = {
        "cornell_offset": [Interval(Real, 0, None, closed="left")],
        "passthrough": ["boolean"],
        "drop_empty": ["boolean"],
        **ECGMeasurer._parameter_constraints,
    }

    def __init__(
        self,
        *,
        cornell_offset=0.6,
        passthrough=False,
        drop_empty=False,
        fs=None,
        lead_names=None,
        n_jobs=-1,
    ):
        self.cornell_offset = cornell_offset
        self.passthrough = passthrough
        self.drop_empty = drop_empty
        self.fs = fs
        self.lead_names = lead_names
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check X; only the columns without any value are learned.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        self._fit_input(X)
        self._choose_columns(self._table(X, None) if self.drop_empty else None)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X, y=None, sex=None):
        """Fit to X and compute its indices, measuring records once.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements.
        y : None
            Ignored.
        sex : array-like, default=None
            As in `transform`.

        Returns
        -------
        indices : ndarray of shape (n_records, n_columns), or DataFrame
            The indices.
        """
        self._fit_input(X)
        table = self._table(X, sex)
        self._choose_columns(table)
        return table[:, self._kept]

    def transform(self, X, sex=None):
        """Compute the indices.

        Parameters
        ----------
        X : array-like, DataFrame or DataArray
            Records in mV, or a table of measurements, as at `fit`.
        sex : array-like, default=None
            0 or "male", 1 or "female", NaN for unknown. None means that of X.

        Returns
        -------
        indices : ndarray of shape (n_records, n_columns), or DataFrame
            The indices in mV, mV.ms and points.
        """
        check_is_fitted(self)
        return self._table(X, sex)[:, self._kept]

    def _table(self, X, sex):
        """Return every column, those included that are left out."""
        measurements, values = self._read(X)
        sex = known_fact("sex", X, measurements, len(values), sex, np.nan)
        indices = voltage_indices(measurements, sex, cornell_offset=self.cornell_offset)
        score = romhilt_estes(measurements)
        table = np.column_stack([*indices.values(), score.lowest, score.highest])
        return np.hstack([values, table]) if self.passthrough else table

    def _choose_columns(self, table):
        """Learn from the table at `fit` which columns to give."""
        self._kept = ~np.isnan(table).all(axis=0) if self.drop_empty else slice(None)

    def get_feature_names_out(self, input_features=None):
        """Name the columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored.

        Returns
        -------
        feature_names_out : ndarray of str
            Names such as ``"cornell_voltage"``.
        """
        check_is_fitted(self)
        before = self._columns if self.passthrough else []
        names = np.asarray([*before, *INDEX_UNITS, *_SCORES], dtype=object)
        return names[self._kept]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags
