"""The last step of a pipeline, the records that reach it, and its log-odds."""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skecg.signal import estimate_lost_leads
from skecg.utils import (
    ECGLabels,
    as_3d,
    check_ecg,
    class_index,
    is_labelled,
    lead_index,
    standard_leads,
)

LIMIT = 16.0
"""Largest log-odds: in float32, a probability beyond it rounds to 1."""

_AROUND = (FrozenEstimator, FixedThresholdClassifier, TunedThresholdClassifierCV)


class Records(NamedTuple):
    """Records as plain values, and their labels where they have any."""

    values: np.ndarray
    labels: ECGLabels | None

    def wrap(self, values: np.ndarray, units: str | None = None) -> Any:
        """Label values of the same records, times and leads."""
        return values if self.labels is None else self.labels.wrap(values, units=units)

    def select(self, index: np.ndarray) -> "Records":
        """Return the records at `index`."""
        labels = None if self.labels is None else self.labels.select(index)
        return Records(self.values[index], labels)


def plain_records(X: Any) -> Records:
    """Return validated values of X, in mV where it is labelled, and its labels."""
    return Records(*check_ecg(BaseEstimator(), X, reset=True, gaps=True))


def steps_of(estimator: Any) -> tuple[list, Any]:
    """Return the transformers of a fitted pipeline in their order, and its last step.

    Wrappers that freeze an estimator or set its threshold are removed.
    """
    transformers = []
    while isinstance(estimator, (Pipeline, *_AROUND)):
        if isinstance(estimator, Pipeline):
            if len(estimator) > 1:
                transformers.append(estimator[:-1])
            estimator = estimator[-1]
        else:
            estimator = getattr(estimator, "estimator_", estimator.estimator)
    check_is_fitted(estimator)
    return transformers, estimator


def transformed(transformers: list, X: Any) -> Any:
    """Pass X through transformers."""
    for transformer in transformers:
        X = transformer.transform(X)
    return X


def as_the_classifier_takes(classifier: Any, X: Any) -> Any:
    """Put the leads of a labelled X in the order of the classifier's fit."""
    learned = getattr(classifier, "lead_names_in_", None)
    if not is_labelled(X) or learned is None:
        return X
    labels = ECGLabels.of(X)
    if labels.lead_names is None:
        return X
    index = lead_index(labels.lead_names, learned, type(classifier).__name__)
    return labels.select_leads(index).source


def as_predicted(
    estimator: Any, records: Records, lead_names: Sequence[str] | None = None
) -> np.ndarray:
    """Return records with the lost leads that the estimator would estimate.

    An explanation flattens leads, which must not be estimated. So lost leads are
    estimated here, once, and the estimator runs within ``keep_lost_leads``.
    """
    heads = list(_heads(estimator))
    every = [*heads, *_parts(estimator)]
    filling = {id(part) for part in every if getattr(part, "fill_lost_leads", False)}
    if not filling:
        return records.values
    rates: set[Any] = {getattr(head, "target_fs", None) for head in heads}
    if records.labels is not None and records.labels.fs:
        rates = {records.labels.fs}
    # What is estimated for one member would be given to all of them.
    if filling != set(map(id, heads)) or len(rates) > 1:
        raise ValueError(
            "estimator estimates lost leads in some of its members only, or after its "
            "first step; put one ECGConverter(fill_lost_leads=True) before all other "
            "steps, or explain the members one by one."
        )
    labelled = None if records.labels is None else records.labels.lead_names
    names = lead_names or labelled or standard_leads(as_3d(records.values).shape[2])
    return estimate_lost_leads(records.values, rates.pop(), names)[0]


def _heads(estimator: Any) -> Iterator[Any]:
    """Yield what X reaches first, in each member of a vote or stack."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, Pipeline):
        yield from _heads(estimator.steps[0][1])
    elif hasattr(estimator, "estimators"):
        for _, member in estimator.estimators:
            if member != "drop":
                yield from _heads(member)
    elif hasattr(estimator, "estimator"):
        yield from _heads(estimator.estimator)
    else:
        # An exported pipeline holds its converter.
        yield getattr(estimator, "_converter", None) or estimator


def _parts(estimator: Any) -> Iterator[Any]:
    """Yield an estimator and all estimators among its parameters."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    yield estimator
    if not hasattr(estimator, "get_params"):
        return
    for value in estimator.get_params(deep=False).values():
        for part in value if isinstance(value, list) else [value]:
            part = part[1] if isinstance(part, tuple) and len(part) > 1 else part
            if hasattr(part, "get_params") and not isinstance(part, type):
                yield from _parts(part)


def log_odds(estimator: Any, X: Any, target: Any = None) -> np.ndarray:
    """Return the log-odds of a class against all others, from -16 to 16."""
    index = class_index(estimator.classes_, target)
    if hasattr(estimator, "predict_log_proba"):
        logarithm = np.asarray(estimator.predict_log_proba(X), dtype=np.float64)
    elif hasattr(estimator, "predict_proba"):
        with np.errstate(divide="ignore"):
            logarithm = np.log(np.asarray(estimator.predict_proba(X), np.float64))
    else:
        raise TypeError(
            f"{type(estimator).__name__} gives no probabilities, which explanations "
            "need; wrap it in scikit-learn's CalibratedClassifierCV."
        )
    # Summed in logarithms: 1 - p of a sure prediction is 0 in floating point.
    others = np.delete(logarithm, index, axis=1)
    with np.errstate(invalid="ignore"):
        odds = logarithm[:, index] - np.logaddexp.reduce(others, axis=1)
    return np.clip(odds, -LIMIT, LIMIT)


def log_odds_of_changed(estimator: Any, X: Any, target: Any = None) -> np.ndarray:
    """Return the log-odds of changed records, without warnings of how they look."""
    with warnings.catch_warnings():
        # Flat leads and exchanged ones look doubtful, as they should.
        warnings.simplefilter("ignore", UserWarning)
        return log_odds(estimator, X, target)
