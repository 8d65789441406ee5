"""What several docstrings say of one parameter, they say in the same words."""

import inspect
import re
import warnings
from importlib import import_module

import pytest

import skecg
from tests.test_common import SUBPACKAGES, is_plain_record

pytest.importorskip("numpydoc", reason="numpydoc is of the extra 'lint'")
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

OTHER_MEANING = {
    "filters": "of convolutions in LVHCNNClassifier, of blocks in LVHResNetClassifier",
    "padding": "of records in ECGCropper, of convolutions in LVHCNNClassifier",
    "pooling": "a recurrent network can take its last output, and cannot be flattened",
    "random_state": "each estimator says what it seeds",
    "wander": "added by ECGAugmenter, tolerated by ECGQualityChecker",
    "sampler": "of rows in RecordSampler, of records in ResampledClassifier",
}
"""Parameters of estimators that share no more than their name."""

NOT_ASKED = {
    "ES01": "a summary may say all",
    "EX01": "a class has examples, not its methods; test_common.py looks for them",
    "RT02": "scikit-learn names what is returned",
    "SA01": "not everything has a relative",
    "YD01": "likewise",
}
"""numpydoc's checks that the style does not want."""


def _public(name):
    """Return a public class or function by its name, wherever it is exported."""
    subpackages = [
        skecg,
        *(import_module(f"skecg.{subpackage}") for subpackage in SUBPACKAGES),
    ]
    return next(
        getattr(subpackage, name)
        for subpackage in subpackages
        if hasattr(subpackage, name)
    )


NAMES = sorted(
    name
    for subpackage in SUBPACKAGES
    for name in import_module(f"skecg.{subpackage}").__all__
    if inspect.isclass(_public(name)) or inspect.isfunction(_public(name))
)
ESTIMATORS = [name for name in NAMES if hasattr(_public(name), "get_params")]
FUNCTIONS_OF_DATA = import_module("skecg.datasets").__all__


def _entries(names):
    """Return {parameter: {class or function: (type, description)}}."""
    entries = {}
    for name in names:
        for entry in NumpyDocString(inspect.getdoc(_public(name)))["Parameters"]:
            kind = re.sub(r", (default=.*|optional)$", "", entry.type)
            description = " ".join(entry.desc)
            entries.setdefault(entry.name, {})[name] = (kind, description)
    return {name: users for name, users in entries.items() if len(users) > 1}


def _assert_one_wording(users):
    """One type; one text, which some may continue with what is their own."""
    kinds = {kind for kind, _ in users.values()}
    assert len(kinds) == 1, users
    shortest = min((text for _, text in users.values()), key=len)
    for name, (_, text) in users.items():
        assert text.startswith(shortest), (name, text, shortest)


OF_ESTIMATORS = _entries(ESTIMATORS)


@pytest.mark.parametrize("parameter", sorted(OF_ESTIMATORS.keys() - OTHER_MEANING))
def test_estimators_describe_a_shared_parameter_alike(parameter):
    _assert_one_wording(OF_ESTIMATORS[parameter])


def test_the_exceptions_are_still_there():
    assert OTHER_MEANING.keys() <= OF_ESTIMATORS.keys()


def test_the_network_classifiers_describe_their_training_word_for_word_alike():
    networks = ("LVHCNNClassifier", "LVHLSTMClassifier")
    shared = _entries(networks)
    assert {"epochs", "learning_rate", "class_weight", "random_state"} <= shared.keys()
    for parameter in shared.keys() - {"pooling"}:
        first, second = shared[parameter].values()
        assert first == second


def test_n_jobs_means_the_same_wherever_it_is():
    users = _entries(NAMES)["n_jobs"]
    assert {"ECGFilter", "filter_signal", "load_ptbxl"} <= users.keys()
    of_processes = {k: v for k, v in users.items() if "processes" in v[1]}
    _assert_one_wording(of_processes)
    _assert_one_wording({k: v for k, v in users.items() if k not in of_processes})


@pytest.mark.parametrize("parameter", ["as_xarray", "return_X_y", "verify_checksums"])
def test_loaders_describe_a_shared_parameter_alike(parameter):
    _assert_one_wording(_entries(FUNCTIONS_OF_DATA)[parameter])


def _documented():
    """Yield the dotted name of every public class, method and function."""
    for subpackage in SUBPACKAGES:
        for name in import_module(f"skecg.{subpackage}").__all__:
            value = _public(name)
            if name not in NAMES:
                continue
            yield f"skecg.{subpackage}.{name}"
            for method, function in inspect.getmembers(value, inspect.isfunction):
                own = function.__module__.startswith("skecg.")
                if inspect.isclass(value) and own and not method.startswith("_"):
                    yield f"skecg.{subpackage}.{name}.{method}"


@pytest.mark.parametrize("name", sorted(_documented()))
def test_numpydoc_finds_nothing_in_what_is_public(name):
    with warnings.catch_warnings():
        # numpydoc opens the source file without closing it.
        warnings.simplefilter("ignore", ResourceWarning)
        errors = validate(name)["errors"]
    asked = [error for error in errors if error[0] not in NOT_ASKED]
    if is_plain_record(_public(name.split(".")[2])):
        # The fields of a plain record are described as its attributes.
        asked = [error for error in asked if error[0] != "PR01"]
    assert asked == []
