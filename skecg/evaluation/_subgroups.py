"""Who the patients are, and the figures of each kind of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from skecg.criteria import encode_sex
from skecg.evaluation._bootstrap import Interval
from skecg.evaluation._judged import Judged, auroc, named, weighted_rates

_AGE_BANDS = {
    "under 35": (0, 35),
    "35 to 49": (35, 50),
    "50 to 64": (50, 65),
    "65 to 79": (65, 80),
    "80 and over": (80, np.inf),
}
_FEW = 10
_OVER_89 = 90.0  # how PTB-XL's 300, and any other age no one reaches, is counted


def read_sex(sex: Any, n_records: int) -> np.ndarray | None:
    """Return the sex as 0, 1 or NaN."""
    if sex is None:
        return None
    return _of_length(encode_sex(column_or_1d(sex)), "sex", n_records)


def read_age(age: Any, n_records: int) -> np.ndarray | None:
    """Return the age in years; over 120 means over 89, as in PTB-XL."""
    if age is None:
        return None
    years = _of_length(column_or_1d(age).astype(np.float64), "age", n_records)
    return np.where(years > 120, _OVER_89, years)


def read_conduction(conduction: Any, n_records: int) -> np.ndarray | None:
    """Return which records have a conduction disturbance."""
    if conduction is None:
        return None
    return _of_length(column_or_1d(conduction).astype(bool), "conduction", n_records)


def _of_length(values: np.ndarray, name: str, n_records: int) -> np.ndarray:
    """Return the values if they are one for each record."""
    if len(values) != n_records:
        raise ValueError(
            f"{name} has {len(values)} values, but there are {n_records} records; give "
            "one value for each."
        )
    return values


def subgroup_masks(
    sex: np.ndarray | None,
    age: np.ndarray | None,
    conduction: np.ndarray | None,
    others: Mapping[str, Any] | None,
    n_records: int,
) -> dict[tuple[str, str], np.ndarray]:
    """Return which records are in each subgroup, by variable and level."""
    masks: dict[tuple[str, str], np.ndarray] = {}
    if sex is not None:
        masks |= {("sex", "men"): sex == 0, ("sex", "women"): sex == 1}
    if age is not None:
        for name, (low, high) in _AGE_BANDS.items():
            masks["age", name] = (age >= low) & (age < high)
    if conduction is not None:
        masks["conduction", "disturbed"] = conduction
        masks["conduction", "not disturbed"] = ~conduction
    for variable, given in (others or {}).items():
        values = _of_length(column_or_1d(given), f"subgroups[{variable!r}]", n_records)
        for level in np.unique(values):
            masks[str(variable), str(level)] = values == level
    return {key: mask for key, mask in masks.items() if mask.any()}


def judge_subgroups(
    judged: Judged,
    masks: Mapping[tuple[str, str], np.ndarray],
    called: np.ndarray | None,
) -> list[dict[str, Any]]:
    """Return a row for each subgroup; rates where decisions are given."""
    rows = []
    for (variable, level), mask in masks.items():
        chosen = judged.take(mask)
        row: dict[str, Any] = {"variable": variable, "level": level}
        row |= _counts(chosen.y_true, chosen.groups) | auroc(chosen)
        if called is not None:
            row |= _rates(chosen, called[mask])
        rows.append(row | {"note": _note(variable, level, chosen.y_true)})
    return rows


def _rates(judged: Judged, called: np.ndarray) -> dict[str, float]:
    """Return sensitivity and specificity with intervals; NaN without records."""
    names = ("sensitivity", "specificity")
    if not len(called):
        empty = Interval(np.nan, np.nan, np.nan)
        return named(names[0], empty) | named(names[1], empty)
    return judged.intervals(names, lambda w: weighted_rates(judged.y_true, called, w))


def _note(variable: str, level: str, y_true: np.ndarray) -> str:
    """Return what a reader must know of a subgroup."""
    notes = []
    if (variable, level) == ("age", "under 35"):
        notes.append("voltage criteria are not validated under 35 years")
    if (variable, level) == ("conduction", "disturbed"):
        notes.append("voltage criteria do not apply")
    if min(y_true.sum(), (~y_true).sum()) < _FEW:
        notes.append(f"fewer than {_FEW} records of a class")
    return "; ".join(notes)


def _counts(y_true: np.ndarray, groups: np.ndarray) -> dict[str, int]:
    """Return the numbers of records, patients and positive records."""
    return {
        "n_records": len(y_true),
        "n_patients": len(np.unique(groups)),
        "n_positive": int(y_true.sum()),
    }


def describe_participants(
    judged: Judged,
    sex: np.ndarray | None,
    age: np.ndarray | None,
    conduction: np.ndarray | None,
) -> list[dict[str, Any]]:
    """Return who was judged: all, with LVH and without."""
    everyone = np.ones(len(judged.y_true), bool)
    kinds = {"all": everyone, "LVH": judged.y_true, "no LVH": ~judged.y_true}
    rows = []
    for name, mask in kinds.items():
        row: dict[str, Any] = {"records": name, "n_records": int(mask.sum())}
        row["n_patients"] = len(np.unique(judged.groups[mask]))
        if sex is not None:
            row |= {
                "men": int((sex[mask] == 0).sum()),
                "women": int((sex[mask] == 1).sum()),
            }
        if age is not None and np.isfinite(age[mask]).any():
            quartiles = np.nanquantile(age[mask], [0.25, 0.5, 0.75])
            row |= dict(
                zip(("age_q1", "age_median", "age_q3"), quartiles.tolist(), strict=True)
            )
            row["under_35"] = int((age[mask] < 35).sum())
        if conduction is not None:
            row["conduction_disturbed"] = int(conduction[mask].sum())
        rows.append(row)
    return rows
