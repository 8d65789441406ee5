"""The findings of the quality gate, and from where on they count."""

from typing import NamedTuple

import numpy as np

from skecg.signal._flutter import FLUTTER_SCORE
from skecg.signal._plausible import NO_SIGNAL
from skecg.signal._reversal import CERTAIN_ODDS

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
    "early beats": "",
    "fast regular waves": "",
    "contradiction": "",
    "exchanged electrodes": "log10 odds",
}
FINDINGS = tuple(FINDING_UNITS)
"""What is looked for in each lead."""

PULSE = 0.3
"""The least step of a calibration pulse (mV); most are of 1 mV."""

_FEWEST_SPIKES = 3


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
    early : float
        Share of the beats that come early, at one interval after the last one.
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
    early: float = 0.25
    flutter: float = FLUTTER_SCORE
    exchange_odds: float = CERTAIN_ODDS

    def by_finding(self) -> np.ndarray:
        """Return the limit of each finding, in its unit.

        Returns
        -------
        ndarray of float, shape (n_findings,)
            Limits in the order of :data:`FINDINGS`.
        """
        limits = {
            "gap": self.gap,
            "no signal": self.no_signal,
            "saturated": self.saturated,
            "implausible amplitude": self.amplitude,
            "mains hum": self.hum,
            "muscle noise": self.noise,
            "baseline wander": self.wander,
            "calibration pulse": PULSE,
            "pacing spikes": _FEWEST_SPIKES - 1,
            "beats left out": self.left_out,
            "early beats": self.early,
            "fast regular waves": self.flutter,
            "contradiction": 1.0,
            "exchanged electrodes": np.log10(self.exchange_odds),
        }
        return np.array([limits[name] for name in FINDINGS])
