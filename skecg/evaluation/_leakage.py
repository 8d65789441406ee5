"""Patients and recordings on both sides of a split."""

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from skecg.metrics import check_arguments
from skecg.utils import (
    LEAD_NAMES,
    UNIT_MISTAKE,
    ECGLabels,
    canonical_lead_name,
    is_labelled,
    is_no_millivolts,
    patient_keys,
    typical_amplitude,
)

_NAMED = 5
_PADDED = re.compile(r"0+[1-9][0-9]*")
_SHORTEST = 100  # numbers in a record; shorter rows may agree by chance
# mV; copies differ by half a microvolt where one is rounded to whole microvolts.
_SAME = 0.00075
_PIECES = 4


def check_leakage(
    X_train: Any,
    X_test: Any,
    *,
    groups_train: Any = None,
    groups_test: Any = None,
    on_leakage: str = "raise",
) -> list[str]:
    """Look for patients and recordings that are on both sides of a split.

    Parameters
    ----------
    X_train, X_test : array-like or DataArray of shape (n_records, n_times, n_leads)
        Records of both sides, in the same unit or labelled with theirs.
    groups_train, groups_test : array-like of shape (n_records,), default=None
        Patient of each record. None means the coordinate ``patient`` of a labelled X.
    on_leakage : {"raise", "warn", "ignore"}, default="raise"
        Action on findings.

    Returns
    -------
    list of str
        The findings; empty if there are none.

    Raises
    ------
    ValueError
        If something is found and `on_leakage` is "raise", if a patient is missing, or
        if lengths differ.

    See Also
    --------
    evaluate_lvh : Makes this check for each of its splits.
    sklearn.model_selection.StratifiedGroupKFold : Folds without common patients.

    Notes
    -----
    The findings are patients on both sides, patients known on one side only, groups
    that divide a patient of the coordinate ``patient``, and recordings that agree
    to the microvolt, whatever their patient is called, in mV and in uV, and in any
    order of leads that are labelled. Patients are the same whether
    they are integers, floats or text. Flat records are not compared, nor are rows of
    under 100 numbers, nor is a filtered, cut or resampled copy recognised.

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> cohort = make_lvh_ecg(6, fs=100, duration=2, random_state=0)
    >>> check_leakage(cohort.data[:4], cohort.data[4:])
    []
    >>> check_leakage(cohort.data[:4], cohort.data[3:], on_leakage="ignore")
    ['1 recording is in the training and in the test records: 3 = 0.']
    >>> patients = {"groups_train": [1, 2, 3, 4], "groups_test": [4, 5]}
    >>> check_leakage(cohort.data[:4], cohort.data[4:], **patients)
    Traceback (most recent call last):
    ...
    ValueError: 1 patient is in the training and in the test records: 4. Split by patient, ...
    """  # noqa: E501
    check_arguments("check_leakage", on_leakage=on_leakage)
    sides = [Side("training", X_train, groups_train), Side("test", X_test, groups_test)]
    findings = compare_all(sides)
    report_findings(findings, on_leakage)
    return findings


class Side:
    """Records of one side of a split, and their patients; None means those of X."""

    def __init__(self, name: str, X: Any, groups: Any = None) -> None:
        self.name = name
        labels = ECGLabels.of(X) if is_labelled(X) else None
        values = np.asarray(X) if labels is None else _in_usual_order(labels)
        comparable = values.dtype.kind in "fiu" and values[:1].size >= _SHORTEST
        self.values = values if comparable else None
        self.recordings: np.ndarray | None = None
        what = f"groups of the {name} records"
        self.labelled = patient_keys(None, len(values), labels=labels)
        self.groups = patient_keys(groups, len(values), labels=labels, name=what)

    def take(self, name: str, index: np.ndarray) -> "Side":
        """Return some of the records as a side of their own."""
        part = object.__new__(Side)  # the constructor would read all records again
        part.name, part.labelled = name, None
        part.groups = None if self.groups is None else self.groups[index]
        part.recordings = None if self.recordings is None else self.recordings[index]
        return part

    def own_findings(self) -> list[str]:
        """Return the patients of the label that `groups` divides."""
        if self.labelled is None or self.groups is None:
            return []
        pairs = np.unique(np.stack([self.labelled, self.groups]), axis=1)
        patients, counts = np.unique(pairs[0], return_counts=True)
        divided = patients[counts > 1]
        several = (
            f"groups of the {self.name} records gives several names to "
            f"{_count(divided, 'patient')} of the coordinate 'patient': "
            f"{_list(divided)}."
        )
        return [several] if len(divided) else []


def compare_all(sides: Sequence[Side]) -> list[str]:
    """Return the findings on each side, and on each pair of sides."""
    findings = [finding for side in sides for finding in side.own_findings()]
    identify_recordings(sides)
    for index, a in enumerate(sides):
        for b in sides[index + 1 :]:
            findings += _compare(a, b)
    return findings


def _compare(a: Side, b: Side) -> list[str]:
    """Return the patients and recordings that two sides have in common."""
    findings = []
    both = f"in the {a.name} and in the {b.name} records"
    if a.groups is not None and b.groups is not None:
        # As text, so that 7 of one file is "7" of another.
        common = np.intersect1d(a.groups, b.groups)
        findings += _in_both(common, "patient", both)
        findings += _compare_padded(set(a.groups), set(b.groups), both)
    elif a.groups is not None or b.groups is not None:
        known, unknown = (a, b) if a.groups is not None else (b, a)
        findings.append(
            f"The patients of the {known.name} records are known, those of the "
            f"{unknown.name} records are not; give the groups of both."
        )
    if a.recordings is not None and b.recordings is not None:
        _, *at = np.intersect1d(a.recordings, b.recordings, return_indices=True)
        pairs = [f"{i} = {j}" for i, j in zip(*at, strict=True)]
        findings += _in_both(pairs, "recording", both)
    return findings


def _in_both(common: Sequence[Any] | np.ndarray, what: str, both: str) -> list[str]:
    """Return the finding that some are on both sides, if there are any."""
    if not len(common):
        return []
    verb = "is" if len(common) == 1 else "are"
    return [f"{_count(common, what)} {verb} {both}: {_list(common)}."]


def _compare_padded(a: set[str], b: set[str], both: str) -> list[str]:
    """Return patients that one side alone writes with leading zeros, as "007" and 7."""
    padded = [
        {key: key.lstrip("0") for key in keys if _PADDED.fullmatch(key)}
        for keys in (a, b)
    ]
    if bool(padded[0]) == bool(padded[1]):
        return []  # "007" and "7" in one set may be two patients
    of, others = (padded[0], b) if padded[0] else (padded[1], a)
    common = sorted(key for key, bare in of.items() if bare in others)
    if not common:
        return []
    return [
        f"{_count(common, 'patient')} {both} but for leading zeros: {_list(common)}; "
        "read the identifiers of both as text."
    ]


def compare_splits(
    side: Side, splits: Iterable[tuple[np.ndarray, np.ndarray]]
) -> list[str]:
    """Return the findings on the training and test records of each split."""
    findings = side.own_findings()
    identify_recordings([side])
    for number, (train, test) in enumerate(splits):
        findings += _compare(
            side.take(f"training (split {number})", train),
            side.take(f"test (split {number})", test),
        )
    return findings


def report_findings(findings: Sequence[str], on_leakage: str) -> None:
    """Raise or warn with the findings."""
    if not findings or on_leakage == "ignore":
        return
    more = len(findings) - _NAMED
    text = " ".join(findings[:_NAMED]) + (f" And {more} more." if more > 0 else "")
    text += (
        " Split by patient, for example with StratifiedGroupKFold, and drop recordings "
        'that are there twice; on_leakage="warn" or "ignore" goes on regardless.'
    )
    if on_leakage == "raise":
        raise ValueError(text)
    warnings.warn(text, stacklevel=3)


def _in_usual_order(labels: ECGLabels) -> np.ndarray:
    """Return labelled records in mV, their leads in the order of the twelve."""
    names = [canonical_lead_name(name) for name in labels.lead_names or ()]
    first = [names.index(name) for name in LEAD_NAMES if name in names]
    others = [k for k in range(len(names)) if k not in first]
    return (labels.select_leads(first + others) if names else labels).values()


def identify_recordings(sides: Sequence[Side]) -> None:
    """Give the recordings of all sides numbers, equal ones the same.

    Samples of equal recordings differ by up to 0.75 uV. Hashes of rounded samples would
    differ between float32 and float64 at every half of a microvolt. The extremes of
    pieces of two records differ by no more than their samples, so a tree of extremes
    finds the few pairs to compare.
    """
    _to_one_unit(sides)
    records: list[np.ndarray] = []
    for side in sides:
        if side.values is not None:
            side.recordings = np.arange(len(side.values)) + len(records)
            records += list(side.values)
    numbers = np.arange(len(records))
    features = [_extremes(record) for record in records]
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for k, record in enumerate(records):
        # Flat records are alike without being copies; each has a number of its own.
        if np.ptp(features[k]):
            by_shape.setdefault(record.shape, []).append(k)
    for at in by_shape.values():
        tree = KDTree(np.array([features[k] for k in at]))
        pairs = tree.query_pairs(_SAME, p=np.inf, output_type="ndarray")
        # In order, so that all copies have the number of the first.
        for i, j in np.asarray(at)[pairs[np.lexsort(pairs.T[::-1])]]:
            difference = records[i].astype(np.float64) - records[j]
            if np.abs(np.nan_to_num(difference)).max() <= _SAME:
                numbers[j] = min(numbers[i], numbers[j])
    for side in sides:
        if side.recordings is not None:
            side.recordings = numbers[side.recordings]


def _to_one_unit(sides: Sequence[Side]) -> None:
    """Convert microvolts to mV where another side is in mV."""
    # Only where sides differ as these units do: of one unit, records of a low voltage
    # must not be told from microvolts.
    known = [(s, s.values) for s in sides if s.values is not None and len(s.values)]
    with np.errstate(invalid="ignore", over="ignore"):
        sizes = [typical_amplitude(values) for _, values in known]
    least = min((size for size in sizes if size > 0), default=np.inf)
    for (side, values), size in zip(known, sizes, strict=True):
        if size > UNIT_MISTAKE * least and is_no_millivolts(values):
            side.values = values / 1000


def _extremes(record: np.ndarray) -> np.ndarray:
    """Return the largest and smallest samples of each quarter of a record."""
    samples = np.nan_to_num(record.astype(np.float64)).ravel()
    pieces = np.array_split(samples, _PIECES)
    return np.array([end for piece in pieces for end in (piece.max(), piece.min())])


def _count(found: Sequence[Any] | np.ndarray, what: str) -> str:
    """Return a number with its noun."""
    return f"{len(found)} {what}{'s' if len(found) > 1 else ''}"


def _list(found: Sequence[Any] | np.ndarray) -> str:
    """Name the first few."""
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(str(value) for value in found[:_NAMED]) + more
