"""Who is in the synthetic cohort: patients, their hearts and their records."""

from dataclasses import dataclass

import numpy as np

from skecg.datasets._dipole import (
    BASE,
    CENTRES,
    FREE_WALL,
    LEFT_ATRIUM,
    P_LOBES,
    POSTERIOR_WALL,
    QRS_LOBES,
    SEPTUM,
    T_LOBES,
    VECTORS,
    WIDTHS,
    Hearts,
    rotations,
    strain_vectors,
)
from skecg.signal import DOWER


@dataclass
class Cohort:
    """One entry a record: whose it is, the heart as recorded, and its mean rate."""

    target: np.ndarray
    groups: np.ndarray
    sex: np.ndarray
    age: np.ndarray
    hearts: Hearts
    rr: np.ndarray  # mean RR interval, s
    seeds: np.ndarray  # one a record, for its rhythm and its noise


def draw_cohort(
    n_records: int, prevalence: float, rng: np.random.RandomState
) -> Cohort:
    """Draw patients and their one to three records in random order."""
    n_positive = round(n_records * prevalence)
    sizes = [
        _records_per_patient(count, rng)
        for count in (n_records - n_positive, n_positive)
    ]
    lvh = np.repeat([0, 1], [len(size) for size in sizes])
    n_patients = len(lvh)
    # Sex is independent of LVH here; patients with LVH are older by 8 years.
    sex = rng.randint(0, 2, n_patients)
    age = np.clip(rng.normal(53 + 8 * lvh, 15), 18, 89).round(1)
    hearts = _draw_hearts(lvh, sex, age, rng)
    rate = np.clip(rng.normal(70, 10, n_patients), 52, 97)
    # Numbers of patients must not tell the class, nor the order of records.
    identity = rng.permutation(n_patients)

    owner = rng.permutation(np.repeat(np.arange(n_patients), np.concatenate(sizes)))
    rr = 60 / np.clip(rate[owner] + rng.normal(0, 4, n_records), 50, 100)
    return Cohort(
        target=lvh[owner],
        groups=identity[owner],
        sex=sex[owner],
        age=age[owner],
        hearts=_on_another_day(hearts.take(owner), rr, rng),
        rr=rr,
        seeds=rng.randint(0, 2**31 - 1, n_records),
    )


def _records_per_patient(n_records: int, rng: np.random.RandomState) -> np.ndarray:
    """Split a class's records among patients, most of whom have one."""
    counts = rng.choice([1, 2, 3], size=n_records, p=[0.8, 0.14, 0.06])
    before = np.cumsum(counts) - counts
    counts = counts[before < n_records]
    before = before[: len(counts)]
    return np.minimum(counts, n_records - before)


def _draw_hearts(
    lvh: np.ndarray, sex: np.ndarray, age: np.ndarray, rng: np.random.RandomState
) -> Hearts:
    """Draw each patient's anatomy; sex, age and LVH move its means."""
    n = len(lvh)
    hearts = Hearts(
        np.tile(CENTRES, (n, 1)),
        np.tile(WIDTHS, (n, 1)),
        np.tile(VECTORS, (n, 1, 1)),
        np.tile(DOWER, (n, 1, 1)),
    )
    mass = lvh * rng.lognormal(0, 0.45, n)  # excess of muscle, 1 is moderate
    vectors = hearts.vectors

    vectors *= rng.lognormal(0, 0.16, vectors.shape)
    # More muscle raises R in I, aVL, V5, V6 (free wall), and S in V1, V2 (posterior).
    vectors[:, FREE_WALL] *= (1 + 0.28 * mass)[:, None]
    vectors[:, POSTERIOR_WALL] *= (1 + 0.75 * mass)[:, None]
    vectors[:, BASE, 2] *= 1 + 0.30 * mass
    vectors[:, SEPTUM] *= rng.lognormal(-0.45 * lvh, 0.35)[:, None]
    # Voltage is lower in women and falls with age.
    body = 1.06 - 0.17 * sex - 0.003 * (age - 50)
    vectors[:, QRS_LOBES] *= (body * rng.lognormal(0, 0.15, n))[:, None, None]
    t_size = (1.12 - 0.22 * sex - 0.002 * (age - 50)) * rng.lognormal(0, 0.25, n)
    vectors[:, T_LOBES] *= t_size[:, None, None]

    # The QRS is longer in men, and where more muscle has to be excited.
    stretch = 1.10 - 0.07 * sex + 0.08 * np.minimum(mass, 2.5)
    stretch *= rng.lognormal(0, 0.06, n)
    hearts.centres[:, QRS_LOBES] += rng.normal(0, 0.0010, (n, 5))
    hearts.centres[:, QRS_LOBES] *= stretch[:, None]
    hearts.widths[:, QRS_LOBES] *= (stretch * rng.lognormal(0, 0.04, n))[:, None]
    hearts.centres[:, P_LOBES] -= np.clip(rng.normal(0.004, 0.014, n), -0.018, 0.05)[
        :, None
    ]

    # One heart in ten without strain has flat T waves too, so strain is no label.
    nonspecific = (rng.uniform(size=n) < 0.10) * rng.uniform(0.1, 0.5, n)
    strained = rng.uniform(size=n) < 1 - np.exp(-0.55 * mass)
    degree = np.where(strained, rng.uniform(0.5, 1.4, n), nonspecific)
    vectors[:, T_LOBES] = strain_vectors(vectors[:, T_LOBES], degree)
    _enlarge_left_atrium(
        hearts, rng.uniform(size=n) < np.where(lvh, 0.35, 0.05), rng.uniform(0.5, 1, n)
    )

    # Degrees. The axis turns to the left with age and with the excess of muscle.
    turn = rng.normal(0, [6, 9, 13], (n, 3))
    turn[:, 2] -= 0.25 * (age - 50) + 9 * mass
    vectors[:] = vectors @ rotations(turn).transpose(0, 2, 1)
    hearts.lead_field[:, 2:] *= rng.lognormal(0, 0.08, (n, 6, 1))
    return hearts


def _enlarge_left_atrium(
    hearts: Hearts, enlarged: np.ndarray, degree: np.ndarray
) -> None:
    """Make the left atrium's lobe later, longer and more posterior, in place."""
    degree = enlarged * degree
    hearts.vectors[:, LEFT_ATRIUM, 2] += 0.085 * degree
    hearts.centres[:, P_LOBES] -= 0.018 * degree[:, None]
    hearts.centres[:, LEFT_ATRIUM] += 0.014 * degree
    hearts.widths[:, LEFT_ATRIUM] *= 1 + 0.15 * degree


def _on_another_day(
    hearts: Hearts, rr: np.ndarray, rng: np.random.RandomState
) -> Hearts:
    """Add what changes from record to record: electrodes, posture and heart rate."""
    n = len(rr)
    # Posture turns the heart a little; electrodes of the chest (2:) are placed anew.
    turn = rotations(rng.normal(0, 2, (n, 3)))
    gain = rng.lognormal(0, 0.03, (n, 1, 1))
    hearts.vectors = gain * hearts.vectors @ turn.transpose(0, 2, 1)
    hearts.lead_field[:, 2:] *= rng.lognormal(0, 0.04, (n, 6, 1))
    # Bazett: QT follows the square root of RR; 0.86 s is that of 70 a minute.
    hearts.centres[:, T_LOBES] *= np.sqrt(rr / 0.86)[:, None]
    hearts.widths[:, T_LOBES] *= np.sqrt(rr / 0.86)[:, None]
    return hearts
