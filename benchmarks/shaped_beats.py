"""Beats of unusual shape whose wave limits are known, to judge the delineation by."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from skecg.datasets._cohort import draw_cohort
from skecg.datasets._dipole import P_LOBES, QRS_LOBES, T_LOBES, Hearts
from skecg.datasets._rhythm import clean_leads, draw_beats, electrode_noise
from skecg.datasets._truth import twelve_leads

SHAPES = (
    "usual",
    "low T",
    "inverted T",
    "biphasic T",
    "notched T",
    "U wave",
    "slurred onset",
    "late end in some leads",
    "early onset in some leads",
    "long QT",
    "long PR",
)
"""What :func:`make_shaped_beats` makes."""

_GRID = np.arange(-0.700, 0.7001, 0.0005)  # s
_EDGE = 0.010  # mV
_T_EDGE = 0.05  # of a T wave so low that this is less


class ShapedBeats(NamedTuple):
    """Records (n_records, n_times, 12) in mV, and their true intervals in ms."""

    data: np.ndarray
    truth: dict[str, np.ndarray]


def make_shaped_beats(
    shape: str,
    n_records: int = 50,
    *,
    fs: float = 500.0,
    duration: float = 10.0,
    noise: float = 1.0,
    edge: float = _EDGE,
    random_state: int = 0,
) -> ShapedBeats:
    """Make records of one of :data:`SHAPES` with the limits of their waves.

    The truth has ``p_onset``, ``p_offset``, ``qrs_onset``, ``qrs_offset`` and
    ``t_end`` in ms from the middle of the QRS complex: the earliest onset and latest
    end in any of twelve leads, as IEC 60601-2-51 defines global intervals; and
    ``qrs_duration``, ``pr_interval`` and ``qt_interval``. A wave is where some lead
    exceeds `edge` (mV).
    """
    cohort = draw_cohort(n_records, 0.3, check_random_state(random_state))
    hearts, repolarisation = _reshape(cohort.hearts, shape)
    n_times = round(duration * fs)
    data = np.empty((n_records, n_times, 12), np.float32)
    for k, seed in enumerate(cohort.seeds):
        rr = max(cohort.rr[k], 1.0) if shape.startswith("long") else cohort.rr[k]
        times, gains = draw_beats(
            rr, cohort.age[k], duration, np.random.default_rng([seed, 0])
        )
        signal = clean_leads(hearts, k, times, gains, n_times, fs)
        if noise:
            rng = np.random.default_rng([seed, 1])
            signal += noise * electrode_noise(n_times, fs, rng)
        data[k] = twelve_leads(signal)
    return ShapedBeats(data, _truth(hearts, repolarisation, edge))


def _reshape(hearts: Hearts, shape: str) -> tuple[Hearts, list[int]]:
    """Return hearts of a shape, and which of their lobes are the T wave."""
    hearts = hearts.take(np.arange(len(hearts.widths)))
    t_wave = hearts.vectors[:, T_LOBES]
    main = 0.10 * hearts.vectors[:, QRS_LOBES].sum(axis=1)
    peak, centre = t_wave[:, -1].copy(), hearts.centres[:, T_LOBES][:, -1].copy()
    t_wave *= {"low T": 0.25, "inverted T": -0.8, "notched T": 0.9}.get(shape, 1.0)
    if shape == "biphasic T":
        t_wave[:, :-1] *= -2.0
    elif shape == "long QT":
        hearts.centres[:, T_LOBES] += np.array([0.0, 0.06, 0.10, 0.13])
    elif shape == "long PR":
        hearts.centres[:, P_LOBES] -= 0.2
    lobes_added: dict[str, tuple[Any, float, Any]] = {
        "notched T": (centre + 0.075, 0.022, 0.63 * peak),
        "U wave": (centre + 0.17, 0.03, 0.25 * peak),
        "slurred onset": (-0.045, 0.014, main),
        "late end in some leads": (0.052, 0.009, (0.18, -0.05, -0.12)),
        "early onset in some leads": (-0.045, 0.008, (0.01, 0.01, -0.12)),
    }
    if shape in lobes_added:
        hearts = _with_lobe(hearts, *lobes_added[shape])
    lobes = list(range(hearts.widths.shape[1]))
    return hearts, lobes[T_LOBES] + (lobes[-1:] if shape == "notched T" else [])


def _with_lobe(
    hearts: Hearts, centre: np.ndarray | float, width: float, vector: object
) -> Hearts:
    """Return the hearts with one lobe more."""
    n = len(hearts.widths)
    vectors = np.broadcast_to(np.asarray(vector), (n, 3))[:, None]
    return Hearts(
        np.column_stack([hearts.centres, np.broadcast_to(centre, n)]),
        np.column_stack([hearts.widths, np.full(n, width)]),
        np.concatenate([hearts.vectors, vectors], axis=1),
        hearts.lead_field,
    )


def _truth(hearts: Hearts, t_lobes: list[int], edge: float) -> dict[str, np.ndarray]:
    """Return the limits of the waves, where some lead passes a level, in ms."""
    extra = [k for k in range(T_LOBES.stop, hearts.widths.shape[1]) if k not in t_lobes]
    of_qrs = [k for k in extra if hearts.centres[0, k] < 0.1]
    qrs = [*range(*QRS_LOBES.indices(T_LOBES.stop)), *of_qrs]
    size = {
        "p": _size(hearts, list(range(*P_LOBES.indices(2)))),
        "qrs": _size(hearts, qrs),
        "t": _size(hearts, t_lobes),
    }
    t_edge = np.minimum(_T_EDGE * size["t"].max(axis=1, keepdims=True), edge)
    truth = {}
    for wave, level in (("p", edge), ("qrs", edge), ("t", t_edge)):
        outside = size[wave] > level
        last = len(_GRID) - 1 - outside[:, ::-1].argmax(axis=1)
        truth[f"{wave}_onset"] = 1000 * _GRID[outside.argmax(axis=1)]
        truth[f"{wave}_offset"] = 1000 * _GRID[last]
    truth["t_end"] = truth.pop("t_offset")
    del truth["t_onset"]
    truth["qrs_duration"] = truth["qrs_offset"] - truth["qrs_onset"]
    truth["pr_interval"] = truth["qrs_onset"] - truth["p_onset"]
    truth["qt_interval"] = truth["t_end"] - truth["qrs_onset"]
    return truth


def _size(hearts: Hearts, lobes: list[int]) -> np.ndarray:
    """Return the largest deflection over twelve leads on the grid: (n, n_grid)."""
    chosen = Hearts(
        hearts.centres[:, lobes],
        hearts.widths[:, lobes],
        hearts.vectors[:, lobes],
        hearts.lead_field,
    )
    return np.abs(twelve_leads(chosen.template(_GRID))).max(axis=2)
