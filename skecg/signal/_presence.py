"""Whether a lead of a record has a QRS complex at all, in all of its beats."""

import numpy as np

from skecg.signal._median import windows
from skecg.signal._waves import SMALLEST_WAVE

_QRS = (0.06, 0.08)  # s before and after the fiducial sample
# Least power of the mean QRS over that of the noise in such a mean. Of leads of noise
# alone, white or slow, one in a thousand exceeds it; of 5,064 leads of 422 recordings
# of PTB-XL at 500 Hz all but three do.
_OVER_NOISE = 6.0
_JUMP = 0.5  # of the QRS complex between two samples: a sawtooth's edge
_WEAK = 0.25  # of the strong beats' size: the electrode was off
_SHARE_WEAK = 0.3  # of the beats; fewer hardly move the median


def qrs_presence(
    x: np.ndarray, fs: float, beats: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Tell which leads have a QRS complex, and which have lost it in some beats."""
    # Both of shape (n_leads,). The level and the trend of every beat are taken off, as
    # they are what slow noise consists of. One beat alone is compared with its own
    # second differences, which say how large white noise is.
    step = max(1, round(fs / 250))
    before, after = (round(s * fs) for s in _QRS)
    cut = windows(x, beats, before, after)
    mean = cut.mean(axis=0)
    high = np.ptp(mean, axis=0)
    wave = high >= SMALLEST_WAVE
    change = np.diff(mean, axis=0)
    up, down = change.max(axis=0), -change.min(axis=0)
    # A jump up without one down, or the reverse; a spike has both.
    wave &= np.abs(up - down) < _JUMP * high
    cut = cut[:, ::step].astype(np.float64)
    n_beats, n_times, n_leads = cut.shape
    trend = np.linspace(-1, 1, n_times)
    trend /= np.linalg.norm(trend)
    cut -= cut.mean(axis=1, keepdims=True)
    cut -= trend[:, None] * np.einsum("btl,t->bl", cut, trend)[:, None]
    mean = cut.mean(axis=0)
    power = np.square(mean).mean(axis=0)
    if n_beats > 1:
        # The power of noise in a mean of n beats is 1 / n of that in a beat.
        noise = np.square(cut - mean).mean(axis=(0, 1)) / (n_beats - 1)
    else:
        # White noise has 6 times its power in second differences (1 + 4 + 1).
        noise = np.square(np.diff(mean, 2, axis=0)).mean(axis=0) / 6
    present = wave & (power > _OVER_NOISE * noise)
    size = np.einsum("btl,tl->bl", cut, mean)
    strong = np.quantile(size, 0.9, axis=0)
    lost = (size < _WEAK * strong).mean(axis=0) >= _SHARE_WEAK
    return present, present & lost
