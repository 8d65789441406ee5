"""Pipelines trained on PTB-XL, as plain arrays, with their cards."""

from importlib import import_module as _import_module

from skecg.pretrained._card import pretrained_card, pretrained_names

__all__ = ["load_pretrained", "pretrained_card", "pretrained_names"]


def __getattr__(name):
    # Cards are read without what runs the pipelines.
    if name == "load_pretrained":
        return _import_module("skecg.pretrained._load").load_pretrained
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
