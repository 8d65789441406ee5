"""How many of the judged records are doubtful, and the model with and without them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from skecg.evaluation._patients import judge_subgroups
from skecg.metrics import ScoredRecords
from skecg.signal import (
    FINDINGS,
    Quality,
    assess_quality,
    describe_doubts,
    standard_leads,
)
from skecg.utils import ECGLabels

NO_RECORDINGS = "Recordings were not given, and their quality is not known."


def assess_records(
    X: Any, labels: ECGLabels | None, fs: float | None
) -> tuple[Quality | None, str]:
    """Return the quality of X, of which it warns, and a line on it."""
    names = None
    if labels is not None:
        if labels.standardized:
            return None, "X is standardized, and its quality can't be judged."
        X, fs, names = labels.values(), labels.fs or fs, labels.lead_names
    if np.ndim(X) != 3:
        return None, NO_RECORDINGS
    if fs is None:
        why = "The sampling rate of X is not known; give fs to judge its quality."
        return None, why
    values = np.asarray(X)
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    names = names or standard_leads(values.shape[2])
    quality = assess_quality(values, fs, names)
    order = "put its leads in the expected order"
    doubts = describe_doubts(values, fs, names, order, voltages=True)
    if doubts:
        warnings.warn(doubts, stacklevel=3)
    return quality, quality.summary()


@contextmanager
def warned_once(known: bool) -> Iterator[None]:
    """Silence further warnings about doubtful records, if the user knows of them."""
    with warnings.catch_warnings():
        if known:
            warnings.filterwarnings("ignore", ".*ECGQualityChecker says more")
            warnings.filterwarnings("ignore", ".*so that every criterion is doubtful")
        yield


def judge_quality(
    records: ScoredRecords, quality: Quality | None, called: np.ndarray | None
) -> list[dict[str, Any]]:
    """Return a row for the records with and without a finding, and for each finding."""
    if quality is None:
        return []
    of_records = np.any(quality.found, axis=1)
    masks = {
        ("", "no finding"): ~quality.doubtful,
        ("", "doubtful"): quality.doubtful,
        **{("", name): of_records[:, k] for k, name in enumerate(FINDINGS)},
    }
    rows = judge_subgroups(records, {k: m for k, m in masks.items() if m.any()}, called)
    for row in rows:
        del row["variable"]
    return [{"records": row.pop("level")} | row for row in rows]
