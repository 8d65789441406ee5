"""True waves of a synthetic median beat, measured on the loops themselves."""

import numpy as np
from scipy.ndimage import grey_opening

from skecg.datasets._dipole import QRS_LOBES, Hearts
from skecg.signal import limb_leads

_STEP = 0.0005  # s
_GRID = np.arange(-0.100, 0.1601, _STEP)
_EDGE = 0.020  # the QRS begins and ends where a lead leaves this level, mV
_SMALLEST, _SHORTEST = 0.030, 0.006  # a wave, mV and s (IEC 60601-2-51)
_BLOCK = 200


def twelve_leads(independent: np.ndarray) -> np.ndarray:
    """Extend (..., 8) independent leads to the twelve in standard order."""
    limb = limb_leads(independent[..., 0], independent[..., 1])
    return np.concatenate([limb, independent[..., 2:]], axis=-1)


def true_waves(hearts: Hearts) -> dict[str, np.ndarray]:
    """Measure Q, R, S (mV, 12 leads), the QRS and its peak (s) of each heart."""
    blocks = [
        _measure(hearts.take(np.arange(start, min(start + _BLOCK, len(hearts.widths)))))
        for start in range(0, len(hearts.widths), _BLOCK)
    ]
    return {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}


def _measure(hearts: Hearts) -> dict[str, np.ndarray]:
    qrs = np.abs(twelve_leads(hearts.template(_GRID, QRS_LOBES))).max(axis=-1)
    outside = qrs > _EDGE
    onset = outside.argmax(axis=1)
    offset = len(_GRID) - 1 - outside[:, ::-1].argmax(axis=1)
    beat = hearts.template(_GRID)
    peak = np.linalg.norm(beat, axis=-1).argmax(axis=1)
    beat = twelve_leads(beat)

    sample = np.arange(len(_GRID))
    # The PQ level is the mean of 8 ms that end 8 ms before the QRS.
    before = (sample >= onset[:, None] - 32) & (sample < onset[:, None] - 16)
    beat -= np.einsum("ntl,nt->nl", beat, before / 16)[:, None, :]
    # P and T waves reach 0.03 mV too.
    inside = (sample >= onset[:, None]) & (sample <= offset[:, None])
    q, r, s = _q_r_s(beat, inside[..., None])
    return {
        "Q": q,
        "R": r,
        "S": s,
        "onset": _GRID[onset],
        "offset": _GRID[offset],
        "peak": _GRID[peak],
    }


def _q_r_s(
    beat: np.ndarray, inside: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return magnitudes (n, n_leads) of the waves that peak ``inside`` the QRS."""
    up, down = _wave_peaks(beat) & inside, _wave_peaks(-beat) & inside
    has_r = up.any(axis=1)
    first_r = np.where(has_r, up.argmax(axis=1), 0)[:, None, :]
    sample = np.arange(beat.shape[1])[None, :, None]
    r = np.where(up, beat, 0).max(axis=1)
    depth = np.where(down, -beat, 0)
    q = np.where(sample < first_r, depth, 0).max(axis=1)
    s = np.where(sample > first_r, depth, 0).max(axis=1)
    # Without any R the one downward wave counts both as Q and as S.
    return np.where(has_r, q, s), r, s


def _wave_peaks(beat: np.ndarray) -> np.ndarray:
    """Mark turning points of upward waves that are high and long enough."""
    sustained = grey_opening(beat, size=(1, round(_SHORTEST / _STEP), 1))
    peaks = np.zeros(beat.shape, dtype=bool)
    middle = beat[:, 1:-1]
    peaks[:, 1:-1] = (middle > beat[:, :-2]) & (middle >= beat[:, 2:])
    return peaks & (sustained >= _SMALLEST)
