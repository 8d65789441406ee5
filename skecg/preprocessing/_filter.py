"""Band-pass filtering of ECG records."""

from numbers import Integral, Real

from skecg.preprocessing._base import RecordTransformer
from skecg.signal import filter_signal, resolve_band
from skecg.utils import N_JOBS, Interval, StrOptions, resolve_fs


class ECGFilter(RecordTransformer):
    """Filter records with a zero-phase Butterworth band-pass.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500.

    lowcut : float or None, default=0.5
        Lower cutoff in Hz; removes baseline wander. None leaves the side open.

    highcut : float, None or "auto", default="auto"
        Upper cutoff in Hz. ``"auto"`` is 150 Hz, or no low-pass where ``fs / 2``
        does not exceed it. None leaves the side open.

    order : int, default=4
        Order of the Butterworth filter in each of its two passes.

    notch : float or None, default=None
        Mains frequency in Hz that a narrow notch (Q = 30) removes: usually 50 or 60,
        and below ``fs / 2``.

    copy : bool, default=True
        If False, a writeable float array X is filtered in place.

    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Attributes
    ----------
    band_ : tuple of (float or None, float or None)
        Lower and upper cutoff in Hz as used.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    ECGResampler : Change the sampling rate.
    skecg.signal.filter_signal : The function behind this transformer.

    Notes
    -----
    The default band is diagnostic: it keeps the R amplitude within 1 %. The band
    0.5 to 40 Hz, common for monitoring, lowers Sokolow-Lyon voltage by 4 % and
    Cornell voltage by 5 % [1]_ (6 % and 8 % at ``order=2``, whose slope begins
    earlier), and with it the number of records that reach a criterion.

    References
    ----------
    .. [1] Median change on 422 records of PTB-XL at 500 Hz, in docs/preprocessing.md.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGFilter
    >>> t = np.arange(5000) / 500
    >>> X = np.cos(2 * np.pi * 10 * t)[np.newaxis, :, np.newaxis] + 3.0
    >>> X_filtered = ECGFilter(fs=500).fit_transform(X)
    >>> X_filtered.shape, abs(X_filtered.mean()) < 0.01, round(X_filtered.max(), 2)
    ((1, 5000, 1), np.True_, np.float64(1.0))

    A cutoff that the sampling rate can't carry is an error:

    >>> ECGFilter(fs=100, highcut=60).fit(X)
    Traceback (most recent call last):
    ...
    ValueError: highcut=60 Hz ...
    """

    _parameter_constraints: dict = {
        "fs": [Interval(Real, 0, None, closed="neither"), None],
        "lowcut": [Interval(Real, 0, None, closed="neither"), None],
        "highcut": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
            None,
        ],
        "order": [Interval(Integral, 1, 10, closed="both")],
        "notch": [Interval(Real, 0, None, closed="neither"), None],
        "copy": ["boolean"],
        "n_jobs": N_JOBS,
    }

    def __init__(
        self,
        fs=None,
        *,
        lowcut=0.5,
        highcut="auto",
        order=4,
        notch=None,
        copy=True,
        n_jobs=-1,
    ):
        self.fs = fs
        self.lowcut = lowcut
        self.highcut = highcut
        self.order = order
        self.notch = notch
        self.copy = copy
        self.n_jobs = n_jobs

    def _fit(self, values, labels):
        fs = resolve_fs(self, labels)
        # At `fit`, so that a cutoff above fs / 2 is told before any record is filtered.
        self.band_ = resolve_band(fs, self.lowcut, self.highcut, self.notch)

    def _transform(self, values, labels):
        lowcut, highcut = self.band_
        # A memory map of joblib's workers can't be written.
        in_place = not self.copy and values.flags.writeable
        filtered = filter_signal(
            values,
            resolve_fs(self, labels),
            lowcut=lowcut,
            highcut=highcut,
            order=self.order,
            notch=self.notch,
            out=values if in_place else None,
            n_jobs=self.n_jobs,
        )
        return filtered if labels is None else labels.wrap(filtered)
