"""Where on a median beat the measured waves lie."""

from typing import NamedTuple

import numpy as np

from skecg.signal import LEAD_NAMES


class WavePoint(NamedTuple):
    """The peak of one wave: its name, sample of the beat, and signed mV."""

    wave: str
    sample: int
    amplitude: float


def wave_points(beat, lead, onset, offset, measurements):
    """Return the peaks of the Q, R, S and R' that were measured in one lead.

    `beat` is the lead's median beat in mV, 0 at the level before the QRS onset; `onset`
    and `offset` are samples of it, and `measurements` the record's row of the table.
    Absent waves are omitted, and a complex without an upward wave is a QS.
    """
    q, r, s, r2 = (float(measurements[f"{w}_{lead}"][0]) for w in ("Q", "R", "S", "R2"))
    if r == 0:
        signed = {"QS": -q}
    else:
        signed = {"Q": -q, "R": r, "S": -s, "R'": 0.0 if r2 == r else r2}
    complex_ = beat[onset : offset + 1]
    return [
        WavePoint(wave, onset + int(np.abs(complex_ - value).argmin()), value)
        for wave, value in signed.items()
        if np.isfinite(value) and value != 0
    ]


def unmeasured_leads(measurements):
    """Return the names of the leads in which no wave was measured."""
    return [lead for lead in LEAD_NAMES if np.isnan(measurements[f"R_{lead}"][0])]
