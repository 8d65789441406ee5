"""The last step of a pipeline, the records that reach it, and its log-odds."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skecg.utils import ECGLabels, check_ecg, class_index, is_labelled, lead_index

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
    others = np.delete(logarithm, index, axis=1)
    with np.errstate(invalid="ignore"):
        odds = logarithm[:, index] - np.logaddexp.reduce(others, axis=1)
    return np.clip(odds, -LIMIT, LIMIT)


def log_odds_of_changed(estimator: Any, X: Any, target: Any = None) -> np.ndarray:
    """Return the log-odds of changed records, without warnings of how they look."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return log_odds(estimator, X, target)
