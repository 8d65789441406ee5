"""Occlusion: the log-odds of records without a lead or a wave."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skecg.explanation._input import (
    as_predicted,
    log_odds,
    log_odds_of_changed,
    plain_records,
    steps_of,
)
from skecg.explanation._parts import groups_of_leads, names_of_leads, waves_of
from skecg.signal import WAVES
from skecg.utils import as_3d, keep_lost_leads


def occlusion(
    estimator: Any,
    X: Any,
    *,
    by: str = "lead",
    leads: Any = None,
    waves: Any = None,
    fs: float | None = None,
    lead_names: Sequence[str] | None = None,
    target: Any = None,
) -> Bunch:
    """Measure the loss of log-odds if leads or waves are flattened.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or pipeline with ``predict_proba``, of any kind.
    X : array-like or DataArray of shape (n_records, n_times, n_leads)
        Records, as `estimator` takes them; in mV where waves are to be found.
    by : {"lead", "wave", "both"}, default="lead"
        Parts to flatten, one at a time: a lead or group of leads, a kind of wave in all
        leads, or a kind of wave in one of them.
    leads : dict of str to list of str, "each" or None, default=None
        Groups of leads by their names. None means the limb leads together and each
        other lead by itself, ``"each"`` every lead by itself.
    waves : int array-like of shape (n_records, n_times), default=None
        The wave of each sample, as from :func:`skecg.signal.segment_waves`. None finds
        them in X.
    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X.
    lead_names : sequence of str, default=None
        Leads of a plain X. None means the usual twelve or eight.
    target : label, default=None
        The class whose log-odds are explained. None means the positive one of two.

    Returns
    -------
    Bunch
        With the fields

        importances : ndarray of shape (n_records, n_parts)
            Log-odds that are lost without each part; negative where it speaks against
            `target`. Of shape (n_records, n_groups, 3) for ``by="both"``. NaN for the
            waves of a record in which none could be found, and for waves it lacks.
        leads : list of str
            The groups of leads.
        waves : list of str
            ``"P"``, ``"QRS"`` and ``"ST-T"``.
        log_odds : ndarray of shape (n_records,)
            Log-odds of the whole records, from -16 to 16.

    Raises
    ------
    TypeError
        If `estimator` gives no probabilities.
    ValueError
        If an argument has no valid value, or X does not fit it.

    See Also
    --------
    integrated_gradients : Sample by sample, for networks.
    lead_importance : Importance of leads over many records.

    Notes
    -----
    A lead is replaced by a flat line at its median, a wave by the straight line
    between the samples beside it, so that no step arises [1]_. In a pipeline this is
    done to X, before any transformer. Where the estimator, or each member of a vote,
    begins with an :class:`~skecg.ECGConverter` of ``fill_lost_leads=True``, the leads
    that X lost are estimated, and the leads that are flattened here are not. A
    converter at another place is an error.

    No such record was in training. A classifier of measurements must accept NaN for a
    flattened wave. Information that two leads share is not lost with one of them, so
    that importances need not add up. A single flattened limb lead contradicts the
    others by Einthoven's law; therefore limb leads are flattened together by default.

    References
    ----------
    .. [1] Zeiler MD, Fergus R. Visualizing and understanding convolutional networks.
       ECCV 2014:818-833. doi:10.1007/978-3-319-10590-1_53

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from skecg import VoltageCriteria, make_lvh_ecg
    >>> from skecg.explanation import occlusion
    >>> cohort = make_lvh_ecg(60, fs=250, random_state=0, as_xarray=True)
    >>> model = make_pipeline(
    ...     VoltageCriteria(), HistGradientBoostingClassifier(min_samples_leaf=5)
    ... ).fit(cohort.data, cohort.target)
    >>> X = cohort.data[cohort.target == 1][:5]
    >>> found = occlusion(model, X, by="wave")
    >>> found.waves[found.importances.mean(axis=0).argmax()]
    'QRS'
    """
    if by not in ("lead", "wave", "both"):
        raise ValueError(f"by must be 'lead', 'wave' or 'both', but got {by!r}.")
    records = plain_records(X)
    names = names_of_leads(records, lead_names)
    steps_of(estimator)  # raises if it is not fitted
    values = as_predicted(estimator, records, names)
    if values is not records.values:
        X = records.wrap(values)
    three = as_3d(values)
    groups, index = groups_of_leads(leads, names)
    if by == "wave":
        index = [list(range(len(names)))]
    found = None if by == "lead" else waves_of(records, waves, fs, names)
    codes = [0] if found is None else list(range(1, len(WAVES) + 1))
    # Flattened leads are lost on purpose, so that no converter may estimate them.
    with keep_lost_leads():
        whole = log_odds(estimator, X, target)
    importances = np.full((len(three), len(index), len(codes)), np.nan)
    for i, members in enumerate(index):
        for j, code in enumerate(codes):
            flat, there = _flattened(three, members, found, code)
            # Records without the wave keep NaN: a classifier need not run on them.
            if there.any():
                part = records.select(np.flatnonzero(there))
                part = part.wrap(flat.reshape(values.shape)[there])
                with keep_lost_leads():
                    without = log_odds_of_changed(estimator, part, target)
                importances[there, i, j] = whole[there] - without
    flat_importances = importances.reshape(len(three), -1)
    return Bunch(
        importances=importances if by == "both" else flat_importances,
        leads=groups,
        waves=list(WAVES),
        log_odds=whole,
    )


def _flattened(
    values: np.ndarray, leads: list[int], waves: np.ndarray | None, code: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return records with flat leads, or a flat wave in them; and which have it."""
    flat = values.copy()
    if waves is None:
        # The median is near the isoelectric line, from which 0 may be far.
        flat[:, :, leads] = np.median(flat[:, :, leads], axis=1, keepdims=True)
        return flat, np.ones(len(flat), dtype=bool)
    inside = waves == code
    there = inside.any(axis=1) & ~inside.all(axis=1)
    times = np.arange(flat.shape[1])
    for k in np.flatnonzero(there):
        cut, kept = times[inside[k]], times[~inside[k]]
        for lead in leads:
            flat[k, cut, lead] = np.interp(cut, kept, flat[k, kept, lead])
    return flat, there
