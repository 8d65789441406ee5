"""From records to their median beats."""

from numbers import Real

import numpy as np

from skecg.preprocessing._base import RecordTransformer
from skecg.signal import (
    LEAD_NAMES,
    canonical_lead_name,
    measure_records,
    resample_signal,
)
from skecg.utils import N_JOBS, Interval, resolve_fs, resolve_leads

_BEFORE = 0.4  # s: where measure_records lets a beat begin


class ECGMedianBeat(RecordTransformer):
    """Replace each record by its median beat, all beats aligned and noise averaged out.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500. At least
        80.

    target_fs : float, default=250.0
        Sampling rate of the output in Hz.

    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many. A single lead needs no name.

    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Attributes
    ----------
    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    ECGMeasurer : Measures the waves of the same beats.
    skecg.signal.measure_records : The function behind both.

    Notes
    -----
    A beat begins 0.4 s before its alignment point in the QRS and ends 0.65 s after it;
    the time of a labelled output is 0 there. Records may be of any length and, if
    labelled, any rate. Amplitudes stay in mV, taken from the level just before the
    QRS: give records of diagnostic bandwidth, unscaled, and scale the beats.

    A network on median beats sees voltage and shape, and no rhythm. It trains in a
    fraction of the time that whole records take.

    A lead whose beat can't be measured is flat at 0 mV, and a prediction for such a
    record is meaningless: :func:`skecg.signal.measure_records` gives the cause in its
    column ``reason``.

    Examples
    --------
    >>> from skecg import ECGMedianBeat, make_lvh_ecg
    >>> X, y = make_lvh_ecg(4, fs=500, random_state=0, return_X_y=True)
    >>> beats = ECGMedianBeat(fs=500).fit_transform(X)
    >>> beats.shape, beats.dtype
    ((4, 262, 12), dtype('float32'))
    """

    _any_length = True
    _any_fs = True

    _parameter_constraints: dict = {
        "fs": [Interval(Real, 80, None, closed="left"), None],
        "target_fs": [Interval(Real, 80, None, closed="left")],
        "lead_names": ["array-like", None],
        "n_jobs": N_JOBS,
    }

    def __init__(self, fs=None, *, target_fs=250.0, lead_names=None, n_jobs=-1):
        self.fs = fs
        self.target_fs = target_fs
        self.lead_names = lead_names
        self.n_jobs = n_jobs

    def _fit(self, values, labels):
        resolve_fs(self, labels)
        self._names(labels)

    def _transform(self, values, labels):
        names = self._names(labels)
        measured = measure_records(
            values,
            resolve_fs(self, labels),
            names,
            n_jobs=self.n_jobs,
            return_beats=True,
        )
        chosen = [LEAD_NAMES.index(canonical_lead_name(name)) for name in names]
        # A classifier refuses NaN; the measurements have the cause.
        beats = np.nan_to_num(measured.beats[:, :, chosen], copy=False)
        beats = resample_signal(
            beats, measured.fs, self.target_fs, n_jobs=self.n_jobs
        ).astype(values.dtype, copy=False)
        if labels is None:
            return beats
        beats = labels.wrap(beats, self.target_fs)
        return beats.assign_coords(
            time=np.arange(beats.shape[1]) / self.target_fs - _BEFORE
        )

    def _n_times_out(self):
        record = np.zeros((1, self.n_features_in_, self.n_leads_in_))
        return self._transform(record, None).shape[1]

    def _names(self, labels):
        """Return the names of the leads of X."""
        names = resolve_leads(self, labels, required=self.n_leads_in_ > 1)
        if names is None:
            return ("II",)  # any name: one lead alone is measured as it is
        unknown = [n for n in names if canonical_lead_name(n) not in LEAD_NAMES]
        if unknown:
            raise ValueError(
                f"ECGMedianBeat knows the leads {list(LEAD_NAMES)}, but X has "
                f"{unknown} too; leave these out with LeadSelector."
            )
        return names
