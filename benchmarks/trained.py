"""Reads what examples/train_on_ptbxl.py wrote."""

import json
from pathlib import Path

import skecg


def read_trained(path):
    """Return what is known of a trained network, and its classifier, unfitted."""
    facts = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    parameters = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts["parameters"].items()
    }
    return facts, getattr(skecg, facts["classifier"])(**parameters)
