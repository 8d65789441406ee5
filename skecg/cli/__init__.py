"""The command ``skecg``: files in, tables, pictures and reports out."""

from skecg.cli._main import main

__all__ = ["main"]
