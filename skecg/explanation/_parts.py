"""Names and groups of the leads, and waves, of the records to explain."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skecg.explanation._input import Records
from skecg.signal import LEAD_NAMES, segment_waves
from skecg.utils import agree_on_fs, as_3d, canonical_lead_name, resolve_lead_names

LIMB_LEADS = "limb leads"


def names_of_leads(records: Records, lead_names: Sequence[str] | None) -> list[str]:
    """Return the lead names that are given, labelled, or standard for their number."""
    n_leads = as_3d(records.values).shape[2]
    labelled = None if records.labels is None else records.labels.lead_names
    names = resolve_lead_names(lead_names, labelled, n_leads, required=True)
    return list(names or ())


def groups_of_leads(
    leads: Any, names: Sequence[str]
) -> tuple[list[str], list[list[int]]]:
    """Return the names of groups of leads, and the positions of their leads in X."""
    if leads == "each":
        groups = {name: [name] for name in names}
    elif leads is None:
        # One limb lead flattened alone contradicts the others by Einthoven's law.
        limb = [name for name in names if name in LEAD_NAMES[:6]]
        groups = {LIMB_LEADS: limb} if len(limb) > 1 else {}
        groups |= {name: [name] for name in names if not groups or name not in limb}
    elif isinstance(leads, Mapping) and leads:
        groups = {
            str(group): [canonical_lead_name(name) for name in members]
            for group, members in leads.items()
        }
    else:
        raise ValueError(
            "leads must be None, 'each' or a dict of names of groups to their leads, "
            f"but got {leads!r}."
        )
    unknown = {name for members in groups.values() for name in members} - set(names)
    if unknown or not all(groups.values()):
        raise ValueError(
            f"leads must group leads of X, which are {list(names)}, but got {leads!r}."
        )
    index = [[names.index(name) for name in members] for members in groups.values()]
    return list(groups), index


def waves_of(
    records: Records, waves: Any, fs: float | None, names: Sequence[str]
) -> np.ndarray:
    """Return the wave of each sample, which is given or found in X."""
    shape = records.values.shape[:2]
    if waves is not None:
        waves = np.asarray(waves)
        if waves.shape != shape or waves.dtype.kind not in "iu":
            raise ValueError(
                f"waves must be integers of shape {shape}, as segment_waves gives "
                f"them, but got {waves.dtype} of shape {waves.shape}."
            )
        return waves
    if records.labels is not None and records.labels.standardized:
        raise ValueError(
            "X is standardized, but waves are found in mV; give "
            "waves=segment_waves(...) of the records before ECGScaler."
        )
    labelled = records.labels.fs if records.labels is not None else None
    rate = agree_on_fs(fs, labelled, "find the waves")
    return segment_waves(records.values, rate, names)
