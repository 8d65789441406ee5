"""How often ECGScaler doubts the amplitude of PTB-XL's records, in batches of any size.

    python benchmarks/amplitude_warning.py /path/to/ptbxl

Batches are drawn from folds 1 to 8 with replacement, and compared with the median of
all records.
"""

import sys

import numpy as np

from skecg import ECGFilter, load_ptbxl
from skecg.utils._amplitude import _DOUBTFUL, _OF_FEW, record_amplitudes

FACTORS = (1, 2, 3, 5, 10, 0.5, 0.2, 0.1)


def main(path):
    """Print the share in per cent of doubtful batches by size and factor."""
    cohort = load_ptbxl(path, folds=range(1, 9))
    ratios = record_amplitudes(ECGFilter(fs=100).fit_transform(cohort.data))
    ratios /= np.median(ratios)
    rng = np.random.default_rng(0)
    print("records  LVH only", *(f"x {factor:<6}" for factor in FACTORS))
    for size in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200):
        above, below = (_DOUBTFUL * np.exp(c / np.sqrt(size)) for c in _OF_FEW)
        shares = []
        for chosen in (ratios[cohort.target == 1], ratios):
            index = rng.integers(0, len(chosen), (3_000_000 // max(size, 10), size))
            middle = np.median(chosen[index], axis=1)
            for factor in (1,) if chosen is not ratios else FACTORS:
                scaled = factor * middle
                doubtful = (scaled > above) | (scaled < 1 / below)
                shares.append(f"{100 * doubtful.mean():8.3f}")
        print(f"{size:7}", *shares)


if __name__ == "__main__":
    main(sys.argv[1])
