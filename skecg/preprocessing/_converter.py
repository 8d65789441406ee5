"""Giving ECG records the form that a model expects."""

import warnings
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator

from skecg.preprocessing._base import RecordTransformer, unnamed_leads
from skecg.signal import (
    LEAD_NAMES,
    arrange_leads,
    canonical_lead_name,
    describe_doubts,
    estimate_lost_leads,
    exchange_electrodes,
    find_doubts,
    lost_in_most,
    name_records,
    resample_signal,
    standard_leads,
)
from skecg.utils import (
    Interval,
    as_3d,
    check_ecg,
    check_learned_voltage,
    check_millivolts,
    check_stated_fs,
    check_values,
    is_labelled,
    lost_leads_are_kept,
    mark_warned,
    read_lead_names,
    same_rate,
    typical_amplitude,
)


class ECGConverter(RecordTransformer):
    """Convert labelled records to one rate, unit, lead order and duration.

    Plain arrays have no labels: they must have that form already. Doubtful records
    bring a warning.

    Parameters
    ----------
    target_fs : float, default=100.0
        Sampling rate of the output in Hz.

    target_leads : sequence of str, default=None
        Names of the leads of the output, in this order; upper and lower case are the
        same. None means those of X in `fit`: where these are not labelled, the twelve
        standard leads in their usual order (or the eight independent ones) if there
        are so many.

    duration : float, default=None
        Duration of the output in s. None means that of X in `fit`.

    correct_reversals : bool, default=False
        Correct records whose arm electrodes look exchanged, at odds of 1,000 or more; a
        warning names them. A mirrored heart (dextrocardia) looks the same.

    fill_lost_leads : bool, default=False
        Estimate one or two leads without a signal, flat or NaN, from the other leads of
        a record (:func:`skecg.signal.estimate_lost_leads`); a warning names them.
        Criteria must not be measured on estimated leads.

    Attributes
    ----------
    leads_ : tuple of str or None
        Names of the leads of the output; None where they are not known.

    amplitude_ : float
        Typical amplitude in mV of the records in `fit`; records a hundred times
        larger or smaller are refused as being in another unit.

    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record of the output.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of the output where X was labelled at `fit`,
        else None.

    See Also
    --------
    ECGResampler : Changes the sampling rate of plain arrays too.
    ECGCropper : Also pads records that are too short.
    LeadSelector : Chooses leads.
    load_pretrained : Pipelines that begin with this step.

    Notes
    -----
    A labelled X is an ``xarray.DataArray`` with the coordinates ``time`` in s and
    ``lead``, and with ``attrs["units"]`` "mV" or "uV". Where a label is missing, X must
    have the form already: the right number of samples without ``time``, the right leads
    without ``lead``, and mV without a unit. Of a longer record the middle part is taken;
    a shorter one is an error. Absent limb leads are derived from any two of the six by
    Einthoven and Goldberger.

    Lost leads are estimated first, so that no limb lead is derived from one. A lead with
    gaps of some seconds counts as lost; other gaps are errors.

    A ``UserWarning``, once a call, names a sampling rate below `target_fs`; in
    `transform` also records of more than three times the duration of the output, and
    doubtful ones (:func:`skecg.signal.find_doubts`), whose leads have no signal,
    contradict each other or look exchanged. The output is the same.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGConverter, make_lvh_ecg
    >>> plain = make_lvh_ecg(4, fs=100, random_state=0).data
    >>> converter = ECGConverter(target_fs=100, duration=10).fit(plain)
    >>> labelled = make_lvh_ecg(4, fs=500, random_state=0, as_xarray=True).data
    >>> microvolts = (1000 * labelled).assign_attrs(units="uV")
    >>> converted = converter.transform(microvolts[:, :, ::-1])
    >>> converted.shape, converted.attrs["units"]
    ((4, 1000, 12), 'mV')
    >>> bool(np.abs(converted.values - plain).max() < 0.2)
    True
    >>> converter.transform(labelled.values)
    Traceback (most recent call last):
    ...
    ValueError: X has 5000 features, but ECGConverter is expecting 1000 features as input...
    """  # noqa: E501

    _parameter_constraints: dict = {
        "target_fs": [Interval(Real, 0, None, closed="neither")],
        "target_leads": ["array-like", None],
        "duration": [Interval(Real, 0, None, closed="neither"), None],
        "correct_reversals": ["boolean"],
        "fill_lost_leads": ["boolean"],
    }

    def __init__(
        self,
        target_fs=100.0,
        *,
        target_leads=None,
        duration=None,
        correct_reversals=False,
        fill_lost_leads=False,
    ):
        self.target_fs = target_fs
        self.target_leads = target_leads
        self.duration = duration
        self.correct_reversals = correct_reversals
        self.fill_lost_leads = fill_lost_leads

    def _fit(self, values, labels):
        wanted = self._target_leads()
        self.leads_ = wanted or self.lead_names_in_ or standard_leads(self.n_leads_in_)
        n_times = self._target_times(values.shape[1])
        n_leads = len(wanted or range(self.n_leads_in_))
        if (n_times, n_leads) != (self.n_features_in_, self.n_leads_in_):
            raise ValueError(
                f"Records without labels must have {n_times} samples "
                f"({n_times / self.target_fs:g} s at {self.target_fs:g} Hz) of "
                f"{n_leads} leads, but X has the shape {values.shape}. "
                + _REMEDY.format(fs=self.target_fs)
            )
        self.amplitude_ = typical_amplitude(values)

    def _check(self, X, reset):
        """Convert a labelled X, then check it like one that needed no conversion."""
        if is_labelled(X):
            return check_ecg(self, self._converted(X, reset), reset=reset)
        if not reset:
            self._check_plain(getattr(X, "shape", ()))
        values, labels = check_ecg(self, X, reset=reset, gaps=self.fill_lost_leads)
        return self._filled(values, self.target_fs, None, reset), labels

    def _transform(self, values, labels):
        doubts = find_doubts(values, self.target_fs, self.leads_)
        if lost_in_most(values, doubts.silent):
            mark_warned(values)  # below, with the reason why they are small
        warned = check_learned_voltage(self, values, self.amplitude_)
        if warned:
            mark_warned(values)
        # `_correct` exchanges leads in place, and X must not change.
        values = values.copy()
        said = self._correct(values, doubts) if self.correct_reversals else ""
        said += describe_doubts(
            values,
            self.target_fs,
            self.leads_,
            self._order_remedy(labels),
            doubts,
            warned=warned,
        )
        if said:
            warnings.warn(said, stacklevel=2)
        return values if labels is None else labels.wrap(values)

    def _filled(self, values, fs, leads, reset):
        """Estimate lost leads where asked for, and say in which records."""
        if not self.fill_lost_leads:
            return values
        if leads is None:
            known = self._target_leads() if reset else self.leads_
            leads = known or standard_leads(as_3d(values).shape[2])
        estimated = np.False_
        if not lost_leads_are_kept():
            values, estimated = estimate_lost_leads(values, fs, leads)
        check_values(values, gaps=False)
        if reset or not estimated.any():
            return values
        wanted = self.leads_ or leads
        if set(wanted) <= set(leads):  # no lead is derived from another
            estimated &= np.isin(leads, wanted)
        if estimated.any():
            counts = zip(leads, estimated.sum(axis=0), strict=True)
            named = ", ".join(f"{lead} in {n}" for lead, n in counts if n)
            which = np.flatnonzero(estimated.any(axis=1))
            warnings.warn(
                "Leads without a signal were estimated from the others in "
                f"{name_records(which, len(values))}: {named}. Probabilities of these "
                "rest on estimated leads; check the electrodes, or set "
                "fill_lost_leads=False.",
                stacklevel=2,
            )
        return values

    def _correct(self, values, doubts):
        """Exchange arm electrodes back, in place, and say in which records."""
        arms = np.flatnonzero(doubts.exchanged == "LA/RA")
        if not len(arms):
            return ""
        twelve = arrange_leads(values[arms], self.leads_, LEAD_NAMES)
        back = exchange_electrodes(twelve, "LA/RA")
        values[arms] = arrange_leads(back, LEAD_NAMES, self.leads_)
        doubts.exchanged[arms] = ""
        return (
            f"{name_records(arms, len(values))} looked as if the arm electrodes were "
            "exchanged, and were corrected; check them, or set "
            "correct_reversals=False. "
        )

    def _order_remedy(self, labels):
        """Say what to do where most records contradict the names of their leads."""
        if labels is not None and labels.lead_names is not None:
            return "correct the coordinate 'lead' with X.assign_coords(lead=[...])"
        return (
            f"put the leads of X in the order {', '.join(self.leads_ or ())}, or label "
            "X with their names (an xarray.DataArray)"
        )

    def _leads_out(self):
        return self.leads_ or unnamed_leads(range(self.n_leads_in_))

    def _converted(self, X, reset):
        """Return a labelled X in mV at the target rate, leads and duration."""
        values, labels = check_ecg(
            BaseEstimator(), X, reset=True, gaps=self.fill_lost_leads
        )
        check_millivolts(labels, "ECGConverter takes mV")
        given = leads = None
        if labels.lead_names is not None:
            given = tuple(map(canonical_lead_name, labels.lead_names))
        # Before a lost limb lead makes others that are derived from it.
        values = self._filled(values, labels.fs or self.target_fs, given, reset)
        if given is not None:
            leads = (self._target_leads() if reset else self.leads_) or given
            values = arrange_leads(values, given, leads)
        if labels.fs is None:
            self._check_unknown_rate(labels, reset)
            return labels.wrap(values, leads=leads)
        if not same_rate(labels.fs, self.target_fs):
            if labels.fs < self.target_fs:
                warnings.warn(
                    f"X is sampled at {labels.fs:g} Hz, less than the "
                    f"{self.target_fs:g} Hz of the output, which has nothing above "
                    f"{labels.fs / 2:g} Hz then; a model that learned from records "
                    "with more may answer otherwise.",
                    stacklevel=2,
                )
            values = resample_signal(values, labels.fs, self.target_fs)
        values, start = self._middle(values, reset)
        return labels.wrap(values, float(self.target_fs), shift=start, leads=leads)

    def _middle(self, values, reset):
        """Return the middle part of records, and where it starts."""
        n_given = values.shape[1]
        n_times = self._target_times(n_given) if reset else self.n_features_in_
        if n_given < n_times:
            needed = n_times / self.target_fs
            raise ValueError(
                f"The records of X last {n_given / self.target_fs:g} s, but {needed:g} "
                "s are needed; give longer ones, or pad them first with "
                f"ECGCropper({needed:g})."
            )
        start = (n_given - n_times) // 2
        if n_given > 3 * n_times and not reset:
            first, last = start / self.target_fs, (start + n_times) / self.target_fs
            warnings.warn(
                f"The records of X last {n_given / self.target_fs:g} s, of which the "
                f"model gets the middle, {first:g} to {last:g} s; choose another part "
                f"with X.sel(time=slice(0, {n_times / self.target_fs:g})).",
                stacklevel=2,
            )
        return values[:, start : start + n_times], start

    def _check_unknown_rate(self, labels, reset):
        """Raise where records of unknown rate have not the length of the output."""
        n_given = labels.source.sizes["time"]
        n_times = self._target_times(n_given) if reset else self.n_features_in_
        if n_given != n_times:
            raise ValueError(
                f"X has {n_given} features, but ECGConverter is expecting {n_times} "
                f"features as input ({n_times / self.target_fs:g} s at "
                f"{self.target_fs:g} Hz), and does not know the sampling rate of X: it "
                "is read from the coordinate 'time' in seconds, not from attrs. "
                + labels.time_remedy
            )
        check_stated_fs(self, labels, self.target_fs)

    def _check_plain(self, shape):
        """Raise where a plain X has not the shape of the output."""
        if len(shape) != 3 or shape[1] < shape[2]:  # check_ecg knows the remedy
            return
        expected = (self.n_features_in_, self.n_leads_in_)
        for given, wanted, what in zip(
            shape[1:], expected, ("features", "leads"), strict=True
        ):
            if given != wanted:
                raise ValueError(
                    f"X has {given} {what}, but ECGConverter is expecting {wanted} "
                    f"{what} as input: a plain array must have the shape (n_records, "
                    f"{expected[0]}, {expected[1]}), that is "
                    f"{expected[0] / self.target_fs:g} s at {self.target_fs:g} Hz. "
                    + _REMEDY.format(fs=self.target_fs)
                )

    def _target_leads(self):
        """Return the names of `target_leads`, None where there are none."""
        if self.target_leads is None:
            return None
        return read_lead_names(self.target_leads, name="target_leads")

    def _target_times(self, n_times):
        """Return the number of samples of the output."""
        if self.duration is None:
            return n_times
        return max(1, round(self.duration * self.target_fs))


_REMEDY = (
    "Use ECGResampler(target_fs={fs:g}), ECGCropper and LeadSelector, or label X with "
    "its time and leads (an xarray.DataArray): then it is converted."
)
