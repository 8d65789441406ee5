"""Disturbed copies of records, for augmentation and class balancing."""

from numbers import Real

import numpy as np
from sklearn.utils import check_random_state

from skecg.imbalance._base import RecordOverSampler, draw_evenly, names_of_leads
from skecg.signal import (
    INDEPENDENT_LEADS,
    LEAD_NAMES,
    baseline_wander,
    canonical_lead_name,
    electrode_mixing,
    low_pass_records,
    mains_hum,
    muscle_noise,
    rotate_dipole,
    shift_records,
)
from skecg.utils import DEFAULT_FS, Interval, as_3d, resolve_fs

# Standard deviation in mV of filtered records of PTB-XL, by lead; see the notes.
_SPREADS = (0.15, 0.15, 0.14, 0.13, 0.12, 0.12, 0.2, 0.31, 0.3, 0.27, 0.24, 0.2)
_SPREAD_OF = dict(zip(LEAD_NAMES, _SPREADS, strict=True))
_USUAL_SPREAD = 0.2  # mV, of other leads


class ECGAugmenter(RecordOverSampler):
    """Add realistic disturbances to records and keep their voltage.

    `augment` disturbs the batches of a network in training
    (``LVHCNNClassifier(augmenter=ECGAugmenter())``); `fit_resample` is a sampler that
    appends disturbed copies of the smaller classes' records.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        How many new records each class gets in `fit_resample`, as in
        imbalanced-learn's over-samplers: ``"auto"`` makes all classes as large as the
        largest, a float is the wanted ratio of the smaller class to the larger.
    rotation : float, default=5.0
        Largest rotation of the heart's dipole in degrees, about any axis. It is applied
        only where the eight independent leads are known.
    shift : float, default=0.1
        Largest shift in time in s, in both directions. The gap is filled with the value
        at the end.
    wander : float, default=0.1
        Largest excursion in mV of the baseline, which moves at 0.05 to 0.5 Hz.
    mains : float, default=0.02
        Largest amplitude in mV of hum at `mains_freq`.
    muscle : float, default=0.02
        Largest standard deviation in mV of muscle noise, of 20 to 150 Hz.
    gain : float, default=1.0
        Largest factor of a wrong gain: 1.25 multiplies records by 0.8 to 1.25. It is 1
        by default, because voltage is the signal.
    lowpass : float, default=None
        Lowest cutoff in Hz of another recorder's low-pass filter; cutoffs are drawn
        from it to half the sampling rate. None means no filter.
    truncation : float, default=0.0
        Largest share of a record that is lost at its end, which is filled with the last
        value that is kept.
    lead_dropout : float, default=0.0
        Probability that a lead is set to 0. It is 0 by default, because a lost lead has
        no voltage.
    probability : float, default=0.5
        Probability that each other disturbance is applied to a record. Its size is
        uniform from 0 to the largest.
    mains_freq : {50.0, 60.0}, default=50.0
        Frequency of the mains in Hz. No hum is added at sampling rates up to twice the
        frequency.
    scale : float or array-like of shape (n_leads,), default=None
        Size of one unit of X in mV, for each lead: 1 for records in mV, the `scale_` of
        the ECGScaler for standardized ones. None means 1 in `fit_resample`, which takes
        mV, and the usual spread of each lead in `augment`, which takes standardized
        records (see Notes).
    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500. `augment`
        gets no labels.
    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many.
    random_state : int, RandomState instance or None, default=None
        Seeds `fit_resample`; `augment` takes its own.

    Attributes
    ----------
    sampling_strategy_ : dict
        Number of new records of each class.
    sample_indices_ : ndarray of shape (n_records_new,)
        Position in X of each record of the output, or of the one that it is made from.
    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.
    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    RecordSampler : Copies that are not disturbed.
    skecg.signal.rotate_dipole : How the heart is turned.

    Notes
    -----
    By default records keep their gain, bandwidth and length. Networks that are trained
    with ``gain=1.25, lowpass=35, truncation=0.5, lead_dropout=0.02`` as well lose less
    on records with such faults (docs/results.md). A rotation of the dipole by 5 degrees
    moves a few per cent of the voltage between leads, as breathing does. Standard leads
    are disturbed at the electrodes, so that Einthoven's and Goldberger's laws still
    hold; other leads are disturbed each by itself.

    Networks are trained on standardized records, whose unit in mV is not known. Where
    `scale` is None, `augment` assumes that each lead was divided by the usual standard
    deviation of filtered records, 0.12 mV in aVL to 0.31 mV in V2 (0.2 mV in unknown
    leads), measured on PTB-XL's folds 1 to 8. Give `scale` for records that were scaled
    otherwise or not at all, or if the laws among limb leads must hold exactly.

    New records of a labelled X get the coordinate ``synthetic``, a patient of their
    own, and no sex or age, as those of :class:`~skecg.RecordSampler`.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGAugmenter, make_lvh_ecg
    >>> X, y = make_lvh_ecg(20, prevalence=0.2, random_state=0, return_X_y=True)
    >>> X_new, y_new = ECGAugmenter(random_state=0).fit_resample(X, y)
    >>> X_new.shape, np.bincount(y_new).tolist()
    ((32, 5000, 12), [16, 16])

    Einthoven's law, III = II - I, holds in the new records as in those given:

    >>> bool(np.allclose(X_new[:, :, 2], X_new[:, :, 1] - X_new[:, :, 0], atol=1e-5))
    True

    In training, on records at 100 Hz that were standardized:

    >>> from skecg import LVHCNNClassifier
    >>> classifier = LVHCNNClassifier(augmenter=ECGAugmenter(fs=100))
    """

    _parameter_constraints: dict = {
        **RecordOverSampler._parameter_constraints,
        "rotation": [Interval(Real, 0, 180, closed="both")],
        **dict.fromkeys(
            ("shift", "wander", "mains", "muscle"),
            [Interval(Real, 0, None, closed="left")],
        ),
        "gain": [Interval(Real, 1, None, closed="left")],
        "lowpass": [Interval(Real, 0, None, closed="neither"), None],
        "truncation": [Interval(Real, 0, 1, closed="left")],
        "lead_dropout": [Interval(Real, 0, 1, closed="both")],
        "probability": [Interval(Real, 0, 1, closed="both")],
        "mains_freq": [Interval(Real, 0, None, closed="neither")],
        "scale": [Interval(Real, 0, None, closed="neither"), "array-like", None],
        "fs": [Interval(Real, 0, None, closed="neither"), None],
        "lead_names": ["array-like", None],
    }

    def __init__(
        self,
        sampling_strategy="auto",
        *,
        rotation=5.0,
        shift=0.1,
        wander=0.1,
        mains=0.02,
        muscle=0.02,
        gain=1.0,
        lowpass=None,
        truncation=0.0,
        lead_dropout=0.0,
        probability=0.5,
        mains_freq=50.0,
        scale=None,
        fs=None,
        lead_names=None,
        random_state=None,
    ):
        self.sampling_strategy = sampling_strategy
        self.rotation = rotation
        self.shift = shift
        self.wander = wander
        self.mains = mains
        self.muscle = muscle
        self.gain = gain
        self.lowpass = lowpass
        self.truncation = truncation
        self.lead_dropout = lead_dropout
        self.probability = probability
        self.mains_freq = mains_freq
        self.scale = scale
        self.fs = fs
        self.lead_names = lead_names
        self.random_state = random_state

    def augment(self, records, random_state=None):
        """Disturb records, each by its own draws.

        Parameters
        ----------
        records : ndarray of shape (n_records, n_times, n_leads)
            Standardized records, or others if `scale` is given; of shape (n_records,
            n_times) for one lead.
        random_state : int, RandomState instance or None, default=None
            Seeds the draws.

        Returns
        -------
        ndarray of the shape of records
            The disturbed records, of the same dtype.
        """
        self._validate_params()  # no fit comes before
        records = np.asarray(records)
        values = as_3d(records)
        names = names_of_leads(self.lead_names, None, values.shape[2])
        rng = np.random.default_rng(
            check_random_state(random_state).randint(np.iinfo(np.int32).max)
        )
        scale = self._scale(names, values.shape[2], standardized=True)
        disturbed = self._disturb(values, self.fs or DEFAULT_FS, names, scale, rng)
        return disturbed.reshape(records.shape)

    def _new_records(self, values, labels, y, rng):
        base = [np.zeros(0, int)]
        for label, n_new in self.sampling_strategy_.items():
            base.append(draw_evenly(np.flatnonzero(y == label), n_new, rng))
        base = np.concatenate(base)
        names = names_of_leads(self.lead_names, labels, values.shape[2])
        standardized = labels is not None and labels.standardized
        scale = self._scale(names, values.shape[2], standardized)
        fs = resolve_fs(self, labels)
        return self._disturb(values[base], fs, names, scale, rng), base

    def _scale(self, names, n_leads, standardized):
        """Return the size of each lead's unit in mV."""
        if self.scale is None and standardized:
            names = [canonical_lead_name(name) for name in names or [""] * n_leads]
            return np.array([_SPREAD_OF.get(name, _USUAL_SPREAD) for name in names])
        scale = np.asarray(1.0 if self.scale is None else self.scale, float)
        if scale.ndim and scale.shape != (n_leads,) or not (scale > 0).all():
            raise ValueError(
                f"scale must be one positive number, or one for each of the {n_leads} "
                f"leads of X, got {self.scale}."
            )
        return np.broadcast_to(scale, n_leads)

    def _disturb(self, X, fs, names, scale, rng):
        """Return copies of records with the disturbances that each draws."""
        n_records, n_times, n_leads = X.shape
        X = X.copy()
        # In the order of recording: the heart, then electrodes, then the recorder.
        struck = self._draw_struck(self.rotation, n_records, rng)
        if len(struck) and _is_dipole_known(names):
            axes = rng.standard_normal((len(struck), 3))
            axes /= np.linalg.norm(axes, axis=1, keepdims=True)
            angles = np.deg2rad(rng.uniform(0, self.rotation, (len(struck), 1)))
            X[struck] = rotate_dipole(X[struck], axes * angles, names, scale)
        struck = self._draw_struck(self.shift, n_records, rng)
        if len(struck):
            longest = round(self.shift * fs)
            by = rng.integers(-longest, longest, len(struck), endpoint=True)
            X[struck] = shift_records(X[struck], by, circular=False)
        # Noise of an electrode is in all leads that it takes part in.
        mixing = electrode_mixing(names, n_leads)
        self._add_noise(X, fs, mixing, scale, rng)
        self._record_otherwise(X, fs, rng)
        if self.lead_dropout:
            lost = rng.random((n_records, 1, n_leads)) < self.lead_dropout
            X[np.broadcast_to(lost, X.shape)] = 0
        return X

    def _add_noise(self, X, fs, mixing, scale, rng):
        """Add wander, hum and muscle noise, in place."""
        for largest, draw, options in (
            (self.wander, baseline_wander, ()),
            (self.mains, mains_hum, (self.mains_freq,)),
            (self.muscle, muscle_noise, ()),
        ):
            struck = self._draw_struck(largest, len(X), rng)
            if len(struck):
                sizes = rng.uniform(0, largest, len(struck))
                noise = draw(sizes, X.shape[1], fs, *options, mixing, rng)
                noise /= scale.astype(noise.dtype)
                X[struck] += noise

    def _record_otherwise(self, X, fs, rng):
        """Change gain, bandwidth and length of records, in place."""
        n_records, n_times, _ = X.shape
        # Nothing is drawn for what is off, so that other draws stay what they were.
        if self.gain > 1:
            struck = self._draw_struck(self.gain, n_records, rng)
            factors = self.gain ** rng.uniform(-1, 1, len(struck))
            X[struck] *= factors.astype(X.dtype)[:, None, None]
        if self.lowpass is not None and self.lowpass < fs / 2:
            struck = self._draw_struck(self.lowpass, n_records, rng)
            # Uniform up to Nyquist, where a filter changes nothing.
            cutoffs = rng.uniform(self.lowpass, fs / 2, len(struck))
            X[struck] = low_pass_records(X[struck], cutoffs, fs)
        if self.truncation:
            struck = self._draw_struck(self.truncation, n_records, rng)
            share = rng.uniform(0, self.truncation, len(struck))
            n_kept = np.maximum(1, n_times - np.floor(share * n_times).astype(int))
            where = np.minimum(np.arange(n_times), n_kept[:, None] - 1)
            X[struck] = X[struck[:, None], where]

    def _draw_struck(self, size, n_records, rng):
        """Draw the records that get a disturbance; none if its size is 0."""
        struck = np.flatnonzero(rng.random(n_records) < self.probability)
        return struck if size else struck[:0]


def _is_dipole_known(names):
    """Tell whether the standard leads, and these alone, determine a dipole."""
    names = {canonical_lead_name(name) for name in names or ()}
    limb, chest = names & set(LEAD_NAMES[:6]), set(INDEPENDENT_LEADS[2:])
    return names <= set(LEAD_NAMES) and chest <= names and len(limb) >= 2
