"""Every estimator of the package with small constructor arguments, and what may fail.

Adding an estimator to the common tests costs one line here.
"""

from imblearn.over_sampling import RandomOverSampler
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import skecg

SMALL_NETWORK = {
    "batch_size": 16,
    "epochs": 10,
    "learning_rate": 0.05,
    "dropout": 0.0,
    "dense_units": (8,),
    "random_state": 0,
}

TRANSFORMERS = [
    skecg.ECGFilter(),
    skecg.ECGResampler(),
    skecg.ECGScaler(),
    skecg.ECGScaler(scope="record"),
    skecg.ECGCropper(),
    skecg.ECGConverter(),
    skecg.ECGMedianBeat(),
    skecg.ECGQualityChecker(),
    skecg.LeadSelector(),
    skecg.ECGFlattener(),
    skecg.ECGUnflattener(),
    skecg.ECGMeasurer(),
    skecg.VoltageCriteria(),
]

SMALL_CNN = skecg.LVHCNNClassifier(filters=(8,), kernel_sizes=3, **SMALL_NETWORK)

CLASSIFIERS = [
    SMALL_CNN,
    skecg.LVHLSTMClassifier(
        units=(8,),
        bidirectional=False,
        conv_filters=(8,),
        conv_kernel_sizes=3,
        **SMALL_NETWORK,
    ),
    skecg.LVHResNetClassifier(
        filters=(8,), kernel_size=3, stem_filters=8, **SMALL_NETWORK
    ),
    skecg.LVHHybridClassifier(
        SMALL_CNN, HistGradientBoostingClassifier(max_iter=5), random_state=0
    ),
    skecg.ResampledClassifier(
        make_pipeline(skecg.ECGFlattener(), GaussianNB()),
        skecg.RecordSampler(RandomOverSampler(random_state=0)),
    ),
]

RULES = [
    skecg.CriterionClassifier(),
    skecg.CriterionClassifier("lewis", unavailable="negative"),
]

SAMPLERS = [
    skecg.RecordSampler(RandomOverSampler(random_state=0)),
    skecg.ECGAugmenter(random_state=0),
    skecg.BeatAlignedSMOTE(random_state=0),
]

ESTIMATORS = [*TRANSFORMERS, *CLASSIFIERS, *RULES, *SAMPLERS]

_DRAWN = "Records of weight 0 are counted, and drawn, like others"
_MINI_BATCHES = (
    "Weights and repeated records are not the same to a network trained on mini-batches"
)


_TABLE = "A DataFrame without a known column is refused: it is a table with other names"
_UNAVAILABLE = "Records without beats have no decision, which is NaN and not a label"

_ARRAYS = "Records stay arrays: no table and no list holds three dimensions"
SAMPLER_CHECKS_THAT_FAIL = {
    "check_samplers_fit": "RecordSampler has no strategy, but its sampler_ has",
    "check_samplers_list": _ARRAYS,
    "check_samplers_multiclass_ova": "Labels are one column, not one column a class",
    "check_samplers_pandas": _ARRAYS,
    "check_samplers_pandas_sparse": "ECGs are not sparse",
    "check_samplers_sample_indices": "RecordSampler has them where its sampler_ has",
}
"""Checks of imbalanced-learn that samplers of records can't pass, with reasons."""


def expected_failed_sampler_checks(sampler):
    """Return the checks of imbalanced-learn that `sampler` can't pass."""
    only_wrapper = {"check_samplers_fit", "check_samplers_sample_indices"}
    return {
        name: reason
        for name, reason in SAMPLER_CHECKS_THAT_FAIL.items()
        if isinstance(sampler, skecg.RecordSampler) or name not in only_wrapper
    }


def expected_failed_checks(estimator):
    """Return the checks of scikit-learn that `estimator` can't pass, with reasons."""
    if isinstance(estimator, skecg.ResampledClassifier):
        return {"check_sample_weight_equivalence_on_dense_data": _DRAWN}
    if isinstance(estimator, skecg.CriterionClassifier):
        failed = {"check_classifier_data_not_an_array": _TABLE}
        if estimator.unavailable == "nan":
            failed["check_classifiers_classes"] = _UNAVAILABLE
            failed["check_classifiers_train"] = _UNAVAILABLE
        return failed
    if isinstance(estimator, tuple(type(e) for e in CLASSIFIERS)):
        return {
            "check_sample_weight_equivalence_on_dense_data": _MINI_BATCHES,
        }
    return {}
