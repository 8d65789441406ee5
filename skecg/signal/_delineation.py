"""Where the waves of median beats begin and end, from all leads together."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import uniform_filter1d

from skecg.signal._median import REACH

_SLOPE = 0.02  # s: the slope is a difference over one period of 50 Hz
_QUIET = 0.01  # s: a wave ends where all stays quiet so long
_REFERENCE = 25.0  # mV/s
_ONSET, _OFFSET = 0.042, 0.068  # of the reference slope
_OVER_NOISE = 1.5
_SMALLEST_P = 0.018  # mV, root mean square over the leads
_SHARP = 0.004  # s
_SPIKE = 1.0  # mV: no QRS complex has a peak that sharp; real ones reach 0.5
_SMEAR = 0.004  # s: the slope's own length makes a complex seem to begin so early


class Marks(NamedTuple):
    """Samples in the median beats, shape (n_records,); -1 where not found."""

    qrs_onset: np.ndarray
    qrs_offset: np.ndarray
    t_end: np.ndarray
    p_onset: np.ndarray
    p_offset: np.ndarray


def _runs(quiet: np.ndarray, length: int) -> np.ndarray:
    """Mark the samples where `length` quiet ones begin."""
    count = np.cumsum(np.pad(quiet, ((0, 0), (1, 0))), axis=1)
    begins = np.zeros_like(quiet)
    begins[:, : count.shape[1] - length] = (
        count[:, length:] - count[:, :-length] == length
    )
    return begins


def _last_true(marked: np.ndarray) -> np.ndarray:
    """Give the last marked sample of each row, or -1."""
    last = marked.shape[1] - 1 - marked[:, ::-1].argmax(axis=1)
    return np.where(marked.any(axis=1), last, -1)


def _first_true(marked: np.ndarray) -> np.ndarray:
    """Give the first marked sample of each row, or -1."""
    return np.where(marked.any(axis=1), marked.argmax(axis=1), -1)


def spatial_slope(beats: np.ndarray, fs: float) -> np.ndarray:
    """Root mean square over the leads of the slope, in mV/s: (n_records, n_times)."""
    h = max(1, round(_SLOPE * fs / 2))
    change = np.zeros_like(beats)
    change[:, h:-h] = beats[:, 2 * h :] - beats[:, : -2 * h]
    n_leads = np.maximum(np.any(beats != 0, axis=1).sum(axis=1), 1)[:, None]
    return np.sqrt(np.einsum("rtl,rtl->rt", change, change) / n_leads) * (fs / (2 * h))


def has_spikes(beats: np.ndarray, fs: float) -> np.ndarray:
    """Tell which median beats have a peak too sharp for a heart: a pacing spike.

    Measured by how far the beat is off the line between its values 4 ms before and
    after, root mean square over the leads.
    """
    h = max(1, round(_SHARP * fs))
    apart = beats[:, h:-h] - 0.5 * (beats[:, : -2 * h] + beats[:, 2 * h :])
    n_leads = np.maximum(np.any(beats != 0, axis=1).sum(axis=1), 1)[:, None]
    size = np.einsum("rtl,rtl->rt", apart, apart) / n_leads
    return size.max(axis=1) > _SPIKE**2


def qrs_limits(slope: np.ndarray, fs: float) -> tuple[np.ndarray, np.ndarray]:
    """Find where the QRS complex begins and ends in all leads together.

    The threshold grows with the steepest slope to the power of 3/4, between an
    absolute slope (which a wide complex needs) and a share of the steepest (which a
    tall one needs), and lies above the noise of the quietest fifth nearby. A record in
    which no quiet place is found is tried again with up to twice the threshold.
    """
    centre = round(REACH * fs)
    ms = fs / 1000
    times = np.arange(slope.shape[1])
    near = slice(centre - round(80 * ms), centre + round(120 * ms))
    peak = near.start + slope[:, near].argmax(axis=1)[:, None]
    steepest = slope[:, near].max(axis=1)
    scale = _REFERENCE * (steepest / _REFERENCE) ** 0.75
    before = slope[:, centre - round(260 * ms) : centre - round(60 * ms)]
    after = slope[:, centre + round(120 * ms) : centre + round(320 * ms)]
    noise_before = _OVER_NOISE * np.quantile(before, 0.2, axis=1)
    noise_after = _OVER_NOISE * np.quantile(after, 0.2, axis=1)
    quiet = max(2, round(_QUIET * fs))
    onset = np.full(len(slope), -1)
    offset = np.full(len(slope), -1)
    for relax in (1.0, 1.4, 2.0):
        below = slope < relax * np.maximum(_ONSET * scale, noise_before)[:, None]
        ends = np.roll(_runs(below, quiet), quiet - 1, axis=1)
        here = (times < peak) & (times > centre - round(200 * ms))
        onset = np.where(onset < 0, _last_true(ends & here), onset)
        below = slope < relax * np.maximum(_OFFSET * scale, noise_after)[:, None]
        here = (times > peak) & (times < centre + round(260 * ms))
        offset = np.where(offset < 0, _first_true(_runs(below, quiet) & here), offset)
    smear = round(_SMEAR * fs)
    return (
        np.where(onset < 0, -1, onset + smear),
        np.where(offset < 0, -1, offset - smear),
    )


def t_wave_end(
    beats: np.ndarray, fs: float, offset: np.ndarray, limit: np.ndarray
) -> np.ndarray:
    """Find the end of the T wave where the steepest descent would reach the floor.

    `limit` is the last sample the T wave may reach. -1 where there is no T wave.
    """
    ms = fs / 1000
    size = np.sqrt(np.square(beats).mean(axis=2))
    size = uniform_filter1d(size, max(3, round(24 * ms)), axis=1)
    times = np.arange(size.shape[1])
    here = (times > offset[:, None] + 70 * ms) & (times < limit[:, None] - 40 * ms)
    peak = np.where(here, size, -1).argmax(axis=1)
    past = (times > peak[:, None]) & (times < limit[:, None])
    floor = np.where(past, size, np.inf).min(axis=1)
    h = max(1, round(8 * ms))
    fall = np.zeros_like(size)
    fall[:, h:-h] = (size[:, : -2 * h] - size[:, 2 * h :]) / (2 * h)
    soon = past & (times < peak[:, None] + 160 * ms)
    steepest = np.where(soon, fall, -1).argmax(axis=1)
    row = np.arange(len(size))
    slope = fall[row, steepest]
    height = size[row, peak]
    drop = (size[row, steepest] - floor) / np.maximum(slope, 1e-9)
    end = steepest + np.clip(drop, 0, 120 * ms)
    found = here.any(axis=1) & (slope > 0) & (height - floor > 0.02)
    return np.where(found, np.minimum(np.round(end), limit), -1).astype(int)


def p_limits(
    beats: np.ndarray,
    fs: float,
    onset: np.ndarray,
    start: np.ndarray,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Find where the P wave begins and ends; -1 where there is none.

    `start` is the first sample it may reach, `noise` the uncertainty of the median
    beat (mV, root mean square over the leads).
    """
    ms = fs / 1000
    row = np.arange(len(beats))
    smooth = uniform_filter1d(beats, max(3, round(16 * ms)), axis=1)
    ends = smooth[row, start] + smooth[row, onset - round(12 * ms)]
    size = np.sqrt(np.square(smooth - 0.5 * ends[:, None]).mean(axis=2))
    times = np.arange(size.shape[1])
    here = (times >= start[:, None]) & (times < onset[:, None] - 24 * ms)
    peak = np.where(here, size, -1).argmax(axis=1)
    height = size[row, peak]
    left = np.where(here & (times < peak[:, None]), size, np.inf).min(axis=1)
    right = np.where(here & (times > peak[:, None]), size, np.inf).min(axis=1)
    found = np.maximum(left, right) < 0.8 * height
    found &= height > np.maximum(_SMALLEST_P, 4 * noise)
    slope = spatial_slope(smooth, fs)
    near = here & (np.abs(times - peak[:, None]) < 70 * ms)
    steepest = np.where(near, slope, 0).max(axis=1)
    low = (slope < 0.3 * steepest[:, None]) & (size < 0.75 * height[:, None])
    length = max(2, round(_QUIET * fs))
    quiet_before = np.roll(_runs(low, length), length - 1, axis=1) & here
    first = _last_true(quiet_before & (times < peak[:, None]))
    last = _first_true(_runs(low, length) & (times > peak[:, None]))
    last = np.where((last < 0) | (last > onset), onset, last)
    found &= (first >= 0) & (last - first < 200 * ms)
    # One that begins where the window does may have begun before it.
    found &= first - start > 20 * ms
    return np.where(found, first, -1), np.where(found, last, -1)
