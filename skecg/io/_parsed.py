"""What the reader of a format returns."""

from dataclasses import dataclass

import numpy as np

MOST_LEADS = 256
"""Leads of one recording; body surface maps have about 200."""


@dataclass(frozen=True)
class ParsedECG:
    """One recording, as its file has it.

    Attributes
    ----------
    signal : ndarray of shape (n_times, n_leads), float64
        Samples in mV, or NaN where the file marks a gap.
    fs : float
        Sampling rate in Hz.
    leads : tuple of str
        Names of the leads: the package's own for the twelve standard leads, else those
        of the file.
    format : str
        Name of the format, such as ``"scp"``; readers leave it to their caller.
    units : str
        Unit of the samples in the file, before they were converted to mV.
    sex : float
        0 male, 1 female, NaN where the file does not say.
    age : float
        Age in years at the recording, NaN where the file does not say.
    patient : str or None
        Identity of the patient, None where the file has none.
    device : str or None
        Manufacturer and model.
    filters : str or None
        Filters of the recorder, in words.
    codes : tuple of str
        Diagnostic codes of the file, such as SNOMED CT of PhysioNet Challenges.
    notes : tuple of str
        What the reader did or noticed, each a short sentence in English.
    """

    signal: np.ndarray
    fs: float
    leads: tuple[str, ...]
    format: str = ""
    units: str = "mV"
    sex: float = np.nan
    age: float = np.nan
    patient: str | None = None
    device: str | None = None
    filters: str | None = None
    codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
