"""Band-limited resampling of whole recordings."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import CZT
from scipy.special import expit

from skecg.signal._blocks import check_rate, check_records, run_in_blocks

# Up to this part of the lower Nyquist frequency nothing is changed.
_PASS_BAND = 0.95
# Length, in samples of the lower rate, in which one end passes over into the other.
_JOIN = 100
# Rates are taken as fractions with at most this denominator: 128.5 Hz is 257 / 2 Hz.
_MAX_DENOMINATOR = 1000
# A ratio of rates that needs more padding than this share of the record is not taken
# as a fraction, as the time of a transform grows with the padding.
_MOST_PADDING = 0.5


def resample_signal(
    X: np.ndarray,
    fs: float,
    target_fs: float,
    *,
    n_jobs: int | None = -1,
) -> np.ndarray:
    """Change the sampling rate of recordings, band-limited and without delay.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64. A read-only memory map is accepted and
        read one record at a time.
    fs : float
        Sampling rate of X in Hz.
    target_fs : float
        Sampling rate of the result in Hz.
    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Returns
    -------
    ndarray
        The recordings in mV at the new rate, with ``round(n_times * target_fs / fs)``
        samples (at least one) along axis 1, of X's dtype. Sample ``k`` belongs to the
        time ``k / target_fs``, as sample ``j`` of X to ``j / fs``. Equal rates give
        a copy.

    Raises
    ------
    ValueError
        If the shape of X, a rate or ``n_jobs`` is invalid.
    TypeError
        If X is neither float32 nor float64.

    See Also
    --------
    filter_signal : Zero-phase band-pass.

    Notes
    -----
    The record's spectrum is cut at half the lower of the two rates, with a smooth edge
    over its last twentieth, and evaluated on the new time axis. Before that, the record
    is continued at both ends by its own reflection about the end point, and the two
    continuations are blended into each other, so that the ends have neither a jump nor
    a kink and a constant stays what it is.

    Where the ratio of the rates is a fraction of small numbers, the new time axis fits
    into an inverse FFT. Any other ratio, such as 499.907 to 100 Hz, is evaluated by the
    chirp transform [1]_, which is as exact and takes up to three times as long.

    Every record is resampled by itself: its result does not depend on the others, to
    the last bit. A NaN spreads over the whole of its lead in its record.

    References
    ----------
    .. [1] Bluestein LI. A linear filtering approach to the computation of discrete
       Fourier transform. IEEE Trans Audio Electroacoust 1970;18:451-455.
       doi:10.1109/TAU.1970.1162132

    Examples
    --------
    >>> t = np.arange(3600) / 360
    >>> X = 1.0 + np.cos(2 * np.pi * 8 * t)[None]
    >>> resampled = resample_signal(X, fs=360, target_fs=100)
    >>> resampled.shape
    (1, 1000)
    >>> expected = 1.0 + np.cos(2 * np.pi * 8 * np.arange(1000) / 100)
    >>> bool(np.abs(resampled - expected).max() < 0.01)
    True
    """
    records = check_records(X)
    ratio = _as_fraction("target_fs", target_fs) / _as_fraction("fs", fs)
    n_times, n_leads = records.shape[1:]
    n_out = max(1, round(n_times * ratio))
    shape = (len(records), n_out, n_leads)
    result = np.empty(shape, records.dtype)
    if ratio == 1:
        np.copyto(result, records)
        return result.reshape(result.shape[: X.ndim])

    n_padded, factor, to_samples = _plan(n_times, n_out, ratio)
    after, before, blend = _continuation(n_times, n_padded)
    blend = blend.astype(records.dtype)[:, None]
    gain = factor * _low_pass(n_padded * min(Fraction(1), ratio))
    gain = gain.astype(records.dtype)[:, None]

    def work(start: int, stop: int) -> None:
        padded = np.empty((n_padded, n_leads), records.dtype)
        for record, resampled in zip(
            records[start:stop], result[start:stop], strict=True
        ):
            # With the first sample at zero, a constant comes back exactly.
            level = record[0]
            np.subtract(record, level, out=padded[:n_times])
            padded[n_times:] = 2 * padded[n_times - 1] - padded[after]
            padded[n_times:] += blend * (-padded[before] - padded[n_times:])
            spectrum = rfft(padded, axis=0)[: len(gain)]
            spectrum *= gain
            np.add(to_samples(spectrum), level, out=resampled)

    run_in_blocks(work, len(records), n_jobs)
    return result.reshape(result.shape[: X.ndim])


def _plan(
    n_times: int, n_out: int, ratio: Fraction
) -> tuple[int, float, Callable[[np.ndarray], np.ndarray]]:
    """Return the padded length, a factor for spectra, and their way back to samples."""
    needed = n_times + _JOIN * max(1.0, 1 / float(ratio))
    n_periods = next_fast_len(int(np.ceil(needed / ratio.denominator)), real=True)
    n_padded = n_periods * ratio.denominator
    if n_padded <= needed * (1 + _MOST_PADDING):
        n_padded_out = n_periods * ratio.numerator

        def to_samples(spectrum: np.ndarray) -> np.ndarray:
            return irfft(spectrum, n_padded_out, axis=0)[:n_out]

        return n_padded, float(ratio), to_samples
    n_padded = next_fast_len(int(np.ceil(needed)), real=True)
    n_bins = int(n_padded * min(Fraction(1), ratio)) // 2 + 1
    # Sample k is the real part of the sum over m of c[m] w**(m k).
    chirp = CZT(n_bins, n_out, np.exp(2j * np.pi / (n_padded * float(ratio))))
    weights = np.full((n_bins, 1), 2 / n_padded)
    weights[0] = 1 / n_padded  # 0 Hz has no negative frequency that it stands for

    def evaluate(spectrum: np.ndarray) -> np.ndarray:
        return chirp(spectrum * weights, axis=0).real

    return n_padded, 1.0, evaluate


def _as_fraction(name: str, rate: float) -> Fraction:
    """Return a sampling rate in Hz as a fraction, or raise."""
    return Fraction(check_rate(name, rate)).limit_denominator(_MAX_DENOMINATOR)


def _continuation(
    n_times: int, n_padded: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which samples follow the end, which precede the start, and the blend."""
    n_added = n_padded - n_times
    index = np.pad(np.arange(n_times), n_added, mode="reflect")
    position = (np.arange(n_added) + 0.5) / n_added
    # The smoothest step: every derivative is zero at both ends.
    blend = expit(1 / (1 - position) - 1 / position)
    return index[n_added + n_times :], index[:n_added], blend


def _low_pass(n_kept: Fraction) -> np.ndarray:
    """Gain from 0 Hz to the lower Nyquist frequency, which is bin ``n_kept / 2``."""
    fraction = np.arange(int(n_kept) // 2 + 1) / (float(n_kept) / 2)
    position = np.clip((fraction - _PASS_BAND) / (1 - _PASS_BAND), 0, 1)
    return np.cos(np.pi / 2 * position) ** 2
