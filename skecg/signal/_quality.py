"""What can be trusted in each lead of each record, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from skecg.signal._beats import (
    SHORTEST_WITH_BEATS,
    find_beats,
    front_end,
    remove_wander,
)
from skecg.signal._blocks import LOWEST_RATE, check_rate, check_records, run_in_blocks
from skecg.signal._flutter import FLUTTER_LEADS, FLUTTER_SCORE, flutter_scores
from skecg.signal._leads import INDEPENDENT_LEADS, LEAD_NAMES, standard_leads
from skecg.signal._median import (
    chosen_beats,
    classify_beats,
    count_left_out,
    share_left_out,
)
from skecg.signal._plausible import (
    BLOCK_LENGTH,
    NO_SIGNAL,
    limb_covariance,
    quiet_window,
    rest_of_laws,
)
from skecg.signal._quality_gate import lead_roles, make_twelve
from skecg.signal._reversal import (
    CERTAIN_ODDS,
    EXCHANGES,
    RATE,
    LeadExchange,
    at_100_hz,
    exchange_evidence,
)
from skecg.signal._twelve import bridge_gaps
from skecg.utils import read_lead_names

FINDING_UNITS = {
    "gap": "s",
    "no signal": "mV",
    "saturated": "ms",
    "implausible amplitude": "mV",
    "mains hum": "mV",
    "muscle noise": "mV",
    "baseline wander": "mV",
    "calibration pulse": "mV",
    "pacing spikes": "",
    "beats left out": "",
    "atrial flutter": "",
    "contradiction": "",
    "exchanged electrodes": "log10 odds",
}
FINDINGS = tuple(FINDING_UNITS)
"""What is looked for in each lead."""

_QUIET = 0.25  # quantile over the blocks: between the waves
_NOISE_STEP = 0.01  # s: noise is what is off the line between samples so far apart
_MAINS = (50.0, 60.0)  # Hz
_LONG_PLATEAU = 0.2  # s
_SPIKE_STEP = 0.004  # s
_SPIKE = 0.5  # mV, root mean square over the leads; a QRS complex reaches 0.4
_FEWEST_SPIKES = 3
_REFRACTORY = 0.2  # s
_PULSE = 0.3  # mV: the least step of a calibration pulse
_NO_VOLTAGE = 1e6  # mV: of more nothing is computed
_BLOCK = 16  # records worked on at once: what fits the cache


class QualityLimits(NamedTuple):
    """Beyond which a lead is not to be trusted.

    Attributes
    ----------
    gap : float
        Time in s that is not a number.
    no_signal : float
        Range in mV of the quietest two seconds; less is no signal.
    saturated : float
        Time in ms for which the signal stands still at its largest or smallest value.
    amplitude : float
        Range in mV within 0.2 s that no heart has.
    hum : float
        Amplitude in mV of 50 or 60 Hz.
    noise : float
        Root mean square in mV of what is faster than about 25 Hz, between the waves.
    wander : float
        Range in mV of the mean over one second.
    left_out : float
        Share of the beats that the median beat leaves out, for their shape or noise.
    flutter : float
        Score of regular waves between the QRS complexes.
    exchange_odds : float
        Odds for exchanged electrodes.
    """

    gap: float = 0.0
    no_signal: float = NO_SIGNAL
    saturated: float = 30.0
    amplitude: float = 10.0
    hum: float = 0.03
    noise: float = 0.04
    wander: float = 2.0
    left_out: float = 0.4
    flutter: float = FLUTTER_SCORE
    exchange_odds: float = CERTAIN_ODDS

    def by_finding(self) -> np.ndarray:
        """Return the limit of each finding, in its unit.

        Returns
        -------
        ndarray of float, shape (n_findings,)
            Limits in the order of :data:`FINDINGS`.
        """
        odds = np.log10(self.exchange_odds)
        return np.array([*self[:7], _PULSE, _FEWEST_SPIKES - 1, *self[7:9], 1.0, odds])


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
        Rate a minute of the waves between the QRS complexes.
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
            ``value``, ``limit``, ``unit`` and ``detail``, which names the exchange,
            the number of beats or the rate of flutter.
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
            "atrial flutter": lambda k: f"{self.flutter_rate[k]:.0f} a minute",
        }
        for row in rows:
            detail = details.get(row["finding"])
            row["detail"] = detail(row["record"]) if detail else ""
        return rows


def _of_beats(used: int, left_out: int) -> str:
    """Say how many beats a median beat rests on."""
    return f"{used} of {used + left_out} beats used"


_EXCHANGE = np.array([*EXCHANGES]).dtype
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
    left out. Atrial flutter is regular waves at 200 to 350 a minute between the QRS
    complexes of II, III, aVF and V1, as far as these are named; its score is the share
    of the variance that they explain, up to 2.

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
    names = _names(lead_names, n_leads)
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


def _names(lead_names: Sequence[str] | None, n_leads: int) -> tuple[str, ...] | None:
    """Return the leads' usual names, or what unnamed ones are taken for."""
    if lead_names is None:
        return standard_leads(n_leads)
    return read_lead_names(lead_names, n_leads)


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
    if not np.isfinite(records.sum()):
        gap = ~np.isfinite(records)
        of["gap"][:] = gap.sum(axis=1) / fs
        records = bridge_gaps(records, gap)
    x = (records - records[:, :1]).astype(np.float32, copy=False)
    # In time last, so that each pass runs along memory.
    y = np.ascontiguousarray(x.transpose(0, 2, 1))
    _measure_blocks(y, fs, of)
    _measure_noise(y, fs, of)
    of["saturated"][:] = _plateaus(y, fs, limits.saturated)
    of["saturated"][of["no signal"] < limits.no_signal] = 0
    if y.shape[1] >= 3:
        of["calibration pulse"][:] = _pulse_heights(y, fs)[:, None]
    if fs >= 1 / _SPIKE_STEP:
        of["pacing spikes"][:] = _count_spikes(y, fs)[:, None]
    low = at_100_hz(x, fs) if fs >= LOWEST_RATE else None
    exchanged = _look_at_leads(x, low, names, limits, of)
    return exchanged, *_look_at_beats(low, names, limits, of)


def _measure_blocks(y: np.ndarray, fs: float, of: dict[str, np.ndarray]) -> None:
    """Measure signal, largest deflection and wander from blocks of 0.2 s."""
    n_block = min(max(1, round(BLOCK_LENGTH * fs)), y.shape[2])
    n_blocks = y.shape[2] // n_block
    blocks = y[:, :, : n_blocks * n_block].reshape(*y.shape[:2], n_blocks, n_block)
    high, low = blocks.max(axis=3), blocks.min(axis=3)
    of["implausible amplitude"][:] = (high - low).max(axis=2)
    n_window = quiet_window(y.shape[2], fs) // n_block
    n_windows = n_blocks // n_window
    shape = (*y.shape[:2], n_windows, n_window)
    highest = high[:, :, : n_windows * n_window].reshape(shape).max(axis=3)
    lowest = low[:, :, : n_windows * n_window].reshape(shape).min(axis=3)
    if y.shape[2] > 1:
        of["no signal"][:] = (highest - lowest).min(axis=2)
    n_second = min(5, n_blocks)
    sums = np.cumsum(blocks.mean(axis=3, dtype=np.float64), axis=2)
    means = sums[:, :, n_second - 1 :].copy()
    means[:, :, 1:] -= sums[:, :, :-n_second]
    of["baseline wander"][:] = np.ptp(means, axis=2) / n_second


def _measure_noise(y: np.ndarray, fs: float, of: dict[str, np.ndarray]) -> None:
    """Measure hum, and what else is fast, between the waves."""
    n_block = round(BLOCK_LENGTH * fs)
    step = max(1, round(_NOISE_STEP * fs))
    n_blocks = (y.shape[2] - 2 * step) // n_block if n_block else 0
    if n_blocks < 1:
        return
    shape = (*y.shape[:2], n_blocks, n_block)
    of_hum = np.zeros(y.shape[:2], np.float32)
    power = np.zeros(y.shape[:2], np.float32)
    measured = [f for f in _MAINS if 2.2 * f < fs]
    for frequency in measured:
        phase = 2 * np.pi * frequency / fs * np.arange(n_block)
        waves = 2 / n_block * np.stack([np.cos(phase), np.sin(phase)], axis=1)
        parts = y[:, :, : n_blocks * n_block].reshape(shape) @ waves.astype(np.float32)
        amplitude = _quiet(np.hypot(parts[..., 0], parts[..., 1]))
        np.maximum(of_hum, amplitude, out=of_hum)
        power += np.square(amplitude * (1 - np.cos(phase[1] * step))) / 2
    if measured:
        of["mains hum"][:] = of_hum
    fast = _off_the_line(y, step)[:, :, : n_blocks * n_block]
    np.square(fast, out=fast)
    quiet = _quiet(fast.reshape(shape).mean(axis=3)) - power
    of["muscle noise"][:] = np.sqrt(np.maximum(quiet, 0) / 1.5)


def _off_the_line(y: np.ndarray, step: int) -> np.ndarray:
    """Return how far samples are off the line between those `step` before and after."""
    off = y[:, :, : -2 * step] + y[:, :, 2 * step :]
    off *= -0.5
    off += y[:, :, step:-step]
    return off


def _quiet(blocks: np.ndarray) -> np.ndarray:
    """Return the lower quartile over the blocks."""
    k = int(_QUIET * blocks.shape[2])
    return np.partition(blocks, k, axis=2)[:, :, k]


def _plateaus(y: np.ndarray, fs: float, limit: float) -> np.ndarray:
    """Return for how long (ms) leads stand still at their largest or smallest value.

    One short plateau is no sign: some devices repeat the first sample.
    """
    time = np.zeros(y.shape[:2], np.float32)
    for extreme in (y.max(axis=2, keepdims=True), y.min(axis=2, keepdims=True)):
        at = y == extreme
        still = at[:, :, 1:] & at[:, :, :-1]
        together = np.count_nonzero(still, axis=2) * (1000 / fs)
        for record, lead in np.argwhere(together > limit):
            starts = np.flatnonzero(np.diff(still[record, lead], prepend=False))
            lengths = np.diff(starts, append=still.shape[2])[::2] / fs
            if len(lengths) == 1 and lengths[0] < _LONG_PLATEAU:
                together[record, lead] = 0
        np.maximum(time, together, out=time)
    return time


def _pulse_heights(y: np.ndarray, fs: float) -> np.ndarray:
    """Return the height in mV of a calibration pulse in all leads; 0 where none."""
    every = max(1, round(fs / 100))
    grid = y[:, :, ::every]
    heights = np.zeros(len(y), np.float32)
    steps = grid[:, :, 2:] - grid[:, :, :-2]
    common = steps.mean(axis=1)
    largest = np.abs(common).max(axis=1, initial=0)
    for k in np.flatnonzero(largest > _PULSE):
        together = np.ptp(steps[k], axis=0) < 0.2 * np.abs(common[k])
        up = np.flatnonzero(together & (common[k] > _PULSE))
        down = np.flatnonzero(together & (common[k] < -_PULSE))
        heights[k] = max((_flat_top(grid[k], up, down), _flat_top(-grid[k], down, up)))
    return heights


def _flat_top(grid: np.ndarray, up: np.ndarray, down: np.ndarray) -> float:
    """Return the height of a pulse between a step up and the next step down, else 0."""
    for first in up:
        last = down[(down > first + 8) & (down < first + 120)]
        if not len(last):
            continue
        top = grid[:, first + 3 : last[0]]
        height = float((top.mean(axis=1) - grid[:, first]).mean())
        if height > _PULSE and np.ptp(top, axis=1).max() < 0.2 * height:
            return height
    return 0.0


def _count_spikes(y: np.ndarray, fs: float) -> np.ndarray:
    """Count deflections too short for a heart's: (n_records,)."""
    step = round(_SPIKE_STEP * fs)
    sharp = _off_the_line(y, step)
    size = np.square(sharp, out=sharp).mean(axis=1)
    counts = np.zeros(len(y), np.float32)
    apart = round(_REFRACTORY * fs)
    for k in np.flatnonzero(size.max(axis=1, initial=0) > _SPIKE**2):
        last = -apart
        for when in np.flatnonzero(size[k] > _SPIKE**2).tolist():
            counts[k] += when - last >= apart
            last = when
    return counts


def _look_at_leads(
    x: np.ndarray,
    low: np.ndarray | None,
    names: tuple[str, ...] | None,
    limits: QualityLimits,
    of: dict[str, np.ndarray],
) -> np.ndarray:
    """Measure contradictions and exchanges; return the likeliest exchanges."""
    nothing = np.zeros(len(x), _EXCHANGE)
    if names is None:
        return nothing
    limb, weights = lead_roles(names, x.shape[2])
    silent = of["no signal"] < limits.no_signal
    whole = ~np.any(silent, axis=1)
    if limb is not None:
        rests = rest_of_laws(limb_covariance(x, limb))
        # A lead without a signal contradicts the others too, and is named already.
        rests[silent[:, limb].any(axis=1)] = np.nan
        of["contradiction"][:, limb] = rests[:, None]
        whole &= ~(rests > 1)
    if weights is None or low is None:
        return nothing
    evidence = exchange_evidence(make_twelve(low, weights), whole)
    likeliest = np.nan_to_num(evidence, nan=-np.inf).argmax(axis=1)
    odds = evidence[np.arange(len(x)), likeliest] / np.log(10)
    moves = np.array([_moves(exchange, names) for exchange in EXCHANGES.values()])
    of["exchanged electrodes"][:] = np.where(moves[likeliest], odds[:, None], -np.inf)
    of["exchanged electrodes"][np.isnan(odds)] = np.nan
    suspected = np.nan_to_num(odds, nan=-np.inf) > np.log10(limits.exchange_odds)
    return np.where(suspected, np.array([*EXCHANGES])[likeliest], "")


def _look_at_beats(
    low: np.ndarray | None,
    names: tuple[str, ...] | None,
    limits: QualityLimits,
    of: dict[str, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Measure the beats and flutter at 100 Hz; return the beats and flutter's rate."""
    signal = np.any(of["no signal"] >= limits.no_signal, axis=1)
    signal &= np.all(of["implausible amplitude"] < _NO_VOLTAGE, axis=1)
    n_beats = np.zeros((len(signal), 2), np.int64)
    rates = np.full(len(signal), np.nan)
    judged = np.flatnonzero(signal)
    if low is None or not len(judged) or low.shape[1] < SHORTEST_WITH_BEATS * RATE:
        return n_beats, rates
    x = low[judged]
    x -= x.mean(axis=1, keepdims=True)
    known = names or ()
    if {*INDEPENDENT_LEADS} <= {*known}:
        x = x[:, :, [known.index(lead) for lead in INDEPENDENT_LEADS]]
    front = front_end(x, RATE)
    found = find_beats(x, RATE, front)
    remove_wander(x, RATE, front)
    for k, row in enumerate(judged):
        found[k], classes = classify_beats(x[k], RATE, found[k])
        n_beats[row, 0] = chosen_beats(classes).sum()
        n_beats[row, 1] = count_left_out(classes)
    of["beats left out"][judged] = share_left_out(*n_beats[judged].T)[:, None]
    leads = [known.index(lead) for lead in FLUTTER_LEADS if lead in known]
    if leads:
        scores, rates[judged] = flutter_scores(low[judged][:, :, leads], found)
        of["atrial flutter"][judged] = scores[:, None]
    return n_beats, rates


def _moves(exchange: LeadExchange, names: tuple[str, ...]) -> list[bool]:
    """Tell which leads an exchange of electrodes changes."""
    same = (*zip(range(12), (1,) * 12, strict=True),)
    moved = dict(zip(LEAD_NAMES, zip(*exchange, strict=True), strict=True))
    as_is = dict(zip(LEAD_NAMES, same, strict=True))
    return [moved.get(name) != as_is.get(name) for name in names]
