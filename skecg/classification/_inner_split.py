"""The validation records that early stopping cuts from the training records."""

from hashlib import blake2b

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

_FINEST = 20
"""Parts that patients are dealt into; each holds a twentieth of them."""

# Where few patients have a class, one shuffle may put all of them on one side.
_SEEDS_TO_TRY = 10


def inner_split(y, groups, fraction, seed):
    """Return the records to train on and a held-out `fraction`, stratified.

    Records of one patient in `groups` stay together. `y` has the classes as integers
    from 0, and both sides have every class; too few records or patients are a
    ValueError.
    """
    for attempt in range(seed, seed + _SEEDS_TO_TRY):
        if groups is None:
            train, held_out = _by_record(y, fraction, attempt)
        else:
            train, held_out = _by_patient(y, groups, fraction, attempt)
        n_classes = len(np.unique(y))
        if all(len(np.unique(y[side])) == n_classes for side in (train, held_out)):
            return np.sort(train), np.sort(held_out)
    raise ValueError(_too_few("patients" if groups is not None else "records"))


def duplicates_as_groups(values):
    """Return a group for each different record, None where no two are equal.

    A sampler before the classifier may copy records, and copies of one record must
    not be on both sides of the split.
    """
    codes = {}  # digests, as the records themselves would be a copy of them all
    digests = (blake2b(record.tobytes(), digest_size=16).digest() for record in values)
    groups = np.array([codes.setdefault(digest, len(codes)) for digest in digests])
    return groups if len(codes) < len(values) else None


def _by_record(y, fraction, seed):
    if np.bincount(y).min() < 2:
        raise ValueError(_too_few("records"))
    try:
        return train_test_split(
            np.arange(len(y)), test_size=fraction, stratify=y, random_state=seed
        )
    except ValueError as error:  # fewer held-out records than classes
        raise ValueError(_too_few("records")) from error


def _by_patient(y, groups, fraction, seed):
    n_patients = min(len(np.unique(groups[y == code])) for code in np.unique(y))
    n_parts = min(_FINEST, n_patients)
    if n_parts < 2:
        raise ValueError(_too_few("patients"))
    # It makes equal parts only, so a fraction is held out as some of many small ones.
    splitter = StratifiedGroupKFold(n_parts, shuffle=True, random_state=seed)
    parts = [part for _, part in splitter.split(y, y, groups)]
    n_held_out = min(max(1, round(fraction * n_parts)), n_parts - 1)
    return (np.concatenate(parts[n_held_out:]), np.concatenate(parts[:n_held_out]))


def _too_few(what):
    return (
        f"Too few {what} of a class to hold some out for early stopping and train on "
        "others; give your own X_val and y_val, change validation_fraction, or set "
        "early_stopping=False."
    )
