"""Whatever comes in: a right result, or an error of ours that names the argument.

The examples are the same at each run, and few; ``make fuzz`` draws many others.
"""

import linecache
import traceback
import warnings
from functools import cache

import numpy as np
import pytest

pytest.importorskip("hypothesis", reason="hypothesis is of the extra 'test'")
from hypothesis import given
from hypothesis import strategies as st
from imblearn.over_sampling import RandomOverSampler
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import skecg
from skecg import criteria, metrics, signal
from skecg.classification import _base
from skecg.signal import LEAD_NAMES
from tests import strategies
from tests.estimators import RULES, SAMPLERS, SMALL_CNN, TRANSFORMERS

pytestmark = pytest.mark.filterwarnings(
    "ignore:Generating overly large repr:hypothesis.errors.HypothesisWarning"
)
NAMED = (
    "X|x|y|fs|lead|target|record|sex|age|conduction|groups|patient|score|y_true|y_score"
)


def is_ours(error):
    """Tell whether an error was raised on purpose, here or by what this extends."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno).strip()
    by = last.filename.replace("\\", "/")
    return line.startswith("raise") and any(
        f"/{package}/" in by for package in ("skecg", "sklearn/utils", "imblearn")
    )


def outcome(call, *arguments):
    """Return what a call gives, None where it is refused; arguments stay as given."""
    before = [np.array(a, copy=True) for a in arguments if isinstance(a, np.ndarray)]
    result = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        try:
            result = call(*arguments)
        except (TypeError, ValueError) as error:
            if not is_ours(error):
                raise
    after = [a for a in arguments if isinstance(a, np.ndarray)]
    for old, new in zip(before, after, strict=True):
        if old.dtype.kind != "O":
            np.testing.assert_array_equal(new, old)
    return result


def names_of(X):
    """Return names for the leads of X."""
    n_leads = X.shape[-1] if getattr(X, "ndim", 0) == 3 else 1
    return LEAD_NAMES[:n_leads] if n_leads <= 12 else ["?"] * n_leads


OF_RECORDS = {
    "filter_signal": lambda X, fs: signal.filter_signal(X, fs, n_jobs=1),
    "filter_signal, notch": lambda X, fs: signal.filter_signal(
        X, fs, None, None, notch=35, n_jobs=1
    ),
    "resample_signal": lambda X, fs: signal.resample_signal(X, fs, 100, n_jobs=1),
    "resample_signal, up": lambda X, fs: signal.resample_signal(
        X, fs, 333.3, n_jobs=1
    ),
    "measure_records": lambda X, fs: signal.measure_records(
        X, fs, names_of(X), n_jobs=1
    ),
    "measure_records, beats": lambda X, fs: signal.measure_records(
        X, fs, names_of(X), n_jobs=1, return_beats=True
    ),
    "segment_waves": lambda X, fs: signal.segment_waves(X, fs, names_of(X), n_jobs=1),
    "assess_quality": lambda X, fs: signal.assess_quality(
        X, fs, names_of(X), n_jobs=1
    ),
    "assess_quality, unnamed": lambda X, fs: signal.assess_quality(X, fs, n_jobs=1),
    "find_doubts": lambda X, fs: signal.find_doubts(X, fs, names_of(X)),
    "estimate_lost_leads": lambda X, fs: signal.estimate_lost_leads(
        X, fs, names_of(X)
    ),
    "describe_doubts": lambda X, fs: signal.describe_doubts(X, fs, names_of(X)),
    "find_exchanges": lambda X, fs: signal.find_exchanges(
        X, fs, names_of(X), n_jobs=1
    ),
    "exchanged_limb_leads": lambda X, fs: signal.exchanged_limb_leads(X, names_of(X)),
    "breaks_einthoven": lambda X, fs: signal.breaks_einthoven(X, names_of(X)),
    "flat_leads": lambda X, fs: signal.flat_leads(X),
    "silent_leads": lambda X, fs: signal.silent_leads(X, fs),
    "find_record_beats": lambda X, fs: signal.find_record_beats(X, fs),
    "amplitude_statistics": lambda X, fs: signal.amplitude_statistics(X, "lead"),
    "amplitude_statistics, record": lambda X, fs: signal.amplitude_statistics(
        X, "record"
    ),
    "arrange_leads": lambda X, fs: signal.arrange_leads(X, names_of(X), LEAD_NAMES),
    "exchange_electrodes": lambda X, fs: signal.exchange_electrodes(
        X, next(iter(signal.EXCHANGES)), names_of(X)
    ),
    "rotate_dipole": lambda X, fs: signal.rotate_dipole(
        X, np.full((len(X), 3), 0.1), names_of(X)
    ),
    "shift_records": lambda X, fs: signal.shift_records(X, np.full(len(X), 3)),
    "limb_leads": lambda X, fs: signal.limb_leads(X[..., 0], X[..., -1]),
    "detect_beats": lambda X, fs: signal.detect_beats(X[0], fs),
    "blend_records": lambda X, fs: signal.blend_records(
        X, fs, signal.find_record_beats(X, fs), np.array([0]), np.array([len(X) - 1]),
        np.array([0.5]), names_of(X),
    ),
    "blend_beats": lambda X, fs: signal.blend_beats(
        X[:1, :50], X[-1:, :50], np.array([0.5]), fs, names_of(X)
    ),
    "align_beats": lambda X, fs: signal.align_beats(X[:1, :50], X[-1:, :50], fs),
    "median_beat": lambda X, fs: signal.median_beat(X[0], fs, np.array([50, 90])),
    "classify_beats": lambda X, fs: signal.classify_beats(
        X[0], fs, np.array([50, 90])
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", OF_RECORDS.values(), ids=OF_RECORDS.keys())
@given(
    X=strategies.heartbeats(),
    fs=st.one_of(
        st.sampled_from(strategies.RATES), st.sampled_from(strategies.WRONG_RATES)
    ),
)
def test_functions_of_records_answer_or_refuse(call, X, fs):
    outcome(call, X, fs)


# What these lines do with X before they call anything is not the package's.
SLICED = ("limb_", "detect_", "blend_", "align_", "median_", "classify_", "rotate_",
          "shift_")  # fmt: skip
WHOLE = {k: call for k, call in OF_RECORDS.items() if not k.startswith(SLICED)}


@pytest.mark.parametrize("call", WHOLE.values(), ids=WHOLE.keys())
@given(X=strategies.anything())
def test_functions_of_records_answer_or_refuse_anything(call, X):
    outcome(call, X, 250.0)


# Estimators

ANY_RECORDS = st.one_of(
    strategies.heartbeats(dtypes=strategies.DTYPES[:-2]),
    strategies.anything(),
    strategies.labelled(),
)


def _id(estimator):
    return type(estimator).__name__


def fit_and_use(estimator, X, other):
    """Fit a clone, and use it on the same records and on others."""
    fitted = clone(estimator).fit(X)
    fitted.get_feature_names_out()
    fitted.transform(X)
    return fitted.transform(other)


@pytest.mark.parametrize("estimator", TRANSFORMERS, ids=_id)
@given(X=ANY_RECORDS, other=ANY_RECORDS)
def test_transformers_answer_or_refuse(estimator, X, other):
    outcome(lambda X, other: fit_and_use(estimator, X, other), X, other)


@pytest.mark.parametrize("estimator", TRANSFORMERS, ids=_id)
@given(X=st.one_of(strategies.heartbeats(), strategies.labelled()))
def test_transformers_answer_or_refuse_after_other_records(estimator, X):
    fitted = clone(estimator)
    if "lead_names" in fitted.get_params():
        fitted.set_params(lead_names=None)
    if not isinstance(fitted, skecg.ECGUnflattener):
        outcome(lambda: fitted.fit(strategies.beats()))
        outcome(fitted.transform, X)


class TrainingBegins(Exception):  # noqa: N818
    """What stands for the training of a network."""


def fit_network(X, y, groups):
    """Do all that comes before a network is trained."""

    def train(*arguments):
        raise TrainingBegins

    network = clone(SMALL_CNN).set_params(early_stopping=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_base, "train", train)
        try:
            network.fit(X, y, groups=groups)
        except TrainingBegins:
            return


def flat():
    return make_pipeline(skecg.ECGFlattener(), LogisticRegression())


RULE = RULES[0]
LEARNERS = {
    "network": fit_network,
    "resampled": lambda X, y, groups: skecg.ResampledClassifier(
        flat(), skecg.RecordSampler(RandomOverSampler(random_state=0))
    ).fit(X, y, groups=groups),
    "hybrid": lambda X, y, groups: skecg.LVHHybridClassifier(
        flat(), LogisticRegression(), n_jobs=1
    ).fit(X, y, groups=groups),
    "rule": lambda X, y, groups: clone(RULE).fit(X, y).report(X, conduction=groups),
    **{
        _id(sampler): lambda X, y, groups, s=sampler: clone(s).fit_resample(X, y)
        for sampler in SAMPLERS
    },
}


@pytest.mark.parametrize("learn", LEARNERS.values(), ids=LEARNERS.keys())
@given(data=st.data())
def test_what_learns_answers_or_refuses(learn, data):
    X = data.draw(
        st.one_of(
            strategies.heartbeats(least=4),
            strategies.labelled(4),
            strategies.anything(),
        )
    )
    n_records = len(X) if getattr(X, "shape", ()) else 4
    right = strategies.binary(max(n_records, 2))
    y = data.draw(st.one_of(right, right, strategies.columns(n_records)))
    groups = data.draw(st.one_of(st.none(), strategies.columns(n_records)))
    outcome(learn, X, y, groups)


# Functions of labels and scores


def weighted_share(y_true, y_score, sample_weight=None):
    """Return a metric that any scores have."""
    return float(np.average(y_score > 0.5, weights=sample_weight))


OF_SCORES = {
    "delong": lambda y, a, b, g: metrics.delong_test(y, a, b, g),
    "bootstrap": lambda y, a, b, g: metrics.patient_bootstrap(
        weighted_share, y, a, g, n_resamples=3
    ),
    "patient_weights": lambda y, a, b, g: metrics.patient_weights(g, 3),
    "slope": lambda y, a, b, g: metrics.calibration_slope(y, a),
    "intercept": lambda y, a, b, g: metrics.calibration_intercept(y, a),
    "observed": lambda y, a, b, g: metrics.observed_to_expected(y, a),
    "positive_class": lambda y, a, b, g: metrics.positive_class(y),
    "read_scores": lambda y, a, b, g: metrics.read_scores(a, np.asarray(y)),
    "report": lambda y, a, b, g: skecg.LVHReport.from_predictions(
        y, a, groups=g, n_bootstrap=3, criteria=()
    ),
    "report, sex": lambda y, a, b, g: skecg.LVHReport.from_predictions(
        y, a, sex=g, n_bootstrap=3, criteria=()
    ),
    "report, age": lambda y, a, b, g: skecg.LVHReport.from_predictions(
        y, a, age=g, n_bootstrap=3, criteria=()
    ),
    "report, subgroups": lambda y, a, b, g: skecg.LVHReport.from_predictions(
        y, a, subgroups={"site": g}, n_bootstrap=3, criteria=()
    ),
    "leakage": lambda y, a, b, g: skecg.check_leakage(
        strategies.beats(), strategies.beats()[:2], groups_train=g, groups_test=g
    ),
    "encode_sex": lambda y, a, b, g: criteria.encode_sex(g),
    "threshold_of": lambda y, a, b, g: criteria.threshold_of("cornell_voltage", g),
}


@pytest.mark.parametrize("call", OF_SCORES.values(), ids=OF_SCORES.keys())
@given(data=st.data())
def test_functions_of_scores_answer_or_refuse(call, data):
    n = data.draw(st.integers(2, 12))
    y = data.draw(
        st.one_of(strategies.binary(n), strategies.binary(n), strategies.columns(n))
    )
    a, b = data.draw(strategies.scores(n)), data.draw(strategies.scores(n))
    g = data.draw(st.one_of(st.none(), strategies.columns(n), st.just(list(range(n)))))
    outcome(call, y, a, b, g)


COLUMNS = [
    *signal.MEASUREMENT_DTYPE.names,
    "sex",
    "age",
    "conduction",
    "strain",
    "ward",
]
VALUES = st.one_of(
    st.floats(0, 5, width=16),
    st.sampled_from([0.0, np.nan, np.inf, -1.0, 1e300, 5e-324, None, "", "1.2", "x"]),
)
OF_TABLES = {
    "voltage_indices": lambda t, s: criteria.voltage_indices(t, s),
    "romhilt_estes": lambda t, s: criteria.romhilt_estes(t),
    "strain_pattern": lambda t, s: criteria.strain_pattern(t),
    "perugia": lambda t, s: criteria.perugia(t, s),
    "minnesota": lambda t, s: criteria.minnesota(t),
    "list_findings": lambda t, s: criteria.list_findings(t),
    "apply_criterion": lambda t, s: [
        criteria.apply_criterion(name, t, s) for name in criteria.ALL_CRITERIA
    ],
    "VoltageCriteria": lambda t, s: skecg.VoltageCriteria().fit(t).transform(t, sex=s),
    "CriterionClassifier": lambda t, s: (
        skecg.CriterionClassifier().fit(t, np.arange(len(t)) % 2).report(t, sex=s)
    ),
}


@pytest.mark.parametrize("call", OF_TABLES.values(), ids=OF_TABLES.keys())
@given(data=st.data())
def test_functions_of_tables_answer_or_refuse(call, data):
    n = data.draw(st.integers(1, 4))
    names = data.draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6))
    names += data.draw(st.sampled_from([[], ["S_V3", "R_aVL", "qrs_duration"]]))
    column = st.lists(VALUES, min_size=n, max_size=n)
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({name: data.draw(column) for name in names})
    sex = data.draw(st.one_of(st.none(), strategies.columns(n)))
    outcome(call, table, sex)


# Invariants: what does not count changes nothing

IN_MV = [k for k, unit in enumerate(signal.FINDING_UNITS.values()) if unit == "mV"]


@cache
def learned():
    """Return a cohort's labelled records, and a pipeline and indices fitted on them."""
    cohort = skecg.make_lvh_ecg(
        14, fs=250, duration=4, noise=0.3, random_state=0, as_xarray=True
    )
    X = cohort.data.drop_vars(["sex", "age"], errors="ignore")
    model = make_pipeline(
        skecg.ECGFilter(),
        skecg.ECGResampler(target_fs=100),
        skecg.ECGScaler(),
        skecg.ECGFlattener(),
        LogisticRegression(C=1e-3),
    ).fit(X, cohort.target)
    return X, cohort.target, model


@given(
    gain=st.one_of(st.just(1.0), st.floats(0.8, 1.25)),
    order=st.permutations(range(4)),
    leads=st.permutations(range(12)),
    unit=st.sampled_from(["mV", "uV"]),
    dtype=st.sampled_from(["float32", "float64"]),
    offset=st.floats(-3, 3),
)
def test_what_does_not_count_changes_nothing(gain, order, leads, unit, dtype, offset):
    every, y, model = learned()
    X, loud = every[:4], gain * every.astype("float64")
    other = (loud[:4] + offset).isel(record=list(order), lead=list(leads))
    other = (other * (1000 if unit == "uV" else 1)).astype(dtype)
    other = other.assign_attrs(units=unit)

    # Trained on records of a gain, a pipeline says the same of others with it.
    expected = model.predict_proba(X)[list(order)]
    again = clone(model).fit(loud.assign_attrs(units="mV"), y)
    np.testing.assert_allclose(again.predict_proba(other), expected, atol=1e-3)

    checker = skecg.ECGQualityChecker(n_jobs=1).fit(X)
    found, expected = checker.check(other), checker.check(X)
    np.testing.assert_allclose(
        found.values[..., IN_MV], gain * expected.values[order][..., IN_MV], atol=0.01
    )

    indices = skecg.VoltageCriteria(n_jobs=1).fit(X)
    found, expected = indices.transform(other), indices.transform(X)[list(order)]
    if gain == 1:
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    else:  # waves near 0.03 mV come and go, and with them small parts of an index
        total = list(criteria.INDEX_UNITS).index("total_qrs_voltage")
        np.testing.assert_allclose(
            found[:, total], gain * expected[:, total], rtol=0.03
        )
