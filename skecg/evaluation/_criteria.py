"""The model beside each published criterion, on the same records."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skecg.criteria import CriterionClassifier, ECGMeasurer
from skecg.evaluation._patients import Patients
from skecg.evaluation._quality import warned_once
from skecg.metrics import (
    ScoredRecords,
    delong_test,
    matched_sensitivity,
    weighted_rates,
    weighted_roc_auc,
)
from skecg.utils import ECGLabels, is_labelled, resolve_lead_names

DEFAULT_CRITERIA = (
    "sokolow_lyon_voltage",
    "cornell_voltage",
    "cornell_product",
    "peguero_lo_presti",
)
"""The criteria of a report unless others are named."""

_RATES = (
    "criterion_sensitivity",
    "criterion_specificity",
    "model_sensitivity",
    "sensitivity_difference",
)
_AREAS = ("criterion_auroc", "model_auroc", "auroc_difference")


def measure(X: Any, fs: float | None) -> Any:
    """Measure records for all criteria at once; return a table of measurements."""
    if not (is_labelled(X) or np.ndim(X) == 3):
        return X
    labels = ECGLabels.of(X) if is_labelled(X) else None
    labelled = None if labels is None else labels.lead_names
    shape = np.shape(X if labels is None else labels.source)
    n_leads = shape[2] if len(shape) == 3 else 1
    try:
        resolve_lead_names(None, labelled, n_leads, required=True)
        return ECGMeasurer(fs=fs).fit_transform(X)
    except ValueError as error:
        raise ValueError(
            f"The criteria can't be measured on X: {error} Or give measurements=..., "
            "a table as ECGMeasurer makes it, or leave them out with criteria=()."
        ) from error


def compare_with_criteria(
    records: ScoredRecords,
    patients: Patients,
    criteria: Sequence[str],
    measurements: Any,
    fs: float | None,
) -> list[dict[str, Any]]:
    """Return a row for each criterion, all figures on the records where it applies."""
    rows: list[dict[str, Any]] = []
    known_of = {"sex": patients.sex, "conduction": patients.conduction}
    for name in criteria if measurements is not None else ():
        # Without a sex the threshold is unknown: "nan" leaves such a record out, where
        # a guess would count as the criterion's error.
        criterion = CriterionClassifier(name, unknown_sex="nan", fs=fs)
        criterion.fit(measurements, records.y_true.astype(int))
        # The first criterion may warn of the measurements, which all of them share.
        with warned_once(bool(rows)):
            margin = criterion.decision_function(measurements, **known_of)
        with warned_once(True):
            decision = criterion.predict(measurements, **known_of).astype(np.float64)
        # Model and criterion are compared on the same records, or easy ones may favour
        # one of them.
        known = ~np.isnan(margin)
        row: dict[str, Any] = {"criterion": name}
        row |= {"n_records": int(known.sum()), "n_unavailable": int((~known).sum())}
        chosen = records.take(known)
        if chosen.has_two_classes:
            row |= _compare(chosen, margin[known], decision[known] == 1)
        rows.append(row)
    return rows


def _compare(
    records: ScoredRecords, margin: np.ndarray, positive: np.ndarray
) -> dict[str, float]:
    """Return areas, their difference, and sensitivities at one specificity."""
    y, score = records.y_true, records.y_score

    def areas(weights: np.ndarray) -> np.ndarray:
        ours = weighted_roc_auc(y, score, weights)
        theirs = weighted_roc_auc(y, margin, weights)
        return np.column_stack([theirs, ours, ours - theirs])

    def rates(weights: np.ndarray) -> np.ndarray:
        theirs = weighted_rates(y, positive, weights)
        ours = matched_sensitivity(y, score, theirs[:, 1], weights)
        return np.column_stack([theirs, ours, ours - theirs[:, 0]])

    # DeLong's test for the p-value, the same bootstrap as elsewhere for the interval.
    test = delong_test(y, score, margin, records.groups)
    return (
        records.figures(_AREAS, areas)
        | {"auroc_p_value": test.p_value}
        | records.figures(_RATES, rates)
    )
