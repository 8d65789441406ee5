"""What goes wrong in practice is mended by its label, or named with its remedy."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from skecg import (
    ECGFilter,
    ECGResampler,
    ECGScaler,
    LVHCNNClassifier,
    LVHLSTMClassifier,
    make_lvh_ecg,
)

FS = 100
FEW = {"batch_size": 16, "dense_units": (4,), "epochs": 2, "random_state": 0}
NETWORKS = [
    LVHCNNClassifier(filters=(4,), kernel_sizes=5, pool_size=8, **FEW),
    LVHLSTMClassifier(
        units=(4,), conv_filters=(4,), conv_kernel_sizes=5, pool_size=16, **FEW
    ),
]


def make_records(**kwargs):
    return make_lvh_ecg(24, fs=FS, duration=4, prevalence=0.5, random_state=0, **kwargs)


@pytest.fixture(scope="module", params=NETWORKS, ids=["cnn", "lstm"])
def fitted_on_plain(request):
    cohort = make_records()
    pipeline = make_pipeline(ECGFilter(FS), ECGScaler(), clone(request.param))
    return pipeline.fit(cohort.data, cohort.target), cohort


@pytest.fixture(scope="module", params=NETWORKS, ids=["cnn", "lstm"])
def fitted_on_labelled(request):
    pytest.importorskip("xarray")
    cohort = make_records(as_xarray=True)
    pipeline = make_pipeline(ECGFilter(), ECGScaler(), clone(request.param))
    return pipeline.fit(cohort.data, cohort.target), cohort


def assert_same_probabilities(pipeline, X, changed):
    np.testing.assert_allclose(
        pipeline.predict_proba(changed), pipeline.predict_proba(X), atol=1e-5
    )


def test_labelled_microvolts_are_converted(fitted_on_labelled):
    pipeline, cohort = fitted_on_labelled
    changed = (1000 * cohort.data).assign_attrs(units="uV")
    assert_same_probabilities(pipeline, cohort.data, changed)


def test_labelled_leads_in_another_order_are_reordered(fitted_on_labelled):
    pipeline, cohort = fitted_on_labelled
    changed = cohort.data.isel(lead=[11, 3, 0, 1, 2, 10, 9, 8, 7, 6, 5, 4])
    assert_same_probabilities(pipeline, cohort.data, changed)


def test_labelled_axes_in_another_order_are_turned(fitted_on_labelled):
    pipeline, cohort = fitted_on_labelled
    changed = cohort.data.transpose("lead", "record", "time")
    assert_same_probabilities(pipeline, cohort.data, changed)


def test_labelled_missing_lead_is_named(fitted_on_labelled):
    pipeline, cohort = fitted_on_labelled
    with pytest.raises(ValueError, match=r"needs the leads \['V2'\].*LeadSelector"):
        pipeline.predict(cohort.data.drop_sel(lead="V2"))


def test_labelled_sampling_rate_is_compared(fitted_on_labelled):
    pipeline, cohort = fitted_on_labelled
    other = make_lvh_ecg(4, fs=250, duration=4, random_state=1, as_xarray=True).data
    with pytest.raises(
        ValueError, match=r"sampled at 250 Hz, but ECGFilter was fitted at 100 Hz.*"
    ):
        pipeline.predict(other)


def test_resampler_in_front_takes_any_labelled_sampling_rate():
    pytest.importorskip("xarray")
    cohort = make_lvh_ecg(
        24, fs=200, duration=4, prevalence=0.5, random_state=0, as_xarray=True
    )
    pipeline = make_pipeline(
        ECGResampler(target_fs=100), ECGScaler(), clone(NETWORKS[0])
    )
    pipeline.fit(cohort.data, cohort.target)
    faster = make_lvh_ecg(
        24, fs=400, duration=4, prevalence=0.5, random_state=0, as_xarray=True
    )
    difference = pipeline.predict_proba(faster.data) - pipeline.predict_proba(
        cohort.data
    )
    assert np.abs(difference).max() < 0.05


def test_explicit_sampling_rate_that_contradicts_the_label_raises():
    pytest.importorskip("xarray")
    X = make_records(as_xarray=True).data
    with pytest.raises(ValueError, match="fs=500, but X is labelled with 100 Hz"):
        ECGFilter(fs=500).fit(X)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X.transpose(0, 2, 1), r"use X\.transpose\(0, 2, 1\)"),
        (lambda X: X * 1000, "microvolts were given instead of millivolts"),
        (lambda X: X[:, :, :8], "X has 8 leads, but .* fitted on 12.*LeadSelector"),
        (lambda X: X[:, :300], "X has 300 features.*expecting 400.*ECGCropper"),
        (lambda X: X[:0], "X is empty.*the split"),
        (lambda X: X[0], r"one record alone; give it as X\[np.newaxis\]"),
        (lambda X: X[None], "X has 4 dimensions"),
        (lambda X: np.where(np.arange(24) == 5, np.nan, 1.0)[:, None, None] * X,
         "X contains NaN in record 5"),
        (lambda X: X * np.inf, "X contains"),
        (lambda X: np.full(X.shape, "1,5"), "X holds text.*load_ecg_csv"),
    ],
    ids=["axes", "unit", "leads", "length", "empty", "one record", "4-D", "NaN",
         "infinity", "text"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value encountered in multiply")
def test_wrong_records_raise_an_error_with_a_remedy(fitted_on_plain, change, message):
    pipeline, cohort = fitted_on_plain
    with pytest.raises(ValueError, match=message):
        pipeline.predict(change(cohort.data))


def test_cutoff_above_half_the_sampling_rate_raises():
    X = make_records().data
    with pytest.raises(ValueError, match="highcut=60"):
        ECGFilter(fs=100, highcut=60).fit(X)
    assert ECGFilter(fs=100).fit(X).band_ == (0.5, None)


@pytest.mark.parametrize("network", NETWORKS, ids=["cnn", "lstm"])
def test_one_class_raises(network):
    cohort = make_records()
    with pytest.raises(ValueError, match="y has one class only"):
        clone(network).fit(cohort.data, np.ones(24))


def test_more_folds_than_records_of_a_class_raises():
    cohort = make_records()
    with pytest.raises(ValueError, match="n_splits=20 cannot be greater than"):
        cross_val_score(
            NETWORKS[0],
            cohort.data,
            cohort.target,
            groups=cohort.groups,
            cv=StratifiedGroupKFold(20),
        )
