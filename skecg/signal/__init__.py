"""Pure functions on arrays of shape (n_records, n_times, n_leads), in mV."""

from skecg.signal._leads import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    canonical_lead_name,
    limb_leads,
)

__all__ = [
    "INDEPENDENT_LEADS",
    "LEAD_NAMES",
    "canonical_lead_name",
    "limb_leads",
]
