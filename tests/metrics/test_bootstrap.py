import numpy as np
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from skecg.evaluation import patient_bootstrap
from skecg.metrics import weighted_roc_auc


def accuracy(y, predicted, sample_weight=None):
    """As scikit-learn's, of which thousands of calls take long."""
    return np.average(y == predicted, weights=sample_weight)


def auroc(y, score, sample_weight=None):
    weights = np.ones(len(y)) if sample_weight is None else sample_weight
    return weighted_roc_auc(y, score, weights)


def test_metrics_of_scikit_learn_are_taken():
    y, score = np.tile([0, 1, 1], 20), np.sin(np.arange(60))
    for own, theirs in ((auroc, roc_auc_score), (accuracy, accuracy_score)):
        given = score if own is auroc else score > 0
        one, other = (
            patient_bootstrap(m, y, given, n_resamples=50) for m in (own, theirs)
        )
        assert one == pytest.approx(other)


def test_interval_of_a_proportion_agrees_with_the_normal_approximation():
    y_true = np.tile([0, 1], 200)
    y_predicted = y_true.copy()
    y_predicted[:80] = 1 - y_predicted[:80]
    result = patient_bootstrap(accuracy, y_true, y_predicted, n_resamples=4000)
    half = 1.96 * np.sqrt(0.8 * 0.2 / 400)
    assert result.estimate == pytest.approx(0.8)
    assert result.low == pytest.approx(0.8 - half, abs=0.005)
    assert result.high == pytest.approx(0.8 + half, abs=0.005)


def test_records_of_one_patient_widen_the_interval_as_fewer_records_would():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 100)
    score = y + rng.normal(scale=1.0, size=100)
    once = patient_bootstrap(auroc, y, score)
    four = patient_bootstrap(
        auroc, np.tile(y, 4), np.tile(score, 4), np.tile(np.arange(100), 4)
    )
    by_record = patient_bootstrap(auroc, np.tile(y, 4), np.tile(score, 4))
    width = once.high - once.low
    assert four.high - four.low == pytest.approx(width, rel=0.01)
    assert by_record.high - by_record.low == pytest.approx(width / 2, rel=0.15)


def test_higher_confidence_is_wider_and_the_seed_decides():
    y = np.tile([0, 1, 1], 20)
    score = np.sin(np.arange(60)) + y
    narrow, wide, again = (
        patient_bootstrap(auroc, y, score, confidence_level=level, random_state=1)
        for level in (0.5, 0.99, 0.5)
    )
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high
    assert narrow == again


def test_the_earlier_name_of_an_estimate_still_works():
    from skecg.evaluation import Interval
    from skecg.metrics import Estimate

    assert Interval is Estimate


def test_too_few_patients_or_one_class_is_named():
    with pytest.raises(ValueError, match="at least two patients"):
        patient_bootstrap(roc_auc_score, [0, 1], [0.1, 0.2], groups=[7, 7])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        patient_bootstrap(roc_auc_score, [0, 1], [0.1, 0.2], groups=[7])
    with pytest.raises(ValueError, match="records of both classes"):
        patient_bootstrap(roc_auc_score, [0, 0], [0.1, 0.2])
