"""The signal quality of ECG records, as an estimator."""

from numbers import Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skecg.preprocessing._base import ECGTransformer
from skecg.signal import FINDINGS, QualityLimits, assess_quality
from skecg.utils import (
    N_JOBS,
    Interval,
    as_3d,
    check_millivolts,
    import_optional,
    resolve_fs,
    resolve_leads,
)


class ECGQualityChecker(ECGTransformer):
    """Check the signal quality of each lead of each record.

    Parameters
    ----------
    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500.

    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many. Without names, contradictions and exchanges are not looked for.

    gap : float, default=0.0
        Longest time in s that may be NaN.

    no_signal : float, default=0.05
        Range in mV below which two seconds hold no signal.

    saturated : float, default=30.0
        Time in ms for which the signal may stand still at its largest or smallest
        value.

    amplitude : float, default=10.0
        Largest plausible range in mV within 0.2 s.

    hum : float, default=0.03
        Largest amplitude in mV of 50 or 60 Hz.

    noise : float, default=0.04
        Largest root mean square in mV above about 25 Hz, between the waves.

    wander : float, default=2.0
        Largest range in mV of the mean over one second.

    left_out : float, default=0.4
        Largest share of the beats that a median beat may leave out, for their shape
        or noise; of fewer than three beats it counts as 1.

    early : float, default=0.25
        Largest share of beats that come early, at one interval after the beat before,
        as in bigeminy.

    flutter : float, default=0.55
        Largest score of fast regular waves between the QRS complexes, as in atrial
        flutter.

    exchange_odds : float, default=1000.0
        Odds from which electrodes count as exchanged.

    n_jobs : int or None, default=-1
        Number of threads: -1 for all cores, -2 for all but one, None for one.

    Attributes
    ----------
    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.

    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    skecg.signal.assess_quality : The function behind it, and how each is measured.
    skecg.signal.find_doubts : The checks of trained pipelines and criteria.

    Notes
    -----
    Nothing is learned. Few recordings of PTB-XL exceed the defaults;
    docs/quality.md has the shares.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGQualityChecker, make_lvh_ecg
    >>> X = make_lvh_ecg(4, fs=500, random_state=0).data
    >>> X[1, :, 6] = 0
    >>> X[2, :, 7] += 0.1 * np.sin(2 * np.pi * 50 * np.arange(5000) / 500)
    >>> checker = ECGQualityChecker(fs=500).fit(X)
    >>> checker.check(X).summary()
    '2 of 4 records are doubtful: no signal in 1, mains hum in 1.'
    >>> checker.check(X).doubtful
    array([False,  True,  True, False])
    >>> checker.report(X)[["record", "lead", "finding"]]
       record lead    finding
    0       1   V1  no signal
    1       2   V2  mains hum
    """

    _any_length = _any_fs = _gaps = True

    _parameter_constraints: dict = {
        "fs": [Interval(Real, 0, None, closed="neither"), None],
        "lead_names": ["array-like", None],
        **dict.fromkeys(
            QualityLimits._fields, [Interval(Real, 0, None, closed="left")]
        ),
        "exchange_odds": [Interval(Real, 1, None, closed="left")],
        "n_jobs": N_JOBS,
    }

    def __init__(
        self,
        fs=None,
        *,
        lead_names=None,
        gap=0.0,
        no_signal=0.05,
        saturated=30.0,
        amplitude=10.0,
        hum=0.03,
        noise=0.04,
        wander=2.0,
        left_out=0.4,
        early=0.25,
        flutter=0.55,
        exchange_odds=1000.0,
        n_jobs=-1,
    ):
        self.fs = fs
        self.lead_names = lead_names
        self.gap = gap
        self.no_signal = no_signal
        self.saturated = saturated
        self.amplitude = amplitude
        self.hum = hum
        self.noise = noise
        self.wander = wander
        self.left_out = left_out
        self.early = early
        self.flutter = flutter
        self.exchange_odds = exchange_odds
        self.n_jobs = n_jobs

    def check(self, X):
        """Check records.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV, unfiltered; of shape (n_records, n_times) for one lead. NaN
            marks a gap.

        Returns
        -------
        quality : skecg.signal.Quality
            Findings and measurements, with `doubtful`, `summary()` and `rows()`.
        """
        check_is_fitted(self)
        return self._assess(*self._check(X, reset=False))

    def report(self, X):
        """Give the findings as a table; pandas must be installed.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV.

        Returns
        -------
        table : DataFrame
            One row for each finding in a lead, with the columns ``record``, ``lead``,
            ``finding``, ``value``, ``limit``, ``unit`` and ``detail``.
        """
        pandas = import_optional("pandas", "csv", "ECGQualityChecker.report")
        return pandas.DataFrame(self.check(X).rows())

    def transform(self, X):
        """Count the leads that have each finding.

        Parameters
        ----------
        X : array-like or DataArray of shape (n_records, n_times, n_leads)
            Records in mV.

        Returns
        -------
        counts : ndarray of shape (n_records, n_findings), or DataFrame
            Number of leads, named by `get_feature_names_out`.
        """
        return self.check(X).found.sum(axis=1).astype(np.float64)

    def _columns(self):
        return [name.replace(" ", "_") for name in FINDINGS]

    def _fit(self, values, labels):
        # One record shows whether rate and leads fit the limits.
        self._assess(values[:1], labels)

    def _assess(self, values, labels):
        """Return the quality of validated records."""
        check_millivolts(labels, "limits are in mV")
        limits = QualityLimits(*(getattr(self, name) for name in QualityLimits._fields))
        return assess_quality(
            as_3d(values),
            resolve_fs(self, labels),
            resolve_leads(self, labels),
            limits=limits,
            n_jobs=self.n_jobs,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags
