"""The trained pipelines on onnxruntime, without TensorFlow."""

import json

from skecg.export import ONNXClassifier, describe
from skecg.pretrained._card import FOLDER, pretrained_card


def load_on_onnxruntime(name, converter, first_steps, trees):
    """Return a trained pipeline as a fitted ONNXClassifier.

    `converter` is its fitted first step, and `first_steps` has for each network the
    fitted step before its scaler; `trees` are those of a hybrid, or None.
    """
    card = pretrained_card(name)
    expects = card["expects"]
    n_times = round(expects["duration"] * expects["fs"])
    facts = {
        "classes": [0, 1],
        "expects": {
            **expects,
            "n_times": n_times,
            "n_leads": len(expects["leads"]),
            "amplitude": card["pipeline"]["amplitude"],
        },
        "converter": describe(converter),
        "parts": [
            {"weight": 1 / len(first_steps), "steps": [describe(step)]}
            for step in first_steps.values()
        ],
        "card": card,
    }
    if trees is not None:
        learned = card["pipeline"]["hybrid"]
        facts["hybrid"] = {
            "weight": learned["weight"],
            "calibration": learned["calibration"],
            "fs": expects["fs"],
            "leads": expects["leads"],
            "amplitude": card["pipeline"]["amplitude"],
            "known_facts": [],
        }
    graphs = [(FOLDER / f"{member}.onnx").read_bytes() for member in first_steps]
    # Through JSON, as from a file.
    return ONNXClassifier.from_parts(json.loads(json.dumps(facts)), graphs, trees=trees)
