"""Pure functions on arrays of shape (n_records, n_times, n_leads), in mV."""

from skecg.signal._filter import filter_signal, resolve_band
from skecg.signal._leads import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    canonical_lead_name,
    limb_leads,
)
from skecg.signal._resample import resample_signal
from skecg.signal._scale import amplitude_statistics

__all__ = [
    "INDEPENDENT_LEADS",
    "LEAD_NAMES",
    "amplitude_statistics",
    "canonical_lead_name",
    "filter_signal",
    "limb_leads",
    "resample_signal",
    "resolve_band",
]
