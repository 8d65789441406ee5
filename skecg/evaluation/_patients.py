"""Sex, age, conduction and other subgroups of the judged records."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from skecg.metrics import FEW_RECORDS, ScoredRecords, weighted_rates, weighted_roc_auc
from skecg.utils import ECGLabels, is_missing, read_age, read_conduction, read_sex

# Under 35 the voltage criteria are not validated (AHA/ACCF/HRS 2009,
# doi:10.1161/CIRCULATIONAHA.108.191097).
_AGE_BANDS = {
    "under 35": (0, 35),
    "35 to 49": (35, 50),
    "50 to 64": (50, 65),
    "65 to 79": (65, 80),
    "80 and over": (80, np.inf),
}


@dataclass(frozen=True)
class Patients:
    """Sex, age, conduction and subgroups of each record; None where unknown."""

    sex: np.ndarray | None  # 0 for men, 1 for women, NaN where unknown
    age: np.ndarray | None  # years, NaN where unknown
    conduction: np.ndarray | None  # whether it is disturbed
    others: Mapping[str, np.ndarray]  # level of each record, by variable

    @classmethod
    def read(
        cls,
        n_records: int,
        sex: Any,
        age: Any,
        conduction: Any,
        subgroups: Any,
        labels: ECGLabels | None = None,
    ) -> "Patients":
        """Read the user's arguments, of which None means the labels of X."""
        if not isinstance(subgroups, Mapping | None):
            raise TypeError(
                "subgroups must be a dict of variable to the level of each record, got "
                f"{type(subgroups).__name__}; write {{'site': levels}}."
            )
        return cls(
            read_sex(sex, n_records, labels=labels),
            read_age(age, n_records, labels=labels),
            read_conduction(conduction, n_records, labels=labels),
            {
                str(name): of_length(values, f"subgroups[{name!r}]", n_records)
                for name, values in (subgroups or {}).items()
            },
        )

    def masks(self) -> dict[tuple[str, str], np.ndarray]:
        """Return which records are in each subgroup, by variable and level."""
        masks: dict[tuple[str, str], np.ndarray] = {}
        if self.sex is not None:
            masks |= {("sex", "men"): self.sex == 0, ("sex", "women"): self.sex == 1}
        if self.age is not None:
            for name, (low, high) in _AGE_BANDS.items():
                masks["age", name] = (self.age >= low) & (self.age < high)
        if self.conduction is not None:
            masks["conduction", "disturbed"] = self.conduction
            masks["conduction", "not disturbed"] = ~self.conduction
        for variable, values in self.others.items():
            for level, mask in _levels(values).items():
                masks[variable, level] = mask
        return {key: mask for key, mask in masks.items() if mask.any()}

    def describe(self, records: ScoredRecords) -> list[dict[str, Any]]:
        """Return who was judged: all, with LVH and without."""
        everyone = np.ones(len(records.y_true), bool)
        kinds = {"all": everyone, "LVH": records.y_true, "no LVH": ~records.y_true}
        return [
            {"records": name} | _counts(records.take(mask)) | self._of(mask)
            for name, mask in kinds.items()
        ]

    def _of(self, mask: np.ndarray) -> dict[str, Any]:
        """Return sex, age and conduction of some records."""
        row: dict[str, Any] = {}
        if self.sex is not None:
            sex = self.sex[mask]
            row |= {"men": int((sex == 0).sum()), "women": int((sex == 1).sum())}
        if self.age is not None and np.isfinite(self.age[mask]).any():
            age = self.age[mask]
            quartiles = np.nanquantile(age, [0.25, 0.5, 0.75]).tolist()
            names = ("age_q1", "age_median", "age_q3")
            row |= dict(zip(names, quartiles, strict=True))
            row["under_35"] = int((age < 35).sum())
        if self.conduction is not None:
            row["conduction_disturbed"] = int(self.conduction[mask].sum())
        return row


def of_length(values: Any, name: str, n_records: int) -> np.ndarray:
    """Return the values if they are one for each record."""
    values = column_or_1d(values)
    if len(values) != n_records:
        raise ValueError(
            f"{name} has {len(values)} values, but there are {n_records} records; give "
            "one value for each."
        )
    return values


def judge_subgroups(
    records: ScoredRecords,
    masks: Mapping[tuple[str, str], np.ndarray],
    called: np.ndarray | None,
) -> list[dict[str, Any]]:
    """Return a row for each subgroup; rates where decisions are given."""
    rows = []
    for (variable, level), mask in masks.items():
        # The draws of patients are those of the whole cohort.
        chosen = records.take(mask)
        y = chosen.y_true
        row: dict[str, Any] = {"variable": variable, "level": level}
        row |= _counts(chosen) | {"n_positive": int(y.sum())}
        row |= chosen.figures(["auroc"], partial(weighted_roc_auc, y, chosen.y_score))
        if called is not None:
            rates = partial(weighted_rates, y, called[mask])
            row |= chosen.figures(["sensitivity", "specificity"], rates)
        rows.append(row | {"note": _note(variable, level, y)})
    return rows


def _counts(records: ScoredRecords) -> dict[str, int]:
    """Return the numbers of records and patients."""
    n_patients = len(np.unique(records.groups))
    return {"n_records": len(records.y_true), "n_patients": n_patients}


def _note(variable: str, level: str, y_true: np.ndarray) -> str:
    """Return the caveats of a subgroup."""
    notes = []
    if (variable, level) == ("age", "under 35"):
        notes.append("voltage criteria are not validated under 35 years")
    if (variable, level) == ("conduction", "disturbed"):
        notes.append("voltage criteria do not apply")
    if min(y_true.sum(), (~y_true).sum()) < FEW_RECORDS:
        notes.append(f"fewer than {FEW_RECORDS} records of a class")
    return "; ".join(notes)


def _levels(values: np.ndarray) -> dict[str, np.ndarray]:
    """Return which records have each level; a missing one is no level."""
    # np.unique would sort NaN as a level, and fail between text and None.
    known = np.array([not is_missing(value) for value in values.tolist()], bool)
    if values.dtype.kind == "O":
        values = values.astype(str)
    return {str(level): values == level for level in np.unique(values[known])}
