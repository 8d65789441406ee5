"""Importance of leads to a classifier over many records."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils.validation import check_consistent_length

from skecg.explanation._input import log_odds, log_odds_of_changed, plain_records
from skecg.explanation._parts import groups_of_leads, names_of_leads
from skecg.metrics import (
    check_arguments,
    patient_weights,
    weighted_average_precision,
    weighted_roc_auc,
)
from skecg.utils import as_3d, class_index, read_groups, read_target

_METRICS = {
    "roc_auc": weighted_roc_auc,
    "average_precision": weighted_average_precision,
}


def lead_importance(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    leads: Any = None,
    scoring: str = "roc_auc",
    n_repeats: int = 5,
    n_bootstrap: int = 1000,
    confidence_level: float = 0.95,
    lead_names: Sequence[str] | None = None,
    target: Any = None,
    random_state: Any = None,
) -> Bunch:
    """Measure the loss of a score if leads are exchanged between patients.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or pipeline with ``predict_proba``, of any kind.
    X : array-like or DataArray of shape (n_records, n_times, n_leads)
        Records that `estimator` was not fitted on.
    y : array-like of shape (n_records,)
        Their labels.
    groups : array-like of shape (n_records,), default=None
        Patient of each record. None means the coordinate ``patient`` of a labelled X,
        else each record is its own patient.
    leads : dict of str to list of str, "each" or None, default=None
        Groups of leads that are exchanged together, by their names. None means the
        limb leads together and each other lead by itself, ``"each"`` every lead by
        itself.
    scoring : {"roc_auc", "average_precision"}, default="roc_auc"
        The score, of `target` against all other classes.
    n_repeats : int, default=5
        How often each group of leads is exchanged.
    n_bootstrap : int, default=1000
        Bootstrap samples, of patients, for the intervals.
    confidence_level : float, default=0.95
        Share of the bootstrap distribution inside an interval.
    lead_names : sequence of str, default=None
        Leads of a plain X. None means the usual twelve or eight.
    target : label, default=None
        The class that is scored. None means the positive one of two.
    random_state : int, RandomState instance or None, default=None
        Seeds the exchanges and the bootstrap.

    Returns
    -------
    Bunch
        With the fields

        leads : list of str
            The groups of leads.
        importances_mean, importances_low, importances_high : ndarray of (n_groups,)
            Loss of the score, mean over the repeats, and its interval over patients.
        importances : ndarray of shape (n_groups, n_repeats)
            Of each repeat.
        score : float
            Of the records as they are.

    Raises
    ------
    TypeError
        If `estimator` gives no probabilities.
    ValueError
        If an argument has no valid value, or a patient has half of the records.

    See Also
    --------
    occlusion : Importance of leads in a single record.
    sklearn.inspection.permutation_importance : The same for columns of a table.

    Notes
    -----
    In each repeat a record is given the leads of another patient's record, drawn at
    random [1]_; the other leads stay. The same exchange is made for every group of
    leads, and the intervals draw whole patients, so that groups can be compared.

    The six limb leads follow from two: where one is exchanged, III = II - I no longer
    holds, and the other five still have its information. Therefore limb leads are
    exchanged together by default. Chest leads are correlated too: a group of leads can
    lose more than the sum of each. Exchanged leads also beat at other times.

    References
    ----------
    .. [1] Breiman L. Random forests. Mach Learn 2001;45:5-32.
       doi:10.1023/A:1010933404324

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import VoltageCriteria, make_lvh_ecg
    >>> from skecg.explanation import lead_importance
    >>> cohort = make_lvh_ecg(120, fs=250, random_state=0, as_xarray=True)
    >>> model = make_pipeline(
    ...     VoltageCriteria(), HistGradientBoostingClassifier(min_samples_leaf=5)
    ... ).fit(cohort.data[:60], cohort.target[:60])
    >>> found = lead_importance(
    ...     model,
    ...     cohort.data[60:],
    ...     cohort.target[60:],
    ...     leads={"limb": ["I", "II", "III", "aVR", "aVL", "aVF"], "V2": ["V2"]},
    ...     n_repeats=1,
    ...     random_state=0,
    ... )
    >>> bool(found.importances_mean[0] > found.importances_mean[1])
    True
    """
    check_arguments(
        "lead_importance",
        scoring=scoring,
        n_repeats=n_repeats,
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
    )
    records = plain_records(X)
    names = names_of_leads(records, lead_names)
    group_names, index = groups_of_leads(leads, names)
    y = read_target(y)
    check_consistent_length(records.values, y)
    groups = read_groups(groups, len(y), labels=records.labels)
    groups = np.arange(len(y)) if groups is None else groups
    positive = y == estimator.classes_[class_index(estimator.classes_, target)]
    if positive.all() or not positive.any():
        raise ValueError(
            "y must have records with and without the class that is scored, but "
            f"{int(positive.sum())} of {len(y)} records have it; give more records."
        )
    rng = check_random_state(random_state)
    # All groups of leads get the same donors, so that their losses can be compared.
    donors = [_donors(groups, rng) for _ in range(n_repeats)]
    usual = log_odds(estimator, X, target)
    exchanged = np.array(
        [
            [
                log_odds_of_changed(
                    estimator, records.wrap(_exchange(records, m, d)), target
                )
                for d in donors
            ]
            for m in index
        ]
    )

    def losses(weights: np.ndarray) -> np.ndarray:
        metric = _METRICS[scoring]
        whole = metric(positive, usual, weights)
        of_rows = [
            metric(positive, row, weights) for group in exchanged for row in group
        ]
        return (whole - np.array(of_rows)).reshape(*exchanged.shape[:2], -1)

    everything = np.ones((1, len(y)))
    importances = losses(everything)[..., 0]
    # The loss of each bootstrap sample is a difference on the same patients, which
    # varies less than two separate scores do.
    drawn = losses(patient_weights(groups, n_bootstrap, rng)).mean(axis=1)
    tail = (1 - confidence_level) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=1)
    return Bunch(
        leads=group_names,
        importances_mean=importances.mean(axis=1),
        importances_low=low,
        importances_high=high,
        importances=importances,
        score=float(_METRICS[scoring](positive, usual, everything)[0]),
    )


def _donors(groups: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Draw for each record one of another patient; each record is drawn once."""
    _, code, counts = np.unique(groups, return_inverse=True, return_counts=True)
    most, n = int(counts.max()), len(groups)
    if 2 * most > n:
        raise ValueError(
            f"One patient has {most} of {n} records, so that leads can't be exchanged "
            "with other patients; give records of more patients."
        )
    # Put the records in a circle, those of a patient side by side. A record at least
    # `most` places away is then another patient's.
    order = np.lexsort((rng.permutation(n), rng.permutation(len(counts))[code]))
    shift = rng.randint(most, n - most + 1)
    donors = np.empty(n, dtype=int)
    donors[order] = np.roll(order, shift)
    return donors


def _exchange(records: Any, leads: list[int], donors: np.ndarray) -> np.ndarray:
    """Return records with some leads of their donors."""
    values = records.values.copy()
    three = as_3d(values)  # a view
    three[:, :, leads] = three[donors][:, :, leads]
    return values
