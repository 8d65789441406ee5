"""Integrated gradients: attributions to the samples of a record."""

import warnings
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skecg.explanation._input import (
    as_the_classifier_takes,
    plain_records,
    steps_of,
    transformed,
)
from skecg.metrics import check_arguments

_TOLERATED = 0.05  # of log-odds, absolute and relative


def integrated_gradients(
    estimator: Any,
    X: Any,
    *,
    baseline: Any = None,
    target: Any = None,
    n_steps: int = 64,
) -> Bunch:
    """Attribute a network's log-odds to each sample of each lead.

    Parameters
    ----------
    estimator : estimator
        A fitted network classifier, or a pipeline that ends in one.
    X : array-like or DataArray of shape (n_records, n_times, n_leads)
        Records, as `estimator` takes them.
    baseline : array-like, default=None
        Reference record, whose attributions are 0, in the unit of X and of the shape
        of one of its records or of X. None means a flat line at 0. In a pipeline it
        goes through the same transformers as X.
    target : label, default=None
        The class whose log-odds are explained. None means the positive one of two.
    n_steps : int, default=64
        Points on the path from baseline to record.

    Returns
    -------
    Bunch
        With the fields

        attributions : ndarray or DataArray of the shape of `records`
            Log-odds that each sample adds; negative where it speaks against `target`.
        records : ndarray or DataArray of shape (n_records, n_times, n_leads)
            X as it reaches the classifier.
        log_odds, baseline_log_odds : ndarray of shape (n_records,)
            Those of the records and of the baseline.
        error : ndarray of shape (n_records,)
            Sum of a record's attributions minus ``log_odds - baseline_log_odds``, an
            effect of finite steps.

    Raises
    ------
    TypeError
        If the last step of `estimator` is no network of this package.
    ValueError
        If an argument has no valid value.

    Warns
    -----
    UserWarning
        If the error is more than 0.05 and 5 % of the difference.

    See Also
    --------
    occlusion : Importance of whole leads or waves, for any classifier.
    attribution_by_wave : The sums over P, QRS and ST-T.
    skecg.ECGDisplay : Draws attributions on the record.

    Notes
    -----
    The gradient of the log-odds is averaged over the straight path from the baseline to
    the record and multiplied by their difference [1]_. The attributions of a record
    then add up to the difference of the log-odds (completeness).

    Attributions belong to the records as they reach the classifier: filtered, or on
    another time axis after a resampler. A scaler changes nothing.

    Where a record equals the baseline, the attribution is 0 whatever the network has
    learned. So the size of attributions resembles the ECG even for random weights.
    Leads are correlated, and the effects that a network gives to single leads may
    cancel out; the sum over leads is more reliable.

    References
    ----------
    .. [1] Sundararajan M, Taly A, Yan Q. Axiomatic attribution for deep networks.
       ICML 2017, PMLR 70:3319-3328. https://proceedings.mlr.press/v70/sundararajan17a

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import ECGScaler, LVHCNNClassifier, make_lvh_ecg
    >>> from skecg.explanation import integrated_gradients
    >>> X, y = make_lvh_ecg(40, fs=100, random_state=0, return_X_y=True)
    >>> network = LVHCNNClassifier(filters=(8,), epochs=1, random_state=0)
    >>> pipeline = make_pipeline(ECGScaler(), network).fit(X, y)
    >>> found = integrated_gradients(pipeline, X[:2])
    >>> found.attributions.shape
    (2, 1000, 12)
    >>> explained = found.log_odds - found.baseline_log_odds
    >>> bool(abs(found.attributions.sum((1, 2)) - explained).max() < 0.05)
    True
    """
    check_arguments("integrated_gradients", n_steps=n_steps)
    transformers, classifier = network_of(estimator)
    reaching = as_the_classifier_takes(classifier, transformed(transformers, X))
    records = plain_records(reaching)
    base = baseline_records(transformers, classifier, X, baseline)
    base = np.broadcast_to(base, records.values.shape)
    # The midpoint rule: its error falls with the square of the number of steps.
    shares = (np.arange(n_steps) + 0.5) / n_steps
    shares = shares.reshape(-1, *[1] * (records.values.ndim - 1))
    attributions = np.empty(records.values.shape)
    for k, (start, end) in enumerate(zip(base, records.values, strict=True)):
        # One record at a time: a path is a batch of n_steps records.
        way = start + shares * (end - start)
        _, gradient = classifier.log_odds_gradient(way, target)
        # Summed in float64, as rounding would look like missing completeness.
        attributions[k] = (end - start) * gradient.mean(axis=0, dtype=np.float64)
    odds, _ = classifier.log_odds_gradient(records.values, target)
    base_odds, _ = classifier.log_odds_gradient(base, target)
    total = attributions.reshape(len(attributions), -1).sum(axis=1)
    error = total - (odds - base_odds)
    _warn_if_incomplete(error, odds - base_odds, n_steps)
    return Bunch(
        attributions=records.wrap(attributions, units="1"),
        records=reaching,
        log_odds=odds,
        baseline_log_odds=base_odds,
        error=error,
    )


def network_of(estimator: Any) -> tuple[list, Any]:
    """Return the transformers before a network, and the network."""
    transformers, classifier = steps_of(estimator)
    if not hasattr(classifier, "log_odds_gradient"):
        raise TypeError(
            f"{type(classifier).__name__} has no gradient; give a fitted "
            "LVHCNNClassifier, LVHLSTMClassifier or LVHResNetClassifier, alone or as "
            "the last step of a pipeline (of a hybrid its network_), or use occlusion, "
            "which takes any classifier."
        )
    return transformers, classifier


def baseline_records(
    transformers: list, classifier: Any, X: Any, baseline: Any
) -> np.ndarray:
    """Return the baseline as it reaches the classifier: one record, or all."""
    given = plain_records(X)
    shape = given.values.shape
    if baseline is None:
        baseline = np.zeros(shape[1:])
    baseline = np.asarray(baseline, dtype=np.float64)
    if baseline.shape not in (shape, shape[1:]):
        raise ValueError(
            f"baseline must have the shape of X {shape} or of one record {shape[1:]}, "
            f"but got {baseline.shape}; give one record, or None for a flat line."
        )
    one = baseline.ndim < len(shape)
    values = (baseline[np.newaxis] if one else baseline).astype(given.values.dtype)
    if given.labels is not None:
        labels = given.labels.select(np.array([0])) if one else given.labels
        values = labels.wrap(values * labels.millivolts_per_unit)
    values = as_the_classifier_takes(classifier, transformed(transformers, values))
    return plain_records(values).values


def _warn_if_incomplete(error: np.ndarray, explained: np.ndarray, n_steps: int) -> None:
    """Warn of records whose attributions do not add up."""
    off = np.abs(error) > _TOLERATED * np.maximum(1, np.abs(explained))
    if off.any():
        worst = int(np.abs(error).argmax())
        warnings.warn(
            f"The attributions of {off.sum()} of {len(error)} records do not add up: "
            f"those of record {worst} are off by {error[worst]:.2g} of "
            f"{explained[worst]:.2g} log-odds. Give more than n_steps={n_steps}.",
            stacklevel=3,
        )
