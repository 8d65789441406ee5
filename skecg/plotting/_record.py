"""Reading one record, plain or labelled, and the options of its sheet."""

from numbers import Real

import numpy as np

from skecg.plotting._layout import LAYOUTS
from skecg.utils import (
    ECGLabels,
    Interval,
    StrOptions,
    agree_on_fs,
    canonical_lead_name,
    check_millivolts,
    is_labelled,
    resolve_lead_names,
    validate_parameter_constraints,
)

_MOST_MILLIVOLTS = 50.0
_POSITIVE = Interval(Real, 0, np.inf, closed="neither")
_CONSTRAINTS = {
    "fs": [_POSITIVE],
    "speed": [_POSITIVE],
    "gain": [_POSITIVE],
    "layout": [StrOptions(set(LAYOUTS))],
    "attribution_window": [Interval(Real, 0, np.inf, closed="left")],
    "attribution_limit": [_POSITIVE, None],
}


def check_options(caller, **given):
    """Raise if an option of a sheet has an invalid value; others are ignored."""
    validate_parameter_constraints(_CONSTRAINTS, given, caller_name=caller)


def read_record(X, fs, lead_names):
    """Return signal (n_times, n_leads) in mV, fs in Hz and lead names of one record."""
    labelled = None
    if is_labelled(X):
        for dimension in ("record", "lead"):
            if dimension not in X.dims:
                X = X.expand_dims(dimension)
        labels = ECGLabels.of(X)
        check_millivolts(labels, "the sheet is in mV")
        X = labels.values()
        labelled = labels.fs
        lead_names = resolve_lead_names(lead_names, labels.lead_names, X.shape[-1])
    X = np.asarray(X)
    if X.ndim == 3:
        if len(X) != 1:
            raise ValueError(
                f"X must be one record, but has {len(X)} of them; choose one, such as "
                "X[0]."
            )
        X = X[0]
    return X, agree_on_fs(fs, labelled, "draw the record to scale"), lead_names


def check_signal(signal):
    """Return the signal as float64 of shape (n_times, n_leads), gaps as NaN."""
    signal = np.asarray(signal, dtype=np.float64)
    if signal.ndim == 1:
        signal = signal[:, np.newaxis]
    if signal.ndim != 2 or signal.shape[0] < 2 or signal.shape[1] < 1:
        raise ValueError(
            "signal must have the shape (n_times, n_leads) with two samples or more, "
            f"but got {signal.shape}; give one record, such as X[0]."
        )
    if signal.shape[1] > signal.shape[0]:
        raise ValueError(
            f"signal has the shape {signal.shape}, that is {signal.shape[1]} leads of "
            f"{signal.shape[0]} samples; time is the first axis: give signal.T."
        )
    finite = np.isfinite(signal)
    signal = np.where(finite, signal, np.nan)
    highest = np.max(signal, axis=0, initial=-np.inf, where=finite)
    lowest = np.min(signal, axis=0, initial=np.inf, where=finite)
    # The middle lead: a spike in one of them is no mistake of the unit.
    if (span := np.median(highest - lowest)) > _MOST_MILLIVOLTS:
        raise ValueError(
            f"signal spans {span:.0f} mV in the middle lead, more than any "
            "heart gives; if it is in microvolts, divide it by 1000."
        )
    return signal


def check_rhythm_lead(rhythm_lead, names):
    """Return a lead that the record has, "auto" or None."""
    if rhythm_lead is None or rhythm_lead == "auto":
        return rhythm_lead
    rhythm_lead = canonical_lead_name(rhythm_lead)
    if rhythm_lead not in names:
        raise ValueError(
            f"rhythm_lead must be one of the record's leads {names}, 'auto' or None, "
            f"but got {rhythm_lead!r}."
        )
    return rhythm_lead


def check_attribution(attribution, signal):
    """Return attributions of the signal's shape, all of them finite."""
    if attribution is None:
        return None
    attribution = np.asarray(attribution, dtype=np.float64)
    if attribution.ndim == 3 and len(attribution) == 1:
        attribution = attribution[0]
    attribution = attribution.reshape(len(attribution), -1)
    if attribution.shape != signal.shape:
        raise ValueError(
            f"attribution must have the signal's shape {signal.shape}, but got "
            f"{attribution.shape}; give the attribution of this record at its rate."
        )
    if not np.isfinite(attribution).all():
        raise ValueError(
            "attribution must be finite, but has NaN or infinity; give 0 where it is "
            "unknown."
        )
    return attribution
