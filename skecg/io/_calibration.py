"""The calibration pulse that some recorders put behind the heart's signal."""

import numpy as np

_PULSE = (0.8, 1.2)  # mV; the pulse is of 1 mV
_SHORTEST, _LONGEST = 0.05, 1.0  # s
_SAME = 0.015  # mV; leads that a converter computed differ by two counts
_FLAT = 0.05  # mV


def cut_calibration(signal: np.ndarray, fs: float) -> tuple[np.ndarray, str | None]:
    """Cut a calibration pulse at the end of a recording off.

    Returns the whole seconds before the segment with the pulse, and a note on what was
    cut. Around the pulse all leads hold the same samples: 0 mV, one pulse of 1 mV and
    0 mV. No heart does that, as III = II - I would be 0 where I and II are equal.
    Philips recorders write 11 s, with the pulse in the last one.
    """
    n_times, n_leads = signal.shape
    if n_leads < 3:
        return signal, None
    # Samples at which some lead differs from another one.
    apart = np.ptp(signal, axis=1) > _SAME
    start = n_times - int(np.argmax(apart[::-1])) if apart.any() else 0
    segment = signal[start:, 0]
    high = np.flatnonzero((segment > _PULSE[0]) & (segment < _PULSE[1]))
    if start == 0 or not _SHORTEST * fs <= len(high) <= _LONGEST * fs:
        return signal, None
    one_pulse = high[-1] - high[0] + 1 == len(high)
    level, zero = np.ptp(segment[high]), np.abs(np.delete(segment, high)).max()
    # The recording before it lasts whole seconds, such as 10 of 11.
    kept = int(int((start + high[0]) / fs) * fs)
    if not one_pulse or max(level, zero) > _FLAT or kept == 0:
        return signal, None
    seconds = (n_times - kept) / fs
    return signal[:kept], f"cut {seconds:g} s with a calibration pulse off the end"
