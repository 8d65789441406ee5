"""The one door through which every array enters an estimator."""

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, validate_data

from skecg.utils._labels import ECGLabels, is_labelled
from skecg.utils._leads import lead_index

DEFAULT_FS = 500.0
"""Sampling rate in Hz where neither the estimator nor X says one."""
UNIT_MISTAKE = 100.0
"""Records that are so many times as large as others are in another unit."""

_MOST_LEADS = 15  # twelve leads and three of Frank
_RECORDS_FOR_AMPLITUDE = 256
_USUAL = 5.0  # s; a shorter record is more often one of a lower sampling rate
_FEWEST_SAMPLES = 10
_FLAT = 1e-4  # volts are a thousandth of millivolts; rounding makes less of a flat lead
_NO_MILLIVOLTS = 10.0  # the amplitude of no ECG in mV, but of most in uV


def check_ecg(
    estimator: BaseEstimator,
    X: Any,
    *,
    reset: bool,
    any_length: bool = False,
    any_fs: bool = False,
    any_unit: bool = False,
    gaps: bool = False,
) -> tuple[np.ndarray, ECGLabels | None]:
    """Validate X for `estimator`, and compare it with what `fit` saw.

    Parameters
    ----------
    estimator : estimator
        At ``reset=True`` it is given `n_features_in_` (samples in time),
        `n_leads_in_`, `fs_in_` (Hz, None if X is not labelled) and
        `lead_names_in_` (None likewise); later calls are checked against these.
    X : array-like or xarray.DataArray
        Records of shape (n_records, n_times, n_leads), or (n_records, n_times)
        for one lead, in mV; a labelled X in uV is converted.
    reset : bool
        True in `fit`, False in every other method.
    any_length : bool, default=False
        Accept 3-D records of another length than in `fit`.
    any_fs : bool, default=False
        Accept a labelled X of another sampling rate, and so length, than in `fit`.
    any_unit : bool, default=False
        Accept a labelled X that is standardized where that in `fit` was in mV.
    gaps : bool, default=False
        Accept NaN.

    Returns
    -------
    values : ndarray of the shape of X, float32 or float64
        X in mV, its leads in the order of `fit`. It may share memory with X.
    labels : ECGLabels or None
        The labels, None for a plain array.

    Raises
    ------
    ValueError
        If X has the wrong shape, holds NaN, infinity or text, or contradicts `fit`.

    Examples
    --------
    >>> values, labels = check_ecg(BaseEstimator(), np.zeros((3, 100, 12)), reset=True)
    >>> values.shape, labels
    ((3, 100, 12), None)
    >>> check_ecg(BaseEstimator(), np.zeros((3, 12, 5000)), reset=True)
    Traceback (most recent call last):
    ...
    ValueError: X has the shape (3, 12, 5000), that is 5000 leads of 12 samples...
    """
    labels = ECGLabels.of(X) if is_labelled(X) else None
    if labels is not None and not reset:
        labels = _match_labels(estimator, labels, any_fs, any_unit)
    plain = X if labels is None else labels.source.values
    validate_data(estimator, plain, reset=reset, skip_check_array=True, ensure_2d=False)
    values = _check_values(estimator, X if labels is None else labels, gaps)
    n_leads = values.shape[2] if values.ndim == 3 else 1
    if reset:
        if labels is None and values.ndim == 3:
            _warn_of_assumed_rate(estimator, values.shape[1])
        estimator.n_features_in_ = values.shape[1]
        estimator.n_leads_in_ = n_leads
        estimator.fs_in_ = labels.fs if labels is not None else None
        estimator.lead_names_in_ = labels.lead_names if labels is not None else None
        estimator._standardized = labels.standardized if labels is not None else None
    else:
        relaxed = any_length and values.ndim == 3 or any_fs and labels is not None
        _check_one_record(estimator, values)
        _check_same_shape(estimator, values.shape[1], n_leads, relaxed)
    return values, labels


def resolve_fs(estimator: BaseEstimator, labels: ECGLabels | None) -> float:
    """Return the sampling rate in Hz that counts for X.

    Parameters
    ----------
    estimator : estimator
        Its parameter `fs` (Hz) may be None.
    labels : ECGLabels or None
        The labels of X.

    Returns
    -------
    float
        `estimator.fs`, else the label's, else that of `fit`, else 500 Hz.

    Raises
    ------
    ValueError
        If an explicit `fs` contradicts the label.
    """
    labelled = labels.fs if labels is not None else None
    if estimator.fs is None:
        return labelled or getattr(estimator, "fs_in_", None) or DEFAULT_FS
    if not _same_rate(estimator.fs, labelled):
        raise ValueError(
            f"{type(estimator).__name__} has fs={estimator.fs:g}, but X is labelled "
            f"with {labelled:g} Hz; leave fs=None to use the label."
        )
    return float(estimator.fs)


def _same_rate(fs: float | None, other: float | None) -> bool:
    """Tell whether two sampling rates agree but for rounding, where both are known."""
    return fs is None or other is None or abs(fs - other) <= 1e-3 * other


def as_3d(values: np.ndarray) -> np.ndarray:
    """Return one-lead records of two dimensions as records of three.

    Parameters
    ----------
    values : ndarray of shape (n_records, n_times) or (n_records, n_times, n_leads)
        The records.

    Returns
    -------
    ndarray of shape (n_records, n_times, n_leads)
        A view of the values, or the values themselves.

    Examples
    --------
    >>> as_3d(np.zeros((2, 10))).shape
    (2, 10, 1)
    """
    return values if values.ndim == 3 else values[:, :, np.newaxis]


def record_amplitudes(values: np.ndarray) -> np.ndarray:
    """Return each record's standard deviation in time, averaged over its leads.

    Parameters
    ----------
    values : ndarray of shape (n_records, n_times) or (n_records, n_times, n_leads)
        The records; an offset of a lead does not count.

    Returns
    -------
    ndarray of shape (n_records,)
        Amplitudes in the unit of `values`.
    """
    return np.array([np.std(record, axis=0).mean() for record in values])


def typical_amplitude(values: np.ndarray) -> float:
    """Return the median amplitude of records.

    Parameters
    ----------
    values : ndarray of shape (n_records, n_times) or (n_records, n_times, n_leads)
        The records; of many, an even selection of 256 is measured.

    Returns
    -------
    float
        The median of :func:`record_amplitudes`, in the unit of `values`.
    """
    step = -(-len(values) // _RECORDS_FOR_AMPLITUDE)
    return float(np.median(record_amplitudes(values[::step])))


def check_same_unit(
    estimator: BaseEstimator, values: np.ndarray, learned: float, *, volts: bool = False
) -> None:
    """Raise if a record is so large or small that its unit must differ from `fit`.

    Parameters
    ----------
    estimator : estimator
        Named in the error.
    values : ndarray
        The records, as from :func:`check_ecg`.
    learned : float
        :func:`typical_amplitude` of the records that `estimator` was fitted on.
    volts : bool, default=False
        Look for volts among millivolts too.

    Raises
    ------
    ValueError
        If a record's amplitude is over 100 times the learned one; or under a
        hundredth of it, where that was of microvolts or `volts` is True. A record under
        a ten-thousandth is flat, small in any unit, and no error; nor is one of a few
        samples, which may lie close together.

    Notes
    -----
    Each record is judged by itself, so that it gets the same answer alone as in a
    batch. The records of PTB-XL, filtered, are 0.26 to 5.4 times their median.
    """
    if learned == 0:
        return
    ratios = record_amplitudes(values) / learned
    wrong = ratios > UNIT_MISTAKE
    if (learned > _NO_MILLIVOLTS or volts) and values.shape[1] >= _FEWEST_SAMPLES:
        wrong |= (ratios > _FLAT) & (ratios < 1 / UNIT_MISTAKE)
    if not wrong.any():
        return
    first = int(np.flatnonzero(wrong)[0])
    mistake = (
        "volts stood where millivolts were learned"
        if learned <= _NO_MILLIVOLTS and ratios[first] < 1
        else "microvolts stood where millivolts were learned or the other way round"
    )
    raise ValueError(
        f"Record {first} of X is about {ratios[first]:.2g} times as large as the "
        f"records that {type(estimator).__name__} was fitted on, as if {mistake} "
        f"({wrong.sum()} of {len(values)} records); give X in the same unit (1 mV = "
        "1000 uV)."
    )


def _warn_of_assumed_rate(estimator: BaseEstimator, n_times: int) -> None:
    """Warn where plain records, taken as 500 Hz, are too short for a usual ECG."""
    if getattr(estimator, "fs", DEFAULT_FS) is None and n_times < _USUAL * DEFAULT_FS:
        name = type(estimator).__name__
        warnings.warn(
            f"{name} takes plain records for {DEFAULT_FS:g} Hz, at which {n_times} "
            f"samples last {n_times / DEFAULT_FS:g} s; give {name}(fs=...), or records "
            "labelled with their time.",
            stacklevel=2,
        )


def _check_values(estimator: BaseEstimator, X: Any, gaps: bool) -> np.ndarray:
    """Return X as a finite float array of two or three dimensions."""
    kind = getattr(getattr(X, "dtype", None), "kind", "")
    if isinstance(kind, str) and kind in "US" and kind:
        raise ValueError(
            "X holds text; samples must be numbers in mV: use X.astype(float) where "
            "each cell is one number. load_ecg_csv reads tables whose cells are lists "
            "written as text."
        )
    try:
        values = check_array(
            X.values() if isinstance(X, ECGLabels) else X,
            allow_nd=True,
            dtype=[np.float64, np.float32],
            ensure_all_finite=False,
            input_name="X",
            estimator=estimator,
        )
    except (TypeError, ValueError) as error:
        if "inhomogeneous" in str(error):
            raise ValueError(
                "The records of X differ in length or in lead count; give them one "
                "shape before they are put together, for example record[:5000]."
            ) from error
        if "with a sequence" in str(error):
            raise ValueError(
                "X is a column whose cells are sequences; make it one array with "
                "np.stack(column), or read the table with load_ecg_csv(table)."
            ) from error
        if "could not convert string" in str(error):
            raise ValueError(
                "X holds text; samples must be numbers in mV. load_ecg_csv reads "
                "tables whose cells are lists written as text."
            ) from error
        if "0 sample" in str(error):
            raise ValueError(
                "X is empty: it has 0 sample(s) while at least one record is required; "
                "look at the split or the selection that made it."
            ) from error
        raise
    if values.ndim > 3:
        raise ValueError(
            f"X has {values.ndim} dimensions {values.shape}, but records have the "
            "shape (n_records, n_times, n_leads) or (n_records, n_times); use "
            "X.reshape(n_records, n_times, n_leads)."
        )
    if values.ndim == 3:
        _check_axes(values.shape)
    _check_finite(values, gaps)
    return values


def _check_axes(shape: tuple[int, ...]) -> None:
    """Raise if an axis is empty, or if leads and times have changed places."""
    _, n_times, n_leads = shape
    if n_times == 0 or n_leads == 0:
        raise ValueError(
            f"X has the shape {shape}, that is {n_times} samples of {n_leads} leads; "
            "give at least one of each."
        )
    if n_leads > n_times and n_leads > _MOST_LEADS:
        raise ValueError(
            f"X has the shape {shape}, that is {n_leads} leads of {n_times} samples: "
            "time must be axis 1 and the leads axis 2; use X.transpose(0, 2, 1)."
        )


def _check_finite(values: np.ndarray, gaps: bool) -> None:
    """Raise if a record has infinity, or NaN that is no gap, and name it."""
    with np.errstate(invalid="ignore", over="ignore"):
        sums = values.sum(axis=tuple(range(1, values.ndim)), dtype=np.float64)
    suspects = np.flatnonzero(~np.isfinite(sums))
    wrong = np.isinf if gaps else lambda record: ~np.isfinite(record)
    bad = [i for i in suspects if wrong(values[i]).any()]
    if not bad:
        return
    what = "infinity" if np.isinf(values[bad[0]]).any() else "NaN"
    others = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    raise ValueError(
        f"X contains {what} in record {bad[0]}{others}; drop these records, for "
        "example X[np.isfinite(X).reshape(len(X), -1).all(axis=1)], or fill their "
        "gaps by interpolation."
    )


def _match_labels(
    estimator: BaseEstimator, labels: ECGLabels, any_fs: bool, any_unit: bool
) -> ECGLabels:
    """Compare labels with those of `fit` and put the leads in its order."""
    name = type(estimator).__name__
    learned_fs = getattr(estimator, "fs_in_", None)
    if learned_fs is None and getattr(estimator, "fs", DEFAULT_FS) is None:
        learned_fs = DEFAULT_FS  # what the plain records of `fit` were taken for
    if not any_fs and not _same_rate(labels.fs, learned_fs):
        raise ValueError(
            f"X is sampled at {labels.fs:g} Hz, but {name} was fitted at "
            f"{learned_fs:g} Hz; resample it first with "
            f"ECGResampler(target_fs={learned_fs:g}), or fit again with the right fs "
            "where plain records were only taken for that."
        )
    learned_unit = None if any_unit else getattr(estimator, "_standardized", None)
    if learned_unit not in (None, labels.standardized):
        kinds = ("in mV", "standardized")
        raise ValueError(
            f"X is {kinds[labels.standardized]}, but {name} was fitted on records "
            f"{kinds[not labels.standardized]}; apply the same ECGScaler as there."
        )
    learned = getattr(estimator, "lead_names_in_", None)
    given = labels.lead_names
    if learned is None or given is None:
        return labels
    index = lead_index(given, learned, name)
    return labels if index == list(range(len(given))) else labels.select_leads(index)


def _check_one_record(estimator: BaseEstimator, values: np.ndarray) -> None:
    """Raise if X is a single record of several leads, without its first axis."""
    learned = (estimator.n_features_in_, estimator.n_leads_in_)
    if values.ndim == 2 and estimator.n_leads_in_ > 1 and values.shape == learned:
        raise ValueError(
            f"X has the shape {values.shape}, that of one record alone; give it as "
            "X[np.newaxis], of shape (1, n_times, n_leads)."
        )


def _check_same_shape(
    estimator: BaseEstimator, n_times: int, n_leads: int, any_length: bool
) -> None:
    """Raise if records differ in length or lead count from those of `fit`."""
    name = type(estimator).__name__
    shape = (estimator.n_features_in_, estimator.n_leads_in_)
    if n_leads == 1 != shape[1] and n_times == shape[0] * shape[1]:
        raise ValueError(
            f"X is a table of {n_times} columns, but {name} was fitted on records of "
            f"{shape[0]} samples and {shape[1]} leads; use X.reshape(-1, {shape[0]}, "
            f"{shape[1]}), or load_ecg_csv for a DataFrame of records."
        )
    if n_leads != estimator.n_leads_in_:
        raise ValueError(
            f"X has {n_leads} leads, but {name} was fitted on {estimator.n_leads_in_}; "
            "choose the same leads with LeadSelector."
        )
    if n_times != estimator.n_features_in_ and not any_length:
        raise ValueError(
            f"X has {n_times} features, but {name} is expecting "
            f"{estimator.n_features_in_} features as input: these are the samples of "
            "a record in time (axis 1). Give records of one length, with ECGResampler "
            "where the sampling rate differs and ECGCropper where the duration does."
        )
