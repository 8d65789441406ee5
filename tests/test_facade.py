"""The façade: every public name at the top, each loaded from its subpackage."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import skecg

SUBPACKAGES = [
    path.name
    for path in sorted(Path(skecg.__file__).parent.iterdir())
    if (path / "__init__.py").exists()
]


@pytest.mark.parametrize("name", skecg.__all__)
def test_public_name_is_the_object_of_its_subpackage(name):
    value = getattr(skecg, name)
    subpackage = value.__module__.split(".")[1]
    assert value is getattr(import_module(f"skecg.{subpackage}"), name)
    assert name in import_module(f"skecg.{subpackage}").__all__


def test_public_names_are_sorted_and_named_once():
    assert skecg.__all__ == sorted(set(skecg.__all__))


@pytest.mark.parametrize("subpackage", SUBPACKAGES)
def test_subpackage_lists_names_that_exist_each_once(subpackage):
    module = import_module(f"skecg.{subpackage}")
    names = getattr(module, "__all__", [])
    assert len(names) == len(set(names))
    assert all(hasattr(module, name) for name in names)


def test_every_estimator_and_display_of_a_subpackage_is_at_the_top():
    for subpackage in ("preprocessing", "classification", "imbalance", "plotting"):
        missing = set(import_module(f"skecg.{subpackage}").__all__) - set(skecg.__all__)
        assert not missing, f"skecg/__init__.py does not name {sorted(missing)}"


def test_star_import_gives_every_public_name():
    namespace = {}
    exec("from skecg import *", namespace)
    assert set(skecg.__all__) <= set(namespace)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'skecg' has no attribute 'LVHForest'"):
        _ = skecg.LVHForest
    with pytest.raises(ImportError, match="cannot import name 'LVHForest'"):
        from skecg import LVHForest  # noqa: F401


def test_dir_lists_every_public_name_and_the_version():
    assert {*skecg.__all__, "__version__"} <= set(dir(skecg))


def test_version_is_that_of_the_project():
    project = Path(skecg.__file__).parents[1] / "pyproject.toml"
    assert skecg.__version__ == tomllib.loads(project.read_text())["project"]["version"]
