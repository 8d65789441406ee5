"""A moving heart dipole: loops of Gaussian lobes, seen through a lead field."""

from dataclasses import dataclass

import numpy as np

# Lobes: centre (s after the middle of the QRS), width (s), vector (mV at X, Y, Z).
# Starting values are the mean loops of normal adult records, drawn a little taller
# because a mean over people flattens every peak.
_P = [
    (-0.160, 0.017, (0.040, 0.078, -0.035)),  # right atrium
    (-0.128, 0.018, (0.045, 0.050, 0.030)),  # left atrium
]
_QRS = [
    (-0.0220, 0.0070, (-0.12, -0.04, -0.24)),  # septum, to the right and the front
    (-0.0110, 0.0075, (0.30, 0.16, -0.10)),  # apex
    (-0.0010, 0.0085, (1.12, 0.58, 0.20)),  # free wall
    (0.0125, 0.0085, (0.14, 0.11, 0.64)),  # posterior wall
    (0.0250, 0.0085, (-0.19, -0.08, 0.26)),  # base
]
_T = [
    (0.095, 0.030, (0.000, 0.000, -0.020)),  # ST segment
    (0.165, 0.042, (0.030, 0.010, -0.065)),
    (0.222, 0.040, (0.100, 0.050, -0.080)),
    (0.268, 0.028, (0.240, 0.130, -0.120)),
]
# Secondary ST-T abnormality: the same lobes turned away from the QRS.
_STRAIN = np.array(
    [
        (-0.120, -0.060, -0.095),
        (-0.065, -0.035, -0.090),
        (-0.130, -0.065, -0.110),
        (-0.230, -0.095, -0.100),
    ]
)
_LOBES = _P + _QRS + _T
CENTRES = np.array([lobe[0] for lobe in _LOBES])
WIDTHS = np.array([lobe[1] for lobe in _LOBES])
VECTORS = np.array([lobe[2] for lobe in _LOBES])
P_LOBES = slice(0, 2)
QRS_LOBES = slice(2, 7)
# ST and T.
T_LOBES = slice(7, 11)
LEFT_ATRIUM, SEPTUM, FREE_WALL, POSTERIOR_WALL, BASE = 1, 2, 4, 5, 6

_BEFORE, _AFTER = 0.40, 0.80  # a beat's reach around its QRS, s


@dataclass
class Hearts:
    """Lobes and lead fields of several hearts; the first axis is the heart."""

    centres: np.ndarray  # (n, n_lobes), s
    widths: np.ndarray  # (n, n_lobes), s
    vectors: np.ndarray  # (n, n_lobes, 3), mV
    lead_field: np.ndarray  # (n, 8, 3)

    def take(self, indices: np.ndarray) -> "Hearts":
        """Return copies of the hearts at ``indices``."""
        return Hearts(*(part[indices] for part in vars(self).values()))

    def template(self, times: np.ndarray, lobes: slice = slice(None)) -> np.ndarray:
        """Return one beat of each heart in the eight leads at ``times`` (s)."""
        dipole = loops(
            times[None, :],
            self.centres[:, None, lobes],
            self.widths[:, None, lobes],
            self.vectors[:, lobes],
        )
        return dipole @ self.lead_field.transpose(0, 2, 1)


def loops(
    times: np.ndarray, centres: np.ndarray, widths: np.ndarray, vectors: np.ndarray
) -> np.ndarray:
    """Return the dipole (..., n_times, 3) in mV at ``times`` (s) of a beat."""
    return np.exp(-0.5 * ((times[..., None] - centres) / widths) ** 2) @ vectors


def strain_vectors(vectors: np.ndarray, degree: np.ndarray) -> np.ndarray:
    """Blend T lobes (n, 4, 3) towards secondary ST-T abnormality, 0 none, 1 full."""
    weight = degree[:, None, None]
    return (1 - weight) * vectors + weight * _STRAIN


def rotations(degrees: np.ndarray) -> np.ndarray:
    """Return matrices (n, 3, 3) that turn vectors about X, then Y, then Z.

    Positive angles turn from Y to Z, from Z to X, and from X to Y (to the feet, which
    is clockwise in the frontal plane).
    """
    total = np.broadcast_to(np.eye(3), (len(degrees), 3, 3))
    for axis in range(3):
        cosine = np.cos(np.deg2rad(degrees[:, axis]))
        sine = np.sin(np.deg2rad(degrees[:, axis]))
        first, second = (axis + 1) % 3, (axis + 2) % 3
        turn = np.zeros((len(degrees), 3, 3))
        turn[:, axis, axis] = 1
        turn[:, first, first] = turn[:, second, second] = cosine
        turn[:, first, second], turn[:, second, first] = -sine, sine
        total = turn @ total
    return total


def render(
    hearts: Hearts,
    index: int,
    beats: np.ndarray,
    gains: np.ndarray,
    times: np.ndarray,
) -> np.ndarray:
    """Return the dipole (n_times, 3) of a train of beats at evenly spaced ``times``."""
    start, step = times[0], times[1] - times[0]
    reach = np.arange(int(np.ceil((_BEFORE + _AFTER) / step)))
    # Lobes are summed within a beat's reach alone: elsewhere they are 0.
    first = np.ceil((beats - _BEFORE - start) / step).astype(int)
    since = start + (first[:, None] + reach) * step - beats[:, None]
    waves = gains[:, None, None] * loops(
        since, hearts.centres[index], hearts.widths[index], hearts.vectors[index]
    )
    dipole = np.zeros((len(times), 3))
    for begin, wave in zip(first, waves, strict=True):
        low, high = max(begin, 0), min(begin + len(reach), len(times))
        if low < high:
            dipole[low:high] += wave[low - begin : high - begin]
    return dipole
