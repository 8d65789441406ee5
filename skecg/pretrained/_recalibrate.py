"""Shipped and other fitted models on a user's own records."""

from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skecg.utils import read_target

_FEWEST = 5  # a record of each class in each of scikit-learn's five folds


def recalibrate(model, X, y, *, method="sigmoid", sample_weight=None):
    """Fit the probabilities of a fitted model to other records, and keep the model.

    Parameters
    ----------
    model : classifier
        A fitted classifier, such as :func:`load_pretrained` gives.
    X : array-like or DataArray of shape (n_records, n_times, n_leads)
        Records that the model was not trained on, of the population that it is to be
        used for, LVH as frequent as there.
    y : array-like of shape (n_records,)
        Their labels, of the classes of the model; at least five of each.
    method : {"sigmoid", "isotonic"}, default="sigmoid"
        ``"sigmoid"`` learns slope and intercept of the log-odds, for which 100 records
        with LVH are enough; ``"isotonic"`` learns any rising curve and needs 1,000.
    sample_weight : array-like of shape (n_records,), default=None
        Weight of each record.

    Returns
    -------
    CalibratedClassifierCV
        A fitted classifier around the model. Its ranking of records is that of the
        model, so that its AUROC is the same; thresholds of the model's card do not
        apply to its probabilities.

    See Also
    --------
    load_pretrained : Trained pipelines.
    skecg.evaluate_lvh : Whether probabilities are right.

    Notes
    -----
    Short for ``CalibratedClassifierCV(FrozenEstimator(model)).fit(X, y)`` of
    scikit-learn. Judge the result on other records than X.

    Examples
    --------
    >>> from skecg import load_pretrained, make_lvh_ecg, recalibrate
    >>> own = make_lvh_ecg(40, fs=100, random_state=0)
    >>> model = recalibrate(load_pretrained("ptbxl_cnn"), own.data, own.target)
    >>> model.predict_proba(own.data[:3]).shape
    (3, 2)
    """
    check_is_fitted(model)
    # scikit-learn's words for these are of training folds that nobody asked for.
    y = read_target(y)
    classes = model.classes_.tolist()
    counts = {label: y.tolist().count(label) for label in classes}
    if sum(counts.values()) < len(y) or min(counts.values()) < _FEWEST:
        raise ValueError(
            f"y must have at least {_FEWEST} records of each class of the model, "
            f"{classes}, and no other label, but {counts} of {len(y)} "
            "are theirs; give more records, or y == 'LVH' for text."
        )
    calibrated = CalibratedClassifierCV(FrozenEstimator(model), method=method)
    return calibrated.fit(X, y, sample_weight=sample_weight)
