"""Records of one patient, or one recording twice, on both sides of a split."""

import warnings
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from skecg.utils import ECGLabels, is_labelled

ON_LEAKAGE = ("raise", "warn", "ignore")
_NAMED = 5
_SHORTEST = 100  # numbers in a record; shorter rows may well agree by chance


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
        What to do with findings.

    Returns
    -------
    list of str
        The findings; empty if there are none.

    Raises
    ------
    ValueError
        If something is found and `on_leakage` is "raise", or if it is none of these
        words.

    Warns
    -----
    UserWarning
        If something is found and `on_leakage` is "warn".

    See Also
    --------
    evaluate_lvh : Does this for every split that it is given or makes.
    sklearn.model_selection.StratifiedGroupKFold : Folds without common patients.

    Notes
    -----
    Found are: a patient on both sides; patients known on one side only; `groups_train`
    or `groups_test` that tell apart records which the coordinate ``patient`` says are
    one patient's; and recordings that agree to the microvolt, whatever their patient
    is called. Records that are flat everywhere are not compared, and neither are rows
    of under 100 numbers. A recording that was filtered, cut or resampled between the
    two sides is another one to this check.

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> cohort = make_lvh_ecg(6, fs=100, duration=2, random_state=0)
    >>> check_leakage(cohort.data[:4], cohort.data[4:])
    []
    >>> check_leakage(cohort.data[:4], cohort.data[3:], on_leakage="ignore")
    ['1 recording is in the training and in the test records: 3 = 0.']
    >>> check_leakage(
    ...     cohort.data[:4],
    ...     cohort.data[4:],
    ...     groups_train=[1, 2, 3, 4],
    ...     groups_test=[4, 5],
    ... )
    Traceback (most recent call last):
    ...
    ValueError: 1 patient is in the training and in the test records: 4. Split by patient, ...
    """  # noqa: E501
    check_on_leakage(on_leakage)
    sides = [
        Side("training", X_train, groups_train),
        Side("test", X_test, groups_test),
    ]
    findings = [finding for side in sides for finding in side.own_findings()]
    findings += compare_sides(*sides)
    report_findings(findings, on_leakage)
    return findings


class Side:
    """Records of one side: what they are called, their patients and their hashes.

    Parameters
    ----------
    name : str
        Such as ``"training"``.
    X : array-like
        The records.
    groups : array-like or None
        Patients; None means those of a labelled X.
    """

    def __init__(self, name: str, X: Any, groups: Any = None) -> None:
        self.name = name
        labelled = (
            ECGLabels.of(X).record_coordinate("patient") if is_labelled(X) else None
        )
        self.labelled = None if labelled is None else labelled.astype(str)
        given: Any = groups if groups is not None else labelled
        self.patients = None if given is None else column_or_1d(given)
        self.groups = None if given is None else column_or_1d(given).astype(str)
        self.hashes = record_hashes(X)

    def take(self, name: str, index: np.ndarray) -> "Side":
        """Return some of the records as a side of their own."""
        part = object.__new__(Side)
        part.name, part.labelled, part.patients = name, None, None
        part.groups = None if self.groups is None else self.groups[index]
        part.hashes = None if self.hashes is None else self.hashes[index]
        return part

    def own_findings(self) -> list[str]:
        """Return the patients of the label that `groups` divides."""
        if self.labelled is None or self.groups is None:
            return []
        pairs = np.unique(np.stack([self.labelled, self.groups]), axis=1)
        patients, counts = np.unique(pairs[0], return_counts=True)
        divided = patients[counts > 1]
        if not len(divided):
            return []
        return [
            f"groups of the {self.name} records gives several names to "
            f"{_count(divided, 'patient')} of the coordinate 'patient': "
            f"{_list(divided)}."
        ]


def compare_sides(a: Side, b: Side) -> list[str]:
    """Return what two sides have in common."""
    findings = []
    both = f"in the {a.name} and in the {b.name} records"
    if a.groups is not None and b.groups is not None:
        common = np.intersect1d(a.groups, b.groups)
        if len(common):
            verb = "is" if len(common) == 1 else "are"
            findings.append(
                f"{_count(common, 'patient')} {verb} {both}: {_list(common)}."
            )
    elif a.groups is not None or b.groups is not None:
        known, unknown = (a, b) if a.groups is not None else (b, a)
        findings.append(
            f"The patients of the {known.name} records are known, those of the "
            f"{unknown.name} records are not; give the groups of both."
        )
    if a.hashes is None or b.hashes is None:
        return findings
    common, at_a, at_b = np.intersect1d(a.hashes, b.hashes, return_indices=True)
    real = common != ""
    if real.any():
        pairs = [f"{i} = {j}" for i, j in zip(at_a[real], at_b[real], strict=True)]
        verb = "is" if len(pairs) == 1 else "are"
        findings.append(f"{_count(pairs, 'recording')} {verb} {both}: {_list(pairs)}.")
    return findings


def compare_splits(
    side: Side, splits: Iterable[tuple[np.ndarray, np.ndarray]]
) -> list[str]:
    """Return what training and test records of each split have in common."""
    findings = side.own_findings()
    for number, (train, test) in enumerate(splits):
        findings += compare_sides(
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


def check_on_leakage(on_leakage: str) -> None:
    """Raise if the word is unknown."""
    if on_leakage not in ON_LEAKAGE:
        raise ValueError(f"on_leakage must be one of {ON_LEAKAGE}, got {on_leakage!r}.")


def record_hashes(X: Any) -> np.ndarray | None:
    """Return a hash of each record's microvolts; "" where it is flat.

    None where the rows are too short to be recordings.
    """
    values = ECGLabels.of(X).values() if is_labelled(X) else np.asarray(X)
    if values.dtype.kind not in "fiu" or values[:1].size < _SHORTEST:
        return None
    return np.array([_hash(record) for record in values])


def _hash(record: np.ndarray) -> str:
    """Return a hash of one record in whole microvolts; "" where it is flat."""
    if np.ptp(record) == 0:
        return ""
    # The sum turns -0.0 into 0.0.
    microvolts = np.rint(record.astype(np.float64) * 1000) + 0.0
    return blake2b(np.ascontiguousarray(microvolts).data, digest_size=16).hexdigest()


def _count(found: Sequence[Any] | np.ndarray, what: str) -> str:
    """Return a number with its noun."""
    return f"{len(found)} {what}{'s' if len(found) > 1 else ''}"


def _list(found: Sequence[Any] | np.ndarray) -> str:
    """Name the first few."""
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(str(value) for value in found[:_NAMED]) + more
