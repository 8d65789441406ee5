"""Mains hum, and other steady tones: found in a record's spectrum, and taken off."""

import numpy as np
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

_FROM, _TO = 36.0, 200.0  # Hz: mains, its harmonics, and what is aliased to there
_WIDTH = 1.2  # Hz: networks are allowed to be off by 1 % for a while
_NEIGHBOURS = 4  # bands on either side, up to lines of 300 beats/min
_LEAST = 0.02  # mV: a lower tone is left alone, so that clean records stay as they are
_OVER_NEIGHBOURS = 4.0  # times the power of every neighbouring band
_MOST = 8  # tones of one record
_QRS = (0.08, 0.1)  # s before and after a beat: no part of the estimate
_BLOCK = 0.04  # s: a tone's amplitude and phase are estimated block by block
_FAST, _SLOW = 0.3, 0.5  # s: widths of the averages over blocks
_ROUNDS = 2  # of finding the frequency by how the phase drifts
_RESIDUE = 0.1  # s: the width for what remains
_MOST_BLOCKS = 0.9  # share of the blocks in which no more remains than is reported


def find_hum(
    spectrum: np.ndarray, n_times: int, n_padded: int, fs: float
) -> list[np.ndarray]:
    """Find the tones of each record, as frequencies in Hz, the loudest first.

    `spectrum` is of the padded records, (n_records, n_freqs, n_leads). A tone is where
    a band of 1.2 Hz stands out of those beside it in some lead, which the harmonics of
    a steady heart rate don't do.
    """
    n_bins = max(1, round(0.5 * _WIDTH * n_padded / fs))  # of half a band
    first = round(_FROM * n_padded / fs)
    n_halves = (min(round(_TO * n_padded / fs), spectrum.shape[1]) - first) // n_bins
    if n_halves < 4 * _NEIGHBOURS:
        return [np.zeros(0)] * len(spectrum)
    part = spectrum[:, first : first + n_halves * n_bins]
    power = np.square(part.real)
    power += np.square(part.imag)
    halves = power.reshape(len(part), n_halves, n_bins, -1).sum(axis=2)
    bands = halves[:, 1:] + halves[:, :-1]
    beside = np.zeros_like(bands)
    for step in range(2, 2 * _NEIGHBOURS + 1, 2):  # bands that do not overlap
        np.maximum(beside[:, step:], bands[:, :-step], out=beside[:, step:])
        np.maximum(beside[:, :-step], bands[:, step:], out=beside[:, :-step])
    tone = bands > _OVER_NEIGHBOURS * beside
    # By Parseval, a tone of amplitude a has the power a**2 * n_times * n_padded / 4
    # in a spectrum without negative frequencies.
    tone &= 4 * bands > _LEAST**2 * n_times * n_padded
    middle = (first + n_bins * np.arange(1, n_halves)) * fs / n_padded
    return [
        _apart(middle[any_lead], total[any_lead])
        for any_lead, total in zip(tone.any(axis=2), bands.sum(axis=2), strict=True)
    ]


def _apart(frequencies: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Keep the strongest of overlapping bands."""
    kept: list[float] = []
    for frequency in frequencies[np.argsort(-power)].tolist():
        if all(abs(frequency - other) > 1.5 * _WIDTH for other in kept):
            kept.append(frequency)
    return np.array(kept[:_MOST])


def remove_hum(
    x: np.ndarray, fs: float, beats: np.ndarray, tones: np.ndarray
) -> np.ndarray:
    """Take hum off one record in place; return what remains, (n_leads,), mV."""
    # A sinusoid whose amplitude and phase may drift is fitted to the samples between
    # the QRS complexes, which have energy at its frequency themselves, and subtracted
    # from all. The same weights are used in all leads, so that Einthoven's law
    # survives.
    weight = _between_beats(len(x), fs, beats)
    remains = np.zeros(x.shape[1])
    size = round(_BLOCK * fs)
    seen = weight[: len(x) // size * size].reshape(-1, size).mean(axis=1) > 0.5
    for frequency in tones.tolist():
        for _ in range(_ROUNDS):
            drift = _envelope(x, fs, weight, frequency, _FAST)
            # At a wrong frequency the phase advances by the same angle in every block.
            drift = np.angle(np.vdot(drift[:-1], drift[1:]))
            frequency += drift * fs / (2 * np.pi * size)
        _subtract(x, fs, frequency, _envelope(x, fs, weight, frequency, _SLOW))
        rest = np.abs(_envelope(x, fs, weight, frequency, _RESIDUE))[seen]
        if len(rest):
            remains += np.square(np.quantile(rest, _MOST_BLOCKS, axis=0))
    return np.sqrt(remains)


def _between_beats(n_times: int, fs: float, beats: np.ndarray) -> np.ndarray:
    """Weigh the samples: 0 in QRS complexes, 1 elsewhere, with soft edges."""
    weight = np.ones(n_times)
    before, after = (round(s * fs) for s in _QRS)
    for beat in beats:
        weight[max(beat - before, 0) : max(beat + after, 0)] = 0
    return uniform_filter1d(weight, round(0.02 * fs), mode="nearest") + 1e-6


def _envelope(
    x: np.ndarray, fs: float, weight: np.ndarray, frequency: float, width: float
) -> np.ndarray:
    """Return the complex amplitude of a tone, block by block: (n_blocks, n_leads)."""
    # It is that of the record less the mean of what was half a period before and comes
    # half a period later, which doubles the tone and takes P and T waves away, whose
    # ends at the QRS would else leak into it.
    size = round(_BLOCK * fs)
    n_blocks = len(x) // size
    half = max(1, round(0.5 * fs / frequency))
    # What the difference makes of the tone: 2 where half a period is whole samples.
    gain = 1 - np.cos(2 * np.pi * frequency * half / fs)
    high = np.zeros((n_blocks * size, x.shape[1]), x.dtype)
    inside = high[half : len(x) - half]
    last = half + len(inside)
    inside += x[half:last]
    inside -= 0.5 * x[: len(inside)]
    inside -= 0.5 * x[2 * half : 2 * half + len(inside)]
    weight = weight[: len(high)].copy()
    weight[:half], weight[last:] = 0, 0
    wave = np.exp(-2j * np.pi * frequency / fs * np.arange(len(high)))
    wave *= weight * (2 / gain)
    wave = np.stack([wave.real, wave.imag]).astype(x.dtype)
    wave = wave.reshape(2, n_blocks, size).transpose(1, 0, 2)
    parts = (wave @ high.reshape(n_blocks, size, -1)).astype(np.float64)
    weights = weight.reshape(n_blocks, size).sum(axis=1) + 1e-9
    # Beyond the ends there is no weight, so that the mean is of what is inside.
    rows = np.concatenate([parts.reshape(n_blocks, -1), weights[:, None]], axis=1)
    rows = gaussian_filter1d(rows, width * fs / size, axis=0, mode="constant")
    real, imaginary = np.split(rows[:, :-1] / rows[:, -1:], 2, axis=1)
    return real + 1j * imaginary


def _subtract(x: np.ndarray, fs: float, frequency: float, envelope: np.ndarray) -> None:
    """Take a tone off a record, its amplitude interpolated from block to block."""
    size = round(_BLOCK * fs)
    n_blocks = -(-len(x) // size) + 1
    # Each block here reaches from the middle of one of the envelope's to the next.
    known = np.clip(np.arange(-1, n_blocks), 0, len(envelope) - 1)
    ends = np.concatenate([envelope[known[:-1]], envelope[known[1:]]], axis=1)
    ends = ends.reshape(n_blocks, 2, -1)
    when = np.arange(n_blocks * size) - size // 2
    wave = np.exp(-2j * np.pi * frequency / fs * when).reshape(n_blocks, size, 1)
    share = ((np.arange(size) + 0.5) / size)[:, None]
    wave = np.concatenate([(1 - share) * wave, share * wave], axis=2).astype("c8")
    ends = ends.astype("c8")
    hum = wave.real @ ends.real + wave.imag @ ends.imag
    x -= hum.reshape(n_blocks * size, -1)[size // 2 : size // 2 + len(x)]
