"""Classifiers whose log-odds are a formula, and records with a known reason."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from skecg import make_lvh_ecg
from skecg.signal import LEAD_NAMES

V1, V5 = LEAD_NAMES.index("V1"), LEAD_NAMES.index("V5")
FS = 100


class Formula(ClassifierMixin, BaseEstimator):
    """Log-odds that a function of plain records gives, and their slope."""

    def __init__(self, function, slope=None):
        self.function = function
        self.slope = slope

    def fit(self, X, y=None):
        self.classes_ = np.array([0, 1])
        self.is_fitted_ = True
        return self

    def decision_function(self, X):
        return self.function(np.asarray(X, dtype=float))

    def predict(self, X):
        return self.classes_[(self.decision_function(X) > 0).astype(int)]

    def predict_proba(self, X):
        probability = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - probability, probability])

    def log_odds_gradient(self, X, target=None):
        return self.decision_function(X), self.slope(np.asarray(X, dtype=float))


def sokolow_lyon(X):
    """Return SV1 + RV5 of records in mV, less 2; a beat at an end does not count."""
    inner = X[:, 20:-20]
    return inner[:, :, V5].max(axis=1) - inner[:, :, V1].min(axis=1) - 2


def records_with_a_known_reason(n_records, random_state, gain=1.0):
    """Return records, labels and where their QRS complexes are.

    The label is whether SV1 + RV5 exceeds 2.8 mV; both are drawn for it, and nothing
    else depends on them. The ten other leads are each of another record, and of up to
    `gain` times its height.
    """
    cohort = make_lvh_ecg(
        n_records,
        fs=FS,
        duration=2,
        prevalence=0,
        noise=0.2,
        random_state=random_state,
    )
    rng = np.random.default_rng(random_state)
    X, qrs = cohort.data, np.zeros(cohort.data.shape[:2], dtype=bool)
    times = np.arange(X.shape[1]) / FS
    height = rng.uniform(0.3, 2.5, size=(n_records, 2))
    for k in range(n_records):
        begin, duration = cohort.qrs_onset[k] / 1000, cohort.qrs_duration[k] / 1000
        since = times[:, np.newaxis] - cohort.r_times[k] - begin
        # 20 ms wider, where the gain rises and falls.
        edge = np.minimum(since, duration - since).max(axis=1) + 0.02
        qrs[k] = edge >= 0
        inside = np.clip(edge / 0.02, 0, 1)
        for lead, wave, wanted in ((V1, "S", height[k, 0]), (V5, "R", height[k, 1])):
            factor = wanted / cohort.amplitudes[wave][k, lead]
            X[k, :, lead] += inside * (factor - 1) * X[k, :, lead]
    X = OtherLeadsOfOthers(gain).augment(X, random_state)
    return X, (height.sum(axis=1) > 2.8).astype(int), qrs


class OtherLeadsOfOthers:
    """Exchange all leads but V1 and V5 between the records of a batch.

    Each is moved in time, and multiplied by up to `gain` of either sign.
    """

    def __init__(self, gain):
        self.gain = gain

    def augment(self, records, random_state):
        rng = np.random.RandomState(random_state)
        changed = records.copy()
        for lead in set(range(records.shape[2])) - {V1, V5}:
            others = records[rng.permutation(len(records)), :, lead]
            others = np.roll(others, rng.randint(others.shape[1]), axis=1)
            changed[:, :, lead] = others * rng.uniform(
                -self.gain, self.gain, (len(others), 1)
            )
        return changed
