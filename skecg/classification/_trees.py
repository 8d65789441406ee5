"""Gradient boosting as plain arrays, which outlive scikit-learn's versions."""

from dataclasses import asdict, dataclass, fields

import numpy as np
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils import gen_batches

from skecg.utils import check_unpacked

_AT_ONCE = 256
"""Records that go through the trees at once, to bound the memory."""


@dataclass(frozen=True)
class BoostedTrees:
    """Fitted gradient boosting of two classes, evaluated by NumPy.

    A node sends records to the left whose value is at most its threshold, or missing
    where `missing_left` is set. A leaf leads to itself.

    Attributes
    ----------
    roots : ndarray of int, shape (n_trees,)
        First node of each tree.
    column, left, right : ndarray of int, shape (n_nodes,)
        Column of the table that a node compares, and the nodes below it.
    threshold, value : ndarray of float64, shape (n_nodes,)
        What the column is compared with, and a leaf's share of the log-odds.
    missing_left : ndarray of bool, shape (n_nodes,)
        Where missing values go.
    baseline : ndarray of float64, shape ()
        Log-odds before the first tree.
    columns : ndarray of str, shape (n_columns,)
        Names of the table's columns.
    classes_ : ndarray of shape (2,)
        Labels; the second is the positive one.
    """

    roots: np.ndarray
    column: np.ndarray
    left: np.ndarray
    right: np.ndarray
    threshold: np.ndarray
    value: np.ndarray
    missing_left: np.ndarray
    baseline: np.ndarray
    columns: np.ndarray
    classes_: np.ndarray

    @classmethod
    def of(cls, *boostings, columns):
        """Return the average log-odds of fitted HistGradientBoostingClassifiers.

        `columns` names those of the table that they were fitted on.
        """
        for boosting in boostings:
            _check_kind(boosting)
        share = 1 / len(boostings)
        trees = [tree for b in boostings for (tree,) in b._predictors]
        sizes = [len(tree.nodes) for tree in trees]
        roots = np.cumsum([0, *sizes[:-1]])
        nodes = np.concatenate([tree.nodes for tree in trees])
        first = np.repeat(roots, sizes)
        itself, is_leaf = np.arange(len(nodes)), nodes["is_leaf"].astype(bool)
        return cls(
            roots=roots.astype(np.int32),
            column=np.where(is_leaf, 0, nodes["feature_idx"]).astype(np.int16),
            left=np.where(is_leaf, itself, first + nodes["left"]).astype(np.int32),
            right=np.where(is_leaf, itself, first + nodes["right"]).astype(np.int32),
            threshold=np.where(is_leaf, np.inf, nodes["num_threshold"]),
            value=np.where(is_leaf, share * nodes["value"], 0.0),
            missing_left=nodes["missing_go_to_left"].astype(bool) | is_leaf,
            baseline=np.array(
                share * sum(b._baseline_prediction.item() for b in boostings)
            ),
            columns=np.array(columns, dtype=str),
            classes_=np.asarray(boostings[0].classes_),
        )

    @classmethod
    def load(cls, file):
        """Read the trees from a ``.npz`` file, which may hold no pickle.

        Raises ValueError for arrays that are no trees: nodes that lead back to earlier
        ones would be followed without end.
        """
        with np.load(file, allow_pickle=False) as arrays:
            check_unpacked(arrays.zip)
            trees = cls(**{field.name: arrays[field.name] for field in fields(cls)})
        if not (trees._has_shapes() and trees._leads_down()):
            raise ValueError("the arrays are no trees; write the trees again")
        return trees

    def _has_shapes(self):
        """Tell whether the arrays have the documented shapes and kinds."""
        n_nodes, n_trees = np.size(self.left), np.size(self.roots)
        kinds = {"roots": "iu", "column": "iu", "left": "iu", "right": "iu"}
        kinds |= {"missing_left": "b", "columns": "U", "classes_": "biuU"}
        shapes = {"roots": (n_trees,), "columns": (np.size(self.columns),)}
        shapes |= {"baseline": (), "classes_": (2,)}
        return n_trees > 0 and all(
            array.shape == shapes.get(name, (n_nodes,))
            and array.dtype.kind in kinds.get(name, "f")
            for name, array in vars(self).items()
        )

    def _leads_down(self):
        """Tell whether each node is a leaf or leads to later ones, by numbers."""
        node = np.arange(len(self.left))
        leaf = (self.left == node) & (self.right == node)
        below = np.minimum(self.left, self.right) > node
        last = max(self.left.max(), self.right.max(), self.roots.max())
        return bool(
            (leaf | below).all()
            and last < len(node)
            and min(self.roots.min(), self.column.min()) >= 0
            and self.column.max() < len(self.columns)
            and not np.isnan(self.threshold).any()
            and np.isfinite(self.value).all()
            and np.isfinite(self.baseline)
        )

    def save(self, file):
        """Write the trees to a ``.npz`` file."""
        np.savez_compressed(file, **asdict(self))

    def predict_proba(self, table):
        """Return the probability of each class for rows of a table."""
        if table.shape[1] != len(self.columns):
            raise ValueError(
                f"The trees were fitted on {len(self.columns)} columns, but the table "
                f"has {table.shape[1]}; measure with the version that fitted them."
            )
        odds = [self._log_odds(table[few]) for few in gen_batches(len(table), _AT_ONCE)]
        positive = expit(np.concatenate(odds))
        return np.column_stack([1 - positive, positive])

    def _log_odds(self, table):
        """Return the log-odds of some rows, which descend all trees at once."""
        rows = np.arange(len(table))[:, None]
        node = np.tile(self.roots, (len(table), 1))
        while True:
            value = table[rows, self.column[node]]
            # Of NaN every comparison is false.
            goes_left = (value <= self.threshold[node]) | (
                np.isnan(value) & self.missing_left[node]
            )
            below = np.where(goes_left, self.left[node], self.right[node])
            if (below == node).all():
                return self.baseline + self.value[node].sum(axis=1)
            node = below


def _check_kind(boosting):
    """Raise unless trees of this kind can be written down."""
    kind = type(boosting)
    if kind is not HistGradientBoostingClassifier or len(boosting.classes_) != 2:
        raise TypeError(
            "Only a HistGradientBoostingClassifier of two classes can be written as "
            f"arrays, but got {boosting!r}; save the classifier with joblib."
        )
    if boosting.is_categorical_ is not None and boosting.is_categorical_.any():
        raise TypeError(
            "Trees that split by categories can't be written as arrays; fit with "
            "categorical_features=None, or save the classifier with joblib."
        )
