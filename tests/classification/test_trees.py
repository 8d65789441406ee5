"""BoostedTrees: scikit-learn's gradient boosting as plain arrays."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from threadpoolctl import threadpool_limits

from skecg.classification import BoostedTrees

COLUMNS = list("abcdef")


@pytest.fixture(scope="module")
def table():
    """A table with missing values and a column of ties."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 6))
    X[:, 2] = rng.integers(0, 3, 600)
    X[rng.random(X.shape) < 0.2] = np.nan
    return X


@pytest.fixture(scope="module")
@threadpool_limits.wrap(1, "openmp")
def fitted(table):
    y = np.nan_to_num(table[:, 0]) + np.isnan(table[:, 1]) + table[:, 2] % 2 > 1
    label = np.where(y, "LVH", "other")
    return [
        HistGradientBoostingClassifier(
            max_iter=10, random_state=k, max_features=0.5
        ).fit(table, label)
        for k in range(2)
    ]


@pytest.fixture(autouse=True)
def one_thread():
    """Threads of OpenMP wait for each other for minutes on a busy machine."""
    with threadpool_limits(1, "openmp"):
        yield


def test_probabilities_are_those_of_scikit_learn(table, fitted, tmp_path):
    trees = BoostedTrees.of(fitted[0], columns=COLUMNS)
    trees.save(tmp_path / "trees.npz")
    again = BoostedTrees.load(tmp_path / "trees.npz")
    infinite = np.where(table > 1, np.inf, table)
    unseen = np.where(np.random.default_rng(1).random(table.shape) < 0.3, np.nan, table)
    for X in (table, unseen, infinite, table[:1]):
        expected = fitted[0].predict_proba(X)
        np.testing.assert_allclose(trees.predict_proba(X), expected, atol=1e-14)
        np.testing.assert_array_equal(again.predict_proba(X), trees.predict_proba(X))
    assert again.classes_.tolist() == ["LVH", "other"]


def test_several_boostings_are_averaged_in_log_odds(table, fitted):
    mean = np.mean([one.decision_function(table) for one in fitted], axis=0)
    probability = BoostedTrees.of(*fitted, columns=COLUMNS).predict_proba(table)[:, 1]
    np.testing.assert_allclose(np.log(probability / (1 - probability)), mean, atol=1e-9)


def test_what_has_no_such_form_is_an_error(table):
    y = np.arange(600) % 3
    forest = RandomForestClassifier(2).fit(table, y)
    three = HistGradientBoostingClassifier(max_iter=2).fit(table, y)
    for other in (forest, three):
        with pytest.raises(TypeError, match="Only a HistGradientBoostingClassifier of"):
            BoostedTrees.of(other, columns=COLUMNS)
    by_category = HistGradientBoostingClassifier(max_iter=2, categorical_features=[2])
    by_category.fit(table, y > 0)
    with pytest.raises(TypeError, match="split by categories"):
        BoostedTrees.of(by_category, columns=COLUMNS)


def test_arrays_that_would_not_end_or_are_no_trees_are_refused(fitted, tmp_path):
    trees = BoostedTrees.of(fitted[0], columns=COLUMNS)
    back = np.zeros_like(trees.left)
    wrong = (
        {"left": back, "right": back},
        {"left": -trees.left - 1},
        {"right": trees.right + 10**6},
        {"left": trees.left.astype(float)},
        {"value": trees.value[:3]},
        {"baseline": np.array(np.nan)},
        {"roots": trees.roots[:0]},
        {"classes_": np.arange(3)},
        {"columns": trees.columns[:1]},
        {"columns": np.arange(6)},
        {"columns": trees.columns[None]},
    )
    for changed in wrong:
        replace(trees, **changed).save(tmp_path / "trees.npz")
        with pytest.raises(ValueError, match="the arrays are no trees"):
            BoostedTrees.load(tmp_path / "trees.npz")


def test_a_table_of_other_columns_is_refused(table, fitted):
    trees = BoostedTrees.of(fitted[0], columns=COLUMNS)
    with pytest.raises(ValueError, match="fitted on 6 columns, but the table has 5"):
        trees.predict_proba(table[:, :-1])
