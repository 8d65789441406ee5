"""Beats of one record laid on those of another, so that like waves meet."""

import numpy as np

from skecg.signal._blocks import check_ecg_rate, check_records
from skecg.signal._median import BEFORE

_QRS = 0.08  # s on either side of the fiducial sample: moved as a whole
_QRS_REACH = 0.024  # s: how far the QRS may be moved
_REACH = 0.1  # s: how far P, ST and T may be moved besides
_COARSE = 125.0  # Hz: the rate at which they are compared
_PRICE = 0.01  # what a step of the shift costs, as a share of a beat's squared size


def align_beats(base: np.ndarray, other: np.ndarray, fs: float) -> np.ndarray:
    """Move the waves of beats to where those of other beats are, in all leads alike.

    Parameters
    ----------
    base, other : ndarray of shape (n_beats, n_times, n_leads)
        Beats in mV, their fiducial samples 0.4 s after their start, as
        :func:`median_beat` returns them.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n_beats, n_times, n_leads)
        The beats of `other` with the timing of those of `base`. Amplitudes are as they
        were, and so are the identities among leads.

    Raises
    ------
    ValueError
        If `base` and `other` differ in shape, or end before their QRS complexes do.

    Notes
    -----
    The QRS complex, 80 ms on either side of the fiducial sample, is moved as a whole by
    up to 24 ms, to where it fits best. Before and after it the shift is a function of
    time, the same for all leads: that of the least sum of squared differences, where
    each change of the shift has its price [1]_. Each lead counts in proportion to what
    both beats have of it.

    References
    ----------
    .. [1] Sakoe H, Chiba S. Dynamic programming algorithm optimization for spoken word
       recognition. IEEE Trans Acoust Speech Signal Process 1978;26:43-49.
       doi:10.1109/TASSP.1978.1163055

    Examples
    --------
    >>> when = np.arange(-0.4, 0.65, 0.002)
    >>> def beat(t_wave):
    ...     qrs = np.exp(-0.5 * (when / 0.012) ** 2)
    ...     return qrs + 0.3 * np.exp(-0.5 * ((when - t_wave) / 0.04) ** 2)
    >>> base, other = beat(0.30)[None, :, None], beat(0.36)[None, :, None]
    >>> aligned = align_beats(base, other, fs=500.0)
    >>> bool(np.abs(other - base).max() > 0.2)
    True
    >>> bool(np.abs(aligned - base).max() < 0.02)
    True
    """
    base, other, fs = _check_beats(base, other, fs)
    centre, half = round(BEFORE * fs), round(_QRS * fs)
    moved = _take(other, _shift_of_qrs(base, other, centre, half, fs)[:, None])
    step = max(1, round(fs / _COARSE))
    # P, ST and T are smooth, so that few samples suffice to compare them.
    coarse = _comparable(base[:, ::step], moved[:, ::step])
    when = np.arange(0, base.shape[1], step)
    # At an infinite price the shift is constant in the QRS complex, which must
    # keep its shape.
    price = np.where(np.abs(when - centre) < half, np.inf, _PRICE)
    shifts = _best_shifts(*coarse, round(_REACH * fs / step), price)
    at_qrs = shifts[:, [np.abs(when - centre).argmin()]]
    fine = np.arange(base.shape[1])
    # The QRS complex has been moved already: the other waves move against it.
    smooth = [step * np.interp(fine, when, row) for row in shifts - at_qrs]
    return _take(moved, np.rint(smooth).astype(int))


def _check_beats(
    base: np.ndarray, other: np.ndarray, fs: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return beats of one shape that hold their QRS complexes, and the rate."""
    base, other, fs = check_records(base), check_records(other), check_ecg_rate(fs)
    if base.shape != other.shape:
        raise ValueError(
            f"other must have the shape of base, {base.shape}, got {other.shape}; cut "
            "both alike."
        )
    least = round((BEFORE + _QRS + _QRS_REACH) * fs)
    if base.shape[1] < least:
        raise ValueError(
            f"base and other must be beats of at least {least} samples at {fs:g} Hz, "
            f"got {base.shape[1]}; cut them as median_beat does."
        )
    return base, other, fs


def _take(beats: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Read beats at shifted samples; edges repeat."""
    last = beats.shape[1] - 1
    where = np.clip(np.arange(last + 1) + shifts, 0, last)
    return np.take_along_axis(beats, where[:, :, None], axis=1)


def _shift_of_qrs(
    base: np.ndarray, other: np.ndarray, centre: int, half: int, fs: float
) -> np.ndarray:
    """Return by how many samples the QRS complexes of `other` come too late."""
    reach = round(_QRS_REACH * fs)
    qrs = base[:, centre - half : centre + half]
    fits = [
        np.einsum("btl,btl->b", qrs, other[:, centre - half + k : centre + half + k])
        for k in range(-reach, reach + 1)
    ]
    return np.argmax(fits, axis=0) - reach


def _comparable(base: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring both to one size, lead by lead in proportion to what they share."""
    size_base = np.abs(base).max(axis=1, keepdims=True)
    size_other = np.abs(other).max(axis=1, keepdims=True)
    # It is 0 where a lead is flat in either beat, which tells no timing.
    shared = np.sqrt(size_base * size_other)
    shared /= np.maximum(np.linalg.norm(shared, axis=2, keepdims=True), 1e-12)
    return (
        base * (shared / np.maximum(size_base, 1e-12)),
        other * (shared / np.maximum(size_other, 1e-12)),
    )


def _best_shifts(
    base: np.ndarray, other: np.ndarray, reach: int, price: np.ndarray
) -> np.ndarray:
    """Return the shift of each sample, an int (n_beats, n_times), by least cost."""
    n_beats, n_times, _ = base.shape
    n_shifts = 2 * reach + 1
    padded = np.pad(other, ((0, 0), (reach, reach), (0, 0)), mode="edge")
    cost = np.empty((n_times, n_beats, n_shifts))
    for k in range(n_shifts):
        apart = base - padded[:, k : k + n_times]
        cost[:, :, k] = np.einsum("btl,btl->tb", apart, apart)
    # From one sample to the next the shift stays or changes by one. The best way
    # to each shift is kept, and followed back from the end.
    came_from = np.zeros((n_times, n_beats, n_shifts), np.int8)
    total = cost[0]
    for t in range(1, n_times):
        lower, higher = np.full_like(total, np.inf), np.full_like(total, np.inf)
        lower[:, 1:] = total[:, :-1] + price[t]
        higher[:, :-1] = total[:, 1:] + price[t]
        ways = np.stack([total, lower, higher])
        came_from[t] = ways.argmin(axis=0)
        total = ways.min(axis=0) + cost[t]
    steps = np.array([0, -1, 1])
    state, rows = total.argmin(axis=1), np.arange(n_beats)
    shifts = np.empty((n_beats, n_times), int)
    for t in range(n_times - 1, -1, -1):
        shifts[:, t] = state - reach
        state = state + steps[came_from[t, rows, state]]
    return shifts
