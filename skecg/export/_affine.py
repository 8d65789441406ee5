"""Linear transformers as matrices over time, or as scale and order of leads."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import svd

from skecg.preprocessing import (
    ECGCropper,
    ECGFilter,
    ECGResampler,
    ECGScaler,
    LeadSelector,
)
from skecg.utils import as_3d

# Records that go through a transformer at once, to bound the memory.
_IMPULSES = 64
# Singular values below this share of the largest are rounding.
_SMALLEST = 1e-9
# Error of a linear transformer's matrix, as a share of the largest output.
_MOST_ERROR = 1e-9


@dataclass(frozen=True)
class OverTime:
    """Each sample of the output is a weighted sum of samples of the same lead."""

    matrix: np.ndarray  # of shape (n_times, n_times_out)


@dataclass(frozen=True)
class OfLeads:
    """Selected leads, less a mean and divided by a scale for each; None for neither."""

    index: tuple[int, ...] | None = None
    mean: np.ndarray | None = None
    scale: np.ndarray | None = None


def as_affine(step):
    """Return a fitted transformer in linear form, None if it is not linear."""
    if isinstance(step, ECGScaler) and step.scope != "record":
        return OfLeads(mean=step.mean_, scale=step.scale_)
    if isinstance(step, LeadSelector):
        return OfLeads(index=tuple(step.lead_index_))
    if isinstance(step, ECGFilter | ECGResampler | ECGCropper):
        return _over_time(step)
    return None


def _over_time(step):
    """Return the matrix of a transformer that treats all leads alike, or None."""
    # The output of a 1 at one sample and 0 elsewhere is that sample's row.
    n_times, n_leads = step.n_features_in_, step.n_leads_in_
    rows = []
    for first in range(0, n_times, _IMPULSES):
        n_impulses = min(_IMPULSES, n_times - first)
        impulses = np.zeros((n_impulses, n_times, n_leads))
        impulses[np.arange(n_impulses), first + np.arange(n_impulses)] = 1
        rows.append(as_3d(_apply(step, impulses))[:, :, 0])
    matrix = np.concatenate(rows)
    # A transformer with a step that is not linear does not multiply noise so.
    probe = np.random.default_rng(0).normal(size=(1, n_times, n_leads))
    expected = as_3d(_apply(step, probe))[0]
    error = np.abs(matrix.T @ as_3d(probe)[0] - expected).max()
    if error > _MOST_ERROR * np.abs(expected).max():
        return None
    return OverTime(matrix)


def _apply(step, records):
    """Return the transformed records; one lead has two dimensions, as in `fit`."""
    if records.shape[2] == 1:
        records = records[:, :, 0]
    return np.asarray(step.transform(records))


def join_over_time(steps):
    """Return the steps with neighbouring matrices over time as one.

    A filter at 500 Hz is a matrix of 100 MB for 10 s; with the resampling to 100 Hz
    that follows it, the matrix has a fifth of that.
    """
    joined = []
    for step in steps:
        if joined and isinstance(step, OverTime) and isinstance(joined[-1], OverTime):
            step = OverTime(joined.pop().matrix @ step.matrix)
        joined.append(step)
    return joined


def factorize(matrix):
    """Return whether to add the input, and one or two matrices to multiply it by.

    A high-pass filter is the identity less a smooth function of the record, which few
    numbers describe: of 10 s at 100 Hz and 0.5 Hz, 57 instead of 1,000.
    """
    n_in, n_out = matrix.shape
    square = n_in == n_out
    rest = matrix - np.eye(n_in) if square else matrix
    left, values, right = svd(rest, full_matrices=False)
    rank = max(1, int((values > _SMALLEST * values[0]).sum()))
    if rank * (n_in + n_out) < n_in * n_out / 2:
        return square, (left[:, :rank] * values[:rank], right[:rank])
    return False, (matrix,)
