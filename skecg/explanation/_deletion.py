"""Deletion curves, which test attributions."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state

from skecg.explanation._input import (
    as_predicted,
    as_the_classifier_takes,
    log_odds_of_changed,
    plain_records,
    steps_of,
    transformed,
)
from skecg.explanation._integrated_gradients import baseline_records
from skecg.metrics import check_arguments
from skecg.utils import as_3d, keep_lost_leads


def deletion_curve(
    estimator: Any,
    X: Any,
    attributions: Any,
    *,
    baseline: Any = None,
    target: Any = None,
    window: int = 5,
    n_points: int = 21,
    n_random: int = 5,
    random_state: Any = None,
) -> Bunch:
    """Follow the log-odds while the most attributed parts of records are deleted.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or pipeline with ``predict_proba``.
    X : array-like or DataArray of shape (n_records, n_times, n_leads)
        Records, as `estimator` takes them.
    attributions : array-like or DataArray
        How much each sample adds, for the records as they reach the last step of
        `estimator`: as from :func:`integrated_gradients`.
    baseline : array-like, default=None
        Replacement for deleted samples, as in :func:`integrated_gradients`.
    target : label, default=None
        The class whose log-odds are followed. None means the positive one of two.
    window : int, default=5
        Samples of one lead that are deleted at a time.
    n_points : int, default=21
        Number of points of the curve.
    n_random : int, default=5
        Number of random orders to compare with.
    random_state : int, RandomState instance or None, default=None
        Seeds the random orders.

    Returns
    -------
    Bunch
        With the fields

        fraction : ndarray of shape (n_points,)
            Deleted share of a record, from 0 to 1.
        log_odds : ndarray of shape (n_records, n_points)
            Log-odds with the most attributed parts deleted, from -16 to 16.
        random : ndarray of shape (n_records, n_points)
            The same with parts deleted at random, mean over the orders.
        area : ndarray of shape (n_records,)
            Area between the curve and the random one: negative where deleting by
            attribution lowers the log-odds more.

    Raises
    ------
    TypeError
        If `estimator` gives no probabilities.
    ValueError
        If an argument has no valid value, or the shapes do not fit.

    See Also
    --------
    integrated_gradients : Where attributions come from.

    Notes
    -----
    Parts are ranked by the sum of their attributions, and the highest are deleted
    first [1]_. Where attributions are right, the log-odds fall faster than with parts
    deleted at random. No half-deleted record was in training, so that the deletion
    itself affects the output.

    References
    ----------
    .. [1] Samek W, et al. Evaluating the visualization of what a deep neural network
       has learned. IEEE Trans Neural Netw Learn Syst 2017;28:2660-2673.
       doi:10.1109/TNNLS.2016.2599820

    Examples
    --------
    >>> from skecg import LVHCNNClassifier, make_lvh_ecg
    >>> from skecg.explanation import deletion_curve, integrated_gradients
    >>> X, y = make_lvh_ecg(40, fs=100, random_state=0, return_X_y=True)
    >>> network = LVHCNNClassifier(filters=(8,), epochs=1, random_state=0).fit(X, y)
    >>> attributions = integrated_gradients(network, X[:3]).attributions
    >>> curve = deletion_curve(network, X[:3], attributions, random_state=0)
    >>> curve.log_odds.shape
    (3, 21)
    """
    check_arguments(
        "deletion_curve", window=window, n_points=n_points, n_random=n_random
    )
    transformers, classifier = steps_of(estimator)
    reaching = as_the_classifier_takes(classifier, transformed(transformers, X))
    records = plain_records(reaching)
    attributions = np.asarray(attributions, dtype=np.float64)
    if attributions.shape != records.values.shape:
        raise ValueError(
            f"attributions have the shape {attributions.shape}, but the records that "
            f"reach {type(classifier).__name__} have {records.values.shape}; give "
            "those of the same X."
        )
    records = records._replace(values=as_predicted(classifier, records))
    base = baseline_records(transformers, classifier, X, baseline)
    base = np.broadcast_to(base, records.values.shape)
    part_of = _parts(as_3d(records.values).shape, window)
    n_parts = int(part_of.max()) + 1
    flat = attributions.reshape(len(attributions), -1)
    sums = np.stack([np.bincount(part_of, row, n_parts) for row in flat])
    rng = check_random_state(random_state)
    fraction = np.linspace(0, 1, n_points)

    def follow(score: np.ndarray) -> np.ndarray:
        # The rank of each part, then that of the part to which each sample belongs.
        rank = np.argsort(np.argsort(-score, axis=1, kind="stable"), axis=1)[:, part_of]
        rank = rank.reshape(records.values.shape)
        curve = [
            log_odds_of_changed(
                classifier,
                records.wrap(
                    np.where(rank < round(share * n_parts), base, records.values)
                ),
                target,
            )
            for share in fraction
        ]
        return np.stack(curve, axis=1)

    random_sums = rng.uniform(size=(n_random, *sums.shape))
    with keep_lost_leads():
        curve = follow(sums)
        random = np.mean([follow(each) for each in random_sums], axis=0)
    # Against random order: any deletion changes the log-odds, as a half-deleted record
    # is unlike all that the classifier has seen.
    area = np.trapezoid(curve - random, fraction, axis=1)
    return Bunch(fraction=fraction, log_odds=curve, random=random, area=area)


def _parts(shape: tuple[int, ...], window: int) -> np.ndarray:
    """Return the part that each sample of a flattened record belongs to."""
    _, n_times, n_leads = shape
    n_windows = -(-n_times // window)
    windows = np.arange(n_times) // window
    return (np.arange(n_leads) * n_windows + windows[:, np.newaxis]).ravel()
