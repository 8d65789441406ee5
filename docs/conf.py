"""Sphinx' configuration; ``make docs`` builds the site."""

import os
import re
from importlib import import_module
from importlib.metadata import version as installed_version
from pathlib import Path
from pkgutil import iter_modules
from runpy import run_path

from sphinx.pycode import ModuleAnalyzer

import skecg

project = "skecg"
author = "The skecg developers"
copyright = f"2026, {author}"
version = release = installed_version("skecg")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "**/GALLERY_HEADER.rst", "gallery/*.ipynb"]
templates_path = ["_templates"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# The picture of docs/architecture.md.
HERE = Path(__file__).parent
draw_layers = run_path(HERE.parent / "tools" / "draw_layers.py")["draw"]
draw_layers(HERE / "_static" / "layers.svg")

# Reference: every name in a subpackage's __all__, on a page of its own.
autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_context = {"facade": skecg.__all__}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_validation_checks = set()

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    # The other scripts there need PTB-XL, or are `make demo`.
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"^(?!plot_)",
    "within_subsection_order": "FileNameSortKey",
    "doc_module": ("skecg",),
    "backreferences_dir": "api/examples",
    "write_computation_times": False,
    "remove_config_comments": True,
    "thumbnail_size": (560, 392),
    "image_scrapers": ("matplotlib",),
}

# Links to other projects need their inventories from the network. `make docs` does
# without; where the site is published, the environment asks for them.
intersphinx_mapping = {}
if os.environ.get("SKECG_DOCS_INTERSPHINX"):
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
        "imblearn": ("https://imbalanced-learn.org/stable", None),
        "matplotlib": ("https://matplotlib.org/stable", None),
        "pandas": ("https://pandas.pydata.org/docs", None),
        "xarray": ("https://docs.xarray.dev/en/stable", None),
        "joblib": ("https://joblib.readthedocs.io/en/stable", None),
    }
# Names of other projects stay plain text where their inventories are not there.
nitpick_ignore_regex = [
    (
        "py:.*",
        r"(numpy|scipy|sklearn|imblearn|matplotlib|pandas|xarray|keras|scikeras)\..*",
    ),
]

html_theme = "pydata_sphinx_theme"
html_title = f"skecg {version}"
html_static_path = ["_static"]
html_css_files = ["skecg.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "skecg"},
    "navigation_with_keys": False,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


# The subpackages that users import from.
SUBPACKAGES = [
    subpackage.name
    for subpackage in iter_modules(skecg.__path__)
    if subpackage.ispkg and subpackage.name != "utils"
]


def documented_name(target):
    """Return the name under which something public is documented, or None."""
    parts = target.split(".")
    for start in range(len(parts)):
        head, name = parts[start], ".".join(parts[start:])
        if head in skecg.__all__:
            return f"skecg.{name}"
        for subpackage in SUBPACKAGES:
            if head in import_module(f"skecg.{subpackage}").__all__:
                return f"skecg.{subpackage}.{name}"
    return None


def resolve_name(app, env, node, contnode):
    """Find what a docstring names by another path than the documented one."""
    if node.get("refdomain") != "py":
        return None
    name = documented_name(node["reftarget"])
    if name is None:
        return None
    return env.domains["py"].resolve_xref(
        env, node["refdoc"], app.builder, "obj", name, node, contnode
    )


def is_skipped(app, what, name, obj, skip, options):
    """Leave out what scikit-learn adds, and fields, which the class describes."""
    is_foreign = (getattr(obj, "__module__", None) or "").startswith("sklearn.")
    is_request = re.fullmatch(r"set_\w+_request", name)
    is_field = (getattr(obj, "__doc__", None) or "").startswith("Alias for field")
    return True if is_foreign or is_request or is_field else None


def add_comment_of_constant(app, what, name, obj, options, lines):
    """Take a constant's text from the private module that defines it."""
    if what != "data":
        return
    subpackage, _, constant = name.rpartition(".")
    for module in iter_modules(import_module(subpackage).__path__, f"{subpackage}."):
        comments = ModuleAnalyzer.for_module(module.name).find_attr_docs()
        if ("", constant) in comments:
            lines[:] = comments["", constant]


def setup(app):
    """Connect the functions above."""
    app.connect("missing-reference", resolve_name)
    app.connect("autodoc-skip-member", is_skipped)
    app.connect("autodoc-process-docstring", add_comment_of_constant, priority=100)
