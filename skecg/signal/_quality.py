"""What can be trusted in each lead of each record, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skecg.signal._blocks import check_rate, check_records, run_in_blocks
from skecg.signal._faults import measure_faults
from skecg.signal._leads import bridge_gaps
from skecg.signal._limits import FINDING_UNITS, FINDINGS, QualityLimits
from skecg.signal._quality_gate import lead_roles, make_twelve
from skecg.signal._reversal import EXCHANGES, exchange_evidence
from skecg.signal._rhythm import Rhythm, find_rhythm
from skecg.utils import LEAD_NAMES, read_lead_names, standard_leads

_NO_VOLTAGE = 1e6  # mV: of more nothing is computed
_BLOCK = 16  # records worked on at once, at 100 Hz
_IN_CACHE = 4  # of these at their own rate: some 1 MB, which a core's cache holds


@dataclass(frozen=True, repr=False)
class Quality:
    """What :func:`assess_quality` finds.

    Attributes
    ----------
    values : float32 ndarray of shape (n_records, n_leads, n_findings)
        What was measured for each of :data:`FINDINGS`, in its unit; NaN where it can't
        be measured, as hum at a low sampling rate.
    found : bool ndarray of shape (n_records, n_leads, n_findings)
        Whether it is beyond its limit.
    exchanged : ndarray of str, shape (n_records,)
        The likeliest exchange of electrodes, a key of :data:`EXCHANGES`; empty where
        none is suspected.
    beats : int ndarray of shape (n_records, 2)
        Beats that a median beat uses, and those that it leaves out for their shape or
        noise.
    flutter_rate : float32 ndarray of shape (n_records,)
        Rate a minute of fast waves between the QRS complexes.
    limits : ndarray of shape (n_findings,)
        The limit of each finding.
    lead_names : tuple of str or None
        The leads.
    """

    values: np.ndarray
    found: np.ndarray
    exchanged: np.ndarray
    beats: np.ndarray
    flutter_rate: np.ndarray
    limits: np.ndarray
    lead_names: tuple[str, ...] | None

    def __repr__(self) -> str:
        """Show the summary instead of the arrays."""
        return f"<Quality: {self.summary()}>"

    @property
    def doubtful(self) -> np.ndarray:
        """Whether a record has any finding: bool, shape (n_records,)."""
        return np.any(self.found, axis=(1, 2))

    def counts(self) -> dict[str, int]:
        """Count the records that have each finding.

        Returns
        -------
        dict of {str: int}
            Numbers of records, by the names of :data:`FINDINGS`.
        """
        in_records = self.found.any(axis=1).sum(axis=0)
        return dict(zip(FINDINGS, in_records.tolist(), strict=True))

    def not_judged(self) -> dict[str, int]:
        """Count the records that are not doubtful, but where a finding was not sought.

        Returns
        -------
        dict of {str: int}
            Numbers of records in which the finding could be measured in no lead, such
            as hum at 100 Hz or less, by the names of :data:`FINDINGS`.
        """
        unknown = np.isnan(self.values).all(axis=1)[~self.doubtful].sum(axis=0)
        return dict(zip(FINDINGS, unknown.tolist(), strict=True))

    def summary(self) -> str:
        """Say how many records are doubtful and why, and what could not be judged.

        Returns
        -------
        str
            One line.
        """
        n_records = len(self.found)
        said = f"{self.doubtful.sum()} of {n_records} records are doubtful"
        counts = sorted(self.counts().items(), key=lambda item: -item[1])
        reasons = [f"{name} in {count}" for name, count in counts if count]
        said += f": {', '.join(reasons)}." if reasons else "."
        unknown = [f"{name} in {n}" for name, n in self.not_judged().items() if n]
        return f"{said} Not judged: {', '.join(unknown)}." if unknown else said

    def rows(self) -> np.ndarray:
        """List the findings, one row for each in a lead.

        Returns
        -------
        structured ndarray of shape (n_found,)
            Its columns are ``record``, ``lead`` (its name, or its number), ``finding``,
            ``value``, ``limit``, ``unit`` and ``detail``, which has the exchange, the
            number of beats or the rate of the waves.
        """
        record, lead, finding = np.nonzero(self.found)
        names = self.lead_names or tuple(map(str, range(self.found.shape[1])))
        of_names = np.array([*names, ""])
        columns = [("lead", of_names.dtype) if c[0] == "lead" else c for c in _ROW]
        rows = np.zeros(len(record), columns)
        rows["record"] = record
        rows["lead"] = of_names[lead]
        rows["finding"] = np.array(FINDINGS)[finding]
        rows["value"] = self.values[record, lead, finding]
        rows["limit"] = self.limits[finding]
        rows["unit"] = np.array(list(FINDING_UNITS.values()))[finding]
        details = {
            "exchanged electrodes": lambda k: self.exchanged[k],
            "beats left out": lambda k: _of_beats(*self.beats[k]),
            "early beats": lambda k: "as in bigeminy",
            "fast regular waves": lambda k: (
                f"{self.flutter_rate[k]:.0f}/min, as in flutter"
            ),
        }
        for row in rows:
            detail = details.get(row["finding"])
            row["detail"] = detail(row["record"]) if detail else ""
        return rows


def _of_beats(used: int, left_out: int) -> str:
    """Say how many beats a median beat rests on."""
    return f"{used} of {used + left_out} beats used"


_EXCHANGE = np.array([*EXCHANGES]).dtype
_MOVED = np.zeros((len(EXCHANGES), 13), bool)
"""Whether an exchange changes each of the twelve leads; the last is any other lead."""
_AS_IS = np.array([range(12), [1] * 12])
_MOVED[:, :12] = np.any(np.array([*EXCHANGES.values()]) != _AS_IS, axis=1)
_ROW: list[tuple[str, Any]] = [
    ("record", np.int64),
    ("lead", "<U3"),
    ("finding", np.array(FINDINGS).dtype),
    ("value", np.float64),
    ("limit", np.float64),
    ("unit", np.array(list(FINDING_UNITS.values())).dtype),
    ("detail", "<U24"),
]


def assess_quality(
    X: np.ndarray,
    fs: float,
    lead_names: Sequence[str] | None = None,
    *,
    limits: QualityLimits | None = None,
    n_jobs: int | None = -1,
) -> Quality:
    """Say of each lead of each record whether it can be trusted, and why not.

    Parameters
    ----------
    X : ndarray of shape (n_records, n_times, n_leads) or (n_records, n_times)
        Recordings in mV, float32 or float64, unfiltered; NaN marks a gap.
    fs : float
        Sampling rate in Hz.
    lead_names : sequence of str, default=None
        The leads of X, in any case and order. None means the twelve leads, or the eight
        independent ones, in their usual order where X has so many; else contradictions
        and exchanges are not looked for.
    limits : QualityLimits, default=None
        What is too much; None means those measured on PTB-XL.
    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Returns
    -------
    Quality
        The findings, and what was measured.

    Raises
    ------
    ValueError
        If the shape of X or fs is invalid, or X has another number of leads than
        names.
    TypeError
        If X is neither float32 nor float64.

    See Also
    --------
    find_doubts : The part of it that trained pipelines look at.
    find_exchanges : Exchanged electrodes alone.

    Notes
    -----
    All is measured in blocks of 0.2 s. Of hum and noise the lower quartile over the
    blocks counts, which lies between the waves. Calibration pulses are steps of at
    least 0.3 mV that all leads take together, up and down again, with a flat top; they
    need three leads. Pacing spikes are at least three deflections of 8 ms or less, of
    0.5 mV in the root mean square of the leads, and need 250 Hz. A contradiction is
    measured by what remains of a law of the limb leads over what may remain
    (:func:`breaks_einthoven`). Beats are found and compared at 100 Hz, as in
    :func:`classify_beats`: of a median beat of fewer than three beats, all count as
    left out. Low early beats that the detector takes for T waves count as left out
    where a pause follows them. Early beats are at least three whose interval to the
    beat before is under 0.8 of that to the beat after, and within 8 % of one interval.
    Fast regular waves are sought at 200 to 350 a minute between the QRS complexes of
    II, III, aVF and V1, as far as these are named; the score is the share of the
    variance that they explain, up to 2. Flutter has such waves, and so have other
    supraventricular tachycardias.

    The limits are such that few of PTB-XL's recordings exceed them: docs/quality.md has
    the shares.

    Examples
    --------
    >>> from skecg import make_lvh_ecg
    >>> X = make_lvh_ecg(4, fs=500, random_state=0).data
    >>> X[2, :, 6] += 0.1 * np.sin(2 * np.pi * 50 * np.arange(5000) / 500)
    >>> quality = assess_quality(X, 500.0)
    >>> quality.summary()
    '1 of 4 records are doubtful: mains hum in 1.'
    >>> row = quality.rows()[0]
    >>> row["record"].item(), row["lead"].item(), row["value"].round(2).item()
    (2, 'V1', 0.1)
    """
    records = check_records(X, any_value=True)
    fs = check_rate("fs", fs)
    n_records, _, n_leads = records.shape
    names = standard_leads(n_leads)
    if lead_names is not None:
        names = read_lead_names(lead_names, n_leads)
    limits = limits or QualityLimits()
    values = np.full((n_records, n_leads, len(FINDINGS)), np.nan, np.float32)
    exchanged = np.zeros(n_records, _EXCHANGE)
    beats = np.zeros((n_records, 2), np.int64)
    rates = np.full(n_records, np.nan, np.float32)

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, _BLOCK):
            here = slice(first, min(first + _BLOCK, stop))
            with np.errstate(over="ignore", invalid="ignore"):
                found = _measure(records[here], fs, names, limits, values[here])
            exchanged[here], beats[here], rates[here] = found

    run_in_blocks(work, n_records, n_jobs, _BLOCK)
    of_finding = limits.by_finding()
    with np.errstate(invalid="ignore"):
        found = values > of_finding.astype(np.float32)
    silent = FINDINGS.index("no signal")
    found[..., silent] = values[..., silent] < limits.no_signal
    return Quality(values, found, exchanged, beats, rates, of_finding, names)


def _measure(
    records: np.ndarray,
    fs: float,
    names: tuple[str, ...] | None,
    limits: QualityLimits,
    values: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write what is measured in a block of records; return exchanges, beats, rates."""
    of = dict(zip(FINDINGS, np.moveaxis(values, -1, 0), strict=True))
    of["gap"][:] = 0
    roles = lead_roles(names, records.shape[2]) if names else (None, None)
    low = []
    for first in range(0, len(records), _IN_CACHE):
        few = slice(first, first + _IN_CACHE)
        part, of_few = records[few], {name: array[few] for name, array in of.items()}
        gap = ~np.isfinite(part)
        if gap.any():
            of_few["gap"][:] = gap.sum(axis=1) / fs
            part = bridge_gaps(part, gap)
        low.append(measure_faults(part, fs, limits, roles[0], of_few))
    slow = np.concatenate(low)
    exchanged = _look_at_leads(slow, roles[1], names, limits, of)
    rhythm = _look_at_beats(slow, names or (), limits, of)
    return exchanged, rhythm.beats, rhythm.flutter_rate


def _look_at_leads(
    low: np.ndarray,
    weights: np.ndarray | None,
    names: tuple[str, ...] | None,
    limits: QualityLimits,
    of: dict[str, np.ndarray],
) -> np.ndarray:
    """Measure the evidence for exchanges; return the likeliest ones."""
    if names is None or weights is None or not low.shape[1]:
        return np.zeros(len(low), _EXCHANGE)
    whole = ~np.any(of["no signal"] < limits.no_signal, axis=1)
    whole &= ~np.any(of["contradiction"] > 1, axis=1)
    evidence = exchange_evidence(make_twelve(low, weights), whole)
    likeliest = np.nan_to_num(evidence, nan=-np.inf).argmax(axis=1)
    odds = evidence[np.arange(len(low)), likeliest] / np.log(10)
    places = [LEAD_NAMES.index(name) if name in LEAD_NAMES else -1 for name in names]
    moved = _MOVED[likeliest][:, places]
    of["exchanged electrodes"][:] = np.where(moved, odds[:, None], -np.inf)
    of["exchanged electrodes"][np.isnan(odds)] = np.nan
    suspected = np.nan_to_num(odds, nan=-np.inf) > np.log10(limits.exchange_odds)
    return np.where(suspected, np.array([*EXCHANGES])[likeliest], "")


def _look_at_beats(
    low: np.ndarray,
    names: tuple[str, ...],
    limits: QualityLimits,
    of: dict[str, np.ndarray],
) -> Rhythm:
    """Measure the rhythm of the records that have a signal."""
    signal = np.any(of["no signal"] >= limits.no_signal, axis=1)
    signal &= np.all(of["implausible amplitude"] < _NO_VOLTAGE, axis=1)
    rhythm = Rhythm.unknown(len(low))
    if signal.any():
        for part, found in zip(rhythm, find_rhythm(low[signal], names), strict=True):
            part[signal] = found
    of["beats left out"][:] = rhythm.left_out[:, None]
    of["early beats"][:] = rhythm.early[:, None]
    of["fast regular waves"][:] = rhythm.flutter[:, None]
    return rhythm
