"""The table of layers: who imports whom, and what is loaded when."""

import ast
import json
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import skecg

PACKAGE = Path(skecg.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT = {
    "utils": set(),
    "signal": {"utils"},
    "metrics": {"utils"},
    "io": {"utils", "signal"},
    "preprocessing": {"utils", "signal"},
    "criteria": {"utils", "signal"},
    "networks": set(),
    "imbalance": {"utils", "signal"},
    "datasets": {"utils", "signal", "io"},
    # What trains and runs networks, below the classifiers.
    "training": {"utils", "signal", "networks"},
    "classification": {"utils", "signal", "networks", "criteria", "training"},
    "export": {"utils", "signal", "preprocessing", "criteria", "classification"},
    "pretrained": {
        "utils",
        "signal",
        "training",
        "preprocessing",
        "classification",
        "export",
    },
    "explanation": {"utils", "signal", "metrics"},
    # MedianBeatDisplay writes the criteria beside what was measured.
    "plotting": {"utils", "signal", "metrics", "criteria"},
    # The report's page is drawn by the displays, so that a picture is made in one way.
    "evaluation": {"utils", "signal", "metrics", "criteria", "plotting"},
}
"""Subpackages that one may import besides itself; the façade may import all, and so may
`cli` and `serve`."""

OUTSIDE = {
    "utils": {"numpy", "sklearn"},
    "metrics": {"numpy", "scipy", "sklearn"},
    "signal": {"numpy", "scipy"},
    "networks": {"keras"},
}
"""For the lowest layers, the packages from outside that they may import."""

INSIDE_FUNCTIONS_ONLY = {
    "fastapi",
    "h5py",
    "jinja2",
    "keras",
    "matplotlib",
    "pandas",
    "onnx",
    "onnxruntime",
    "pooch",
    "prometheus_client",
    "pydicom",
    "scikeras",
    "starlette",
    "tensorflow",
    "tqdm",
    "uvicorn",
    "wfdb",
    "xarray",
}
SERVICE = {
    PACKAGE / "serve" / name: {"fastapi", "prometheus_client", "starlette"}
    for name in ("_app.py", "_inference.py")
}
"""The files that are the service, which ``import skecg.serve`` does not load."""
SCIKERAS = PACKAGE / "training" / "_scikeras.py"
PRIVATE_SKLEARN = PACKAGE / "utils" / "_sklearn.py"


def _name(path):
    return path.relative_to(PACKAGE).as_posix()


def _subpackage(path):
    """Return the subpackage of a module; None for the façade and the command line."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else None


def _imports(tree):
    """Yield (dotted name, whether at module level) of everything imported."""
    inside = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node not in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node not in inside


def _all_imports(path):
    return list(_imports(ast.parse(path.read_text(encoding="utf-8"))))


each_module = pytest.mark.parametrize("path", MODULES, ids=_name)


TOP = {"cli", "serve"}
"""Subpackages that may import all others."""


def test_every_subpackage_is_in_the_table():
    assert {_subpackage(path) for path in MODULES} - {None} <= set(MAY_IMPORT) | TOP


def test_the_page_for_contributors_describes_the_same_subpackages():
    page = PACKAGE.parent / "docs" / "architecture.md"
    if not page.exists():
        pytest.skip("the documentation is in the repository only")
    table = page.read_text(encoding="utf-8").partition("| subpackage |")[2]
    rows = re.findall(r"^\| (`.*?`) \|", table.partition("\n\n")[0], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(MAY_IMPORT) | TOP


@each_module
def test_a_subpackage_imports_only_those_below_it(path):
    subpackage = _subpackage(path)
    if subpackage is None or subpackage in TOP:
        pytest.skip("it may import every subpackage")
    imported = {
        name.split(".")[1]
        for name, _ in _all_imports(path)
        if name.startswith("skecg.")
    }
    assert imported <= MAY_IMPORT[subpackage] | {subpackage}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if _subpackage(path) in OUTSIDE], ids=_name
)
def test_the_lowest_layers_need_few_packages(path):
    packages = {name.split(".")[0] for name, _ in _all_imports(path)}
    outside = packages - sys.stdlib_module_names - {"skecg"}
    assert outside <= OUTSIDE[_subpackage(path)]


@each_module
def test_heavy_and_optional_packages_are_imported_inside_functions(path):
    at_top = {name.split(".")[0] for name, top in _all_imports(path) if top}
    assert not at_top & INSIDE_FUNCTIONS_ONLY - SERVICE.get(path, set())


@each_module
def test_scikeras_is_known_to_one_file(path):
    packages = {name.split(".")[0] for name, _ in _all_imports(path)}
    assert ("scikeras" in packages) == (path == SCIKERAS)


@each_module
def test_private_names_of_scikit_learn_are_in_one_file(path):
    private = [
        name
        for name, _ in _all_imports(path)
        if name.split(".")[0] in {"sklearn", "imblearn"}
        and any(part.startswith("_") for part in name.split("."))
    ]
    assert bool(private) == (path == PRIVATE_SKLEARN)


def _file_of(name):
    """Return the file that an imported dotted name of skecg is in."""
    parts = name.split(".")[1:]
    while parts:
        module = PACKAGE.joinpath(*parts)
        for path in (module.with_suffix(".py"), module / "__init__.py"):
            if path in MODULES:
                return path
        parts.pop()
    return PACKAGE / "__init__.py"


def test_no_files_import_each_other_in_a_circle():
    graph = {
        path: {
            _file_of(name)
            for name, _ in _all_imports(path)
            if name.split(".")[0] == "skecg"
        }
        for path in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(_name(path) for path in error.args[1][::-1]))


@each_module
def test_private_modules_are_imported_inside_their_subpackage_only(path):
    foreign = [
        name
        for name, _ in _all_imports(path)
        if name.startswith("skecg.") and name.split(".")[1] != _subpackage(path)
    ]
    assert not [name for name in foreign if "._" in name]


REPOSITORY = PACKAGE.parent
MEASURES_INSIDES = {
    "amplitude_warning.py",
    "bench_backends.py",
    "exchanges_on_ptbxl.py",
    "shaped_beats.py",
}
"""Benchmarks of private functions."""


@pytest.mark.parametrize("folder", ["examples", "benchmarks", "tools"])
def test_scripts_import_no_private_modules_or_names(folder):
    private = {
        path.name
        for path in (REPOSITORY / folder).glob("*.py")
        for name, _ in _all_imports(path)
        if name.startswith("skecg.") and "._" in name
    }
    assert private == (MEASURES_INSIDES if folder == "benchmarks" else set())


def _loaded_after(statement):
    """Return the modules that a fresh interpreter has loaded after a statement."""
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


HEAVY = {"keras", "matplotlib", "pandas", "scikeras", "tensorflow", "wfdb", "xarray"}


def test_import_of_skecg_loads_nothing_but_itself():
    loaded = _loaded_after("import skecg")
    assert not loaded & (HEAVY | {"scipy", "sklearn", "numpy"})
    assert {name for name in loaded if name.startswith("skecg")} == {"skecg"}


def test_names_are_imported_without_heavy_packages():
    """All in one process: what one of them loads, the next has loaded too."""
    statements = [
        "from skecg import ECGFilter, ECGResampler, ECGScaler",
        "from skecg import make_lvh_ecg; make_lvh_ecg(2, fs=100, random_state=0)",
        "from skecg import LVHCNNClassifier; LVHCNNClassifier()",
        "from skecg import LVHLSTMClassifier; LVHLSTMClassifier()",
        "from skecg import ECGDisplay, RocBandDisplay, TrainingHistoryDisplay",
        "from skecg import LVHReport, evaluate_lvh",
        "from skecg.serve import open_model, run_service",
        "from skecg import fetch_ptbxl, load_ecg_csv, load_ptbxl",
    ]
    # scikit-learn itself loads pandas where it is installed.
    by_scikit_learn = _loaded_after("import sklearn.model_selection")
    assert not (_loaded_after("; ".join(statements)) - by_scikit_learn) & HEAVY


def test_tests_wait_for_no_process_without_an_end():
    tests = Path(__file__).parent
    files = [path for path in tests.rglob("*.py") if path.name.startswith("test_")]
    files.append(tests / "conftest.py")
    assert [
        f"{path.relative_to(tests)}:{node.lineno}"
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "subprocess.run"
        and "timeout" not in {keyword.arg for keyword in node.keywords}
    ] == []
