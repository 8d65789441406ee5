"""Optional packages: given where installed, named with their extra where not."""

import math

import pytest

from skecg.utils import import_optional


def test_an_installed_module_is_returned():
    assert import_optional("math", "plot", "ECGDisplay") is math


def test_a_missing_module_is_named_with_the_command_that_installs_it():
    expected = r'ECGDisplay needs no_such_package; .*: pip install "skecg\[plot\]"'
    with pytest.raises(ImportError, match=expected):
        import_optional("no_such_package", "plot", "ECGDisplay")
