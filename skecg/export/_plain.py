"""Fitted transformers as dicts for JSON, and back."""

from numbers import Real

import numpy as np

import skecg.preprocessing

STEPS = (
    "ECGConverter",
    "ECGCropper",
    "ECGFilter",
    "ECGMedianBeat",
    "ECGResampler",
    "ECGScaler",
    "LeadSelector",
)
"""Transformers that can be exported and read."""


def check_card(card):
    """Raise ValueError unless a model card is a dict with valid thresholds, or None."""
    if card is not None and not isinstance(card, dict):
        raise ValueError(f"card must be a dict or None, got {card!r:.60}")
    points = (card or {}).get("operating_points")
    if points is None:
        return
    if not isinstance(points, dict) or not all(map(_is_threshold, points.values())):
        raise ValueError(
            "operating_points of the card must be a dict of names and thresholds from "
            f"0 to 1, got {points!r:.60}"
        )


def _is_threshold(value):
    """Tell whether a value is a number from 0 to 1."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and 0 <= value <= 1


def describe(step):
    """Return a fitted transformer as a dict for JSON.

    Parameters
    ----------
    step : transformer
        A fitted transformer of a kind that :func:`to_onnx` exports.

    Returns
    -------
    dict
        Its class, parameters and fitted attributes.

    Raises
    ------
    TypeError
        If it is another one, or holds what has no plain form.
    """
    name = type(step).__name__
    if type(step) is not getattr(skecg.preprocessing, name, None) or name not in STEPS:
        raise TypeError(
            f"{name} can't be exported, only {', '.join(STEPS)} and a network "
            "classifier; leave the step out, or save the pipeline with joblib."
        )
    parameters = step.get_params(deep=False)
    learned = {key: v for key, v in vars(step).items() if key not in parameters}
    return {
        "class": name,
        "parameters": {key: _plain(value, name) for key, value in parameters.items()},
        "learned": {key: _plain(value, name) for key, value in learned.items()},
    }


def rebuild(described):
    """Return the fitted transformer that :func:`describe` described."""
    name = described["class"]
    if name not in STEPS:
        raise ValueError(
            f"the file names a step {name!r}, but only {', '.join(STEPS)} can be "
            "read; export the model again with this version of skecg."
        )
    step = getattr(skecg.preprocessing, name)(
        **{key: _value(v) for key, v in described["parameters"].items()}
    )
    step._validate_params()
    # Fitted attributes alone: a file must not replace a method or a parameter.
    for key, value in described["learned"].items():
        if not (key.endswith("_") or key.startswith("_")) or hasattr(step, key):
            raise ValueError(f"the file sets {name}.{key}, which no fit learns")
        setattr(step, key, _value(value))
    return step


def _plain(value, owner):
    """Return a value as JSON has it; arrays, tuples and lists are dicts with a mark."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return {"array": value.tolist(), "dtype": value.dtype.str}
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_plain(item, owner) for item in value]}
    raise TypeError(
        f"{owner} holds a {type(value).__name__}, which has no plain form; give "
        "numbers and names instead."
    )


def _value(plain):
    """Return what :func:`_plain` wrote."""
    if not isinstance(plain, dict):
        return plain
    if "array" in plain:
        return np.array(plain["array"], dtype=np.dtype(plain["dtype"]))
    ((kind, items),) = plain.items()
    return {"tuple": tuple, "list": list}[kind](_value(item) for item in items)
