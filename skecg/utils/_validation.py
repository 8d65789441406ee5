"""Validation of the records that estimators are given."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from skecg.utils._flattened import flattened_leads
from skecg.utils._labels import ECGLabels, is_labelled
from skecg.utils._leads import MOST_LEADS, lead_index, resolve_lead_names

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

DEFAULT_FS = 500.0
"""Sampling rate in Hz where neither the estimator nor X says one."""

_SAME_RATE = 1e-3  # files and times round rates by less than this share
_USUAL = 5.0  # s; a shorter record is more often one of a lower sampling rate
# A record without its first axis looks like many records of few samples, which no ECG
# has. The tables of scikit-learn's checks are shorter, or their rows not continuous.
_MANY_RECORDS = 1000
_SOME_RECORDS = 200
_LARGEST = 1e12  # a heart's 5 mV are 5e9 pV; squares of more overflow in float32


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

    At ``reset=True``, as in `fit`, `estimator` is given `n_features_in_` (samples in
    time), `n_leads_in_`, `fs_in_` (Hz) and `lead_names_in_`, the last two None for a
    plain array; later calls are checked against these. Then `any_length` accepts 3-D
    records of another length, `any_fs` a labelled X of another sampling rate and so
    length, and `any_unit` one that is standardized where that in `fit` was in mV.
    `gaps` accepts NaN.

    Returns X in mV as float32 or float64, its leads in the order of `fit`, which may
    share memory with X; and its labels, None for a plain array.
    """
    from sklearn.utils.validation import validate_data

    _refuse_containers(X)
    _refuse_columns(X)
    labels = ECGLabels.of(X) if is_labelled(X) else None
    if labels is not None and not reset:
        labels = _match_labels(estimator, labels, any_fs, any_unit)
    # For scikit-learn's names of columns alone: the array is checked below.
    plain = X if labels is None else labels.source.values
    validate_data(estimator, plain, reset=reset, skip_check_array=True, ensure_2d=False)
    values = _to_floats(estimator, X if labels is None else labels)
    _check_shape(values)
    _check_one_record(values, None if reset else estimator)
    check_values(values, gaps=gaps)
    # A row of several leads looks like a record of one.
    one_lead = values.ndim == 2 or values.shape[2] == 1
    if one_lead and labels is None and not hasattr(estimator, "_takes_rows"):
        _check_flattened(values.reshape(len(values), -1))
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
        # In two dimensions samples are scikit-learn's features, whose number is fixed.
        relaxed = any_length and values.ndim == 3 or any_fs and labels is not None
        n_plain = len(values) if labels is None else 0
        _check_same_shape(estimator, n_plain, values.shape[1], n_leads, relaxed)
    return values, labels


def resolve_fs(estimator: BaseEstimator, labels: ECGLabels | None) -> float:
    """Return the sampling rate of X in Hz: `fs`, else the label, else `fit`, else 500.

    A label that contradicts an explicit `fs` is an error, and so is an `attrs["fs"]`
    that contradicts what a labelled X without times is taken for.
    """
    labelled = None if labels is None else labels.fs
    fs = estimator.fs or labelled or getattr(estimator, "fs_in_", None) or DEFAULT_FS
    if not same_rate(fs, labelled):
        raise ValueError(
            f"{type(estimator).__name__} has fs={fs:g}, but X is labelled "
            f"with {labelled:g} Hz; leave fs=None to use the label."
        )
    if labels is not None and labelled is None:
        check_stated_fs(estimator, labels, fs)
    return float(fs)


def check_stated_fs(estimator: BaseEstimator, labels: ECGLabels, fs: float) -> None:
    """Raise if X, which has no times, states another rate than it is taken for."""
    if not same_rate(fs, labels.stated_fs):
        raise ValueError(
            f"attrs['fs'] of X is {labels.stated_fs:g}, but without the coordinate "
            f"'time' {type(estimator).__name__} takes X for records at {fs:g} Hz. "
            + labels.time_remedy
        )


def agree_on_fs(fs: float | None, labelled: float | None, needed_to: str) -> float:
    """Return the sampling rate in Hz that is given or labelled, if they agree."""
    rate = labelled if fs is None else fs
    if rate is None:
        raise ValueError(
            f"fs is needed to {needed_to}, as X is not labelled with it; give the "
            "sampling rate in Hz, such as fs=500."
        )
    if not same_rate(rate, labelled):
        raise ValueError(
            f"fs={fs:g} contradicts X, which is labelled with {labelled:g} Hz; leave "
            "fs=None to use the label."
        )
    return rate


def resolve_leads(
    estimator: BaseEstimator, labels: ECGLabels | None, *, required: bool = False
) -> tuple[str, ...] | None:
    """Return the lead names of X: its labels or those of `fit`, else `lead_names`."""
    labelled = labels.lead_names if labels is not None else None
    return resolve_lead_names(
        estimator.lead_names,
        labelled or estimator.lead_names_in_,
        estimator.n_leads_in_,
        required=required,
    )


def check_millivolts(labels: ECGLabels | None, reason: str) -> None:
    """Raise if X is labelled as standardized, which has no voltage left."""
    if labels is not None and labels.standardized:
        raise ValueError(
            f"X is standardized, but {reason}; give the records as they were before "
            "ECGScaler."
        )


def same_rate(fs: float | None, other: float | None) -> bool:
    """Tell whether two sampling rates agree but for rounding, where both are known."""
    return fs is None or other is None or abs(fs - other) <= _SAME_RATE * other


def as_3d(values: np.ndarray) -> np.ndarray:
    """Return one-lead records of two dimensions as a view of three."""
    return values if values.ndim == 3 else values[:, :, np.newaxis]


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


def _refuse_containers(X: Any) -> None:
    """Raise for what holds records beside other things, or would lose their labels."""
    # A sparse dok_array of SciPy is a dict too.
    if isinstance(X, Mapping) and not hasattr(X, "tocsr"):
        raise TypeError(
            f"X is a {type(X).__name__} with {', '.join(map(str, list(X)[:5]))}; give "
            "the records alone, for example X['data']."
        )
    if isinstance(X, list | tuple) and any(map(is_labelled, X)):
        raise TypeError(
            "X is a list of labelled records, whose labels would be lost; join them "
            "with xarray.concat(X, 'record'), or read files with read_ecgs."
        )


def _refuse_columns(X: Any) -> None:
    """Raise for a table with columns of facts, which would be taken for samples."""
    facts = [c for c in getattr(X, "columns", ()) if str(c).lower() in _FACTS]
    if facts:
        raise ValueError(
            f"X has the columns {facts}, which are no samples; leave them out of X, or "
            "read the table with load_ecg_csv(table)."
        )


_FACTS = {"age", "ecg_id", "fold", "id", "label", "patient", "patient_id", "record"}
_FACTS |= {"sex", "strat_fold", "target"}


def _to_floats(estimator: BaseEstimator, X: Any) -> np.ndarray:
    """Return X as an array of floats."""
    from sklearn.utils.validation import check_array

    kind = getattr(getattr(X, "dtype", None), "kind", "")
    if isinstance(kind, str) and kind in _NO_SAMPLES:
        raise ValueError(_NO_SAMPLES[kind])
    if X is None:
        raise TypeError("X is None; give an array of records.")
    if isinstance(X, Iterator):
        raise TypeError("X is an iterator; give an array, np.stack(list(X)).")
    if np.ma.is_masked(X):  # what is masked is a gap, whatever number it hides
        X = X.astype(X.dtype if kind == "f" else np.float64).filled(np.nan)
    try:
        return check_array(
            X.values() if isinstance(X, ECGLabels) else X,
            allow_nd=True,
            ensure_2d=False,
            dtype=[np.float64, np.float32],
            ensure_all_finite=False,
            ensure_min_samples=0,
            input_name="X",
            estimator=estimator,
        )
    except (TypeError, ValueError) as error:
        for words, remedy in _REMEDIES.items():
            if words in str(error):
                raise ValueError(remedy) from error
        raise


_TEXT = (
    "X holds text; samples must be numbers in mV: use X.astype(float) where each cell "
    "is one number. load_ecg_csv reads tables whose cells are lists written as text."
)
_COMPLEX = "Complex data not supported: samples must be real numbers in mV; use X.real."
_TIMES = "X holds dates or times; samples must be numbers in mV."
_NO_SAMPLES = {
    "U": _TEXT,
    "S": _TEXT,
    "c": _COMPLEX,
    "m": _TIMES,
    "M": _TIMES,
    "b": "X holds booleans; samples must be numbers in mV.",
    "V": (
        "X is a structured array; make it one array of numbers with "
        "np.stack([X[name] for name in X.dtype.names], axis=-1)."
    ),
}
_REMEDIES = {
    "inhomogeneous": (
        "The records of X differ in length or in lead count; give them one shape "
        "before they are put together, for example record[:5000]."
    ),
    "with a sequence": (
        "X is a column whose cells are sequences; make it one array with "
        "np.stack(column), or read the table with load_ecg_csv(table)."
    ),
    "could not convert string": _TEXT,
    "not 'complex'": _COMPLEX,
}
"""Clearer words for messages of scikit-learn and numpy."""


def _check_shape(values: np.ndarray) -> None:
    """Raise unless values are records of two or three dimensions."""
    shape = values.shape
    if values.ndim < 2:
        raise ValueError(
            f"Expected 2D array, got {values.ndim}D array instead: X has the shape "
            f"{shape}. Reshape your data: X.reshape(1, -1) is one record of one lead."
        )
    if values.ndim > 3:
        raise ValueError(
            f"X has {values.ndim} dimensions {shape}, but records have the shape "
            "(n_records, n_times, n_leads) or (n_records, n_times); use "
            "X.reshape(n_records, n_times, n_leads)."
        )
    if len(values) == 0:
        raise ValueError(
            "X is empty: it has 0 sample(s) while at least one record is required; "
            "look at the split or the selection that made it."
        )
    if 0 in shape:
        raise ValueError(
            f"X has 0 feature(s) (shape={shape}) while a minimum of 1 is required; "
            "give records of at least one sample and one lead."
        )
    if values.ndim == 3 and shape[2] > max(shape[1], MOST_LEADS):
        raise ValueError(
            f"X has the shape {shape}, that is {shape[2]} leads of {shape[1]} samples: "
            "time must be axis 1 and the leads axis 2; use X.transpose(0, 2, 1)."
        )


def _check_one_record(values: np.ndarray, fitted: BaseEstimator | None) -> None:
    """Raise if X is a single record, whose times are taken for records."""
    n_rows, n_columns = len(values), values.size // len(values)
    if values.ndim == 3 and 1 not in values.shape[1:]:
        return
    learned = (0, 0) if fitted is None else (fitted.n_features_in_, fitted.n_leads_in_)
    if n_columns == learned[1] < learned[0] and (n_columns > 1 or n_rows == learned[0]):
        one = n_rows > 1
    else:
        one = n_columns <= MOST_LEADS and (
            n_rows >= _MANY_RECORDS
            or n_rows >= _SOME_RECORDS
            and _is_continuous(values)
        )
    if one:
        remedy = "X[np.newaxis], of shape (1, n_times, n_leads)"
        if n_columns == 1:
            remedy = "X.reshape(1, -1), of shape (1, n_times)"
        elif values.ndim == 3:
            remedy = f"X.reshape(1, {n_rows}, {n_columns})"
        raise ValueError(
            f"X has the shape {values.shape}, that of one record alone; give it as "
            f"{remedy}."
        )


def _check_flattened(values: np.ndarray) -> None:
    """Raise if rows, which are taken for records of one lead, hold several leads."""
    n_leads, one_by_one = flattened_leads(values)
    if n_leads > 1:
        reshaped = f"X.reshape(len(X), -1, {n_leads})"
        if one_by_one:
            reshaped = f"X.reshape(len(X), {n_leads}, -1).transpose(0, 2, 1)"
        raise ValueError(
            f"X of shape {values.shape} is taken for records of one lead, but its rows "
            f"seem to hold {n_leads} leads; give {reshaped}."
        )


def _is_continuous(values: np.ndarray) -> bool:
    """Tell whether the rows follow each other as samples in time do.

    Neumann's ratio of the mean squared difference of neighbours to the variance is 2
    for rows in random order, and below 1 for ECGs at 100 Hz or more.
    """
    rows = np.nan_to_num(values.reshape(len(values), -1).astype(np.float64))
    steps = np.square(np.diff(rows, axis=0)).mean(axis=0)
    return bool(np.median(steps / np.maximum(rows.var(axis=0), 1e-30)) < 1)


def check_values(values: np.ndarray, *, gaps: bool) -> None:
    """Raise for infinity, a value over 1e12, or NaN unless `gaps`; name the record."""
    axes = tuple(range(1, values.ndim))
    if 0 in values.shape:
        return
    largest = np.maximum(values.max(axis=axes), -values.min(axis=axes))
    suspects = np.flatnonzero(~(largest <= _LARGEST))
    if gaps:  # the maximum was NaN, whatever else is there
        suspects = suspects[[(np.abs(values[i]) > _LARGEST).any() for i in suspects]]
    if not len(suspects):
        return
    first = values[suspects[0]]
    others = f" and {len(suspects) - 1} more" if len(suspects) > 1 else ""
    if np.isfinite(first).all():
        raise ValueError(
            f"X contains {first.flat[np.abs(first).argmax()]:.3g} in record "
            f"{suspects[0]}{others}, a value that no unit of voltage has; look at how "
            "the records were read."
        )
    what = "infinity" if np.isinf(first).any() else "NaN"
    remedy = "leave it out, or fill its gaps by interpolation"
    if len(values) > 1:
        remedy = (
            f"drop these records, for example X[np.isfinite(X).all(axis={axes})], or "
            "fill their gaps by interpolation"
        )
    raise ValueError(f"X contains {what} in record {suspects[0]}{others}; {remedy}.")


def _match_labels(
    estimator: BaseEstimator, labels: ECGLabels, any_fs: bool, any_unit: bool
) -> ECGLabels:
    """Compare labels with those of `fit` and put the leads in its order."""
    name = type(estimator).__name__
    learned_fs = getattr(estimator, "fs_in_", None)
    if learned_fs is None and getattr(estimator, "fs", DEFAULT_FS) is None:
        learned_fs = DEFAULT_FS  # what the plain records of `fit` were taken for
    given_fs = labels.fs or labels.stated_fs
    if not any_fs and not same_rate(given_fs, learned_fs):
        raise ValueError(
            f"X is sampled at {given_fs:g} Hz, but {name} was fitted at "
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
    # Order and spelling may differ; additional leads are dropped.
    learned = getattr(estimator, "lead_names_in_", None)
    given = labels.lead_names
    if learned is None or given is None:
        return labels
    index = lead_index(given, learned, name)
    return labels if index == list(range(len(given))) else labels.select_leads(index)


def _check_same_shape(
    estimator: BaseEstimator, n_plain: int, n_times: int, n_leads: int, any_length: bool
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
    if n_leads != shape[1]:
        remedy = "choose the same leads with LeadSelector"
        if n_leads == 1 < n_plain == shape[1] < n_times:
            remedy = "give one record with its leads first as X.T[np.newaxis]"
        raise ValueError(
            f"X has {n_leads} lead{'s'[: n_leads != 1]}, but {name} was fitted on "
            f"{shape[1]}; {remedy}."
        )
    if n_times != estimator.n_features_in_ and not any_length:
        raise ValueError(
            f"X has {n_times} features, but {name} is expecting "
            f"{estimator.n_features_in_} features as input: these are the samples of "
            "a record in time (axis 1). Give records of one length, with ECGResampler "
            "where the sampling rate differs and ECGCropper where the duration does."
        )
