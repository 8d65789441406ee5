"""Zero-phase band-pass and powerline filter for whole recordings."""

from numbers import Integral, Real
from typing import Literal

import numpy as np
from scipy.fft import dct, idct

from skecg.signal._blocks import check_rate, check_records, run_in_blocks

_NOTCH_QUALITY = 30.0
_AUTO_HIGHCUT = 150.0


def resolve_band(
    fs: float,
    lowcut: float | None = 0.5,
    highcut: float | Literal["auto"] | None = "auto",
    notch: float | None = None,
) -> tuple[float | None, float | None]:
    """Check a filter's cutoffs against the sampling rate, and settle ``"auto"``.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    lowcut : float or None, default=0.5
        Cutoff of the high-pass in Hz; None leaves the low side open.
    highcut : float, "auto" or None, default="auto"
        Cutoff of the low-pass in Hz; None leaves the high side open. ``"auto"`` is
        150 Hz, or None where half the sampling rate does not exceed 150 Hz.
    notch : float or None, default=None
        Powerline frequency in Hz.

    Returns
    -------
    lowcut, highcut : float or None
        The two cutoffs in Hz.

    Raises
    ------
    ValueError
        If a frequency is not between 0 and ``fs / 2``, or ``lowcut`` is not below
        ``highcut``.

    See Also
    --------
    filter_signal : The filter itself.

    Examples
    --------
    >>> resolve_band(500), resolve_band(100)
    ((0.5, 150.0), (0.5, None))
    >>> resolve_band(100, highcut=150.0)
    Traceback (most recent call last):
        ...
    ValueError: highcut=150.0 Hz must be below half the sampling rate, fs / 2 = 50 Hz
    for fs=100 Hz. Use highcut='auto' or None for no low-pass, a lower highcut, or
    recordings at a higher rate.
    """
    fs = check_rate("fs", fs)
    remedies = {
        "lowcut": "Use lowcut=None for no high-pass, or a lower lowcut",
        "highcut": "Use highcut='auto' or None for no low-pass, a lower highcut",
        "notch": "Use notch=None for no powerline filter",
    }
    if isinstance(highcut, str):
        if highcut != "auto":
            raise ValueError(
                f"highcut must be a frequency in Hz, 'auto' or None, got {highcut!r}."
            )
        highcut = _AUTO_HIGHCUT if fs / 2 > _AUTO_HIGHCUT else None
    for name, value in (("lowcut", lowcut), ("highcut", highcut), ("notch", notch)):
        if value is None:
            continue
        if not isinstance(value, Real) or not value > 0:
            raise ValueError(
                f"{name} must be a positive frequency in Hz or None, got {value!r}."
            )
        if value >= fs / 2:
            raise ValueError(
                f"{name}={value} Hz must be below half the sampling rate, "
                f"fs / 2 = {fs / 2:g} Hz for fs={fs:g} Hz. {remedies[name]}, or "
                "recordings at a higher rate."
            )
    if lowcut is not None and highcut is not None and lowcut >= highcut:
        raise ValueError(
            f"lowcut must be below highcut, got lowcut={lowcut} Hz and "
            f"highcut={highcut} Hz. Lower lowcut or raise highcut."
        )
    return (
        None if lowcut is None else float(lowcut),
        None if highcut is None else float(highcut),
    )


def filter_signal(
    X: np.ndarray,
    fs: float,
    lowcut: float | None = 0.5,
    highcut: float | Literal["auto"] | None = "auto",
    order: int = 4,
    notch: float | None = None,
    *,
    out: np.ndarray | None = None,
    n_jobs: int | None = -1,
) -> np.ndarray:
    r"""Filter recordings with a zero-phase Butterworth band-pass.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64. A read-only memory map is accepted and
        read one record at a time. Any length of one sample or more is accepted.
    fs : float
        Sampling rate in Hz.
    lowcut : float or None, default=0.5
        Cutoff of the high-pass in Hz; None leaves the low side open.
    highcut : float, "auto" or None, default="auto"
        Cutoff of the low-pass in Hz; None leaves the high side open. ``"auto"`` is
        150 Hz, or None where half the sampling rate does not exceed 150 Hz.
    order : int, default=4
        Order of the Butterworth filter in one pass, as in
        :func:`scipy.signal.butter`. Two passes, forward and backward, make the
        phase zero and the attenuation at the cutoffs 6 dB.
    notch : float or None, default=None
        Powerline frequency in Hz to remove, usually 50 or 60, and below ``fs / 2``
        (quality factor 30 in each of two passes).
    out : ndarray or None, default=None
        Where to write the result: an array like X, or X itself to filter in place.
        None makes a new array.
    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Returns
    -------
    ndarray
        The filtered recordings in mV, of X's shape and dtype.

    Raises
    ------
    ValueError
        If the shape of X, a frequency, ``order``, ``n_jobs`` or ``out`` is invalid.
    TypeError
        If X is neither float32 nor float64.

    See Also
    --------
    resolve_band : The rules for the cutoffs.
    resample_signal : Change the sampling rate.

    Notes
    -----
    The response is that of the digital Butterworth filter run forward and backward.
    With :math:`\Omega = \tan(\pi f / f_s)`, it is

    .. math:: G(f) = \frac{1}{1 + \left(\frac{\Omega^2 - \Omega_l \Omega_h}
              {(\Omega_h - \Omega_l) \Omega}\right)^{2 N}}

    for the band-pass, times the notch's. It multiplies the cosine transform of each
    lead, which stands for the record continued by its mirror image without end; the
    recursion of :func:`scipy.signal.sosfiltfilt` on a long ``np.pad(...,
    mode="symmetric")`` gives the same. An extension by rotation (``padtype="odd"``,
    scipy's default) sets the baseline off wherever a record is cut within a QRS
    complex, and a 0.5 Hz high-pass carries that for a second into the record.

    What the filter removes entirely, level and slope of the baseline and the mains
    sine, is fitted to each lead by least squares and subtracted first, so that the
    mirror neither bends a drift nor breaks the phase of the mains at the ends.

    Every record is filtered by itself: its result does not depend on the others, to
    the last bit. A NaN spreads over the whole of its lead in its record.

    References
    ----------
    .. [1] Kligfield P, et al. (2007). Recommendations for the standardization and
       interpretation of the electrocardiogram, part I. Circulation 115:1306-1324.
       https://doi.org/10.1161/CIRCULATIONAHA.106.180200

    Examples
    --------
    A wandering baseline goes, a 10 Hz wave stays:

    >>> t = np.arange(5000) / 500
    >>> wave = np.cos(2 * np.pi * 10 * t)
    >>> X = np.tile(wave + 2.0 + 0.1 * t, (3, 1))
    >>> bool(np.abs(filter_signal(X, fs=500) - wave).max() < 0.005)
    True

    In place, for one who owns X:

    >>> filter_signal(X, fs=500, notch=50, out=X) is X
    True
    """
    records = check_records(X)
    lowcut, highcut = resolve_band(fs, lowcut, highcut, notch)
    if not isinstance(order, Integral) or order < 1:
        raise ValueError(f"order must be an integer of 1 or more, got {order!r}.")
    result = np.empty(X.shape, records.dtype) if out is None else _check_out(out, X)
    target = result if result.ndim == 3 else result[:, :, None]

    n_times = records.shape[1]
    frequencies = np.arange(n_times) * (fs / (2 * n_times))
    gain = _zero_phase_gain(frequencies, fs, lowcut, highcut, int(order), notch)
    gain = gain.astype(records.dtype)[:, None]
    removed = _removed_functions(n_times, fs, lowcut, notch).astype(records.dtype)

    def work(start: int, stop: int) -> None:
        scratch = np.empty(records.shape[1:], records.dtype)
        for record, filtered in zip(
            records[start:stop], target[start:stop], strict=True
        ):
            # Without it, an electrode offset of 300 mV would cost float32 0.1 uV.
            level = 0 if lowcut is None else record[:1].copy()
            np.subtract(record, level, out=filtered)
            # einsum and not a matrix product: BLAS may round differently according
            # to its number of threads.
            weights = np.einsum("kt,tl->kl", removed, filtered)
            filtered -= np.einsum("kt,kl->tl", removed, weights, out=scratch)
            spectrum = dct(filtered, axis=0, overwrite_x=True)
            spectrum *= gain
            filtered[...] = idct(spectrum, axis=0, overwrite_x=True)

    run_in_blocks(work, len(records), n_jobs)
    return result


def _check_out(out: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return ``out`` if the result for X can be written to it."""
    if (
        not isinstance(out, np.ndarray)
        or (out.shape, out.dtype) != (X.shape, X.dtype)
        or not out.flags.writeable
    ):
        got = (
            f"shape {out.shape}, {out.dtype}, writeable={out.flags.writeable}"
            if isinstance(out, np.ndarray)
            else type(out).__name__
        )
        raise ValueError(
            f"out must be a writeable array of X's shape {X.shape} and dtype "
            f"{X.dtype}, got {got}. Use out=None for a new array."
        )
    same = (out.ctypes.data, out.strides) == (X.ctypes.data, X.strides)
    if not same and np.may_share_memory(out, X):
        raise ValueError(
            "out must be X itself or must not overlap X, got an array that overlaps "
            "it. Use out=X or out=None."
        )
    return out


def _zero_phase_gain(
    frequencies: np.ndarray,
    fs: float,
    lowcut: float | None,
    highcut: float | None,
    order: int,
    notch: float | None,
) -> np.ndarray:
    """Gain of the filters run forward and backward, at frequencies below fs / 2."""
    gain = np.ones_like(frequencies)
    omega = np.tan(np.pi * frequencies / fs)
    low, high = (
        None if cutoff is None else np.tan(np.pi * cutoff / fs)
        for cutoff in (lowcut, highcut)
    )
    # At 0 Hz and for a high order the distance is infinite, and the gain 0.
    with np.errstate(divide="ignore", over="ignore"):
        if low is not None and high is not None:
            distance = (omega**2 - low * high) / ((high - low) * omega)
        elif low is not None:
            distance = low / omega
        elif high is not None:
            distance = omega / high
        else:
            distance = np.zeros_like(omega)
        # Forward and backward, the gain counts twice: |H|**2 has no square root.
        gain /= 1 + distance ** (2 * order)
    if notch is not None:
        angle, centre = (2 * np.pi * f / fs for f in (frequencies, notch))
        zero = (np.cos(angle) - np.cos(centre)) ** 2
        width = np.tan(centre / (2 * _NOTCH_QUALITY)) * np.sin(angle)
        gain *= zero / (zero + width**2)
    return gain


def _removed_functions(
    n_times: int, fs: float, lowcut: float | None, notch: float | None
) -> np.ndarray:
    """Orthonormal functions of time, as rows, that the filter takes to zero."""
    index = np.arange(n_times) - (n_times - 1) / 2
    rows = []
    if notch is not None:
        angle = 2 * np.pi * notch / fs * index
        rows += [np.cos(angle), np.sin(angle)]
    if lowcut is not None:
        rows.append(index)
    if len(rows) == 3:
        # Only so that the fit does not take the level of a few samples for mains:
        # the cosine transform knows the level exactly by itself.
        rows.append(np.ones(n_times))
    basis = np.stack(rows, axis=1) if rows else np.empty((n_times, 0))
    return np.ascontiguousarray(np.linalg.qr(basis)[0].T)
