"""What a probability rests on: the loss of log-odds without each wave of a lead."""

from typing import Any

import numpy as np

from skecg.explanation import occlusion
from skecg.serve._analysis import parts_of
from skecg.serve._model import CAVEAT, Model
from skecg.signal import segment_waves
from skecg.utils import LEAD_NAMES, canonical_lead_name

_LIMB = "limb leads"


def explain(record: Any, model: Model) -> tuple[dict[str, Any], np.ndarray]:
    """Return what the probability of a record rests on.

    Parameters
    ----------
    record : DataArray of shape (1, n_times, n_leads)
        A labelled record in mV.
    model : Model
        The trained pipeline, of any kind.

    Returns
    -------
    answer : dict
        ``leads`` (the limb leads together, as they depend on each other) and
        ``waves``; ``importances``, the log-odds that are lost if a wave of a lead is
        replaced by a straight line, None where there is no such wave; ``log_odds`` of
        the whole record, ``model`` and ``caveat``.
    bands : ndarray of shape (n_times, n_leads)
        The importance of each sample's wave as a share of the largest, -1 to 1.

    Raises
    ------
    ValueError
        If the record has no waves or none of the twelve leads, or does not fit the
        model.

    Examples
    --------
    >>> answer, bands = explain(record, model)  # doctest: +SKIP
    """
    values, fs, leads, _ = parts_of(record)
    names = list(map(canonical_lead_name, leads))
    groups = {_LIMB: [name for name in LEAD_NAMES[:6] if name in names]}
    groups |= {name: [name] for name in LEAD_NAMES[6:] if name in names}
    groups = {group: members for group, members in groups.items() if members}
    if not groups:
        raise ValueError(
            f"None of the leads {names[:12]} is one of the twelve, so that there is "
            "nothing to explain."
        )
    waves = segment_waves(values, fs, names, n_jobs=1)
    if (waves < 0).all():
        raise ValueError(
            "The waves of the record could not be measured, so that there is nothing "
            "to explain; see the quality findings."
        )
    found = occlusion(model.estimator, record, by="both", leads=groups, waves=waves)
    importances = found.importances[0]
    # A wave that is absent has no importance, and no color.
    known = np.nan_to_num(importances)
    shares = known / (np.abs(known).max() or 1.0)
    bands = np.zeros((len(waves[0]), len(names)))
    for group, share in zip(groups.values(), shares, strict=True):
        of_wave = np.array([0.0, *share])[np.maximum(waves[0], 0)]
        bands[:, [names.index(name) for name in group]] = of_wave[:, None]
    answer = {
        "leads": found.leads,
        "waves": found.waves,
        "importances": [
            [None if np.isnan(value) else float(value) for value in row]
            for row in importances
        ],
        "log_odds": float(found.log_odds[0]),
        "model": model.described(),
        "caveat": CAVEAT,
    }
    return answer, bands
