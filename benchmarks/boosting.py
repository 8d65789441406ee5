"""Gradient boosting with the settings that were chosen on fold 8 of PTB-XL."""

from sklearn.ensemble import HistGradientBoostingClassifier


def make_boosting(seed=0):
    """Return the classifier, for tables of measured waves."""
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=300,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )
