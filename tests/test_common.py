"""Common behaviour of every estimator, and of every public docstring.

scikit-learn's checks are about tables, these about records of three dimensions.
"""

import inspect
import pickle
import re
from dataclasses import is_dataclass
from importlib import import_module

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

import skecg
from tests.estimators import CLASSIFIERS, ESTIMATORS, SAMPLERS, TRANSFORMERS
from tests.preprocessing.records import labelled

FS = 100.0
LEADS = ("I", "II", "III")
SUBPACKAGES = (
    "classification",
    "criteria",
    "datasets",
    "evaluation",
    "explanation",
    "imbalance",
    "metrics",
    "networks",
    "plotting",
    "preprocessing",
    "pretrained",
    "signal",
)

# The records of these tests have one or two beats.
pytestmark = pytest.mark.filterwarnings("ignore:.* are measured on fewer than 3 beats")

OTHER_LENGTHS = (
    "ECGCropper",
    "ECGMeasurer",
    "ECGMedianBeat",
    "ECGQualityChecker",
    "VoltageCriteria",
    "CriterionClassifier",
)
"""Estimators that take records of another length than in `fit`."""

OF_SOME_INPUTS = {
    "feature_names_in_",
    "neighbor_indices_",
    "sample_indices_",
    "shares_",
    "without_beats_",
}
"""Attributes that only some inputs, or a sampler's `fit_resample`, bring about."""


def _for_three_leads(estimator):
    """Return a clone set up for the records of these tests."""
    parameters = {"fs": FS, "lead_names": list(LEADS)}
    known = estimator.get_params()
    return clone(estimator).set_params(
        **{name: value for name, value in parameters.items() if name in known}
    )


def _id(estimator):
    return type(estimator).__name__


def _takes_records(estimator):
    return not isinstance(estimator, skecg.ECGUnflattener)


ON_RECORDS = [_for_three_leads(e) for e in ESTIMATORS if _takes_records(e)]
SAMPLER_TYPES = tuple(type(e) for e in SAMPLERS)
NETWORK_TYPES = tuple(type(e) for e in CLASSIFIERS)


@pytest.fixture(scope="module")
def cohort():
    """Records (24, 200, 3) in mV and their labels."""
    return skecg.make_lvh_ecg(
        24, fs=FS, duration=2, leads=LEADS, prevalence=0.5, random_state=0
    )


@pytest.fixture(scope="module", name="X")
def records(cohort):
    return cohort.data.astype(np.float64)


@pytest.fixture(scope="module")
def y(cohort):
    return cohort.target


@pytest.fixture(scope="module", params=ON_RECORDS, ids=_id)
def fitted(request, X, y):
    """Each estimator, fitted once on a copy of X, which is kept beside it."""
    given = X.copy()
    estimator = clone(request.param).fit(given, y)
    estimator.given_at_fit = given
    return estimator


@pytest.fixture(scope="module")
def predictor(fitted):
    """Return the fitted estimators that have an output for each record."""
    if isinstance(fitted, SAMPLER_TYPES):
        pytest.skip("a sampler has no output for single records")
    return fitted


def _output(estimator, X):
    """Return what an estimator makes of each record, as an array."""
    for method in ("predict_proba", "decision_function", "transform"):
        if hasattr(estimator, method):
            return np.asarray(getattr(estimator, method)(X))
    raise AssertionError(f"{_id(estimator)} has no output")


def _assert_equal(estimator, output, expected):
    """Bit equal; networks may round a batch of another size differently."""
    tolerance = 1e-5 if isinstance(estimator, NETWORK_TYPES) else 0
    np.testing.assert_allclose(output, expected, rtol=tolerance, atol=tolerance)


def test_records_are_independent_of_each_other(predictor, X):
    together = _output(predictor, X)
    _assert_equal(predictor, _output(predictor, X[5:9]), together[5:9])
    _assert_equal(predictor, _output(predictor, X[::-1]), together[::-1])
    _assert_equal(predictor, _output(predictor, X[7:8]), together[7:8])


def test_input_is_not_modified(fitted, X, y):
    np.testing.assert_array_equal(fitted.given_at_fit, X)
    given = X.copy()
    if isinstance(fitted, SAMPLER_TYPES):
        clone(fitted).fit_resample(given, y)
    else:
        _output(fitted, given)
    np.testing.assert_array_equal(given, X)


def test_output_is_the_callers_own(predictor, X):
    given = X.copy()
    assert not np.shares_memory(_output(predictor, given), given)


@pytest.mark.parametrize(
    "estimator", [e for e in ON_RECORDS if hasattr(e, "transform")], ids=_id
)
def test_dtype_is_kept(estimator, X):
    for dtype in get_tags(estimator).transformer_tags.preserves_dtype:
        transformed = clone(estimator).fit(X.astype(dtype)).transform(X.astype(dtype))
        assert transformed.dtype == dtype


@pytest.mark.parametrize(
    "estimator", [e for e in ON_RECORDS if not isinstance(e, SAMPLER_TYPES)], ids=_id
)
def test_one_lead_in_two_dimensions_equals_one_lead_in_three(estimator, X, y):
    estimator = clone(estimator)
    if "lead_names" in estimator.get_params():
        estimator.set_params(lead_names=["I"])
    of_three = _output(clone(estimator).fit(X[:, :, :1], y), X[:, :, :1])
    of_two = _output(clone(estimator).fit(X[:, :, 0], y), X[:, :, 0])
    np.testing.assert_array_equal(of_two, of_three.reshape(of_two.shape))


# Of half a second, records may seem to have leads without a signal.
@pytest.mark.filterwarnings(r"ignore:\d+ of \d+ records of X")
# Of half a second, a lead of one record is nearly flat.
@pytest.mark.filterwarnings("ignore:1 of 16 records of X .* without a signal")
def test_a_clone_fitted_again_forgets_the_first_fit_and_is_equal(fitted, X, y):
    again = clone(fitted).fit(labelled(X[:16, :50], FS, leads=LEADS), y[:16])
    again.fit(X, y)
    attributes = set(vars(fitted)) - {"given_at_fit"}
    assert set(vars(again)) == attributes
    for name in ("n_features_in_", "n_leads_in_", "fs_in_", "lead_names_in_"):
        assert getattr(again, name, None) == getattr(fitted, name, None)
    if not isinstance(fitted, SAMPLER_TYPES):
        np.testing.assert_array_equal(_output(again, X), _output(fitted, X))


def test_a_pickle_gives_the_same_output(predictor, X):
    unpickled = pickle.loads(pickle.dumps(predictor))
    np.testing.assert_array_equal(_output(unpickled, X), _output(predictor, X))


def test_a_wrong_lead_count_is_an_error(predictor, X):
    with pytest.raises(ValueError, match="leads"):
        _output(predictor, X[:, :, :2])


def test_another_length_is_accepted_or_an_error(predictor, X):
    if _id(predictor) in OTHER_LENGTHS:
        assert len(_output(predictor, X[:, :150])) == len(X)
        return
    with pytest.raises(ValueError, match="X has 150 features"):
        _output(predictor, X[:, :150])


def test_a_wrong_axis_order_is_an_error(fitted):
    wrong = np.zeros((4, 12, 200))
    with pytest.raises(ValueError, match=r"X\.transpose\(0, 2, 1\)"):
        clone(fitted).fit(wrong, [0, 0, 1, 1])


def test_one_record_is_not_taken_for_as_many_as_it_has_samples(fitted, X):
    record = np.repeat(X[0], 10, axis=0)
    for given, remedy in (
        (record, "X[np.newaxis]"),
        (record[:, :1], "X.reshape(1, -1"),
    ):
        with pytest.raises(ValueError, match=re.escape(remedy)):
            clone(fitted).fit(given, np.arange(len(given)) % 2)
        if not isinstance(fitted, SAMPLER_TYPES):
            with pytest.raises(ValueError, match=re.escape(remedy)):
                _output(fitted, given)


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_output_does_not_depend_on_the_global_container(fitted, X, y, container):
    pytest.importorskip(container)
    with config_context(transform_output=container):
        again = clone(fitted)
        if isinstance(fitted, SAMPLER_TYPES):
            again.fit_resample(X, y)
            return
        output = again.fit(X, y)
        output = _output(again, X)
    np.testing.assert_array_equal(output, _output(fitted, X))


@pytest.mark.parametrize(
    "fitted", [e for e in ON_RECORDS if hasattr(e, "transform")], ids=_id, indirect=True
)
def test_every_transformer_names_its_output(fitted, X):
    names = fitted.get_feature_names_out()
    assert len(names) == len(set(names)) == fitted.transform(X[:1]).size


def test_names_of_features_pass_through_a_pipeline(X):
    pipeline = make_pipeline(
        skecg.ECGFilter(FS), skecg.ECGMeasurer(FS, lead_names=LEADS)
    )
    names = pipeline.fit(X).get_feature_names_out()
    np.testing.assert_array_equal(names, pipeline[-1].get_feature_names_out())


def test_a_read_only_memory_map_is_accepted(fitted, X, y, tmp_path):
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    if isinstance(fitted, SAMPLER_TYPES):
        resampled, _ = clone(fitted).fit_resample(mapped, y)
        assert resampled.shape[1:] == X.shape[1:]
        return
    np.testing.assert_array_equal(_output(fitted, mapped), _output(fitted, X))
    if not isinstance(fitted, NETWORK_TYPES):
        clone(fitted).fit(mapped, y)


def test_labelled_records_give_the_values_of_plain_ones(predictor, X, y):
    records = labelled(X, FS, leads=LEADS)
    if isinstance(predictor, NETWORK_TYPES):
        output = _output(predictor, records)
    else:
        output = _output(clone(predictor).fit(records, y), records)
    expected = _output(predictor, X)
    # Sex and age of a labelled X are columns of their own in the measurements.
    output = output[:, : expected.shape[1]] if expected.ndim == 2 else output
    np.testing.assert_array_equal(output, expected)


@pytest.mark.parametrize(
    "fitted", [_for_three_leads(c) for c in CLASSIFIERS], ids=_id, indirect=True
)
def test_probabilities_sum_to_one_and_decide(fitted, X):
    probability = fitted.predict_proba(X)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert ((probability >= 0) & (probability <= 1)).all()
    chosen = fitted.classes_[probability.argmax(axis=1)]
    np.testing.assert_array_equal(fitted.predict(X), chosen)


# Docstrings


def _public():
    """Yield (name, object) of every public class and function, each once."""
    for subpackage in SUBPACKAGES:
        module = import_module(f"skecg.{subpackage}")
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                yield pytest.param(value, id=f"{subpackage}.{name}")


def _docstring(value):
    docscrape = pytest.importorskip(
        "numpydoc.docscrape", reason="numpydoc is of the extra 'lint'"
    )
    return docscrape.NumpyDocString(inspect.getdoc(value))


each_public = pytest.mark.parametrize("value", list(_public()))


def _names(section):
    return [name.strip("* ") for entry in section for name in entry.name.split(",")]


def is_plain_record(value):
    """Tell whether a class only holds fields, which functions return or take."""
    if not inspect.isclass(value):
        return False
    # Displays and reports do more: their fields are their constructor's parameters.
    does_more = hasattr(value, "plot") or hasattr(value, "to_html")
    fields_only = is_dataclass(value) and not does_more
    return fields_only or issubclass(value, tuple)


@each_public
def test_parameters_are_documented_in_order(value):
    section = "Attributes" if is_plain_record(value) else "Parameters"
    given = list(inspect.signature(value).parameters)
    assert _names(_docstring(value)[section]) == given


@pytest.mark.parametrize(
    "value", [p for p in _public() if not is_plain_record(p.values[0])]
)
def test_docstring_has_an_example(value):
    assert any(">>>" in line for line in _docstring(value)["Examples"])


def test_documented_attributes_are_those_of_the_fitted_estimator(fitted):
    documented = set(_names(_docstring(type(fitted))["Attributes"]))
    there = {n for n in vars(fitted) if n.endswith("_") and not n.startswith("_")}
    assert documented - OF_SOME_INPUTS == there - OF_SOME_INPUTS


def test_the_tables_of_estimators_name_every_public_one():
    public = {
        value
        for value in (getattr(skecg, name) for name in skecg.__all__)
        if inspect.isclass(value) and hasattr(value, "get_params")
    }
    assert public == {type(estimator) for estimator in ESTIMATORS}
    assert all(hasattr(estimator, "transform") for estimator in TRANSFORMERS)
