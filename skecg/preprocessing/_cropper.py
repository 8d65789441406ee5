"""Giving ECG records one duration."""

from numbers import Real

import numpy as np

from skecg.preprocessing._base import RecordTransformer
from skecg.utils import DEFAULT_FS, Interval, StrOptions, resolve_fs


class ECGCropper(RecordTransformer):
    """Crop records to a duration, or pad those that are shorter.

    Parameters
    ----------
    duration : float, default=None
        Duration of the output in s. None means that of X in `fit`.

    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500. After an
        ECGResampler give its `target_fs`.

    position : {"start", "center"}, default="start"
        Part of a longer record that is kept. A shorter one is padded at its end
        (``"start"``) or at both ends (``"center"``).

    padding : {"edge", "zero"}, default="edge"
        Value that a shorter record is padded with: its own first and last sample,
        which makes no step, or 0 mV.

    Attributes
    ----------
    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    ECGResampler : Give records one sampling rate.

    Notes
    -----
    Records of three dimensions may differ in length between `fit` and `transform`. In
    two dimensions the samples are scikit-learn's features, whose number is fixed.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGCropper
    >>> X = np.zeros((2, 6000, 12))
    >>> cropper = ECGCropper(duration=10, fs=500).fit(X)
    >>> cropper.transform(X).shape, cropper.transform(X[:, :4000]).shape
    ((2, 5000, 12), (2, 5000, 12))
    """

    _any_length = True

    _parameter_constraints: dict = {
        "duration": [Interval(Real, 0, None, closed="neither"), None],
        "fs": [Interval(Real, 0, None, closed="neither"), None],
        "position": [StrOptions({"start", "center"})],
        "padding": [StrOptions({"edge", "zero"})],
    }

    def __init__(self, duration=None, *, fs=None, position="start", padding="edge"):
        self.duration = duration
        self.fs = fs
        self.position = position
        self.padding = padding

    def _fit(self, values, labels):
        fs = resolve_fs(self, labels)
        if self._n_times_out(labels) < 1:
            raise ValueError(
                f"duration={self.duration:g} s is less than one sample at {fs:g} Hz; "
                f"give at least {1 / fs:g} s."
            )

    def _n_times_out(self, labels=None):
        if self.duration is None:
            return self.n_features_in_
        return round(self.duration * resolve_fs(self, labels))

    def _transform(self, values, labels):
        n_times = self._n_times_out(labels)
        fs_is_known = self.fs is not None or labels is not None or self.fs_in_
        # Padding would hide that 1,000 samples are 10 s at 100 Hz, not 2 s at 500 Hz.
        if values.shape[1] < n_times / 2 and not fs_is_known and self.duration:
            raise ValueError(
                f"X has records of {values.shape[1]} samples, less than half of "
                f"duration={self.duration:g} s at the default {DEFAULT_FS:g} Hz. Set "
                "the sampling rate with ECGCropper(fs=...)."
            )
        spare = values.shape[1] - n_times
        centred = self.position == "center"
        start = max(spare, 0) // 2 if centred else 0
        cropped = values[:, start : start + n_times]
        before = max(-spare, 0) // 2 if centred else 0
        widths = [(0, 0), (before, max(-spare, 0) - before), (0, 0)]
        # A step from the last sample to 0 mV would ring in a filter behind this one.
        mode = "edge" if self.padding == "edge" else "constant"
        cropped = np.pad(cropped, widths, mode=mode)
        if labels is None:
            return cropped
        return labels.wrap(cropped, shift=start - before)
