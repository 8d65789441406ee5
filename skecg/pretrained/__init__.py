"""Trained pipelines of the package, as plain arrays with a card each."""

from skecg.pretrained._card import pretrained_card
from skecg.pretrained._load import load_pretrained

__all__ = ["load_pretrained", "pretrained_card"]
