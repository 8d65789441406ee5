"""Heart rhythm with respiratory and slow variability, and noise at the electrodes."""

import numpy as np
from scipy.signal import resample_poly

from skecg.datasets._dipole import Hearts, render

_LONGER = 1.25  # noise is periodic over this multiple of the record, so no end meets
_MUSCLE_BAND = (20.0, 150.0)  # Hz
_MAINS = 50.0  # Hz
_MARGIN = 16  # output samples either side for the anti-aliasing filter
_INTERNAL_RATE = 500.0  # lowest rate at which the loops are sampled, Hz


def draw_beats(
    rr: float, age: float, duration: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw beat times (s) around ``duration`` and their gain by respiration."""
    # Hz: 10 to 19 breaths a minute, and Mayer waves of blood pressure.
    breath, slow = rng.uniform(0.17, 0.32), rng.uniform(0.08, 0.12)
    phase, slow_phase = rng.uniform(0, 2 * np.pi, 2)
    # Respiratory arrhythmia fades with age.
    vagal = rng.uniform(0.4, 1.4) * np.clip((95 - age) / 50, 0.2, 1.4)
    depth = rng.uniform(0.0, 0.05)
    time, beats = -2.0 + rr * rng.uniform(), []
    while time < duration + 1.0:
        beats.append(time)
        respiratory = 0.030 * vagal * np.sin(2 * np.pi * breath * time + phase)
        baroreflex = 0.020 * vagal * np.sin(2 * np.pi * slow * time + slow_phase)
        time += rr * (1 + respiratory + baroreflex + 0.004 * rng.standard_normal())
    times = np.array(beats)
    gains = 1 + depth * np.sin(2 * np.pi * breath * times + phase + 1.0)
    inside = (times >= 0) & (times < duration)
    # So that the median beat has the amplitudes of the truth.
    return times, gains / np.median(gains[inside])


def clean_leads(
    hearts: Hearts,
    index: int,
    beats: np.ndarray,
    gains: np.ndarray,
    n_times: int,
    fs: float,
) -> np.ndarray:
    """Return the eight leads (n_times, 8) of one record without noise, band-limited."""
    # The lobes reach 100 Hz: sampled at a lower rate they would be aliased.
    ratio = int(np.ceil(_INTERNAL_RATE / fs))
    margin = _MARGIN if ratio > 1 else 0
    step = np.arange(-margin * ratio, (n_times + margin) * ratio)
    dipole = render(hearts, index, beats, gains, step / (fs * ratio))
    if ratio > 1:
        dipole = resample_poly(dipole, 1, ratio, axis=0)[margin:-margin]
    return dipole @ hearts.lead_field[index].T


def electrode_noise(n_times: int, fs: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise (n_times, 8) in mV that nine electrodes add to the eight leads.

    Baseline wander (breathing and slow drift), 50 Hz mains and muscle noise are drawn
    in the frequency domain in an order that does not depend on ``fs``. What lies above
    0.45 fs is left out, as a recorder's anti-aliasing filter would.
    """
    period = round(_LONGER * n_times)
    frequency = np.arange(int(_MUSCLE_BAND[1] * period / fs) + 1) * fs / period
    kept = frequency < 0.45 * fs
    # Medians: a factor on all of it, then mV of wander, mains and muscle noise.
    severity, wander_size, mains_size, muscle_size = rng.lognormal(
        np.log([1.0, 0.035, 0.004, 0.008]), [0.3, 0.5, 0.7, 0.5]
    )
    n_slow = int(np.count_nonzero(frequency < 0.6))
    drift = _complex_normal(rng, n_slow)
    drift *= np.exp(-0.5 * (frequency[:n_slow] / 0.22) ** 2)[:, None]
    # Without an offset, as recorders are AC-coupled.
    drift[0] = 0
    mains = mains_size * rng.lognormal(0, 0.4, 9)
    mains_phase = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.5, 9)
    muscle = _complex_normal(rng, len(frequency))
    low, high = _MUSCLE_BAND
    muscle *= (1 / (1 + (low / np.maximum(frequency, 1e-9)) ** 4))[:, None]
    muscle *= np.exp(-((frequency / high) ** 4))[:, None]
    bursts = _complex_normal(rng, n_slow)
    bursts[0] = 0

    wander = _synthesise(drift, period, n_times)
    wander *= wander_size / np.sqrt(np.sum(np.abs(drift) ** 2) / 9 / 2)
    power = np.sum(np.abs(muscle) ** 2) / 9 / 2
    noise = _synthesise(muscle[kept], period, n_times) * muscle_size / np.sqrt(power)
    envelope = _synthesise(bursts, period, n_times)
    # Muscles contract in bursts.
    noise *= np.exp(0.4 * envelope / np.sqrt(np.sum(np.abs(bursts) ** 2) / 9 / 2))
    noise += wander
    if 0.45 * fs > _MAINS:
        time = np.arange(n_times)[:, None] / fs
        noise += mains * np.sin(2 * np.pi * _MAINS * time + mains_phase)
    return severity * _leads_of_electrodes(noise)


def _complex_normal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw coefficients (n, 9), frequency by frequency."""
    parts = rng.standard_normal((n, 9, 2))
    return parts[..., 0] + 1j * parts[..., 1]


def _synthesise(spectrum: np.ndarray, period: int, n_times: int) -> np.ndarray:
    """Sum cosines of the given amplitudes over ``period``; keep ``n_times``."""
    return np.fft.irfft(spectrum * (period / 2), n=period, axis=0)[:n_times]


def _leads_of_electrodes(potential: np.ndarray) -> np.ndarray:
    """Turn potentials of RA, LA, LL and C1 to C6 into I, II and V1 to V6."""
    right, left, foot = potential[:, 0], potential[:, 1], potential[:, 2]
    # Wilson's central terminal, against which C1 to C6 are measured.
    terminal = (right + left + foot) / 3
    return np.column_stack(
        [left - right, foot - right, potential[:, 3:] - terminal[:, None]]
    )
