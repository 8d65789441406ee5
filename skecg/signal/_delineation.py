"""Where the waves of median beats begin and end, from all leads together."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import find_peaks

from skecg.signal._median import REACH

_SLOPE = 0.02  # s: the slope is a difference over one period of 50 Hz
_QUIET = 0.01  # s: a wave ends where all stays quiet so long
_REFERENCE = 25.0  # mV/s
_ONSET, _OFFSET = 0.042, 0.068  # of the reference slope
_FINE_SLOPE, _FINE_SMOOTH = 0.012, 0.006  # s
_FINE_ONSET, _FINE_OFFSET = 0.045, 0.065  # of the reference slope
_LOW_RATE, _LOW_SMOOTH, _LOW_SMEAR = 200.0, 0.02, 0.004  # Hz, s, s
_OVER_NOISE = 1.5
_TAIL = 0.5  # of the way from the steepest descent to where it meets the floor
_SECOND_HUMP, _BUMP = 0.2, 0.05  # of the highest: height, and prominence
_HUMPS_APART = 0.13  # s
_PAUSE, _LEVEL = 0.04, 0.3  # s below that share of the second hump part two waves
_SMALLEST_P = 0.018  # mV, root mean square over the leads
_USUAL_P = 0.37  # s before the fiducial sample
_SHARP = 0.004  # s
_SPIKE = 1.0  # mV: no QRS complex has a peak that sharp; real ones reach 0.5
_LOW_SPIKE, _SPIKE_ALONE, _SPIKE_REACH = 0.3, 10.0, 0.02  # mV, times, s
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
    # A minimum over `length` samples that begin here, not that lie around here.
    return minimum_filter1d(
        quiet, length, axis=1, mode="constant", cval=0, origin=-(length // 2)
    )


def _last_true(marked: np.ndarray) -> np.ndarray:
    """Give the last marked sample of each row, or -1."""
    last = marked.shape[1] - 1 - marked[:, ::-1].argmax(axis=1)
    return np.where(marked.any(axis=1), last, -1)


def _first_true(marked: np.ndarray) -> np.ndarray:
    """Give the first marked sample of each row, or -1."""
    return np.where(marked.any(axis=1), marked.argmax(axis=1), -1)


def spatial_slope(beats: np.ndarray, fs: float) -> np.ndarray:
    """Root mean square over the leads of the slope, in mV/s: (n_records, n_times)."""
    return _together(_slopes(beats, fs, _SLOPE), beats, 1)


def _slopes(beats: np.ndarray, fs: float, length: float) -> np.ndarray:
    """Return the squared difference over `length` s, in (mV/s)**2, of every lead."""
    h = max(1, round(length * fs / 2))
    change = np.zeros_like(beats)
    np.subtract(beats[:, 2 * h :], beats[:, : -2 * h], out=change[:, h:-h])
    change *= fs / (2 * h)
    return np.square(change, out=change)


def _together(squares: np.ndarray, beats: np.ndarray, power: int) -> np.ndarray:
    """Mean over the leads that live, of the 2nd (1) or 4th (2) power, and its root."""
    n_leads = np.maximum(np.any(beats != 0, axis=1).sum(axis=1), 1)[:, None]
    if power == 1:
        return np.sqrt(squares.sum(axis=2) / n_leads)
    return (np.einsum("rtl,rtl->rt", squares, squares) / n_leads) ** 0.25


def has_spikes(beats: np.ndarray, fs: float) -> np.ndarray:
    """Tell which median beats have a peak too sharp for a heart: a pacing spike."""
    # Measured by how far the beat is off the line between its values 4 ms before and
    # after, root mean square over the leads: far more than any QRS complex is, or much,
    # and ten times as far as anything more than 20 ms away, as a paced complex is wide.
    h = max(1, round(_SHARP * fs))
    apart = beats[:, h:-h] - 0.5 * (beats[:, : -2 * h] + beats[:, 2 * h :])
    n_leads = np.maximum(np.any(beats != 0, axis=1).sum(axis=1), 1)[:, None]
    size = np.sqrt(np.einsum("rtl,rtl->rt", apart, apart) / n_leads)
    centre = round(REACH * fs)
    size = size[:, centre - round(0.2 * fs) : centre + round(0.2 * fs)]
    peak = size.argmax(axis=1)
    far = np.abs(np.arange(size.shape[1]) - peak[:, None]) > _SPIKE_REACH * fs
    sharpest, next_one = size.max(axis=1), np.where(far, size, 0).max(axis=1)
    alone = (sharpest > _LOW_SPIKE) & (sharpest > _SPIKE_ALONE * next_one)
    return (sharpest > _SPIKE) | alone


def qrs_limits(slope: np.ndarray, fs: float) -> tuple[np.ndarray, np.ndarray]:
    """Find about where the QRS complex begins and ends, in all leads together."""
    # The threshold grows with the steepest slope to the power of 3/4, between an
    # absolute slope, which a wide complex needs, and a share of the steepest, which a
    # tall one needs.
    return _where_quiet(slope, fs, 0.75, (_ONSET, _OFFSET), round(_SMEAR * fs))


def global_limits(
    beats: np.ndarray, fs: float, recorded: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find the earliest QRS onset and the latest offset in any lead; -1 for neither."""
    # A record that was cut at 50 Hz rings before and after the QRS complex, which
    # seems wider by that: it is smoothed over a period of 50 Hz.
    low = recorded < _LOW_RATE
    length, smear = (_LOW_SMOOTH, round(_LOW_SMEAR * fs)) if low else (_FINE_SMOOTH, 0)
    smooth = uniform_filter1d(beats, max(1, round(length * fs)), axis=1)
    # A slope over 20 ms hides slow first and last forces, hence 12 ms. A mean square
    # over twelve leads dilutes those of one lead, hence the fourth power.
    slope = _together(_slopes(smooth, fs, _FINE_SLOPE), beats, 2)
    # The shares were chosen so that the limits agree with manual marks of each lead,
    # and with those of recorders.
    onset, offset = _where_quiet(slope, fs, 0.5, (_FINE_ONSET, _FINE_OFFSET), smear)
    found = (onset >= 0) & (offset >= 0)
    return np.where(found, onset, -1), np.where(found, offset, -1)


def _where_quiet(
    slope: np.ndarray, fs: float, power: float, shares: tuple[float, float], smear: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the last quiet place before the steepest slope, and the first one after."""
    # Both are `smear` samples nearer to it than the slope says; -1 where there is none.
    centre = round(REACH * fs)
    ms = fs / 1000
    times = np.arange(slope.shape[1])
    # A QRS complex lies there; that of a block lasts longer after its largest sample.
    near = slice(centre - round(80 * ms), centre + round(120 * ms))
    peak = near.start + slope[:, near].argmax(axis=1)[:, None]
    steepest = slope[:, near].max(axis=1)
    scale = _REFERENCE * (steepest / _REFERENCE) ** power
    # P and T waves lie there too, but never in the whole of it: hence the lowest fifth.
    before = slope[:, centre - round(260 * ms) : centre - round(60 * ms)]
    after = slope[:, centre + round(120 * ms) : centre + round(320 * ms)]
    noise_before = _OVER_NOISE * np.quantile(before, 0.2, axis=1)
    noise_after = _OVER_NOISE * np.quantile(after, 0.2, axis=1)
    quiet = max(2, round(_QUIET * fs))
    onset = np.full(len(slope), -1)
    offset = np.full(len(slope), -1)
    # A record without a quiet place is tried again with higher thresholds.
    for relax in (1.0, 1.4, 2.0):
        low = slope < relax * np.maximum(shares[0] * scale, noise_before)[:, None]
        # The onset is where a quiet stretch ends, the offset where one begins.
        ends = np.roll(_runs(low, quiet), quiet - 1, axis=1)
        here = (times < peak) & (times > centre - round(200 * ms))
        onset = np.where(onset < 0, _last_true(ends & here), onset)
        low = slope < relax * np.maximum(shares[1] * scale, noise_after)[:, None]
        here = (times > peak) & (times < centre + round(260 * ms))
        offset = np.where(offset < 0, _first_true(_runs(low, quiet) & here), offset)
        if (onset >= 0).all() and (offset >= 0).all():
            break
    onset[onset >= 0] += smear
    offset[offset >= 0] -= smear
    return onset, offset


def t_wave_end(
    beats: np.ndarray, fs: float, offset: np.ndarray, limit: np.ndarray
) -> np.ndarray:
    """Find the end of the T wave, of all leads together."""
    # The steepest descent after the T wave's last hump meets the floor before the wave
    # ends: a tail follows, which is _TAIL as long. `limit` is the last sample that the
    # T wave may reach. -1 where there is no T wave.
    ms = fs / 1000
    size = np.sqrt(np.square(beats).mean(axis=2))
    size = uniform_filter1d(size, max(3, round(24 * ms)), axis=1)
    times = np.arange(size.shape[1])
    # The ST segment is no part of the T wave, and the last samples may be of a P wave.
    here = (times > offset[:, None] + 70 * ms) & (times < limit[:, None] - 40 * ms)
    peak = _last_hump(size, fs, here)
    past = (times > peak[:, None]) & (times < limit[:, None])
    floor = np.where(past, size, np.inf).min(axis=1)
    # The tangent at the steepest descent is less moved by noise than a threshold is.
    h = max(1, round(8 * ms))
    fall = np.zeros_like(size)
    fall[:, h:-h] = (size[:, : -2 * h] - size[:, 2 * h :]) / (2 * h)
    soon = past & (times < peak[:, None] + 160 * ms)
    steepest = np.where(soon, fall, -1).argmax(axis=1)
    row = np.arange(len(size))
    slope = fall[row, steepest]
    height = size[row, peak]
    drop = (size[row, steepest] - floor) / np.maximum(slope, 1e-9)
    end = steepest + np.clip((1 + _TAIL) * drop, 0, 160 * ms)
    found = here.any(axis=1) & (slope > 0) & (height - floor > 0.02)
    return np.where(found, np.minimum(np.round(end), limit), -1).astype(int)


def _last_hump(size: np.ndarray, fs: float, here: np.ndarray) -> np.ndarray:
    """Find the last hump of the T wave: the highest, or one that belongs to it."""
    # A biphasic or notched T wave has a second hump, not much lower and with no level
    # stretch before it, as there is before U and P waves.
    apart, pause = round(_HUMPS_APART * fs), round(_PAUSE * fs)
    highest = np.where(here, size, -1).argmax(axis=1)
    last = highest.copy()
    for k in np.flatnonzero(here.any(axis=1)).tolist():
        first, end = highest[k], np.flatnonzero(here[k])[-1] + 1
        # Heights are above the level to which this wave falls, not above 0.
        row = size[k] - size[k, first:end].min()
        high = row[first]
        peaks, _ = find_peaks(row[first : first + apart], prominence=_BUMP * high)
        for peak in (first + peaks).tolist():
            pauses = (row[last[k] : peak] < _LEVEL * row[peak]).sum() >= pause
            if peak < end and row[peak] > _SECOND_HUMP * high and not pauses:
                last[k] = peak
    return last


def p_limits(
    beats: np.ndarray,
    fs: float,
    onset: np.ndarray,
    start: np.ndarray,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Find where the P wave begins and ends; -1 where there is none.

    `start` is the first sample it may reach, `noise` the uncertainty of the median
    beat (mV, root mean square over the leads). It is looked for in the last 0.37 s
    before the beat, and only then farther away, as in a first-degree block.
    """
    usual = np.maximum(start, round((REACH - _USUAL_P) * fs))
    first, last = _p_in(beats, fs, onset, usual, noise)
    again = np.flatnonzero((first < 0) & (start < usual))
    if len(again):
        first[again], last[again] = _p_in(
            beats[again], fs, onset[again], start[again], noise[again]
        )
    return first, last


def _p_in(
    beats: np.ndarray,
    fs: float,
    onset: np.ndarray,
    start: np.ndarray,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the P wave between `start` and the QRS complex."""
    ms = fs / 1000
    row = np.arange(len(beats))
    smooth = uniform_filter1d(beats, max(3, round(16 * ms)), axis=1)
    # A wave stands out of the mean of the two ends: ST-T of the beat before may not
    # have come back to 0.
    ends = smooth[row, start] + smooth[row, onset - round(12 * ms)]
    size = np.sqrt(np.square(smooth - 0.5 * ends[:, None]).mean(axis=2))
    times = np.arange(size.shape[1])
    here = (times >= start[:, None]) & (times < onset[:, None] - 24 * ms)
    peak = np.where(here, size, -1).argmax(axis=1)
    height = size[row, peak]
    left = np.where(here & (times < peak[:, None]), size, np.inf).min(axis=1)
    right = np.where(here & (times > peak[:, None]), size, np.inf).min(axis=1)
    # The end of a T wave falls on one side only: it is no hump.
    found = np.maximum(left, right) < 0.8 * height
    found &= height > np.maximum(_SMALLEST_P, 4 * noise)
    slope = spatial_slope(smooth, fs)
    near = here & (np.abs(times - peak[:, None]) < 70 * ms)
    steepest = np.where(near, slope, 0).max(axis=1)
    # Also low, as the peak itself is quiet, and so is the notch of a wide P wave.
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
