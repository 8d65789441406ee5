"""Attributions summed over leads and waves."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skecg.signal import WAVES

ELSEWHERE = "elsewhere"


def attribution_by_wave(attributions: Any, waves: Any) -> Bunch:
    """Sum attributions over the P, QRS and ST-T of each lead.

    Parameters
    ----------
    attributions : array-like or DataArray of shape (n_records, n_times, n_leads)
        As from :func:`integrated_gradients`; (n_records, n_times) for one lead.
    waves : int array-like of shape (n_records, n_times)
        The wave of each sample, as from :func:`skecg.signal.segment_waves` of the
        records in mV at the same sampling rate.

    Returns
    -------
    Bunch
        With the fields

        sums : ndarray of shape (n_records, n_leads, 4)
            Log-odds that the waves of each lead add.
        shares : ndarray of shape (n_records, n_leads, 4)
            The sums of absolute attributions, as shares of the record's.
        waves : list of str
            ``"P"``, ``"QRS"``, ``"ST-T"`` and ``"elsewhere"``.

        NaN for records in which no waves were found.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    See Also
    --------
    occlusion : Importance of whole waves, for any classifier.

    Examples
    --------
    >>> import numpy as np
    >>> attributions = np.array([[0.0, 0.5, -0.25, 0.25]])
    >>> found = attribution_by_wave(attributions, np.array([[1, 2, 2, 0]]))
    >>> found.sums[0].tolist()
    [[0.0, 0.25, 0.0, 0.25]]
    >>> found.shares[0].tolist()
    [[0.0, 0.75, 0.0, 0.25]]
    """
    values = np.asarray(attributions, dtype=np.float64)
    values = values if values.ndim == 3 else values[..., np.newaxis]
    waves = np.asarray(waves)
    if values.ndim != 3 or waves.shape != values.shape[:2]:
        raise ValueError(
            f"waves must have the shape {values.shape[:2]} of the attributions' "
            f"records and times, but got {waves.shape}; segment the records at the "
            "attributions' sampling rate."
        )
    codes = [1, 2, 3, 0]  # of P, QRS, ST-T and elsewhere
    sums, sizes = (
        np.stack(
            [np.einsum("rtl,rt->rl", part, waves == code) for code in codes], axis=-1
        )
        for part in (values, np.abs(values))
    )
    # A flat line has no attribution, and no shares of it.
    total = sizes.sum(axis=(1, 2), keepdims=True)
    shares = sizes / np.where(total > 0, total, np.nan)
    unknown = (waves < 0).any(axis=1)
    sums[unknown] = shares[unknown] = np.nan
    return Bunch(sums=sums, shares=shares, waves=[*WAVES, ELSEWHERE])
