"""Percentile intervals of draws, some of which are not defined or infinite."""

import numpy as np

from skecg.metrics import percentile_interval


def test_draws_that_are_not_defined_are_left_out():
    draws = np.append(np.arange(101.0), np.full(50, np.nan))
    low, high = percentile_interval(draws, 0.9)
    np.testing.assert_allclose([low, high], [5, 95])


def test_a_figure_that_is_never_defined_has_no_interval():
    draws = np.column_stack([np.arange(101.0), np.full(101, np.nan)])
    low, high = percentile_interval(draws, 0.8)
    np.testing.assert_allclose([low, high], [[10, np.nan], [90, np.nan]])


def test_infinite_draws_are_ends_and_not_interpolated():
    draws = np.append(np.arange(90.0), np.full(10, np.inf))
    low, high = percentile_interval(draws, 0.9)
    assert (low, high) == (4, np.inf)
    _, high = percentile_interval(draws, 0.5)
    assert high == 75
