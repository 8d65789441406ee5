"""Checks on recordings, and work on blocks of records in threads."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral, Real

import numpy as np

from skecg.utils import MOST_LEADS, check_values

_BLOCKS_PER_THREAD = 4
LOWEST_RATE = 80.0  # Hz: below it, neither beats nor waves are looked for
_SLOWEST, _FASTEST = 0.1, 1e6  # Hz; no ECG is sampled so slowly or so fast


def check_records(X: np.ndarray, *, any_value: bool = False) -> np.ndarray:
    """Return X as a view of shape (n_records, n_times, n_leads), its dtype checked."""
    # Infinity and what no voltage is are refused, unless the caller looks for them.
    if not isinstance(X, np.ndarray):
        raise TypeError(
            f"X must be a numpy array, got {type(X).__name__}. Use np.asarray(X)."
        )
    if isinstance(X, np.ma.MaskedArray):
        X = X.filled(np.nan) if X.dtype.kind == "f" else X.filled()
    if X.ndim not in (2, 3):
        raise ValueError(
            "X must have shape (n_records, n_times, n_leads) or (n_records, n_times), "
            f"got {X.shape}. Use X[np.newaxis] for a single record."
        )
    if X.ndim == 2 and X.shape[1] <= MOST_LEADS < len(X):
        raise ValueError(
            f"X has the shape {X.shape}, that of one record alone; give it as "
            "X[np.newaxis], of shape (1, n_times, n_leads)."
        )
    if X.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"X must be float32 or float64, in mV, got {X.dtype}. Convert it first, "
            "as in X.astype('float32')."
        )
    if 0 in X.shape[1:]:
        missing = "lead" if X.shape[1] else "time point"
        raise ValueError(
            f"X must have at least one {missing}, got shape {X.shape}; look at how the "
            "records were selected."
        )
    if not any_value:
        check_values(X, gaps=True)
    return X if X.ndim == 3 else X[:, :, None]


def check_record(x: np.ndarray, *, gaps: bool = False) -> np.ndarray:
    """Return one record of shape (n_times, n_leads) as an array, or raise."""
    x = np.asarray(x)
    if x.ndim != 2 or not x.size or x.dtype.kind not in "fiu":
        raise ValueError(
            f"x must have the shape (n_times, n_leads), got {x.shape} of {x.dtype}; "
            "give one record, such as X[0]."
        )
    if not gaps and not np.isfinite(x).all():
        raise ValueError(
            "x has NaN or infinity; fill its gaps by interpolation, or use "
            "measure_records, which leaves out the beats near them."
        )
    check_values(x[np.newaxis], gaps=gaps)
    return x


def check_beats(beats: np.ndarray) -> np.ndarray:
    """Return the samples of beats as an array, or raise."""
    beats = np.asarray(beats)
    if beats.ndim != 1 or len(beats) and beats.dtype.kind not in "iu":
        raise ValueError(
            f"beats must be a list of whole numbers, got {beats.dtype} of shape "
            f"{beats.shape}; give the samples that detect_beats returns."
        )
    return beats.astype(int)


def check_rate(name: str, rate: float) -> float:
    """Return a sampling rate in Hz as a float, or raise."""
    if not isinstance(rate, Real) or not 0 < rate < np.inf:
        raise ValueError(
            f"{name} must be a positive number, the sampling rate in Hz, got {rate!r}."
        )
    if not _SLOWEST <= rate <= _FASTEST:
        raise ValueError(
            f"{name} must be from {_SLOWEST:g} to {_FASTEST:,.0f} Hz, got {rate:g}. "
            "Give the number of samples in a second."
        )
    return float(rate)


def check_ecg_rate(fs: float) -> float:
    """Return a sampling rate in Hz at which waves can be told, or raise."""
    fs = check_rate("fs", fs)
    if fs < LOWEST_RATE:
        raise ValueError(
            f"fs must be at least {LOWEST_RATE:g} Hz to measure waves, got {fs:g}. "
            "Take the recording at its original sampling rate."
        )
    return fs


def over_blocks(choose: np.ufunc, blocks: np.ndarray) -> np.ndarray:
    """Reduce (n_records, n_blocks, n_samples, n_leads) by a maximum or minimum."""
    # Halves of blocks are long stretches of memory, and are compared several times as
    # fast as single samples of a few leads.
    while blocks.shape[2] > 1:
        half = (blocks.shape[2] + 1) // 2
        blocks = choose(blocks[:, :, :half], blocks[:, :, -half:])
    return blocks[:, :, 0]


def run_in_blocks(
    work: Callable[[int, int], None],
    n_records: int,
    n_jobs: int | None,
    least: int = 1,
) -> None:
    """Call ``work(start, stop)`` for blocks that cover the records, in threads."""
    # No block has fewer than `least` records: small ones cost more than threads save.
    n_threads = min(_count_threads(n_jobs), n_records // least)
    if n_threads < 2:
        work(0, n_records)
        return
    n_blocks = min(n_threads * _BLOCKS_PER_THREAD, n_records // least)
    edges = [n_records * k // n_blocks for k in range(n_blocks + 1)]
    with ThreadPoolExecutor(n_threads) as pool:
        # The list makes an exception of a block reach the caller.
        list(pool.map(work, edges[:-1], edges[1:]))


def _count_threads(n_jobs: int | None) -> int:
    """Turn ``n_jobs`` into a number of threads, as joblib does."""
    if n_jobs is None:
        return 1
    if not isinstance(n_jobs, Integral) or n_jobs == 0:
        raise ValueError(
            "n_jobs must be a number of threads, -1 for all cores, -2 for all but "
            f"one, or None for one, got {n_jobs!r}."
        )
    return int(n_jobs) if n_jobs > 0 else max(1, _count_cores() + 1 + int(n_jobs))


def _count_cores() -> int:
    """Count the cores that this process may use."""
    # joblib tells each of its worker processes its share by OMP_NUM_THREADS.
    if hasattr(os, "sched_getaffinity"):
        n_cores = len(os.sched_getaffinity(0))
    else:
        n_cores = os.cpu_count() or 1
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return min(n_cores, int(allowed)) if allowed.isdecimal() else n_cores
