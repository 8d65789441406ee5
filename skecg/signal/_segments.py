"""Which wave each sample of a record belongs to."""

from collections.abc import Sequence

import numpy as np

from skecg.signal._blocks import check_records
from skecg.signal._measure import measure
from skecg.signal._median import RATE, REACH
from skecg.utils import LEAD_NAMES

WAVES = ("P", "QRS", "ST-T")
"""Classes of :func:`segment_waves`: 1, 2 and 3 in its output."""


def segment_waves(
    X: np.ndarray,
    fs: float,
    lead_names: Sequence[str] = LEAD_NAMES,
    *,
    n_jobs: int | None = -1,
) -> np.ndarray:
    """Tell the samples of P waves, QRS complexes and ST-T apart.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, as :func:`measure_records` takes them.
    fs : float
        Sampling rate in Hz, at least 80.
    lead_names : sequence of str, default=LEAD_NAMES
        The leads of X, in any case and order.
    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Returns
    -------
    int8 ndarray of shape (n_records, n_times)
        1 in P waves, 2 in QRS complexes, 3 from their end to that of T, 0 elsewhere;
        all leads together. A record that cannot be measured is -1 throughout.

    See Also
    --------
    measure_records : The limits of the waves on the median beat, and their heights.

    Notes
    -----
    The limits are those of the record's median beat, and are laid on every beat that
    is found. A beat of another shape, such as a ventricular ectopic one, is given the
    same limits, which are then too narrow. Where waves of two beats overlap, QRS goes
    before ST-T, and ST-T before P. A wave whose limits are not found is left out, and
    so may be a beat within 0.1 s of an end of the record.

    Examples
    --------
    >>> t = np.arange(0, 10, 1 / 500)
    >>> beat = np.exp(-(((t % 0.8) - 0.4) ** 2) / (2 * 0.012**2))
    >>> waves = segment_waves(beat[None, :, None], 500, ["II"])
    >>> qrs = np.flatnonzero(np.diff(waves[0] == 2)) / 500
    >>> bool(qrs[0] < 0.4 < qrs[1] < 0.5)
    True
    """
    records = check_records(np.asarray(X))
    table, _, marks, times = measure(records, fs, lead_names, n_jobs, False)
    # Where waves overlap, the one that is written last prevails.
    waves = (
        (1, marks.p_onset, marks.p_offset),
        (3, marks.qrs_offset + 1, marks.t_end),
        (2, marks.qrs_onset, marks.qrs_offset),
    )
    centre = round(REACH * RATE)
    segments = np.full(records.shape[:2], -1, dtype=np.int8)
    for k in np.flatnonzero(table["reason"] == 0).tolist():
        segments[k] = 0
        for code, first, last in waves:
            if not 0 < first[k] <= last[k]:
                continue
            for beat in times[k] - centre:
                start = round((beat + first[k]) / RATE * fs)
                stop = round((beat + last[k]) / RATE * fs) + 1
                segments[k, max(start, 0) : max(stop, 0)] = code
    return segments
