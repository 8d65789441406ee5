"""The measured waves of ECG records as a table."""

import warnings
from numbers import Real

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skecg.criteria._columns import PATIENT_COLUMNS, READERS
from skecg.signal import (
    FEWEST_BEATS,
    MEASUREMENT_DTYPE,
    QualityLimits,
    describe_doubts,
    measure_records,
    name_records,
    share_left_out,
)
from skecg.utils import (
    N_JOBS,
    Interval,
    as_3d,
    check_ecg,
    check_millivolts,
    fit_context,
    is_warned_of,
    resolve_fs,
    resolve_leads,
)

_MOST_LEFT_OUT = QualityLimits().left_out
_USUAL_FEW = 0.02  # 0.7 % of PTB-XL's records
_UNIT = "waves are measured in mV"
_ORDER_REMEDY = "give lead_names in the order of the leads of X"


class ECGMeasurer(TransformerMixin, BaseEstimator):
    """Measure the waves of ECG records on their median beats.

    Parameters
    ----------
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
    patient_columns_ : tuple of str
        ``("sex", "age")`` where X was labelled with either at `fit`, else empty.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    VoltageCriteria : The indices of left ventricular hypertrophy from the table.
    skecg.signal.measure_records : The function behind it, and what the columns mean.

    Notes
    -----
    Amplitudes are in mV, intervals in ms, the axis in degrees; Q and S are positive
    magnitudes. What can't be measured is NaN, and the column ``reason`` says why a
    whole record could not (:data:`skecg.signal.REASONS`); one bad record is never an
    error. ``n_used`` of ``n_beats`` beats make the median beat; a warning names records
    of which it has fewer than three, or leaves out over 40 % for their shape or noise,
    as in ventricular bigeminy. NaN in X marks a gap. Doubtful records are warned of,
    once for all of a call (:func:`skecg.signal.find_doubts`).

    Voltage is the signal: give records of diagnostic bandwidth, unscaled.
    Conduction disturbance and pacing are not recognised: see
    :class:`CriterionClassifier` for how to pass them.

    Examples
    --------
    >>> from skecg import ECGMeasurer, make_lvh_ecg
    >>> cohort = make_lvh_ecg(4, fs=500, random_state=0)
    >>> measurer = ECGMeasurer(fs=500)
    >>> table = measurer.fit_transform(cohort.data)
    >>> table.shape
    (4, 125)
    >>> names = measurer.get_feature_names_out().tolist()
    >>> names[:3], names[-1]
    (['heart_rate', 'rr_variation', 'qrs_duration'], 'P_V6')
    >>> error = table[:, names.index("R_V5")] - cohort.amplitudes["R"][:, 10]
    >>> bool(abs(error).max() < 0.05)
    True
    """

    _names_doubts = True
    """False where an ECGConverter has looked at the same records before."""

    _parameter_constraints: dict = {
        "fs": [Interval(Real, 80, None, closed="left"), None],
        "lead_names": ["array-like", None],
        "n_jobs": N_JOBS,
    }

    def __init__(self, fs=None, *, lead_names=None, n_jobs=-1):
        self.fs = fs
        self.lead_names = lead_names
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters against X; nothing is learned.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV; of shape (n_records, n_times) for one lead.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted measurer.
        """
        _, labels = check_ecg(self, X, reset=True, gaps=True)
        check_millivolts(labels, _UNIT)
        resolve_leads(self, labels)
        known = labels is not None and any(
            labels.record_coordinate(name) is not None for name in PATIENT_COLUMNS
        )
        self.patient_columns_ = PATIENT_COLUMNS if known else ()
        return self

    def transform(self, X):
        """Measure records.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV; of shape (n_records, n_times) for one lead. Their length
            may differ from that at `fit`, and so may a labelled X's sampling rate.

        Returns
        -------
        table : ndarray of shape (n_records, n_columns), or DataFrame
            The measurements, named by `get_feature_names_out`.
        """
        measured, labels = self._measure(X)
        n_records = len(measured)
        columns = [structured_to_unstructured(measured, dtype=np.float64)]
        for name in self.patient_columns_:
            values = READERS[name](None, n_records, labels=labels)
            columns.append(np.full(n_records, np.nan) if values is None else values)
        return np.column_stack(columns)

    def measure(self, X):
        """Measure records and keep the median beats, to draw or to check them.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV.

        Returns
        -------
        table : structured ndarray of shape (n_records,)
            The measurements by name.
        beats : ndarray of shape (n_records, n_times, 12)
            Median beats in mV, from 0.4 s before to 0.65 s after the alignment point.
        fs : float
            The beats' sampling rate in Hz.
        marks : Marks
            Samples of the beats where QRS, T and P begin and end; -1 for not found.
        """
        return self._measure(X, return_beats=True)[0]

    def get_feature_names_out(self, input_features=None):
        """Name the columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored.

        Returns
        -------
        feature_names_out : ndarray of str
            Names such as ``"R_V5"``.
        """
        check_is_fitted(self)
        names = [*MEASUREMENT_DTYPE.names, *self.patient_columns_]
        return np.asarray(names, dtype=object)

    def _measure(self, X, **options):
        """Return what `measure_records` gives for X, and the labels of X."""
        check_is_fitted(self)
        values, labels = check_ecg(
            self, X, reset=False, any_length=True, any_fs=True, gaps=True
        )
        check_millivolts(labels, _UNIT)
        fs, names = resolve_fs(self, labels), resolve_leads(self, labels)
        warned = is_warned_of(values)
        if names is None:
            doubts = (
                f"X has {self.n_leads_in_} unnamed leads, of which nothing is "
                "measured; say which they are with lead_names, for example "
                'lead_names=["II"].'
            )
        elif self._names_doubts:
            doubts = describe_doubts(
                as_3d(values),
                fs,
                names,
                _ORDER_REMEDY,
                voltages=True,
                warned=warned,
            )
        else:
            doubts = ""
        if doubts:
            warnings.warn(doubts, stacklevel=4)
        measured = measure_records(
            as_3d(values), fs, names, n_jobs=self.n_jobs, **options
        )
        table = measured.table if options else measured
        if not warned and (few := _of_few_beats(table)):
            warnings.warn(few, stacklevel=4)
        return measured, labels

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags


def _of_few_beats(table):
    """Say that measurements rest on few beats, where more than is usual do."""
    few = share_left_out(table["n_used"], table["n_left_out"]) > _MOST_LEFT_OUT
    few &= table["reason"] == 0
    if few.sum() <= _USUAL_FEW * len(few):
        return ""
    return (
        f"{name_records(np.flatnonzero(few), len(few))} are measured on fewer than "
        f"{FEWEST_BEATS} beats, or without over {_MOST_LEFT_OUT:.0%} of their beats, "
        "which have another shape or are noisy. See the columns n_used and n_left_out, "
        "and record longer."
    )
