"""What is said of the package in several files agrees."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import skecg

ROOT = Path(skecg.__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
BROUGHT_BY = {"markupsafe": "jinja2"}
# The tools that judge and build are not what users' programs meet.
TESTED = ["test", *re.findall(r"\w+", EXTRAS["all"][0].removeprefix("skecg"))]


def _bounds():
    """Return {package: lowest version} of all that the test environment has."""
    named = PROJECT["dependencies"] + [one for e in TESTED for one in EXTRAS[e]]
    return dict(one.split(">=") for one in named if not one.startswith("skecg["))


def _constraints():
    text = (ROOT / "tests" / "oldest-constraints.txt").read_text()
    return dict(re.findall(r"^([\w-]+)==(.+)$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("package", sorted(_bounds()))
def test_the_oldest_versions_tested_are_the_bounds(package):
    bound, tested = _bounds()[package], _constraints()[package]
    assert f"{tested}.".startswith(f"{bound}.")
    assert set(tested.removeprefix(bound)) <= {".", "0"}


def test_an_extra_has_one_bound_for_a_package():
    named = [one for e in EXTRAS for one in EXTRAS[e] if not one.startswith("skecg[")]
    assert len({one.split(">=")[0] for one in named}) == len(set(named))


def test_the_extra_that_an_error_names_brings_what_is_missing():
    asked = [
        (call.args[0].value.split(".")[0], call.args[1].value)
        for path in Path(skecg.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "import_optional"
        and isinstance(call.args[0], ast.Constant)
    ]
    assert len(asked) > 20
    for module, extra in asked:
        brought = {one.split(">=")[0].split("[")[0] for one in EXTRAS[extra]}
        assert BROUGHT_BY.get(module, module) in brought, (module, extra)


def test_the_extra_all_names_every_extra_for_users():
    for_developers = {"all", "test", "lint", "docs", "dev"}
    assert set(TESTED) - {"test"} == set(EXTRAS) - for_developers


def test_classifiers_begin_at_the_python_that_is_required():
    versions = [
        int(minor)
        for line in PROJECT["classifiers"]
        for minor in re.findall(r"Python :: 3\.(\d+)$", line)
    ]
    assert PROJECT["requires-python"] == f">=3.{versions[0]}"
    assert versions == list(range(versions[0], versions[-1] + 1))


def test_pre_commit_runs_what_make_lint_runs():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    lint = re.search(r"\nlint:.*?\n\n", (ROOT / "Makefile").read_text(), re.DOTALL)
    by_hooks = set(re.findall(r"entry: \.venv/bin/([\w-]+)", hooks))
    assert by_hooks == set(re.findall(r"\$\(BIN\)/([\w-]+)", lint[0]))
    assert by_hooks >= {"ruff", "mypy", "codespell", "numpydoc"}
