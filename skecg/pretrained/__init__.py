"""Pipelines trained on PTB-XL, as plain arrays, with their cards."""

from importlib import import_module as _import_module

from skecg.pretrained._card import pretrained_card, pretrained_names

__all__ = ["load_pretrained", "pretrained_card", "pretrained_names", "recalibrate"]
_MODULES = {"load_pretrained": "_load", "recalibrate": "_recalibrate"}


def __getattr__(name):
    # Cards are read without what runs the pipelines.
    if name in _MODULES:
        return getattr(_import_module(f"skecg.pretrained.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
