import tracemalloc

import numpy as np
import pytest

from skecg.classification._inner_split import duplicates_as_groups, inner_split


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("by_patient", [False, True])
def test_held_out_share_is_the_fraction(fraction, by_patient):
    y = np.tile([0, 0, 1, 0], 100)
    groups = np.repeat(np.arange(100), 4) if by_patient else None
    train, held_out = inner_split(y, groups, fraction, seed=0)
    assert len(held_out) / 400 == pytest.approx(fraction, abs=0.03)
    assert y[held_out].mean() == pytest.approx(0.25, abs=0.05)
    assert sorted([*train, *held_out]) == list(range(400))


def test_patients_stay_together():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 80, 300)
    y = (groups % 4 == 0).astype(int)
    train, held_out = inner_split(y, groups, 0.2, seed=1)
    assert not set(groups[train]) & set(groups[held_out])


def test_seed_decides():
    y = np.tile([0, 1], 50)
    first, again, other = (inner_split(y, None, 0.2, seed)[1] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_few_patients_of_a_class_stand_on_both_sides():
    y = np.repeat([1, 0], [6, 60])
    groups = np.concatenate([[0, 0, 1, 1, 2, 2], np.arange(3, 63)])
    for seed in range(5):
        train, held_out = inner_split(y, groups, 0.1, seed)
        assert set(y[train]) == set(y[held_out]) == {0, 1}


@pytest.mark.parametrize(
    ("y", "groups", "what"),
    [
        ([0] * 9 + [1], None, "records"),
        ([0, 1] * 2, None, "records"),
        ([0] * 8 + [1, 1], [*range(8), 8, 8], "patients"),
    ],
)
def test_too_few_of_a_class_are_named_with_remedies(y, groups, what):
    groups = None if groups is None else np.array(groups)
    with pytest.raises(ValueError, match=f"Too few {what} of a class.*X_val and y_val"):
        inner_split(np.array(y), groups, 0.1, seed=0)


def test_copies_of_a_record_get_one_group_without_a_copy_of_all():
    values = np.random.default_rng(0).normal(size=(400, 500, 4))
    values[7] = values[300]
    tracemalloc.start()
    groups = duplicates_as_groups(values)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert groups[7] == groups[300]
    assert len(np.unique(groups)) == 399
    assert peak < values.nbytes / 20
    assert duplicates_as_groups(values[10:20]) is None
