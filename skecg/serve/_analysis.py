"""All that is said of one recording: probability, criteria, quality, caveat."""

import warnings
from collections.abc import Sequence
from math import isnan
from typing import Any, NamedTuple

import numpy as np

from skecg.criteria import list_findings
from skecg.serve._model import CAVEAT, Model
from skecg.signal import (
    FINDINGS,
    MEASUREMENT_DTYPE,
    assess_quality,
    describe_voltages,
    measure_records,
)
from skecg.utils import (
    ECGLabels,
    check_millivolts,
    read_age,
    read_conduction,
    read_sex,
)

Answer = dict[str, Any]

# How the estimators' warnings begin of what `find_quality` says in more detail.
_OF_QUALITY = "1 of 1 records of X (at 0)"


def analyse(
    record: Any,
    model: Model | None = None,
    *,
    known: Sequence[str] = (),
    criteria: bool = True,
) -> Answer:
    """Return everything that is said of one recording.

    Parameters
    ----------
    record : DataArray of shape (1, n_times, n_leads)
        A labelled record in mV, as :func:`skecg.read_ecg` gives it; its coordinates
        ``sex``, ``age`` and ``conduction`` count where they are there.
    model : Model, default=None
        The trained pipeline; without one, nothing is predicted.
    known : sequence of str, default=()
        Warnings of reading the record, which go first.
    criteria : bool, default=True
        Whether to measure waves and criteria too.

    Returns
    -------
    dict
        ``recording``, ``quality``, ``warnings`` and ``caveat``; with a model
        ``probability``, ``decisions`` at the operating points of its card, and
        ``model``; with `criteria`, ``waves`` and ``criteria`` with values and
        thresholds. All are plain values for JSON; what is unknown is None.

    Raises
    ------
    ValueError
        If the record can't be brought into the form that the model expects.

    Examples
    --------
    >>> from skecg.datasets import make_lvh_ecg
    >>> record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    >>> answer = analyse(record)
    >>> answer["quality"], answer["criteria"][0]["result"]
    ([], 'negative')
    """
    parts = parts_of(record)
    answer: Answer = {"recording": describe(parts), "caveat": CAVEAT}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer["quality"] = find_quality(parts)
        if model is not None:
            answer["probability"] = model.probability(record)
            answer["decisions"] = model.decisions(answer["probability"])
            answer["model"] = model.described()
        if criteria:
            answer["waves"], answer["criteria"] = measure(parts)
    texts = [*known, *(str(warning.message) for warning in caught)]
    said = [t for t in texts if not (answer["quality"] and t.startswith(_OF_QUALITY))]
    answer["warnings"] = list(dict.fromkeys(" ".join(text.split()) for text in said))
    return answer


def measure(record: Any) -> tuple[Answer, list[Answer]]:
    """Return the measured waves of a record, and what each criterion says of it.

    Parameters
    ----------
    record : DataArray of shape (1, n_times, n_leads)
        A labelled record in mV.

    Returns
    -------
    waves : dict
        Each column of :class:`skecg.ECGMeasurer`'s table, in mV, ms, degrees or beats
        a minute; None where it is unknown.
    criteria : list of dict
        ``criterion``, ``title``, ``value``, ``threshold`` and ``result`` of each.

    Examples
    --------
    >>> from skecg.datasets import make_lvh_ecg
    >>> record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    >>> waves, criteria = measure(record)
    >>> round(waves["heart_rate"]), criteria[0]["criterion"]
    (69, 'sokolow_lyon_voltage')
    """
    # Without ECGMeasurer, which would look again for what `find_quality` finds.
    values, fs, leads, labels = parts_of(record)
    check_millivolts(labels, "waves are measured in mV")
    if said := describe_voltages(values):
        warnings.warn(said, stacklevel=2)
    row = measure_records(values, fs, leads, n_jobs=1)
    findings = list_findings(
        row,
        read_sex(None, 1, labels=labels),
        conduction=read_conduction(None, 1, labels=labels),
    )
    names = MEASUREMENT_DTYPE.names or ()
    waves = dict(zip(names, map(_known, row[0].item()), strict=True))
    return waves, [
        {
            "criterion": finding.criterion,
            "title": finding.title,
            "value": finding.value_text,
            "threshold": finding.threshold_text,
            "result": finding.result,
        }
        for finding in findings
    ]


def find_quality(record: Any) -> list[str]:
    """Return what is doubtful about a record, each finding as one line.

    Parameters
    ----------
    record : DataArray of shape (1, n_times, n_leads)
        A labelled record in mV.

    Returns
    -------
    list of str
        Finding, leads, worst value and limit; empty where nothing is doubtful.

    Examples
    --------
    >>> from skecg.datasets import make_lvh_ecg
    >>> record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    >>> record[0, :, 7] = 0
    >>> find_quality(record)
    ['No signal in V2 (0 mV, limit 0.05 mV)']
    """
    values, fs, leads, _ = parts_of(record)
    quality = assess_quality(values, fs, leads, n_jobs=1)
    if not quality.found.any():
        return []
    rows, lines = quality.rows(), []
    for finding in FINDINGS:
        found = rows[rows["finding"] == finding]
        if len(found):
            lines.append(_in_words(finding, found, len(leads)))
    return lines


def _in_words(finding: str, found: np.ndarray, n_leads: int) -> str:
    """Return one finding in all leads that have it."""
    names = [str(name) for name in found["lead"]]
    where = "all leads" if len(names) == n_leads else ", ".join(names)
    worst = (min if finding == "no signal" else max)(found["value"])
    unit = f" {found['unit'][0]}".rstrip()
    detail = f"{found['detail'][0]}; " if found["detail"][0] else ""
    limit = f"{worst:.3g}{unit}, limit {found['limit'][0]:.3g}{unit}"
    return f"{finding[0].upper()}{finding[1:]} in {where} ({detail}{limit})"


def describe(record: Any) -> Answer:
    """Return what was read of a recording; nothing that identifies a person.

    Parameters
    ----------
    record : DataArray of shape (1, n_times, n_leads)
        A labelled record.

    Returns
    -------
    dict
        ``format``, ``fs`` (Hz), ``duration`` (s), ``leads``, ``units``, ``sex``,
        ``age`` (years), ``device``, ``filters`` and ``notes``; None where unknown.

    Examples
    --------
    >>> from skecg.datasets import make_lvh_ecg
    >>> record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
    >>> described = describe(record)
    >>> described["fs"], described["duration"], described["format"]
    (500.0, 10.0, None)
    """
    values, fs, leads, labels = parts_of(record)
    sex, age = read_sex(None, 1, labels=labels), read_age(None, 1, labels=labels)
    attrs = labels.source.attrs
    known = ("format", "device", "filters", "notes")
    return {
        "fs": fs,
        "duration": values.shape[1] / fs,
        "leads": leads,
        "units": attrs.get("units"),
        "sex": None if sex is None else name_sex(sex[0]),
        "age": None if age is None else _known(age[0]),
        **{name: attrs.get(name) for name in known},
    }


def name_sex(code: float) -> str | None:
    """Return the word for a sex, None where it is unknown."""
    return {0.0: "male", 1.0: "female"}.get(float(code))


class Parts(NamedTuple):
    """What a record holds: samples in mV, rate in Hz, lead names, and all labels."""

    values: np.ndarray
    fs: float
    leads: list[str]
    labels: ECGLabels


def parts_of(record: Any) -> Parts:
    """Return what a labelled record holds; `analyse` reads it once for all."""
    if isinstance(record, Parts):
        return record
    labels = ECGLabels.of(record)
    if labels.fs is None:
        raise ValueError(
            "The record has one sample and so no sampling rate; give a recording of "
            "several seconds."
        )
    return Parts(labels.values(), labels.fs, list(labels.lead_names or ()), labels)


def _known(value: Any) -> float | None:
    """Return a number, None for NaN."""
    return None if isnan(value) else float(value)
