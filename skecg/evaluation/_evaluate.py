"""Evaluating an estimator: on records kept apart, or by cross-validation."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skecg.evaluation._criteria import DEFAULT_CRITERIA, measure
from skecg.evaluation._leakage import Side, compare_all, compare_splits, report_findings
from skecg.evaluation._patients import Patients
from skecg.evaluation._predictions import Splits, predict_by_folds, predict_held_out
from skecg.evaluation._quality import assess_records, warned_once
from skecg.evaluation._report import LVHReport, Settings
from skecg.metrics import check_arguments, positive_class
from skecg.utils import ECGLabels, agree_on_fs, is_labelled, read_groups


def evaluate_lvh(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    sex: Any = None,
    age: Any = None,
    conduction: Any = None,
    X_val: Any = None,
    y_val: Any = None,
    groups_val: Any = None,
    X_train: Any = None,
    groups_train: Any = None,
    cv: Any = None,
    params: Mapping[str, Any] | None = None,
    positive_label: Any = None,
    measurements: Any = None,
    criteria: Sequence[str] = DEFAULT_CRITERIA,
    fs: float | None = None,
    operating_points: Sequence[Any] | None = None,
    thresholds_from: str | None = None,
    prevalences: Sequence[float] = (0.05, 0.1, 0.2, 0.4),
    subgroups: Mapping[str, Any] | None = None,
    on_leakage: str = "raise",
    n_bootstrap: int = 1000,
    confidence_level: float = 0.95,
    random_state: int | np.random.RandomState | None = 0,
) -> LVHReport:
    """Evaluate a classifier of left ventricular hypertrophy.

    Parameters
    ----------
    estimator : estimator
        A classifier with `predict_proba`, or with `decision_function`, which has no
        calibration and no decision curve. Fitted, or with `cv` to be fitted.
    X : array-like or DataArray of shape (n_records, n_times, n_leads)
        Records to evaluate it on, or other data that the estimator takes.
    y : array-like of shape (n_records,)
        Labels of two classes.
    groups : array-like of shape (n_records,), default=None
        Patient of each record. None means the coordinate ``patient`` of a labelled X,
        else that each record is a patient of its own.
    sex, age : array-like of shape (n_records,), default=None
        Sex, 0 or "male", 1 or "female", NaN if unknown; age in years from 0 to 120, and
        PTB-XL's 300 for over 89. None means those of a labelled X.
    conduction : array-like of bool, default=None
        Records with bundle branch block, pre-excitation or pacing, to which the
        criteria do not apply. None means that of a labelled X, else unknown.
    X_val, y_val, groups_val : array-like, default=None
        Other records, on which thresholds are chosen.
    X_train, groups_train : array-like, default=None
        The records that the estimator was fitted on, only to look for leakage.
    cv : int, splitter or iterable, default=None
        Cross-validation: the estimator is cloned and fitted in each split, and judged
        on its test side. An integer is the number of folds, which keep known patients
        together (:class:`~sklearn.model_selection.StratifiedGroupKFold`).
        ``joblib.parallel_config(n_jobs=2)`` fits two at a time. None judges the fitted
        estimator.
    params : dict, default=None
        For `fit` in each split of `cv`, as in
        :func:`~sklearn.model_selection.cross_val_predict`.
    positive_label : label, default=None
        The label that means LVH. None means the larger of two, which is an error where
        the labels are text and the other one names LVH.
    measurements : array-like or DataFrame, default=None
        Measurements of X by :class:`~skecg.ECGMeasurer`, for the criteria. None
        measures X.
    criteria : sequence of str, default=DEFAULT_CRITERIA
        Names of criteria to compare with, as in :class:`~skecg.CriterionClassifier`;
        Sokolow-Lyon and Cornell voltage, Cornell product and Peguero-Lo Presti by
        default. Empty for none.
    fs : float, default=None
        Sampling rate in Hz of an unlabelled X. None measures it at 500 Hz, and does not
        assess its quality.
    operating_points : sequence, default=None
        Each ``"youden"``, ``("sensitivity", share)``, ``("specificity", share)``, or a
        threshold as a number. None means specificities of 0.90 and 0.95, a sensitivity
        of 0.90 and Youden's where there are records to choose them on.
    thresholds_from : str, default=None
        Origin of thresholds given as numbers, such as
        ``pretrained_card()["evaluation"]["thresholds"]``; without any, of the
        estimator's own. The page repeats it; None is stated as unknown.
    prevalences : sequence of float, default=(0.05, 0.1, 0.2, 0.4)
        Shares of LVH for which predictive values are given.
    subgroups : dict of str to array-like, default=None
        More subgroups: for each variable, the level of each record.
    on_leakage : {"raise", "warn", "ignore"}, default="raise"
        Action where a patient or a recording is on both sides of a split.
    n_bootstrap : int, default=1000
        Number of bootstrap samples of patients.
    confidence_level : float, default=0.95
        Confidence level of all intervals.
    random_state : int, RandomState instance or None, default=0
        Seeds the bootstrap.

    Returns
    -------
    LVHReport
        Tables, and methods that write them as JSON and as a page.

    Raises
    ------
    ValueError
        If lengths differ or a class is missing; if a patient or a recording is on both
        sides of a split; if there are no records to choose thresholds on; if the
        criteria can't be measured.
    NotFittedError
        If the estimator is not fitted and `cv` is None.

    See Also
    --------
    LVHReport.from_predictions : The same report from labels and scores.
    check_leakage : The comparison of two sets alone.
    patient_bootstrap : Intervals of any other metric.

    Notes
    -----
    *Intervals* are percentiles of a bootstrap of whole patients, with model and
    thresholds fixed.

    *Thresholds* are never chosen on the records they are judged on. With `cv`, those of
    a fold are chosen on the predictions of all other folds. The models of these folds
    were fitted on that fold too, which affects a threshold little.

    *Criteria* are compared on the records to which they apply; the table counts the
    others. The score of a criterion is its index minus the threshold for the sex.
    P-values are DeLong's with patients as clusters. "Matched specificity" is the
    model's largest sensitivity at no lower a specificity than the criterion's.

    *Quality*: where recordings and their sampling rate are known, the table ``quality``
    has the figures with and without findings of :func:`skecg.signal.assess_quality`.

    *Decisions*: without `cv`, those of `predict` are the last operating point. Rates
    of subgroups are those of the first.

    Examples
    --------
    Patients, sex and age come with labelled records.

    >>> from sklearn.impute import SimpleImputer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skecg import VoltageCriteria, evaluate_lvh, make_lvh_ecg
    >>> cohort = make_lvh_ecg(100, fs=250, random_state=0, as_xarray=True)
    >>> model = make_pipeline(
    ...     VoltageCriteria(), SimpleImputer(), StandardScaler(), LogisticRegression()
    ... )
    >>> report = evaluate_lvh(
    ...     model, cohort.data, cohort.target, cv=4, n_bootstrap=100
    ... )
    >>> print(report)
    LVHReport of 100 records of ... patients, 30 with LVH
      AUROC                  0...
      ...
    >>> report.criteria.loc["cornell_voltage", "auroc_difference"]
    np.float64(...)

    Folds that divide patients are refused.

    >>> from sklearn.model_selection import KFold
    >>> evaluate_lvh(model, cohort.data, cohort.target, cv=KFold(4))
    Traceback (most recent call last):
    ...
    ValueError: ... patients are in the training (split 0) and in the test (split 0) records: ...
    """  # noqa: E501
    # Every argument is read, and leakage found, before a fit or prediction of hours.
    check_arguments("evaluate_lvh", on_leakage=on_leakage, cv=cv)
    settings = Settings(
        criteria,
        operating_points,
        thresholds_from,
        prevalences,
        fs,
        n_bootstrap,
        confidence_level,
        random_state,
    )
    settings.check("evaluate_lvh")
    check_consistent_length(X, y)
    _check_together(
        cv,
        X_val=X_val,
        y_val=y_val,
        groups_val=groups_val,
        X_train=X_train,
        groups_train=groups_train,
        params=params,
    )
    positive = positive_class(y, "y", positive_label)
    labels = ECGLabels.of(X) if is_labelled(X) else None
    if fs is not None and labels is not None:
        agree_on_fs(fs, labels.fs, "judge X")
    patients = Patients.read(len(y), sex, age, conduction, subgroups, labels)
    # Leakage needs the names of patients, all else their numbers.
    side = Side("judged", X, groups)
    groups = read_groups(groups, len(y), labels=labels)
    splits = None
    if cv is None:
        check_is_fitted(estimator)
        findings, checks = _check_sides(side, X_val, groups_val, X_train, groups_train)
    else:
        splits = _splits(cv, X, y, groups)
        findings = compare_splits(side, splits)
        checks = [_what_was_checked(side, f"{len(splits)} splits")]
    report_findings(findings, on_leakage)
    quality, said = assess_records(X, labels, fs)
    # Warnings about X_val would be silenced too.
    with warned_once(quality is not None and X_val is None):
        if splits is None:
            predictions = predict_held_out(estimator, X, y, positive, X_val, y_val)
        else:
            predictions = predict_by_folds(estimator, X, y, positive, splits, params)
    measured = measurements is None
    if not len(criteria):
        measurements = None
    elif measurements is None:
        with warned_once(quality is not None):
            measurements = measure(X, fs)
    details = _describe(estimator, X, labels, y, positive)
    details |= {"checks": checks, "findings": findings, "quality": said}
    with warned_once(measured):
        return LVHReport._of(
            predictions, groups, patients, settings, measurements, details, quality
        )


def _check_together(cv: Any, **arguments: Any) -> None:
    """Raise for arguments that would be ignored without others, or with `cv`."""
    given = {name for name, value in arguments.items() if value is not None}
    if ("X_val" in given) != ("y_val" in given):
        raise ValueError("X_val and y_val belong together; give both or neither.")
    for groups, X in (("groups_val", "X_val"), ("groups_train", "X_train")):
        if groups in given and X not in given:
            raise ValueError(f"{groups} belongs to {X}; give both or neither.")
    if cv is None and "params" in given:
        raise ValueError("params is for fit in the splits of cv; give cv, or leave it.")
    if cv is not None and given & {"X_val", "X_train"}:
        raise ValueError(
            "With cv, thresholds are chosen on the other folds, and all training "
            "records are of X; leave out X_val, y_val and X_train, or cv."
        )


def _check_sides(
    side: Side, X_val: Any, groups_val: Any, X_train: Any, groups_train: Any
) -> tuple[list[str], list[str]]:
    """Return the findings on the given sets, and which comparisons were made."""
    given = (("validation", X_val, groups_val), ("training", X_train, groups_train))
    sides = [side, *(Side(*each) for each in given if each[1] is not None)]
    names = sorted(each.name for each in sides[1:])
    checks = [_what_was_checked(side, f"{name} records") for name in names]
    if X_train is None:
        checks.append("The training records were not given and not compared.")
    return compare_all(sides), checks


def _what_was_checked(side: Side, against: str) -> str:
    """Describe a comparison."""
    known = {"patients": side.groups, "recordings": side.values}
    what = " and ".join(name for name in known if known[name] is not None)
    what = what or "neither patients nor recordings could be"
    return f"Leakage check, {against}: {what} compared."


def _splits(cv: Any, X: Any, y: Any, groups: np.ndarray | None) -> Splits:
    """Return the indices of every split."""
    if isinstance(cv, Integral):
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
        # Not shuffled: the same folds at each call.
        cv = kind(int(cv))
    with warnings.catch_warnings():
        # compare_splits tells whether such a splitter divides a patient.
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        pairs = list(cv.split(X, y, groups) if hasattr(cv, "split") else cv)
    return [(np.asarray(train), np.asarray(test)) for train, test in pairs]


def _describe(
    estimator: Any, X: Any, labels: ECGLabels | None, y: Any, positive: Any
) -> dict[str, Any]:
    """Return the facts on model, data and software for the pages."""
    others = [str(label) for label in np.unique(np.asarray(y)) if label != positive]
    whole = isinstance(estimator, BaseEstimator)
    names = None if labels is None else labels.lead_names
    return {
        "model": estimator.__repr__(N_CHAR_MAX=8000) if whole else repr(estimator),
        "shape": list(np.shape(X)),
        "fs": None if labels is None else labels.fs,
        "lead_names": None if names is None else list(names),
        "classes": [" or ".join(others), str(positive)],
        "versions": {
            name: version(name) for name in ("skecg", "scikit-learn", "numpy", "scipy")
        },
    }
