"""Band-limited resampling of whole recordings."""

from fractions import Fraction

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import expit

from skecg.signal._blocks import check_rate, check_records, run_in_blocks

# Up to this part of the lower Nyquist frequency nothing is changed.
_PASS_BAND = 0.95
# Length, in samples of the lower rate, in which one end passes over into the other.
_JOIN = 100
# Rates are taken as fractions with at most this denominator: 128.5 Hz is 257 / 2 Hz.
_MAX_DENOMINATOR = 1000


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
    The ratio of the rates, each to a thousandth of 1 Hz or better, is reduced and kept
    exactly. The record's spectrum is cut at half the lower of the two rates, with a
    smooth edge over its last twentieth, and transformed back on the new time axis.
    Before, the record is continued at both ends by itself, turned about its end point,
    and the two continuations are blended into each other, so that there is neither a
    jump nor a kink nor a dip at the ends and a constant stays what it is.

    A ratio of large numbers, such as 499.87 to 100 Hz, is as exact and takes longer,
    because the continued record is at least as long as the ratio's denominator.

    Every record is resampled by itself: its result does not depend on the others, to
    the last bit. A NaN spreads over the whole of its lead in its record.

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

    join = _JOIN * max(1.0, 1 / float(ratio))
    n_periods = int(np.ceil((n_times + join) / ratio.denominator))
    n_periods = next_fast_len(n_periods, real=True)
    n_padded = n_periods * ratio.denominator
    n_padded_out = n_periods * ratio.numerator
    after, before, blend = _continuation(n_times, n_padded)
    blend = blend.astype(records.dtype)[:, None]
    gain = float(ratio) * _low_pass(min(n_padded, n_padded_out))
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
            np.add(irfft(spectrum, n_padded_out, axis=0)[:n_out], level, out=resampled)

    run_in_blocks(work, len(records), n_jobs)
    return result.reshape(result.shape[: X.ndim])


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


def _low_pass(n_padded: int) -> np.ndarray:
    """Gain from 0 Hz to the lower Nyquist frequency, of n_padded samples' spectrum."""
    fraction = np.arange(n_padded // 2 + 1) / (n_padded / 2)
    position = np.clip((fraction - _PASS_BAND) / (1 - _PASS_BAND), 0, 1)
    return np.cos(np.pi / 2 * position) ** 2
