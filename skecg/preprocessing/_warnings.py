"""Warnings of records that are not what a model takes them for."""

import warnings

import numpy as np

from skecg.signal import LEAD_NAMES, breaks_einthoven, flat_leads
from skecg.utils import as_3d

_LAW_LEADS = LEAD_NAMES[:4]  # I, II, III and aVR
_NAMED = 5
"""Records that a warning names."""


def warn_of_implausible(values, leads, labelled):
    """Warn once of flat leads and once of limb leads that contradict each other."""
    records = as_3d(values)
    flat = flat_leads(records)
    if flat.any():
        warnings.warn(_about_flat(flat, leads), stacklevel=3)
    if leads is None or not set(_LAW_LEADS) <= set(leads):
        return
    limb = [leads.index(name) for name in _LAW_LEADS]
    # A flat lead contradicts the others too, and is named already.
    broken = breaks_einthoven(records, leads) & ~flat[:, limb].any(axis=1)
    if broken.any():
        warnings.warn(_about_order(broken, leads, labelled), stacklevel=3)


def _about_flat(flat, leads):
    """Say which records have flat leads, and which leads of the first."""
    which = np.flatnonzero(flat.any(axis=1))
    of_first = np.flatnonzero(flat[which[0]])
    names = [str(k) if leads is None else leads[k] for k in of_first]
    if len(names) == flat.shape[1]:
        names = ["all"]
    return (
        f"{_records(which, len(flat))} leads that are constant over all that is used "
        f"of them; in record {which[0]}: {', '.join(names)}. Nothing was recorded "
        "there, and what a model says of such records, their probabilities too, means "
        "little: leave them out. skecg.signal.flat_leads finds them in arrays of the "
        "form that the model takes."
    )


def _about_order(broken, leads, labelled):
    """Say which records contradict the order of their leads, and what to do."""
    which = np.flatnonzero(broken)
    if labelled:
        remedy = (
            "If these are most records, the names in the coordinate 'lead' of X belong "
            "to other leads: correct them with X.assign_coords(lead=[...])"
        )
    else:
        remedy = (
            "If these are most records, the leads of X are not in the order in which "
            f"leads without names are expected, {', '.join(leads)}: put them in it, or "
            "label X with the names of its leads (an xarray.DataArray)"
        )
    return (
        f"{_records(which, len(broken))} limb leads for which II = I + III and aVR = "
        f"-(I + II) / 2 do not hold, as they do in every ECG. {remedy}; if these are "
        "few, look at them: they are spoilt, or were rounded to more than 30 uV."
    )


def _records(which, n_records):
    """Say how many records have something, and which come first."""
    first = ", ".join(map(str, which[:_NAMED]))
    more = ", ..." if len(which) > _NAMED else ""
    return f"{len(which)} of {n_records} records of X (at {first}{more}) have"
