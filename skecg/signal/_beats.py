"""Heart beats from all leads together: detection, classes and the median beat."""

from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import find_peaks

from skecg.signal._blocks import check_ecg_rate, check_record, over_blocks
from skecg.signal._hum import find_hum

QRS_BAND = (4.0, 8.0, 30.0, 40.0)
"""Where the detector's gain begins, reaches 1, leaves 1 and ends (Hz)."""

_WANDER = (0.3, 0.6)  # Hz: below the first the baseline, above the second the heart
_DETECTION_RATE = 125.0  # Hz
_WANDER_RATE = 10.0  # Hz
_PAD = 1.0  # s of odd reflection at either end
_REFRACTORY = 0.22  # s: no two beats are closer
SHORTEST_WITH_BEATS = 0.3  # s: a shorter record has room for none
# Of PTB-XL's 19,601 records 24 have such beats, and all of these have stated ectopic
# beats, atrial fibrillation or a pacemaker; without the pause T waves are found too.
_AS_T_WAVE = (0.25, 0.45)  # s after a beat: where an early one may be dropped
_PAUSE = 1.5  # usual intervals from the beat before such a one to the beat after it
_HUMP, _OVER_T_WAVES = 0.25, 2.0  # of the usual QRS activity; times that of T waves
_BLOCK = 1.25  # s: long enough to hold a beat above 48 / min


class FrontEnd(NamedTuple):
    """A block of records as the detector and the median beat need them."""

    band: np.ndarray  # (n_records, n_low, n_leads): 4-40 Hz at `rate`
    rate: float  # Hz
    start: float  # s: the time of the first sample of `band` and `wander`
    wander: np.ndarray  # (n_records, n_lower, n_leads): below 0.6 Hz
    wander_rate: float  # Hz
    hum: list[np.ndarray]  # of each record: the frequencies of mains hum, Hz


def _ramp(freqs: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise from 0 at `low` to 1 at `high` as a squared sine does."""
    return np.sin(0.5 * np.pi * np.clip((freqs - low) / (high - low), 0, 1)) ** 2


def front_end(X: np.ndarray, fs: float) -> FrontEnd:
    """Split records into the QRS band and the baseline, each at a low rate."""
    n_times = X.shape[1]
    pad = min(round(_PAD * fs), n_times - 1)
    n_padded = next_fast_len(n_times + 2 * pad, real=True)
    padded = np.empty((len(X), n_padded, X.shape[2]), X.dtype)
    first, last, end = X[:, :1], X[:, -1:], pad + n_times
    padded[:, pad:end] = X
    # Reflected about its end points, a record goes on without a jump, which would ring
    # in the QRS band and look like a beat.
    padded[:, :pad] = 2 * first - X[:, pad:0:-1]
    padded[:, end : end + pad] = 2 * last - X[:, -2 : -pad - 2 : -1]
    # What remains up to a length with small prime factors, for which the FFT is fast.
    padded[:, end + pad :] = padded[:, end + pad - 1 : end + pad]
    spectrum = rfft(padded, axis=1)
    freqs = np.arange(spectrum.shape[1]) * (fs / n_padded)

    def low_rate(gain: np.ndarray, rate: float) -> tuple[np.ndarray, float]:
        # A spectrum with fewer bins is that of the same signal at a lower rate.
        n_out = 2 * round(n_padded * rate / fs / 2)
        n_bins = min(n_out // 2, len(freqs))
        kept = spectrum[:, :n_bins] * gain[:n_bins, None].astype(X.dtype)
        kept *= n_out / n_padded
        return irfft(kept, n_out, axis=1), fs * n_out / n_padded

    low, full, falling, high = QRS_BAND
    band_gain = _ramp(freqs, low, full) * (1 - _ramp(freqs, falling, high))
    band, rate = low_rate(band_gain, _DETECTION_RATE)
    wander, wander_rate = low_rate(1 - _ramp(freqs, *_WANDER), _WANDER_RATE)
    hum = find_hum(spectrum, n_times, n_padded, fs)
    return FrontEnd(band, rate, -pad / fs, wander, wander_rate, hum)


def leads_together(front: FrontEnd) -> tuple[np.ndarray, np.ndarray]:
    """How fast, and how far, all leads move: both (n_records, n_low).

    Each lead is measured by its own QRS, whatever its sign, and counts by how far
    its QRS stands out of the rest of it. The speed is about 1 at a usual QRS.
    """
    band = front.band
    speed = np.zeros_like(band)
    speed[:, 1:-1] = np.abs(band[:, 2:] - band[:, :-2])
    scale = _usual_peak(speed, front.rate)
    floor = np.full(len(speed[0]), 1 / len(speed[0]), band.dtype) @ speed
    # Of a QRS complex the peak is many times the mean, of noise it is a few times.
    contrast = scale / np.maximum(floor, 1e-12)
    weight = np.clip(contrast - 3, 0.02, 8) * (scale > 1e-6)
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    weight /= np.maximum(scale, 1e-12)
    # An artefact in one lead then weighs no more than a large beat of that lead.
    np.minimum(speed, 1.5 * scale[:, None], out=speed)
    together = np.einsum("rtl,rl->rt", speed, weight)
    reach = np.einsum("rtl,rl->rt", np.abs(band), weight)
    # A QRS complex has several slopes, which 0.1 s joins to one hump.
    width = max(3, round(0.1 * front.rate))
    window = np.hanning(width + 2)[1:-1].astype(together.dtype)
    window /= window.sum()
    smooth = np.stack([np.convolve(row, window, "same") for row in together])
    usual = _usual_peak(smooth[..., None], front.rate)
    return smooth / np.maximum(usual, 1e-12), reach


def _usual_peak(values: np.ndarray, rate: float) -> np.ndarray:
    """Take the median over blocks of the blocks' maxima: (n_records, n_leads)."""
    n_block = min(round(_BLOCK * rate), values.shape[1])
    n_blocks = values.shape[1] // n_block
    shape = (len(values), n_blocks, n_block, values.shape[2])
    blocks = values[:, : n_blocks * n_block].reshape(shape)
    return np.median(over_blocks(np.maximum, blocks), axis=1)


def _pick(activity: np.ndarray, rate: float) -> np.ndarray:
    """Choose the peaks of one record's activity that are beats."""
    peaks, found = find_peaks(activity, height=0.15, distance=_REFRACTORY * rate)
    heights, where = found["peak_heights"].tolist(), peaks.tolist()
    strong = [height for height in heights if height > 0.45]
    if not strong:
        return peaks[:0]
    # Beats of one record may all be low or high beside the usual peak of its blocks.
    level = median(strong)
    kept = [k for k, height in enumerate(heights) if height > 0.4 * level]
    kept = _without_t_waves(kept, where, heights, rate)
    return peaks[_with_missed(kept, where, heights, 0.22 * level, rate)]


def _without_t_waves(
    kept: list[int], peaks: list[int], heights: list[float], rate: float
) -> list[int]:
    """Drop a low peak that follows a high one as closely as a T wave does."""
    good: list[int] = []
    for k in kept:
        near = bool(good) and peaks[k] - peaks[good[-1]] < 0.4 * rate
        if not (near and heights[k] < 0.6 * heights[good[-1]]):
            good.append(k)
    return good


def _with_missed(
    kept: list[int], peaks: list[int], heights: list[float], low: float, rate: float
) -> list[int]:
    """Look again, with a lower threshold, into gaps far longer than usual."""
    if len(kept) < 3:
        return kept
    usual = median(peaks[b] - peaks[a] for a, b in pairwise(kept))
    added = list(kept)
    for left, right in pairwise(kept):
        # A pause after an early beat is shorter than that.
        if peaks[right] - peaks[left] < 1.6 * usual:
            continue
        between = [
            k
            for k in range(left + 1, right)
            if heights[k] > low
            and peaks[k] - peaks[left] > max(0.4 * rate, 0.4 * usual)
            and peaks[right] - peaks[k] > max(0.3 * rate, 0.4 * usual)
        ]
        if between:
            added.append(max(between, key=lambda k: heights[k]))
    return sorted(added)


def taken_for_t_waves(
    front: FrontEnd, fs: float, beats: list[np.ndarray]
) -> list[np.ndarray]:
    """Find early beats that were dropped as T waves, by the pause after them.

    The hump that was dropped stands in an interval far longer than usual, and is far
    larger than what follows other beats so closely.
    """
    missed = [each[:0] for each in beats]
    first, last = (round(s * front.rate) for s in _AS_T_WAVE)
    for k, each in enumerate(beats):
        intervals = np.diff(each) / fs
        if len(intervals) < 4 or intervals.max() < _PAUSE * np.median(intervals):
            continue
        one = front._replace(band=front.band[k : k + 1])
        activity = leads_together(one)[0][0]
        starts = np.round((each[:-1] / fs - front.start) * front.rate).astype(int)
        # The next beat must not begin in what is looked at.
        alone = np.flatnonzero(intervals > _AS_T_WAVE[1] + 0.1)
        after = activity[starts[alone, None] + np.arange(first, last)]
        heights = after.max(axis=1, initial=0)
        pause = intervals[alone] >= _PAUSE * np.median(intervals)
        usual = np.median(heights[~pause]) if not pause.all() else 0
        hump = pause & (heights > max(_HUMP, _OVER_T_WAVES * usual))
        when = starts[alone[hump]] + first + after[hump].argmax(axis=1)
        missed[k] = np.round((when / front.rate + front.start) * fs).astype(int)
    return missed


def remove_wander(x: np.ndarray, fs: float, front: FrontEnd) -> None:
    """Take the baseline below 0.6 Hz off the records, in place."""
    when = (np.arange(x.shape[1]) / fs - front.start) * front.wander_rate
    left = np.minimum(when.astype(int), front.wander.shape[1] - 2)
    share = (when - left).astype(x.dtype)[:, None]
    for record, wander in zip(x, front.wander, strict=True):
        step = np.diff(wander, axis=0)
        record -= wander[left]
        record -= share * step[left]


def detect_beats(x: np.ndarray, fs: float) -> np.ndarray:
    """Find the heart beats of one record from all its leads together.

    Parameters
    ----------
    x : ndarray of shape (n_times, n_leads)
        One record in mV, any number of leads, without NaN.
    fs : float
        Sampling rate in Hz, at least 80.

    Returns
    -------
    ndarray of int, shape (n_beats,)
        The sample in each QRS complex where the leads together are farthest from
        their baseline, in rising order. Empty where no beat stands out, or the record
        is shorter than 0.3 s.

    Raises
    ------
    ValueError
        If x has another shape, no samples or NaN, or fs is below 80.

    See Also
    --------
    classify_beats : Which of them belong into a median beat.

    Notes
    -----
    The absolute slope between 4 and 40 Hz of each lead is divided by the lead's own
    usual QRS slope, so that a deep S or a QS counts as much as a tall R, and weighted
    by how far the QRS stands out of the rest of the lead, so that a lead of noise
    counts little. Peaks of the smoothed sum above an adaptive threshold are beats,
    except low ones that follow a high one as a T wave does; gaps far longer than usual
    are searched again with a lower threshold.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(0, 5, 1 / 500)
    >>> beat = np.exp(-(((t % 0.8) - 0.4) ** 2) / (2 * 0.012**2))
    >>> record = np.stack([beat, -0.7 * beat], axis=1)
    >>> detect_beats(record, fs=500.0).tolist()
    [200, 600, 1000, 1400, 1800, 2200]
    """
    X, fs = check_record(x)[np.newaxis], check_ecg_rate(fs)
    if X.shape[1] < SHORTEST_WITH_BEATS * fs:
        return np.zeros(0, int)
    X = X.astype(np.float64) - np.median(X, axis=1, keepdims=True)
    return find_beats(X, fs, front_end(X, fs))[0]


def find_beats(X: np.ndarray, fs: float, front: FrontEnd) -> list[np.ndarray]:
    """Locate the beats of every record of a block, as a list of sample arrays."""
    activity, size = leads_together(front)
    picked = [_pick(row, front.rate) for row in activity]
    rows = np.repeat(np.arange(len(X)), [len(peaks) for peaks in picked])
    # The top of the hump is not where the complex is largest: look 40 ms around it.
    near = np.concatenate([*picked, np.zeros(0, int)])[:, None] + np.arange(-5, 6)
    np.clip(near, 0, size.shape[1] - 1, out=near)
    largest = size[rows[:, None], near].argmax(axis=1)
    peaks = near[np.arange(len(near)), largest]
    samples = np.round((peaks / front.rate + front.start) * fs).astype(int)
    inside = (samples >= 0) & (samples < X.shape[1])
    places = np.unique((rows * X.shape[1] + samples)[inside])
    rows, samples = np.divmod(places, X.shape[1])
    return np.split(samples, np.searchsorted(rows, np.arange(1, len(X))))
