"""Disturbances that leave an ECG's voltage true: turned hearts, shifts and noise."""

from collections.abc import Sequence

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.spatial.transform import Rotation

from skecg.signal._blocks import check_records
from skecg.signal._leads import DOWER, LIMB, lead_weights
from skecg.utils import INDEPENDENT_LEADS, LEAD_NAMES, canonical_lead_name

_WANDER = (0.05, 0.5)  # Hz: breathing and slow movement
_N_WAVES = 3  # sines in one wander
_MUSCLE = (20.0, 150.0)  # Hz
_I, _II = np.array([-1.0, 1, 0]), np.array([-1.0, 0, 1])  # of RA, LA, LL


def rotate_dipole(
    X: np.ndarray,
    rotation_vectors: np.ndarray,
    lead_names: Sequence[str] = LEAD_NAMES,
    scale: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Turn the heart's dipole in the chest, as breathing and posture do.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Records.
    rotation_vectors : ndarray of shape (n_records, 3)
        Axis of each record's turn times its angle in radians; the axes are X (left),
        Y (feet) and Z (back).
    lead_names : sequence of str, default=LEAD_NAMES
        The leads of X, in any case and order. They must determine the eight
        independent ones.
    scale : float or ndarray of shape (n_leads,), default=1.0
        Divisor of each lead of X, as ECGScaler uses; one number where all
        leads are in one unit.

    Returns
    -------
    ndarray of shape (n_records, n_times, n_leads)
        The turned records, of X's dtype.

    Raises
    ------
    ValueError
        If the leads do not determine the eight independent ones.

    Notes
    -----
    Dower's matrix D gives the eight leads of a dipole, its pseudo-inverse the dipole of
    eight leads [1]_. Of a record x only the dipole's part is turned:
    ``x + D (R - 1) pinv(D) x``; what no dipole explains stays as it is. The identities
    among the limb leads hold as they did before.

    References
    ----------
    .. [1] Jaros R, Martinek R, Danys L. Comparison of different electrocardiography
       with vectorcardiography transformations. Sensors 2019;19:3072.
       doi:10.3390/s19143072

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(1, 100, 12))
    >>> turned = rotate_dipole(X, np.array([[0, 0, np.deg2rad(10)]]))
    >>> bool(np.allclose(rotate_dipole(turned, np.array([[0, 0, -np.deg2rad(10)]])), X))
    True
    """
    X = check_records(X)
    to_dipole, to_leads = _dipole_matrices(tuple(lead_names), X.shape[2])
    turn = Rotation.from_rotvec(rotation_vectors).as_matrix() - np.eye(3)
    # Records are rows of leads, hence the transposed product.
    scale = np.broadcast_to(scale, X.shape[2])
    change = (scale[:, None] * to_dipole) @ turn.transpose(0, 2, 1) @ to_leads / scale
    return X @ (np.eye(X.shape[2]) + change).astype(X.dtype)


def _dipole_matrices(
    lead_names: tuple[str, ...], n_leads: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices (n_leads, 3) from leads and (3, n_leads) back to them."""
    weights = lead_weights(lead_names, n_leads)
    independent = [LEAD_NAMES.index(name) for name in INDEPENDENT_LEADS]
    names = [canonical_lead_name(name) for name in lead_names]
    unknown = sorted(set(names) - set(LEAD_NAMES))
    missing = [
        LEAD_NAMES[k] for k in independent if np.isnan(weights[:, k]).any()
    ] + unknown
    if missing:
        raise ValueError(
            "The heart's dipole can be turned only in the standard leads, all eight "
            f"independent ones among them; {missing} of {list(lead_names)} are missing "
            "or not standard. Switch it off (rotation=0), or give all leads."
        )
    twelve = np.vstack([LIMB @ DOWER[:2], DOWER[2:]])
    to_leads = twelve[[LEAD_NAMES.index(name) for name in names]].T
    return weights[:, independent] @ np.linalg.pinv(DOWER).T, to_leads


def shift_records(
    X: np.ndarray, n_samples: np.ndarray, *, circular: bool = True
) -> np.ndarray:
    """Move each record in time.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Records.
    n_samples : ndarray of int, shape (n_records,)
        How far each moves; positive to later times.
    circular : bool, default=True
        Whether what leaves at one end comes in at the other; else the end's value is
        repeated.

    Returns
    -------
    ndarray of shape (n_records, n_times, n_leads)
        The moved records, all leads of one alike.

    Examples
    --------
    >>> X = np.arange(4.0).reshape(1, 4, 1)
    >>> shift_records(X, np.array([1])).ravel().tolist()
    [3.0, 0.0, 1.0, 2.0]
    >>> shift_records(X, np.array([-1]), circular=False).ravel().tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    check_records(X)
    n_times = X.shape[1]
    where = np.arange(n_times) - np.asarray(n_samples)[:, None]
    where = where % n_times if circular else np.clip(where, 0, n_times - 1)
    return X[np.arange(len(X))[:, None], where]


def low_pass_records(X: np.ndarray, cutoffs: np.ndarray, fs: float) -> np.ndarray:
    """Filter each record as another recorder would have done.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads)
        Records.
    cutoffs : ndarray of shape (n_records,)
        Frequency of each record in Hz at which half of the power is left.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of shape (n_records, n_times, n_leads)
        The filtered records, of X's dtype. The filter has the gain of a Butterworth
        filter of fourth order and no phase; records go on beyond their ends as in a
        mirror.

    Examples
    --------
    >>> times = np.arange(1000)[:, None] / 500
    >>> X = np.cos(2 * np.pi * times * [10, 100])[None]
    >>> filtered = low_pass_records(X, np.array([40.0]), 500)
    >>> np.abs(filtered[0, 250:750]).max(axis=0).round(2).tolist()
    [1.0, 0.03]
    """
    check_records(X)
    n_times = X.shape[1]
    mirrored = np.concatenate([X, X[:, ::-1]], axis=1)
    freqs = np.arange(n_times + 1) * (fs / (2 * n_times))
    gains = 1 / np.sqrt(1 + (freqs / np.asarray(cutoffs, float)[:, None]) ** 8)
    spectrum = rfft(mirrored, axis=1) * gains[:, :, None].astype(X.dtype)
    return irfft(spectrum, 2 * n_times, axis=1)[:, :n_times]


def electrode_mixing(lead_names: Sequence[str] | None, n_leads: int) -> np.ndarray:
    """Return how disturbances of single electrodes come into the leads.

    Parameters
    ----------
    lead_names : sequence of str or None
        The leads, in any case and order; None where they are not known.
    n_leads : int
        Number of leads.

    Returns
    -------
    ndarray of shape (n_sources, n_leads)
        For standard leads the sources are the electrodes at right arm, left arm, left
        leg and V1 to V6, so that what they add up to obeys Einthoven's law. Of other
        leads each is a source of its own.

    Examples
    --------
    >>> electrode_mixing(["I", "II", "III"], 3)[:3].tolist()
    [[-1.0, -1.0, 0.0], [1.0, 0.0, -1.0], [0.0, 1.0, 1.0]]
    >>> electrode_mixing(None, 2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    names = [canonical_lead_name(name) for name in lead_names or ()]
    if not names or set(names) - set(LEAD_NAMES):
        return np.eye(n_leads)
    mixing = np.zeros((9, 12))
    mixing[:3, :6] = (LIMB @ np.stack([_I, _II])).T
    mixing[:3, 6:] = -1 / 3  # Wilson's central terminal
    mixing[3:, 6:] = np.eye(6)
    return mixing[:, [LEAD_NAMES.index(name) for name in names]]


def baseline_wander(
    sizes: np.ndarray,
    n_times: int,
    fs: float,
    mixing: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw slow movements of the baseline, of 0.05 to 0.5 Hz.

    Parameters
    ----------
    sizes : ndarray of shape (n_records,)
        Largest excursion of each record in any lead.
    n_times : int
        Number of samples.
    fs : float
        Sampling rate in Hz.
    mixing : ndarray of shape (n_sources, n_leads)
        As :func:`electrode_mixing` returns it.
    rng : numpy Generator
        Draws frequencies, phases and the share of each electrode.

    Returns
    -------
    float32 ndarray of shape (n_records, n_times, n_leads)
        Values to add to the records.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> wander = baseline_wander(np.array([0.1]), 1000, 100.0, np.eye(2), rng)
    >>> wander.shape, round(float(np.abs(wander).max()), 6)
    ((1, 1000, 2), 0.1)
    """
    shape = (len(sizes), 1, _N_WAVES)
    freqs = rng.uniform(*_WANDER, shape).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, shape).astype(np.float32)
    times = np.float32(2 * np.pi / fs) * np.arange(n_times, dtype=np.float32)[:, None]
    gains = rng.standard_normal((len(sizes), _N_WAVES, len(mixing)), np.float32)
    wander = np.sin(freqs * times + phases) @ (gains @ mixing.astype(np.float32))
    return _scaled(wander, np.abs(wander).max(axis=(1, 2)), sizes)


def mains_hum(
    sizes: np.ndarray,
    n_times: int,
    fs: float,
    mains_freq: float,
    mixing: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw interference from the mains.

    Parameters
    ----------
    sizes : ndarray of shape (n_records,)
        Amplitude of each record's hum in the lead that has most of it.
    n_times : int
        Number of samples.
    fs : float
        Sampling rate in Hz.
    mains_freq : float
        50 or 60 Hz. Where it is not below half of `fs`, no recorder lets it through,
        and the hum is 0.
    mixing : ndarray of shape (n_sources, n_leads)
        As :func:`electrode_mixing` returns it.
    rng : numpy Generator
        Draws phases and the share of each electrode.

    Returns
    -------
    float32 ndarray of shape (n_records, n_times, n_leads)
        Values to add to the records.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> hum = mains_hum(np.array([0.1]), 500, 500.0, 50.0, np.eye(1), rng)
    >>> spectrum = np.abs(np.fft.rfft(hum[0, :, 0])) / 250
    >>> int(spectrum.argmax()), round(float(spectrum.max()), 3)
    (50, 0.1)
    """
    n_records, n_leads = len(sizes), mixing.shape[1]
    if mains_freq >= fs / 2:
        return np.zeros((n_records, n_times, n_leads), np.float32)
    phases = rng.uniform(0, 2 * np.pi, (n_records, 1, 1)).astype(np.float32)
    # Whole turns are taken off while they are float64, and cost no precision.
    times = 2 * np.pi * ((mains_freq / fs * np.arange(n_times)) % 1)
    gains = rng.standard_normal((n_records, 1, len(mixing)), np.float32)
    gains = gains @ mixing.astype(np.float32)
    gains = _scaled(gains, np.abs(gains).max(axis=(1, 2)), sizes)
    return np.sin(times.astype(np.float32)[:, None] + phases) * gains


def muscle_noise(
    sizes: np.ndarray,
    n_times: int,
    fs: float,
    mixing: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw noise of skeletal muscles: Gaussian, of 20 to 150 Hz.

    Parameters
    ----------
    sizes : ndarray of shape (n_records,)
        Standard deviation of each record's noise in the lead that has most of it.
    n_times : int
        Number of samples.
    fs : float
        Sampling rate in Hz. Noise reaches up to half of it at most; where that is
        below 20 Hz, or the records are too short to hold any, the noise is 0.
    mixing : ndarray of shape (n_sources, n_leads)
        As :func:`electrode_mixing` returns it.
    rng : numpy Generator
        Draws the noise.

    Returns
    -------
    float32 ndarray of shape (n_records, n_times, n_leads)
        Values to add to the records.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> noise = muscle_noise(np.array([0.02]), 5000, 500.0, np.eye(1), rng)
    >>> power = np.abs(np.fft.rfft(noise[0, :, 0])) ** 2
    >>> round(float(noise.std()), 4), bool(power[:190].sum() < 1e-3 * power.sum())
    (0.02, True)
    """
    n_padded = next_fast_len(n_times, real=True)
    freqs = np.arange(n_padded // 2 + 1) * (fs / n_padded)
    inside = (freqs >= _MUSCLE[0]) & (freqs <= _MUSCLE[1]) & (freqs < fs / 2)
    first, n_bins = int(inside.argmax()), int(inside.sum())
    if not n_bins:
        return np.zeros((len(sizes), n_times, mixing.shape[1]), np.float32)
    drawn = rng.standard_normal((2, len(sizes), n_bins, len(mixing)), np.float32)
    spectrum = np.zeros((len(sizes), first + n_bins, len(mixing)), np.complex64)
    spectrum[:, first:] = drawn[0] + 1j * drawn[1]
    noise = irfft(spectrum, n_padded, axis=1)[:, :n_times] @ mixing.astype(np.float32)
    return _scaled(noise, noise.std(axis=1).max(axis=1), sizes)


def _scaled(values: np.ndarray, size: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Bring records of a measured size to the size that is wanted."""
    factor = np.divide(wanted, size, out=np.zeros(len(size)), where=size > 0)
    return values * factor.astype(np.float32)[:, None, None]
