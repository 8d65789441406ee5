"""What is wrong with a lead's signal, measured at the recording's own rate."""

import numpy as np

from skecg.signal._blocks import LOWEST_RATE, over_blocks
from skecg.signal._limits import PULSE, QualityLimits
from skecg.signal._plausible import (
    BLOCK_LENGTH,
    limb_covariance,
    quiet_window,
    rest_of_laws,
)
from skecg.signal._reversal import at_100_hz

_QUIET = 0.25  # quantile over the blocks: between the waves
_NOISE_STEP = 0.01  # s: noise is what is off the line between samples so far apart
_MAINS = (50.0, 60.0)  # Hz
_LONG_PLATEAU = 0.2  # s
_SPIKE_STEP = 0.004  # s
_SPIKE = 0.5  # mV, root mean square over the leads; a QRS complex reaches 0.4
_REFRACTORY = 0.2  # s


def measure_faults(
    records: np.ndarray,
    fs: float,
    limits: QualityLimits,
    limb: tuple[int, ...] | None,
    of: dict[str, np.ndarray],
) -> np.ndarray:
    """Write what is measured in a few records without gaps; return them at 100 Hz."""
    first = records[:, 0, :, np.newaxis]
    # In time last, so that each pass runs along memory.
    in_lead = records.transpose(0, 2, 1)
    y, spare = np.empty((2, *in_lead.shape), np.float32)
    np.subtract(in_lead, first, out=y, casting="same_kind")
    _measure_ranges(records, fs, of)
    _measure_blocks(y, fs, of, spare)
    of["saturated"][:] = _plateaus(y, fs, limits.saturated)
    silent = of["no signal"] < limits.no_signal
    of["saturated"][silent] = 0
    if y.shape[1] >= 3:
        of["calibration pulse"][:] = _pulse_heights(y, fs)[:, None]
    if fs >= 1 / _SPIKE_STEP:
        of["pacing spikes"][:] = _count_spikes(y, fs, spare)[:, None]
    in_time = y.transpose(0, 2, 1)
    if limb is not None:
        rests = rest_of_laws(limb_covariance(in_time, limb))
        # A lead without a signal contradicts the others too, and is named already.
        rests[silent[:, limb].any(axis=1)] = np.nan
        of["contradiction"][:, limb] = rests[:, None]
    return at_100_hz(in_time, fs) if fs >= LOWEST_RATE else in_time[:, :0]


def _measure_ranges(records: np.ndarray, fs: float, of: dict[str, np.ndarray]) -> None:
    """Measure signal and largest deflection from blocks of 0.2 s."""
    n_times = records.shape[1]
    n_block = min(max(1, round(BLOCK_LENGTH * fs)), n_times)
    n_blocks = n_times // n_block
    shape = (len(records), n_blocks, n_block, records.shape[2])
    blocks = records[:, : n_blocks * n_block].reshape(shape)
    high, low = over_blocks(np.maximum, blocks), over_blocks(np.minimum, blocks)
    of["implausible amplitude"][:] = (high - low).max(axis=1)
    if n_times < 2:
        return
    n_window = quiet_window(n_times, fs) // n_block
    n_windows = n_blocks // n_window
    shape = (len(records), n_windows, n_window, records.shape[2])
    highest = high[:, : n_windows * n_window].reshape(shape).max(axis=2)
    lowest = low[:, : n_windows * n_window].reshape(shape).min(axis=2)
    of["no signal"][:] = (highest - lowest).min(axis=1)


def _measure_blocks(
    y: np.ndarray, fs: float, of: dict[str, np.ndarray], spare: np.ndarray
) -> None:
    """Measure wander, and between the waves hum and what else is fast."""
    n_block = min(max(1, round(BLOCK_LENGTH * fs)), y.shape[2])
    shape = (*y.shape[:2], y.shape[2] // n_block, n_block)
    blocks = y[:, :, : shape[2] * n_block].reshape(shape)
    frequencies = [f for f in _MAINS if 2.2 * f < fs]
    phases = 2 * np.pi / fs * np.outer(np.arange(n_block), frequencies)
    waves = [np.full((n_block, 1), 0.5), np.cos(phases), np.sin(phases)]
    parts = blocks @ (2 / n_block * np.hstack(waves)).astype(np.float32)
    n_second = min(5, shape[2])
    sums = np.cumsum(parts[..., 0], axis=2, dtype=np.float64)
    means = sums[:, :, n_second - 1 :].copy()
    means[:, :, 1:] -= sums[:, :, :-n_second]
    of["baseline wander"][:] = np.ptp(means, axis=2) / n_second
    step = max(1, round(_NOISE_STEP * fs))
    n_blocks = (y.shape[2] - 2 * step) // n_block
    if n_blocks < 1 or round(BLOCK_LENGTH * fs) < 1:
        return
    power = np.zeros(y.shape[:2], np.float32)
    if frequencies:
        cosines, sines = np.split(parts[:, :, :n_blocks, 1:], 2, axis=3)
        hum = _quiet(np.hypot(cosines, sines))
        of["mains hum"][:] = hum.max(axis=2)
        # What the noise below has of it, being off the line.
        gain = 1 - np.cos(2 * np.pi / fs * step * np.array(frequencies))
        power = np.square(hum * gain.astype(np.float32)).sum(axis=2) / 2
    fast = _off_the_line(y, step, spare)[:, :, : n_blocks * n_block]
    fast = fast.reshape(*y.shape[:2], n_blocks, n_block)
    quiet = _quiet(np.einsum("rlbt,rlbt->rlb", fast, fast) / n_block) - power
    # Of white noise, a sample and the mean of two others differ by 1.5 of its power.
    of["muscle noise"][:] = np.sqrt(np.maximum(quiet, 0) / 1.5)


def _off_the_line(y: np.ndarray, step: int, out: np.ndarray) -> np.ndarray:
    """Return how far samples are off the line between those `step` before and after."""
    off = np.add(y[:, :, : -2 * step], y[:, :, 2 * step :], out=out[:, :, 2 * step :])
    off *= -0.5
    off += y[:, :, step:-step]
    return off


def _quiet(blocks: np.ndarray) -> np.ndarray:
    """Return the lower quartile over the blocks."""
    k = int(_QUIET * blocks.shape[2])
    return np.partition(blocks, k, axis=2)[:, :, k]


def _plateaus(y: np.ndarray, fs: float, limit: float) -> np.ndarray:
    """Return for how long (ms) leads stand still at their largest or smallest value.

    One short plateau is no sign: some devices repeat the first sample.
    """
    time = np.zeros(y.shape[0] * y.shape[1], np.float32)
    n_times = y.shape[2]
    for extreme in (y.max(axis=2, keepdims=True), y.min(axis=2, keepdims=True)):
        places = np.flatnonzero(y == extreme)
        still = places[1:][np.diff(places) == 1]
        leads, when = np.divmod(still, n_times)
        leads, when = leads[when > 0], when[when > 0]
        together = np.bincount(leads, minlength=len(time)) * (1000 / fs)
        for lead in np.flatnonzero(together > limit):
            of_lead = when[leads == lead]
            one = of_lead[-1] - of_lead[0] == len(of_lead) - 1
            if one and len(of_lead) < _LONG_PLATEAU * fs:
                together[lead] = 0
        np.maximum(time, together, out=time, casting="same_kind")
    return time.reshape(y.shape[:2])


def _pulse_heights(y: np.ndarray, fs: float) -> np.ndarray:
    """Return the height in mV of a calibration pulse in all leads; 0 where none."""
    every = max(1, round(fs / 100))
    grid = y[:, :, ::every]
    heights = np.zeros(len(y), np.float32)
    mean = grid.mean(axis=1)
    common = mean[:, 2:] - mean[:, :-2]
    largest = np.abs(common).max(axis=1, initial=0)
    for k in np.flatnonzero(largest > PULSE):
        steps = grid[k, :, 2:] - grid[k, :, :-2]
        together = np.ptp(steps, axis=0) < 0.2 * np.abs(common[k])
        up = np.flatnonzero(together & (common[k] > PULSE))
        down = np.flatnonzero(together & (common[k] < -PULSE))
        heights[k] = max((_flat_top(grid[k], up, down), _flat_top(-grid[k], down, up)))
    return heights


def _flat_top(grid: np.ndarray, up: np.ndarray, down: np.ndarray) -> float:
    """Return the height of a pulse between a step up and the next step down, else 0."""
    for first in up:
        last = down[(down > first + 8) & (down < first + 120)]
        if not len(last):
            continue
        top = grid[:, first + 3 : last[0]]
        height = float((top.mean(axis=1) - grid[:, first]).mean())
        if height > PULSE and np.ptp(top, axis=1).max() < 0.2 * height:
            return height
    return 0.0


def _count_spikes(y: np.ndarray, fs: float, spare: np.ndarray) -> np.ndarray:
    """Count deflections too short for a heart's: (n_records,)."""
    sharp = _off_the_line(y, round(_SPIKE_STEP * fs), spare)
    size = np.einsum("rlt,rlt->rt", sharp, sharp) / y.shape[1]
    counts = np.zeros(len(y), np.float32)
    apart = round(_REFRACTORY * fs)
    for k in np.flatnonzero(size.max(axis=1, initial=0) > _SPIKE**2):
        last = -apart
        for when in np.flatnonzero(size[k] > _SPIKE**2).tolist():
            counts[k] += when - last >= apart
            last = when
    return counts
