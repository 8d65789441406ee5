"""Mean and spread of recordings, computed record by record in float64."""

import numpy as np

from skecg.signal._blocks import check_records


def amplitude_statistics(X: np.ndarray, scope: str) -> tuple[np.ndarray, np.ndarray]:
    """Compute the mean and standard deviation of recordings.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64.
    scope : {"lead", "global", "record"}
        One value per lead over all records, one over everything, or one per
        record over its times and leads.

    Returns
    -------
    mean, standard_deviation : ndarray of float64
        Of shape (n_leads,) for ``"lead"``, () for ``"global"`` and
        (n_records, 1, 1) for ``"record"``, in mV.

    Notes
    -----
    Records are read twice, one at a time, so that memory stays small and no large sums
    are subtracted from each other.

    Examples
    --------
    >>> X = np.array([[[1.0, 10.0], [3.0, 10.0]]])
    >>> mean, deviation = amplitude_statistics(X, "lead")
    >>> mean.tolist(), deviation.tolist()
    ([2.0, 10.0], [1.0, 0.0])
    """
    X = check_records(X)
    if not len(X):
        raise ValueError("X must have at least one record, got none; give some.")
    if scope not in ("lead", "global", "record"):
        raise ValueError(
            f"scope must be 'lead', 'global' or 'record', got {scope!r}; give one of "
            "these."
        )
    if scope == "record":
        mean = X.mean(axis=(1, 2), dtype=np.float64, keepdims=True)
        return mean, X.std(axis=(1, 2), dtype=np.float64, keepdims=True)
    axis = 0 if scope == "lead" else None
    mean = np.mean([record.mean(axis, dtype=np.float64) for record in X], axis=0)
    squares = [
        np.square(np.subtract(record, mean, dtype=np.float64)).mean(axis)
        for record in X
    ]
    return mean, np.sqrt(np.mean(squares, axis=0))
